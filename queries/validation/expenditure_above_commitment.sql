-- rule: EXPENDITURE_ABOVE_COMMITMENT
-- title: recipients report more expenditure than contracts
-- fix: ask the recipient which figure is whole
WITH c AS (SELECT project_id, currency, SUM(amount) AS amount FROM commitments GROUP BY 1, 2),
     e AS (SELECT project_id, currency, SUM(amount) AS amount FROM spending GROUP BY 1, 2)
SELECT p.source_file, p.source_row,
       CONCAT(e.project_id, ': ', e.currency, ' ', e.amount, ' against ', c.amount) AS about
FROM e JOIN c ON c.project_id = e.project_id AND c.currency = e.currency
JOIN evidence.projects p ON p.project_id = e.project_id
WHERE e.amount > c.amount
ORDER BY 1, 2
