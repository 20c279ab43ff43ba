SELECT list.row_count, list.used_at < now() - interval '5 minutes', page.json, page.n
FROM data_tools_rowlist AS list
LEFT JOIN LATERAL (
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
            SELECT e.n, b.rows_before + e.i AS at
            FROM data_tools_rowlistblock AS b
            CROSS JOIN LATERAL unnest(b.row_numbers) WITH ORDINALITY AS e (n, i)
            WHERE b.list_id = %s::uuid
                AND b.rows_before < %s
                AND b.rows_before >= coalesce((
                    SELECT max(f.rows_before)
                    FROM data_tools_rowlistblock AS f
                    WHERE f.list_id = %s::uuid AND f.rows_before <= %s
                ), 0)
                AND b.rows_before + e.i > %s
                AND b.rows_before + e.i <= %s
            LIMIT %s
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
) AS page ON true
WHERE list.id = %s::uuid
ORDER BY page.at

-- Parameters, in order:
-- 19900
-- 10000
-- 19900
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- 100
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- 50
-- 50
-- 100
-- 50
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
