SELECT
    CASE
        WHEN octet_length(page.json) <= %s THEN page.json
        ELSE data_tools_shown_row(page.json, %s, %s)
    END AS json,
    page.n,
    page.at
FROM (
    SELECT to_jsonb(ARRAY[
        r0."values"->1
    ])::text AS json, r0.row_number AS n, r0.row_number AS at
    FROM ONLY data_tools_datarow AS r0
    WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        AND r0.row_number BETWEEN %s AND %s
    ORDER BY r0.row_number
    OFFSET 0
) AS page

-- Parameters, in order:
-- 999900
-- 10000
-- 999900
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 51
-- 51
