-- name: transfers
-- title: net transfers by project, tranche and recipient: disbursements less refunds, without
--        what another activity tells (those stand in transfers_left_out)
SELECT project_id, tranche, recipient, currency, SUM(amount) AS net_amount,
       SUM(amount) FILTER (WHERE amount > 0) AS transferred,
       SUM(amount) FILTER (WHERE amount < 0) AS refunded,
       MIN(date) AS first_on, MAX(date) AS last_on
FROM paid
WHERE transaction_id NOT IN (
  SELECT transaction_id FROM double_counts WHERE is_left_out AND kind = 'disbursement')
GROUP BY project_id, tranche, recipient, currency
