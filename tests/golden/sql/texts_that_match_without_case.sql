SELECT text
FROM unnest(%s::text[]) AS distinct_texts (text)
WHERE coalesce(right(lower(text), length(lower(CAST(%s AS text)))) = lower(CAST(%s AS text)), false)

-- Parameters, in order:
-- ['UA', 'aa%']
-- 'A%'
-- 'A%'
