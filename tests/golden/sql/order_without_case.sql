SELECT
    n,
    coalesce(k0, 0),
    k0 IS NULL
FROM (
    SELECT rows.n, groups.k0
    FROM (
        SELECT
            array_agg(n) AS ns,
            CASE WHEN k0 IS NOT NULL THEN rank() OVER (ORDER BY k0) END AS k0
        FROM (
            SELECT
                r0.row_number AS n,
                lower((r0."values"->>2)) COLLATE "C" AS k0
            FROM ONLY data_tools_datarow AS r0
            WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
            OFFSET 0
        ) AS cells
        GROUP BY k0
    ) AS groups
    CROSS JOIN LATERAL unnest(groups.ns) AS rows (n)
) AS cells

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
