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
        to_jsonb((SELECT s.v
        FROM ONLY data_tools_datarow AS r1
        CROSS JOIN LATERAL (SELECT coalesce((r1."values"->>2), (SELECT s.v
        FROM ONLY data_tools_datarow AS r2
        CROSS JOIN LATERAL (SELECT (r2."values"->>2) AS v OFFSET 0) AS s
        WHERE s.v IS NOT NULL
            AND r2.dataset_id = r1.dataset_id
            AND r2.revision = r1.revision
            AND r2.row_number <= r1.row_number
            AND r2.row_number >= %s
            AND true
        ORDER BY r2.row_number DESC
        LIMIT 1)) AS v OFFSET 0) AS s
        WHERE s.v IS NOT NULL
            AND r1.dataset_id = r0.dataset_id
            AND r1.revision = r0.revision
            AND r1.row_number <= r0.row_number
            AND r1.row_number >= %s
            AND true
        ORDER BY r1.row_number DESC
        LIMIT 1)),
        r0."values"->3,
        r0."values"->4,
        r0."values"->5
    ])::text AS json, r0.row_number AS n, r0.row_number AS at
    FROM ONLY data_tools_datarow AS r0
    WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        AND r0.row_number BETWEEN %s AND %s
    ORDER BY r0.row_number
    OFFSET 0
) AS page

-- Parameters, in order:
-- 19900
-- 10000
-- 19900
-- 3
-- 3
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 51
-- 100
