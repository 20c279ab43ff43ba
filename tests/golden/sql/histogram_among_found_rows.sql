SELECT bucket, count(*)
FROM (
    SELECT
        CASE WHEN v0 IS NOT NULL THEN least(2, width_bucket(
            CAST(v0 AS float8), CAST(%s AS float8[])
        )) - 1 END AS bucket
    FROM (
        SELECT
            (r0."values"->>1)::double precision AS v0
        FROM data_tools_rowlistblock AS kept
        CROSS JOIN LATERAL (
            SELECT r.dataset_id, r.revision, r.row_number, r."values" AS "values"
            FROM ONLY data_tools_datarow AS r
            WHERE r.dataset_id = %s::uuid AND r.revision = %s
                AND r.row_number BETWEEN kept.block * 128 + 1 AND kept.block * 128 + 1 + 127
            OFFSET 0
        ) AS r0
        WHERE (SELECT data_tools_require_row_list(%s::uuid))
            AND kept.list_id = %s::uuid
            AND kept.row_numbers[width_bucket(r0.row_number, kept.row_numbers)] = r0.row_number
        AND coalesce((r0."values"->>1)::double precision > CAST(%s AS double precision), false)
        OFFSET 0
    ) AS cells
) AS counted
GROUP BY bucket

-- Parameters, in order:
-- [-0.5, 0.1, 2.5]
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- 60.0
