SELECT
    CASE
        WHEN octet_length(page.json) <= %s THEN page.json
        ELSE data_tools_shown_row(page.json, %s, %s)
    END AS json,
    page.n,
    page.at
FROM (
    SELECT r0."values"::text AS json, page.n, page.at
    FROM (
        SELECT n, at FROM unnest(%s::bigint[]) WITH ORDINALITY AS page (n, at)
    ) AS page
    CROSS JOIN LATERAL (
        SELECT r.dataset_id, r.revision, r.row_number, r."values" AS "values"
        FROM ONLY data_tools_datarow AS r
        WHERE r.dataset_id = %s::uuid AND r.revision = %s
            AND r.row_number = page.n
        OFFSET 0
    ) AS r0
    OFFSET 0
) AS page

-- Parameters, in order:
-- 333233
-- 10000
-- 333233
-- [7, 3, 5]
-- '22222222-2222-4222-8222-222222222222'
-- 1
