SELECT
    r0.row_number
FROM ONLY data_tools_datarow AS r0
WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
AND ((r0."values"->>0)::bigint IS NOT NULL AND (r0."values"->>1)::double precision IS NOT NULL AND (r0."values"->>2) IS NOT NULL AND (r0."values"->>3)::boolean IS NOT NULL AND (r0."values"->>4) IS NOT NULL AND (r0."values"->>5) IS NOT NULL)

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
