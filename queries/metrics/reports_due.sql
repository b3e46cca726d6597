-- name: reports_due
-- title: Reports due are in
-- unit: count
-- grain: project, tranche
-- params: as_of, grace_days
-- levers: report, date
-- nulls: where obligations are told and none is due, none is met and none is due
--
-- R03, Q41. Met is a fact, refused or late is a fact; what the register does not tell is
-- not met where the register is complete and unknown where it is not.

-- statement: facts
WITH due AS (
    SELECT a.project_id, a.tranche, r.report_id, r.kind, r.due_on, r.submitted_on,
           r.accepted, r.load_id, r.source_file, r.source_row,
           CASE WHEN r.accepted IS FALSE OR r.submitted_on > $as_of THEN 'FAIL'
                WHEN r.accepted IS TRUE AND r.submitted_on <= $as_of THEN 'PASS'
                WHEN j.report_register_complete IS TRUE THEN 'FAIL'
                ELSE 'UNKNOWN' END AS result
    FROM asked AS a
    JOIN projects AS j ON j.project_id = a.project_id
    JOIN reports AS r ON r.project_id = a.project_id
    WHERE CAST(r.due_on AS BIGINT) + CAST($grace_days AS BIGINT)
          <= CAST(CAST($as_of AS DATE) AS BIGINT)
),
counts AS (
    SELECT project_id, tranche, COUNT(*) AS due,
           SUM(CASE WHEN result = 'PASS' THEN 1 ELSE 0 END) AS met,
           SUM(CASE WHEN result = 'UNKNOWN' THEN 1 ELSE 0 END) AS unknown,
           STRING_AGG(
               CASE WHEN result = 'UNKNOWN' THEN CONCAT('report ', report_id) END,
               ';') AS missing
    FROM due
    GROUP BY project_id, tranche
),
obligations AS (
    SELECT project_id, COUNT(*) AS told
    FROM reports
    GROUP BY project_id
)
-- Obligations of which none is due yet give 0 of 0; no obligation at all gives no number.
SELECT a.project_id, a.tranche,
       CASE WHEN o.told > 0 THEN COALESCE(c.met, 0) END AS numerator_low,
       CASE WHEN o.told > 0 THEN COALESCE(c.met + c.unknown, 0) END AS numerator_high,
       CASE WHEN o.told > 0 THEN COALESCE(c.due, 0) END AS denominator_low,
       CASE WHEN o.told > 0 THEN COALESCE(c.due, 0) END AS denominator_high,
       CASE WHEN o.told > 0 THEN ''
            WHEN a.tranche = 1 THEN 'NOT_APPLICABLE'
            ELSE 'NO_REPORT_OBLIGATIONS' END AS codes,
       CASE WHEN o.told > 0 THEN COALESCE(c.missing, '')
            WHEN a.tranche = 1 THEN ''
            ELSE 'report obligations' END AS missing
FROM asked AS a
LEFT JOIN obligations AS o ON o.project_id = a.project_id
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: items
WITH due AS (
    SELECT a.project_id, a.tranche, r.report_id, r.kind, r.due_on, r.submitted_on,
           r.accepted, r.load_id, r.source_file, r.source_row,
           CASE WHEN r.accepted IS FALSE OR r.submitted_on > $as_of THEN 'FAIL'
                WHEN r.accepted IS TRUE AND r.submitted_on <= $as_of THEN 'PASS'
                WHEN j.report_register_complete IS TRUE THEN 'FAIL'
                ELSE 'UNKNOWN' END AS result
    FROM asked AS a
    JOIN projects AS j ON j.project_id = a.project_id
    JOIN reports AS r ON r.project_id = a.project_id
    WHERE CAST(r.due_on AS BIGINT) + CAST($grace_days AS BIGINT)
          <= CAST(CAST($as_of AS DATE) AS BIGINT)
)
SELECT project_id, tranche, 'report' AS kind, report_id AS id, result, '' AS flag,
       CAST(NULL AS BIGINT) AS number,
       CONCAT(kind, ' due ', due_on,
              CASE WHEN submitted_on IS NULL THEN ', no submission'
                   WHEN submitted_on > $as_of THEN ', not submitted by then'
                   ELSE CONCAT(', submitted ', submitted_on) END,
              CASE WHEN accepted IS TRUE THEN ', accepted'
                   WHEN accepted IS FALSE THEN ', not accepted'
                   ELSE ', acceptance not recorded' END) AS text
FROM due;

-- statement: evidence
WITH due AS (
    SELECT a.project_id, a.tranche, r.report_id, r.kind, r.due_on, r.submitted_on,
           r.accepted, r.load_id, r.source_file, r.source_row,
           CASE WHEN r.accepted IS FALSE OR r.submitted_on > $as_of THEN 'FAIL'
                WHEN r.accepted IS TRUE AND r.submitted_on <= $as_of THEN 'PASS'
                WHEN j.report_register_complete IS TRUE THEN 'FAIL'
                ELSE 'UNKNOWN' END AS result
    FROM asked AS a
    JOIN projects AS j ON j.project_id = a.project_id
    JOIN reports AS r ON r.project_id = a.project_id
    WHERE CAST(r.due_on AS BIGINT) + CAST($grace_days AS BIGINT)
          <= CAST(CAST($as_of AS DATE) AS BIGINT)
)
SELECT project_id, tranche, 'reports' AS table_name, report_id AS key,
       load_id, source_file, source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM due
