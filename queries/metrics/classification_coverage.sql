-- name: classification_coverage
-- title: Doubtful classification in the tranche
-- unit: cents
-- grain: project, tranche
-- params: low_confidence_bps
-- levers: none
--
-- R23, Q39, Q50. Direct money of the tranche that is mixed, unclassified or classified
-- with low confidence, over all its direct money.

-- statement: facts
WITH planned AS (
    SELECT a.project_id, a.tranche, s.line_id, s.class, s.amount, s.pro_rata, s.load_id,
           s.source_file, s.source_row,
           CASE WHEN s.class IN ('mixed', 'unclassified')
                  OR s.confidence_bps < CAST($low_confidence_bps AS BIGINT)
                THEN 1 ELSE 0 END AS doubtful
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.class <> 'support' AND s.amount > 0
),
sums AS (
    SELECT project_id, tranche, SUM(amount) AS direct,
           SUM(CASE WHEN doubtful = 1 THEN amount ELSE 0 END) AS doubtful
    FROM planned
    GROUP BY project_id, tranche
),
missing AS (
    SELECT project_id, tranche,
           STRING_AGG(CONCAT('class of line ', line_id), ';') AS missing
    FROM (
        SELECT project_id, tranche, line_id
        FROM planned
        WHERE doubtful = 1
        GROUP BY project_id, tranche, line_id
    ) AS lines
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       CAST(s.doubtful AS DECIMAL(38, 2)) AS numerator_low,
       CAST(s.doubtful AS DECIMAL(38, 2)) AS numerator_high,
       CAST(s.direct AS DECIMAL(38, 2)) AS denominator_low,
       CAST(s.direct AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN s.project_id IS NULL THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       COALESCE(m.missing, '') AS missing
FROM asked AS a
LEFT JOIN sums AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
LEFT JOIN missing AS m ON m.project_id = a.project_id AND m.tranche = a.tranche;

-- statement: evidence
WITH planned AS (
    SELECT a.project_id, a.tranche, s.line_id, s.class, s.amount, s.pro_rata, s.load_id,
           s.source_file, s.source_row,
           CASE WHEN s.class IN ('mixed', 'unclassified')
                  OR s.confidence_bps < CAST($low_confidence_bps AS BIGINT)
                THEN 1 ELSE 0 END AS doubtful
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.class <> 'support' AND s.amount > 0
)
SELECT project_id, tranche,
       CASE WHEN pro_rata IS TRUE THEN 'budget_lines' ELSE 'tranche_lines' END
       AS table_name,
       CASE WHEN pro_rata IS TRUE THEN line_id
            ELSE CONCAT(project_id, ' ', tranche, ' ', line_id) END AS key,
       load_id, source_file, source_row,
       SUM(CAST(amount AS DECIMAL(38, 2))) AS amount
FROM planned
WHERE doubtful = 1
GROUP BY project_id, tranche, line_id, pro_rata, load_id, source_file, source_row
