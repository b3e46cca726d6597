-- name: signatures
-- title: Signatures on the project document and the tranche
-- unit: predicate
-- grain: project, tranche
-- params: as_of
-- levers: signature, date
--
-- R17, Q53. The head of mission signs in a mission setting, the resident coordinator
-- elsewhere; where the setting is not told it is unknown who must. Counts signatures.

-- statement: facts
WITH required AS (
    SELECT a.project_id, a.tranche, 0 AS signed_for, r.role
    FROM (VALUES ('national_authority'), ('pbso')) AS r(role)
    CROSS JOIN asked AS a
    UNION ALL
    SELECT a.project_id, a.tranche, 0 AS signed_for,
           CONCAT('recipient:', r.recipient) AS role
    FROM asked AS a
    JOIN recipients AS r ON r.project_id = a.project_id
    UNION ALL
    SELECT a.project_id, a.tranche, n.signed_for,
           CASE WHEN j.setting = 'mission' THEN 'srsg'
                WHEN j.setting = 'non_mission' THEN 'resident_coordinator'
                ELSE '' END AS role
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    JOIN (
        SELECT project_id, tranche, 0 AS signed_for FROM asked
        UNION ALL
        SELECT project_id, tranche, tranche AS signed_for FROM asked WHERE tranche > 1
    ) AS n ON n.project_id = a.project_id AND n.tranche = a.tranche
),
checked AS (
    SELECT r.project_id, r.tranche, r.signed_for, r.role, s.signed_on, s.load_id,
           s.source_file, s.source_row,
           CASE WHEN r.role = '' THEN 'UNKNOWN'
                WHEN s.signed_on <= $as_of THEN 'PASS'
                ELSE 'FAIL' END AS result
    FROM required AS r
    LEFT JOIN signatures AS s
           ON s.project_id = r.project_id AND s.tranche = r.signed_for AND s.role = r.role
),
counts AS (
    SELECT project_id, tranche,
           SUM(CASE WHEN result = 'FAIL' THEN 1 ELSE 0 END) AS failed,
           SUM(CASE WHEN result = 'UNKNOWN' THEN 1 ELSE 0 END) AS unknown
    FROM checked
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       c.failed AS numerator_low, c.failed + c.unknown AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       '' AS codes,
       CASE WHEN c.unknown > 0 THEN 'setting of the project' ELSE '' END AS missing
FROM asked AS a
JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: items
WITH required AS (
    SELECT a.project_id, a.tranche, 0 AS signed_for, r.role
    FROM (VALUES ('national_authority'), ('pbso')) AS r(role)
    CROSS JOIN asked AS a
    UNION ALL
    SELECT a.project_id, a.tranche, 0 AS signed_for,
           CONCAT('recipient:', r.recipient) AS role
    FROM asked AS a
    JOIN recipients AS r ON r.project_id = a.project_id
    UNION ALL
    SELECT a.project_id, a.tranche, n.signed_for,
           CASE WHEN j.setting = 'mission' THEN 'srsg'
                WHEN j.setting = 'non_mission' THEN 'resident_coordinator'
                ELSE '' END AS role
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    JOIN (
        SELECT project_id, tranche, 0 AS signed_for FROM asked
        UNION ALL
        SELECT project_id, tranche, tranche AS signed_for FROM asked WHERE tranche > 1
    ) AS n ON n.project_id = a.project_id AND n.tranche = a.tranche
),
checked AS (
    SELECT r.project_id, r.tranche, r.signed_for, r.role, s.signed_on, s.load_id,
           s.source_file, s.source_row,
           CASE WHEN r.role = '' THEN 'UNKNOWN'
                WHEN s.signed_on <= $as_of THEN 'PASS'
                ELSE 'FAIL' END AS result
    FROM required AS r
    LEFT JOIN signatures AS s
           ON s.project_id = r.project_id AND s.tranche = r.signed_for AND s.role = r.role
)
SELECT project_id, tranche, 'signature' AS kind,
       CONCAT(signed_for, ' ',
              CASE WHEN role = '' THEN 'srsg or resident_coordinator' ELSE role END) AS id,
       result, '' AS flag, CAST(NULL AS BIGINT) AS number,
       CASE WHEN role = '' THEN 'the setting of the project is not recorded'
            WHEN signed_on IS NULL THEN 'no signature is recorded'
            ELSE CONCAT('signed on ', signed_on) END AS text
FROM checked;

-- statement: evidence
WITH required AS (
    SELECT a.project_id, a.tranche, 0 AS signed_for, r.role
    FROM (VALUES ('national_authority'), ('pbso')) AS r(role)
    CROSS JOIN asked AS a
    UNION ALL
    SELECT a.project_id, a.tranche, 0 AS signed_for,
           CONCAT('recipient:', r.recipient) AS role
    FROM asked AS a
    JOIN recipients AS r ON r.project_id = a.project_id
    UNION ALL
    SELECT a.project_id, a.tranche, n.signed_for,
           CASE WHEN j.setting = 'mission' THEN 'srsg'
                WHEN j.setting = 'non_mission' THEN 'resident_coordinator'
                ELSE '' END AS role
    FROM asked AS a
    LEFT JOIN projects AS j ON j.project_id = a.project_id
    JOIN (
        SELECT project_id, tranche, 0 AS signed_for FROM asked
        UNION ALL
        SELECT project_id, tranche, tranche AS signed_for FROM asked WHERE tranche > 1
    ) AS n ON n.project_id = a.project_id AND n.tranche = a.tranche
),
checked AS (
    SELECT r.project_id, r.tranche, r.signed_for, r.role, s.signed_on, s.load_id,
           s.source_file, s.source_row,
           CASE WHEN r.role = '' THEN 'UNKNOWN'
                WHEN s.signed_on <= $as_of THEN 'PASS'
                ELSE 'FAIL' END AS result
    FROM required AS r
    LEFT JOIN signatures AS s
           ON s.project_id = r.project_id AND s.tranche = r.signed_for AND s.role = r.role
)
SELECT project_id, tranche, 'signatures' AS table_name,
       CONCAT(project_id, ' ', signed_for, ' ', role) AS key,
       load_id, source_file, source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM checked
WHERE signed_on IS NOT NULL
