-- name: category_spending
-- title: Spending by budget category
-- unit: cents
-- grain: project, tranche
-- params: as_of
-- levers: revision
-- nulls: a recipient without a figure has spent nothing at the low bound; a category without a line has no budget
--
-- R10, Q07, Q10 to Q13, Q51. What each recipient spent and committed in a category, against
-- the budget of that category or its newest approved revision; the number shown is the sum
-- over recipients. Money without a category, and what a recipient without a figure
-- received, may belong to any category.

-- statement: facts
WITH parts AS (
    SELECT r.project_id, r.recipient,
           CASE WHEN r.kind = 'expenditure' THEN r.amount END AS spent,
           CASE WHEN r.kind = 'commitment' THEN r.amount ELSE 0 END AS committed,
           0 AS received,
           CASE WHEN COALESCE(r.category, b.category) IS NULL THEN 1 ELSE 0 END AS nameless
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    LEFT JOIN budget_lines AS b ON b.line_id = r.line_id
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
    UNION ALL
    SELECT p.project_id, p.recipient, CAST(NULL AS DECIMAL(18, 2)) AS spent,
           0 AS committed, p.amount AS received, 0 AS nameless
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of AND p.recipient IS NOT NULL
),
by_recipient AS (
    SELECT p.project_id, p.recipient, COUNT(p.spent) AS figures,
           SUM(p.received) AS received, SUM(p.nameless) AS nameless,
           CASE WHEN MAX(n.commitment_basis) = 'open'
                THEN COALESCE(SUM(p.spent), 0) + SUM(p.committed)
                ELSE GREATEST(COALESCE(SUM(p.spent), 0), SUM(p.committed)) END AS used
    FROM parts AS p
    LEFT JOIN recipients AS n
           ON n.project_id = p.project_id AND n.recipient = p.recipient
    GROUP BY p.project_id, p.recipient
),
sums AS (
    SELECT project_id, SUM(used) AS low, SUM(nameless) AS nameless,
           SUM(CASE WHEN figures = 0 AND received > used THEN received ELSE used END)
           AS high,
           STRING_AGG(CASE WHEN figures = 0 AND received > 0
                           THEN CONCAT('expenditure of ', recipient) END,
                      ';') AS missing
    FROM by_recipient
    WHERE figures > 0 OR received > 0 OR used <> 0
    GROUP BY project_id
),
budgeted AS (
    SELECT project_id, SUM(amount) AS budget,
           SUM(CASE WHEN category IS NULL THEN 1 ELSE 0 END) AS nameless,
           COUNT(DISTINCT category_scheme) AS schemes
    FROM budget_lines
    GROUP BY project_id
)
SELECT a.project_id, a.tranche,
       CAST(s.low AS DECIMAL(38, 2)) AS numerator_low,
       CAST(s.high AS DECIMAL(38, 2)) AS numerator_high,
       CAST(COALESCE(b.budget, 0) AS DECIMAL(38, 2)) AS denominator_low,
       CAST(COALESCE(b.budget, 0) AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN s.project_id IS NULL THEN 'NOT_APPLICABLE'
            ELSE CONCAT_WS(';',
                CASE WHEN b.schemes > 1 THEN 'TWO_SCHEMES' END,
                CASE WHEN j.template_version IS NULL AND j.approved_on IS NOT NULL
                     THEN 'TEMPLATE_ASSUMED' END) END AS codes,
       CASE WHEN s.project_id IS NULL THEN ''
            ELSE CONCAT_WS(';', s.missing,
                CASE WHEN s.nameless > 0 THEN 'category of expenditure' END,
                CASE WHEN b.nameless > 0 THEN 'category of budget lines' END,
                CASE WHEN b.schemes > 1 THEN 'one category scheme' END,
                CASE WHEN j.template_version IS NULL AND j.approved_on IS NULL
                     THEN 'template of the project' END) END AS missing
FROM asked AS a
LEFT JOIN projects AS j ON j.project_id = a.project_id
LEFT JOIN sums AS s ON s.project_id = a.project_id
LEFT JOIN budgeted AS b ON b.project_id = a.project_id;

-- statement: items
WITH parts AS (
    SELECT r.project_id, r.recipient, COALESCE(r.category, b.category) AS category,
           CASE WHEN r.kind = 'expenditure' THEN r.amount END AS spent,
           CASE WHEN r.kind = 'commitment' THEN r.amount ELSE 0 END AS committed,
           0 AS received
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    LEFT JOIN budget_lines AS b ON b.line_id = r.line_id
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
    UNION ALL
    SELECT p.project_id, p.recipient, CAST(NULL AS VARCHAR) AS category,
           CAST(NULL AS DECIMAL(18, 2)) AS spent, 0 AS committed, p.amount AS received
    FROM paid AS p
    JOIN projects AS j ON j.project_id = p.project_id AND j.currency = p.currency
    WHERE p.date <= $as_of AND p.recipient IS NOT NULL
),
used AS (
    SELECT p.project_id, p.recipient, p.category, MAX(n.commitment_basis) AS basis,
           COUNT(p.spent) AS figures, COALESCE(SUM(p.spent), 0) AS spent,
           SUM(p.committed) AS committed, SUM(p.received) AS received,
           CASE WHEN MAX(n.commitment_basis) = 'open'
                THEN COALESCE(SUM(p.spent), 0) + SUM(p.committed)
                ELSE GREATEST(COALESCE(SUM(p.spent), 0), SUM(p.committed)) END AS used
    FROM parts AS p
    LEFT JOIN recipients AS n
           ON n.project_id = p.project_id AND n.recipient = p.recipient
    GROUP BY p.project_id, p.recipient, p.category
),
-- What a recipient used beyond its categories; all that it received, where it is silent.
rests AS (
    SELECT project_id, SUM(LEAST(rest, 0)) AS low,
           SUM(CASE WHEN figures = 0 AND received > known
                    THEN GREATEST(rest, received - known)
                    ELSE GREATEST(rest, 0) END) AS high
    FROM (
        SELECT project_id, recipient, SUM(figures) AS figures, SUM(received) AS received,
               SUM(CASE WHEN category IS NULL THEN 0 ELSE used END) AS known,
               CASE WHEN MAX(basis) = 'open'
                    THEN SUM(CASE WHEN category IS NULL THEN used ELSE 0 END)
                    ELSE GREATEST(
                        GREATEST(SUM(spent), SUM(committed))
                        - SUM(CASE WHEN category IS NULL THEN 0 ELSE used END),
                        LEAST(SUM(CASE WHEN category IS NULL THEN used ELSE 0 END), 0))
                    END AS rest
        FROM used
        GROUP BY project_id, recipient
    ) AS recipients
    GROUP BY project_id
),
revised AS (
    SELECT project_id, category, revised_amount,
           ROW_NUMBER() OVER (
               PARTITION BY project_id, category ORDER BY approved_on DESC, proposed_on DESC
           ) AS newest
    FROM revisions
    WHERE approved_on <= $as_of
),
categories AS (
    SELECT project_id, category, SUM(used) AS used, SUM(budget) AS budget
    FROM (
        SELECT project_id, category, used, 0 AS budget FROM used
        UNION ALL
        SELECT project_id, category, 0 AS used, amount AS budget FROM budget_lines
    ) AS lines
    GROUP BY project_id, category
),
bounded AS (
    SELECT c.project_id, c.category, c.used + COALESCE(x.low, 0) AS low,
           c.used + COALESCE(x.high, 0) AS high,
           COALESCE(r.revised_amount, c.budget) AS budget,
           COALESCE(u.budget, 0) AS other_budget
    FROM categories AS c
    LEFT JOIN categories AS u ON u.project_id = c.project_id AND u.category IS NULL
    LEFT JOIN rests AS x ON x.project_id = c.project_id
    LEFT JOIN revised AS r
           ON r.project_id = c.project_id AND r.category = c.category AND r.newest = 1
    WHERE c.category IS NOT NULL
)
SELECT a.project_id, a.tranche, k.kind, b.category AS id, '' AS result, '' AS flag,
       CAST(CASE k.kind WHEN 'category' THEN b.low
                        WHEN 'category_high' THEN b.high
                        WHEN 'category_of' THEN b.budget
                        ELSE b.budget + b.other_budget END AS DECIMAL(38, 2)) AS number,
       CONCAT('category ', b.category, ' at ', CAST(b.low AS DECIMAL(38, 2)), ' of ',
              CAST(b.budget AS DECIMAL(38, 2))) AS text
FROM (VALUES ('category'), ('category_high'), ('category_of'), ('category_of_high'))
           AS k(kind)
CROSS JOIN asked AS a
JOIN bounded AS b ON b.project_id = a.project_id
UNION ALL
SELECT a.project_id, a.tranche, 'template_year' AS kind, '' AS id, '' AS result, '' AS flag,
       CAST(COALESCE(j.template_version, EXTRACT(YEAR FROM j.approved_on))
            AS DECIMAL(38, 2)) AS number,
       '' AS text
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id;

-- statement: evidence
WITH counted AS (
    SELECT r.transaction_id, r.project_id, COALESCE(r.recipient, '') AS recipient, r.kind,
           r.amount, r.load_id, r.source_file, r.source_row
    FROM reported AS r
    JOIN projects AS j ON j.project_id = r.project_id AND j.currency = r.currency
    WHERE r.date <= $as_of AND (r.superseded_on IS NULL OR r.superseded_on > $as_of)
),
larger AS (
    SELECT c.project_id, c.recipient,
           CASE WHEN MAX(n.commitment_basis) = 'open' THEN 'both'
                WHEN SUM(CASE WHEN c.kind = 'commitment' THEN c.amount ELSE 0 END)
                     > SUM(CASE WHEN c.kind = 'expenditure' THEN c.amount ELSE 0 END)
                THEN 'commitment'
                ELSE 'expenditure' END AS kind
    FROM counted AS c
    LEFT JOIN recipients AS n
           ON n.project_id = c.project_id AND n.recipient = c.recipient
    GROUP BY c.project_id, c.recipient
)
SELECT a.project_id, a.tranche, 'transactions' AS table_name, c.transaction_id AS key,
       c.load_id, c.source_file, c.source_row, CAST(c.amount AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN counted AS c ON c.project_id = a.project_id
JOIN larger AS l ON l.project_id = c.project_id AND l.recipient = c.recipient
WHERE l.kind IN ('both', c.kind)
UNION ALL
SELECT a.project_id, a.tranche, 'budget_lines' AS table_name, b.line_id AS key, b.load_id,
       b.source_file, b.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN budget_lines AS b ON b.project_id = a.project_id
