-- name: monitoring_allocation
-- title: Budget for monitoring and evaluation
-- unit: cents
-- grain: project, tranche
-- params: none
-- levers: revision
--
-- R12. Lines that say that they are monitoring and evaluation, over every line without X1;
-- indirect cost follows in proportion. A line that does not say may be.

-- statement: facts
WITH indirect_lines AS (
    SELECT line_id
    FROM classified_lines
    WHERE class = 'support' AND subclass = 'X1'
    GROUP BY line_id
),
sums AS (
    SELECT b.project_id, SUM(b.amount) AS total,
           SUM(CASE WHEN b.is_me THEN b.amount ELSE 0 END) AS low,
           SUM(CASE WHEN b.is_me IS NULL OR b.is_me THEN b.amount ELSE 0 END) AS high,
           STRING_AGG(CASE WHEN b.is_me IS NULL AND b.amount > 0
                           THEN CONCAT('purpose of line ', b.line_id) END,
                      ';') AS missing
    FROM budget_lines AS b
    LEFT JOIN indirect_lines AS x ON x.line_id = b.line_id
    WHERE x.line_id IS NULL
    GROUP BY b.project_id
)
SELECT a.project_id, a.tranche,
       CAST(s.low AS DECIMAL(38, 2)) AS numerator_low,
       CAST(s.high AS DECIMAL(38, 2)) AS numerator_high,
       CAST(s.total AS DECIMAL(38, 2)) AS denominator_low,
       CAST(s.total AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN s.project_id IS NULL THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       COALESCE(s.missing, '') AS missing
FROM asked AS a
LEFT JOIN sums AS s ON s.project_id = a.project_id;

-- statement: evidence
WITH indirect_lines AS (
    SELECT line_id
    FROM classified_lines
    WHERE class = 'support' AND subclass = 'X1'
    GROUP BY line_id
)
SELECT a.project_id, a.tranche, 'budget_lines' AS table_name, b.line_id AS key, b.load_id,
       b.source_file, b.source_row,
       CASE WHEN b.is_me THEN CAST(b.amount AS DECIMAL(38, 2)) END AS amount
FROM asked AS a
JOIN budget_lines AS b ON b.project_id = a.project_id
LEFT JOIN indirect_lines AS x ON x.line_id = b.line_id
WHERE x.line_id IS NULL
