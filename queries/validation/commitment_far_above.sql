-- rule: COMMITMENT_FAR_ABOVE
-- title: commitments are ten times what was transferred, or more
-- fix: check the unit and the number of zeros
WITH c AS (SELECT project_id, currency, SUM(amount) AS amount FROM transactions
           WHERE kind = 'outgoing_commitment' GROUP BY 1, 2),
     d AS (SELECT project_id, currency, SUM(amount) AS amount FROM disbursements GROUP BY 1, 2)
SELECT p.source_file, p.source_row,
       CONCAT(c.project_id, ': ', c.currency, ' ', c.amount, ' against ', d.amount) AS about
FROM c JOIN d ON d.project_id = c.project_id AND d.currency = c.currency
JOIN evidence.projects p ON p.project_id = c.project_id
WHERE d.amount > 0 AND c.amount >= d.amount * 10
ORDER BY 1, 2
