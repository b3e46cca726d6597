-- rule: VALUE_DATE
-- title: an amount in another currency than its project's has no value date
-- fix: give the day of the exchange rate
SELECT t.source_file, t.source_row, CONCAT(t.transaction_id, ', ', t.currency) AS about
FROM evidence.transactions t JOIN projects p ON p.project_id = t.project_id
WHERE t.value_date IS NULL AND t.currency <> p.currency
ORDER BY 1, 2
