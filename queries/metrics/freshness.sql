-- name: freshness
-- title: Age of the newest expenditure figure
-- unit: predicate
-- grain: project, tranche
-- params: as_of, freshness_days
-- levers: date
--
-- R24, Q20. The newest expenditure row of the project, whoever reports it. No row is
-- doubt.

-- statement: facts
WITH counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
newest AS (
    SELECT project_id, MAX(date) AS date
    FROM counted
    WHERE kind = 'expenditure'
    GROUP BY project_id
)
SELECT a.project_id, a.tranche,
       CASE WHEN a.tranche = 1 THEN NULL
            WHEN CAST(n.date AS BIGINT) + CAST($freshness_days AS BIGINT)
                 < CAST(CAST($as_of AS DATE) AS BIGINT) THEN 1
            ELSE 0 END AS numerator_low,
       CASE WHEN a.tranche = 1 THEN NULL
            WHEN CAST(n.date AS BIGINT) + CAST($freshness_days AS BIGINT)
                 >= CAST(CAST($as_of AS DATE) AS BIGINT) THEN 0
            ELSE 1 END AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       CASE WHEN a.tranche = 1 THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       CASE WHEN a.tranche > 1 AND n.date IS NULL THEN 'expenditure'
            ELSE '' END AS missing
FROM asked AS a
LEFT JOIN newest AS n ON n.project_id = a.project_id;

-- statement: items
WITH counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
newest AS (
    SELECT project_id, MAX(date) AS date
    FROM counted
    WHERE kind = 'expenditure'
    GROUP BY project_id
)
SELECT a.project_id, a.tranche, 'newest_expenditure' AS kind,
       CAST(n.date AS VARCHAR) AS id, '' AS result, '' AS flag,
       CAST(CAST($as_of AS DATE) AS BIGINT) - CAST(n.date AS BIGINT) AS number,
       'days from the newest expenditure row to the as-of' AS text
FROM asked AS a
JOIN newest AS n ON n.project_id = a.project_id
WHERE a.tranche > 1;

-- statement: evidence
WITH counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
newest AS (
    SELECT project_id, MAX(date) AS date
    FROM counted
    WHERE kind = 'expenditure'
    GROUP BY project_id
)
SELECT a.project_id, a.tranche, 'transactions' AS table_name, c.transaction_id AS key,
       c.load_id, c.source_file, c.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN newest AS n ON n.project_id = a.project_id
JOIN counted AS c ON c.project_id = n.project_id AND c.date = n.date
WHERE a.tranche > 1 AND c.kind = 'expenditure'
