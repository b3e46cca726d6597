-- name: disbursements
-- title: disbursements and refunds as they were told
SELECT transaction_id, project_id, date, amount, currency, tranche, recipient, provider,
       receiver, description, lang
FROM transactions
WHERE kind = 'disbursement'
