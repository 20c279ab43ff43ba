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
