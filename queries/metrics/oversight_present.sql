-- name: oversight_present
-- title: Oversight beside gated hardware for defence
-- unit: cents
-- grain: project, tranche
-- params: none
-- levers: revision
-- nulls: a budget without a line has no sector-wide money
--
-- R22, Q38, Q49. Sector-wide money of the approved budget; mixed and unclassified count
-- at the high bound. A beneficiary that is not known is screened as defence.

-- statement: facts
WITH concerned AS (
    SELECT a.project_id, a.tranche
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.gate_treatment = 'gated'
      AND s.amount > 0
      AND COALESCE(s.beneficiary, '') IN ('', 'defence', 'mixed', 'unknown')
    GROUP BY a.project_id, a.tranche
),
budgeted AS (
    SELECT project_id,
           SUM(CASE WHEN class = 'sector_wide' THEN amount ELSE 0 END) AS low,
           SUM(CASE WHEN class IN ('sector_wide', 'mixed', 'unclassified')
                    THEN amount ELSE 0 END) AS high
    FROM classified_lines
    GROUP BY project_id
),
doubtful AS (
    SELECT project_id,
           STRING_AGG(CONCAT('class of line ', line_id), ';') AS missing
    FROM (
        SELECT project_id, line_id
        FROM classified_lines
        WHERE class IN ('mixed', 'unclassified') AND amount > 0
        GROUP BY project_id, line_id
    ) AS lines
    GROUP BY project_id
)
SELECT a.project_id, a.tranche,
       CASE WHEN c.project_id IS NOT NULL
            THEN CAST(COALESCE(b.low, 0) AS DECIMAL(38, 2)) END AS numerator_low,
       CASE WHEN c.project_id IS NOT NULL
            THEN CAST(COALESCE(b.high, 0) AS DECIMAL(38, 2)) END AS numerator_high,
       CAST(NULL AS DECIMAL(38, 2)) AS denominator_low,
       CAST(NULL AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN c.project_id IS NULL THEN 'NOT_APPLICABLE'
            WHEN COALESCE(j.concurrent_oversight, '') <> '' THEN 'CONCURRENT'
            ELSE '' END AS codes,
       CASE WHEN c.project_id IS NULL OR COALESCE(j.concurrent_oversight, '') <> ''
              OR b.low > 0 THEN ''
            ELSE COALESCE(d.missing, '') END AS missing
FROM asked AS a
LEFT JOIN concerned AS c ON c.project_id = a.project_id AND c.tranche = a.tranche
LEFT JOIN projects AS j ON j.project_id = a.project_id
LEFT JOIN budgeted AS b ON b.project_id = a.project_id
LEFT JOIN doubtful AS d ON d.project_id = a.project_id;

-- statement: evidence
WITH concerned AS (
    SELECT a.project_id, a.tranche
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.gate_treatment = 'gated'
      AND s.amount > 0
      AND COALESCE(s.beneficiary, '') IN ('', 'defence', 'mixed', 'unknown')
    GROUP BY a.project_id, a.tranche
)
SELECT c.project_id, c.tranche, 'budget_lines' AS table_name, l.line_id AS key,
       l.load_id, l.source_file, l.source_row,
       SUM(CASE WHEN l.class = 'sector_wide' THEN CAST(l.amount AS DECIMAL(38, 2)) END)
       AS amount
FROM concerned AS c
JOIN classified_lines AS l ON l.project_id = c.project_id
WHERE l.class IN ('sector_wide', 'mixed', 'unclassified')
GROUP BY c.project_id, c.tranche, l.line_id, l.load_id, l.source_file, l.source_row
UNION ALL
SELECT c.project_id, c.tranche, 'projects' AS table_name, j.project_id AS key,
       j.load_id, j.source_file, j.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM concerned AS c
JOIN projects AS j ON j.project_id = c.project_id
WHERE COALESCE(j.concurrent_oversight, '') <> ''
