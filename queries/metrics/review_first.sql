-- name: review_first
-- title: Review before gated hardware
-- unit: predicate
-- grain: project, tranche
-- params: as_of
-- levers: review, date
--
-- R05, Q43. Per beneficiary of the tranche's gated shares the review of the sector and
-- that of the beneficiary are looked at; one that passes is enough. Counts
-- beneficiaries.

-- statement: facts
WITH gated AS (
    SELECT a.project_id, a.tranche,
           COALESCE(NULLIF(s.beneficiary, ''), 'unknown') AS beneficiary
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.gate_treatment = 'gated' AND s.amount > 0
    GROUP BY a.project_id, a.tranche, COALESCE(NULLIF(s.beneficiary, ''), 'unknown')
),
stated AS (
    SELECT project_id, scope, status, status_on,
           COALESCE(concurrency_note, '') AS note, load_id, source_file, source_row,
           MIN(CASE WHEN status IN ('completed', 'adopted') THEN status_on END)
               OVER (PARTITION BY project_id, scope) AS completed_on,
           CASE WHEN status_on = MAX(status_on) OVER (PARTITION BY project_id, scope)
                THEN 1 END AS newest
    FROM reviews
    WHERE status_on <= $as_of
),
-- One row per beneficiary and scope that has a state; rank 1 and 2 pass, 3 fails.
looked_at AS (
    SELECT g.project_id, g.tranche, g.beneficiary, s.scope, s.status, s.status_on,
           s.completed_on, s.load_id, s.source_file, s.source_row,
           CASE WHEN s.status IN ('completed', 'adopted') THEN 1
                WHEN s.status = 'not_required' AND s.note <> '' THEN 1
                WHEN s.status = 'in_progress' AND s.note <> '' THEN 2
                WHEN s.status = 'in_progress' AND g.tranche = 1 THEN 2
                ELSE 3 END AS rank,
           CASE WHEN s.status = 'in_progress' AND s.note <> '' THEN 'CONCURRENT'
                WHEN s.status = 'in_progress' AND g.tranche = 1 THEN 'REVIEW_IN_PROGRESS'
                ELSE '' END AS code
    FROM gated AS g
    JOIN stated AS s
      ON s.project_id = g.project_id
     AND (s.scope = 'sector' OR s.scope = g.beneficiary)
    WHERE s.newest = 1
),
best AS (
    SELECT project_id, tranche, beneficiary, scope, status, status_on, completed_on, rank,
           code,
           ROW_NUMBER() OVER (
               PARTITION BY project_id, tranche, beneficiary
               ORDER BY rank, code, CASE WHEN scope = 'sector' THEN 2 ELSE 1 END
           ) AS place
    FROM looked_at
),
reviewed AS (
    SELECT g.project_id, g.tranche, g.beneficiary, b.scope, b.status, b.status_on,
           b.completed_on,
           COALESCE(b.code, '') AS code,
           CASE WHEN b.rank IS NULL THEN 'UNKNOWN'
                WHEN b.rank = 3 THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM gated AS g
    LEFT JOIN best AS b
           ON b.project_id = g.project_id AND b.tranche = g.tranche
          AND b.beneficiary = g.beneficiary AND b.place = 1
),
counts AS (
    SELECT project_id, tranche,
           SUM(CASE WHEN result = 'FAIL' THEN 1 ELSE 0 END) AS failed,
           SUM(CASE WHEN result = 'UNKNOWN' THEN 1 ELSE 0 END) AS unknown,
           MAX(CASE WHEN code = 'CONCURRENT' THEN 1 ELSE 0 END) AS concurrent,
           MAX(CASE WHEN code = 'REVIEW_IN_PROGRESS' THEN 1 ELSE 0 END) AS in_progress,
           STRING_AGG(
               CASE WHEN result = 'UNKNOWN'
                    THEN CONCAT('review of the sector or ', beneficiary) END,
               ';') AS missing
    FROM reviewed
    GROUP BY project_id, tranche
)
SELECT a.project_id, a.tranche,
       c.failed AS numerator_low, c.failed + c.unknown AS numerator_high,
       CAST(NULL AS BIGINT) AS denominator_low, CAST(NULL AS BIGINT) AS denominator_high,
       CASE WHEN c.project_id IS NULL THEN 'NOT_APPLICABLE'
            ELSE CONCAT_WS(';',
                     CASE WHEN c.concurrent = 1 THEN 'CONCURRENT' END,
                     CASE WHEN c.in_progress = 1 THEN 'REVIEW_IN_PROGRESS' END)
            END AS codes,
       COALESCE(c.missing, '') AS missing
FROM asked AS a
LEFT JOIN counts AS c ON c.project_id = a.project_id AND c.tranche = a.tranche;

-- statement: items
WITH gated AS (
    SELECT a.project_id, a.tranche,
           COALESCE(NULLIF(s.beneficiary, ''), 'unknown') AS beneficiary
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.gate_treatment = 'gated' AND s.amount > 0
    GROUP BY a.project_id, a.tranche, COALESCE(NULLIF(s.beneficiary, ''), 'unknown')
),
stated AS (
    SELECT project_id, scope, status, status_on,
           COALESCE(concurrency_note, '') AS note, load_id, source_file, source_row,
           MIN(CASE WHEN status IN ('completed', 'adopted') THEN status_on END)
               OVER (PARTITION BY project_id, scope) AS completed_on,
           CASE WHEN status_on = MAX(status_on) OVER (PARTITION BY project_id, scope)
                THEN 1 END AS newest
    FROM reviews
    WHERE status_on <= $as_of
),
-- One row per beneficiary and scope that has a state; rank 1 and 2 pass, 3 fails.
looked_at AS (
    SELECT g.project_id, g.tranche, g.beneficiary, s.scope, s.status, s.status_on,
           s.completed_on, s.load_id, s.source_file, s.source_row,
           CASE WHEN s.status IN ('completed', 'adopted') THEN 1
                WHEN s.status = 'not_required' AND s.note <> '' THEN 1
                WHEN s.status = 'in_progress' AND s.note <> '' THEN 2
                WHEN s.status = 'in_progress' AND g.tranche = 1 THEN 2
                ELSE 3 END AS rank,
           CASE WHEN s.status = 'in_progress' AND s.note <> '' THEN 'CONCURRENT'
                WHEN s.status = 'in_progress' AND g.tranche = 1 THEN 'REVIEW_IN_PROGRESS'
                ELSE '' END AS code
    FROM gated AS g
    JOIN stated AS s
      ON s.project_id = g.project_id
     AND (s.scope = 'sector' OR s.scope = g.beneficiary)
    WHERE s.newest = 1
),
best AS (
    SELECT project_id, tranche, beneficiary, scope, status, status_on, completed_on, rank,
           code,
           ROW_NUMBER() OVER (
               PARTITION BY project_id, tranche, beneficiary
               ORDER BY rank, code, CASE WHEN scope = 'sector' THEN 2 ELSE 1 END
           ) AS place
    FROM looked_at
),
reviewed AS (
    SELECT g.project_id, g.tranche, g.beneficiary, b.scope, b.status, b.status_on,
           b.completed_on,
           COALESCE(b.code, '') AS code,
           CASE WHEN b.rank IS NULL THEN 'UNKNOWN'
                WHEN b.rank = 3 THEN 'FAIL'
                ELSE 'PASS' END AS result
    FROM gated AS g
    LEFT JOIN best AS b
           ON b.project_id = g.project_id AND b.tranche = g.tranche
          AND b.beneficiary = g.beneficiary AND b.place = 1
)
SELECT project_id, tranche, 'review' AS kind, beneficiary AS id, result, code AS flag,
       CASE WHEN status IN ('completed', 'adopted')
            THEN CAST(completed_on AS BIGINT) END AS number,
       CASE WHEN scope IS NULL THEN 'no review of the sector or the beneficiary is recorded'
            ELSE CONCAT('review of scope ', scope, ' is ', status, ' since ', status_on)
            END AS text
FROM reviewed;

-- statement: evidence
WITH gated AS (
    SELECT a.project_id, a.tranche,
           COALESCE(NULLIF(s.beneficiary, ''), 'unknown') AS beneficiary
    FROM asked AS a
    JOIN planned_shares AS s ON s.project_id = a.project_id AND s.tranche = a.tranche
    WHERE s.gate_treatment = 'gated' AND s.amount > 0
    GROUP BY a.project_id, a.tranche, COALESCE(NULLIF(s.beneficiary, ''), 'unknown')
),
stated AS (
    SELECT project_id, scope, status, status_on,
           COALESCE(concurrency_note, '') AS note, load_id, source_file, source_row,
           MIN(CASE WHEN status IN ('completed', 'adopted') THEN status_on END)
               OVER (PARTITION BY project_id, scope) AS completed_on,
           CASE WHEN status_on = MAX(status_on) OVER (PARTITION BY project_id, scope)
                THEN 1 END AS newest
    FROM reviews
    WHERE status_on <= $as_of
),
-- One row per beneficiary and scope that has a state; rank 1 and 2 pass, 3 fails.
looked_at AS (
    SELECT g.project_id, g.tranche, g.beneficiary, s.scope, s.status, s.status_on,
           s.completed_on, s.load_id, s.source_file, s.source_row,
           CASE WHEN s.status IN ('completed', 'adopted') THEN 1
                WHEN s.status = 'not_required' AND s.note <> '' THEN 1
                WHEN s.status = 'in_progress' AND s.note <> '' THEN 2
                WHEN s.status = 'in_progress' AND g.tranche = 1 THEN 2
                ELSE 3 END AS rank,
           CASE WHEN s.status = 'in_progress' AND s.note <> '' THEN 'CONCURRENT'
                WHEN s.status = 'in_progress' AND g.tranche = 1 THEN 'REVIEW_IN_PROGRESS'
                ELSE '' END AS code
    FROM gated AS g
    JOIN stated AS s
      ON s.project_id = g.project_id
     AND (s.scope = 'sector' OR s.scope = g.beneficiary)
    WHERE s.newest = 1
)
SELECT project_id, tranche, 'reviews' AS table_name,
       CONCAT(project_id, ' ', scope, ' ', status_on) AS key,
       load_id, source_file, source_row, CAST(NULL AS DECIMAL(38, 2)) AS amount
FROM looked_at
GROUP BY project_id, tranche, scope, status_on, load_id, source_file, source_row
