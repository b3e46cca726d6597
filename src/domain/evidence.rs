//! The rows that a number rests on.

use serde::Serialize;

/// One source row behind a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// The canonical table.
    pub table: String,
    /// The key of the row, its parts separated by a space.
    pub key: String,
    /// The load that told it.
    pub load_id: String,
    /// The file as it was given to `load`, without folders.
    pub file: String,
    /// Line, Excel row or XML position.
    pub row: u64,
}
