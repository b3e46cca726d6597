-- name: due_diligence
-- title: Human rights due diligence of the units supported
-- unit: predicate
-- grain: project, tranche
-- params: as_of, clearance_months
-- levers: clearance, date
--
-- R07, Q36, Q73. A line is in scope by flag E8 of the screen, or by the newest decision
-- on it. Counts lines; what is known to bar support comes before what is merely out of
-- date.

-- statement: facts
WITH decided AS (
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
planned_lines AS (
    SELECT a.project_id, a.tranche, s.line_id,
           MAX(COALESCE(s.subject_unit, '')) AS unit,
           MAX(CASE WHEN CONCAT(';', s.eligibility, ';') LIKE '%;E8;%'
                      OR CONCAT(';', s.eligibility, ';') LIKE '%;E8?;%'
                    THEN 1 ELSE 0 END) AS screened
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    GROUP BY a.project_id, a.tranche, s.line_id
    HAVING SUM(s.amount) > 0
),
in_scope AS (
    SELECT l.project_id, l.tranche, l.line_id, l.unit
    FROM planned_lines AS l
    LEFT JOIN decided AS d
           ON d.line_id = l.line_id AND d.flag = 'E8' AND d.newest = 1
    WHERE d.state IN ('raised', 'review') OR (d.state IS NULL AND l.screened = 1)
),
-- The newest clearance of each unit. Without an end of its own it holds for the policy's
-- months; the day of the month decides in the last of them.
cleared AS (
    SELECT project_id, unit, assessed_on, load_id, source_file, source_row, mitigation,
           suspended_to,
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
checked AS (
    SELECT l.project_id, l.tranche, l.line_id, l.unit, c.assessed_on, c.suspended_to,
           c.load_id, c.source_file, c.source_row,
           CASE WHEN l.unit = '' THEN 'NO_UNIT'
                WHEN c.unit IS NULL THEN 'NO_CLEARANCE'
                WHEN c.flag = '' THEN c.mitigation
                ELSE c.flag END AS flag,
           CASE WHEN l.unit = '' OR c.unit IS NULL THEN 'UNKNOWN'
                WHEN c.flag = '' THEN 'PASS'
                WHEN c.flag IN ('EXPIRED', 'NO_CLEARANCE') THEN 'UNKNOWN'
                ELSE 'FAIL' END AS result
    FROM in_scope AS l
    LEFT JOIN cleared AS c ON c.project_id = l.project_id AND c.unit = l.unit
),
counts AS (
    SELECT project_id, tranche,
           SUM(CASE WHEN result = 'FAIL' THEN 1 ELSE 0 END) AS failed,
           SUM(CASE WHEN result = 'UNKNOWN' THEN 1 ELSE 0 END) AS unknown
    FROM checked
    GROUP BY project_id, tranche
),
codes AS (
    SELECT project_id, tranche, STRING_AGG(flag, ';') AS codes
    FROM (
        SELECT project_id, tranche, flag
        FROM checked
        WHERE result <> 'PASS'
        GROUP BY project_id, tranche, flag
    ) AS distinct_codes
    GROUP BY project_id, tranche
),
missing AS (
    SELECT project_id, tranche, STRING_AGG(fact, ';') AS missing
    FROM (
        SELECT project_id, tranche,
               CASE WHEN unit = '' THEN CONCAT('unit of line ', line_id)
                    ELSE CONCAT('clearance of ', unit) END AS fact
        FROM checked
        WHERE result = 'UNKNOWN'
        GROUP BY project_id, tranche,
                 CASE WHEN unit = '' THEN CONCAT('unit of line ', line_id)
                      ELSE CONCAT('clearance of ', unit) END
    ) AS distinct_facts
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       c.failed AS numerator_low, c.failed + c.unknown AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       CASE WHEN c.project_id IS NULL THEN 'NOT_APPLICABLE'
            ELSE COALESCE(d.codes, '') END AS codes,
       COALESCE(m.missing, '') AS missing
FROM asked AS a
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche
LEFT JOIN codes AS d ON d.project_id = a.project_id AND d.tranche = a.tranche
LEFT JOIN missing AS m ON m.project_id = a.project_id AND m.tranche = a.tranche;

-- statement: items
WITH decided AS (
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
planned_lines AS (
    SELECT a.project_id, a.tranche, s.line_id,
           MAX(COALESCE(s.subject_unit, '')) AS unit,
           MAX(CASE WHEN CONCAT(';', s.eligibility, ';') LIKE '%;E8;%'
                      OR CONCAT(';', s.eligibility, ';') LIKE '%;E8?;%'
                    THEN 1 ELSE 0 END) AS screened
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    GROUP BY a.project_id, a.tranche, s.line_id
    HAVING SUM(s.amount) > 0
),
in_scope AS (
    SELECT l.project_id, l.tranche, l.line_id, l.unit
    FROM planned_lines AS l
    LEFT JOIN decided AS d
           ON d.line_id = l.line_id AND d.flag = 'E8' AND d.newest = 1
    WHERE d.state IN ('raised', 'review') OR (d.state IS NULL AND l.screened = 1)
),
-- The newest clearance of each unit. Without an end of its own it holds for the policy's
-- months; the day of the month decides in the last of them.
cleared AS (
    SELECT project_id, unit, assessed_on, load_id, source_file, source_row, mitigation,
           suspended_to,
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
checked AS (
    SELECT l.project_id, l.tranche, l.line_id, l.unit, c.assessed_on, c.suspended_to,
           c.load_id, c.source_file, c.source_row,
           CASE WHEN l.unit = '' THEN 'NO_UNIT'
                WHEN c.unit IS NULL THEN 'NO_CLEARANCE'
                WHEN c.flag = '' THEN c.mitigation
                ELSE c.flag END AS flag,
           CASE WHEN l.unit = '' OR c.unit IS NULL THEN 'UNKNOWN'
                WHEN c.flag = '' THEN 'PASS'
                WHEN c.flag IN ('EXPIRED', 'NO_CLEARANCE') THEN 'UNKNOWN'
                ELSE 'FAIL' END AS result
    FROM in_scope AS l
    LEFT JOIN cleared AS c ON c.project_id = l.project_id AND c.unit = l.unit
)
SELECT project_id, tranche, 'line' AS kind, line_id AS id, result, flag,
       CASE WHEN flag = 'SUSPENDED' THEN CAST(suspended_to AS BIGINT) + 1 END AS number,
       CASE WHEN unit = '' THEN 'in scope of due diligence, and no unit is named'
            WHEN assessed_on IS NULL THEN CONCAT('no clearance of ', unit)
            ELSE CONCAT('clearance of ', unit, ' assessed ', assessed_on) END AS text
FROM checked;

-- statement: evidence
WITH decided AS (
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
planned_lines AS (
    SELECT a.project_id, a.tranche, s.line_id,
           MAX(COALESCE(s.subject_unit, '')) AS unit,
           MAX(CASE WHEN CONCAT(';', s.eligibility, ';') LIKE '%;E8;%'
                      OR CONCAT(';', s.eligibility, ';') LIKE '%;E8?;%'
                    THEN 1 ELSE 0 END) AS screened
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    GROUP BY a.project_id, a.tranche, s.line_id
    HAVING SUM(s.amount) > 0
),
in_scope AS (
    SELECT l.project_id, l.tranche, l.line_id, l.unit
    FROM planned_lines AS l
    LEFT JOIN decided AS d
           ON d.line_id = l.line_id AND d.flag = 'E8' AND d.newest = 1
    WHERE d.state IN ('raised', 'review') OR (d.state IS NULL AND l.screened = 1)
),
-- The newest clearance of each unit. Without an end of its own it holds for the policy's
-- months; the day of the month decides in the last of them.
cleared AS (
    SELECT project_id, unit, assessed_on, load_id, source_file, source_row, mitigation,
           suspended_to,
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
checked AS (
    SELECT l.project_id, l.tranche, l.line_id, l.unit, c.assessed_on, c.suspended_to,
           c.load_id, c.source_file, c.source_row,
           CASE WHEN l.unit = '' THEN 'NO_UNIT'
                WHEN c.unit IS NULL THEN 'NO_CLEARANCE'
                WHEN c.flag = '' THEN c.mitigation
                ELSE c.flag END AS flag,
           CASE WHEN l.unit = '' OR c.unit IS NULL THEN 'UNKNOWN'
                WHEN c.flag = '' THEN 'PASS'
                WHEN c.flag IN ('EXPIRED', 'NO_CLEARANCE') THEN 'UNKNOWN'
                ELSE 'FAIL' END AS result
    FROM in_scope AS l
    LEFT JOIN cleared AS c ON c.project_id = l.project_id AND c.unit = l.unit
)
SELECT project_id, tranche, 'clearances' AS table_name,
       CONCAT(project_id, ' ', unit, ' ', assessed_on) AS key,
       load_id, source_file, source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM checked
WHERE assessed_on IS NOT NULL
GROUP BY project_id, tranche, unit, assessed_on, load_id, source_file, source_row
UNION ALL
SELECT l.project_id, l.tranche, 'budget_lines' AS table_name, b.line_id AS key,
       b.load_id, b.source_file, b.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM in_scope AS l
JOIN budget_lines AS b ON b.line_id = l.line_id
UNION ALL
SELECT l.project_id, l.tranche, 'eligibility_decisions' AS table_name,
       CONCAT(d.line_id, ' ', d.flag, ' ', d.decided_on) AS key,
       d.load_id, d.source_file, d.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM planned_lines AS l
JOIN decided AS d ON d.line_id = l.line_id AND d.flag = 'E8' AND d.newest = 1
