//! Rows of the rule files, with their line numbers.

use serde::Deserialize;

use crate::error::Problem;

/// Reads the rows of a rule file with their line numbers.
pub fn read_rows<T: for<'de> Deserialize<'de>>(
    file: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(u64, T)> {
    let mut rows = Vec::new();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headers = reader.headers().cloned().ok();
    for record in reader.records() {
        let read = record.and_then(|record| {
            let row = record.position().map_or(0, csv::Position::line);
            record.deserialize(headers.as_ref()).map(|line| (row, line))
        });
        match read {
            Ok(row) => rows.push(row),
            Err(error) => {
                let row = error.position().map_or(0, csv::Position::line);
                let what = format!("cannot be read: {error}");
                problems.push(Problem::at(file, row, 0, what, "mend the row"));
            }
        }
    }
    rows
}

/// Reads a code that may be empty.
pub fn optional<T>(
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
    name: &str,
) -> Result<Option<T>, (String, String)> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).ok_or_else(|| {
        (format!("unknown {name} `{text}`"), "use a code of the taxonomy".to_owned())
    })
}
