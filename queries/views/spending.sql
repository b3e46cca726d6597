-- name: spending
-- title: expenditure that recipients report, best grade only (Q12)
SELECT transaction_id, project_id, recipient, date, amount, currency, grade, period_start,
       tranche, line_id
FROM reported
WHERE kind = 'expenditure' AND superseded_on IS NULL
