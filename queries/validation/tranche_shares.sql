-- rule: TRANCHE_SHARES
-- title: tranche shares of a recipient do not total 10000
-- fix: let the shares of all its tranches total the whole
SELECT MIN(source_file) AS source_file, MIN(source_row) AS source_row,
       CONCAT(project_id, ', ', recipient, ': ', SUM(share_bps)) AS about
FROM evidence.tranches
WHERE share_bps IS NOT NULL
GROUP BY project_id, recipient
HAVING SUM(share_bps) <> 10000
ORDER BY 1, 2
