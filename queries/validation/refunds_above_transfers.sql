-- rule: REFUNDS_ABOVE_TRANSFERS
-- title: refunds exceed what was transferred
-- fix: check the signs, and whether a transfer is missing
SELECT p.source_file, p.source_row,
       CONCAT(d.project_id, ': net ', d.currency, ' ', d.amount) AS about
FROM (SELECT project_id, currency, SUM(amount) AS amount FROM disbursements GROUP BY 1, 2) d
JOIN evidence.projects p ON p.project_id = d.project_id
WHERE d.amount < 0
ORDER BY 1, 2
