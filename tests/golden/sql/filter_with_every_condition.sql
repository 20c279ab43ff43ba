SELECT
    n,
    coalesce(k0, 0),
    k0 IS NULL
FROM (
    SELECT
        r0.row_number AS n,
        (r0."values"->>0)::bigint AS k0
    FROM ONLY data_tools_datarow AS r0
    WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
    AND (
        coalesce(lower((r0."values"->>2)) = ANY(ARRAY(SELECT lower(v) FROM unnest(CAST(%s AS text[])) AS v)), false)
        OR coalesce(strpos((r0."values"->>2), CAST(%s AS text)) > 0, false)
        OR coalesce(starts_with((r0."values"->>2), CAST(%s AS text)), false)
        OR coalesce(right(lower((r0."values"->>2)), length(lower(CAST(%s AS text)))) = lower(CAST(%s AS text)), false)
        OR coalesce((r0."values"->>2) IS DISTINCT FROM CAST(%s AS text), false)
        OR (
            coalesce((r0."values"->>0)::bigint BETWEEN CAST(%s AS numeric) AND CAST(%s AS numeric), false)
            AND coalesce((r0."values"->>0)::bigint = ANY(CAST(%s AS bigint[])), false)
            AND coalesce((r0."values"->>1)::double precision >= CAST(%s AS double precision), false)
            AND coalesce((r0."values"->>4) COLLATE "C" < CAST(%s AS text), false)
            AND coalesce(CAST((r0."values"->>5) AS timestamp) > CAST(%s AS timestamp), false)
            AND NOT (coalesce((r0."values"->>3)::boolean = CAST(%s AS boolean), false))
            AND (r0."values"->>1)::double precision IS NOT NULL
            AND (r0."values"->>5) IS NULL
        )
    )
    OFFSET 0
) AS cells

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- ['UA', 'AA']
-- "'; --"
-- 'U'
-- 'A'
-- 'A'
-- 'DL'
-- 1
-- 9223372036854775808
-- [1, 2]
-- 0.5
-- '2013-01-31'
-- '2013-01-31T04:00:00'
-- True
