"""Functions that compute a cell, or null where it has no finite result.

PostgreSQL's own arithmetic raises on overflow, on underflow and on a zero divisor, and one raising
cell would make a whole page unreadable; these never raise. Each names its arguments once in the
query, so that stacked operations stay linear (see docs/decisions/0002). Results within four steps
of the largest double are null, as those beyond it are; those below the smallest double are 0, and
no result is a negative zero.
"""

from django.db import migrations

_NUMBERS = r"""
CREATE FUNCTION data_tools_add(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF (abs(a) < 8e307 AND abs(b) < 8e307) OR (a < 0) <> (b < 0)
        OR abs(a) <= 1.797693134862315e308 - abs(b)
    THEN
        RETURN a + b;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION data_tools_subtract(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF abs(a) < 8e307 AND abs(b) < 8e307 THEN
        RETURN a - b;
    END IF;
    RETURN data_tools_add(a, -b);
END
$$;

CREATE FUNCTION data_tools_multiply(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF abs(a) BETWEEN 1e-150 AND 1e150 AND abs(b) BETWEEN 1e-150 AND 1e150 THEN
        RETURN a * b;
    ELSIF a = 0 OR b = 0 THEN
        RETURN 0;
    ELSIF abs(a) > 1 THEN
        IF abs(b) > 1.797693134862315e308 / abs(a) THEN
            RETURN NULL;
        END IF;
    ELSIF abs(b) < 1 THEN
        IF abs(b) < double precision '5e-324' / abs(a) THEN
            RETURN 0;
        END IF;
    END IF;
    RETURN a * b;
END
$$;

CREATE FUNCTION data_tools_divide(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF abs(a) BETWEEN 1e-150 AND 1e150 AND abs(b) BETWEEN 1e-150 AND 1e150 THEN
        RETURN a / b;
    ELSIF b = 0 THEN
        RETURN NULL;
    ELSIF a = 0 THEN
        RETURN 0;
    ELSIF abs(b) < 1 THEN
        IF abs(a) > 1.797693134862315e308 * abs(b) THEN
            RETURN NULL;
        END IF;
    ELSIF abs(a) < double precision '5e-324' * abs(b) THEN
        RETURN 0;
    END IF;
    RETURN a / b;
END
$$;

CREATE FUNCTION data_tools_remainder(a double precision, b double precision)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 50 AS $$
-- As C's fmod, with the sign of the dividend. Shift and subtract: every step is exact.
DECLARE
    remainder double precision := abs(a);
    step double precision := abs(b);
BEGIN
    IF b = 0 THEN
        RETURN NULL;
    END IF;
    WHILE remainder >= step AND remainder - step >= step LOOP
        step := step + step;
    END LOOP;
    LOOP
        IF remainder >= step THEN
            remainder := remainder - step;
        END IF;
        EXIT WHEN step = abs(b);
        step := step / 2;
    END LOOP;
    RETURN CASE WHEN a < 0 THEN -remainder ELSE remainder END;
END
$$;

CREATE FUNCTION data_tools_modulo(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 55 AS $$
-- With the sign of the divisor. Source: float_divmod of CPython, as for the next function.
DECLARE
    remainder double precision := data_tools_remainder(a, b);
BEGIN
    IF remainder <> 0 AND (remainder < 0) <> (b < 0) THEN
        remainder := remainder + b;
    END IF;
    RETURN remainder + 0.0;
END
$$;

CREATE FUNCTION data_tools_floor_divide(a double precision, b double precision)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 60 AS $$
DECLARE
    remainder double precision := data_tools_remainder(a, b);
    quotient double precision := data_tools_divide(data_tools_subtract(a, remainder), b);
BEGIN
    IF remainder <> 0 AND (remainder < 0) <> (b < 0) THEN
        quotient := quotient - 1;
    END IF;
    -- The quotient is whole but for rounding.
    RETURN floor(quotient) + CASE WHEN quotient - floor(quotient) > 0.5 THEN 1 ELSE 0 END + 0.0;
END
$$;

CREATE FUNCTION data_tools_power(a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
DECLARE
    exponent double precision;
BEGIN
    IF b = 0 OR a = 1 THEN
        RETURN 1;
    ELSIF a = 0 THEN
        RETURN CASE WHEN b > 0 THEN 0 END;
    ELSIF a < 0 AND b <> floor(b) THEN
        RETURN NULL;
    END IF;
    exponent := data_tools_multiply(b, ln(abs(a)));
    IF exponent IS NULL THEN  -- beyond any double, one way or the other
        RETURN CASE WHEN (b > 0) <> (abs(a) > 1) THEN 0 END;
    ELSIF exponent > 709.7 THEN
        RETURN NULL;
    ELSIF exponent < -744 THEN
        RETURN 0;
    END IF;
    RETURN power(a, b);
END
$$;

CREATE FUNCTION data_tools_logarithm(given double precision, base text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE WHEN given > 0 THEN CASE base WHEN '10' THEN log(given) ELSE ln(given) END END;
END
$$;

CREATE FUNCTION data_tools_add(a bigint, b bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF a BETWEEN -4611686018427387904 AND 4611686018427387903
        AND b BETWEEN -4611686018427387904 AND 4611686018427387903
    THEN
        RETURN a + b;
    ELSIF a::numeric + b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        RETURN (a::numeric + b)::bigint;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION data_tools_subtract(a bigint, b bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF a BETWEEN -4611686018427387904 AND 4611686018427387903
        AND b BETWEEN -4611686018427387904 AND 4611686018427387903
    THEN
        RETURN a - b;
    ELSIF a::numeric - b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        RETURN (a::numeric - b)::bigint;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION data_tools_multiply(a bigint, b bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF a BETWEEN -2147483648 AND 2147483647 AND b BETWEEN -2147483648 AND 2147483647 THEN
        RETURN a * b;
    ELSIF a::numeric * b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        RETURN (a::numeric * b)::bigint;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION data_tools_modulo(a bigint, b bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE
        WHEN b = 0 THEN NULL
        WHEN a % b <> 0 AND (a < 0) <> (b < 0) THEN a % b + b
        ELSE a % b
    END;
END
$$;

CREATE FUNCTION data_tools_floor_divide(a bigint, b bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE
        WHEN b = 0 THEN NULL
        WHEN b = -1 THEN data_tools_subtract(0, a)
        WHEN a % b <> 0 AND (a < 0) <> (b < 0) THEN a / b - 1
        ELSE a / b
    END;
END
$$;

CREATE FUNCTION data_tools_smaller(a anyelement, b anyelement) RETURNS anyelement
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN least(a, b);
END
$$;

CREATE FUNCTION data_tools_larger(a anyelement, b anyelement) RETURNS anyelement
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN greatest(a, b);
END
$$;

CREATE FUNCTION data_tools_mean(given double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 50 AS $$
DECLARE
    total double precision := 0;
    value double precision;
BEGIN
    FOREACH value IN ARRAY given LOOP
        total := data_tools_add(total, value);  -- null from the first null on
    END LOOP;
    RETURN data_tools_divide(total, cardinality(given));
END
$$;

CREATE FUNCTION data_tools_median(given double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
DECLARE
    ordered double precision[] := ARRAY(SELECT value FROM unnest(given) AS value ORDER BY value);
    low double precision := ordered[(cardinality(given) + 1) / 2];
    high double precision := ordered[cardinality(given) / 2 + 1];
BEGIN
    IF array_position(given, NULL) IS NOT NULL THEN
        RETURN NULL;
    ELSIF low = high THEN
        RETURN low;
    END IF;
    RETURN coalesce(
        data_tools_divide(data_tools_add(low, high), 2),
        data_tools_add(data_tools_divide(low, 2), data_tools_divide(high, 2)));
END
$$;

CREATE FUNCTION data_tools_deviation(given double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200 AS $$
-- Standard deviation of a sample. Squared are the shares of the largest distance, so nothing
-- overflows on the way to a result that does not.
DECLARE
    mean double precision := data_tools_mean(given);
    largest double precision := 0;
    total double precision := 0;
    value double precision;
    share double precision;
BEGIN
    FOREACH value IN ARRAY given LOOP
        largest := data_tools_larger(largest, abs(data_tools_subtract(value, mean)));
    END LOOP;
    IF largest IS NULL THEN
        RETURN NULL;
    ELSIF largest = 0 THEN
        RETURN 0;
    END IF;
    FOREACH value IN ARRAY given LOOP
        share := data_tools_divide(data_tools_subtract(value, mean), largest);
        total := total + data_tools_multiply(share, share);
    END LOOP;
    RETURN data_tools_multiply(largest, sqrt(total / (cardinality(given) - 1)));
END
$$;

CREATE FUNCTION data_tools_clip(given anyelement, low anyelement, high anyelement)
RETURNS anyelement LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 AS $$
BEGIN
    -- A bound that is null is none.
    RETURN CASE WHEN given IS NOT NULL THEN greatest(least(given, high), low) END;
END
$$;
"""

_TEXTS = r"""
CREATE FUNCTION data_tools_swap(given anyelement, wanted anyelement, other anyelement)
RETURNS anyelement LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE WHEN given = wanted THEN other ELSE given END;
END
$$;

CREATE FUNCTION data_tools_replace(given text, part text, other text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
DECLARE
    found bigint := (length(given) - length(replace(given, part, ''))) / length(part);
BEGIN
    -- Bounded, or a few replacements of one letter by a page would fill the memory.
    RETURN CASE
        WHEN found = 0 THEN given
        WHEN length(given) + found * (length(other) - length(part)) <= 1000000
        THEN replace(given, part, other)
    END;
END
$$;

CREATE FUNCTION data_tools_keep(given text, kept jsonb, other text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE WHEN kept ? given THEN given ELSE other END;
END
$$;

CREATE FUNCTION data_tools_part(given text, separator text, place integer, and_rest boolean)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
DECLARE
    parts text[] := CASE WHEN given = '' THEN ARRAY[''] ELSE string_to_array(given, separator) END;
BEGIN
    RETURN CASE
        WHEN and_rest AND cardinality(parts) > place
        THEN array_to_string(parts[place:], separator)
        ELSE parts[place]
    END;
END
$$;
"""

_CASES = r"""
CREATE FUNCTION data_tools_lower(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF octet_length(given) = length(given) THEN
        RETURN lower(given COLLATE "C");
    END IF;
    RETURN translate(lower(given COLLATE "C"), '{upper}', '{lowered}');
END
$$;

CREATE FUNCTION data_tools_upper(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF octet_length(given) = length(given) THEN
        RETURN upper(given COLLATE "C");
    END IF;
    RETURN translate(upper(given COLLATE "C"), '{lower}', '{uppered}');
END
$$;

CREATE FUNCTION data_tools_title(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
-- Upper case where a letter follows none; the two strings are as long as each other.
DECLARE
    lowered text[] := string_to_array(data_tools_lower(given), NULL);
    uppered text[] := string_to_array(data_tools_upper(given), NULL);
    follows_letter boolean := false;
    result text := '';
BEGIN
    FOR place IN 1..cardinality(lowered) LOOP
        result := result || CASE WHEN follows_letter THEN lowered[place] ELSE uppered[place] END;
        follows_letter := lowered[place] <> uppered[place]
            OR strpos('{unchanging}', lowered[place]) > 0;
    END LOOP;
    RETURN result;
END
$$;
"""


def _other_case(change):
    """Return the letters beyond ASCII whose other case is one letter, and those letters.

    The database's own lower and upper know only the letters of the locale that it was made with.
    """
    pairs = [
        (letter, change(letter))
        for letter in map(chr, range(0x80, 0x110000))
        if change(letter) != letter and len(change(letter)) == 1
    ]
    return "".join(one for one, _ in pairs), "".join(other for _, other in pairs)


def _cases():
    upper, lowered = _other_case(str.lower)
    lower, uppered = _other_case(str.upper)
    with_case = (one for one in map(chr, range(0x80, 0x110000)) if one.lower() != one.upper())
    unchanging = "".join(one for one in with_case if one not in upper + lower)
    return (
        _CASES.replace("{upper}", upper)
        .replace("{lowered}", lowered)
        .replace("{lower}", lower)
        .replace("{uppered}", uppered)
        .replace("{unchanging}", unchanging)
    )


_SIGNATURES = (
    *(
        f"{name}({of}, {of})"
        for name in ("add", "subtract", "multiply", "modulo", "floor_divide")
        for of in ("double precision", "bigint")
    ),
    "remainder(double precision, double precision)",
    "divide(double precision, double precision)",
    "power(double precision, double precision)",
    "logarithm(double precision, text)",
    "smaller(anyelement, anyelement)",
    "larger(anyelement, anyelement)",
    "mean(double precision[])",
    "median(double precision[])",
    "deviation(double precision[])",
    "clip(anyelement, anyelement, anyelement)",
    "swap(anyelement, anyelement, anyelement)",
    "replace(text, text, text)",
    "keep(text, jsonb, text)",
    "part(text, text, integer, boolean)",
    "lower(text)",
    "upper(text)",
    "title(text)",
)


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0011_saved_from")]

    operations = [
        migrations.RunSQL(
            _NUMBERS + _TEXTS + _cases(),
            "\n".join(f"DROP FUNCTION data_tools_{signature};" for signature in _SIGNATURES),
        )
    ]
