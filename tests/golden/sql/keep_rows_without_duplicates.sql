SELECT min(r0.row_number) AS row_number
FROM ONLY data_tools_datarow AS r0 WHERE r0.dataset_id = %s::uuid AND r0.revision = %s GROUP BY (r0."values"->>2), (r0."values"->>4)

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
