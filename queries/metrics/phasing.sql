-- name: phasing
-- title: Gated hardware paid at once
-- unit: cents
-- grain: project, tranche
-- params: phasing_cents
-- levers: none
-- division: a number of cents becomes money, exactly
--
-- R28, G5d. Gated hardware of the first tranche where no later tranche plans any, beside
-- the amount from which phases are recommended. Mixed and unclassified money counts at
-- the high bound, in the first tranche as in later ones.

-- statement: facts
WITH planned AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN s.tranche = 1 AND s.class = 'hardware'
                    THEN s.amount ELSE 0 END) AS first_low,
           SUM(CASE WHEN s.tranche = 1 THEN s.amount ELSE 0 END) AS first_high,
           SUM(CASE WHEN s.tranche > 1 AND s.class = 'hardware'
                    THEN s.amount ELSE 0 END) AS later_low,
           SUM(CASE WHEN s.tranche > 1 THEN s.amount ELSE 0 END) AS later_high
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id
    WHERE a.tranche = 1 AND s.gate_treatment = 'gated'
    GROUP BY a.project_id, a.tranche
    HAVING SUM(CASE WHEN s.tranche = 1 THEN s.amount ELSE 0 END) > 0
),
measured AS (
    SELECT project_id, tranche,
           CASE WHEN later_high > 0 THEN 0 ELSE first_low END AS low,
           CASE WHEN later_low > 0 THEN 0 ELSE first_high END AS high
    FROM planned
),
doubtful AS (
    SELECT project_id,
           STRING_AGG(CONCAT('class of line ', line_id), ';') AS missing
    FROM (
        SELECT a.project_id, s.line_id
        FROM asked AS a
        JOIN planned_shares AS s ON s.project_id = a.project_id
        WHERE a.tranche = 1 AND s.class IN ('mixed', 'unclassified')
          AND s.gate_treatment = 'gated' AND s.amount > 0
        GROUP BY a.project_id, s.line_id
    ) AS lines
    GROUP BY project_id
)
SELECT a.project_id, a.tranche,
       CAST(m.low AS DECIMAL(38, 2)) AS numerator_low,
       CAST(m.high AS DECIMAL(38, 2)) AS numerator_high,
       CASE WHEN m.project_id IS NOT NULL
            THEN CAST(CAST($phasing_cents AS DECIMAL(38, 2)) / 100 AS DECIMAL(38, 2))
            END AS denominator_low,
       CASE WHEN m.project_id IS NOT NULL
            THEN CAST(CAST($phasing_cents AS DECIMAL(38, 2)) / 100 AS DECIMAL(38, 2))
            END AS denominator_high,
       CASE WHEN m.project_id IS NULL THEN 'NOT_APPLICABLE'
            WHEN 100 * m.low > CAST($phasing_cents AS DECIMAL(38, 2)) THEN 'NOT_PHASED'
            ELSE '' END AS codes,
       CASE WHEN m.low < m.high THEN COALESCE(d.missing, '') ELSE '' END AS missing
FROM asked AS a
LEFT JOIN measured AS m ON m.project_id = a.project_id AND m.tranche = a.tranche
LEFT JOIN doubtful AS d ON d.project_id = a.project_id;

-- statement: evidence
WITH planned AS (
    SELECT a.project_id, a.tranche, s.tranche AS planned_for, s.line_id, s.class, s.amount,
           s.pro_rata, s.load_id, s.source_file, s.source_row,
           MAX(CASE WHEN s.tranche > 1 AND s.amount > 0 THEN 1 ELSE 0 END)
               OVER (PARTITION BY a.project_id) AS later
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id
    WHERE a.tranche = 1 AND s.gate_treatment = 'gated' AND s.amount > 0
)
SELECT project_id, tranche,
       CASE WHEN pro_rata IS TRUE THEN 'budget_lines' ELSE 'tranche_lines' END
       AS table_name,
       CASE WHEN pro_rata IS TRUE THEN line_id
            ELSE CONCAT(project_id, ' ', planned_for, ' ', line_id) END AS key,
       load_id, source_file, source_row,
       SUM(CASE WHEN later = 0 AND class = 'hardware'
                THEN CAST(amount AS DECIMAL(38, 2)) END) AS amount
FROM planned
GROUP BY project_id, tranche, planned_for, line_id, pro_rata, load_id, source_file, source_row
