CREATE FUNCTION data_tools_text_to_integer(given text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE
        WHEN given ~ '^[ \t\n\r]*[+-]?[0-9]{1,18}[ \t\n\r]*$' THEN given::bigint
        WHEN length(given) <= 400 AND given ~ '^[ \t\n\r]*[+-]?[0-9]+[ \t\n\r]*$'
            AND given::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
            THEN given::numeric::bigint
    END;
END
$$;

CREATE FUNCTION data_tools_text_to_float(given text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF length(given) <= 300 AND given ~ '^[ \t\n\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)[ \t\n\r]*$' THEN
        RETURN given::double precision + 0.0;
    ELSIF length(given) <= 400 AND given ~
        '^[ \t\n\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?0*[0-9]{1,3})?[ \t\n\r]*$'
    THEN
        -- Through numeric, which holds any such number: a double would raise on 1e999.
        RETURN CASE
            WHEN given::numeric = 0
                OR abs(given::numeric) BETWEEN 5e-324 AND 1.7976931348623158e308
            THEN given::double precision + 0.0
        END;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION data_tools_text_to_boolean(given text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE lower(btrim(given, E' \t\n\r'))
        WHEN 'true' THEN true WHEN 't' THEN true WHEN 'yes' THEN true WHEN '1' THEN true
        WHEN 'false' THEN false WHEN 'f' THEN false WHEN 'no' THEN false WHEN '0' THEN false
    END;
END
$$;

CREATE FUNCTION data_tools_text_to_date(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
DECLARE
    trimmed text := btrim(given, E' \t\n\r');
    months integer;
BEGIN
    IF trimmed !~ '^[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}$' OR trimmed < '0001' COLLATE "C" THEN
        RETURN NULL;
    END IF;
    months := substr(trimmed, 6, 2)::integer;
    RETURN CASE
        WHEN substr(trimmed, 9, 2)::integer BETWEEN 1 AND extract(day FROM
            make_date(substr(trimmed, 1, 4)::integer, months, 1) + interval '1 month - 1 day')
        THEN trimmed
    END;
END
$$;

CREATE FUNCTION data_tools_text_to_datetime(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
DECLARE
    part text[] := regexp_match(btrim(given, E' \t\n\r'),
        '^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])'
        '(?:[.,]([0-9]{1,9}))?)?(?:(Z)|([+-])([01][0-9]|2[0-3]):?([0-5][0-9])?)?)?$');
    calendar_day text := data_tools_text_to_date(part[1]);
    instant timestamp;
    fraction text := rpad(substr(coalesce(part[5], ''), 1, 6), 6, '0');
BEGIN
    IF calendar_day IS NULL THEN
        RETURN NULL;
    END IF;
    instant := calendar_day::date + make_interval(
        hours => coalesce(part[2], '0')::integer,
        mins => coalesce(part[3], '0')::integer,
        secs => coalesce(part[4], '0')::integer);
    IF part[7] IS NOT NULL THEN
        instant := instant - (part[7] || '1')::integer * make_interval(
            hours => part[8]::integer, mins => coalesce(part[9], '0')::integer);
    END IF;
    IF instant < timestamp '0001-01-01' OR instant >= timestamp '10000-01-01' THEN
        RETURN NULL;
    END IF;
    RETURN to_char(instant, 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN fraction = '000000' THEN '' ELSE '.' || fraction END
        || CASE WHEN part[6] IS NULL AND part[7] IS NULL THEN '' ELSE 'Z' END;
END
$$;

CREATE FUNCTION data_tools_float_to_integer(given double precision) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE
        WHEN given = trunc(given)
            AND given >= -9223372036854775808::double precision
            AND given < 9223372036854775808::double precision
        THEN given::bigint
    END;
END
$$;

CREATE FUNCTION data_tools_integer_to_float(given bigint) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    -- Beyond 2^53 a double no longer holds every integer, so the value would change.
    RETURN CASE
        WHEN given BETWEEN -9007199254740992 AND 9007199254740992 THEN given::double precision
    END;
END
$$;
