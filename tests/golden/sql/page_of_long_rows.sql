SELECT
    CASE
        WHEN sum(octet_length(page.json) + %s) OVER (
            ORDER BY page.at ROWS UNBOUNDED PRECEDING
        ) <= %s AND page.json <> ''
        THEN page.json
        ELSE ''
    END AS json,
    page.n,
    page.at
FROM (
    SELECT
        data_tools_shown_row(whole.json, %s, %s) AS json,
        whole.n,
        whole.at
    FROM (
        SELECT r0."values"::text AS json, r0.row_number AS n, r0.row_number AS at
        FROM ONLY data_tools_datarow AS r0
        WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
            AND r0.row_number BETWEEN %s AND %s
        ORDER BY r0.row_number
    ) AS whole
    OFFSET 0
) AS page

-- Parameters, in order:
-- 100
-- 1000000
-- 10000
-- 1000000
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 51
-- 100
