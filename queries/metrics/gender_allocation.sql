-- name: gender_allocation
-- title: Budget for gender equality
-- unit: fine_cents
-- grain: project, tranche
-- params: gender_template_year, marker_two_bps
-- levers: revision
-- nulls: a line without a share is nothing at the low bound and all at the high one
--
-- R11, Q07. The share for gender equality of every line without X1; indirect cost follows
-- in proportion. A line without a share may be all or nothing. The template and the gender
-- marker pick the least share, which the gate takes from the policy.

-- statement: facts
WITH indirect_lines AS (
    SELECT line_id
    FROM classified_lines
    WHERE class = 'support' AND subclass = 'X1'
    GROUP BY line_id
),
sums AS (
    SELECT b.project_id, SUM(CAST(b.amount AS DECIMAL(38, 2))) AS total,
           SUM(CAST(b.amount AS DECIMAL(24, 2)) * COALESCE(b.gewe_bps, 0)) AS low,
           SUM(CAST(b.amount AS DECIMAL(24, 2)) * COALESCE(b.gewe_bps, 10000)) AS high,
           STRING_AGG(CASE WHEN b.gewe_bps IS NULL AND b.amount > 0
                           THEN CONCAT('share of line ', b.line_id) END,
                      ';') AS missing
    FROM budget_lines AS b
    LEFT JOIN indirect_lines AS x ON x.line_id = b.line_id
    WHERE x.line_id IS NULL
    GROUP BY b.project_id
)
SELECT a.project_id, a.tranche,
       CAST(0.0001 * s.low AS DECIMAL(38, 6)) AS numerator_low,
       CAST(0.0001 * s.high AS DECIMAL(38, 6)) AS numerator_high,
       CAST(s.total AS DECIMAL(38, 6)) AS denominator_low,
       CAST(s.total AS DECIMAL(38, 6)) AS denominator_high,
       CASE WHEN COALESCE(j.template_version, EXTRACT(YEAR FROM j.approved_on))
                 < CAST($gender_template_year AS BIGINT) THEN 'NOT_APPLICABLE'
            ELSE CONCAT_WS(';',
                CASE WHEN j.gender_marker < 2
                      AND s.low >= CAST($marker_two_bps AS BIGINT) * s.total
                     THEN 'MARKER_TOO_LOW'
                     WHEN j.gender_marker < 2
                      AND s.high >= CAST($marker_two_bps AS BIGINT) * s.total
                     THEN 'MARKER_NOT_KNOWN' END,
                CASE WHEN j.template_version IS NULL AND j.approved_on IS NOT NULL
                     THEN 'TEMPLATE_ASSUMED' END) END AS codes,
       CASE WHEN COALESCE(j.template_version, EXTRACT(YEAR FROM j.approved_on))
                 < CAST($gender_template_year AS BIGINT) THEN ''
            ELSE CONCAT_WS(';', s.missing,
                CASE WHEN s.project_id IS NULL THEN 'budget lines' END,
                CASE WHEN j.template_version IS NULL AND j.approved_on IS NULL
                     THEN 'template of the project' END) END AS missing
FROM asked AS a
LEFT JOIN projects AS j ON j.project_id = a.project_id
LEFT JOIN sums AS s ON s.project_id = a.project_id;

-- statement: items
SELECT a.project_id, a.tranche, k.kind, '' AS id, '' AS result,
       CASE WHEN k.kind = 'template_year' THEN ''
            WHEN j.gender_marker = 3 THEN 'marker_three_bps'
            WHEN j.gender_marker = 2 THEN 'marker_two_bps'
            ELSE 'gender_bps' END AS flag,
       CASE WHEN k.kind = 'template_year'
            THEN COALESCE(j.template_version, EXTRACT(YEAR FROM j.approved_on)) END
       AS number,
       '' AS text
FROM (VALUES ('least_share'), ('template_year')) AS k(kind)
CROSS JOIN asked AS a
JOIN projects AS j ON j.project_id = a.project_id;

-- statement: evidence
WITH indirect_lines AS (
    SELECT line_id
    FROM classified_lines
    WHERE class = 'support' AND subclass = 'X1'
    GROUP BY line_id
)
SELECT a.project_id, a.tranche, 'budget_lines' AS table_name, b.line_id AS key, b.load_id,
       b.source_file, b.source_row,
       CAST(0.0001 * (CAST(b.amount AS DECIMAL(24, 2)) * COALESCE(b.gewe_bps, 0))
            AS DECIMAL(38, 6)) AS amount
FROM asked AS a
JOIN budget_lines AS b ON b.project_id = a.project_id
LEFT JOIN indirect_lines AS x ON x.line_id = b.line_id
WHERE x.line_id IS NULL
