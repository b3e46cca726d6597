-- name: refunds_outstanding
-- title: Overdue refunds and findings on ineligible expenditure
-- unit: predicate
-- grain: project, tranche
-- params: none
-- levers: none
--
-- R20, Q53. No table holds overdue refunds or audit findings yet, so there is nothing to
-- test and the code says why.

-- statement: facts
SELECT project_id, tranche, CAST(NULL AS BIGINT) AS numerator_low,
       CAST(NULL AS BIGINT) AS numerator_high, CAST(NULL AS BIGINT) AS denominator_low,
       CAST(NULL AS BIGINT) AS denominator_high, 'NOT_APPLICABLE;NO_TABLE' AS codes,
       '' AS missing
FROM asked
