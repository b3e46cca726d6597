-- name: transfers
-- title: net transfers by project, tranche and recipient: disbursements less refunds
SELECT project_id, tranche, recipient, currency, SUM(amount) AS net_amount,
       SUM(amount) FILTER (WHERE amount > 0) AS transferred,
       SUM(amount) FILTER (WHERE amount < 0) AS refunded,
       MIN(date) AS first_on, MAX(date) AS last_on
FROM paid
GROUP BY project_id, tranche, recipient, currency
