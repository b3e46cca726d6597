-- name: tranche_arithmetic
-- title: Plan, transfers and request add up
-- unit: predicate
-- grain: project, tranche
-- params: as_of, indirect_bps
-- levers: none
-- nulls: a recipient without a transfer has got zero; no failure is none
--
-- R14, Q14 to Q17, Q47. Every code that holds is a failure; there is no doubt in it.
-- Half up without a division: r is at most half_up(n / 10000) exactly where 10000 r is
-- at most n + 5000.

-- statement: facts
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
requested AS (
    SELECT project_id, tranche, recipient, amount, load_id, source_file, source_row,
           CASE WHEN requested_on = MAX(requested_on)
                OVER (PARTITION BY project_id, tranche, recipient)
                THEN 1 END AS newest
    FROM requests
    WHERE requested_on <= $as_of
),
-- Rows that a rule would need and that are not in the project's currency.
foreign_rows AS (
    SELECT p.project_id, p.transaction_id, p.currency, p.load_id, p.source_file,
           p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id
    WHERE p.date <= $as_of AND p.currency <> j.currency
    UNION ALL
    SELECT r.project_id, r.transaction_id, r.currency, r.load_id, r.source_file,
           r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
      AND r.currency <> j.currency
),
numbered AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN t.tranche = a.tranche THEN t.amount ELSE 0 END) AS planned,
           COUNT(DISTINCT CASE WHEN t.tranche < a.tranche THEN t.tranche END) AS earlier
    FROM asked AS a
    LEFT JOIN tranches AS t ON t.project_id = a.project_id
    GROUP BY a.project_id, a.tranche
),
shared AS (
    SELECT project_id, recipient, COUNT(*) AS tranches, COUNT(share_bps) AS stated,
           SUM(share_bps) AS share_bps
    FROM tranches
    GROUP BY project_id, recipient
),
-- The approved amount of a recipient is its budget: exactly, where the budget holds the
-- indirect cost too (a line X1), else at least.
approved AS (
    SELECT project_id, recipient, SUM(planned) AS planned, SUM(budget) AS budget,
           MAX(indirect) AS indirect
    FROM (
        SELECT project_id, recipient, amount AS planned, 0 AS budget, 0 AS indirect
        FROM tranches
        UNION ALL
        SELECT project_id, recipient, 0 AS planned, amount AS budget,
               CASE WHEN class = 'support' AND subclass = 'X1' THEN 1 ELSE 0 END AS indirect
        FROM classified_lines
    ) AS parts
    GROUP BY project_id, recipient
),
received AS (
    SELECT project_id, tranche, recipient, SUM(amount) AS amount
    FROM transferred
    WHERE amount > 0
    GROUP BY project_id, tranche, recipient
),
previous AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN t.amount IS NULL THEN 0 ELSE t.amount END) AS amount
    FROM asked AS a
    LEFT JOIN transferred AS t
           ON t.project_id = a.project_id AND t.tranche = a.tranche - 1
    WHERE a.tranche > 1
    GROUP BY a.project_id, a.tranche
),
-- Per recipient: all it was paid, all that is planned, the plan and the request for k.
positions AS (
    SELECT project_id, tranche, recipient, SUM(paid) AS paid, SUM(plan) AS plan,
           SUM(planned) AS planned, SUM(requested) AS requested
    FROM (
        SELECT a.project_id, a.tranche, t.recipient, 0 AS paid, t.amount AS plan,
               CASE WHEN t.tranche = a.tranche THEN t.amount ELSE 0 END AS planned,
               CAST(NULL AS DECIMAL(18, 2)) AS requested
        FROM asked AS a
        JOIN tranches AS t ON t.project_id = a.project_id
        UNION ALL
        SELECT a.project_id, a.tranche, t.recipient, t.amount AS paid, 0 AS plan,
               0 AS planned, CAST(NULL AS DECIMAL(18, 2)) AS requested
        FROM asked AS a
        JOIN transferred AS t ON t.project_id = a.project_id
        WHERE t.recipient IS NOT NULL
        UNION ALL
        SELECT a.project_id, a.tranche, r.recipient, 0 AS paid, 0 AS plan, 0 AS planned,
               r.amount AS requested
        FROM asked AS a
        JOIN requested AS r ON r.project_id = a.project_id AND r.tranche = a.tranche
        WHERE r.newest = 1
    ) AS parts
    GROUP BY project_id, tranche, recipient
),
indirect_lines AS (
    SELECT line_id
    FROM classified_lines
    WHERE class = 'support' AND subclass = 'X1'
    GROUP BY line_id
),
-- Only a tranche that states its lines can contradict them; in cents.
stated AS (
    SELECT project_id, tranche
    FROM tranche_lines
    GROUP BY project_id, tranche
),
added_up AS (
    SELECT project_id, tranche, recipient, SUM(gross) AS gross, SUM(lines) AS lines
    FROM (
        SELECT s.project_id, s.tranche, t.recipient,
               100 * CAST(t.amount AS DECIMAL(38, 2)) AS gross, 0 AS lines
        FROM stated AS s
        JOIN tranches AS t ON t.project_id = s.project_id AND t.tranche = s.tranche
        UNION ALL
        SELECT l.project_id, l.tranche, b.recipient, 0 AS gross,
               100 * CAST(l.amount AS DECIMAL(38, 2)) AS lines
        FROM tranche_lines AS l
        JOIN budget_lines AS b ON b.line_id = l.line_id
        LEFT JOIN indirect_lines AS x ON x.line_id = l.line_id
        WHERE x.line_id IS NULL
    ) AS parts
    GROUP BY project_id, tranche, recipient
),
found AS (
    SELECT project_id, tranche, 'TRANCHE_NOT_PLANNED' AS code,
           CASE WHEN planned <= 0 THEN 'nothing is planned for the tranche'
                ELSE 'a tranche before it is not planned' END AS what
    FROM numbered
    WHERE planned <= 0 OR earlier <> tranche - 1
    UNION ALL
    SELECT a.project_id, a.tranche, 'SHARES_NOT_10000' AS code,
           CONCAT('shares of ', s.recipient, ' sum to ', s.share_bps, ' over ', s.stated,
                  ' of ', s.tranches, ' tranches') AS what
    FROM asked AS a
    JOIN shared AS s ON s.project_id = a.project_id
    WHERE s.stated > 0 AND (s.stated < s.tranches OR s.share_bps <> 10000)
    UNION ALL
    SELECT a.project_id, a.tranche, 'PLAN_NOT_APPROVED_BUDGET' AS code,
           CONCAT('tranches of ', p.recipient, ' sum to ',
                  CAST(p.planned AS DECIMAL(38, 2)), ', its budget to ',
                  CAST(p.budget AS DECIMAL(38, 2))) AS what
    FROM asked AS a
    JOIN approved AS p ON p.project_id = a.project_id
    WHERE p.planned < p.budget OR (p.indirect = 1 AND p.planned <> p.budget)
    UNION ALL
    SELECT a.project_id, a.tranche, 'TRANSFER_NOT_PLANNED' AS code,
           CONCAT('transfer ', p.transaction_id, ' is in no planned tranche') AS what
    FROM asked AS a
    JOIN transferred AS p ON p.project_id = a.project_id
    LEFT JOIN tranches AS t
           ON t.project_id = p.project_id AND t.tranche = p.tranche
          AND t.recipient = p.recipient
    WHERE p.amount > 0 AND t.project_id IS NULL
    UNION ALL
    SELECT a.project_id, a.tranche, 'ALREADY_TRANSFERRED' AS code,
           CONCAT('transfer ', t.transaction_id, ' of tranche ', t.tranche) AS what
    FROM asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id AND t.tranche >= a.tranche
    WHERE t.amount > 0
    UNION ALL
    SELECT a.project_id, a.tranche, 'EARLIER_NOT_TRANSFERRED' AS code,
           CONCAT('tranche ', t.tranche, ' of ', t.recipient, ': ',
                  CAST(COALESCE(r.amount, 0) AS DECIMAL(38, 2)), ' of ', t.amount,
                  ' transferred') AS what
    FROM asked AS a
    JOIN tranches AS t ON t.project_id = a.project_id AND t.tranche < a.tranche
    LEFT JOIN received AS r
           ON r.project_id = t.project_id AND r.tranche = t.tranche
          AND r.recipient = t.recipient
    WHERE COALESCE(r.amount, 0) < t.amount
    UNION ALL
    SELECT project_id, tranche, 'ZERO_PREVIOUS_TRANCHE' AS code,
           CONCAT('net transfers of tranche ', tranche - 1, ' are ',
                  CAST(amount AS DECIMAL(38, 2))) AS what
    FROM previous
    WHERE amount <= 0
    UNION ALL
    SELECT project_id, tranche, 'OVER_APPROVED' AS code,
           CONCAT(recipient, ' was paid ', CAST(paid AS DECIMAL(38, 2)), ' and requests ',
                  CAST(COALESCE(requested, planned) AS DECIMAL(38, 2)), ' of ',
                  CAST(plan AS DECIMAL(38, 2))) AS what
    FROM positions
    WHERE paid + COALESCE(requested, planned) > plan
    UNION ALL
    SELECT project_id, tranche, 'REQUEST_DIFFERS_FROM_PLAN' AS code,
           CONCAT(recipient, ' requests ', CAST(requested AS DECIMAL(38, 2)),
                  ', planned is ', CAST(planned AS DECIMAL(38, 2))) AS what
    FROM positions
    WHERE requested <> planned
    UNION ALL
    SELECT a.project_id, a.tranche, 'LINES_DO_NOT_ADD_UP' AS code,
           CONCAT(l.recipient, ' has lines of ', CAST(0.01 * l.lines AS DECIMAL(38, 2)),
                  ' in ', CAST(0.01 * l.gross AS DECIMAL(38, 2))) AS what
    FROM asked AS a
    JOIN added_up AS l ON l.project_id = a.project_id AND l.tranche = a.tranche
    WHERE l.lines > l.gross
       OR 10000 * (l.gross - l.lines - 1) > CAST($indirect_bps AS BIGINT) * l.lines + 5000
    UNION ALL
    SELECT a.project_id, a.tranche, 'CURRENCY' AS code,
           CONCAT('transaction ', f.transaction_id, ' is in ', f.currency) AS what
    FROM asked AS a
    JOIN foreign_rows AS f ON f.project_id = a.project_id
),
codes AS (
    SELECT project_id, tranche, code, STRING_AGG(what, '; ' ORDER BY what) AS what
    FROM found
    GROUP BY project_id, tranche, code
),
counts AS (
    SELECT project_id, tranche, COUNT(*) AS failed,
           STRING_AGG(code, ';') AS codes
    FROM codes
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       COALESCE(c.failed, 0) AS numerator_low, COALESCE(c.failed, 0) AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       COALESCE(c.codes, '') AS codes, '' AS missing
FROM asked AS a
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: items
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
requested AS (
    SELECT project_id, tranche, recipient, amount, load_id, source_file, source_row,
           CASE WHEN requested_on = MAX(requested_on)
                OVER (PARTITION BY project_id, tranche, recipient)
                THEN 1 END AS newest
    FROM requests
    WHERE requested_on <= $as_of
),
-- Rows that a rule would need and that are not in the project's currency.
foreign_rows AS (
    SELECT p.project_id, p.transaction_id, p.currency, p.load_id, p.source_file,
           p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id
    WHERE p.date <= $as_of AND p.currency <> j.currency
    UNION ALL
    SELECT r.project_id, r.transaction_id, r.currency, r.load_id, r.source_file,
           r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
      AND r.currency <> j.currency
),
numbered AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN t.tranche = a.tranche THEN t.amount ELSE 0 END) AS planned,
           COUNT(DISTINCT CASE WHEN t.tranche < a.tranche THEN t.tranche END) AS earlier
    FROM asked AS a
    LEFT JOIN tranches AS t ON t.project_id = a.project_id
    GROUP BY a.project_id, a.tranche
),
shared AS (
    SELECT project_id, recipient, COUNT(*) AS tranches, COUNT(share_bps) AS stated,
           SUM(share_bps) AS share_bps
    FROM tranches
    GROUP BY project_id, recipient
),
-- The approved amount of a recipient is its budget: exactly, where the budget holds the
-- indirect cost too (a line X1), else at least.
approved AS (
    SELECT project_id, recipient, SUM(planned) AS planned, SUM(budget) AS budget,
           MAX(indirect) AS indirect
    FROM (
        SELECT project_id, recipient, amount AS planned, 0 AS budget, 0 AS indirect
        FROM tranches
        UNION ALL
        SELECT project_id, recipient, 0 AS planned, amount AS budget,
               CASE WHEN class = 'support' AND subclass = 'X1' THEN 1 ELSE 0 END AS indirect
        FROM classified_lines
    ) AS parts
    GROUP BY project_id, recipient
),
received AS (
    SELECT project_id, tranche, recipient, SUM(amount) AS amount
    FROM transferred
    WHERE amount > 0
    GROUP BY project_id, tranche, recipient
),
previous AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN t.amount IS NULL THEN 0 ELSE t.amount END) AS amount
    FROM asked AS a
    LEFT JOIN transferred AS t
           ON t.project_id = a.project_id AND t.tranche = a.tranche - 1
    WHERE a.tranche > 1
    GROUP BY a.project_id, a.tranche
),
-- Per recipient: all it was paid, all that is planned, the plan and the request for k.
positions AS (
    SELECT project_id, tranche, recipient, SUM(paid) AS paid, SUM(plan) AS plan,
           SUM(planned) AS planned, SUM(requested) AS requested
    FROM (
        SELECT a.project_id, a.tranche, t.recipient, 0 AS paid, t.amount AS plan,
               CASE WHEN t.tranche = a.tranche THEN t.amount ELSE 0 END AS planned,
               CAST(NULL AS DECIMAL(18, 2)) AS requested
        FROM asked AS a
        JOIN tranches AS t ON t.project_id = a.project_id
        UNION ALL
        SELECT a.project_id, a.tranche, t.recipient, t.amount AS paid, 0 AS plan,
               0 AS planned, CAST(NULL AS DECIMAL(18, 2)) AS requested
        FROM asked AS a
        JOIN transferred AS t ON t.project_id = a.project_id
        WHERE t.recipient IS NOT NULL
        UNION ALL
        SELECT a.project_id, a.tranche, r.recipient, 0 AS paid, 0 AS plan, 0 AS planned,
               r.amount AS requested
        FROM asked AS a
        JOIN requested AS r ON r.project_id = a.project_id AND r.tranche = a.tranche
        WHERE r.newest = 1
    ) AS parts
    GROUP BY project_id, tranche, recipient
),
indirect_lines AS (
    SELECT line_id
    FROM classified_lines
    WHERE class = 'support' AND subclass = 'X1'
    GROUP BY line_id
),
-- Only a tranche that states its lines can contradict them; in cents.
stated AS (
    SELECT project_id, tranche
    FROM tranche_lines
    GROUP BY project_id, tranche
),
added_up AS (
    SELECT project_id, tranche, recipient, SUM(gross) AS gross, SUM(lines) AS lines
    FROM (
        SELECT s.project_id, s.tranche, t.recipient,
               100 * CAST(t.amount AS DECIMAL(38, 2)) AS gross, 0 AS lines
        FROM stated AS s
        JOIN tranches AS t ON t.project_id = s.project_id AND t.tranche = s.tranche
        UNION ALL
        SELECT l.project_id, l.tranche, b.recipient, 0 AS gross,
               100 * CAST(l.amount AS DECIMAL(38, 2)) AS lines
        FROM tranche_lines AS l
        JOIN budget_lines AS b ON b.line_id = l.line_id
        LEFT JOIN indirect_lines AS x ON x.line_id = l.line_id
        WHERE x.line_id IS NULL
    ) AS parts
    GROUP BY project_id, tranche, recipient
),
found AS (
    SELECT project_id, tranche, 'TRANCHE_NOT_PLANNED' AS code,
           CASE WHEN planned <= 0 THEN 'nothing is planned for the tranche'
                ELSE 'a tranche before it is not planned' END AS what
    FROM numbered
    WHERE planned <= 0 OR earlier <> tranche - 1
    UNION ALL
    SELECT a.project_id, a.tranche, 'SHARES_NOT_10000' AS code,
           CONCAT('shares of ', s.recipient, ' sum to ', s.share_bps, ' over ', s.stated,
                  ' of ', s.tranches, ' tranches') AS what
    FROM asked AS a
    JOIN shared AS s ON s.project_id = a.project_id
    WHERE s.stated > 0 AND (s.stated < s.tranches OR s.share_bps <> 10000)
    UNION ALL
    SELECT a.project_id, a.tranche, 'PLAN_NOT_APPROVED_BUDGET' AS code,
           CONCAT('tranches of ', p.recipient, ' sum to ',
                  CAST(p.planned AS DECIMAL(38, 2)), ', its budget to ',
                  CAST(p.budget AS DECIMAL(38, 2))) AS what
    FROM asked AS a
    JOIN approved AS p ON p.project_id = a.project_id
    WHERE p.planned < p.budget OR (p.indirect = 1 AND p.planned <> p.budget)
    UNION ALL
    SELECT a.project_id, a.tranche, 'TRANSFER_NOT_PLANNED' AS code,
           CONCAT('transfer ', p.transaction_id, ' is in no planned tranche') AS what
    FROM asked AS a
    JOIN transferred AS p ON p.project_id = a.project_id
    LEFT JOIN tranches AS t
           ON t.project_id = p.project_id AND t.tranche = p.tranche
          AND t.recipient = p.recipient
    WHERE p.amount > 0 AND t.project_id IS NULL
    UNION ALL
    SELECT a.project_id, a.tranche, 'ALREADY_TRANSFERRED' AS code,
           CONCAT('transfer ', t.transaction_id, ' of tranche ', t.tranche) AS what
    FROM asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id AND t.tranche >= a.tranche
    WHERE t.amount > 0
    UNION ALL
    SELECT a.project_id, a.tranche, 'EARLIER_NOT_TRANSFERRED' AS code,
           CONCAT('tranche ', t.tranche, ' of ', t.recipient, ': ',
                  CAST(COALESCE(r.amount, 0) AS DECIMAL(38, 2)), ' of ', t.amount,
                  ' transferred') AS what
    FROM asked AS a
    JOIN tranches AS t ON t.project_id = a.project_id AND t.tranche < a.tranche
    LEFT JOIN received AS r
           ON r.project_id = t.project_id AND r.tranche = t.tranche
          AND r.recipient = t.recipient
    WHERE COALESCE(r.amount, 0) < t.amount
    UNION ALL
    SELECT project_id, tranche, 'ZERO_PREVIOUS_TRANCHE' AS code,
           CONCAT('net transfers of tranche ', tranche - 1, ' are ',
                  CAST(amount AS DECIMAL(38, 2))) AS what
    FROM previous
    WHERE amount <= 0
    UNION ALL
    SELECT project_id, tranche, 'OVER_APPROVED' AS code,
           CONCAT(recipient, ' was paid ', CAST(paid AS DECIMAL(38, 2)), ' and requests ',
                  CAST(COALESCE(requested, planned) AS DECIMAL(38, 2)), ' of ',
                  CAST(plan AS DECIMAL(38, 2))) AS what
    FROM positions
    WHERE paid + COALESCE(requested, planned) > plan
    UNION ALL
    SELECT project_id, tranche, 'REQUEST_DIFFERS_FROM_PLAN' AS code,
           CONCAT(recipient, ' requests ', CAST(requested AS DECIMAL(38, 2)),
                  ', planned is ', CAST(planned AS DECIMAL(38, 2))) AS what
    FROM positions
    WHERE requested <> planned
    UNION ALL
    SELECT a.project_id, a.tranche, 'LINES_DO_NOT_ADD_UP' AS code,
           CONCAT(l.recipient, ' has lines of ', CAST(0.01 * l.lines AS DECIMAL(38, 2)),
                  ' in ', CAST(0.01 * l.gross AS DECIMAL(38, 2))) AS what
    FROM asked AS a
    JOIN added_up AS l ON l.project_id = a.project_id AND l.tranche = a.tranche
    WHERE l.lines > l.gross
       OR 10000 * (l.gross - l.lines - 1) > CAST($indirect_bps AS BIGINT) * l.lines + 5000
    UNION ALL
    SELECT a.project_id, a.tranche, 'CURRENCY' AS code,
           CONCAT('transaction ', f.transaction_id, ' is in ', f.currency) AS what
    FROM asked AS a
    JOIN foreign_rows AS f ON f.project_id = a.project_id
),
codes AS (
    SELECT project_id, tranche, code, STRING_AGG(what, '; ' ORDER BY what) AS what
    FROM found
    GROUP BY project_id, tranche, code
)
SELECT project_id, tranche, 'code' AS kind, code AS id, 'FAIL' AS result, '' AS flag,
       CAST(NULL AS BIGINT) AS number, what AS text
FROM codes;

-- statement: evidence
WITH requested AS (
    SELECT project_id, tranche, recipient, amount, load_id, source_file, source_row,
           CASE WHEN requested_on = MAX(requested_on)
                OVER (PARTITION BY project_id, tranche, recipient)
                THEN 1 END AS newest
    FROM requests
    WHERE requested_on <= $as_of
),
-- Rows that a rule would need and that are not in the project's currency.
foreign_rows AS (
    SELECT p.project_id, p.transaction_id, p.currency, p.load_id, p.source_file,
           p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id
    WHERE p.date <= $as_of AND p.currency <> j.currency
    UNION ALL
    SELECT r.project_id, r.transaction_id, r.currency, r.load_id, r.source_file,
           r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
      AND r.currency <> j.currency
)
SELECT a.project_id, a.tranche, 'tranches' AS table_name,
       CONCAT(t.project_id, ' ', t.tranche, ' ', t.recipient) AS key,
       t.load_id, t.source_file, t.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN tranches AS t ON t.project_id = a.project_id
UNION ALL
SELECT a.project_id, a.tranche, 'transactions' AS table_name, p.transaction_id AS key,
       p.load_id, p.source_file, p.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN paid AS p ON p.project_id = a.project_id
WHERE p.date <= $as_of
UNION ALL
SELECT a.project_id, a.tranche, 'transactions' AS table_name, f.transaction_id AS key,
       f.load_id, f.source_file, f.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN foreign_rows AS f ON f.project_id = a.project_id
LEFT JOIN paid AS p ON p.transaction_id = f.transaction_id
WHERE p.transaction_id IS NULL
UNION ALL
SELECT a.project_id, a.tranche, 'requests' AS table_name,
       CONCAT(r.project_id, ' ', r.tranche, ' ', r.recipient) AS key,
       r.load_id, r.source_file, r.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN requested AS r ON r.project_id = a.project_id AND r.tranche = a.tranche
WHERE r.newest = 1
