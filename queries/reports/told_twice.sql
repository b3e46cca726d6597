-- name: told_twice
-- title: amounts left out of a report because another activity tells the same money
-- params: as_of, from_day, until_day, kind, grade
SELECT
  l.double_count_risk AS risk,
  t.currency AS currency,
  COUNT(DISTINCT t.transaction_id) AS transactions,
  COUNT(DISTINCT t.project_id) AS activities,
  MIN(t.project_id) AS first_activity,
  SUM(t.amount) AS amount
FROM classified_transactions t
JOIN transactions x ON x.transaction_id = t.transaction_id
JOIN levels l ON l.project_id = x.project_id AND l.kind = x.kind
  AND (l.receiver_activity IS NULL OR l.receiver_activity = x.receiver_activity)
WHERE l.is_left_out AND t.kind = $kind
  AND ($kind <> 'outgoing_commitment' OR t.grade IS NOT NULL)
  AND ($grade = 'any' OR t.grade = $grade)
  AND t.date <= $as_of
  AND t.date BETWEEN $from_day AND $until_day
  AND (t.superseded_on IS NULL OR t.superseded_on > $as_of)
GROUP BY 1, 2
ORDER BY 1, 2
