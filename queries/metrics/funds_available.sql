-- name: funds_available
-- title: Balance of the fund for the tranche
-- unit: cents
-- grain: project, tranche
-- params: as_of
-- levers: none
--
-- R18, Q53. The newest balance of the fund `PBF` less the newest reserved amount, both by
-- the as-of and in the project's currency, over the planned tranche. Where only the balance
-- is told, anything of it may be reserved.

-- statement: facts
WITH newest AS (
    SELECT basis, currency, amount,
           ROW_NUMBER() OVER (PARTITION BY basis, currency ORDER BY as_of DESC) AS newest
    FROM funds
    WHERE fund = 'PBF' AND basis IN ('balance', 'reserved') AND as_of <= $as_of
),
available AS (
    SELECT currency, SUM(CASE WHEN basis = 'balance' THEN amount END) AS balance,
           SUM(CASE WHEN basis = 'reserved' THEN amount END) AS reserved
    FROM newest
    WHERE newest = 1
    GROUP BY currency
),
planned AS (
    SELECT project_id, tranche, SUM(amount) AS amount
    FROM tranches
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       CAST(CASE WHEN f.balance IS NULL THEN NULL
                 WHEN f.reserved IS NULL THEN 0
                 ELSE f.balance - f.reserved END AS DECIMAL(38, 2)) AS numerator_low,
       CAST(f.balance - COALESCE(f.reserved, 0) AS DECIMAL(38, 2)) AS numerator_high,
       CAST(p.amount AS DECIMAL(38, 2)) AS denominator_low,
       CAST(p.amount AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN COALESCE(p.amount, 0) <= 0 THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       CASE WHEN COALESCE(p.amount, 0) <= 0 THEN ''
            ELSE CONCAT_WS(';',
                CASE WHEN f.balance IS NULL THEN 'balance of PBF' END,
                CASE WHEN f.reserved IS NULL THEN 'reserved amount of PBF' END) END
       AS missing
FROM asked AS a
LEFT JOIN projects AS j ON j.project_id = a.project_id
LEFT JOIN available AS f ON f.currency = j.currency
LEFT JOIN planned AS p ON p.project_id = a.project_id AND p.tranche = a.tranche;

-- statement: evidence
SELECT project_id, tranche, 'funds' AS table_name, CONCAT(fund, ' ', basis, ' ', as_of) AS key,
       load_id, source_file, source_row,
       CASE WHEN basis = 'balance' AND all_known = 2 THEN CAST(amount AS DECIMAL(38, 2))
            WHEN all_known = 2 THEN -CAST(amount AS DECIMAL(38, 2)) END AS amount
FROM (
    SELECT a.project_id, a.tranche, n.fund, n.basis, n.as_of, n.amount, n.load_id,
           n.source_file, n.source_row,
           COUNT(*) OVER (PARTITION BY a.project_id, a.tranche) AS all_known
    FROM asked AS a
    JOIN projects AS j ON j.project_id = a.project_id
    JOIN (
        SELECT fund, basis, as_of, currency, amount, load_id, source_file, source_row,
               ROW_NUMBER() OVER (PARTITION BY basis, currency ORDER BY as_of DESC)
               AS newest
        FROM funds
        WHERE fund = 'PBF' AND basis IN ('balance', 'reserved') AND as_of <= $as_of
    ) AS n ON n.currency = j.currency AND n.newest = 1
) AS told
