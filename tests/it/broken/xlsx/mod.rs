//! Workbooks that are refused, or read with a warning; each is made here, byte by byte.

pub(crate) mod build;

use ssrfund::load::Options;
use ssrfund::load::files::read_bytes;

use super::{Case, NOW};
use crate::workspaces::{fixtures, instant, options};
use build::{
    HEADER, book, day, formula, number, patched, raw, renamed, shared, sheet, sheet_data,
    sheet_with, text, transaction, workbook, zipped,
};

/// A workbook that is refused, and its name in `xlsx/expected.txt`.
struct Refused(&'static str, Vec<u8>);

fn refused(what: &'static str, bytes: Vec<u8>) -> Refused {
    Refused(what, bytes)
}

/// One transaction that differs from a good one in one cell.
fn with(column: usize, cell: String) -> Vec<u8> {
    let mut cells = transaction();
    cells[column] = cell;
    sheet("transactions", &[cells])
}

fn archives() -> Vec<Refused> {
    let ole2 = |stream: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.resize(512, 0);
        bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    let good = with(0, text("T1"));
    let zeros = "0".repeat(20 << 20);
    let many: Vec<(String, String)> =
        (0..5000).map(|n| (format!("xl/media/{n}"), String::new())).collect();
    let twins =
        zipped(&[("xl/twin1".into(), "a".into()), ("xl/twin2".into(), "b".into())]);
    vec![
        refused("85 a bomb of text in a cell", with(0, text(&zeros))),
        refused(
            "85 a bomb of shared text",
            workbook(&[("sheet", &[transaction()])], &[("xl/sharedStrings.xml", &zeros)]),
        ),
        refused("86 ten thousand parts", zipped(&many)),
        refused("86 two parts of one name", renamed(&twins, "twin2", "twin1")),
        refused("86 encrypted parts", build::flagged(&good)),
        refused("86 a size that lies", build::lying(&good, 7)),
        refused("86 a zip64 size that lies", build::lying(&good, u32::MAX)),
        refused("86 a cut archive", good[..good.len() / 2].to_vec()),
        refused("87 an old workbook", ole2("Workbook")),
        refused("87 a Word document", ole2("WordDocument")),
        refused("88 a password", ole2("EncryptedPackage")),
        refused(
            "87 a binary workbook",
            zipped(&[("xl/workbook.bin".into(), String::new())]),
        ),
        refused(
            "87 an OpenDocument file",
            zipped(&[
                ("mimetype".into(), "application/vnd.oasis".into()),
                ("content.xml".into(), String::new()),
            ]),
        ),
        refused("87 another zip", zipped(&[("a.csv".into(), "a,b".into())])),
        refused("87 a web page", b"<html><table></table></html>".to_vec()),
        refused("87 a text", b"transaction_id,project_id\nT1,1\n".to_vec()),
        refused("87 nothing", Vec::new()),
    ]
}

fn parts() -> Vec<Refused> {
    let rows = |inside: &str| book(&[("transactions", inside)], &[]);
    let of =
        |cell: &str| rows(&format!("<sheetData><row r=\"1\">{cell}</row></sheetData>"));
    vec![
        refused(
            "84 a cell at the far end",
            rows(
                "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row \
                 r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>",
            ),
        ),
        refused("98 a shared text that is not there", with(0, shared("7"))),
        refused("a shared text of no number", with(0, shared("-1"))),
        refused("a number that is none", with(4, number("1,5"))),
        refused("a number beyond a double", with(4, number("1e999"))),
        refused("a kind of cell that is none", of("<c r=\"A1\" t=\"q\"><v>1</v></c>")),
        refused("a cell beyond the last column", of("<c r=\"XFE1\"><v>1</v></c>")),
        refused(
            "cells out of order",
            of("<c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c>"),
        ),
        refused(
            "rows out of order",
            rows("<sheetData><row r=\"2\"/><row r=\"2\"/></sheetData>"),
        ),
        refused("a text that is too long", with(0, text(&"x".repeat(32_768)))),
        refused("a DOCTYPE", rows("<!DOCTYPE a><sheetData/>")),
        refused("an entity of its own", rows("<sheetData>&a;</sheetData>")),
        refused("a part that ends early", rows("<sheetData>")),
        refused(
            "a sheet without its part",
            build::without(&with(0, text("T1")), "xl/worksheets/sheet1.xml"),
        ),
        refused("a workbook without a sheet", book(&[], &[])),
        refused(
            "sheets of one name",
            book(&[("a", "<sheetData/>"), ("A", "<sheetData/>")], &[]),
        ),
        refused("an empty workbook", book(&[("Sheet1", "<sheetData/>")], &[])),
    ]
}

fn tables() -> Vec<Refused> {
    let two = [transaction(), transaction()];
    let header: Vec<String> = HEADER.iter().map(|name| text(name)).collect();
    let mut wide = transaction();
    wide.push(text("to be checked"));
    let mut total = vec![String::new(); 6];
    total[0] = text("Total");
    total[4] = number("1000.5");
    let mut several = transaction();
    several[3] = text("45355");
    several[4] = formula("SUM(A1:A2)", "12.5");
    several[5] = text("usd");
    vec![
        refused("40 a serial as text", with(3, text("45355"))),
        refused("40 a serial without a date's format", with(3, number("45355"))),
        refused("41 the day that never was", with(3, day("60"))),
        refused("97 a time of day", with(3, day("45355.5"))),
        refused("43 a day to come", with(3, day("50000"))),
        refused("90 more than two decimals", with(4, number("0.30000000000000004"))),
        refused("91 sixteen digits", with(4, number("12345678901234.56"))),
        refused("92 a formula", with(4, formula("SUM(A1:A2)", "12.5"))),
        refused("92 a formula without a value", with(4, formula("SUM(A1:A2)", ""))),
        refused("92 an error", with(4, raw("t=\"e\"", "<v>#REF!</v>"))),
        refused("92 a value that is not there", with(4, raw("t=\"e\"", "<v>#N/A</v>"))),
        refused("2 an amount as text with commas", with(4, text("1,234.50"))),
        refused("24 no amount", with(4, String::new())),
        refused("a day for an amount", with(4, day("45355"))),
        refused("a day for an id", with(0, day("45355"))),
        refused("an id that lost a zero", with(0, number("1.1"))),
        refused("an id of too many digits", with(0, number("1234567890123456"))),
        refused("all faults of a row", sheet("transactions", &[several])),
        refused(
            "94 merged cells",
            sheet_with(
                "transactions",
                &two,
                "<mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells>",
            ),
        ),
        refused(
            "62 an empty row",
            sheet("transactions", &[transaction(), vec![], transaction()]),
        ),
        refused("67 the header again", sheet("transactions", &[header])),
        refused("68 a total", sheet("transactions", &[total])),
        refused("61 a value without a header", sheet("transactions", &[wide])),
        refused("51 a header alone", sheet("transactions", &[])),
        refused(
            "66 an unknown column",
            patched(&with(0, text("T1")), "<t>amount</t>", "<t>amuont</t>"),
        ),
        refused("95 several sheets", workbook(&[("Q1", &two), ("Q2", &two)], &[])),
        refused("95 a sheet that names no table", sheet("transaction", &two)),
        refused(
            "two sheets of one table",
            workbook(&[("transactions", &two), ("Transactions ", &two)], &[]),
        ),
    ]
}

/// What is told of each is in `xlsx/expected.txt`; `SSRFUND_BLESS=1` writes it anew.
#[test]
fn every_broken_workbook_is_refused_as_it_expects() {
    let place = fixtures("../tests/it/broken/xlsx/expected.txt");
    let case = Case::on_base();
    let mut told = String::new();
    for Refused(what, bytes) in archives().into_iter().chain(parts()).chain(tables()) {
        let (_place, path) = super::file("fund.xlsx", &bytes);
        let found = case.refused(&[path], &[]).unwrap_or_else(|why| why);
        let (found, last) = found.rsplit_once('\n').unwrap_or((&found, ""));
        assert!(last.starts_with("nothing was loaded: "), "{what}: {found}\n{last}");
        told += &format!("# {what}\n{found}\n");
    }
    if std::env::var_os("SSRFUND_BLESS").is_some() {
        std::fs::write(&place, &told).unwrap();
    }
    let expected = std::fs::read_to_string(&place).unwrap();
    for (told, expected) in told.lines().zip(expected.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.len(), expected.len());
}

/// What is told of a workbook that is read: its rows by table, then its warnings.
fn accepted(bytes: &[u8], change: impl FnOnce(&mut Options)) -> Vec<String> {
    let mut options = options(instant(NOW));
    change(&mut options);
    let reading = read_bytes(bytes, "fund.xlsx", &options).unwrap();
    let refused = reading.rejects.iter().map(|reject| &reject.problem);
    let refused: Vec<String> =
        reading.faults.iter().chain(refused).map(ToString::to_string).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let rows =
        reading.tables.iter().map(|t| format!("{} {}", t.table.name, t.rows.len()));
    let warnings = reading.warnings.iter().map(ToString::to_string);
    let residues =
        reading.residues.entries().map(|(kind, _, _, sum)| format!("{kind} {sum}"));
    rows.chain(warnings).chain(residues).collect()
}

fn as_it_is(_: &mut Options) {}

#[test]
fn what_is_worth_knowing_of_a_good_workbook_is_told() {
    let two = [transaction(), transaction()];
    let good = sheet("transactions", &two);
    assert_eq!(accepted(&good, as_it_is), ["transactions 2"]);
    assert_eq!(
        accepted(&with(4, text("1000.50")), as_it_is),
        [
            "transactions 1",
            "fund.xlsx[transactions]:2: 1 number is text in `amount`; nothing need be \
             done: they are read as they stand",
        ]
    );
    let hidden = sheet_data(&two)
        .replace("<row r=\"3\"", "<row hidden=\"1\" r=\"3\"")
        .replace("<row r=\"2\"", "<row hidden=\"1\" r=\"2\"");
    let columns = "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/></cols>";
    let hidden = book(&[("transactions", &format!("{columns}{hidden}"))], &[]);
    let hidden = patched(&hidden, "sheetId", "state=\"hidden\" sheetId");
    assert_eq!(
        accepted(&hidden, as_it_is),
        [
            "transactions 2",
            "fund.xlsx[transactions]: the sheet is hidden; hidden cells are read like \
             others; remove them if they are not data",
            "fund.xlsx[transactions]:2: 2 rows are hidden, the first is row 2; hidden cells \
             are read like others; remove them if they are not data",
            "fund.xlsx[transactions]: 2 columns are hidden, the first is B; hidden cells \
             are read like others; remove them if they are not data",
        ]
    );
    let rounded = accepted(&with(4, number("0.30000000000000004")), |options| {
        options.round_cents = true;
    });
    assert_eq!(rounded, ["transactions 1", "disbursement 0.00000000000000004"]);
}

#[test]
fn links_and_macros_are_passed_over_with_a_warning() {
    let data = sheet_data(&[transaction()]);
    let more = [
        ("externalLinks.xml", "externalLink"),
        ("connections.xml", "connections"),
        ("vbaProject.bin", "vbaProject"),
    ];
    assert_eq!(
        accepted(&book(&[("transactions", &data)], &more), as_it_is),
        [
            "transactions 1",
            "fund.xlsx: links to other files are not followed; check that values copied \
             through them are those that you mean",
            "fund.xlsx: connections to databases are not used; refresh and save the \
             workbook before loading it",
            "fund.xlsx: macros are not run; save the workbook without them",
        ]
    );
}

#[test]
fn days_count_from_1904_where_the_workbook_says_so() {
    let bytes = patched(
        &with(3, day("43893")),
        "<workbook>",
        "<workbook><workbookPr date1904=\"1\"/>",
    );
    let reading = read_bytes(&bytes, "fund.xlsx", &options(instant(NOW))).unwrap();
    let told: Vec<String> = reading.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "fund.xlsx: its dates count from 1904, as once on the Macintosh; nothing need be \
          done: the days are read so"
        ]
    );
    let row = &reading.tables[0].rows[0];
    let date = row.cell(reading.tables[0].table, "date").key_text();
    assert_eq!((date.as_str(), row.row), ("2024-03-04", 2));
    assert_eq!(reading.tables[0].file, "fund.xlsx[transactions]");
}

#[test]
fn sheets_are_chosen_by_name_or_by_flag() {
    let one = [transaction()];
    let two = [transaction(), transaction()];
    let none: [Vec<String>; 0] = [];
    let notes =
        "<sheetData><row><c t=\"inlineStr\"><is><t>a</t></is></c></row></sheetData>";
    let sheets = [
        ("Notes", notes),
        ("transactions", &sheet_data(&one)),
        ("Q2", &sheet_data(&two)),
    ];
    let bytes = book(&sheets, &[]);
    assert_eq!(
        accepted(&bytes, as_it_is),
        [
            "transactions 1",
            "fund.xlsx: passed over, being no tables: `Notes`, `Q2`; name a sheet after its \
             table to load it",
        ]
    );
    let chosen = accepted(&bytes, |options| {
        options.sheet = Some("Q2".to_owned());
        options.table = Some("transactions".to_owned());
    });
    assert_eq!(chosen, ["transactions 2"]);
    let only = accepted(&sheet("Q2", &two), |options| {
        options.table = Some("transactions".to_owned());
    });
    assert_eq!(only, ["transactions 2"]);
    let empty = accepted(&sheet("transactions", &none), |options| {
        options.allow_empty = true;
    });
    assert_eq!(empty, ["transactions 0"]);
    for (sheet, told) in [
        ("Q3", "fund.xlsx: there is no sheet `Q3`; did you mean `Q2`?"),
        (
            "Q2",
            "fund.xlsx: the sheet `Q2` is named after no table; say which table it holds \
             with `--table NAME`",
        ),
    ] {
        let options = Options { sheet: Some(sheet.to_owned()), ..options(instant(NOW)) };
        let reading = read_bytes(&bytes, "fund.xlsx", &options).unwrap();
        assert_eq!(reading.faults[0].to_string(), told);
    }
}
