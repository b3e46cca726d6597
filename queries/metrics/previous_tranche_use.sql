-- name: previous_tranche_use
-- title: Use of the previous tranche
-- unit: cents
-- grain: project, tranche
-- params: as_of
-- levers: more_used, date
-- nulls: commitments that nobody told are zero (Q13); a missing expenditure gets its bounds first
--
-- R02, Q10 to Q20. Used is what the recipients of earlier tranches spent and committed,
-- less what was transferred before the previous tranche; one test for the whole project.

-- statement: facts
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
previous AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN t.tranche < a.tranche - 1 THEN t.amount ELSE 0 END) AS prior,
           SUM(CASE WHEN t.tranche = a.tranche - 1 THEN t.amount ELSE 0 END) AS previous
    FROM asked AS a
    LEFT JOIN transferred AS t
           ON t.project_id = a.project_id AND t.tranche < a.tranche
    WHERE a.tranche > 1
    GROUP BY a.project_id, a.tranche
),
concerned AS (
    SELECT a.project_id, a.tranche, t.recipient, SUM(t.amount) AS received
    FROM asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id AND t.tranche < a.tranche
    WHERE t.recipient IS NOT NULL
    GROUP BY a.project_id, a.tranche, t.recipient
    HAVING MAX(t.amount) > 0
),
-- A sum over no row stays NULL: no expenditure row is a missing figure, never zero.
booked AS (
    SELECT project_id, recipient,
           SUM(CASE WHEN kind = 'expenditure' THEN amount END) AS spent,
           SUM(CASE WHEN kind = 'commitment' THEN amount ELSE 0 END) AS committed
    FROM counted
    WHERE recipient IS NOT NULL
    GROUP BY project_id, recipient
),
used AS (
    SELECT c.project_id, c.tranche, c.recipient, c.received, r.commitment_basis, b.spent,
           COALESCE(b.committed, 0) AS committed,
           CASE WHEN b.spent IS NULL THEN COALESCE(b.committed, 0)
                WHEN r.commitment_basis = 'open' THEN b.spent + b.committed
                WHEN b.committed > b.spent THEN b.committed
                ELSE b.spent END AS low
    FROM concerned AS c
    LEFT JOIN booked AS b ON b.project_id = c.project_id AND b.recipient = c.recipient
    LEFT JOIN recipients AS r
           ON r.project_id = c.project_id AND r.recipient = c.recipient
),
-- Rows that name no recipient of several can only be doubt: more used at the high bound,
-- less at the low one.
unassigned AS (
    SELECT project_id,
           SUM(CASE WHEN amount < 0 THEN amount ELSE 0 END) AS low,
           SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS high,
           STRING_AGG(
               CONCAT('recipient of transaction ', transaction_id), ';') AS missing
    FROM counted
    WHERE recipient IS NULL
    GROUP BY project_id
),
project_used AS (
    SELECT project_id, tranche, SUM(low) AS low,
           SUM(CASE WHEN spent IS NULL AND received > low THEN received ELSE low END) AS high,
           STRING_AGG(
               CASE WHEN spent IS NULL
                    THEN CONCAT('expenditure of ', recipient) END,
               ';') AS missing
    FROM used
    GROUP BY project_id, tranche
),
totals AS (
    SELECT p.project_id, p.tranche, p.previous, p.prior,
           COALESCE(u.low, 0) + COALESCE(n.low, 0) - p.prior AS low,
           COALESCE(u.high, 0) + COALESCE(n.high, 0) - p.prior AS high,
           u.missing AS figures, n.missing AS recipients
    FROM previous AS p
    LEFT JOIN project_used AS u ON u.project_id = p.project_id AND u.tranche = p.tranche
    LEFT JOIN unassigned AS n ON n.project_id = p.project_id
)
SELECT a.project_id, a.tranche,
       CAST(CASE WHEN t.low < 0 THEN 0 ELSE t.low END AS DECIMAL(38, 2)) AS numerator_low,
       CAST(CASE WHEN t.high < 0 THEN 0 ELSE t.high END AS DECIMAL(38, 2)) AS numerator_high,
       CAST(t.previous AS DECIMAL(38, 2)) AS denominator_low,
       CAST(t.previous AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN t.project_id IS NULL THEN 'NOT_APPLICABLE'
            WHEN t.previous <= 0 THEN 'ZERO_PREVIOUS_TRANCHE'
            ELSE '' END AS codes,
       CONCAT_WS(';', t.figures, t.recipients) AS missing
FROM asked AS a
LEFT JOIN totals AS t ON t.project_id = a.project_id AND t.tranche = a.tranche;

-- statement: items
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
previous AS (
    SELECT a.project_id, a.tranche,
           SUM(CASE WHEN t.tranche < a.tranche - 1 THEN t.amount ELSE 0 END) AS prior,
           SUM(CASE WHEN t.tranche = a.tranche - 1 THEN t.amount ELSE 0 END) AS previous
    FROM asked AS a
    LEFT JOIN transferred AS t
           ON t.project_id = a.project_id AND t.tranche < a.tranche
    WHERE a.tranche > 1
    GROUP BY a.project_id, a.tranche
),
concerned AS (
    SELECT a.project_id, a.tranche, t.recipient, SUM(t.amount) AS received
    FROM asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id AND t.tranche < a.tranche
    WHERE t.recipient IS NOT NULL
    GROUP BY a.project_id, a.tranche, t.recipient
    HAVING MAX(t.amount) > 0
),
-- A sum over no row stays NULL: no expenditure row is a missing figure, never zero.
booked AS (
    SELECT project_id, recipient,
           SUM(CASE WHEN kind = 'expenditure' THEN amount END) AS spent,
           SUM(CASE WHEN kind = 'commitment' THEN amount ELSE 0 END) AS committed
    FROM counted
    WHERE recipient IS NOT NULL
    GROUP BY project_id, recipient
),
used AS (
    SELECT c.project_id, c.tranche, c.recipient, c.received, r.commitment_basis, b.spent,
           COALESCE(b.committed, 0) AS committed,
           CASE WHEN b.spent IS NULL THEN COALESCE(b.committed, 0)
                WHEN r.commitment_basis = 'open' THEN b.spent + b.committed
                WHEN b.committed > b.spent THEN b.committed
                ELSE b.spent END AS low
    FROM concerned AS c
    LEFT JOIN booked AS b ON b.project_id = c.project_id AND b.recipient = c.recipient
    LEFT JOIN recipients AS r
           ON r.project_id = c.project_id AND r.recipient = c.recipient
),
-- Rows that name no recipient of several can only be doubt: more used at the high bound,
-- less at the low one.
unassigned AS (
    SELECT project_id,
           SUM(CASE WHEN amount < 0 THEN amount ELSE 0 END) AS low,
           SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS high,
           STRING_AGG(
               CONCAT('recipient of transaction ', transaction_id), ';') AS missing
    FROM counted
    WHERE recipient IS NULL
    GROUP BY project_id
),
project_used AS (
    SELECT project_id, tranche, SUM(low) AS low,
           SUM(CASE WHEN spent IS NULL AND received > low THEN received ELSE low END) AS high,
           STRING_AGG(
               CASE WHEN spent IS NULL
                    THEN CONCAT('expenditure of ', recipient) END,
               ';') AS missing
    FROM used
    GROUP BY project_id, tranche
),
totals AS (
    SELECT p.project_id, p.tranche, p.previous, p.prior,
           COALESCE(u.low, 0) + COALESCE(n.low, 0) - p.prior AS low,
           COALESCE(u.high, 0) + COALESCE(n.high, 0) - p.prior AS high,
           u.missing AS figures, n.missing AS recipients
    FROM previous AS p
    LEFT JOIN project_used AS u ON u.project_id = p.project_id AND u.tranche = p.tranche
    LEFT JOIN unassigned AS n ON n.project_id = p.project_id
)
SELECT project_id, tranche, 'used_unclamped_low' AS kind, '' AS id, '' AS result,
       '' AS flag, CAST(low AS DECIMAL(38, 2)) AS number,
       'used less transferred before the previous tranche, not clamped' AS text
FROM totals
UNION ALL
SELECT project_id, tranche, 'used_unclamped_high' AS kind, '' AS id, '' AS result,
       '' AS flag, CAST(high AS DECIMAL(38, 2)) AS number,
       'the same with what is missing at its most' AS text
FROM totals
UNION ALL
SELECT project_id, tranche, 'transferred_before' AS kind, '' AS id, '' AS result,
       '' AS flag, CAST(prior AS DECIMAL(38, 2)) AS number,
       'transferred before the previous tranche' AS text
FROM totals
UNION ALL
SELECT project_id, tranche, 'recipient' AS kind, recipient AS id,
       CASE WHEN spent IS NULL THEN 'UNKNOWN' ELSE '' END AS result,
       '' AS flag, CAST(low AS DECIMAL(38, 2)) AS number,
       CASE WHEN spent IS NULL
            THEN CONCAT('no expenditure reported, ', commitment_basis, ' commitments ',
                        CAST(committed AS DECIMAL(38, 2)))
            ELSE CONCAT('spent ', CAST(spent AS DECIMAL(38, 2)), ', ', commitment_basis,
                        ' commitments ', CAST(committed AS DECIMAL(38, 2)))
            END AS text
FROM used;

-- statement: evidence
WITH transferred AS (
    SELECT p.transaction_id, p.project_id, p.recipient, p.tranche, p.date, p.amount,
           p.load_id, p.source_file, p.source_row
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of
),
counted AS (
    SELECT r.transaction_id, r.project_id, r.recipient, r.kind, r.date, r.amount, r.grade,
           r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
concerned AS (
    SELECT a.project_id, a.tranche, t.recipient, SUM(t.amount) AS received
    FROM asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id AND t.tranche < a.tranche
    WHERE t.recipient IS NOT NULL
    GROUP BY a.project_id, a.tranche, t.recipient
    HAVING MAX(t.amount) > 0
),
-- A sum over no row stays NULL: no expenditure row is a missing figure, never zero.
booked AS (
    SELECT project_id, recipient,
           SUM(CASE WHEN kind = 'expenditure' THEN amount END) AS spent,
           SUM(CASE WHEN kind = 'commitment' THEN amount ELSE 0 END) AS committed
    FROM counted
    WHERE recipient IS NOT NULL
    GROUP BY project_id, recipient
),
used AS (
    SELECT c.project_id, c.tranche, c.recipient, c.received, r.commitment_basis, b.spent,
           COALESCE(b.committed, 0) AS committed,
           CASE WHEN b.spent IS NULL THEN COALESCE(b.committed, 0)
                WHEN r.commitment_basis = 'open' THEN b.spent + b.committed
                WHEN b.committed > b.spent THEN b.committed
                ELSE b.spent END AS low
    FROM concerned AS c
    LEFT JOIN booked AS b ON b.project_id = c.project_id AND b.recipient = c.recipient
    LEFT JOIN recipients AS r
           ON r.project_id = c.project_id AND r.recipient = c.recipient
),
-- A row adds to the number where its kind is the one that counts for its recipient.
used_rows AS (
    SELECT u.project_id, u.tranche, c.transaction_id, c.load_id, c.source_file,
           c.source_row,
           CASE WHEN u.spent IS NULL OR u.commitment_basis = 'open' THEN c.amount
                WHEN (u.committed > u.spent) = (c.kind = 'commitment') THEN c.amount
           END AS amount
    FROM used AS u
    JOIN counted AS c ON c.project_id = u.project_id AND c.recipient = u.recipient
    UNION ALL
    SELECT a.project_id, a.tranche, c.transaction_id, c.load_id, c.source_file,
           c.source_row, CASE WHEN c.amount < 0 THEN c.amount END AS amount
    FROM asked AS a
    JOIN counted AS c ON c.project_id = a.project_id
    WHERE a.tranche > 1 AND c.recipient IS NULL
    UNION ALL
    SELECT a.project_id, a.tranche, t.transaction_id, t.load_id, t.source_file,
           t.source_row, CASE WHEN t.tranche < a.tranche - 1 THEN -t.amount END AS amount
    FROM asked AS a
    JOIN transferred AS t ON t.project_id = a.project_id AND t.tranche < a.tranche
    WHERE a.tranche > 1
)
-- Where the number is clamped at zero no row adds to it.
SELECT project_id, tranche, 'transactions' AS table_name, transaction_id AS key,
       load_id, source_file, source_row,
       CASE WHEN SUM(amount) OVER (PARTITION BY project_id, tranche) >= 0
            THEN CAST(amount AS DECIMAL(38, 2)) END AS amount
FROM used_rows
