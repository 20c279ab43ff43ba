SELECT r0."values"::text
FROM data_tools_datarow AS r0
WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
    AND r0.row_number BETWEEN %s AND %s
ORDER BY r0.row_number

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 51
-- 100
