SELECT left(text, 1000)
FROM (
    SELECT text, sum(least(length(text), 1000) + 50) OVER (ORDER BY text) AS total
    FROM (
        SELECT DISTINCT k0 AS text
        FROM (
            SELECT
                r0.row_number AS n,
                (r0."values"->>2) COLLATE "C" AS k0
            FROM ONLY data_tools_datarow AS r0
            WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
            OFFSET 0
        ) AS cells
        WHERE k0 IS NOT NULL
    ) AS distinct_texts
) AS counted
WHERE total <= 100000000
ORDER BY text

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
