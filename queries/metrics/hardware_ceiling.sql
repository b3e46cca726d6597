-- name: hardware_ceiling
-- title: Hardware paid and asked for under the approved share
-- unit: cents
-- grain: project, tranche
-- params: ceiling_allowance_bps
-- levers: more_non_hardware, less_hardware
-- division: the whole part of 10000 HW / D (Q45), and NULL where D is zero
--
-- R08, Q45. Planned hardware and direct cost of tranches 1 to k; mixed and unclassified
-- count at the high bound. The threshold is the item cap_bps: the approved share plus
-- the allowance.

-- statement: facts
-- In cents, hardware times 10000: the division is exact once the remainder is off.
WITH budgeted AS (
    SELECT project_id,
           CAST(1000000 * SUM(CASE WHEN class = 'hardware' THEN amount ELSE 0 END)
                AS DECIMAL(38, 0)) AS hardware,
           CAST(100 * SUM(CASE WHEN class <> 'support' THEN amount ELSE 0 END)
                AS DECIMAL(38, 0)) AS direct
    FROM classified_lines
    GROUP BY project_id
),
caps AS (
    SELECT project_id,
           LEAST(CAST((hardware - hardware % NULLIF(direct, 0)) / NULLIF(direct, 0)
                      AS BIGINT) + CAST($ceiling_allowance_bps AS BIGINT),
                 10000) AS cap_bps
    FROM budgeted
    WHERE direct > 0
),
planned AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN s.class <> 'support' THEN s.amount ELSE 0 END) AS direct,
           SUM(CASE WHEN s.class <> 'support' AND s.tranche < a.tranche
                    THEN s.amount ELSE 0 END) AS past_direct,
           SUM(CASE WHEN s.class = 'hardware' THEN s.amount ELSE 0 END) AS low,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                    THEN s.amount ELSE 0 END) AS high,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                     AND s.tranche < a.tranche THEN s.amount ELSE 0 END) AS past_high,
           SUM(CASE WHEN s.class = 'hardware' AND s.tranche = a.tranche
                    THEN s.amount ELSE 0 END) AS k_low,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                     AND s.tranche = a.tranche THEN s.amount ELSE 0 END) AS k_high
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche <= a.tranche
    GROUP BY a.project_id, a.tranche
),
measured AS (
    SELECT p.project_id, p.tranche, p.direct, p.past_direct, p.low, p.high, p.past_high,
           p.k_low, p.k_high, c.cap_bps
    FROM planned AS p
    JOIN caps AS c ON c.project_id = p.project_id
    WHERE p.k_high > 0
),
doubtful AS (
    SELECT project_id, tranche,
           STRING_AGG(CONCAT('class of line ', line_id), ';') AS missing
    FROM (
        SELECT a.project_id, a.tranche, s.line_id
        FROM asked AS a
        JOIN planned_shares AS s
          ON s.project_id = a.project_id AND s.tranche <= a.tranche
        WHERE s.class IN ('mixed', 'unclassified') AND s.amount > 0
        GROUP BY a.project_id, a.tranche, s.line_id
    ) AS lines
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       CAST(m.low AS DECIMAL(38, 2)) AS numerator_low,
       CAST(m.high AS DECIMAL(38, 2)) AS numerator_high,
       CAST(m.direct AS DECIMAL(38, 2)) AS denominator_low,
       CAST(m.direct AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN m.project_id IS NULL THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       CASE WHEN m.project_id IS NULL THEN '' ELSE COALESCE(d.missing, '') END AS missing
FROM asked AS a
LEFT JOIN measured AS m ON m.project_id = a.project_id AND m.tranche = a.tranche
LEFT JOIN doubtful AS d ON d.project_id = a.project_id AND d.tranche = a.tranche;

-- statement: items
-- In cents, hardware times 10000: the division is exact once the remainder is off.
WITH budgeted AS (
    SELECT project_id,
           CAST(1000000 * SUM(CASE WHEN class = 'hardware' THEN amount ELSE 0 END)
                AS DECIMAL(38, 0)) AS hardware,
           CAST(100 * SUM(CASE WHEN class <> 'support' THEN amount ELSE 0 END)
                AS DECIMAL(38, 0)) AS direct
    FROM classified_lines
    GROUP BY project_id
),
caps AS (
    SELECT project_id,
           LEAST(CAST((hardware - hardware % NULLIF(direct, 0)) / NULLIF(direct, 0)
                      AS BIGINT) + CAST($ceiling_allowance_bps AS BIGINT),
                 10000) AS cap_bps
    FROM budgeted
    WHERE direct > 0
),
planned AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN s.class <> 'support' THEN s.amount ELSE 0 END) AS direct,
           SUM(CASE WHEN s.class <> 'support' AND s.tranche < a.tranche
                    THEN s.amount ELSE 0 END) AS past_direct,
           SUM(CASE WHEN s.class = 'hardware' THEN s.amount ELSE 0 END) AS low,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                    THEN s.amount ELSE 0 END) AS high,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                     AND s.tranche < a.tranche THEN s.amount ELSE 0 END) AS past_high,
           SUM(CASE WHEN s.class = 'hardware' AND s.tranche = a.tranche
                    THEN s.amount ELSE 0 END) AS k_low,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                     AND s.tranche = a.tranche THEN s.amount ELSE 0 END) AS k_high
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche <= a.tranche
    GROUP BY a.project_id, a.tranche
),
measured AS (
    SELECT p.project_id, p.tranche, p.direct, p.past_direct, p.low, p.high, p.past_high,
           p.k_low, p.k_high, c.cap_bps
    FROM planned AS p
    JOIN caps AS c ON c.project_id = p.project_id
    WHERE p.k_high > 0
)
SELECT m.project_id, m.tranche, n.kind, '' AS id, '' AS result, '' AS flag,
       CAST(CASE n.kind WHEN 'cap_bps' THEN m.cap_bps
                        WHEN 'past_direct' THEN m.past_direct
                        WHEN 'past_hardware_high' THEN m.past_high
                        WHEN 'k_hardware_low' THEN m.k_low
                        ELSE m.k_high END AS DECIMAL(38, 2)) AS number,
       n.text
FROM (VALUES
    ('cap_bps', 'basis points, not money: approved hardware share and the allowance'),
    ('past_direct', 'direct cost of the tranches before'),
    ('past_hardware_high', 'hardware, mixed and unclassified of the tranches before'),
    ('k_hardware_low', 'hardware of the tranche'),
    ('k_hardware_high', 'hardware, mixed and unclassified of the tranche')
) AS n(kind, text)
CROSS JOIN measured AS m;

-- statement: evidence
-- In cents, hardware times 10000: the division is exact once the remainder is off.
WITH budgeted AS (
    SELECT project_id,
           CAST(1000000 * SUM(CASE WHEN class = 'hardware' THEN amount ELSE 0 END)
                AS DECIMAL(38, 0)) AS hardware,
           CAST(100 * SUM(CASE WHEN class <> 'support' THEN amount ELSE 0 END)
                AS DECIMAL(38, 0)) AS direct
    FROM classified_lines
    GROUP BY project_id
),
caps AS (
    SELECT project_id,
           LEAST(CAST((hardware - hardware % NULLIF(direct, 0)) / NULLIF(direct, 0)
                      AS BIGINT) + CAST($ceiling_allowance_bps AS BIGINT),
                 10000) AS cap_bps
    FROM budgeted
    WHERE direct > 0
),
planned AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN s.class <> 'support' THEN s.amount ELSE 0 END) AS direct,
           SUM(CASE WHEN s.class <> 'support' AND s.tranche < a.tranche
                    THEN s.amount ELSE 0 END) AS past_direct,
           SUM(CASE WHEN s.class = 'hardware' THEN s.amount ELSE 0 END) AS low,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                    THEN s.amount ELSE 0 END) AS high,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                     AND s.tranche < a.tranche THEN s.amount ELSE 0 END) AS past_high,
           SUM(CASE WHEN s.class = 'hardware' AND s.tranche = a.tranche
                    THEN s.amount ELSE 0 END) AS k_low,
           SUM(CASE WHEN s.class IN ('hardware', 'mixed', 'unclassified')
                     AND s.tranche = a.tranche THEN s.amount ELSE 0 END) AS k_high
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche <= a.tranche
    GROUP BY a.project_id, a.tranche
),
measured AS (
    SELECT p.project_id, p.tranche, p.direct, p.past_direct, p.low, p.high, p.past_high,
           p.k_low, p.k_high, c.cap_bps
    FROM planned AS p
    JOIN caps AS c ON c.project_id = p.project_id
    WHERE p.k_high > 0
),
listed AS (
    SELECT m.project_id, m.tranche,
           CASE WHEN s.pro_rata IS TRUE THEN 'budget_lines' ELSE 'tranche_lines' END
           AS table_name,
           CASE WHEN s.pro_rata IS TRUE THEN s.line_id
                ELSE CONCAT(s.project_id, ' ', s.tranche, ' ', s.line_id) END AS key,
           s.load_id, s.source_file, s.source_row,
           CASE WHEN s.class = 'hardware' THEN CAST(s.amount AS DECIMAL(38, 2)) END
           AS amount
    FROM measured AS m
    JOIN planned_shares AS s ON s.project_id = m.project_id AND s.tranche <= m.tranche
    WHERE s.class IN ('hardware', 'mixed', 'unclassified') AND s.amount > 0
)
SELECT project_id, tranche, table_name, key, load_id, source_file, source_row,
       SUM(amount) AS amount
FROM listed
GROUP BY project_id, tranche, table_name, key, load_id, source_file, source_row
