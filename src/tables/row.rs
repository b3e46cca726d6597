//! Rows as they were read: cells in column order, with file and position.

use super::cell::Cell;
use super::packed::Packed;
use super::schema::Table;

/// One row of a canonical table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One cell per column of the table, in its order.
    pub cells: Vec<Cell>,
    /// Line, Excel row or XML position, from 1.
    pub row: u64,
    /// Character column of each field, where known (for messages).
    pub columns: Vec<u32>,
}

/// The rows of one table in one source file.
#[derive(Debug, Clone)]
pub struct TableRows {
    /// The table.
    pub table: &'static Table,
    /// The file as it was given, without folders.
    pub file: String,
    /// The rows in file order.
    pub rows: Vec<Row>,
    /// The rows of a file that has too many to hold; then `rows` is empty.
    pub packed: Option<Packed>,
}

impl Row {
    /// The cell of a column; [`Cell::Empty`] where the table has no such column.
    #[must_use]
    pub fn cell(&self, table: &Table, column: &str) -> &Cell {
        table
            .index(column)
            .and_then(|index| self.cells.get(index))
            .unwrap_or(&Cell::Empty)
    }

    /// The text of a column, or nothing.
    #[must_use]
    pub fn text(&self, table: &Table, column: &str) -> Option<&str> {
        self.cell(table, column).text()
    }

    /// The key of the row, its parts joined by a unit separator.
    #[must_use]
    pub fn key(&self, table: &Table) -> String {
        let mut key = String::new();
        self.write_key(table, &mut key);
        key
    }

    /// Adds the key of the row to a text.
    pub fn write_key(&self, table: &Table, out: &mut String) {
        for (number, name) in table.key.iter().enumerate() {
            if number > 0 {
                out.push('\u{1f}');
            }
            match self.cell(table, name) {
                Cell::Text(text) => out.push_str(text),
                other => out.push_str(&other.key_text()),
            }
        }
    }

    /// The character column of a field, 0 where unknown.
    #[must_use]
    pub fn column_of(&self, table: &Table, column: &str) -> u64 {
        table
            .index(column)
            .and_then(|index| self.columns.get(index))
            .map_or(0, |place| u64::from(*place))
    }
}

impl TableRows {
    /// Returns no rows of `table` from `file`.
    #[must_use]
    pub fn new(table: &'static Table, file: &str) -> Self {
        Self { table, file: file.to_owned(), rows: Vec::new(), packed: None }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        let held = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        held.saturating_add(self.packed.as_ref().map_or(0, Packed::len))
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sum of the column `amount` in cents; nothing where it exceeds 128 bits.
    #[must_use]
    pub fn cents(&self) -> Option<i128> {
        let packed = self.packed.as_ref().map_or(Some(0), Packed::cents)?;
        self.rows.iter().try_fold(packed, |sum, row| {
            match row.cell(self.table, "amount") {
                Cell::Money(money) => sum.checked_add(money.cents()),
                _ => Some(sum),
            }
        })
    }
}
