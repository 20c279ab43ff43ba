-- Rounds the number that the shortest digits of a double spell, so that 2.675 is 2.68. A half goes
-- away from zero, or `to_even`.
CREATE FUNCTION data_tools_round_exactly(given numeric, digits integer, to_even boolean)
RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
DECLARE
    below numeric := trunc(given, digits);
    unit numeric := ('1e' || -digits)::numeric;
BEGIN
    IF to_even AND abs(given - below) * 2 = unit AND below % (2 * unit) = 0 THEN
        RETURN below;
    END IF;
    RETURN round(given, digits);
END
$$;

CREATE FUNCTION data_tools_round(given double precision, digits integer, to_even boolean)
RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
BEGIN
    RETURN data_tools_round_exactly(given::text::numeric, digits, to_even)::double precision;
END
$$;

CREATE FUNCTION data_tools_round(given bigint, digits integer, to_even boolean)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
DECLARE
    rounded numeric;
BEGIN
    IF digits >= 0 THEN
        RETURN given;
    END IF;
    rounded := data_tools_round_exactly(given, digits, to_even);
    RETURN CASE
        WHEN rounded BETWEEN -9223372036854775808 AND 9223372036854775807 THEN rounded::bigint
    END;
END
$$;
