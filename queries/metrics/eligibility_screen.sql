-- name: eligibility_screen
-- title: Eligibility of the lines of the tranche
-- unit: predicate
-- grain: project, tranche
-- params: as_of, clearance_months
-- levers: clearance, review
-- nulls: a tranche without a flagged line has no line that fails
--
-- R06, Q36, Q38, Q44. Flags E1 to E6 of the text screen, overridden by the newest
-- decision per line and flag. Counts lines; the money of a flagged line is dropped
-- whole.

-- statement: facts
WITH planned_lines AS (
    SELECT a.project_id, a.tranche, s.line_id
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    GROUP BY a.project_id, a.tranche, s.line_id
    HAVING SUM(s.amount) > 0
),
-- Per line and flag what the text says: 2 raised, 1 review, 0 nothing. Operational funds
-- (H3) are raised for defence (E2), and reviewed where the beneficiary is not known.
screened AS (
    SELECT l.project_id, l.tranche, l.line_id, f.flag,
           MAX(COALESCE(s.subject_unit, '')) AS unit,
           MAX(CASE WHEN f.flag = 'E2' AND COALESCE(s.subclass, '') = 'H3'
                     AND s.beneficiary = 'defence' THEN 2
                    WHEN f.flag = 'E2' AND COALESCE(s.subclass, '') = 'H3'
                     AND COALESCE(s.beneficiary, '') IN ('', 'mixed', 'unknown') THEN 1
                    WHEN CONCAT(';', s.eligibility, ';')
                         LIKE CONCAT('%;', f.flag, ';%') THEN 2
                    WHEN CONCAT(';', s.eligibility, ';')
                         LIKE CONCAT('%;', f.flag, '?;%') THEN 1
                    ELSE 0 END) AS level
    FROM (VALUES ('E1'), ('E2'), ('E3'), ('E4'), ('E5'), ('E6')) AS f(flag)
    CROSS JOIN planned_lines AS l
    JOIN planned_shares AS s
      ON s.project_id = l.project_id AND s.tranche = l.tranche AND s.line_id = l.line_id
    GROUP BY l.project_id, l.tranche, l.line_id, f.flag
),
decided AS (
    SELECT line_id, flag, state, decided_by, decided_on, reason, load_id, source_file,
           source_row,
           CASE WHEN decided_on = MAX(decided_on) OVER (PARTITION BY line_id, flag)
                THEN 1 END AS newest,
           MAX(CASE WHEN state = 'raised' THEN 1 ELSE 0 END) OVER (
               PARTITION BY line_id, flag
           ) AS ever_raised
    FROM eligibility_decisions
    WHERE decided_on <= $as_of
),
-- The newest clearance of each unit. Without an end of its own it holds for the policy's
-- months; the day of the month decides in the last of them.
cleared AS (
    SELECT project_id, unit, assessed_on, load_id, source_file, source_row, mitigation,
           CASE WHEN conclusion = 'no_support' THEN 'NO_SUPPORT'
                WHEN (suspended_from IS NOT NULL OR suspended_to IS NOT NULL)
                 AND (suspended_from IS NULL OR suspended_from <= $as_of)
                 AND (suspended_to IS NULL OR suspended_to >= $as_of) THEN 'SUSPENDED'
                WHEN valid_until < $as_of THEN 'EXPIRED'
                WHEN valid_until IS NULL AND months > CAST($clearance_months AS BIGINT)
                THEN 'EXPIRED'
                WHEN valid_until IS NULL AND months = CAST($clearance_months AS BIGINT)
                 AND EXTRACT(DAY FROM CAST($as_of AS DATE)) > EXTRACT(DAY FROM assessed_on)
                THEN 'EXPIRED'
                WHEN conclusion = 'support_with_mitigation' AND mitigation = 'in_place'
                THEN ''
                WHEN conclusion = 'support_with_mitigation' THEN 'MITIGATION_MISSING'
                WHEN conclusion = 'support' THEN ''
                ELSE 'NO_CLEARANCE' END AS flag
    FROM (
        SELECT project_id, unit, assessed_on, valid_until, conclusion, mitigation,
               suspended_from, suspended_to, load_id, source_file, source_row,
               12 * (EXTRACT(YEAR FROM CAST($as_of AS DATE))
                     - EXTRACT(YEAR FROM assessed_on))
               + EXTRACT(MONTH FROM CAST($as_of AS DATE))
               - EXTRACT(MONTH FROM assessed_on) AS months,
               CASE WHEN assessed_on = MAX(assessed_on) OVER (PARTITION BY project_id, unit)
                    THEN 1 END AS newest
        FROM clearances
        WHERE assessed_on <= $as_of
    ) AS assessed
    WHERE newest = 1
),
-- The newest decision wins over the text, but a prohibited item that was raised by a
-- person stays raised.
flagged AS (
    SELECT s.project_id, s.tranche, s.line_id, s.flag, s.unit,
           d.state AS decided, d.decided_by, d.decided_on, d.reason, d.load_id,
           d.source_file, d.source_row,
           CASE WHEN s.flag = 'E1' AND d.ever_raised = 1
                THEN 'raised'
                WHEN d.state IS NOT NULL THEN d.state
                WHEN s.level = 2 THEN 'raised'
                ELSE 'review' END AS state
    FROM screened AS s
    LEFT JOIN decided AS d
           ON d.line_id = s.line_id AND d.flag = s.flag AND d.newest = 1
    WHERE s.level > 0 OR d.state IS NOT NULL
),
judged AS (
    SELECT f.project_id, f.tranche, f.line_id, f.flag, f.unit, f.state, f.decided,
           f.decided_by, f.decided_on, f.reason, f.load_id, f.source_file, f.source_row,
           CASE WHEN f.state = 'cleared' THEN 'PASS'
                WHEN f.flag = 'E4' AND c.flag = ''
                 AND c.mitigation IN ('in_place', 'none_needed') THEN 'PASS'
                WHEN f.state = 'raised' AND f.flag IN ('E1', 'E2', 'E3') THEN 'FAIL'
                ELSE 'UNKNOWN' END AS result
    FROM flagged AS f
    LEFT JOIN cleared AS c ON c.project_id = f.project_id AND c.unit = f.unit
),
with_lines AS (
    SELECT project_id, tranche
    FROM planned_lines
    GROUP BY project_id, tranche
),
judged_lines AS (
    SELECT project_id, tranche, line_id,
           MAX(CASE WHEN result = 'FAIL' THEN 2
                    WHEN result = 'UNKNOWN' THEN 1 ELSE 0 END) AS worst
    FROM judged
    GROUP BY project_id, tranche, line_id
),
counts AS (
    SELECT project_id, tranche,
           SUM(CASE WHEN worst = 2 THEN 1 ELSE 0 END) AS failed,
           SUM(CASE WHEN worst = 1 THEN 1 ELSE 0 END) AS unknown
    FROM judged_lines
    GROUP BY project_id, tranche
),
missing AS (
    SELECT project_id, tranche,
           STRING_AGG(CONCAT('decision on ', flag, ' of line ', line_id), ';') AS missing
    FROM judged
    WHERE result = 'UNKNOWN'
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       CASE WHEN l.project_id IS NOT NULL THEN COALESCE(c.failed, 0) END AS numerator_low,
       CASE WHEN l.project_id IS NOT NULL
            THEN COALESCE(c.failed + c.unknown, 0) END AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       CASE WHEN l.project_id IS NULL THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       COALESCE(m.missing, '') AS missing
FROM asked AS a
LEFT JOIN with_lines AS l ON l.project_id = a.project_id AND l.tranche = a.tranche
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche
LEFT JOIN missing AS m ON m.project_id = a.project_id AND m.tranche = a.tranche;

-- statement: items
WITH planned_lines AS (
    SELECT a.project_id, a.tranche, s.line_id
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    GROUP BY a.project_id, a.tranche, s.line_id
    HAVING SUM(s.amount) > 0
),
-- Per line and flag what the text says: 2 raised, 1 review, 0 nothing. Operational funds
-- (H3) are raised for defence (E2), and reviewed where the beneficiary is not known.
screened AS (
    SELECT l.project_id, l.tranche, l.line_id, f.flag,
           MAX(COALESCE(s.subject_unit, '')) AS unit,
           MAX(CASE WHEN f.flag = 'E2' AND COALESCE(s.subclass, '') = 'H3'
                     AND s.beneficiary = 'defence' THEN 2
                    WHEN f.flag = 'E2' AND COALESCE(s.subclass, '') = 'H3'
                     AND COALESCE(s.beneficiary, '') IN ('', 'mixed', 'unknown') THEN 1
                    WHEN CONCAT(';', s.eligibility, ';')
                         LIKE CONCAT('%;', f.flag, ';%') THEN 2
                    WHEN CONCAT(';', s.eligibility, ';')
                         LIKE CONCAT('%;', f.flag, '?;%') THEN 1
                    ELSE 0 END) AS level
    FROM (VALUES ('E1'), ('E2'), ('E3'), ('E4'), ('E5'), ('E6')) AS f(flag)
    CROSS JOIN planned_lines AS l
    JOIN planned_shares AS s
      ON s.project_id = l.project_id AND s.tranche = l.tranche AND s.line_id = l.line_id
    GROUP BY l.project_id, l.tranche, l.line_id, f.flag
),
decided AS (
    SELECT line_id, flag, state, decided_by, decided_on, reason, load_id, source_file,
           source_row,
           CASE WHEN decided_on = MAX(decided_on) OVER (PARTITION BY line_id, flag)
                THEN 1 END AS newest,
           MAX(CASE WHEN state = 'raised' THEN 1 ELSE 0 END) OVER (
               PARTITION BY line_id, flag
           ) AS ever_raised
    FROM eligibility_decisions
    WHERE decided_on <= $as_of
),
-- The newest clearance of each unit. Without an end of its own it holds for the policy's
-- months; the day of the month decides in the last of them.
cleared AS (
    SELECT project_id, unit, assessed_on, load_id, source_file, source_row, mitigation,
           CASE WHEN conclusion = 'no_support' THEN 'NO_SUPPORT'
                WHEN (suspended_from IS NOT NULL OR suspended_to IS NOT NULL)
                 AND (suspended_from IS NULL OR suspended_from <= $as_of)
                 AND (suspended_to IS NULL OR suspended_to >= $as_of) THEN 'SUSPENDED'
                WHEN valid_until < $as_of THEN 'EXPIRED'
                WHEN valid_until IS NULL AND months > CAST($clearance_months AS BIGINT)
                THEN 'EXPIRED'
                WHEN valid_until IS NULL AND months = CAST($clearance_months AS BIGINT)
                 AND EXTRACT(DAY FROM CAST($as_of AS DATE)) > EXTRACT(DAY FROM assessed_on)
                THEN 'EXPIRED'
                WHEN conclusion = 'support_with_mitigation' AND mitigation = 'in_place'
                THEN ''
                WHEN conclusion = 'support_with_mitigation' THEN 'MITIGATION_MISSING'
                WHEN conclusion = 'support' THEN ''
                ELSE 'NO_CLEARANCE' END AS flag
    FROM (
        SELECT project_id, unit, assessed_on, valid_until, conclusion, mitigation,
               suspended_from, suspended_to, load_id, source_file, source_row,
               12 * (EXTRACT(YEAR FROM CAST($as_of AS DATE))
                     - EXTRACT(YEAR FROM assessed_on))
               + EXTRACT(MONTH FROM CAST($as_of AS DATE))
               - EXTRACT(MONTH FROM assessed_on) AS months,
               CASE WHEN assessed_on = MAX(assessed_on) OVER (PARTITION BY project_id, unit)
                    THEN 1 END AS newest
        FROM clearances
        WHERE assessed_on <= $as_of
    ) AS assessed
    WHERE newest = 1
),
-- The newest decision wins over the text, but a prohibited item that was raised by a
-- person stays raised.
flagged AS (
    SELECT s.project_id, s.tranche, s.line_id, s.flag, s.unit,
           d.state AS decided, d.decided_by, d.decided_on, d.reason, d.load_id,
           d.source_file, d.source_row,
           CASE WHEN s.flag = 'E1' AND d.ever_raised = 1
                THEN 'raised'
                WHEN d.state IS NOT NULL THEN d.state
                WHEN s.level = 2 THEN 'raised'
                ELSE 'review' END AS state
    FROM screened AS s
    LEFT JOIN decided AS d
           ON d.line_id = s.line_id AND d.flag = s.flag AND d.newest = 1
    WHERE s.level > 0 OR d.state IS NOT NULL
),
judged AS (
    SELECT f.project_id, f.tranche, f.line_id, f.flag, f.unit, f.state, f.decided,
           f.decided_by, f.decided_on, f.reason, f.load_id, f.source_file, f.source_row,
           CASE WHEN f.state = 'cleared' THEN 'PASS'
                WHEN f.flag = 'E4' AND c.flag = ''
                 AND c.mitigation IN ('in_place', 'none_needed') THEN 'PASS'
                WHEN f.state = 'raised' AND f.flag IN ('E1', 'E2', 'E3') THEN 'FAIL'
                ELSE 'UNKNOWN' END AS result
    FROM flagged AS f
    LEFT JOIN cleared AS c ON c.project_id = f.project_id AND c.unit = f.unit
)
SELECT project_id, tranche, 'line' AS kind, line_id AS id, result, flag,
       CAST(NULL AS BIGINT) AS number,
       CASE WHEN decided IS NULL AND flag = 'E4' AND result = 'PASS'
            THEN CONCAT('cleared by the due diligence of ', unit)
            WHEN decided IS NULL THEN CONCAT('text screen: ', state)
            WHEN decided <> state
            THEN 'raised by a decision, which a later one cannot clear'
            ELSE CONCAT(decided, ' by ', decided_by, ' on ', decided_on, ': ', reason)
            END AS text
FROM judged;

-- statement: evidence
WITH planned_lines AS (
    SELECT a.project_id, a.tranche, s.line_id
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    GROUP BY a.project_id, a.tranche, s.line_id
    HAVING SUM(s.amount) > 0
),
-- Per line and flag what the text says: 2 raised, 1 review, 0 nothing. Operational funds
-- (H3) are raised for defence (E2), and reviewed where the beneficiary is not known.
screened AS (
    SELECT l.project_id, l.tranche, l.line_id, f.flag,
           MAX(COALESCE(s.subject_unit, '')) AS unit,
           MAX(CASE WHEN f.flag = 'E2' AND COALESCE(s.subclass, '') = 'H3'
                     AND s.beneficiary = 'defence' THEN 2
                    WHEN f.flag = 'E2' AND COALESCE(s.subclass, '') = 'H3'
                     AND COALESCE(s.beneficiary, '') IN ('', 'mixed', 'unknown') THEN 1
                    WHEN CONCAT(';', s.eligibility, ';')
                         LIKE CONCAT('%;', f.flag, ';%') THEN 2
                    WHEN CONCAT(';', s.eligibility, ';')
                         LIKE CONCAT('%;', f.flag, '?;%') THEN 1
                    ELSE 0 END) AS level
    FROM (VALUES ('E1'), ('E2'), ('E3'), ('E4'), ('E5'), ('E6')) AS f(flag)
    CROSS JOIN planned_lines AS l
    JOIN planned_shares AS s
      ON s.project_id = l.project_id AND s.tranche = l.tranche AND s.line_id = l.line_id
    GROUP BY l.project_id, l.tranche, l.line_id, f.flag
),
decided AS (
    SELECT line_id, flag, state, decided_by, decided_on, reason, load_id, source_file,
           source_row,
           CASE WHEN decided_on = MAX(decided_on) OVER (PARTITION BY line_id, flag)
                THEN 1 END AS newest,
           MAX(CASE WHEN state = 'raised' THEN 1 ELSE 0 END) OVER (
               PARTITION BY line_id, flag
           ) AS ever_raised
    FROM eligibility_decisions
    WHERE decided_on <= $as_of
)
SELECT s.project_id, s.tranche, 'eligibility_decisions' AS table_name,
       CONCAT(d.line_id, ' ', d.flag, ' ', d.decided_on) AS key,
       d.load_id, d.source_file, d.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM screened AS s
JOIN decided AS d ON d.line_id = s.line_id AND d.flag = s.flag
WHERE d.newest = 1 OR (d.flag = 'E1' AND d.state = 'raised')
UNION ALL
SELECT s.project_id, s.tranche, 'budget_lines' AS table_name, b.line_id AS key,
       b.load_id, b.source_file, b.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM screened AS s
JOIN budget_lines AS b ON b.line_id = s.line_id
WHERE s.level > 0
GROUP BY s.project_id, s.tranche, b.line_id, b.load_id, b.source_file, b.source_row
