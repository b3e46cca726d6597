-- name: absorption
-- title: Money to be spent against the recent pace
-- unit: cents
-- grain: project, tranche
-- params: as_of, pace_months
-- levers: date
-- nulls: a recipient without a figure has spent nothing of its own; its bounds say so
-- division: whole cents of the recent pace, rounded down, over the months of the pace
--
-- R16. Unspent money and this tranche, over what the pace of the last months would spend in
-- the whole months that are left, in whole cents rounded down. A figure whose period began
-- before those months may belong to them; a recipient without a figure may have spent all.

-- statement: facts
WITH parts AS (
    SELECT a.project_id, a.tranche, t.recipient, t.amount AS planned, 0 AS received,
           CAST(NULL AS DECIMAL(18, 2)) AS spent, 0 AS recent_low, 0 AS recent_high
    FROM asked AS a
    JOIN tranches AS t ON t.project_id = a.project_id AND t.tranche = a.tranche
    WHERE a.tranche > 1
    UNION ALL
    SELECT a.project_id, a.tranche, p.recipient, 0 AS planned, p.amount AS received,
           CAST(NULL AS DECIMAL(18, 2)) AS spent, 0 AS recent_low, 0 AS recent_high
    FROM asked AS a
    JOIN paid AS p ON p.project_id = a.project_id
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE a.tranche > 1 AND p.date <= $as_of
    UNION ALL
    SELECT a.project_id, a.tranche, r.recipient, 0 AS planned, 0 AS received,
           r.amount AS spent,
           CASE WHEN r.date < w.first_day THEN 0
                WHEN r.amount > 0 AND r.period_start < w.first_day THEN 0
                ELSE r.amount END AS recent_low,
           CASE WHEN r.date < w.first_day THEN 0
                WHEN r.amount < 0 AND r.period_start < w.first_day THEN 0
                ELSE r.amount END AS recent_high
    FROM (
        SELECT CAST($as_of AS DATE) + INTERVAL '1 day'
               - CAST(CONCAT($pace_months, ' months') AS INTERVAL) AS first_day
    ) AS w
    CROSS JOIN asked AS a
    JOIN reported AS r ON r.project_id = a.project_id
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE a.tranche > 1 AND r.kind = 'expenditure' AND r.date <= $as_of
      AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
by_recipient AS (
    SELECT project_id, tranche, COALESCE(recipient, '') AS recipient,
           SUM(planned) AS planned,
           SUM(received) AS received, COALESCE(SUM(spent), 0) AS spent,
           COUNT(spent) AS figures, SUM(recent_low) AS recent_low,
           SUM(recent_high) AS recent_high
    FROM parts
    GROUP BY project_id, tranche, COALESCE(recipient, '')
),
-- The months that are left run from the day after the as-of to the end, both included.
sums AS (
    SELECT b.project_id, b.tranche, MAX(j.last_day) AS last_day,
           SUM(b.planned) + SUM(CASE WHEN b.figures = 0 THEN GREATEST(b.received, 0)
                                     ELSE b.received - b.spent END) AS high,
           SUM(b.planned) + SUM(CASE WHEN b.figures = 0 THEN 0
                                     ELSE b.received - b.spent END) AS low,
           CAST(100 * SUM(b.recent_low) AS DECIMAL(38, 0)) AS recent_low,
           CAST(100 * SUM(b.recent_high + CASE WHEN b.figures = 0 AND b.received > 0
                                               THEN b.received ELSE 0 END)
                AS DECIMAL(38, 0)) AS recent_high,
           STRING_AGG(CASE WHEN b.figures = 0 AND b.received > 0
                           THEN CONCAT('expenditure of ', b.recipient) END,
                      ';') AS missing,
           CAST(MAX(j.months) AS DECIMAL(20, 0)) AS months
    FROM by_recipient AS b
    JOIN (
        SELECT project_id, last_day,
               GREATEST(12 * (EXTRACT(YEAR FROM last_day) - EXTRACT(YEAR FROM first_day))
                        + EXTRACT(MONTH FROM last_day) - EXTRACT(MONTH FROM first_day)
                        - CASE WHEN EXTRACT(DAY FROM last_day)
                                    < EXTRACT(DAY FROM first_day) THEN 1 ELSE 0 END,
                        0) AS months
        FROM (
            SELECT project_id,
                   COALESCE(current_end, original_end) + INTERVAL '1 day' AS last_day,
                   CAST($as_of AS DATE) + INTERVAL '1 day' AS first_day
            FROM projects
        ) AS days
    ) AS j ON j.project_id = b.project_id
    GROUP BY b.project_id, b.tranche
),
paced AS (
    SELECT project_id, tranche, low, high, missing, last_day,
           months * GREATEST(recent_low, 0) AS pace_low,
           months * GREATEST(recent_high, 0) AS pace_high,
           CAST($pace_months AS DECIMAL(20, 0)) AS span
    FROM sums
)
SELECT a.project_id, a.tranche,
       CAST(p.low AS DECIMAL(38, 2)) AS numerator_low,
       CAST(p.high AS DECIMAL(38, 2)) AS numerator_high,
       CAST(0.01 * CAST((p.pace_low - p.pace_low % p.span) / p.span AS DECIMAL(38, 0))
            AS DECIMAL(38, 2)) AS denominator_low,
       CAST(0.01 * CAST((p.pace_high - p.pace_high % p.span) / p.span AS DECIMAL(38, 0))
            AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN a.tranche = 1 THEN 'NOT_APPLICABLE'
            WHEN p.last_day IS NOT NULL AND p.pace_high < p.span AND p.low > 0
            THEN 'NO_PACE'
            ELSE '' END AS codes,
       CASE WHEN a.tranche = 1 THEN ''
            ELSE CONCAT_WS(';', p.missing,
                CASE WHEN p.last_day IS NULL THEN 'end of the project' END) END AS missing
FROM asked AS a
LEFT JOIN paced AS p ON p.project_id = a.project_id AND p.tranche = a.tranche;

-- statement: evidence
SELECT a.project_id, a.tranche, 'tranches' AS table_name,
       CONCAT(t.project_id, ' ', t.tranche, ' ', t.recipient) AS key,
       t.load_id, t.source_file, t.source_row, CAST(t.amount AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN tranches AS t ON t.project_id = a.project_id AND t.tranche = a.tranche
WHERE a.tranche > 1
UNION ALL
SELECT a.project_id, a.tranche, 'transactions' AS table_name, p.transaction_id AS key,
       p.load_id, p.source_file, p.source_row,
       CASE WHEN f.project_id IS NOT NULL THEN CAST(p.amount AS DECIMAL(38, 2)) END
       AS amount
FROM asked AS a
JOIN paid AS p ON p.project_id = a.project_id
JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
LEFT JOIN (
    SELECT r.project_id, COALESCE(r.recipient, '') AS recipient
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.kind = 'expenditure' AND r.date <= $as_of
      AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
    GROUP BY r.project_id, COALESCE(r.recipient, '')
) AS f ON f.project_id = p.project_id AND f.recipient = COALESCE(p.recipient, '')
WHERE a.tranche > 1 AND p.date <= $as_of
UNION ALL
SELECT a.project_id, a.tranche, 'transactions' AS table_name, r.transaction_id AS key,
       r.load_id, r.source_file, r.source_row, -CAST(r.amount AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN reported AS r ON r.project_id = a.project_id
JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
WHERE a.tranche > 1 AND r.kind = 'expenditure' AND r.date <= $as_of
  AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
