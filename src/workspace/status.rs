//! What a workspace holds: sources, loads, tables, rows.

use serde::Serialize;

use crate::domain::AsOf;

use super::Snapshot;

/// `data status -F json` (`contract.md` G7).
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The last day whose events count.
    pub as_of: AsOf,
    /// The instant whose knowledge counts.
    pub known_at: crate::domain::KnownAt,
    /// One entry per effective load, oldest first.
    pub sources: Vec<SourceStatus>,
}

/// One effective load.
#[derive(Debug, Clone, Serialize)]
pub struct SourceStatus {
    /// The source.
    pub source: String,
    /// Its load.
    pub load_id: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// Its tables.
    pub tables: Vec<TableStatus>,
}

/// One table of a load.
#[derive(Debug, Clone, Serialize)]
pub struct TableStatus {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// Returns what is effective in a snapshot.
#[must_use]
pub fn status(snapshot: &Snapshot, as_of: AsOf) -> Status {
    let sources = snapshot
        .effective
        .loads
        .iter()
        .map(|load| SourceStatus {
            source: load.manifest.source.clone(),
            load_id: load.load_id.clone(),
            recorded_at: load.manifest.recorded_at.clone(),
            tables: load
                .manifest
                .tables
                .iter()
                .map(|entry| TableStatus { table: entry.table.clone(), rows: entry.rows })
                .collect(),
        })
        .collect();
    Status { as_of, known_at: snapshot.known_at(), sources }
}
