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
