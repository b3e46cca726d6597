-- rule: EXPENDITURE_ABOVE_TRANSFERS
-- title: more is spent than was transferred
-- fix: check the unit of the amounts, and whether a transfer is missing
WITH d AS (SELECT project_id, currency, SUM(amount) AS amount FROM disbursements GROUP BY 1, 2),
     e AS (SELECT project_id, currency, SUM(amount) AS amount FROM spending GROUP BY 1, 2)
SELECT p.source_file, p.source_row,
       CONCAT(e.project_id, ': ', e.currency, ' ', e.amount, ' against ', d.amount) AS about
FROM e JOIN d ON d.project_id = e.project_id AND d.currency = e.currency
JOIN evidence.projects p ON p.project_id = e.project_id
-- An activity that money comes into spends that, not what it passes on.
WHERE e.amount > d.amount AND e.project_id NOT IN (
  SELECT project_id FROM transactions WHERE kind = 'incoming_funds')
ORDER BY 1, 2
