-- name: crosswalk
-- title: each class share of a budget line in the terms of neighbouring classifications
-- The line's own UNSDG category stands beside the one that usually pays for such things
-- (2012 set); neither decides a class. The CRS code is of the component (D§3.1): a line of
-- governance is 15210, one for a body is that body's code. COFOG follows the beneficiary,
-- GFSM the nature; stipends paid to forces would be 21, which a line does not tell.
WITH natures (subclass, dsr_core_task, unsdg_usual, gfsm) AS (VALUES
  ('H1', 'none: hardware is no core task', '4', '31 non-financial assets'),
  ('H2', 'none: hardware is no core task', '3', '31 non-financial assets'),
  ('H3', 'none: operational funds are barred for defence', '7', '22 goods and services'),
  ('T1', 'training and education', '4', '22 goods and services'),
  ('T2', 'training and education', '4', '22 goods and services'),
  ('T3', 'training and education', '4', '22 goods and services'),
  ('T4', 'training and education', '4', '22 goods and services'),
  ('T5', 'training and education', '5', '22 goods and services'),
  ('T6', 'training and education', '4', '22 goods and services'),
  ('S1', 'governance and oversight', '4', '22 goods and services'),
  ('S2', 'governance and oversight', '4', '22 goods and services'),
  ('S3', 'administration, budget, management', '4', '22 goods and services'),
  ('S4', 'consensus-building', '4', '22 goods and services'),
  ('S5', 'coordination and review', '4', '22 goods and services'),
  ('S6', 'governance and oversight', '4', '22 goods and services'),
  ('S7', 'legislation, norms, doctrine', '4', '22 goods and services'),
  ('S8', 'coordination and review', '4', '22 goods and services'),
  ('S9', 'coordination and review', '4', '22 goods and services'),
  ('S10', 'governance and oversight', '4', '22 goods and services'),
  ('S11', 'consensus-building', '6', '26 grants'),
  ('S12', 'consensus-building', '4', '22 goods and services'),
  ('X1', NULL, '8', '22 goods and services'),
  ('X2', NULL, '1', '21 compensation of employees'),
  ('X3', NULL, '4', '22 goods and services'),
  ('X4', NULL, '7', '22 goods and services'),
  ('X5', NULL, '1', '21 compensation of employees'),
  ('X6', NULL, '1', '21 compensation of employees')
), bodies (beneficiary, crs_of_body, cofog) AS (VALUES
  ('defence', '15210', '02.1 military defence'),
  ('police', '15132', '03.1 police services'),
  ('gendarmerie', '15132', '03.1 police services'),
  ('intelligence', '15210', NULL),
  ('corrections', '15137', '03.4 prisons'),
  ('border_customs', '15136', '03.1 police services'),
  ('civil_protection', '15133', '02.2 civil defence'),
  ('justice', '15134', '03.3 law courts'),
  ('non_statutory_provider', '15210', NULL),
  ('oversight_formal', '15210', '01.1 executive and legislative organs'),
  ('oversight_non_state', '15210', NULL),
  ('management_civil', '15210', '01.1 executive and legislative organs'),
  ('mixed', NULL, NULL),
  ('unknown', NULL, NULL)
)
SELECT c.project_id, c.line_id, c.recipient, c.class, c.subclass, c.beneficiary,
       natures.dsr_core_task, b.category_scheme, b.category, natures.unsdg_usual,
       CASE WHEN c.class = 'sector_wide' THEN '15210'
            WHEN c.class IN ('hardware', 'training') THEN bodies.crs_of_body END AS crs,
       CASE WHEN c.class IN ('hardware', 'training', 'sector_wide') THEN bodies.cofog END AS cofog,
       natures.gfsm, c.share_bps, c.amount
FROM classified_lines c
JOIN budget_lines b ON b.line_id = c.line_id
LEFT JOIN natures ON natures.subclass = c.subclass
LEFT JOIN bodies ON bodies.beneficiary = c.beneficiary
