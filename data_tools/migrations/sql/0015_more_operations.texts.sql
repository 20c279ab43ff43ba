-- A result has at most a million characters. Each match is replaced by the literal characters of
-- `other` and by groups, of which `copies` are mentioned there; no group is longer than its match.
CREATE FUNCTION data_tools_regex_replace(
    given text, pattern text, other text, copies integer, flags text
) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
BEGIN
    IF (length(given) + 1)::bigint * (1 + copies + length(other)) > 1000000 THEN
        IF length(given)::bigint * (1 + copies)
            + regexp_count(given, pattern, 1, replace(flags, 'g', ''))::bigint * length(other)
            > 1000000
        THEN
            RETURN NULL;
        END IF;
    END IF;
    RETURN regexp_replace(given, pattern, other, flags);
END
$$;

CREATE FUNCTION data_tools_swap_ignoring_case(given text, wanted text, other text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 AS $$
BEGIN
    RETURN CASE WHEN lower(given) = lower(wanted) THEN other ELSE given END;
END
$$;

-- `other` stands for a missing part; without it, the part is left out, and without any part the
-- result is missing. With `all_or_none` any missing part makes it missing, as do more than a million
-- characters.
CREATE FUNCTION data_tools_join(
    parts text[], separator text, other text, all_or_none boolean
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 AS $$
DECLARE
    joined text;
BEGIN
    IF (all_or_none AND array_position(parts, NULL) IS NOT NULL)
        OR (other IS NULL AND cardinality(array_remove(parts, NULL)) = 0)
    THEN
        RETURN NULL;
    END IF;
    joined := CASE
        WHEN other IS NULL THEN array_to_string(parts, separator)
        ELSE array_to_string(parts, separator, other)
    END;
    RETURN CASE WHEN length(joined) <= 1000000 THEN joined END;
END
$$;

-- How many groups a regular expression has, or what is wrong with it.
CREATE FUNCTION data_tools_regex_groups(pattern text, OUT groups integer, OUT complaint text)
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    PERFORM regexp_count('', pattern);
    groups := cardinality(regexp_match('', '(?:' || pattern || ')|()')) - 1;
EXCEPTION WHEN invalid_regular_expression THEN
    complaint := regexp_replace(SQLERRM, '^invalid regular expression: ', '');
END
$$;
