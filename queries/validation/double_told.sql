-- rule: DOUBLE_TOLD
-- title: two sources tell the same project, kind, date and amount
-- fix: keep it in one source if it is one payment
WITH told AS (
  SELECT t.project_id, t.kind, t.date, t.amount, MIN(s.source) AS first_source,
         MAX(s.source) AS last_source
  FROM evidence.transactions t JOIN evidence.load_sources s ON s.load_id = t.load_id
  GROUP BY t.project_id, t.kind, t.date, t.amount
  HAVING COUNT(DISTINCT s.source) > 1)
SELECT t.source_file, t.source_row,
       CONCAT(t.transaction_id, ' of source ', s.source, ', also in ', d.first_source) AS about
FROM told d
JOIN evidence.transactions t ON t.project_id = d.project_id AND t.kind = d.kind
  AND t.date = d.date AND t.amount = d.amount
JOIN evidence.load_sources s ON s.load_id = t.load_id
WHERE s.source <> d.first_source
ORDER BY 1, 2
