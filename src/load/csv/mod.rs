//! Canonical CSV files: our own strict reader, since every field is text until the
//! table's grammar has read it.
//!
//! [`records`] splits the text, [`header`] finds the columns by name, and this file
//! takes row after row. What leaves doubt about the file as a whole (its encoding, its
//! quotes, its header) is a fault; what is wrong in one row is a reject.

mod cut;
mod fast;
pub mod header;
pub mod records;
pub mod stream;

use crate::error::Problem;
use crate::load::reading::{RawRow, Reading, Reject};
use crate::load::utf8;
use crate::tables::{Table, TableRows, cell};

use header::Header;
use records::{LineEnds, Record, Records};

/// Words that begin the last line of a printed table.
pub(super) const TOTALS: [&str; 9] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub-total",
    "sum",
    "total general",
    "total général",
    "somme",
];

/// Whether a text is what stands before a total.
#[must_use]
pub fn is_total_word(text: &str) -> bool {
    let ends = |c: char| c == ':' || c.is_whitespace();
    let word = text.trim_end_matches(ends).to_lowercase();
    TOTALS.contains(&word.as_str())
}

/// What the caller allows besides the strict form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// What cells may be.
    pub leave: cell::Leave,
    /// The character between fields, a comma in a canonical file.
    pub delimiter: u8,
    /// Whether a header without rows is a table without rows.
    pub allow_empty: bool,
}

/// Reads a CSV file as rows of `table`.
#[must_use]
pub fn read(
    bytes: &[u8],
    file: &str,
    table: &'static Table,
    options: &CsvOptions,
) -> Reading {
    let mut reading = Reading::default();
    let text = match utf8::decode(bytes, file) {
        Ok(text) => text,
        Err(faults) => {
            reading.faults = faults;
            return reading;
        }
    };
    let known = |name: &str| header::column_place(table, name).is_some();
    if let Some(fault) = header::other_delimiter(text, file, options.delimiter, known) {
        reading.faults.push(fault);
        return reading;
    }
    let mut records = Records::new(text, file, options.delimiter);
    let first = records.read().unwrap_or_default();
    match header::read(&first, file, table, &mut reading.warnings) {
        Ok(header) => {
            let rows = TableRows::new(table, file);
            let mut reader = Reader { header, options, rows, reading, blank: Vec::new() };
            reader.take_all(&mut records);
            reader.finish(records)
        }
        Err(faults) => {
            reading.faults = records.faults;
            reading.faults.extend(faults);
            reading
        }
    }
}

/// Takes the records below a header.
struct Reader<'o> {
    header: Header,
    options: &'o CsvOptions,
    rows: TableRows,
    reading: Reading,
    /// Lines of the empty lines since the last row.
    blank: Vec<u64>,
}

impl Reader<'_> {
    fn take_all(&mut self, records: &mut Records<'_>) {
        let mut any = false;
        let mut faults = records.faults.len();
        while let Some(record) = records.read() {
            let found = records.faults.len();
            if std::mem::replace(&mut faults, found) < found {
                // Its fault refuses the file; what the row seems to say is not its own.
                any = true;
                continue;
            }
            if record.is_blank() {
                self.blank.push(record.line);
                continue;
            }
            any = true;
            self.take_after_blank(&record);
            if found > 0 {
                // No row of the file will be kept: they need not be held.
                self.rows.rows.clear();
            }
        }
        if !any && !self.options.allow_empty {
            let what = "the file has a header and no rows";
            let fix = "give rows, or allow it with `--allow-empty`";
            self.reading.faults.push(Problem::of_file(&self.rows.file, what, fix));
        }
    }

    /// Takes a record; empty lines before it stand between rows.
    fn take_after_blank(&mut self, record: &Record<'_>) {
        for line in std::mem::take(&mut self.blank) {
            self.reject(line, 0, "an empty line between rows", "remove it");
        }
        self.take(record);
    }

    fn take(&mut self, record: &Record<'_>) {
        if self.header.is_repeated_by(record) {
            let fix = "remove it; join exports without their headers";
            self.reject(record.line, 1, "the header stands here again", fix);
        } else if self.is_total(record) {
            let fix = "remove it; check the sum with `--expect amount=SUM`";
            self.reject(record.line, 1, "this is a total, not a row", fix);
        } else if record.fields.len() == self.header.width() {
            let mut fields = vec![None; self.rows.table.columns.len()];
            for (place, field) in self.header.places().iter().zip(&record.fields) {
                if let Some(slot) = fields.get_mut(*place) {
                    let column = u32::try_from(field.column).unwrap_or(u32::MAX);
                    *slot = Some((field.text.as_ref(), column));
                }
            }
            let raw = RawRow { row: record.line, fields };
            self.reading.take_row(&mut self.rows, &raw, self.options.leave);
        } else {
            self.reject_width(record);
        }
    }

    /// Whether the first word says so and a field that every row fills is empty.
    fn is_total(&self, record: &Record<'_>) -> bool {
        let first = record.fields.iter().map(|f| f.text.trim()).find(|t| !t.is_empty());
        if !is_total_word(first.unwrap_or_default()) {
            return false;
        }
        let columns = self.rows.table.columns;
        let gap =
            self.header.places().iter().zip(&record.fields).any(|(place, field)| {
                columns.get(*place).is_some_and(|column| column.required)
                    && field.text.trim().is_empty()
            });
        gap || record.fields.len() != self.header.width()
    }

    fn reject_width(&mut self, record: &Record<'_>) {
        let (found, wanted) = (record.fields.len(), self.header.width());
        let noun = if found == 1 { "field" } else { "fields" };
        let what = format!("the row has {found} {noun}, the header has {wanted}");
        let surplus = record.fields.get(wanted);
        let fix = if surplus.is_some() {
            "put a field that holds a delimiter in quotes; write amounts without \
             thousands separators"
        } else {
            "write a delimiter for every empty field; is the line cut?"
        };
        self.reject(record.line, surplus.map_or(0, |field| field.column), &what, fix);
    }

    fn reject(&mut self, line: u64, column: u64, what: &str, fix: &str) {
        self.reading.rejects.push(Reject {
            table: self.rows.table.name.to_owned(),
            project_id: None,
            problem: Problem::at(&self.rows.file, line, column, what, fix),
        });
    }

    fn finish(self, records: Records<'_>) -> Reading {
        let Self { mut reading, rows, blank, .. } = self;
        warn_of_ends(&mut reading, &rows.file, blank.first().copied(), records.ends);
        reading.faults.extend(records.faults);
        reading.tables.push(rows);
        reading
    }
}

/// Warns of empty lines at the end and of how lines end.
fn warn_of_ends(reading: &mut Reading, file: &str, blank: Option<u64>, ends: LineEnds) {
    let mut warn = |line: u64, what: &str, fix: &str| {
        reading.warnings.push(Problem::at(file, line, 0, what, fix));
    };
    if let Some(line) = blank {
        warn(line, "empty lines at the end", "remove them");
    }
    if ends.are_mixed {
        warn(0, "lines end in different ways", "was the file joined from several?");
    }
    if ends.last_is_open {
        let fix = "check that the file is whole, for example with `--expect rows=N`";
        warn(0, "the last line does not end", fix);
    }
}

#[cfg(test)]
mod tests;
