-- rule: TRANSFERS_ABOVE_BUDGET
-- title: more was transferred than is approved
-- fix: check whether a budget line or a revision is missing
WITH b AS (SELECT project_id, SUM(amount) AS amount FROM budget_lines GROUP BY 1),
     d AS (SELECT project_id, currency, SUM(amount) AS amount FROM disbursements GROUP BY 1, 2)
SELECT p.source_file, p.source_row,
       CONCAT(d.project_id, ': ', d.currency, ' ', d.amount, ' against ', b.amount) AS about
FROM d JOIN b ON b.project_id = d.project_id
JOIN evidence.projects p ON p.project_id = d.project_id AND p.currency = d.currency
-- What a recipient keeps for itself, seven percent, stands in no line.
WHERE d.amount * 100 > b.amount * 107
ORDER BY 1, 2
