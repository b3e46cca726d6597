-- name: asset_sustainability
-- title: Care for buildings and equipment after the project
-- unit: predicate
-- grain: project, tranche
-- params: asset_cents
-- levers: none
--
-- R19. Lines with infrastructure or equipment above an amount in this tranche. No table
-- holds an owner, a maintenance plan or a funded running cost, so each such line is doubt.

-- statement: facts
WITH assets AS (
    SELECT s.project_id, s.tranche, s.line_id
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.class = 'hardware' AND COALESCE(s.subclass, '') <> 'H3'
    GROUP BY s.project_id, s.tranche, s.line_id
    HAVING 100 * SUM(s.amount) > CAST($asset_cents AS BIGINT)
),
counts AS (
    SELECT project_id, tranche, COUNT(*) AS lines,
           STRING_AGG(CONCAT('owner and upkeep of line ', line_id), ';')
           AS missing
    FROM assets
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       CASE WHEN c.lines > 0 THEN 0 END AS numerator_low, c.lines AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       CASE WHEN c.lines > 0 THEN '' ELSE 'NOT_APPLICABLE' END AS codes,
       COALESCE(c.missing, '') AS missing
FROM asked AS a
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: evidence
SELECT s.project_id, s.tranche,
       CASE WHEN s.pro_rata IS TRUE THEN 'budget_lines' ELSE 'tranche_lines' END
       AS table_name,
       CASE WHEN s.pro_rata IS TRUE THEN s.line_id
            ELSE CONCAT(s.project_id, ' ', s.tranche, ' ', s.line_id) END AS key,
       s.load_id, s.source_file, s.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
WHERE s.class = 'hardware' AND COALESCE(s.subclass, '') <> 'H3'
GROUP BY s.project_id, s.tranche, s.line_id, s.pro_rata, s.load_id, s.source_file,
         s.source_row
HAVING 100 * SUM(s.amount) > CAST($asset_cents AS BIGINT)
