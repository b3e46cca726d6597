//! A sheet with what only its file knows: where fields stand in a CSV line, how wide
//! lines are, and before which rows something is empty.

use std::collections::BTreeMap;

use crate::error::Problem;
use crate::load::csv::records::Records;
use crate::load::sheet::{CellKind, Merged, Sheet, SheetCell, SheetRow};

use super::pattern::tidy;

/// A sheet, ready to be searched.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// The cells.
    pub sheet: Sheet,
    /// Of a CSV file, for each row the character column of each field.
    fields: Vec<Vec<u32>>,
    /// For each row whether the row above it is empty.
    blank_before: Vec<bool>,
}

/// The delimiter of a CSV file as a mapping or a flag says it.
#[must_use]
pub fn delimiter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"tab" => Some(b'\t'),
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() && *one != b'"' => {
            Some(*one)
        }
        _ => None,
    }
}

impl Grid {
    /// Splits the text of a CSV file.
    ///
    /// # Errors
    /// Its quotes leave doubt.
    pub fn of_csv(
        text: &str,
        file: &str,
        delimiter: u8,
        warnings: &mut Vec<Problem>,
    ) -> Result<Self, Vec<Problem>> {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let mut grid = Self::default();
        stem.clone_into(&mut grid.sheet.name);
        let mut records = Records::new(text, file, delimiter);
        let mut blank = false;
        while let Some(record) = records.read() {
            let mut row = SheetRow { row: record.line, ..SheetRow::default() };
            let mut places = Vec::with_capacity(record.fields.len());
            for (column, field) in (1_u32..).zip(&record.fields) {
                places.push(u32::try_from(field.column).unwrap_or(u32::MAX));
                if tidy(&field.text).is_empty() {
                    continue;
                }
                row.cells.push(SheetCell {
                    column,
                    text: field.text.to_string(),
                    kind: CellKind::Text,
                    is_formula: false,
                });
            }
            if row.cells.is_empty() {
                blank = true;
                continue;
            }
            grid.sheet.rows.push(row);
            grid.fields.push(places);
            grid.blank_before.push(std::mem::take(&mut blank));
        }
        if !records.faults.is_empty() {
            return Err(records.faults);
        }
        if records.ends.last_is_open {
            let fix = "check that the file is whole, for example with `--expect rows=N`";
            warnings.push(Problem::of_file(file, "the last line does not end", fix));
        }
        Ok(grid)
    }

    /// Takes a sheet of a workbook.
    #[must_use]
    pub fn of_sheet(sheet: Sheet) -> Self {
        let mut last = 0_u64;
        let blank_before = sheet
            .rows
            .iter()
            .map(|row| {
                let gap = row.row.saturating_sub(last) > 1;
                last = row.row;
                gap
            })
            .collect();
        Self { sheet, fields: Vec::new(), blank_before }
    }

    /// Whether it is of a CSV file.
    #[must_use]
    pub fn is_csv(&self) -> bool {
        !self.fields.is_empty()
    }

    /// The row at an index.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<&SheetRow> {
        self.sheet.rows.get(index)
    }

    /// Whether something is empty above the row at an index.
    #[must_use]
    pub fn is_blank_before(&self, index: usize) -> bool {
        self.blank_before.get(index).copied().unwrap_or(false)
    }

    /// How many fields the row has, of a CSV file.
    #[must_use]
    pub fn width(&self, index: usize) -> Option<usize> {
        self.fields.get(index).map(Vec::len)
    }

    /// Where a column stands in messages: the character of a CSV line, else the column.
    #[must_use]
    pub fn place(&self, index: usize, column: u32) -> u32 {
        let field = usize::try_from(column).unwrap_or(0).checked_sub(1);
        let character = field.and_then(|at| self.fields.get(index)?.get(at));
        character.copied().unwrap_or(column)
    }

    /// The merged cells of more than one cell that a cell belongs to.
    #[must_use]
    pub fn merged(&self, row: u64, column: u32) -> Option<Merged> {
        self.sheet.merged.iter().copied().find(|merged| {
            (merged.first.0..=merged.last.0).contains(&row)
                && (merged.first.1..=merged.last.1).contains(&column)
        })
    }
}

/// The tidy text of a row's first cell.
#[must_use]
pub fn first_text(row: &SheetRow) -> String {
    row.cells.first().map(|cell| tidy(&cell.text)).unwrap_or_default()
}

/// The tidy texts of a row by column.
#[must_use]
pub fn texts(row: &SheetRow) -> BTreeMap<u32, String> {
    row.cells.iter().map(|cell| (cell.column, tidy(&cell.text))).collect()
}
