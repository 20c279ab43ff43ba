WITH groups AS MATERIALIZED (
    SELECT v0, count(*) AS n
    FROM (
        SELECT
            r0.row_number,
            (r0."values"->>2) AS v0
        FROM ONLY data_tools_datarow AS r0
        WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        OFFSET 0
    ) AS cells
    GROUP BY v0
), totals AS (
    SELECT coalesce(sum(n) FILTER (WHERE v0 IS NULL), 0)::bigint AS missing,
           coalesce(sum(n), 0)::bigint AS total
    FROM groups
), chosen AS (
    SELECT v0, n, v0::text ILIKE %s AS begins
    FROM groups
    WHERE v0 IS NOT NULL AND v0::text ILIKE %s
    ORDER BY v0::text ILIKE %s DESC, n DESC, v0 COLLATE "C"
    LIMIT %s
)
SELECT missing, total, left(v0, 501), n
FROM totals LEFT JOIN chosen ON true
ORDER BY begins DESC, n DESC, v0 COLLATE "C"

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- '50\\%%'
-- '%50\\%%'
-- '50\\%%'
-- 10
