-- name: software_progress_wide
-- title: Progress of the software milestones, training included
-- unit: weighted_bps
-- grain: project, tranche
-- params: as_of
-- levers: milestone, date
-- nulls: an achievement that is not known is 0 at the low bound and 10000 at the high one
-- division: achievement is whole basis points, rounded down (Q40); target and baseline differ
--
-- R01, Q40. The achievement of a milestone is a whole number of basis points, rounded
-- down. Nothing known about a milestone is 0 at the low bound and 10000 at the high one.

-- statement: facts
WITH concerned AS (
    SELECT a.project_id, a.tranche
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE a.tranche > 1 AND s.gate_treatment = 'gated'
    GROUP BY a.project_id, a.tranche
    HAVING SUM(s.amount) > 0
),
software AS (
    SELECT c.project_id, c.tranche, m.milestone_id, m.title, m.measure, m.baseline,
           m.target, m.weight, m.critical, m.due_on,
           CASE WHEN m.tranche < c.tranche AND m.due_on <= $as_of THEN 1 ELSE 0 END AS due
    FROM concerned AS c
    JOIN milestones AS m ON m.project_id = c.project_id
    WHERE m.class IN ('sector_wide', 'training')
),
observed AS (
    SELECT o.milestone_id, o.observed_on, o.value, o.verified,
           CASE WHEN o.observed_on = MAX(o.observed_on) OVER (PARTITION BY o.milestone_id)
                THEN 1 END AS newest
    FROM observations AS o
    JOIN milestones AS m ON m.milestone_id = o.milestone_id
    WHERE o.observed_on <= $as_of
      AND COALESCE(o."group", '') = ''
      AND COALESCE(o.evidence, '') <> ''
      AND ((m.measure = 'number' AND o.value IS NOT NULL)
           OR (m.measure = 'verified' AND o.verified IS NOT NULL))
),
-- A falling indicator (target below baseline) is turned round, so that the way gone and
-- the whole way are never both negative and rounding down is truncation. In millionths,
-- because values have at most six places.
measured AS (
    SELECT s.project_id, s.tranche, s.milestone_id, s.title, s.measure, s.weight,
           s.critical, s.due_on, o.observed_on, o.verified,
           CASE WHEN s.measure = 'number'
                 AND (s.baseline IS NULL OR s.target IS NULL OR s.target = s.baseline)
                THEN 1 ELSE 0 END AS invalid,
           CAST(1000000 * CASE WHEN s.target < s.baseline THEN s.baseline - o.value
                               ELSE o.value - s.baseline END AS DECIMAL(38, 0)) AS gone,
           CAST(1000000 * CASE WHEN s.target < s.baseline THEN s.baseline - s.target
                               ELSE s.target - s.baseline END AS DECIMAL(38, 0)) AS whole
    FROM software AS s
    LEFT JOIN observed AS o ON o.milestone_id = s.milestone_id AND o.newest = 1
    WHERE s.due = 1
),
-- The remainder is taken off before the division, which is then exact.
achieved AS (
    SELECT project_id, tranche, milestone_id, title, weight, critical, due_on, observed_on,
           invalid,
           CASE WHEN measure = 'verified' AND verified IS TRUE THEN 10000
                WHEN measure = 'verified' AND verified IS FALSE THEN 0
                WHEN measure = 'number' AND invalid = 0 AND gone >= whole THEN 10000
                WHEN measure = 'number' AND invalid = 0 AND gone <= 0 THEN 0
                WHEN measure = 'number' AND invalid = 0 AND gone > 0
                THEN CAST((gone * 10000 - (gone * 10000) % NULLIF(whole, 0))
                          / NULLIF(whole, 0) AS BIGINT)
           END AS achievement
    FROM measured
),
progress AS (
    SELECT project_id, tranche,
           SUM(CAST(weight AS DECIMAL(38, 0)) * COALESCE(achievement, 0)) AS low,
           SUM(CAST(weight AS DECIMAL(38, 0)) * COALESCE(achievement, 10000)) AS high,
           SUM(CAST(weight AS DECIMAL(38, 0)) * 10000) AS whole,
           MAX(invalid) AS invalid,
           STRING_AGG(
               CASE WHEN invalid = 1 THEN CONCAT('baseline and target of ', milestone_id)
                    WHEN achievement IS NULL
                    THEN CONCAT('observation of ', milestone_id) END,
               ';') AS missing
    FROM achieved
    GROUP BY project_id, tranche
),
existing AS (
    SELECT project_id, tranche, COUNT(*) AS milestones
    FROM software
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       CAST(p.low AS DECIMAL(38, 0)) AS numerator_low,
       CAST(p.high AS DECIMAL(38, 0)) AS numerator_high,
       CAST(p.whole AS DECIMAL(38, 0)) AS denominator_low,
       CAST(p.whole AS DECIMAL(38, 0)) AS denominator_high,
       CASE WHEN c.project_id IS NULL THEN 'NOT_APPLICABLE'
            WHEN e.project_id IS NULL THEN 'NO_SOFTWARE_MILESTONES'
            WHEN p.project_id IS NULL THEN 'NO_SOFTWARE_MILESTONE_DUE'
            WHEN p.invalid = 1 THEN 'INVALID_MILESTONE'
            ELSE '' END AS codes,
       COALESCE(p.missing, '') AS missing
FROM asked AS a
LEFT JOIN concerned AS c ON c.project_id = a.project_id AND c.tranche = a.tranche
LEFT JOIN existing AS e ON e.project_id = a.project_id AND e.tranche = a.tranche
LEFT JOIN progress AS p ON p.project_id = a.project_id AND p.tranche = a.tranche;

-- statement: items
WITH concerned AS (
    SELECT a.project_id, a.tranche
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE a.tranche > 1 AND s.gate_treatment = 'gated'
    GROUP BY a.project_id, a.tranche
    HAVING SUM(s.amount) > 0
),
software AS (
    SELECT c.project_id, c.tranche, m.milestone_id, m.title, m.measure, m.baseline,
           m.target, m.weight, m.critical, m.due_on,
           CASE WHEN m.tranche < c.tranche AND m.due_on <= $as_of THEN 1 ELSE 0 END AS due
    FROM concerned AS c
    JOIN milestones AS m ON m.project_id = c.project_id
    WHERE m.class IN ('sector_wide', 'training')
),
observed AS (
    SELECT o.milestone_id, o.observed_on, o.value, o.verified,
           CASE WHEN o.observed_on = MAX(o.observed_on) OVER (PARTITION BY o.milestone_id)
                THEN 1 END AS newest
    FROM observations AS o
    JOIN milestones AS m ON m.milestone_id = o.milestone_id
    WHERE o.observed_on <= $as_of
      AND COALESCE(o."group", '') = ''
      AND COALESCE(o.evidence, '') <> ''
      AND ((m.measure = 'number' AND o.value IS NOT NULL)
           OR (m.measure = 'verified' AND o.verified IS NOT NULL))
),
-- A falling indicator (target below baseline) is turned round, so that the way gone and
-- the whole way are never both negative and rounding down is truncation. In millionths,
-- because values have at most six places.
measured AS (
    SELECT s.project_id, s.tranche, s.milestone_id, s.title, s.measure, s.weight,
           s.critical, s.due_on, o.observed_on, o.verified,
           CASE WHEN s.measure = 'number'
                 AND (s.baseline IS NULL OR s.target IS NULL OR s.target = s.baseline)
                THEN 1 ELSE 0 END AS invalid,
           CAST(1000000 * CASE WHEN s.target < s.baseline THEN s.baseline - o.value
                               ELSE o.value - s.baseline END AS DECIMAL(38, 0)) AS gone,
           CAST(1000000 * CASE WHEN s.target < s.baseline THEN s.baseline - s.target
                               ELSE s.target - s.baseline END AS DECIMAL(38, 0)) AS whole
    FROM software AS s
    LEFT JOIN observed AS o ON o.milestone_id = s.milestone_id AND o.newest = 1
    WHERE s.due = 1
),
-- The remainder is taken off before the division, which is then exact.
achieved AS (
    SELECT project_id, tranche, milestone_id, title, weight, critical, due_on, observed_on,
           invalid,
           CASE WHEN measure = 'verified' AND verified IS TRUE THEN 10000
                WHEN measure = 'verified' AND verified IS FALSE THEN 0
                WHEN measure = 'number' AND invalid = 0 AND gone >= whole THEN 10000
                WHEN measure = 'number' AND invalid = 0 AND gone <= 0 THEN 0
                WHEN measure = 'number' AND invalid = 0 AND gone > 0
                THEN CAST((gone * 10000 - (gone * 10000) % NULLIF(whole, 0))
                          / NULLIF(whole, 0) AS BIGINT)
           END AS achievement
    FROM measured
)
SELECT project_id, tranche, 'milestone' AS kind, milestone_id AS id,
       CASE WHEN achievement IS NULL THEN 'UNKNOWN'
            WHEN achievement = 10000 THEN 'PASS'
            ELSE 'FAIL' END AS result,
       CASE WHEN critical IS TRUE THEN 'critical' ELSE '' END AS flag,
       achievement AS number,
       CONCAT(title, ', weight ', weight, ', due ', due_on,
              CASE WHEN invalid = 1 THEN ', baseline and target do not make a measure'
                   WHEN observed_on IS NULL THEN ', no observation with evidence'
                   ELSE CONCAT(', observed ', observed_on) END) AS text
FROM achieved
UNION ALL
SELECT project_id, tranche, 'weight' AS kind, milestone_id AS id, '' AS result,
       '' AS flag, weight AS number, '' AS text
FROM achieved
UNION ALL
SELECT project_id, tranche, 'later_milestones' AS kind, '' AS id, '' AS result,
       '' AS flag, COUNT(*) AS number,
       'software milestones that are not due before the tranche' AS text
FROM software
WHERE due = 0
GROUP BY project_id, tranche;

-- statement: evidence
WITH concerned AS (
    SELECT a.project_id, a.tranche
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE a.tranche > 1 AND s.gate_treatment = 'gated'
    GROUP BY a.project_id, a.tranche
    HAVING SUM(s.amount) > 0
),
software AS (
    SELECT c.project_id, c.tranche, m.milestone_id, m.title, m.measure, m.baseline,
           m.target, m.weight, m.critical, m.due_on,
           CASE WHEN m.tranche < c.tranche AND m.due_on <= $as_of THEN 1 ELSE 0 END AS due
    FROM concerned AS c
    JOIN milestones AS m ON m.project_id = c.project_id
    WHERE m.class IN ('sector_wide', 'training')
),
observed AS (
    SELECT o.milestone_id, o.observed_on, o.load_id, o.source_file, o.source_row,
           CASE WHEN o.observed_on = MAX(o.observed_on) OVER (PARTITION BY o.milestone_id)
                THEN 1 END AS newest
    FROM observations AS o
    JOIN milestones AS m ON m.milestone_id = o.milestone_id
    WHERE o.observed_on <= $as_of
      AND COALESCE(o."group", '') = ''
      AND COALESCE(o.evidence, '') <> ''
      AND ((m.measure = 'number' AND o.value IS NOT NULL)
           OR (m.measure = 'verified' AND o.verified IS NOT NULL))
)
SELECT s.project_id, s.tranche, 'milestones' AS table_name, m.milestone_id AS key,
       m.load_id, m.source_file, m.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM software AS s
JOIN milestones AS m ON m.milestone_id = s.milestone_id
WHERE s.due = 1
UNION ALL
SELECT s.project_id, s.tranche, 'observations' AS table_name,
       CONCAT(o.milestone_id, ' ', o.observed_on) AS key,
       o.load_id, o.source_file, o.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM software AS s
JOIN observed AS o ON o.milestone_id = s.milestone_id AND o.newest = 1
WHERE s.due = 1
