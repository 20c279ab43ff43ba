SELECT
    CASE
        WHEN octet_length(page.json) <= %s THEN page.json
        ELSE data_tools_shown_row(page.json, %s, %s)
    END AS json,
    page.n,
    page.at
FROM (
    SELECT to_jsonb(ARRAY[
        r0."values"->0,
        r0."values"->1,
        to_jsonb(lr0_0.c0),
        r0."values"->3,
        r0."values"->4,
        r0."values"->5,
        to_jsonb(lr0_0.c0),
        to_jsonb(lr0_0.c0)
    ])::text AS json, r0.row_number AS n, r0.row_number AS at
    FROM ONLY data_tools_datarow AS r0
    CROSS JOIN LATERAL (SELECT coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce((r0."values"->>2), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)) AS c0 OFFSET 0) AS lr0_0
    WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        AND r0.row_number BETWEEN %s AND %s
    ORDER BY r0.row_number
    OFFSET 0
) AS page

-- Parameters, in order:
-- 19900
-- 10000
-- 19900
-- 'value 0'
-- 'value 1'
-- 'value 2'
-- 'value 3'
-- 'value 4'
-- 'value 5'
-- 'value 6'
-- 'value 7'
-- 'value 8'
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 51
-- 100
