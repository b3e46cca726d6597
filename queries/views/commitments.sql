-- name: commitments
-- title: contracts of recipients: outgoing commitments with a grade, best grade only
SELECT transaction_id, project_id, recipient, date, amount, currency, grade, period_start,
       tranche, line_id
FROM reported
WHERE kind = 'commitment' AND superseded_on IS NULL
