SELECT bucket, count(*)
FROM (
    SELECT
        CASE WHEN v0 IS NOT NULL THEN least(1, width_bucket(
            CAST(v0 AS numeric), CAST(%s AS numeric[])
        )) - 1 END AS bucket
    FROM (
        SELECT
            r0.row_number,
            (r0."values"->>0)::bigint AS v0
        FROM ONLY data_tools_datarow AS r0
        WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        OFFSET 0
    ) AS cells
) AS counted
GROUP BY bucket

-- Parameters, in order:
-- [0, 9223372036854775808]
-- '22222222-2222-4222-8222-222222222222'
-- 1
