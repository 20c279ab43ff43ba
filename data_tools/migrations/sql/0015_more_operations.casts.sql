CREATE FUNCTION data_tools_text_to_exact_datetime(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
BEGIN
    -- A datetime holds microseconds; zeros beyond them say nothing.
    RETURN CASE
        WHEN given !~ '[.,][0-9]{6}[0-9]*[1-9]' THEN data_tools_text_to_datetime(given)
    END;
END
$$;

CREATE FUNCTION data_tools_text_to_exact_float(given text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
DECLARE
    nearest double precision := data_tools_text_to_float(given);
BEGIN
    -- Beyond 2^53 the neighbours of a double are whole numbers apart: there, it has to be the
    -- number that the text spells, as the shortest digits say it. 2^53 is also what 2^53 + 1 is
    -- rounded to.
    IF abs(nearest) >= 9007199254740992 THEN
        IF nearest::text::numeric <> btrim(given, E' \t\n\r')::numeric THEN
            RETURN NULL;
        END IF;
    END IF;
    RETURN nearest;
END
$$;

-- `pattern` has a group for each directive, and `letters` are their letters in the same order. With
-- `as_date` the result has no time, and only a midnight without an offset becomes one.
CREATE FUNCTION data_tools_text_by_format(
    given text, pattern text, letters text, as_date boolean
) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 30 AS $$
DECLARE
    part text[] := regexp_match(given, pattern);
    years integer := part[strpos(letters, 'Y')]::integer;
    short_year integer := part[strpos(letters, 'y')]::integer;
    months integer := part[strpos(letters, 'm')]::integer;
    days integer := part[strpos(letters, 'd')]::integer;
    hours integer := coalesce(part[strpos(letters, 'H')], part[strpos(letters, 'I')], '0')::integer;
    minutes integer := coalesce(part[strpos(letters, 'M')], '0')::integer;
    seconds integer := coalesce(part[strpos(letters, 'S')], '0')::integer;
    half text := upper(part[strpos(letters, 'p')]);
    fraction text := rpad(coalesce(part[strpos(letters, 'f')], ''), 6, '0');
    zone text := nullif(part[strpos(letters, 'z')], 'Z');
    instant timestamp;
BEGIN
    -- POSIX: 69 is 1969, 68 is 2068.
    years := coalesce(years, short_year + CASE WHEN short_year < 69 THEN 2000 ELSE 1900 END);
    months := coalesce(months, (2 + strpos(
        'janfebmaraprmayjunjulaugsepoctnovdec',
        lower(left(coalesce(part[strpos(letters, 'b')], part[strpos(letters, 'B')]), 3)))) / 3);
    IF part IS NULL OR years < 1 OR months NOT BETWEEN 1 AND 12 OR days < 1
        OR hours > 23 OR minutes > 59 OR seconds > 59
        OR (half IS NOT NULL AND hours NOT BETWEEN 1 AND 12)
        OR substr(zone, 2, 2)::integer > 23 OR right(zone, 2)::integer > 59
    THEN
        RETURN NULL;
    END IF;
    IF days > extract(day FROM make_date(years, months, 1) + interval '1 month - 1 day') THEN
        RETURN NULL;
    END IF;
    IF half IS NOT NULL THEN
        hours := hours % 12 + CASE half WHEN 'PM' THEN 12 ELSE 0 END;
    END IF;
    instant := make_date(years, months, days)
        + make_interval(hours => hours, mins => minutes, secs => seconds);
    IF as_date THEN
        RETURN CASE
            WHEN strpos(letters, 'z') = 0 AND fraction = '000000'
                AND hours = 0 AND minutes = 0 AND seconds = 0
            THEN to_char(instant, 'YYYY-MM-DD')
        END;
    END IF;
    IF zone IS NOT NULL THEN
        instant := instant - (left(zone, 1) || '1')::integer * make_interval(
            hours => substr(zone, 2, 2)::integer, mins => right(zone, 2)::integer);
    END IF;
    IF instant < timestamp '0001-01-01' OR instant >= timestamp '10000-01-01' THEN
        RETURN NULL;
    END IF;
    RETURN to_char(instant, 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN fraction = '000000' THEN '' ELSE '.' || fraction END
        || CASE WHEN strpos(letters, 'z') = 0 THEN '' ELSE 'Z' END;
END
$$;
