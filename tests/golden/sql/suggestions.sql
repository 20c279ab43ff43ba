SELECT left(v0, 501), n
FROM (
    SELECT v0, count(*) AS n
    FROM (
        SELECT
            r0.row_number,
            (r0."values"->>2) AS v0
        FROM data_tools_datarow AS r0
        WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        OFFSET 0
    ) AS cells
    WHERE v0 IS NOT NULL
    GROUP BY v0
) AS groups
WHERE v0::text ILIKE %s
ORDER BY v0::text ILIKE %s DESC, n DESC, v0 COLLATE "C"
LIMIT %s

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- '%50\\%%'
-- '50\\%%'
-- 10
