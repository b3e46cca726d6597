-- name: disbursements
-- title: disbursements and refunds as they were told, with the risk that a sum counts them twice
SELECT t.transaction_id, t.project_id, t.date, t.amount, t.currency, t.tranche, t.recipient,
       t.provider, t.receiver, t.description, t.lang, d.double_count_risk
FROM transactions t
LEFT JOIN double_counts d ON d.transaction_id = t.transaction_id
WHERE t.kind = 'disbursement'
