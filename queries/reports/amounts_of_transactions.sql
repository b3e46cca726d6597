-- name: amounts_of_transactions
-- title: amounts by group, currency and class over classified transactions
-- params: as_of, from_day, until_day, kind, grade
-- {group} and {join} are filled in from the fixed list of groupings.
SELECT
  {group} AS grp,
  t.currency AS currency,
  t.class AS class,
  SUM(t.amount) AS amount,
  COALESCE(SUM(t.amount) FILTER (WHERE t.grade = 'certified'), 0) AS certified
FROM classified_transactions t
{join}
WHERE t.kind = $kind
  AND ($kind <> 'outgoing_commitment' OR t.grade IS NOT NULL)
  AND ($grade = 'any' OR t.grade = $grade)
  AND t.date <= $as_of
  AND t.date BETWEEN $from_day AND $until_day
  AND (t.superseded_on IS NULL OR t.superseded_on > $as_of)
GROUP BY 1, 2, 3
