SELECT
    CAST(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce(coalesce((r0."values"->>2), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)), CAST(%s AS text)) AS text)
FROM ONLY data_tools_datarow AS r0
WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
ORDER BY r0.row_number

-- Parameters, in order:
-- 'value 0'
-- 'value 1'
-- 'value 2'
-- 'value 3'
-- 'value 4'
-- 'value 5'
-- 'value 6'
-- 'value 7'
-- 'value 8'
-- '22222222-2222-4222-8222-222222222222'
-- 1
