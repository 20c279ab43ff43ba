SELECT
    r0.row_number,
    (r0."values"->>0)::double precision AS v0,
    (r0."values"->>200)::double precision AS v1
FROM (
    SELECT r.dataset_id, r.revision, r.row_number, r."values" #> '{}' AS "values"
    FROM ONLY data_tools_datarow AS r
    WHERE r.dataset_id = %s::uuid AND r.revision = %s
        AND r.row_number > 0
    OFFSET 0
) AS r0
WHERE true
OFFSET 0

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
