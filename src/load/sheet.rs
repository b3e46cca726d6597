//! A sheet: rows of cells as a workbook or a CSV file tells them, before the grammar of
//! any table reads them. Mappings and workbooks meet here.

use crate::error::{Problem, visible};

/// What kind of value the file says a cell holds. A CSV file says [`CellKind::Text`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text.
    Text,
    /// A number; its text is the shortest decimal that reads back as the same double.
    Number,
    /// A calendar day; its text is ISO.
    Day,
    /// A day with a time of day that is not midnight; its text is ISO.
    Instant,
    /// `true` or `false`.
    Bool,
    /// An error of the spreadsheet, such as `#REF!`.
    Fault,
}

/// One cell that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetCell {
    /// Its column, from 1; of a CSV file the number of the field.
    pub column: u32,
    /// What it holds, as text.
    pub text: String,
    /// What kind of value the file says it is.
    pub kind: CellKind,
    /// Whether the value is the cached result of a formula.
    pub is_formula: bool,
}

/// One row, with the cells that hold something, ordered by column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Its line or Excel row, from 1.
    pub row: u64,
    /// Whether the spreadsheet hides it.
    pub is_hidden: bool,
    /// Its cells.
    pub cells: Vec<SheetCell>,
}

/// Cells merged into one, from the first to the last, both included, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// First row and column.
    pub first: (u64, u32),
    /// Last row and column.
    pub last: (u64, u32),
}

/// One sheet of a workbook, or a CSV file as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The sheet's name; of a CSV file its stem.
    pub name: String,
    /// Whether the spreadsheet hides it.
    pub is_hidden: bool,
    /// Columns that the spreadsheet hides, from 1.
    pub hidden_columns: Vec<u32>,
    /// Merged cells.
    pub merged: Vec<Merged>,
    /// The rows that hold something, in order.
    pub rows: Vec<SheetRow>,
}

impl SheetRow {
    /// The cell in a column, from 1.
    #[must_use]
    pub fn cell(&self, column: u32) -> Option<&SheetCell> {
        let place = self.cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        self.cells.get(place)
    }
}

impl Sheet {
    /// The file with the sheet's name, as messages and `source_file` tell it:
    /// `fund.xlsx[milestones]`.
    #[must_use]
    pub fn place(&self, file: &str) -> String {
        format!("{file}[{}]", visible(&self.name))
    }

    /// Says what the spreadsheet hides of this sheet: hidden rows and columns are data
    /// like others, and a reader may not know of them.
    #[must_use]
    pub fn notices(&self, file: &str) -> Vec<Problem> {
        let place = self.place(file);
        let rows: Vec<u64> =
            self.rows.iter().filter(|row| row.is_hidden).map(|row| row.row).collect();
        let is_full =
            |column: &u32| self.rows.iter().any(|row| row.cell(*column).is_some());
        let columns: Vec<u32> =
            self.hidden_columns.iter().copied().filter(is_full).collect();
        let mut notices = Vec::new();
        let mut say = |row: u64, what: String| {
            let fix =
                "hidden cells are read like others; remove them if they are not data";
            notices.push(Problem::at(&place, row, 0, what, fix));
        };
        if self.is_hidden && !self.rows.is_empty() {
            say(0, "the sheet is hidden".to_owned());
        }
        if let Some(first) = rows.first() {
            say(
                *first,
                match rows.len() {
                    1 => "the row is hidden".to_owned(),
                    count => format!("{count} rows are hidden, the first is row {first}"),
                },
            );
        }
        if let Some(first) = columns.first() {
            let first = column_name(*first);
            say(
                0,
                match columns.len() {
                    1 => format!("column {first} is hidden"),
                    count => format!("{count} columns are hidden, the first is {first}"),
                },
            );
        }
        notices
    }
}

/// Whether a number has more digits, down to its second decimal, than a double holds
/// surely (15): what was typed may have been another number.
#[must_use]
pub fn exceeds_double(text: &str) -> bool {
    let body = text.strip_prefix('-').unwrap_or(text);
    let (integer, decimals) = body.split_once('.').unwrap_or((body, ""));
    let integer = integer.trim_start_matches('0').len();
    integer.saturating_add(decimals.len().min(2)) > 15
}

/// A column's name in a spreadsheet: `A`, `Z`, `AA`.
#[must_use]
pub fn column_name(column: u32) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    while let Some(index) = rest.checked_sub(1) {
        let letter = u8::try_from(index.rem_euclid(26)).unwrap_or(0);
        letters.push(char::from(b'A'.saturating_add(letter)));
        rest = index.div_euclid(26);
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_digits_are_more_than_a_double_holds() {
        for text in ["9999999999999.99", "123456789012345", "0.30000000000000004"] {
            assert!(!exceeds_double(text), "{text}");
        }
        for text in ["99999999999999.99", "-1234567890123456", "100000000000000000"] {
            assert!(exceeds_double(text), "{text}");
        }
    }

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        let names: Vec<String> =
            [1, 26, 27, 702, 703, 16_384].map(column_name).into_iter().collect();
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
