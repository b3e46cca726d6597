-- name: double_counts
-- title: transactions whose money another loaded activity tells, and whether sums leave them out
SELECT t.transaction_id, t.project_id, t.kind, t.date, t.amount, t.currency,
       l.double_count_risk, l.told_by, l.is_left_out
FROM transactions t
JOIN levels l ON l.project_id = t.project_id AND l.kind = t.kind
WHERE l.receiver_activity IS NULL OR l.receiver_activity = t.receiver_activity
