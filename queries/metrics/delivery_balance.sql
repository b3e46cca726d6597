-- name: delivery_balance
-- title: Delivery of hardware ahead of software
-- unit: weighted_bps
-- grain: project, tranche
-- params: as_of, software_scope, previous_use_bps
-- levers: none
-- nulls: money without a class may be either; a class without spending has spent zero
-- division: whole basis points rounded up, the remainder taken off first
--
-- R26. Delivery of a class is what was spent on it over what the tranches before planned
-- for it; the number is the difference in basis points, rounded up at both bounds, so
-- that a threshold in whole basis points is tested exactly. Spending without a line, and
-- on mixed or unclassified lines, may be either. The items serve R01 and R02 too: money
-- is no progress, but the two should not be far apart (D 7.3), and the test of R02 by
-- class (D 7.4).

-- statement: facts
WITH counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.line_id, r.load_id,
           r.source_file, r.source_row, CAST(100 * r.amount AS DECIMAL(38, 0)) AS cents
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of
      AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
kinds AS (
    SELECT line_id,
           SUM(CASE WHEN class = 'hardware' THEN share_bps ELSE 0 END) AS hardware,
           SUM(CASE WHEN class = 'training' THEN share_bps ELSE 0 END) AS training,
           SUM(CASE WHEN class = 'sector_wide' THEN share_bps ELSE 0 END) AS sector_wide,
           SUM(CASE WHEN class = 'sector_wide'
                      OR (class = 'training' AND $software_scope = 'wide')
                    THEN share_bps ELSE 0 END) AS software,
           SUM(CASE WHEN class IN ('mixed', 'unclassified') THEN share_bps ELSE 0 END)
           AS doubtful
    FROM classified_lines
    GROUP BY line_id
),
-- Cents times basis points, so that shares of a line stay exact.
spent AS (
    SELECT c.project_id,
           SUM(c.cents * COALESCE(k.hardware, 0)) AS hardware,
           SUM(c.cents * COALESCE(k.software, 0)) AS software,
           SUM(CASE WHEN c.cents < 0 THEN c.cents * COALESCE(k.doubtful, 10000)
                    ELSE 0 END) AS doubtful_low,
           SUM(CASE WHEN c.cents > 0 THEN c.cents * COALESCE(k.doubtful, 10000)
                    ELSE 0 END) AS doubtful_high
    FROM counted AS c
    LEFT JOIN kinds AS k ON k.line_id = c.line_id
    WHERE c.kind = 'expenditure'
    GROUP BY c.project_id
),
planned AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN s.class = 'hardware' THEN s.amount ELSE 0 END) AS hardware,
           SUM(CASE WHEN s.class = 'sector_wide'
                      OR (s.class = 'training' AND $software_scope = 'wide')
                    THEN s.amount ELSE 0 END) AS software,
           SUM(CASE WHEN s.class IN ('mixed', 'unclassified') THEN s.amount ELSE 0 END)
           AS doubtful
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche < a.tranche
    GROUP BY a.project_id, a.tranche
),
-- What is spent and planned at both bounds; a class without a plan delivers nothing.
bounds AS (
    SELECT p.project_id, p.tranche, s.project_id AS reporter,
           CAST(CASE WHEN s.hardware + s.doubtful_low < 0 THEN 0
                     ELSE s.hardware + s.doubtful_low END AS DECIMAL(76, 0)) AS hard_low,
           CAST(CASE WHEN s.hardware + s.doubtful_high < 0 THEN 0
                     ELSE s.hardware + s.doubtful_high END AS DECIMAL(76, 0)) AS hard_high,
           CAST(CASE WHEN s.software + s.doubtful_low < 0 THEN 0
                     ELSE s.software + s.doubtful_low END AS DECIMAL(76, 0)) AS soft_low,
           CAST(CASE WHEN s.software + s.doubtful_high < 0 THEN 0
                     ELSE s.software + s.doubtful_high END AS DECIMAL(76, 0)) AS soft_high,
           CAST(100 * p.hardware AS DECIMAL(76, 0)) AS hard_least,
           CAST(100 * (p.hardware + p.doubtful) AS DECIMAL(76, 0)) AS hard_most,
           CAST(100 * p.software AS DECIMAL(76, 0)) AS soft_least,
           CAST(100 * (p.software + p.doubtful) AS DECIMAL(76, 0)) AS soft_most
    FROM planned AS p
    LEFT JOIN spent AS s ON s.project_id = p.project_id
),
differences AS (
    SELECT project_id, tranche, reporter, hard_low, hard_least, hard_most, soft_least,
           soft_most,
           CASE WHEN soft_most = 0 THEN hard_low
                ELSE hard_low * soft_least - soft_high * hard_most END AS ahead_low,
           CASE WHEN soft_most = 0 THEN hard_most
                ELSE hard_most * soft_least END AS of_low,
           CASE WHEN soft_most = 0 THEN hard_high
                ELSE hard_high * soft_most - soft_low * hard_least END AS ahead_high,
           CASE WHEN soft_most = 0 THEN hard_least
                ELSE hard_least * soft_most END AS of_high
    FROM bounds
),
measured AS (
    SELECT project_id, tranche, reporter, hard_low, hard_most,
           CASE WHEN of_low > 0 AND of_high > 0
                THEN CAST((ahead_low - ahead_low % NULLIF(of_low, 0)) / NULLIF(of_low, 0)
                          AS BIGINT)
                     + CASE WHEN ahead_low % NULLIF(of_low, 0) > 0 THEN 1 ELSE 0 END
           END AS low,
           CASE WHEN of_low > 0 AND of_high > 0
                THEN CAST((ahead_high - ahead_high % NULLIF(of_high, 0))
                          / NULLIF(of_high, 0) AS BIGINT)
                     + CASE WHEN ahead_high % NULLIF(of_high, 0) > 0 THEN 1 ELSE 0 END
           END AS high
    FROM differences
)
SELECT a.project_id, a.tranche, m.low AS numerator_low, m.high AS numerator_high,
       CASE WHEN m.low IS NOT NULL THEN 10000 END AS denominator_low,
       CASE WHEN m.low IS NOT NULL THEN 10000 END AS denominator_high,
       CASE WHEN m.project_id IS NULL THEN 'NOT_APPLICABLE'
            WHEN m.hard_most = 0 AND COALESCE(m.hard_low, 0) <= 0 THEN 'NOT_APPLICABLE'
            WHEN m.hard_most = 0 THEN 'HARDWARE_NOT_PLANNED'
            ELSE '' END AS codes,
       CASE WHEN m.project_id IS NULL OR m.hard_most = 0 THEN ''
            WHEN m.reporter IS NULL THEN 'expenditure by line'
            WHEN m.low IS NULL OR m.low < m.high THEN 'class of all that was spent'
            ELSE '' END AS missing
FROM asked AS a
LEFT JOIN measured AS m ON m.project_id = a.project_id AND m.tranche = a.tranche;

-- statement: items
WITH counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.line_id, r.load_id,
           r.source_file, r.source_row, CAST(100 * r.amount AS DECIMAL(38, 0)) AS cents
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of
      AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
kinds AS (
    SELECT line_id,
           SUM(CASE WHEN class = 'hardware' THEN share_bps ELSE 0 END) AS hardware,
           SUM(CASE WHEN class = 'training' THEN share_bps ELSE 0 END) AS training,
           SUM(CASE WHEN class = 'sector_wide' THEN share_bps ELSE 0 END) AS sector_wide,
           SUM(CASE WHEN class = 'sector_wide'
                      OR (class = 'training' AND $software_scope = 'wide')
                    THEN share_bps ELSE 0 END) AS software,
           SUM(CASE WHEN class IN ('mixed', 'unclassified') THEN share_bps ELSE 0 END)
           AS doubtful
    FROM classified_lines
    GROUP BY line_id
),
-- Cents times basis points, so that shares of a line stay exact.
spent AS (
    SELECT c.project_id,
           SUM(c.cents * COALESCE(k.hardware, 0)) AS hardware,
           SUM(c.cents * COALESCE(k.software, 0)) AS software,
           SUM(CASE WHEN c.cents < 0 THEN c.cents * COALESCE(k.doubtful, 10000)
                    ELSE 0 END) AS doubtful_low,
           SUM(CASE WHEN c.cents > 0 THEN c.cents * COALESCE(k.doubtful, 10000)
                    ELSE 0 END) AS doubtful_high
    FROM counted AS c
    LEFT JOIN kinds AS k ON k.line_id = c.line_id
    WHERE c.kind = 'expenditure'
    GROUP BY c.project_id
),
planned AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN s.class = 'hardware' THEN s.amount ELSE 0 END) AS hardware,
           SUM(CASE WHEN s.class = 'sector_wide'
                      OR (s.class = 'training' AND $software_scope = 'wide')
                    THEN s.amount ELSE 0 END) AS software,
           SUM(CASE WHEN s.class IN ('mixed', 'unclassified') THEN s.amount ELSE 0 END)
           AS doubtful
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche < a.tranche
    GROUP BY a.project_id, a.tranche
),
-- What is spent and planned at both bounds; a class without a plan delivers nothing.
bounds AS (
    SELECT p.project_id, p.tranche, s.project_id AS reporter,
           CAST(CASE WHEN s.hardware + s.doubtful_low < 0 THEN 0
                     ELSE s.hardware + s.doubtful_low END AS DECIMAL(76, 0)) AS hard_low,
           CAST(CASE WHEN s.hardware + s.doubtful_high < 0 THEN 0
                     ELSE s.hardware + s.doubtful_high END AS DECIMAL(76, 0)) AS hard_high,
           CAST(CASE WHEN s.software + s.doubtful_low < 0 THEN 0
                     ELSE s.software + s.doubtful_low END AS DECIMAL(76, 0)) AS soft_low,
           CAST(CASE WHEN s.software + s.doubtful_high < 0 THEN 0
                     ELSE s.software + s.doubtful_high END AS DECIMAL(76, 0)) AS soft_high,
           CAST(100 * p.hardware AS DECIMAL(76, 0)) AS hard_least,
           CAST(100 * (p.hardware + p.doubtful) AS DECIMAL(76, 0)) AS hard_most,
           CAST(100 * p.software AS DECIMAL(76, 0)) AS soft_least,
           CAST(100 * (p.software + p.doubtful) AS DECIMAL(76, 0)) AS soft_most
    FROM planned AS p
    LEFT JOIN spent AS s ON s.project_id = p.project_id
),
booked AS (
    SELECT c.project_id, c.recipient, n.class,
           SUM(CASE WHEN c.kind = 'expenditure'
                    THEN c.cents * CASE n.class WHEN 'hardware' THEN k.hardware
                                                WHEN 'training' THEN k.training
                                                ELSE k.sector_wide END
                    ELSE 0 END) AS spent,
           SUM(CASE WHEN c.kind = 'commitment'
                    THEN c.cents * CASE n.class WHEN 'hardware' THEN k.hardware
                                                WHEN 'training' THEN k.training
                                                ELSE k.sector_wide END
                    ELSE 0 END) AS committed
    FROM (VALUES ('hardware'), ('training'), ('sector_wide')) AS n(class)
    CROSS JOIN counted AS c
    JOIN kinds AS k ON k.line_id = c.line_id
    GROUP BY c.project_id, c.recipient, n.class
),
used AS (
    SELECT b.project_id, b.class,
           SUM(CASE WHEN r.commitment_basis = 'open' THEN b.spent + b.committed
                    WHEN b.committed > b.spent THEN b.committed
                    ELSE b.spent END) AS used
    FROM booked AS b
    LEFT JOIN recipients AS r
           ON r.project_id = b.project_id AND r.recipient = b.recipient
    GROUP BY b.project_id, b.class
),
-- Figures without a line, on lines without a clear class, or not reported at all.
unplaced AS (
    SELECT project_id
    FROM (
        SELECT c.project_id
        FROM counted AS c
        LEFT JOIN kinds AS k ON k.line_id = c.line_id
        WHERE k.line_id IS NULL OR k.doubtful > 0
        UNION ALL
        SELECT p.project_id
        FROM paid AS p
        LEFT JOIN counted AS c
               ON c.project_id = p.project_id AND c.recipient = p.recipient
              AND c.kind = 'expenditure'
        WHERE p.date <= $as_of AND p.amount > 0 AND c.project_id IS NULL
    ) AS gaps
    GROUP BY project_id
),
by_class AS (
    SELECT a.project_id, a.tranche, s.class,
           CAST(1000000 * SUM(CASE WHEN s.tranche = a.tranche - 1
                                   THEN s.amount ELSE 0 END) AS DECIMAL(76, 0)) AS previous,
           CAST(1000000 * SUM(CASE WHEN s.tranche < a.tranche - 1
                                   THEN s.amount ELSE 0 END) AS DECIMAL(76, 0)) AS prior
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche < a.tranche
    WHERE s.class IN ('hardware', 'training', 'sector_wide')
    GROUP BY a.project_id, a.tranche, s.class
),
class_use AS (
    SELECT c.project_id, c.tranche, c.class, c.previous, u.project_id AS reporter,
           CASE WHEN n.project_id IS NULL THEN '' ELSE 'PARTLY_KNOWN' END AS flag,
           CASE WHEN COALESCE(u.used, 0) > c.prior THEN CAST(u.used AS DECIMAL(76, 0)) - c.prior
                ELSE CAST(0 AS DECIMAL(76, 0)) END AS used
    FROM by_class AS c
    LEFT JOIN used AS u ON u.project_id = c.project_id AND u.class = c.class
    LEFT JOIN unplaced AS n ON n.project_id = c.project_id
    WHERE c.previous > 0
),
rates AS (
    SELECT b.project_id, b.tranche, n.kind,
           CASE n.kind WHEN 'software_rate_low_bps' THEN b.soft_low
                       WHEN 'software_rate_high_bps' THEN b.soft_high
                       WHEN 'hardware_rate_low_bps' THEN b.hard_low
                       ELSE b.hard_high END AS spent,
           CASE n.kind WHEN 'software_rate_low_bps' THEN b.soft_most
                       WHEN 'software_rate_high_bps' THEN b.soft_least
                       WHEN 'hardware_rate_low_bps' THEN b.hard_most
                       ELSE b.hard_least END AS planned
    FROM (VALUES ('software_rate_low_bps'), ('software_rate_high_bps'),
                       ('hardware_rate_low_bps'), ('hardware_rate_high_bps')) AS n(kind)
    CROSS JOIN bounds AS b
)
SELECT project_id, tranche, kind, '' AS id, '' AS result, '' AS flag,
       CASE WHEN spent <= 0 THEN 0
            ELSE CAST((spent - spent % NULLIF(planned, 0)) / NULLIF(planned, 0) AS BIGINT)
            END AS number,
       'share spent of what earlier tranches planned' AS text
FROM rates
WHERE planned > 0 AND spent IS NOT NULL
UNION ALL
SELECT project_id, tranche, 'class_use' AS kind, class AS id,
       CASE WHEN used * 10000 >= previous * CAST($previous_use_bps AS BIGINT) THEN 'PASS'
            WHEN flag = '' THEN 'FAIL'
            ELSE 'UNKNOWN' END AS result,
       flag,
       CAST((used * 10000 - (used * 10000) % NULLIF(previous, 0)) / NULLIF(previous, 0)
            AS BIGINT) AS number,
       'share used of what the previous tranche planned for the class' AS text
FROM class_use
UNION ALL
SELECT a.project_id, a.tranche, 'first_hardware_day' AS kind, '' AS id, '' AS result,
       '' AS flag, CAST(MIN(c.date) AS BIGINT) AS number,
       'days from 1970-01-01 to the first contract or payment for hardware' AS text
FROM asked AS a
JOIN counted AS c ON c.project_id = a.project_id
JOIN kinds AS k ON k.line_id = c.line_id
WHERE a.tranche > 1 AND k.hardware > 0
GROUP BY a.project_id, a.tranche;

-- statement: evidence
WITH counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.line_id, r.load_id,
           r.source_file, r.source_row, CAST(100 * r.amount AS DECIMAL(38, 0)) AS cents
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of
      AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
)
SELECT a.project_id, a.tranche, 'transactions' AS table_name, c.transaction_id AS key,
       c.load_id, c.source_file, c.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN counted AS c ON c.project_id = a.project_id
WHERE a.tranche > 1 AND c.kind = 'expenditure'
