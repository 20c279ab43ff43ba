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
        FROM ONLY data_tools_datarow AS r0
        WHERE r0.dataset_id = %s::uuid AND r0.revision = %s
        OFFSET 0
    ) AS cells
    GROUP BY GROUPING SETS ((v0), (v1), (v2), (v3), (v4), (v5))
), keyed AS MATERIALIZED (
    SELECT mask, n, i, f, d, t, num_nonnulls(i, f, d, t) = 1 AS is_value, coalesce(
               i, (extract(epoch FROM CAST(d AS timestamp)) * 1000000)::bigint) AS w
    FROM groups
), totals AS MATERIALIZED (
    SELECT mask, coalesce(sum(n) FILTER (WHERE is_value), 0)::bigint AS present,
           coalesce(sum(n) FILTER (WHERE NOT is_value), 0)::bigint AS missing,
           count(*) FILTER (WHERE is_value) AS different,
           min(w) AS lowest_w, max(w) AS highest_w, min(f) AS lowest_f, max(f) AS highest_f,
           min(t COLLATE "C") AS lowest_t, max(t COLLATE "C") AS highest_t,
           sum(i::numeric * n) AS sum_i, sum(i::numeric * i * n) AS squares_i,
           coalesce(sum(octet_length(t)::bigint * n), 0)::bigint AS text_bytes
    FROM keyed GROUP BY mask
), days AS (
    SELECT keyed.mask, min(d) FILTER (WHERE w = lowest_w) AS lowest_d,
           max(d) FILTER (WHERE w = highest_w) AS highest_d
    FROM keyed JOIN totals USING (mask) WHERE d IS NOT NULL GROUP BY 1
), scales AS MATERIALIZED (
    SELECT *, unit * CAST(%s AS float8) AS fine_unit
    FROM (
        SELECT *, (SELECT CASE WHEN x = 0 THEN 1 WHEN p > 4 * x THEN p / 2 WHEN p <= 2 * x THEN 2 * p ELSE p
            END
        FROM (
            SELECT x, CASE WHEN x > 0 THEN power(CAST(2 AS float8),
                floor(ln(x) / ln(CAST(2 AS float8))) + 2) END AS p
            FROM (
                SELECT CAST((farthest * factor) AS float8) AS x OFFSET 0
            ) AS of_x OFFSET 0
        ) AS of_p) * CAST(%s AS float8) AS unit
        FROM (
            SELECT mask, present, farthest, CASE WHEN farthest > CAST(%s AS float8) THEN CAST(%s AS float8) WHEN farthest > 0 AND farthest < CAST(%s AS float8) THEN CAST(%s AS float8) ELSE 1 END AS factor
            FROM (
                SELECT *, greatest(abs(lowest_f), abs(highest_f)) AS farthest FROM totals
            ) AS extents WHERE farthest IS NOT NULL
        ) AS factors
    ) AS units
), scaled AS MATERIALIZED (
    SELECT mask, n, CASE WHEN factor < 1 AND abs(f) < CAST(%s AS float8) THEN 0 ELSE f * factor END AS y FROM keyed JOIN scales USING (mask) WHERE f IS NOT NULL
), sums AS (
    SELECT mask, sum(CAST((CASE WHEN abs(y) >= unit THEN trunc(y / unit) ELSE 0 END) AS bigint) * n) AS multiples,
           sum(CAST((CASE WHEN abs((y - (CASE WHEN abs(y) >= unit THEN trunc(y / unit) ELSE 0 END) * unit)) >= fine_unit THEN trunc((y - (CASE WHEN abs(y) >= unit THEN trunc(y / unit) ELSE 0 END) * unit) / fine_unit) ELSE 0 END) AS bigint) * n) AS fine_multiples,
           min(y) AS low, max(y) AS high
    FROM scaled JOIN scales USING (mask) GROUP BY mask
), rests AS (
    SELECT mask, sum(rest * n ORDER BY y) AS rest
    FROM (
        SELECT mask, n, y, ((y - (CASE WHEN abs(y) >= unit THEN trunc(y / unit) ELSE 0 END) * unit) - (CASE WHEN abs((y - (CASE WHEN abs(y) >= unit THEN trunc(y / unit) ELSE 0 END) * unit)) >= fine_unit THEN trunc((y - (CASE WHEN abs(y) >= unit THEN trunc(y / unit) ELSE 0 END) * unit) / fine_unit) ELSE 0 END) * fine_unit) AS rest
        FROM scaled JOIN scales USING (mask) OFFSET 0
    ) AS of_values WHERE rest <> 0 GROUP BY mask
), centres AS MATERIALIZED (
    SELECT *, (SELECT CASE WHEN x = 0 THEN 1 WHEN p > 4 * x THEN p / 2 WHEN p <= 2 * x THEN 2 * p ELSE p
        END
    FROM (
        SELECT x, CASE WHEN x > 0 THEN power(CAST(2 AS float8),
            floor(ln(x) / ln(CAST(2 AS float8))) + 2) END AS p
        FROM (
            SELECT CAST(greatest(high - centre, centre - low) AS float8) AS x OFFSET 0
        ) AS of_x OFFSET 0
    ) AS of_p) AS reach
    FROM (
        SELECT *, least(high, greatest(low, (multiples::float8 * unit
               + fine_multiples::float8 * fine_unit + coalesce(rest, 0)) / present
               )) AS centre
        FROM sums JOIN scales USING (mask) LEFT JOIN rests USING (mask)
    ) AS means
), spreads AS (
    SELECT mask, sum(trunc(coarse)::bigint * n) AS squares,
           sum(trunc(fine)::bigint * n) AS fine_squares,
           sum(trunc((fine - trunc(fine)) * CAST(%s AS float8))::bigint * n) AS finest_squares
    FROM (
        SELECT mask, n, coarse, (coarse - trunc(coarse)) * CAST(%s AS float8) AS fine
        FROM (
            SELECT mask, n, (CASE WHEN abs(share) < CAST(%s AS float8) THEN 0 ELSE share * share END) * CAST(%s AS float8) AS coarse
            FROM (
                SELECT mask, n, CASE WHEN abs(y - centre) < reach * CAST(%s AS float8) THEN 0 ELSE (y - centre) / reach END AS share
                FROM scaled JOIN centres USING (mask) OFFSET 0
            ) AS shares OFFSET 0
        ) AS multiples OFFSET 0
    ) AS multiples GROUP BY mask
), edges AS MATERIALIZED (
    SELECT mask, lowest_w,
           div(div(highest_w::numeric - lowest_w, line.step), 20) * line.step
               + line.step AS width_w,
           CASE WHEN line.is_shared THEN ARRAY(
               SELECT (lowest_w + div((highest_w::numeric - lowest_w) * at, 20)
                   )::bigint
               FROM generate_series(0, 20) AS at ORDER BY at
           ) END AS edges_w,
           CASE WHEN lowest_f IS NOT NULL THEN ARRAY(
               SELECT CASE at WHEN 0 THEN lowest_f WHEN 20 THEN highest_f
                   ELSE least(highest_f, greatest(lowest_f,
                       (SELECT CASE WHEN factor > 1 AND abs(e) < CAST(%s AS float8) * factor THEN 0 ELSE e / factor END
                       FROM (
                           SELECT least(high, greatest(low, CASE WHEN abs(low) < 1e-300 THEN 0 ELSE low * (1 - (at / CAST(20 AS float8))) END + CASE WHEN abs(high) < 1e-300 THEN 0 ELSE high * (at / CAST(20 AS float8)) END)) AS e OFFSET 0
                       ) AS of_moved)
                   )) END
               FROM generate_series(0, 20) AS at ORDER BY 1
           ) END AS edges_f
    FROM totals LEFT JOIN centres USING (mask), LATERAL (
        SELECT CASE WHEN mask = ANY(%s) THEN 86400000000 ELSE 1 END AS step,
               mask = ANY(%s) AS is_shared
    ) AS line
), buckets AS (
    SELECT mask, json_object_agg(bucket, n)::text AS counts
    FROM (
        SELECT mask, sum(n) AS n, CASE
               WHEN f IS NOT NULL THEN least(20, width_bucket(f, edges_f)) - 1
               WHEN edges_w IS NOT NULL THEN least(20, width_bucket(w, edges_w)) - 1
               ELSE div(w::numeric - lowest_w, width_w)::integer END AS bucket
        FROM keyed JOIN edges USING (mask) WHERE f IS NOT NULL OR w IS NOT NULL
        GROUP BY 1, 3
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
        SELECT mask, i, f, present, sum(n) OVER (PARTITION BY mask ORDER BY f, i) AS upto
        FROM keyed JOIN totals USING (mask) WHERE f IS NOT NULL OR i IS NOT NULL
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
SELECT mask, totals.present, missing, different, totals.lowest_w, highest_w,
       lowest_f, highest_f, lowest_d, highest_d,
       left(lowest_t, 500), left(highest_t, 500),
       sum_i, squares_i, factor, unit, multiples, fine_multiples, rest, centre, reach,
       squares, fine_squares, finest_squares, text_bytes, edges_f, counts,
       quantiles_i, quantiles_f, most
FROM totals LEFT JOIN days USING (mask) LEFT JOIN centres USING (mask)
LEFT JOIN spreads USING (mask) LEFT JOIN edges USING (mask) LEFT JOIN buckets USING (mask)
LEFT JOIN quantiles USING (mask) LEFT JOIN frequent USING (mask)

-- Parameters, in order:
-- '22222222-2222-4222-8222-222222222222'
-- 1
-- 2.3283064365386963e-10
-- 2.3283064365386963e-10
-- 8.452712498170644e+270
-- 6.223015277861142e-61
-- 2.409919865102884e-181
-- 4.149515568880993e+180
-- 1e-100
-- 4294967296.0
-- 4294967296.0
-- 1e-150
-- 4294967296.0
-- 3.054936363499605e-151
-- 2.2250738585072014e-308
-- [61]
-- [62]
