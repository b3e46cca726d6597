-- name: review_queue
-- title: budget lines whose class is open or doubtful, those that hold up a tranche first
-- waits_for_tranche is the first tranche that plans the line and is not paid to its
-- recipient yet: while the line's class is open, that tranche's verdict may rest on it.
-- A decision on a text that has changed since (stale) stands in the queue with its
-- shares, and waits for the same tranche.
WITH doubtful AS (
  SELECT line_id, MIN(class) AS class, MIN(subclass) AS subclass, MIN(method) AS method,
         MIN(rule_id) AS rule_id, MIN(matched) AS matched, MIN(runner_up) AS runner_up,
         MIN(confidence_bps) AS confidence_bps,
         BOOL_OR(stale) AS stale,
         BOOL_OR(stale OR class IN ('mixed', 'unclassified') AND gate_treatment = 'gated')
           AS is_open,
         STRING_AGG(
           class || CASE WHEN subclass IS NULL THEN '' ELSE '/' || subclass END || '='
             || CAST(share_bps AS VARCHAR),
           ' ' ORDER BY share_bps DESC, class, subclass
         ) AS shares
  FROM classified_lines
  WHERE stale OR method NOT IN ('manual', 'split') OR class IN ('mixed', 'unclassified')
  GROUP BY line_id
  HAVING BOOL_OR(stale) OR BOOL_OR(class IN ('mixed', 'unclassified'))
    OR MIN(confidence_bps) < 9000
), unpaid AS (
  SELECT p.line_id, MIN(p.tranche) AS tranche
  FROM planned_shares p
  WHERE NOT EXISTS (
    SELECT 1 FROM transfers t
    WHERE t.project_id = p.project_id AND t.tranche = p.tranche
      AND t.recipient = p.recipient AND t.net_amount > 0
  )
  GROUP BY p.line_id
)
SELECT b.project_id, b.line_id, b.recipient, b.amount, d.class, d.subclass,
       d.confidence_bps, d.method, d.rule_id, d.matched, d.runner_up,
       CASE WHEN d.is_open THEN u.tranche END AS waits_for_tranche,
       b.lang, b.description, d.stale, CASE WHEN d.stale THEN d.shares END AS decided
FROM doubtful d
JOIN budget_lines b ON b.line_id = d.line_id
LEFT JOIN unpaid u ON u.line_id = d.line_id
