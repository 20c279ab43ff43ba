SELECT
    n,
    coalesce(k0, 0),
    k0 IS NULL,
    coalesce(k1, 'epoch'),
    k1 IS NULL
FROM (
    SELECT rows.n, rows.k1, groups.k0
    FROM (
        SELECT
            array_agg(n) AS ns,
            array_agg(k1) AS k1s,
            CASE WHEN k0 IS NOT NULL THEN rank() OVER (ORDER BY k0) END AS k0
        FROM (
            SELECT
                r0.row_number AS n,
                (r0."values"->>2) COLLATE "C" AS k0,
                CAST((r0."values"->>5) AS timestamp) AS k1
            FROM ONLY data_tools_datarow AS r0
            WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
            OFFSET 0
        ) AS cells
        GROUP BY k0
    ) AS groups
    CROSS JOIN LATERAL unnest(groups.ns, groups.k1s) AS rows (n, k1)
) AS cells

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
