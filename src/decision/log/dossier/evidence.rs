//! The rows that a decision rests on, with their values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::Result;
use crate::tables::schema::table;
use crate::workspace::Snapshot;

use super::super::line::Record;

/// Where a row stood: table, load, file, row.
pub(super) type Place = (String, String, String, u64);

/// The place that an evidence entry of a record names.
pub(super) fn place(entry: &Value) -> Place {
    let word =
        |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let row = entry.get("row").and_then(Value::as_u64).unwrap_or_default();
    (word("table"), word("load_id"), word("file"), row)
}

/// The values of rows by their places: column and text, empty columns left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence(BTreeMap<Place, String>);

impl Evidence {
    /// Reads the rows that a record names from the loads of its time.
    ///
    /// # Errors
    /// A file that is not the one that its load wrote.
    pub fn read(snapshot: &Snapshot, record: &Record) -> Result<Self> {
        let wanted: BTreeSet<Place> = record
            .list("rules")
            .iter()
            .filter_map(|rule| rule.get("evidence")?.as_array())
            .flatten()
            .map(place)
            .collect();
        let tables: BTreeSet<&str> =
            wanted.iter().map(|(table, ..)| table.as_str()).collect();
        let mut found = BTreeMap::new();
        for name in tables {
            if table(name).is_none() {
                continue;
            }
            snapshot.scan(name, |kept| {
                for group in kept {
                    for row in &group.rows.rows {
                        let place = (
                            name.to_owned(),
                            group.load_id.clone(),
                            group.rows.file.clone(),
                            row.row,
                        );
                        if wanted.contains(&place) {
                            let values = values(group.rows.table, &row.cells);
                            found.insert(place, values);
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(Self(found))
    }

    /// The values of the row that an evidence entry names, or empty.
    pub(super) fn values(&self, entry: &Value) -> &str {
        self.0.get(&place(entry)).map(String::as_str).unwrap_or_default()
    }
}

fn values(table: &crate::tables::Table, cells: &[crate::tables::Cell]) -> String {
    let told: Vec<String> = table
        .columns
        .iter()
        .zip(cells)
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(column, cell)| format!("{} {}", column.name, cell.key_text()))
        .collect();
    told.join("; ")
}
