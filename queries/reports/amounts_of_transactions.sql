-- name: amounts_of_transactions
-- title: amounts with group, currency and class, one row per classified share
-- params: as_of, from_day, until_day, kind, grade
-- {group} and {join} are filled in from the fixed list of groupings; the last condition
-- leaves out what another activity tells, where there is such a thing.
SELECT
  {group} AS grp,
  t.currency AS currency,
  t.class AS class,
  t.allocation_method AS allocation,
  t.share_bps AS share_bps,
  t.amount AS amount,
  CASE WHEN t.grade = 'certified' THEN t.amount ELSE 0 END AS certified
FROM classified_transactions t
{join}
WHERE t.kind = $kind
  AND ($kind <> 'outgoing_commitment' OR t.grade IS NOT NULL)
  AND ($grade = 'any' OR t.grade = $grade)
  AND t.date <= $as_of
  AND t.date BETWEEN $from_day AND $until_day
  AND (t.superseded_on IS NULL OR t.superseded_on > $as_of)
  {once}
