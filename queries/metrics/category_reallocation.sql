-- name: category_reallocation
-- title: Proposed changes of budget categories
-- unit: cents
-- grain: project, tranche
-- params: as_of
-- levers: revision
--
-- R09, Q07, Q53. Revisions proposed by the as-of and not approved by then. Each is compared
-- by the gate, which picks the limit by the template; the number shown is their sum.

-- statement: facts
WITH proposed AS (
    SELECT project_id, SUM(ABS(revised_amount - approved_amount)) AS change,
           SUM(approved_amount) AS approved
    FROM revisions
    WHERE proposed_on <= $as_of AND (approved_on IS NULL OR approved_on > $as_of)
    GROUP BY project_id
)
SELECT a.project_id, a.tranche,
       CAST(p.change AS DECIMAL(38, 2)) AS numerator_low,
       CAST(p.change AS DECIMAL(38, 2)) AS numerator_high,
       CAST(p.approved AS DECIMAL(38, 2)) AS denominator_low,
       CAST(p.approved AS DECIMAL(38, 2)) AS denominator_high,
       CASE WHEN p.project_id IS NULL THEN 'NOT_APPLICABLE'
            WHEN j.template_version IS NULL AND j.approved_on IS NOT NULL
            THEN 'TEMPLATE_ASSUMED'
            ELSE '' END AS codes,
       CASE WHEN p.project_id IS NOT NULL AND j.template_version IS NULL
             AND j.approved_on IS NULL THEN 'template of the project'
            ELSE '' END AS missing
FROM asked AS a
LEFT JOIN projects AS j ON j.project_id = a.project_id
LEFT JOIN proposed AS p ON p.project_id = a.project_id;

-- statement: items
SELECT a.project_id, a.tranche, k.kind, CONCAT(r.category, ' ', r.proposed_on) AS id,
       '' AS result, '' AS flag,
       CASE WHEN k.kind = 'category'
            THEN CAST(ABS(r.revised_amount - r.approved_amount) AS DECIMAL(38, 2))
            ELSE CAST(r.approved_amount AS DECIMAL(38, 2)) END AS number,
       CONCAT('category ', r.category, ' from ', r.approved_amount, ' to ',
              r.revised_amount, ', proposed ', r.proposed_on) AS text
FROM (VALUES ('category'), ('category_of')) AS k(kind)
CROSS JOIN asked AS a
JOIN revisions AS r ON r.project_id = a.project_id
WHERE r.proposed_on <= $as_of AND (r.approved_on IS NULL OR r.approved_on > $as_of)
UNION ALL
SELECT a.project_id, a.tranche, 'template_year' AS kind, '' AS id, '' AS result, '' AS flag,
       CAST(COALESCE(j.template_version, EXTRACT(YEAR FROM j.approved_on))
            AS DECIMAL(38, 2)) AS number,
       '' AS text
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id;

-- statement: evidence
SELECT a.project_id, a.tranche, 'revisions' AS table_name,
       CONCAT(r.project_id, ' ', r.category, ' ', r.proposed_on) AS key,
       r.load_id, r.source_file, r.source_row,
       CAST(ABS(r.revised_amount - r.approved_amount) AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN revisions AS r ON r.project_id = a.project_id
WHERE r.proposed_on <= $as_of AND (r.approved_on IS NULL OR r.approved_on > $as_of)
