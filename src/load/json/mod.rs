//! Canonical JSON files: an array of objects, or one object a line.
//!
//! Numbers reach the table's grammar as they are written, never through a float; an
//! amount may also be a text. [`lexer`] reads values, [`objects`] rows.

pub mod lexer;
pub mod objects;
mod strings;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::error::{Problem, visible};
use crate::load::csv::header::{column_place, other_spelling, unknown_column};
use crate::load::reading::{RawRow, Reading, Reject};
use crate::load::utf8;
use crate::tables::schema::Kind;
use crate::tables::{Cell, Column, Table, TableRows, cell};

use lexer::{Member, Value};
use objects::{Object, Objects};

/// What the caller allows besides the strict form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonOptions {
    /// What cells may be.
    pub leave: cell::Leave,
    /// Whether an empty array is a table without rows.
    pub allow_empty: bool,
}

/// Reads a JSON file as rows of `table`.
#[must_use]
pub fn read(
    bytes: &[u8],
    file: &str,
    table: &'static Table,
    options: &JsonOptions,
) -> Reading {
    let mut reading = Reading::default();
    let text = match utf8::decode(bytes, file) {
        Ok(text) => text,
        Err(faults) => {
            reading.faults = faults;
            return reading;
        }
    };
    let rows = TableRows::new(table, file);
    let mut reader =
        Reader { options, rows, reading, told: BTreeSet::new(), seen: false };
    for object in Objects::new(text, file) {
        match object {
            Ok(object) => reader.take(&object),
            Err(fault) => {
                reader.seen = true;
                reader.reading.faults.push(*fault);
            }
        }
    }
    reader.finish()
}

/// A field of a row: its text and character column.
type RawField<'f> = (Cow<'f, str>, u32);

/// Takes object after object.
struct Reader<'o> {
    options: &'o JsonOptions,
    rows: TableRows,
    reading: Reading,
    /// Names that are no column or are spelled otherwise, once they were told.
    told: BTreeSet<String>,
    /// Whether any row was there.
    seen: bool,
}

impl Reader<'_> {
    fn take(&mut self, object: &Object<'_>) {
        self.seen = true;
        let line = object.place.0;
        let table = self.rows.table;
        let mut fields: Vec<Option<RawField<'_>>> = vec![None; table.columns.len()];
        let mut problems = Vec::new();
        for member in &object.members {
            let Some(place) = self.column_place(member) else { continue };
            let (Some(column), Some(slot)) =
                (table.columns.get(place), fields.get_mut(place))
            else {
                continue;
            };
            let at = (line, member.value_at.1);
            if slot.is_some() {
                let what = format!("the column `{}` stands twice", column.name);
                problems.push(self.problem(at, what, "remove one of the two spellings"));
                continue;
            }
            let place = u32::try_from(member.value_at.1).unwrap_or(u32::MAX);
            match field_text(column, &member.value) {
                Ok(text) => *slot = Some((text, place)),
                Err((what, fix)) => {
                    problems.push(self.problem(at, what, fix).field(column.name, ""));
                }
            }
        }
        let is_of_another_table = fields.iter().all(Option::is_none);
        if is_of_another_table && problems.is_empty() && !self.reading.faults.is_empty() {
            // None of its names is a column, which is told already.
            return;
        }
        if problems.is_empty() {
            let fields = fields
                .iter()
                .map(|field| field.as_ref().map(|(text, place)| (text.as_ref(), *place)))
                .collect();
            let raw = RawRow { row: line, fields };
            self.reading.take_row(&mut self.rows, &raw, self.options.leave);
            return;
        }
        let project_id = self.project_id(&fields);
        self.reading.rejects.extend(problems.into_iter().map(|problem| Reject {
            table: table.name.to_owned(),
            project_id: project_id.clone(),
            problem,
        }));
    }

    fn problem(&self, at: (u64, u64), what: String, fix: &str) -> Problem {
        Problem::at(&self.rows.file, at.0, at.1, what, fix)
    }

    /// The column that a member means. Tells a name that is none, or that is spelled
    /// otherwise, at its first place only: it stands in every row.
    fn column_place(&mut self, member: &Member<'_>) -> Option<usize> {
        let table = self.rows.table;
        let found = column_place(table, &member.name);
        if let Some((place, true)) = found {
            return Some(place);
        }
        if self.told.insert(member.name.to_string()) {
            let (name, file) = (&member.name, &self.rows.file);
            match found.and_then(|(place, _)| table.columns.get(place)) {
                None => {
                    let mut fault = unknown_column(table, name, file, member.name_at);
                    if matches!(member.value, Value::Nested(raw) if raw.starts_with("[{"))
                    {
                        let fix = "if the rows stand in it, give that array alone";
                        fix.clone_into(&mut fault.fix);
                    }
                    self.reading.faults.push(fault);
                }
                Some(column) => {
                    let warning = other_spelling(name, column.name, file, member.name_at);
                    self.reading.warnings.push(warning);
                }
            }
        }
        found.map(|(place, _)| place)
    }

    /// The project of a rejected row, where it can be read.
    fn project_id(&self, fields: &[Option<RawField<'_>>]) -> Option<String> {
        let place = self.rows.table.index("project_id")?;
        let (text, _) = fields.get(place)?.as_ref()?;
        let column = self.rows.table.columns.get(place)?;
        match cell::read(column, text, self.options.leave) {
            Ok(Cell::Text(id)) => Some(id),
            _ => None,
        }
    }

    fn finish(self) -> Reading {
        let Self { mut reading, rows, .. } = self;
        if !self.seen && !self.options.allow_empty {
            let fix = "give rows, or allow it with `--allow-empty`";
            reading.faults.push(Problem::of_file(
                &rows.file,
                "the file has no rows",
                fix,
            ));
        }
        reading.tables.push(rows);
        reading
    }
}

/// The text of a value for the grammar of its column.
fn field_text<'v>(
    column: &Column,
    value: &'v Value<'_>,
) -> Result<Cow<'v, str>, (String, &'static str)> {
    match value {
        Value::Null => Ok(Cow::Borrowed("")),
        Value::Text(text) => Ok(Cow::Borrowed(text)),
        Value::Number(number) => Ok(Cow::Borrowed(number)),
        Value::Bool(truth) if column.kind == Kind::Bool => {
            Ok(Cow::Borrowed(if *truth { "true" } else { "false" }))
        }
        Value::Bool(truth) => Err((
            format!("`{}` cannot be {truth}", column.name),
            "write a number, a text or null",
        )),
        Value::Nested(raw) => Err((
            format!("`{}` holds `{}`", column.name, visible(raw)),
            "a column holds one plain value; write its parts as columns",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Money;
    use crate::domain::time::parse_day;
    use crate::tables::schema::table;

    fn read_as(name: &str, text: &str, allow_empty: bool) -> Reading {
        let today = parse_day("2026-01-01").unwrap();
        let leave = cell::Leave { round_cents: false, today };
        let options = JsonOptions { leave, allow_empty };
        read(text.as_bytes(), "t.json", table(name).unwrap(), &options)
    }

    fn tranches(text: &str) -> Reading {
        read_as("tranches", text, false)
    }

    fn told(reading: &Reading) -> Vec<String> {
        let rejects = reading.rejects.iter().map(|reject| &reject.problem);
        reading.faults.iter().chain(rejects).map(ToString::to_string).collect()
    }

    #[test]
    fn numbers_and_texts_are_amounts() {
        let reading = tranches(
            "\u{feff}[{\"project_id\": 66682, \"tranche\": 1, \"recipient\": \"UNDP\",\n\
             \"amount\": 9007199254740993.01, \"share_bps\": null},\n\
             {\"project_id\":\"A\",\"tranche\":\"2\",\"recipient\":\"ILO\",\"amount\":\"1\"}]",
        );
        assert_eq!(told(&reading), [""; 0]);
        let rows = &reading.tables[0].rows;
        assert_eq!(rows[0].cells[0], Cell::Text("00066682".into()));
        assert_eq!(
            rows[0].cells[4],
            Cell::Money(Money::parse("9007199254740993.01").unwrap())
        );
        assert_eq!((rows[0].row, rows[1].row), (1, 3));
        assert_eq!(rows[1].columns[0], 15);
    }

    #[test]
    fn lines_are_rows_too() {
        let text =
            "{\"milestone_id\":\"M\",\"observed_on\":\"2024-01-01\",\"verified\":true}\n";
        let reading = read_as("observations", &text.repeat(2), false);
        assert_eq!((told(&reading).len(), reading.tables[0].rows.len()), (0, 2));
    }

    #[test]
    fn bad_values_reject_their_row() {
        let reading = tranches(
            "{\"project_id\":1,\"tranche\":true,\"recipient\":\"U\",\"amount\":[1]}\n\
             {\"project_id\":1,\"tranche\":1,\"recipient\":\"U\",\"amount\":1e3}\n\
             {\"project_id\":1,\"tranche\":1,\"recipient\":\"U\"}\n\
             {\"project_id\":1,\"Project ID\":1,\"tranche\":1,\"recipient\":\"U\"}\n",
        );
        let told = told(&reading);
        assert_eq!(
            told[0],
            "t.json:1:27: `tranche` cannot be true; write a number, a text or null"
        );
        assert!(told[1].starts_with("t.json:1:57: `amount` holds `[1]`"));
        assert!(told[2].starts_with("t.json:2:54: `1e3`"), "{}", told[2]);
        assert!(told[3].starts_with("t.json:3: `amount` is empty"));
        assert!(told[4].contains("`project_id` stands twice"));
        assert_eq!(told.len(), 5);
        assert_eq!(reading.rejects[0].project_id.as_deref(), Some("00000001"));
        assert_eq!(reading.warnings.len(), 2, "one of them PADDED_ID");
    }

    #[test]
    fn unknown_names_are_told_once() {
        let row = "{\"project_id\":1,\"trance\":1,\"recipient\":\"U\",\"amount\":1}\n";
        let reading = tranches(&row.repeat(3));
        assert_eq!(
            reading.faults[0].to_string(),
            "t.json:1:17: `trance` is no column of `tranches`; did you mean `tranche`?"
        );
        assert_eq!(reading.faults.len(), 1);
    }

    #[test]
    fn broken_files_are_refused() {
        for (text, what) in [
            ("", "the file is empty (0 bytes)"),
            ("[]", "the file has no rows"),
            ("[{\"amount\": NaN}]", "t.json:1:13: `NaN` is not JSON"),
            ("[{\"amount\": 1}", "the file ends where `,` or `]` belongs"),
            ("{\"amount\": 1, \"amount\": 2}", "`amount` stands twice"),
        ] {
            assert!(told(&tranches(text))[0].contains(what), "{text}");
        }
        assert_eq!(told(&read_as("tranches", "[]", true)), [""; 0]);
    }
}
