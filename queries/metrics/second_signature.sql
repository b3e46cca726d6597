-- name: second_signature
-- title: Signatures on the request of a high-risk project
-- unit: count
-- grain: project, tranche
-- params: as_of, risk_marker_count, signatures_count
-- levers: none
-- nulls: a request without a signature has none
--
-- R25. Signatures in different roles under the request; under the project document for
-- the first tranche. A project whose marker is not told may need none or all of them.

-- statement: facts
WITH signed AS (
    SELECT a.project_id, a.tranche, COUNT(*) AS signatures
    FROM asked AS a
    JOIN signatures AS s
      ON s.project_id = a.project_id
     AND s.tranche = CASE WHEN a.tranche = 1 THEN 0 ELSE a.tranche END
    WHERE s.signed_on <= $as_of
    GROUP BY a.project_id, a.tranche
),
needed AS (
    SELECT a.project_id, a.tranche, j.risk_marker, COALESCE(s.signatures, 0) AS signatures,
           CASE WHEN j.risk_marker < CAST($risk_marker_count AS BIGINT) THEN 1 ELSE 0 END
           AS spared
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    LEFT JOIN signed AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
)
SELECT project_id, tranche,
       CASE WHEN spared = 0 THEN signatures END AS numerator_low,
       CASE WHEN spared = 0 THEN signatures END AS numerator_high,
       CASE WHEN spared = 1 THEN NULL
            WHEN risk_marker IS NULL THEN 0
            ELSE CAST($signatures_count AS BIGINT) END AS denominator_low,
       CASE WHEN spared = 0 THEN CAST($signatures_count AS BIGINT) END AS denominator_high,
       CASE WHEN spared = 1 THEN 'NOT_APPLICABLE' ELSE '' END AS codes,
       CASE WHEN risk_marker IS NULL THEN 'risk marker of the project' ELSE '' END AS missing
FROM needed;

-- statement: evidence
SELECT a.project_id, a.tranche, 'signatures' AS table_name,
       CONCAT(s.project_id, ' ', s.tranche, ' ', s.role) AS key,
       s.load_id, s.source_file, s.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN signatures AS s
  ON s.project_id = a.project_id
 AND s.tranche = CASE WHEN a.tranche = 1 THEN 0 ELSE a.tranche END
WHERE s.signed_on <= $as_of
UNION ALL
SELECT a.project_id, a.tranche, 'projects' AS table_name, j.project_id AS key,
       j.load_id, j.source_file, j.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id
WHERE j.risk_marker IS NOT NULL
