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
