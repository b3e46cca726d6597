-- name: dialogue_share
-- title: Dialogue and community work in direct cost
-- unit: cents
-- grain: project, tranche
-- params: none
-- levers: none
--
-- R27, information only. Approved budget: national dialogue (S4) and community security
-- (S11) over direct cost. Money without a clear class, and sector-wide money without a
-- subclass, counts at the high bound.

-- statement: facts
WITH budgeted AS (
    SELECT project_id, SUM(amount) AS direct,
           SUM(CASE WHEN class = 'sector_wide' AND subclass IN ('S4', 'S11')
                    THEN amount ELSE 0 END) AS low,
           SUM(CASE WHEN class IN ('mixed', 'unclassified') THEN amount
                    WHEN class = 'sector_wide'
                     AND COALESCE(subclass, '') IN ('', 'S4', 'S11') THEN amount
                    ELSE 0 END) AS high
    FROM classified_lines
    WHERE class <> 'support'
    GROUP BY project_id
    HAVING SUM(amount) > 0
)
SELECT a.project_id, a.tranche,
       CAST(b.low AS DECIMAL(38, 2)) AS numerator_low,
       CAST(b.high AS DECIMAL(38, 2)) AS numerator_high,
       CAST(b.direct AS DECIMAL(38, 2)) AS denominator_low,
       CAST(b.direct AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN b.project_id IS NULL THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       '' AS missing
FROM asked AS a
LEFT JOIN budgeted AS b ON b.project_id = a.project_id;

-- statement: items
SELECT a.project_id, a.tranche, 'non_state' AS kind, '' AS id, '' AS result, '' AS flag,
       SUM(CASE WHEN l.beneficiary IN ('non_statutory_provider', 'oversight_non_state')
                THEN CAST(l.amount AS DECIMAL(38, 2)) ELSE 0 END) AS number,
       'direct cost for non-statutory and non-state bodies' AS text
FROM asked AS a
JOIN classified_lines AS l ON l.project_id = a.project_id
WHERE l.class <> 'support'
GROUP BY a.project_id, a.tranche;

-- statement: evidence
SELECT a.project_id, a.tranche, 'budget_lines' AS table_name, l.line_id AS key,
       l.load_id, l.source_file, l.source_row,
       SUM(CASE WHEN l.class = 'sector_wide' AND l.subclass IN ('S4', 'S11')
                THEN CAST(l.amount AS DECIMAL(38, 2)) END) AS amount
FROM asked AS a
JOIN classified_lines AS l ON l.project_id = a.project_id
WHERE l.class IN ('mixed', 'unclassified')
   OR (l.class = 'sector_wide' AND COALESCE(l.subclass, '') IN ('', 'S4', 'S11'))
GROUP BY a.project_id, a.tranche, l.line_id, l.load_id, l.source_file, l.source_row
