-- name: spending_usd
-- title: expenditure that recipients report, best grade only, in US dollars (Q12)
SELECT s.transaction_id, s.project_id, s.recipient, s.date,
       COALESCE(t.value_date, t.date) AS valued_on, s.amount, s.currency,
       usd(s.amount, s.currency, COALESCE(t.value_date, t.date)) AS amount_usd,
       s.grade, s.period_start, s.tranche, s.line_id
FROM spending AS s
JOIN transactions AS t ON t.transaction_id = s.transaction_id
