//! Workbooks that are asked in place: each sheet a table of typed columns.

use std::borrow::Cow;

use arrow::array::RecordBatch;

use crate::error::{Error, Problem, Result};
use crate::load::infer::infer_csv;
use crate::load::sheet::Sheet;

use super::sheets;
use super::template::OURS;

/// Reads every sheet that holds something, with its name; its first row names the
/// columns. Values of formulas are taken as the workbook last computed them.
///
/// # Errors
/// All that is wrong with the workbook, or with the form of a sheet.
pub fn in_place(bytes: &[u8], file: &str) -> Result<Vec<(String, RecordBatch)>> {
    let refused = |problems: Vec<Problem>| Error::data("").problems(problems);
    let (sheets, _) = sheets(bytes, file).map_err(refused)?;
    let full = sheets
        .iter()
        .filter(|sheet| !sheet.rows.is_empty() && !OURS.contains(&sheet.name.as_str()));
    let tables: Result<Vec<_>> = full
        .map(|sheet| {
            let batch = infer_csv(as_csv(sheet).as_bytes(), &sheet.place(file))?;
            Ok((sheet.name.clone(), batch))
        })
        .collect();
    let tables = tables?;
    if tables.is_empty() {
        let what = "the workbook is empty";
        let fix = "give the workbook as it was saved; an empty one says nothing";
        return Err(refused(vec![Problem::of_file(file, what, fix)]));
    }
    Ok(tables)
}

/// The rows of a sheet as the CSV file that would tell the same, empty rows left out.
fn as_csv(sheet: &Sheet) -> String {
    let columns = || sheet.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.column);
    let (first, last) = (columns().min().unwrap_or(1), columns().max().unwrap_or(1));
    let mut text = String::new();
    for row in &sheet.rows {
        for column in first..=last {
            if column > first {
                text.push(',');
            }
            let cell = row.cell(column).map_or("", |cell| cell.text.as_str());
            text.push_str(&quoted(cell));
        }
        text.push('\n');
    }
    text
}

fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")));
    }
    Cow::Borrowed(text)
}
