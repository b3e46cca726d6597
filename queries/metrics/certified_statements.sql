-- name: certified_statements
-- title: Certified year-end figures are in
-- unit: count
-- grain: project, tranche
-- params: as_of
-- levers: report, date
--
-- R04, Q42. Counts recipients: those with a transfer by the end of the year, and those
-- of them with a certified expenditure row dated in it. Absence is the failure.

-- statement: facts
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
-- The last year whose deadline of 30 April is over.
closed AS (
    SELECT CAST(EXTRACT(YEAR FROM CAST($as_of AS DATE)) AS BIGINT)
           - CASE WHEN EXTRACT(MONTH FROM CAST($as_of AS DATE)) >= 5 THEN 1 ELSE 2 END
           AS year
),
concerned AS (
    SELECT a.project_id, a.tranche, t.recipient
    FROM closed AS y
    CROSS JOIN asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id
    WHERE t.amount > 0
      AND t.recipient IS NOT NULL
      AND EXTRACT(YEAR FROM t.date) <= y.year
    GROUP BY a.project_id, a.tranche, t.recipient
),
certified AS (
    SELECT c.project_id, c.recipient, c.transaction_id, c.date, c.load_id, c.source_file,
           c.source_row
    FROM closed AS y
    CROSS JOIN counted AS c
    WHERE c.kind = 'expenditure'
      AND c.grade = 'certified'
      AND EXTRACT(YEAR FROM c.date) = y.year
),
statements AS (
    SELECT c.project_id, c.tranche, c.recipient, MAX(s.date) AS date
    FROM concerned AS c
    LEFT JOIN certified AS s
           ON s.project_id = c.project_id AND s.recipient = c.recipient
    GROUP BY c.project_id, c.tranche, c.recipient
),
counts AS (
    SELECT project_id, tranche, COUNT(*) AS concerned, COUNT(date) AS certified
    FROM statements
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       c.certified AS numerator_low, c.certified AS numerator_high,
       c.concerned AS denominator_low, c.concerned AS denominator_high,
       CASE WHEN c.project_id IS NULL THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       '' AS missing
FROM asked AS a
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: items
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
-- The last year whose deadline of 30 April is over.
closed AS (
    SELECT CAST(EXTRACT(YEAR FROM CAST($as_of AS DATE)) AS BIGINT)
           - CASE WHEN EXTRACT(MONTH FROM CAST($as_of AS DATE)) >= 5 THEN 1 ELSE 2 END
           AS year
),
concerned AS (
    SELECT a.project_id, a.tranche, t.recipient
    FROM closed AS y
    CROSS JOIN asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id
    WHERE t.amount > 0
      AND t.recipient IS NOT NULL
      AND EXTRACT(YEAR FROM t.date) <= y.year
    GROUP BY a.project_id, a.tranche, t.recipient
),
certified AS (
    SELECT c.project_id, c.recipient, c.transaction_id, c.date, c.load_id, c.source_file,
           c.source_row
    FROM closed AS y
    CROSS JOIN counted AS c
    WHERE c.kind = 'expenditure'
      AND c.grade = 'certified'
      AND EXTRACT(YEAR FROM c.date) = y.year
),
statements AS (
    SELECT c.project_id, c.tranche, c.recipient, MAX(s.date) AS date
    FROM concerned AS c
    LEFT JOIN certified AS s
           ON s.project_id = c.project_id AND s.recipient = c.recipient
    GROUP BY c.project_id, c.tranche, c.recipient
)
SELECT s.project_id, s.tranche, 'recipient' AS kind, s.recipient AS id,
       CASE WHEN s.date IS NULL THEN 'FAIL' ELSE 'PASS' END AS result,
       '' AS flag, CAST(NULL AS BIGINT) AS number,
       CASE WHEN s.date IS NULL THEN CONCAT('no certified expenditure dated in ', y.year)
            ELSE CONCAT('certified expenditure of ', s.date) END AS text
FROM closed AS y
CROSS JOIN statements AS s;

-- statement: evidence
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
-- The last year whose deadline of 30 April is over.
closed AS (
    SELECT CAST(EXTRACT(YEAR FROM CAST($as_of AS DATE)) AS BIGINT)
           - CASE WHEN EXTRACT(MONTH FROM CAST($as_of AS DATE)) >= 5 THEN 1 ELSE 2 END
           AS year
),
concerned AS (
    SELECT a.project_id, a.tranche, t.recipient
    FROM closed AS y
    CROSS JOIN asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id
    WHERE t.amount > 0
      AND t.recipient IS NOT NULL
      AND EXTRACT(YEAR FROM t.date) <= y.year
    GROUP BY a.project_id, a.tranche, t.recipient
),
certified AS (
    SELECT c.project_id, c.recipient, c.transaction_id, c.date, c.load_id, c.source_file,
           c.source_row
    FROM closed AS y
    CROSS JOIN counted AS c
    WHERE c.kind = 'expenditure'
      AND c.grade = 'certified'
      AND EXTRACT(YEAR FROM c.date) = y.year
),
statements AS (
    SELECT c.project_id, c.tranche, c.recipient, MAX(s.date) AS date
    FROM concerned AS c
    LEFT JOIN certified AS s
           ON s.project_id = c.project_id AND s.recipient = c.recipient
    GROUP BY c.project_id, c.tranche, c.recipient
)
SELECT c.project_id, c.tranche, 'transactions' AS table_name, s.transaction_id AS key,
       s.load_id, s.source_file, s.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM concerned AS c
JOIN certified AS s ON s.project_id = c.project_id AND s.recipient = c.recipient
UNION ALL
SELECT c.project_id, c.tranche, 'transactions' AS table_name, t.transaction_id AS key,
       t.load_id, t.source_file, t.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM closed AS y
CROSS JOIN concerned AS c
JOIN transferred AS t ON t.project_id = c.project_id AND t.recipient = c.recipient
WHERE t.amount > 0 AND EXTRACT(YEAR FROM t.date) <= y.year
