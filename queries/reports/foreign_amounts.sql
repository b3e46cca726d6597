-- name: foreign_amounts
-- title: the amounts of amounts_of_transactions in other currencies, with their value date
-- params: as_of, from_day, until_day, kind, grade
-- {group} and {join} are filled in from the fixed list of groupings; the last condition
-- leaves out what another activity tells, where there is such a thing.
SELECT
  t.transaction_id AS transaction_id,
  {group} AS grp,
  t.currency AS currency,
  t.class AS class,
  t.allocation_method AS allocation,
  t.share_bps AS share_bps,
  t.amount AS amount,
  COALESCE(t.grade = 'certified', FALSE) AS certified,
  COALESCE(v.value_date, v.date) AS valued_on,
  v.amount AS whole
FROM classified_transactions t
JOIN transactions v ON v.transaction_id = t.transaction_id
{join}
WHERE t.currency <> 'USD'
  AND t.kind = $kind
  AND ($kind <> 'outgoing_commitment' OR t.grade IS NOT NULL)
  AND ($grade = 'any' OR t.grade = $grade)
  AND t.date <= $as_of
  AND t.date BETWEEN $from_day AND $until_day
  AND (t.superseded_on IS NULL OR t.superseded_on > $as_of)
  {once}
