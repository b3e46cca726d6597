-- rule: QUARANTINED
-- title: rows were kept out by --quarantine
-- fix: mend them and load the source again; see table rejects
SELECT source_file, MIN(source_row) AS source_row,
       CONCAT(COUNT(*), ' in ', table_name, ', column ', field) AS about
FROM rejects
GROUP BY source_file, table_name, field
ORDER BY 1, 2
