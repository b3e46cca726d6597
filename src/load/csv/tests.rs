//! Each way in which a CSV file is wrong, and what is said of it.

use super::*;
use crate::domain::time::parse_day;
use crate::tables::Cell;
use crate::tables::schema::table;

const HEADER: &str = "project_id,tranche,recipient,amount\n";

fn options() -> CsvOptions {
    let today = parse_day("2026-01-01").unwrap();
    let leave = cell::Leave { round_cents: false, today };
    CsvOptions { leave, delimiter: b',', allow_empty: false }
}

fn tranches(text: &str) -> Reading {
    read(text.as_bytes(), "tranches.csv", table("tranches").unwrap(), &options())
}

fn rejects(rows: &str) -> Vec<String> {
    let reading = tranches(&format!("{HEADER}{rows}"));
    assert_eq!(reading.faults, []);
    reading.rejects.iter().map(|reject| reject.problem.to_string()).collect()
}

fn faults(text: &str) -> Vec<String> {
    tranches(text).faults.iter().map(ToString::to_string).collect()
}

fn warnings(text: &str) -> Vec<String> {
    let reading = tranches(text);
    assert_eq!((reading.faults.len(), reading.rejects.len()), (0, 0), "{reading:?}");
    reading.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn good_rows_are_taken_with_their_places() {
    let text = "\u{feff}project_id,tranche,recipient,amount\r\n\
                66682,1,\"UN\r\nDP\",12.50\r\n00066682,2,ILO,0.00\r\n";
    let reading = tranches(text);
    assert_eq!(reading.rejects.len(), 1, "an id of two lines is refused");
    assert!(reading.rejects[0].problem.to_string().starts_with("tranches.csv:2:9: "));
    let rows = &reading.tables[0].rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].row, 4);
    assert_eq!(rows[0].columns, [1, 10, 12, 0, 16]);
    assert_eq!(rows[0].cells[0], Cell::Text("00066682".into()));
    assert_eq!(reading.faults, []);
    assert_eq!(reading.warnings.len(), 1, "said once for the file");
    let warning = reading.warnings[0].to_string();
    assert!(
        warning.starts_with("tranches.csv:2:1: PADDED_ID: project `66682` is read as"),
        "{warning}"
    );
}

#[test]
fn every_fault_of_a_row_is_listed() {
    assert_eq!(
        rejects("66682,0,UNDP,1e3\n66682,1,UNDP, 5.00\n"),
        [
            "tranches.csv:2:7: `0` is below 1; give a whole number of at least 1",
            &rejects("66682,1,UNDP,1e3\n")[0],
            "tranches.csv:3:14: ` 5.00` has spaces around the amount; remove the spaces",
        ]
    );
    assert!(rejects("66682,1,UNDP,1e3\n")[0].starts_with("tranches.csv:2:14: "));
}

#[test]
fn a_row_must_have_the_width_of_the_header() {
    assert_eq!(
        rejects("66682,1,UNDP,1,234.56\n66682,1\n"),
        [
            "tranches.csv:2:16: the row has 5 fields, the header has 4; put a field that \
             holds a delimiter in quotes; write amounts without thousands separators",
            "tranches.csv:3: the row has 2 fields, the header has 4; write a delimiter \
             for every empty field; is the line cut?",
        ]
    );
}

#[test]
fn lines_that_are_no_rows_are_told_apart() {
    assert_eq!(
        rejects(&format!("1,1,UNDP,5\n\n{HEADER}2,1,ILO,5\nTOTAL,,,10.00\nTotal:,10\n")),
        [
            "tranches.csv:3: an empty line between rows; remove it",
            "tranches.csv:4:1: the header stands here again; remove it; join exports \
             without their headers",
            "tranches.csv:6:1: this is a total, not a row; remove it; check the sum \
             with `--expect amount=SUM`",
            "tranches.csv:7:1: this is a total, not a row; remove it; check the sum \
             with `--expect amount=SUM`",
        ]
    );
    assert_eq!(rejects("TOTAL,1,UNDP,5\n"), [""; 0], "an id may be any word");
}

#[test]
fn a_file_without_rows_is_refused_unless_allowed() {
    assert_eq!(
        faults(HEADER),
        ["tranches.csv: the file has a header and no rows; give rows, or allow it with \
          `--allow-empty`"]
    );
    let allowed = CsvOptions { allow_empty: true, ..options() };
    let table = table("tranches").unwrap();
    let reading = read(HEADER.as_bytes(), "tranches.csv", table, &allowed);
    assert_eq!((reading.faults.len(), reading.tables[0].rows.len()), (0, 0));
    assert!(!read(b"", "tranches.csv", table, &allowed).faults.is_empty());
}

#[test]
fn headers_are_read_by_name() {
    assert_eq!(
        warnings("Tranche,Project ID, recipient,amount\n1,00066682,UNDP,5\n"),
        [
            "tranches.csv:1:1: the column `Tranche` is read as `tranche`; write `tranche`",
            "tranches.csv:1:9: the column `Project ID` is read as `project_id`; write \
             `project_id`",
            "tranches.csv:1:20: the column ` recipient` is read as `recipient`; write \
             `recipient`",
            "tranches.csv:1: the columns stand in another order than in `tranches`; \
             nothing need be done: they are read by name",
        ]
    );
}

#[test]
fn wrong_headers_are_refused() {
    assert_eq!(
        faults("project_id,trance,recipient,amount,recipient,\n1,1,UNDP,5,x,\n"),
        [
            "tranches.csv:1:12: `trance` is no column of `tranches`; did you mean \
             `tranche`?",
            "tranches.csv:1:36: the column `recipient` stands twice in the header; \
             remove one; the first is at column 19",
            "tranches.csv:1:46: column 6 has no name; name it, or remove the empty \
             column",
            "tranches.csv:1: the column `tranche` is missing; add it (instalment \
             number, from 1), or load with a `--mapping` that says where it stands",
        ]
    );
    for banner in ["Peacebuilding Fund\nproject_id,tranche\n", "\nproject_id,tranche\n"] {
        let faults = faults(banner);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("names no column of `tranches`"), "{faults:?}");
    }
    let wide = format!("{}\n", "x,".repeat(100_000));
    assert_eq!(
        faults(&wide),
        ["tranches.csv:1: the file has 100001 columns; a file may have 4096; are the \
          line ends missing?"]
    );
}

#[test]
fn another_delimiter_is_named_and_never_guessed() {
    let faulty = "\"project_id\";\"tranche\";\"recipient\";\"amount\"\n1;1;UNDP;5,00\n";
    assert_eq!(
        faults(faulty),
        [
            "tranches.csv:1:1: the fields are separated by semicolons, not by commas; save \
          the file with commas, or load it with `--delimiter ';'`"
        ]
    );
    assert!(faults(&HEADER.replace(',', "\t"))[0].contains("`--delimiter tab`"));
    let declared = CsvOptions { delimiter: b';', ..options() };
    let text = "project_id;tranche;recipient;amount\n1;1;\"U;N\";5.00\n";
    let table = table("tranches").unwrap();
    let reading = read(text.as_bytes(), "tranches.csv", table, &declared);
    assert_eq!((reading.faults.len(), reading.tables[0].rows.len()), (0, 1));
}

#[test]
fn loose_ends_are_warnings() {
    assert_eq!(
        warnings(&format!("{HEADER}00000001,1,UNDP,5\n\n\n")),
        ["tranches.csv:3: empty lines at the end; remove them"]
    );
    assert_eq!(
        warnings(&format!("{HEADER}00000001,1,UNDP,5\r\n00000002,1,UNDP,5")),
        [
            "tranches.csv: lines end in different ways; was the file joined from several?",
            "tranches.csv: the last line does not end; check that the file is whole, \
             for example with `--expect rows=N`",
        ]
    );
    assert_eq!(
        warnings(&format!("{HEADER}00000001,1,UNDP,5\n").replace('\n', "\r")),
        [""; 0]
    );
}

#[test]
fn broken_quotes_refuse_the_file() {
    let reading = tranches(&format!("{HEADER}1,1,\"UNDP,5\n2,1,UNDP,5\n"));
    assert_eq!((reading.faults[0].row, reading.faults[0].column), (2, 5));
    let reading = tranches(&format!("{HEADER}1,1,UN\"DP,5\n2,1,UNDP,x\n"));
    assert_eq!((reading.faults.len(), reading.rejects.len()), (1, 1));
}

#[test]
fn hostile_text_stays_text() {
    let text =
        "fund,basis,as_of,amount,currency\n=cmd|'/c calc'!A1,budget,2024-01-01,1,USD\n";
    let reading = read(text.as_bytes(), "funds.csv", table("funds").unwrap(), &options());
    let cell = &reading.tables[0].rows[0].cells[0];
    assert_eq!(cell.text(), Some("=cmd|'/c calc'!A1"));
}
