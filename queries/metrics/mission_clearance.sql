-- name: mission_clearance
-- title: Clearance by the mission or the Resident Coordinator
-- unit: predicate
-- grain: project, tranche
-- params: as_of
-- levers: clearance
--
-- R21, Q38, Q53. The signature of the head of mission, elsewhere of the Resident
-- Coordinator, on the request; for the first tranche on the project document. Gated
-- hardware for defence needs a mandate too (flag NO_MANDATE holds that hardware alone).

-- statement: facts
WITH checked AS (
    SELECT a.project_id, a.tranche,
           CASE WHEN j.setting IS NULL THEN 'UNKNOWN'
                WHEN s.signed_on <= $as_of THEN 'PASS'
                ELSE 'FAIL' END AS clearance,
           CASE WHEN d.project_id IS NULL THEN 'PASS'
                WHEN COALESCE(j.dsr_basis, '') = '' THEN 'UNKNOWN'
                WHEN j.dsr_basis LIKE 'gov_request%' OR j.dsr_basis LIKE 'sc_resolution%'
                  OR j.dsr_basis LIKE 'ga_mandate%' THEN 'PASS'
                ELSE 'FAIL' END AS mandate
    FROM asked AS a
    JOIN projects AS j ON j.project_id = a.project_id
    LEFT JOIN signatures AS s
           ON s.project_id = a.project_id
          AND s.tranche = CASE WHEN a.tranche = 1 THEN 0 ELSE a.tranche END
          AND s.role = CASE WHEN j.setting = 'mission' THEN 'srsg'
                            ELSE 'resident_coordinator' END
    LEFT JOIN (
        SELECT project_id, tranche
        FROM planned_shares
        WHERE gate_treatment = 'gated' AND amount > 0
          AND COALESCE(beneficiary, '') IN ('', 'defence', 'mixed', 'unknown')
        GROUP BY project_id, tranche
    ) AS d ON d.project_id = a.project_id AND d.tranche = a.tranche
)
SELECT project_id, tranche,
       CASE clearance WHEN 'FAIL' THEN 1 ELSE 0 END
       + CASE mandate WHEN 'FAIL' THEN 1 ELSE 0 END AS numerator_low,
       CASE clearance WHEN 'PASS' THEN 0 ELSE 1 END
       + CASE mandate WHEN 'PASS' THEN 0 ELSE 1 END AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       CONCAT_WS(';', CASE WHEN clearance = 'FAIL' THEN 'NO_CLEARANCE' END,
                 CASE WHEN mandate <> 'PASS' THEN 'NO_MANDATE' END) AS codes,
       CONCAT_WS(';', CASE WHEN clearance = 'UNKNOWN' THEN 'setting of the project' END,
                 CASE WHEN mandate = 'UNKNOWN' THEN 'mandate for defence sector reform' END)
       AS missing
FROM checked;

-- statement: items
WITH checked AS (
    SELECT a.project_id, a.tranche, j.setting,
           CASE WHEN j.setting IS NULL THEN 'UNKNOWN'
                WHEN s.signed_on <= $as_of THEN 'PASS'
                ELSE 'FAIL' END AS clearance,
           CASE WHEN d.project_id IS NULL THEN 'PASS'
                WHEN COALESCE(j.dsr_basis, '') = '' THEN 'UNKNOWN'
                WHEN j.dsr_basis LIKE 'gov_request%' OR j.dsr_basis LIKE 'sc_resolution%'
                  OR j.dsr_basis LIKE 'ga_mandate%' THEN 'PASS'
                ELSE 'FAIL' END AS mandate
    FROM asked AS a
    JOIN projects AS j ON j.project_id = a.project_id
    LEFT JOIN signatures AS s
           ON s.project_id = a.project_id
          AND s.tranche = CASE WHEN a.tranche = 1 THEN 0 ELSE a.tranche END
          AND s.role = CASE WHEN j.setting = 'mission' THEN 'srsg'
                            ELSE 'resident_coordinator' END
    LEFT JOIN (
        SELECT project_id, tranche
        FROM planned_shares
        WHERE gate_treatment = 'gated' AND amount > 0
          AND COALESCE(beneficiary, '') IN ('', 'defence', 'mixed', 'unknown')
        GROUP BY project_id, tranche
    ) AS d ON d.project_id = a.project_id AND d.tranche = a.tranche
)
SELECT c.project_id, c.tranche, k.kind,
       CASE WHEN k.kind = 'dsr' THEN 'mandate'
            WHEN c.setting = 'mission' THEN 'srsg'
            WHEN c.setting IS NULL THEN 'srsg or resident_coordinator'
            ELSE 'resident_coordinator' END AS id,
       CASE WHEN k.kind = 'dsr' THEN c.mandate ELSE c.clearance END AS result,
       CASE WHEN k.kind = 'dsr' THEN 'NO_MANDATE' ELSE '' END AS flag,
       CAST(NULL AS BIGINT) AS number,
       CASE WHEN k.kind = 'dsr'
            THEN 'request of the government, resolution or mandate, for hardware for defence'
            WHEN c.clearance = 'UNKNOWN' THEN 'the setting of the project is not recorded'
            WHEN c.clearance = 'FAIL' THEN 'no signature is recorded'
            ELSE '' END AS text
FROM (VALUES ('signature'), ('dsr')) AS k(kind)
CROSS JOIN checked AS c;

-- statement: evidence
SELECT a.project_id, a.tranche, 'signatures' AS table_name,
       CONCAT(s.project_id, ' ', s.tranche, ' ', s.role) AS key,
       s.load_id, s.source_file, s.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id
JOIN signatures AS s
  ON s.project_id = a.project_id
 AND s.tranche = CASE WHEN a.tranche = 1 THEN 0 ELSE a.tranche END
 AND s.role = CASE WHEN j.setting = 'mission' THEN 'srsg' ELSE 'resident_coordinator' END
UNION ALL
SELECT a.project_id, a.tranche, 'projects' AS table_name, j.project_id AS key,
       j.load_id, j.source_file, j.source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM asked AS a
JOIN projects AS j ON j.project_id = a.project_id
