WITH groups AS (
    SELECT
        GROUPING(v0, v1, v2, v3, v4, v5) AS mask,
        count(*) AS n,
        coalesce(v0, CAST(v3 AS integer), CAST(NULL AS bigint)) AS i,
        coalesce(v1, CAST(NULL AS float8)) AS f,
        coalesce(v4, v5, CAST(NULL AS text)) AS d,
        coalesce(v2, CAST(NULL AS text)) AS t
    FROM (
        SELECT
            r0.row_number,
            (r0."values"->>0)::bigint AS v0,
            (r0."values"->>1)::double precision AS v1,
            (r0."values"->>2) AS v2,
            (r0."values"->>3)::boolean AS v3,
            (r0."values"->>4) AS v4,
            (r0."values"->>5) AS v5
        FROM data_tools_datarow AS r0
        WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        OFFSET 0
    ) AS cells
    GROUP BY GROUPING SETS ((v0), (v1), (v2), (v3), (v4), (v5))
), keyed AS MATERIALIZED (
    SELECT mask, n, i, f, d, t, num_nonnulls(i, f, d, t) = 1 AS is_value,
           coalesce(f, i::float8, extract(epoch FROM CAST(d AS timestamp))::float8) AS x
    FROM groups
), totals AS MATERIALIZED (
    SELECT mask, coalesce(sum(n) FILTER (WHERE is_value), 0)::bigint AS present,
           coalesce(sum(n) FILTER (WHERE NOT is_value), 0)::bigint AS missing,
           count(*) FILTER (WHERE is_value) AS different,
           min(i) AS lowest_i, max(i) AS highest_i, min(x) AS lowest_x, max(x) AS highest_x,
           min(t COLLATE "C") AS lowest_t, max(t COLLATE "C") AS highest_t,
           sum(i::numeric * n) AS sum_i, sum(i::numeric * i * n) AS squares_i,
           coalesce(sum(octet_length(t)::bigint * n), 0)::bigint AS text_bytes,
           greatest(abs(min(x)), abs(max(x))) AS scale,
           div(max(i)::numeric - min(i), 20) + 1 AS width_i
    FROM keyed GROUP BY mask
), scaled AS MATERIALIZED (
    SELECT keyed.*, present, lowest_i, lowest_x, highest_x, width_i,
           CASE WHEN abs(x) <= CASE WHEN scale > 1e-150 THEN scale * 1e-150 ELSE 0 END
                THEN 0 ELSE x / scale END AS y
    FROM keyed JOIN totals USING (mask) WHERE x IS NOT NULL
), centres AS (
    SELECT mask, sum(y * n) / min(present) AS centre, min(y) AS low, max(y) AS high
    FROM scaled GROUP BY mask
), spreads AS (
    SELECT mask, min(d) FILTER (WHERE x = lowest_x) AS lowest_d,
           max(d) FILTER (WHERE x = highest_x) AS highest_d, min(centre) AS centre,
           sum(CASE WHEN abs(y - centre) < 1e-150 THEN 0 ELSE (y - centre) ^ 2 * n END)
               AS spread
    FROM scaled JOIN centres USING (mask) GROUP BY mask
), buckets AS (
    SELECT mask, json_object_agg(bucket, n)::text AS counts
    FROM (
        SELECT mask, sum(n) AS n, coalesce(
               div(i::numeric - lowest_i, width_i), least(19,
               floor(coalesce((y - low) / nullif(high - low, 0), 0) * 20))::numeric
               )::integer AS bucket
        FROM scaled JOIN centres USING (mask) GROUP BY 1, 3
    ) AS counted GROUP BY mask
), quantiles AS (
    SELECT
        mask,
        ARRAY[
            min(i) FILTER (WHERE upto > (present - 1) * 5 / 100),
            min(i) FILTER (WHERE upto > ((present - 1) * 5 + 99) / 100),
            min(i) FILTER (WHERE upto > (present - 1) * 25 / 100),
            min(i) FILTER (WHERE upto > ((present - 1) * 25 + 99) / 100),
            min(i) FILTER (WHERE upto > (present - 1) * 50 / 100),
            min(i) FILTER (WHERE upto > ((present - 1) * 50 + 99) / 100),
            min(i) FILTER (WHERE upto > (present - 1) * 75 / 100),
            min(i) FILTER (WHERE upto > ((present - 1) * 75 + 99) / 100),
            min(i) FILTER (WHERE upto > (present - 1) * 95 / 100),
            min(i) FILTER (WHERE upto > ((present - 1) * 95 + 99) / 100)
        ] AS quantiles_i,
        ARRAY[
            min(f) FILTER (WHERE upto > (present - 1) * 5 / 100),
            min(f) FILTER (WHERE upto > ((present - 1) * 5 + 99) / 100),
            min(f) FILTER (WHERE upto > (present - 1) * 25 / 100),
            min(f) FILTER (WHERE upto > ((present - 1) * 25 + 99) / 100),
            min(f) FILTER (WHERE upto > (present - 1) * 50 / 100),
            min(f) FILTER (WHERE upto > ((present - 1) * 50 + 99) / 100),
            min(f) FILTER (WHERE upto > (present - 1) * 75 / 100),
            min(f) FILTER (WHERE upto > ((present - 1) * 75 + 99) / 100),
            min(f) FILTER (WHERE upto > (present - 1) * 95 / 100),
            min(f) FILTER (WHERE upto > ((present - 1) * 95 + 99) / 100)
        ] AS quantiles_f
    FROM (
        SELECT mask, i, f, present, sum(n) OVER (PARTITION BY mask ORDER BY x, i) AS upto
        FROM scaled WHERE d IS NULL
    ) AS ranked GROUP BY mask
), frequent AS (
    SELECT mask, json_agg(json_build_array(i, f, d, left(t, 501), n)
                          ORDER BY place)::text AS most
    FROM (
        SELECT mask, n, i, f, d, t, row_number() OVER (
            PARTITION BY mask ORDER BY n DESC, i, f, d COLLATE "C", t COLLATE "C") AS place
        FROM keyed WHERE is_value
    ) AS placed WHERE place <= 20 GROUP BY mask
)
SELECT mask, present, missing, different, lowest_i, highest_i, lowest_x, highest_x,
       lowest_d, highest_d, left(lowest_t, 500), left(highest_t, 500),
       sum_i, squares_i, centre, spread, text_bytes, counts, quantiles_i, quantiles_f, most
FROM totals LEFT JOIN spreads USING (mask) LEFT JOIN buckets USING (mask)
LEFT JOIN quantiles USING (mask) LEFT JOIN frequent USING (mask)

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
