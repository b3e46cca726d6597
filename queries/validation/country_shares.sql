-- rule: IATI-3.1.2
-- title: country shares of a project do not total 10000
-- fix: let them total the whole, or leave out what is of a region
SELECT MIN(source_file) AS source_file, MIN(source_row) AS source_row,
       CONCAT(project_id, ': ', SUM(share_bps)) AS about
FROM evidence.project_countries
GROUP BY project_id
HAVING SUM(share_bps) <> 10000
ORDER BY 1, 2
