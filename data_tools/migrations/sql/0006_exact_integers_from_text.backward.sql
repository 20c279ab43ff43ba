CREATE OR REPLACE FUNCTION data_tools_text_to_float(given text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    IF length(given) <= 300 AND given ~ '^[ \t\n\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)[ \t\n\r]*$' THEN
        RETURN given::double precision + 0.0;
    ELSIF length(given) <= 400 AND given ~
        '^[ \t\n\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?0*[0-9]{1,3})?[ \t\n\r]*$'
    THEN
        RETURN CASE
            WHEN given::numeric = 0
                OR abs(given::numeric) BETWEEN 5e-324 AND 1.7976931348623158e308
            THEN given::double precision + 0.0
        END;
    END IF;
    RETURN NULL;
END
$$;
