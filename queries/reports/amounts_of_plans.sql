-- name: amounts_of_plans
-- title: planned tranche amounts by group, currency and class, without indirect cost
-- {group} and {join} are filled in from the fixed list of groupings.
SELECT
  {group} AS grp,
  p.currency AS currency,
  t.class AS class,
  CASE WHEN t.pro_rata THEN 'pro_rata' ELSE 'stated' END AS allocation,
  SUM(t.amount) AS amount,
  CAST(0 AS DECIMAL(18, 2)) AS certified
FROM planned_shares t
JOIN projects p ON p.project_id = t.project_id
GROUP BY 1, 2, 3, 4
