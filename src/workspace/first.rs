//! Rows as each key was first told: what a later load moved does not hide.

use std::collections::BTreeSet;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;

use crate::error::{Error, Result};
use crate::tables::schema::table;

use super::open::stored_files;
use super::{LoadRef, Snapshot, StoredFile};

impl Snapshot {
    /// Reads a table whose key is one column as each key was first told, by loads that
    /// count and by loads that were replaced since; nothing where no load that told it
    /// was replaced, because then all rows are as first told.
    ///
    /// # Errors
    /// A file that is not the one that its load wrote.
    pub fn first_told(&self, name: &str) -> Result<Option<Vec<RecordBatch>>> {
        let of = |loads: &[LoadRef]| -> Vec<StoredFile> {
            let files = loads.iter().flat_map(stored_files);
            files.filter(|(table, _)| *table == name).map(|(_, file)| file).collect()
        };
        let mut files = of(&self.effective.earlier);
        let key = table(name).and_then(|table| table.key.first());
        let (Some(key), false) = (key, files.is_empty()) else { return Ok(None) };
        files.extend(of(&self.effective.loads));
        // A load's id begins with its instant.
        files.sort_by(|a, b| a.load_id.cmp(&b.load_id));
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut out = Vec::new();
        for file in &files {
            for batch in file.complete_batches(name)? {
                let first: BooleanArray = texts(&batch, key)
                    .map(|id| Some(seen.insert(id.unwrap_or_default().to_owned())))
                    .collect();
                let batch = filter_record_batch(&batch, &first).map_err(|error| {
                    Error::internal("cannot filter a record batch").caused_by(error)
                })?;
                out.push(batch);
            }
        }
        Ok(Some(out))
    }
}

/// The texts of a column; none where it is not text.
fn texts<'b>(
    batch: &'b RecordBatch,
    name: &str,
) -> impl Iterator<Item = Option<&'b str>> {
    let column = batch.column_by_name(name);
    column.and_then(|column| column.as_string_opt::<i32>()).into_iter().flatten()
}
