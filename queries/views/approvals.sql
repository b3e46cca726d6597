-- name: approvals
-- title: approvals by the Fund: outgoing commitments without a grade (Q10)
SELECT transaction_id, project_id, date, amount, currency, tranche, recipient, provider,
       receiver, description, lang
FROM transactions
WHERE kind = 'outgoing_commitment' AND grade IS NULL
