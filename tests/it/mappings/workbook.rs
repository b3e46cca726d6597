//! The budget workbook, made here so that its formulas have cached results.

#![expect(clippy::disallowed_types, reason = "a workbook holds doubles")]

use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use ssrfund::load::files::read_bytes;

use super::{case, options, outcome, parse, shipped, wrong};

/// Something that changes a sheet before the workbook is written.
type Change<'c> = &'c dyn Fn(&str, &mut Worksheet);

const RECIPIENTS: [&str; 3] = [
    "Recipient organisation 1 (UNDP)",
    "Recipient organisation 2 (UNICEF)",
    "Recipient organisation 3 (Rights House)",
];

fn formula(sheet: &mut Worksheet, row: u32, column: u16, text: &str, result: &str) {
    sheet.write_formula(row, column, Formula::new(text).set_result(result)).unwrap();
}

fn header(sheet: &mut Worksheet, row: u32, names: &[&str]) {
    for (column, name) in (0..).zip(names) {
        sheet.write_string(row, column, *name).unwrap();
    }
}

/// One row of amounts; a total of the row as a formula.
fn amounts(sheet: &mut Worksheet, row: u32, first: u16, values: &[Option<f64>; 3]) {
    for (column, value) in (first..).zip(values) {
        if let Some(value) = value {
            sheet.write_number(row, column, *value).unwrap();
        }
    }
    let total: f64 = values.iter().flatten().sum();
    let cells = format!("=SUM({}{})", "E", row + 1);
    formula(sheet, row, first + 3, &cells, &total.to_string());
}

fn activities(sheet: &mut Worksheet) {
    header(sheet, 0, &["Annex D: project budget"]);
    header(sheet, 1, &["Project number", "99911"]);
    let names = ["Outcome", "Output", "Activity", "Description"];
    let more = [
        "Total",
        "% for GEWE",
        "Current level of expenditure/commitment",
        "GEWE justification",
        "Remarks",
    ];
    header(sheet, 3, &[&names[..], &RECIPIENTS[..], &more[..]].concat());
    let plain = Format::new();
    sheet.merge_range(4, 0, 6, 0, "Outcome 1: trusted police", &plain).unwrap();
    sheet.merge_range(4, 1, 5, 1, "Output 1.1", &plain).unwrap();
    sheet.write_string(6, 1, "Output 1.2").unwrap();
    for (row, activity, description, gewe) in [
        (4, "1.1.1", "Training of inspectors of the ministry", Some(0.35)),
        (5, "1.1.2", "Rehabilitation of two police stations", Some(0.0)),
        (6, "1.2.1", "Hearings of the committee on security", None),
    ] {
        sheet.write_string(row, 2, activity).unwrap();
        sheet.write_string(row, 3, description).unwrap();
        if let Some(share) = gewe {
            sheet.write_number(row, 8, share).unwrap();
        }
    }
    amounts(sheet, 4, 4, &[Some(50_000.1), Some(20_000.2), None]);
    amounts(sheet, 5, 4, &[Some(120_000.0), Some(0.0), None]);
    amounts(sheet, 6, 4, &[None, None, Some(30_000.05)]);
    header(sheet, 7, &["Additional personnel costs"]);
    amounts(sheet, 7, 4, &[Some(10_000.0), None, None]);
    header(sheet, 8, &["Monitoring budget"]);
    amounts(sheet, 8, 4, &[Some(9_000.0), Some(1_000.0), None]);
    header(sheet, 9, &["Budget for independent final evaluation"]);
    amounts(sheet, 9, 4, &[Some(6_000.0), None, None]);
    header(sheet, 10, &["Sub-total"]);
    for (column, sum) in [(4, "195000.1"), (5, "21000.2"), (6, "30000.05")] {
        formula(sheet, 10, column, "=SUM(E5:E10)", sum);
    }
    formula(sheet, 10, 7, "=SUM(H5:H10)", "246000.35");
    header(sheet, 11, &["Indirect support costs (7%)"]);
    // As a spreadsheet computes them: binary fractions with residues.
    for (column, cost) in [(4, "13650.007000000001"), (5, "1470.0140000000001")] {
        formula(sheet, 11, column, "=E11*7%", cost);
    }
    formula(sheet, 11, 6, "=G11*7%", "2100.0035000000003");
    formula(sheet, 11, 7, "=H11*7%", "17220.0245");
    header(sheet, 12, &["Total"]);
    for (column, sum) in [(4, "208650.107"), (5, "22470.214"), (6, "32100.0535")] {
        formula(sheet, 12, column, "=E11+E12", sum);
    }
    formula(sheet, 12, 7, "=H11+H12", "263220.3745");
}

fn categories(sheet: &mut Worksheet) {
    header(sheet, 0, &["Table 2: the budget by UNSDG category"]);
    let names = ["UNSDG category"];
    header(sheet, 2, &[&names[..], &RECIPIENTS[..], &["Total"][..]].concat());
    for (row, name, values) in [
        (3, "1. Staff and other personnel", [Some(10_000.0), None, None]),
        (4, "2. Supplies, commodities, materials", [None, None, None]),
        (5, "3. Equipment, vehicles and furniture", [None, None, None]),
        (6, "4. Contractual services", [Some(185_000.1), Some(1_000.2), None]),
        (7, "5. Travel", [None, Some(20_000.0), None]),
        (8, "6. Transfers and grants to counterparts", [None, None, Some(30_000.05)]),
        (9, "7. General operating and other costs", [None, None, None]),
        (
            10,
            "Sub-total project costs",
            [Some(195_000.1), Some(21_000.2), Some(30_000.05)],
        ),
        (
            11,
            "8. Indirect support costs",
            [Some(13_650.01), Some(1_470.01), Some(2_100.0)],
        ),
        (12, "Total", [Some(208_650.11), Some(22_470.21), Some(32_100.05)]),
    ] {
        sheet.write_string(row, 0, name).unwrap();
        amounts(sheet, row, 1, &values);
    }
}

fn tranches(sheet: &mut Worksheet) {
    header(sheet, 0, &["For PBSO and MPTFO use"]);
    header(sheet, 2, &["Performance-based tranche breakdown"]);
    header(sheet, 3, &[&["Tranche", "%"][..], &RECIPIENTS[..], &["Total"][..]].concat());
    for (row, name, share, values) in [
        (4, "First tranche", 0.6, [125_190.06, 13_482.13, 19_260.03]),
        (5, "Second tranche", 0.4, [83_460.05, 8_988.08, 12_840.02]),
    ] {
        sheet.write_string(row, 0, name).unwrap();
        sheet.write_number(row, 1, share).unwrap();
        amounts(sheet, row, 2, &values.map(Some));
    }
    header(sheet, 6, &["Total"]);
    amounts(sheet, 6, 2, &[208_650.11, 22_470.21, 32_100.05].map(Some));
    header(sheet, 8, &["Amount towards GEWE (with indirect cost)", "18725.04"]);
    header(sheet, 9, &["Amount towards M&E (with indirect cost)", "17120.00"]);
}

/// The bytes of the workbook, after `change`.
pub(super) fn budget(change: Change<'_>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    type Fill = fn(&mut Worksheet);
    let sheets: [(&str, Fill); 3] = [
        ("1) Budget by activity", activities),
        ("2) Budget by category", categories),
        ("3) For PBSO and MPTFO", tranches),
    ];
    for (name, fill) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        fill(sheet);
        change(name, sheet);
    }
    workbook.save_to_buffer().unwrap()
}

fn faults(change: Change<'_>) -> Vec<String> {
    let options = options(Some(case("pbf-budget-workbook")));
    wrong(&read_bytes(&budget(change), "budget.xlsx", &options).unwrap())
}

#[test]
fn a_budget_whose_tables_disagree_is_refused() {
    let found = faults(&|name, sheet| {
        if name.starts_with('2') {
            sheet.write_number(7, 2, 20_500.0).unwrap();
        }
    });
    assert_eq!(
        found,
        [
            "budget.xlsx[2) Budget by category]:11:3: `Sub-total project costs` says \
             21000.20 in `Recipient organisation 2 (UNICEF)`, and what it counts sums to \
             21500.20; is a row missing or told twice? the mapping allows a difference \
             of 0.01",
            "budget.xlsx: `Recipient organisation 2*` sums to 22470.2140000000001 in \
             block `activities`, and `Recipient organisation 2*` sums to 22970.21 in \
             block `categories`; both tell the same money; mend the file",
        ]
    );
}

#[test]
fn formulas_are_refused_unless_the_mapping_accepts_them() {
    let text = shipped("pbf-budget-workbook");
    let strict = text.replace("accept_cached_formulas = true\n", "");
    assert_ne!(text, strict);
    let mapping = parse("strict", &strict, &[]).unwrap();
    let bytes = budget(&|_, _| {});
    let reading = read_bytes(&bytes, "budget.xlsx", &options(Some(mapping))).unwrap();
    let found = wrong(&reading);
    assert_eq!(
        found[0],
        "budget.xlsx[1) Budget by activity]:5:8: the value is the cached result of a \
         formula; paste values, or say `accept_cached_formulas = true` in the mapping"
    );
}

#[test]
fn a_broken_formula_and_a_merged_amount_are_refused() {
    let found = faults(&|name, sheet| {
        if name.starts_with('1') {
            formula(sheet, 6, 6, "=X1", "#REF!");
            let plain = Format::new();
            sheet.merge_range(4, 4, 5, 4, "", &plain).unwrap();
            sheet.write_number(4, 4, 170_000.1).unwrap();
        }
    });
    assert!(
        found.iter().any(|what| what.contains("error of the spreadsheet")),
        "{found:?}"
    );
    assert!(found.iter().any(|what| what.contains("merged (E5:E6)")), "{found:?}");
}

#[test]
fn a_sheet_that_no_block_reads_must_be_named() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Notes").unwrap().write_string(0, 0, "x").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let options = options(Some(case("pbf-budget-workbook")));
    let found = wrong(&read_bytes(&bytes, "budget.xlsx", &options).unwrap());
    assert_eq!(
        found,
        ["budget.xlsx: `project_id` is not told: a cell beside `Project number*` is \
          missing; fill it, or mend the mapping's `fact`"]
    );
    // Rows of one workbook, twice, are the same rows: nothing depends on a hash.
    let options = super::options(Some(case("pbf-budget-workbook")));
    let bytes = budget(&|_, _| {});
    let read = || [read_bytes(&bytes, "budget.xlsx", &options).unwrap()];
    assert_eq!(outcome("once", &read()), outcome("twice", &read()));
}
