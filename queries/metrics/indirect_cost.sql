-- name: indirect_cost
-- title: Indirect cost of the recipients
-- unit: cents
-- grain: project, tranche
-- params: indirect_bps
-- levers: revision
-- nulls: a plan without lines or amounts has lines and indirect cost of zero
--
-- R13, Q30, Q31, Q46. Indirect cost is what the planned tranches hold above the budget
-- lines without X1. The result is per recipient, in the items; the number shown is their
-- sum.

-- statement: facts
WITH parts AS (
    SELECT project_id, recipient, 100 * CAST(amount AS DECIMAL(38, 2)) AS planned,
           0 AS lines, 1 AS tranches
    FROM tranches
    UNION ALL
    SELECT project_id, recipient, 0 AS planned,
           100 * CAST(amount AS DECIMAL(38, 2)) AS lines, 0 AS tranches
    FROM classified_lines
    WHERE class <> 'support' OR COALESCE(subclass, '') <> 'X1'
),
-- In cents. Half up without a division: r is at most half_up(n / 10000) exactly where
-- 10000 r is at most n + 5000.
by_recipient AS (
    SELECT project_id, recipient,
           SUM(planned) - SUM(lines) AS indirect, SUM(lines) AS lines,
           CASE WHEN 10000 * (SUM(planned) - SUM(lines) - SUM(tranches))
                     > CAST($indirect_bps AS BIGINT) * SUM(lines) + 5000
                THEN 'FAIL' ELSE 'PASS' END AS result
    FROM parts
    GROUP BY project_id, recipient
),
sums AS (
    SELECT project_id, SUM(indirect) AS indirect, SUM(lines) AS lines
    FROM by_recipient
    GROUP BY project_id
)
SELECT a.project_id, a.tranche,
       CAST(0.01 * COALESCE(s.indirect, 0) AS DECIMAL(38, 2)) AS numerator_low,
       CAST(0.01 * COALESCE(s.indirect, 0) AS DECIMAL(38, 2)) AS numerator_high,
       CAST(0.01 * COALESCE(s.lines, 0) AS DECIMAL(38, 2)) AS denominator_low,
       CAST(0.01 * COALESCE(s.lines, 0) AS DECIMAL(38, 2)) AS denominator_high,
       '' AS codes, '' AS missing
FROM asked AS a
LEFT JOIN sums AS s ON s.project_id = a.project_id;

-- statement: items
WITH parts AS (
    SELECT project_id, recipient, 100 * CAST(amount AS DECIMAL(38, 2)) AS planned,
           0 AS lines, 1 AS tranches
    FROM tranches
    UNION ALL
    SELECT project_id, recipient, 0 AS planned,
           100 * CAST(amount AS DECIMAL(38, 2)) AS lines, 0 AS tranches
    FROM classified_lines
    WHERE class <> 'support' OR COALESCE(subclass, '') <> 'X1'
),
-- In cents. Half up without a division: r is at most half_up(n / 10000) exactly where
-- 10000 r is at most n + 5000.
by_recipient AS (
    SELECT project_id, recipient,
           SUM(planned) - SUM(lines) AS indirect, SUM(lines) AS lines,
           CASE WHEN 10000 * (SUM(planned) - SUM(lines) - SUM(tranches))
                     > CAST($indirect_bps AS BIGINT) * SUM(lines) + 5000
                THEN 'FAIL' ELSE 'PASS' END AS result
    FROM parts
    GROUP BY project_id, recipient
)
SELECT a.project_id, a.tranche, 'recipient' AS kind, r.recipient AS id, r.result,
       '' AS flag, CAST(0.01 * r.indirect AS DECIMAL(38, 2)) AS number,
       CONCAT('indirect ', CAST(0.01 * r.indirect AS DECIMAL(38, 2)), ' on lines of ',
              CAST(0.01 * r.lines AS DECIMAL(38, 2))) AS text
FROM asked AS a
JOIN by_recipient AS r ON r.project_id = a.project_id;

-- statement: evidence
SELECT a.project_id, a.tranche, 'tranches' AS table_name,
       CONCAT(t.project_id, ' ', t.tranche, ' ', t.recipient) AS key,
       t.load_id, t.source_file, t.source_row, CAST(t.amount AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN tranches AS t ON t.project_id = a.project_id
UNION ALL
SELECT a.project_id, a.tranche, 'budget_lines' AS table_name, l.line_id AS key,
       l.load_id, l.source_file, l.source_row,
       -SUM(CAST(l.amount AS DECIMAL(38, 2))) AS amount
FROM asked AS a
JOIN classified_lines AS l ON l.project_id = a.project_id
WHERE l.class <> 'support' OR COALESCE(l.subclass, '') <> 'X1'
GROUP BY a.project_id, a.tranche, l.line_id, l.load_id, l.source_file, l.source_row
