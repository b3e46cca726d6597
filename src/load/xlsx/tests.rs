use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer};

use super::*;
use crate::load::sheet::{CellKind, SheetCell};

fn cell(column: u32, text: &str, kind: CellKind) -> SheetCell {
    SheetCell { column, text: text.to_owned(), kind, is_formula: false }
}

#[test]
fn cells_keep_their_kind_and_their_place() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    sheet.set_name("Budget ü").unwrap();
    sheet.write(0, 0, "naïve <text> & more").unwrap();
    sheet.write(2, 1, 1234.56).unwrap();
    sheet.write(2, 2, true).unwrap();
    let day = ExcelDateTime::parse_from_str("2024-03-04").unwrap();
    let format = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_with_format(2, 3, &day, &format).unwrap();
    sheet.write_formula(2, 5, Formula::new("B3*2").set_result("2469.12")).unwrap();
    sheet.write_blank(3, 3, &format).unwrap();
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(1).unwrap();
    sheet.merge_range(5, 0, 6, 1, "merged", &Format::new()).unwrap();
    let other = writer.add_worksheet();
    other.set_hidden(true);
    let bytes = writer.save_to_buffer().unwrap();

    let (sheets, warnings) = sheets(&bytes, "b.xlsx").unwrap();
    assert_eq!(warnings, []);
    let sheet = &sheets[0];
    assert_eq!(sheet.name, "Budget ü");
    assert_eq!(sheet.hidden_columns, [2]);
    assert_eq!((sheet.merged[0].first, sheet.merged[0].last), ((6, 1), (7, 2)));
    let places: Vec<_> = sheet.rows.iter().map(|row| (row.row, row.is_hidden)).collect();
    assert_eq!(places, [(1, false), (3, true), (6, false)]);
    assert_eq!(sheet.rows[0].cells, [cell(1, "naïve <text> & more", CellKind::Text)]);
    let computed = SheetCell { is_formula: true, ..cell(6, "2469.12", CellKind::Number) };
    assert_eq!(
        sheet.rows[1].cells,
        [
            cell(2, "1234.56", CellKind::Number),
            cell(3, "true", CellKind::Bool),
            cell(4, "2024-03-04", CellKind::Day),
            computed,
        ]
    );
    assert!(sheets[1].is_hidden && sheets[1].rows.is_empty());
    let notices: Vec<String> =
        sheet.notices("b.xlsx").iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "b.xlsx[Budget ü]:3: the row is hidden; hidden cells are read like others; \
             remove them if they are not data",
            "b.xlsx[Budget ü]: column B is hidden; hidden cells are read like others; \
             remove them if they are not data",
        ]
    );
}

/// Another reader finds the same numbers and texts in the same places.
#[test]
fn another_reader_agrees() {
    use calamine::{Data, Reader, Xlsx};
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    for row in 0..50_u32 {
        sheet.write(row, 0, format!("line {row} ü")).unwrap();
        sheet.write(row, 1, 1_234.01 + 0.1 * [0.0, 1.0, 1e9][row as usize % 3]).unwrap();
        sheet.write(row, 2, row % 2 == 0).unwrap();
    }
    let bytes = writer.save_to_buffer().unwrap();
    let (ours, _) = sheets(&bytes, "b.xlsx").unwrap();
    let mut theirs = Xlsx::new(std::io::Cursor::new(&bytes)).unwrap();
    let range = theirs.worksheet_range("Sheet1").unwrap();
    let mut count = 0;
    for row in &ours[0].rows {
        for cell in &row.cells {
            let place = (u32::try_from(row.row).unwrap() - 1, cell.column - 1);
            let other = match range.get_value(place).unwrap() {
                Data::String(text) => text.clone(),
                Data::Float(number) => number.to_string(),
                Data::Bool(truth) => truth.to_string(),
                other => panic!("{other:?}"),
            };
            assert_eq!(cell.text, other);
            count += 1;
        }
    }
    assert_eq!(count, 150);
}

/// A file of ours, cut or changed at any place, is read or refused, never a panic.
#[test]
fn damage_is_refused_and_never_panics() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    sheet.write(0, 0, "text").unwrap();
    sheet.write(1, 0, 1.5).unwrap();
    let bytes = writer.save_to_buffer().unwrap();
    for length in 0..bytes.len() {
        assert!(sheets(&bytes[..length], "b.xlsx").is_err(), "cut at {length}");
    }
    let (whole, _) = sheets(&bytes, "b.xlsx").unwrap();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        if let Ok((sheets, _)) = sheets(&changed, "b.xlsx") {
            assert_eq!(sheets[0].rows, whole[0].rows, "a bit of byte {place}");
        }
    }
}

#[test]
fn sheets_that_are_asked_in_place_have_typed_columns() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    sheet.set_name("Q1").unwrap();
    for (column, name) in [(1, "line"), (2, "amount"), (3, "day")] {
        sheet.write(1, column, name).unwrap();
    }
    let day = ExcelDateTime::parse_from_str("2024-03-04").unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(2, 1, "a, \"b\"").unwrap();
    sheet.write(2, 2, 12.5).unwrap();
    sheet.write_with_format(2, 3, &day, &format).unwrap();
    sheet.write_formula(4, 2, Formula::new("SUM(C3)").set_result("12.5")).unwrap();
    writer.add_worksheet().set_name("read me").unwrap().write(0, 0, "notes").unwrap();
    let bytes = writer.save_to_buffer().unwrap();
    let tables = in_place(&bytes, "b.xlsx").unwrap();
    let [(name, batch)] = tables.as_slice() else { panic!("{}", tables.len()) };
    assert_eq!((name.as_str(), batch.num_rows()), ("Q1", 2));
    let kinds: Vec<String> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().to_string())
        .collect();
    assert_eq!(kinds, ["Utf8", "Decimal128(38, 1)", "Date32"]);
}
