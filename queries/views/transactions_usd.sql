-- name: transactions_usd
-- title: transactions in US dollars at their value date; a missing rate is an error
SELECT transaction_id, project_id, kind, date, COALESCE(value_date, date) AS valued_on,
       amount, currency, usd(amount, currency, COALESCE(value_date, date)) AS amount_usd,
       tranche, recipient, line_id, grade, provider, receiver
FROM transactions
