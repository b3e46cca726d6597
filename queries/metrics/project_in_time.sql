-- name: project_in_time
-- title: The project runs at the as-of
-- unit: predicate
-- grain: project, tranche
-- params: as_of
-- levers: revision, date
--
-- R15, Q48. Two dates: the end (current, else original) and, after the first tranche,
-- the start (stated, else the first transfer). Counts dates.

-- statement: facts
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
started AS (
    SELECT project_id, MIN(date) AS date
    FROM transferred
    WHERE amount > 0
    GROUP BY project_id
),
dates AS (
    SELECT a.project_id, a.tranche, 'end' AS id,
           COALESCE(j.current_end, j.original_end) AS date,
           CASE WHEN COALESCE(j.current_end, j.original_end) IS NULL THEN 'UNKNOWN'
                WHEN COALESCE(j.current_end, j.original_end) < $as_of THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    UNION ALL
    SELECT a.project_id, a.tranche, 'start' AS id,
           COALESCE(j.first_transfer_on, s.date) AS date,
           CASE WHEN COALESCE(j.first_transfer_on, s.date) IS NULL THEN 'UNKNOWN'
                WHEN COALESCE(j.first_transfer_on, s.date) > $as_of THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    LEFT JOIN started AS s ON s.project_id = a.project_id
    WHERE a.tranche > 1
),
counts AS (
    SELECT project_id, tranche,
           SUM(CASE WHEN result = 'FAIL' THEN 1 ELSE 0 END) AS failed,
           SUM(CASE WHEN result = 'UNKNOWN' THEN 1 ELSE 0 END) AS unknown,
           STRING_AGG(
               CASE WHEN result = 'UNKNOWN' AND id = 'end' THEN 'end of the project'
                    WHEN result = 'UNKNOWN' THEN 'first transfer' END,
               ';') AS missing
    FROM dates
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       c.failed AS numerator_low, c.failed + c.unknown AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       '' AS codes, COALESCE(c.missing, '') AS missing
FROM asked AS a
JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: items
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
started AS (
    SELECT project_id, MIN(date) AS date
    FROM transferred
    WHERE amount > 0
    GROUP BY project_id
),
dates AS (
    SELECT a.project_id, a.tranche, 'end' AS id,
           COALESCE(j.current_end, j.original_end) AS date,
           CASE WHEN COALESCE(j.current_end, j.original_end) IS NULL THEN 'UNKNOWN'
                WHEN COALESCE(j.current_end, j.original_end) < $as_of THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    UNION ALL
    SELECT a.project_id, a.tranche, 'start' AS id,
           COALESCE(j.first_transfer_on, s.date) AS date,
           CASE WHEN COALESCE(j.first_transfer_on, s.date) IS NULL THEN 'UNKNOWN'
                WHEN COALESCE(j.first_transfer_on, s.date) > $as_of THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    LEFT JOIN started AS s ON s.project_id = a.project_id
    WHERE a.tranche > 1
)
SELECT project_id, tranche, 'date' AS kind, id, result, '' AS flag,
       CAST(date AS BIGINT) AS number,
       CASE WHEN date IS NULL THEN CONCAT('no ', id, ' date is recorded')
            ELSE CONCAT(id, ' on ', date) END AS text
FROM dates
UNION ALL
SELECT project_id, tranche, 'days_left' AS kind, '' AS id, '' AS result, '' AS flag,
       CAST(date AS BIGINT) - CAST(CAST($as_of AS DATE) AS BIGINT) AS number,
       'days from the as-of to the end' AS text
FROM dates
WHERE id = 'end' AND date IS NOT NULL;

-- statement: evidence
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
started AS (
    SELECT project_id, MIN(date) AS date
    FROM transferred
    WHERE amount > 0
    GROUP BY project_id
),
dates AS (
    SELECT a.project_id, a.tranche, 'end' AS id,
           COALESCE(j.current_end, j.original_end) AS date,
           CASE WHEN COALESCE(j.current_end, j.original_end) IS NULL THEN 'UNKNOWN'
                WHEN COALESCE(j.current_end, j.original_end) < $as_of THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    UNION ALL
    SELECT a.project_id, a.tranche, 'start' AS id,
           COALESCE(j.first_transfer_on, s.date) AS date,
           CASE WHEN COALESCE(j.first_transfer_on, s.date) IS NULL THEN 'UNKNOWN'
                WHEN COALESCE(j.first_transfer_on, s.date) > $as_of THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    LEFT JOIN started AS s ON s.project_id = a.project_id
    WHERE a.tranche > 1
)
SELECT a.project_id, a.tranche, 'projects' AS table_name, j.project_id AS key,
       j.load_id, j.source_file, j.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id
UNION ALL
SELECT a.project_id, a.tranche, 'transactions' AS table_name, t.transaction_id AS key,
       t.load_id, t.source_file, t.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id
JOIN started AS s ON s.project_id = a.project_id
JOIN transferred AS t ON t.project_id = s.project_id AND t.date = s.date
WHERE a.tranche > 1 AND j.first_transfer_on IS NULL AND t.amount > 0
