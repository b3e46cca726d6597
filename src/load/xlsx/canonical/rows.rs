//! The rows of one sheet below its header.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::Problem;
use crate::load::csv::header::{self, Header};
use crate::load::csv::records::{Field, Record};
use crate::load::csv::{self};
use crate::load::reading::{RawRow, Reading, Reject};
use crate::load::sheet::{CellKind, Sheet, SheetCell, SheetRow, column_name};
use crate::tables::{Column, TableRows, cell};

use super::{judge, template};

/// Takes the rows of a sheet as rows of a table.
pub(super) struct Rows<'s> {
    sheet: &'s Sheet,
    header: Header,
    /// Place in the table's columns by the sheet's column.
    places: BTreeMap<u32, usize>,
    header_row: u64,
    /// What was taken.
    pub(super) rows: TableRows,
    /// Cells that are of another kind than their column, by column: first row, count.
    as_text: BTreeMap<usize, (u64, u64)>,
    as_number: BTreeMap<usize, (u64, u64)>,
    /// Columns of the sheet that do not make a row by themselves.
    prefilled: Vec<u32>,
}

impl<'s> Rows<'s> {
    /// Reads the header, the first row that holds something; nothing where there is none.
    ///
    /// # Errors
    /// What refuses the sheet: its header, merged cells.
    pub(super) fn below_header(
        sheet: &'s Sheet,
        rows: TableRows,
        reading: &mut Reading,
    ) -> Result<Option<Self>, Vec<Problem>> {
        let Some(first) = sheet.rows.iter().find(|row| !is_blank(row)) else {
            return Ok(None);
        };
        let record = record(first);
        let header =
            header::read(&record, &rows.file, rows.table, &mut reading.warnings)?;
        let columns = first.cells.iter().filter(|cell| !is_space(cell));
        let places = columns.zip(header.places()).map(|(c, p)| (c.column, *p)).collect();
        let reader = Self {
            sheet,
            header,
            places,
            header_row: first.row,
            rows,
            as_text: BTreeMap::new(),
            as_number: BTreeMap::new(),
            prefilled: Vec::new(),
        };
        reader.refuse_merged()?;
        Ok(Some(reader))
    }

    /// Passes over rows that hold nothing but what a template filled beforehand.
    pub(super) fn pass_over_prefilled(&mut self) {
        let names = template::prefilled(self.rows.table.name);
        let is_prefilled = |place: usize| {
            let column = self.rows.table.columns.get(place);
            column.is_some_and(|column| names.contains(&column.name))
        };
        self.prefilled = self
            .places
            .iter()
            .filter(|(_, place)| is_prefilled(**place))
            .map(|(column, _)| *column)
            .collect();
    }

    /// Whether a template filled all of a row.
    fn is_prefilled(&self, row: &SheetRow) -> bool {
        let is_own = |cell: &SheetCell| self.prefilled.contains(&cell.column);
        row.cells.iter().all(|cell| is_own(cell) || is_space(cell))
    }

    /// Takes every row; false where there is none.
    pub(super) fn take_all(&mut self, reading: &mut Reading, leave: cell::Leave) -> bool {
        let mut before = self.header_row;
        let mut any = false;
        let sheet = self.sheet;
        for row in &sheet.rows {
            if row.row <= self.header_row || is_blank(row) {
                continue;
            }
            let next = before.saturating_add(1);
            if row.row > next {
                self.reject(reading, next, 0, "an empty row between rows", "remove it");
            }
            before = row.row;
            if self.is_prefilled(row) {
                continue;
            }
            any = true;
            self.take(row, reading, leave);
        }
        self.note_kinds(reading);
        any
    }

    fn take(&mut self, row: &SheetRow, reading: &mut Reading, leave: cell::Leave) {
        if self.header.is_repeated_by(&record(row)) {
            let fix = "remove it; join exports without their headers";
            return self.reject(reading, row.row, 1, "the header stands here again", fix);
        }
        if self.is_total(row) {
            let fix = "remove it; check the sum with `--expect amount=SUM`";
            return self.reject(reading, row.row, 1, "this is a total, not a row", fix);
        }
        let mut fields = vec![None; self.rows.table.columns.len()];
        let mut faults = Vec::new();
        let mut judged = Vec::new();
        for cell in &row.cells {
            let at = (row.row, u64::from(cell.column));
            let Some(place) = self.places.get(&cell.column).copied() else {
                if !is_space(cell) {
                    let name = column_name(cell.column);
                    let what =
                        format!("column {name} has no name and holds a value here");
                    let fix = "name the column, or empty the cell";
                    faults.push(Problem::at(&self.rows.file, at.0, at.1, what, fix));
                }
                continue;
            };
            let Some(column) = self.rows.table.columns.get(place) else { continue };
            if let Some((what, fix)) = judge::fault(cell, column) {
                let problem = Problem::at(&self.rows.file, at.0, at.1, what, fix);
                faults.push(problem.field(column.name, &cell.text));
                judged.push(place);
                continue;
            }
            self.note_kind(cell, column, place, row.row);
            if let Some(slot) = fields.get_mut(place) {
                *slot = Some((cell.text.as_str(), cell.column));
            }
        }
        let raw = RawRow { row: row.row, fields };
        if faults.is_empty() {
            reading.take_row(&mut self.rows, &raw, leave);
            return;
        }
        faults.extend(self.other_faults(&raw, &judged, leave));
        self.reject_all(reading, &raw, faults);
    }

    /// What the grammar says of the other fields of a row that is not taken.
    fn other_faults(
        &self,
        raw: &RawRow<'_>,
        judged: &[usize],
        leave: cell::Leave,
    ) -> Vec<Problem> {
        let mut faults = Vec::new();
        for (place, column) in self.rows.table.columns.iter().enumerate() {
            let field = raw.fields.get(place).copied().flatten();
            let (text, at) = field.unwrap_or(("", 0));
            if judged.contains(&place) {
                continue;
            }
            if let Err(fault) = cell::read(column, text, leave) {
                let (file, at) = (&self.rows.file, u64::from(at));
                let problem = Problem::at(file, raw.row, at, fault.what, fault.fix);
                faults.push(problem.field(column.name, text));
            }
        }
        faults
    }

    fn reject_all(&self, reading: &mut Reading, raw: &RawRow<'_>, faults: Vec<Problem>) {
        let table = self.rows.table;
        let place = table.index("project_id");
        let project_id = place
            .and_then(|place| raw.fields.get(place).copied().flatten())
            .map(|(text, _)| crate::domain::ids::project_id(text));
        reading.rejects.extend(faults.into_iter().map(|problem| Reject {
            table: table.name.to_owned(),
            project_id: project_id.clone(),
            problem,
        }));
    }

    fn reject(&self, reading: &mut Reading, row: u64, at: u64, what: &str, fix: &str) {
        let problem = Problem::at(&self.rows.file, row, at, what, fix);
        let table = self.rows.table.name.to_owned();
        reading.rejects.push(Reject { table, project_id: None, problem });
    }

    /// Whether the first word says so and a column that every row fills is empty.
    fn is_total(&self, row: &SheetRow) -> bool {
        let first = row.cells.iter().find(|cell| !is_space(cell));
        let first =
            first.map(|cell| cell.text.trim().trim_end_matches(':').to_lowercase());
        if !first.is_some_and(|word| csv::TOTALS.contains(&word.as_str())) {
            return false;
        }
        let columns = self.rows.table.columns;
        self.places.iter().any(|(column, place)| {
            columns.get(*place).is_some_and(|column| column.required)
                && row.cell(*column).is_none_or(is_space)
        })
    }

    fn refuse_merged(&self) -> Result<(), Vec<Problem>> {
        let last = self.sheet.rows.last().map_or(0, |row| row.row);
        let mut faults = Vec::new();
        for merged in &self.sheet.merged {
            if merged.last.0 < self.header_row || merged.first.0 > last {
                continue;
            }
            let name =
                |(row, column): (u64, u32)| format!("{}{row}", column_name(column));
            let (first, end) = (name(merged.first), name(merged.last));
            let what = format!("the cells {first}:{end} are merged");
            let fix = "unmerge them and fill each; a table has one value in each cell";
            let (row, column) = merged.first;
            let column = u64::from(column);
            faults.push(Problem::at(&self.rows.file, row, column, what, fix));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn note_kind(&mut self, cell: &SheetCell, column: &Column, place: usize, row: u64) {
        let seen = if judge::is_number_as_text(cell, column) {
            &mut self.as_text
        } else if judge::is_text_as_number(cell, column) {
            &mut self.as_number
        } else {
            return;
        };
        let entry = seen.entry(place).or_insert((row, 0));
        entry.1 = entry.1.saturating_add(1);
    }

    /// Says once per column that its numbers are text, or its texts numbers.
    fn note_kinds(&self, reading: &mut Reading) {
        let name = |place: &usize| {
            self.rows.table.columns.get(*place).map_or("", |column| column.name)
        };
        let mut say = |row: u64, what: String, fix: &str| {
            reading.warnings.push(Problem::at(&self.rows.file, row, 0, what, fix));
        };
        let of = |count: u64, word: &str| {
            let plural = if count == 1 { " is" } else { "s are" };
            format!("{count} {word}{plural}")
        };
        for (place, (row, count)) in &self.as_text {
            let what = format!("{} text in `{}`", of(*count, "number"), name(place));
            say(*row, what, "nothing need be done: they are read as they stand");
        }
        for (place, (row, count)) in &self.as_number {
            let what = format!("{} a number in `{}`", of(*count, "text"), name(place));
            say(*row, what, "was a `1.1` a `1.10`? format the column as text");
        }
    }
}

/// A row as a CSV file would tell it, cells of spaces left out.
fn record(row: &SheetRow) -> Record<'_> {
    let fields = row
        .cells
        .iter()
        .filter(|cell| !is_space(cell))
        .map(|cell| Field {
            text: Cow::Borrowed(cell.text.as_str()),
            column: u64::from(cell.column),
            quoted: false,
        })
        .collect();
    Record { line: row.row, fields }
}

/// Whether a cell holds nothing but spaces.
fn is_space(cell: &SheetCell) -> bool {
    cell.kind == CellKind::Text && !cell.is_formula && cell.text.trim().is_empty()
}

fn is_blank(row: &SheetRow) -> bool {
    row.cells.iter().all(is_space)
}
