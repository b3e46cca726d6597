-- rule: IATI-6.7.2
-- title: only some transactions of a project have a sector, and the project has none
-- fix: state it on the project, or on every transaction
WITH own AS (SELECT DISTINCT owner_id FROM sectors WHERE owner_kind = 'transaction'),
     partly AS (SELECT DISTINCT t.project_id FROM transactions t JOIN own ON own.owner_id = t.transaction_id)
SELECT MIN(t.source_file) AS source_file, MIN(t.source_row) AS source_row,
       CONCAT(t.project_id, ': ', COUNT(*), ' without') AS about
FROM evidence.transactions t
JOIN partly ON partly.project_id = t.project_id
WHERE t.transaction_id NOT IN (SELECT owner_id FROM own)
  AND t.project_id NOT IN (SELECT owner_id FROM sectors WHERE owner_kind = 'project')
GROUP BY t.project_id
ORDER BY 1, 2
