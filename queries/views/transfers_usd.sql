-- name: transfers_usd
-- title: net transfers by project, tranche and recipient in US dollars, each transfer at
--   its value date; currencies are added only after they were converted, and what another
--   activity tells is left out as in transfers
SELECT project_id, tranche, recipient, SUM(amount_usd) AS net_usd,
       SUM(amount_usd) FILTER (WHERE amount_usd > 0) AS transferred_usd,
       SUM(amount_usd) FILTER (WHERE amount_usd < 0) AS refunded_usd,
       MIN(date) AS first_on, MAX(date) AS last_on
FROM (
    SELECT p.project_id, p.tranche, p.recipient, p.date,
           usd(p.amount, p.currency, COALESCE(t.value_date, t.date)) AS amount_usd
    FROM paid AS p
    JOIN transactions AS t ON t.transaction_id = p.transaction_id
    WHERE p.transaction_id NOT IN (
        SELECT transaction_id FROM double_counts
        WHERE is_left_out AND kind = 'disbursement')
) AS converted
GROUP BY project_id, tranche, recipient
