//! All rows that a check looks at: those of this load beside those of other sources.

use std::collections::{BTreeMap, HashMap};

use crate::tables::schema::TABLES;
use crate::tables::{Row, Table, TableRows};

/// Where a row comes from, in messages.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The source that tells it; empty for the load being checked.
    pub source: &'a str,
    /// The rows' table and file.
    pub rows: &'a TableRows,
    /// The row.
    pub row: &'a Row,
}

impl Told<'_> {
    /// Returns `file:row`, with the source where it is another one.
    #[must_use]
    pub fn place(&self) -> String {
        if self.source.is_empty() {
            format!("{}:{}", self.rows.file, self.row.row)
        } else {
            format!("source `{}`, {}:{}", self.source, self.rows.file, self.row.row)
        }
    }

    /// Whether the row is of the load being checked.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.source.is_empty()
    }

    /// The text of a column.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        self.row.text(self.rows.table, column)
    }
}

/// Every row by table, new rows first.
#[derive(Debug, Default)]
pub struct Everything<'a>(BTreeMap<&'static str, Vec<Told<'a>>>);

impl<'a> Everything<'a> {
    /// Gathers the new rows and what each other source tells.
    pub fn gather(
        new: impl IntoIterator<Item = &'a TableRows>,
        told: impl IntoIterator<Item = (&'a str, &'a TableRows)>,
    ) -> Self {
        let mut all = Self::default();
        let new = new.into_iter().map(|rows| ("", rows));
        for (source, rows) in new.chain(told) {
            let entry = all.0.entry(rows.table.name).or_default();
            entry.extend(rows.rows.iter().map(|row| Told { source, rows, row }));
        }
        all
    }

    /// The rows of a table.
    #[must_use]
    pub fn of(&self, table: &str) -> &[Told<'a>] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// All tables that have rows, in the registry's order.
    pub fn tables(&self) -> impl Iterator<Item = (&'static Table, &[Told<'a>])> {
        TABLES.iter().filter_map(|table| {
            self.0.get(table.name).map(|rows| (table, rows.as_slice()))
        })
    }

    /// Texts of `column` in `table`, each with its first row.
    #[must_use]
    pub fn index(&self, table: &str, column: &str) -> HashMap<&'a str, Told<'a>> {
        let mut index = HashMap::new();
        for told in self.of(table) {
            let text = told.row.text(told.rows.table, column);
            if let Some(text) = text {
                index.entry(text).or_insert(*told);
            }
        }
        index
    }
}
