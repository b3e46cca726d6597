-- rule: IATI-2.1.2
-- title: sector shares of one vocabulary do not total 10000
-- fix: let the shares of one vocabulary total the whole
SELECT MIN(source_file) AS source_file, MIN(source_row) AS source_row,
       CONCAT(owner_kind, ' ', owner_id, ', vocabulary ', vocabulary, ': ', SUM(share_bps))
         AS about
FROM evidence.sectors
GROUP BY owner_kind, owner_id, vocabulary
HAVING SUM(share_bps) <> 10000
ORDER BY 1, 2
