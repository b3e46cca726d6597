//! What `load.json` says about a load.

use serde::{Deserialize, Serialize};

/// A load's own description; its SHA-256 ends the load's id (F6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format.
    pub schema_version: u32,
    /// The source that tells the rows.
    pub source: String,
    /// `replace` or `append`.
    pub mode: String,
    /// UTC, RFC 3339 with microseconds.
    pub recorded_at: String,
    /// The tool that wrote it.
    pub tool: String,
    /// The mapping used, if any.
    pub mapping: Option<String>,
    /// SHA-256 of the load.json before it, or nothing for the first.
    pub previous: Option<String>,
    /// The files that were read.
    pub sources: Vec<SourceEntry>,
    /// The tables that were written.
    pub tables: Vec<TableEntry>,
    /// Exact sums of transactions as they stood in the files.
    pub money: Vec<MoneyEntry>,
    /// What `--round cents` took away: exact sum minus rounded sum.
    pub rounding: Vec<MoneyEntry>,
    /// Control totals that were given and held.
    pub expected: Vec<String>,
    /// Rows kept out by `--quarantine`.
    pub rejected_rows: u64,
    /// What was worth knowing.
    pub warnings: Vec<String>,
}

impl Manifest {
    /// Every stored file of the load besides `load.json`, with its SHA-256.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let tables =
            self.tables.iter().map(|entry| (entry.file.as_str(), entry.sha256.as_str()));
        let originals = self.sources.iter().filter_map(|entry| {
            Some((entry.original.as_deref()?, entry.original_sha256.as_deref()?))
        });
        tables.chain(originals)
    }
}

/// One source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceEntry {
    /// Its name without folders.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The kept copy, relative to the load's folder.
    pub original: Option<String>,
    /// SHA-256 of the kept copy.
    pub original_sha256: Option<String>,
}

/// One stored table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// The table.
    pub table: String,
    /// The Parquet file, relative to the load's folder.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 of the Parquet file.
    pub sha256: String,
}

/// A sum of transaction amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoneyEntry {
    /// Transaction kind.
    pub kind: String,
    /// ISO 4217.
    pub currency: String,
    /// How many amounts.
    pub count: u64,
    /// Their exact sum.
    pub sum: String,
}

impl MoneyEntry {
    /// Returns the entries of a tally.
    #[must_use]
    pub fn of(tally: &crate::load::Tally) -> Vec<Self> {
        tally
            .entries()
            .map(|(kind, currency, count, sum)| Self {
                kind: kind.to_owned(),
                currency: currency.to_owned(),
                count,
                sum: sum.to_string(),
            })
            .collect()
    }
}
