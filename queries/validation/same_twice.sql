-- rule: SAME_TWICE
-- title: a transaction stands more than once with the same facts
-- fix: remove one if it is one payment
SELECT source_file, MIN(source_row) AS source_row,
       CONCAT(COUNT(*), ' times ', kind, ' of ', project_id, ' on ', date, ', ', currency, ' ',
              amount) AS about
FROM evidence.transactions
GROUP BY source_file, load_id, project_id, kind, date, amount, currency, tranche, recipient,
         line_id, category, grade, period_start, provider, receiver, description, source_ref
HAVING COUNT(*) > 1
ORDER BY 1, 2
