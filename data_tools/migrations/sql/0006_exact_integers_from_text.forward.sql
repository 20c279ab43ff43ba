CREATE OR REPLACE FUNCTION data_tools_text_to_float(given text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
DECLARE
    nearest double precision;
BEGIN
    IF length(given) <= 300 AND given ~ '^[ \t\n\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)[ \t\n\r]*$' THEN
        nearest := given::double precision + 0.0;
    ELSIF length(given) <= 400 AND given ~
        '^[ \t\n\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?0*[0-9]{1,3})?[ \t\n\r]*$'
    THEN
        -- Through numeric, which holds any such number: a double would raise on 1e999.
        IF given::numeric = 0 OR abs(given::numeric) BETWEEN 5e-324 AND 1.7976931348623158e308 THEN
            nearest := given::double precision + 0.0;
        END IF;
    END IF;
    -- 2^53 is also what 2^53 + 1 is rounded to, so the number is asked, not the double.
    IF abs(nearest) >= 9007199254740992 THEN
        IF given !~ '[.eE]' AND abs(given::numeric) > 9007199254740992 THEN
            RETURN NULL;
        END IF;
    END IF;
    RETURN nearest;
END
$$;
