-- name: amounts_of_lines
-- title: approved budget by group, currency and class
-- {group} and {join} are filled in from the fixed list of groupings.
SELECT
  {group} AS grp,
  p.currency AS currency,
  t.class AS class,
  'line' AS allocation,
  SUM(t.amount) AS amount,
  CAST(0 AS DECIMAL(18, 2)) AS certified
FROM classified_lines t
JOIN projects p ON p.project_id = t.project_id
GROUP BY 1, 2, 3
