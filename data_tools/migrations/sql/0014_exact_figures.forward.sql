CREATE FUNCTION data_tools_row_mean(given double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 60 AS $$
-- What each addition loses is added up apart. Source: Neumaier 1974, of Kahan's summation.
DECLARE
    largest double precision := 0;
    factor double precision := 1;
    total double precision := 0;
    lost double precision := 0;
    upto double precision;
    value double precision;
BEGIN
    IF array_position(given, NULL) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    FOREACH value IN ARRAY given LOOP
        largest := greatest(largest, abs(value));
    END LOOP;
    IF largest > 1e300 THEN
        factor := 1.0 / 1048576;  -- as many values as a row can have add up to a double
    END IF;
    FOREACH value IN ARRAY given LOOP
        value := data_tools_multiply(value, factor);
        upto := total + value;
        lost := lost + CASE
            WHEN abs(total) >= abs(value) THEN (total - upto) + value
            ELSE (value - upto) + total
        END;
        total := upto;
    END LOOP;
    RETURN data_tools_divide(data_tools_divide(total + lost, cardinality(given)), factor);
END
$$;

CREATE FUNCTION data_tools_row_deviation(given double precision[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 250 AS $$
-- Standard deviation of a sample. The mean is rounded to a double, which far from 0 is a large part
-- of a small distance: `drift` takes out what the distances do not add up to 0 by.
DECLARE
    centre double precision := data_tools_row_mean(given);
    largest double precision := 0;
    total double precision := 0;
    drift double precision := 0;
    value double precision;
    share double precision;
BEGIN
    FOREACH value IN ARRAY given LOOP
        largest := data_tools_larger(largest, abs(data_tools_subtract(value, centre)));
    END LOOP;
    IF largest IS NULL OR cardinality(given) < 2 THEN
        RETURN NULL;
    ELSIF largest = 0 THEN
        RETURN 0;
    END IF;
    FOREACH value IN ARRAY given LOOP
        share := data_tools_divide(data_tools_subtract(value, centre), largest);
        total := total + data_tools_multiply(share, share);
        drift := drift + share;
    END LOOP;
    total := total - data_tools_divide(data_tools_multiply(drift, drift), cardinality(given));
    RETURN data_tools_multiply(largest, sqrt(greatest(total, 0) / (cardinality(given) - 1)));
END
$$;
