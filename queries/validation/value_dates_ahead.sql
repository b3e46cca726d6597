-- rule: IATI-11.2.2
-- title: the value date of a transaction lies after the as-of day
-- fix: give the day of the exchange rate
-- params: as_of
SELECT source_file, source_row, CONCAT(transaction_id, ', ', value_date) AS about
FROM evidence.transactions
WHERE value_date > $as_of
ORDER BY 1, 2
