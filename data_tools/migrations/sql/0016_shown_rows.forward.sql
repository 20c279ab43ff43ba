-- Return a row, which is the text of a JSON array, as an answer shows it. Texts of more than `longest`
-- characters are cut. If any was, the result is an object with the `row`, and as `cut` the [position,
-- characters] of each. If the result would have more than `most_bytes`, it is ''.
CREATE FUNCTION data_tools_shown_row(whole text, longest integer, most_bytes bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
    shown text := whole;
    cut jsonb;
    marks jsonb;
BEGIN
    -- A text has at least a byte for each character.
    IF octet_length(whole) > longest THEN
        SELECT
            jsonb_agg(
                CASE WHEN length(each.text) > longest THEN to_jsonb(left(each.text, longest)) ELSE cell END
                ORDER BY at
            ),
            jsonb_agg(jsonb_build_array(at - 1, length(each.text)) ORDER BY at)
                FILTER (WHERE length(each.text) > longest)
        INTO cut, marks
        FROM jsonb_array_elements(whole::jsonb) WITH ORDINALITY AS cells (cell, at)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN jsonb_typeof(cell) = 'string' THEN cell #>> '{}' END AS text OFFSET 0
        ) AS each;
        IF marks IS NOT NULL THEN
            shown := jsonb_build_object('row', cut, 'cut', marks)::text;
        END IF;
    END IF;
    RETURN CASE WHEN octet_length(shown) <= most_bytes THEN shown ELSE '' END;
END
$$;
