-- name: transfers_left_out
-- title: disbursements and refunds that transfers leaves out, by project and who tells them
SELECT d.project_id, p.tranche, p.recipient, d.currency, SUM(d.amount) AS net_amount,
       COUNT(*) AS transactions, d.double_count_risk, d.told_by
FROM double_counts d
JOIN paid p ON p.transaction_id = d.transaction_id
WHERE d.is_left_out AND d.kind = 'disbursement'
GROUP BY d.project_id, p.tranche, p.recipient, d.currency, d.double_count_risk, d.told_by
