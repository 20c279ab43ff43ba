SELECT
    r0.row_number,
    (r0."values"->>0)::bigint AS v0,
    (r0."values"->>1)::double precision AS v1
FROM ONLY data_tools_datarow AS r0
WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
OFFSET 0

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
