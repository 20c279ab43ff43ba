SELECT
    CASE
        WHEN octet_length(page.json) <= %s THEN page.json
        ELSE data_tools_shown_row(page.json, %s, %s)
    END AS json,
    page.n,
    page.at
FROM (
    SELECT to_jsonb(ARRAY[
        r0."values"->0,
        r0."values"->1,
        to_jsonb(data_tools_text_by_format((r0."values"->>2), %s, %s, %s)),
        r0."values"->3,
        r0."values"->4,
        r0."values"->5
    ])::text AS json, r0.row_number AS n, r0.row_number AS at
    FROM ONLY data_tools_datarow AS r0
    WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        AND r0.row_number BETWEEN %s AND %s
    ORDER BY r0.row_number
    OFFSET 0
) AS page

-- Parameters, in order:
-- 19900
-- 10000
-- 19900
-- '^([0-9]{1,2})\\.\\ ([Jj][Aa][Nn]|[Ff][Ee][Bb]|[Mm][Aa][Rr]|[Aa][Pp][Rr]|[Mm][Aa][Yy]|[Jj][Uu][Nn]|[Jj][Uu][Ll]|[Aa][Uu][Gg]|[Ss][Ee][Pp]|[Oo][Cc][Tt]|[Nn][Oo][Vv]|[Dd][Ee][Cc])\\ ([0-9]{4,4})$'
-- 'dbY'
-- True
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 51
-- 100
