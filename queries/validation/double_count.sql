-- rule: DOUBLE_COUNT_RISK
-- title: money that another loaded activity tells as well
-- fix: ask the view double_counts; sums leave out what is told_below and told_above
SELECT t.source_file, MIN(t.source_row) AS source_row,
       CONCAT(COUNT(*), ' ', d.kind, ' of ', d.project_id, ', ', d.currency, ' ',
              SUM(d.amount), ', ', d.double_count_risk, ' by ', d.told_by) AS about
FROM double_counts d JOIN evidence.transactions t ON t.transaction_id = d.transaction_id
GROUP BY t.source_file, d.project_id, d.kind, d.currency, d.double_count_risk, d.told_by
ORDER BY 1, 2
