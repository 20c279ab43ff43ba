SELECT
    r0.row_number,
    coalesce((r0."values"->>2), (SELECT s.v
    FROM ONLY data_tools_datarow AS r1
    CROSS JOIN LATERAL (SELECT (r1."values"->>2) AS v OFFSET 0) AS s
    WHERE s.v IS NOT NULL
        AND r1.dataset_id = r0.dataset_id
        AND r1.revision = r0.revision
        AND r1.row_number <= r0.row_number
        AND r1.row_number >= %s
        AND (
            SELECT b.row_numbers[width_bucket(r1.row_number, b.row_numbers)]
            FROM data_tools_rowlistblock AS b
            WHERE b.list_id = %s::uuid AND b.block = (r1.row_number - 1) / 128
        ) = r1.row_number
    ORDER BY r1.row_number DESC
    LIMIT 1)) AS v0
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
OFFSET 0

-- Parameters, in order:
-- 3
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
-- 'd92fce7a-0ddd-bc22-be42-8137ea7f95c5'
