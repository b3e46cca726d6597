//! What a workspace holds, whether it is sound, and what to do next.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::exchange::USD;
use crate::domain::{AsOf, KnownAt};

use super::commit::REJECTS;
use super::manifest::MoneyEntry;
use super::{LoadRef, Snapshot};

/// `data status -F json` (`contract.md` G7).
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The last day whose events count.
    pub as_of: AsOf,
    /// The instant whose knowledge counts.
    pub known_at: KnownAt,
    /// Whether every file is as it was written and no row was kept out.
    pub sound: bool,
    /// What is wrong with the files, if anything.
    pub damage: Option<String>,
    /// One entry per effective load, oldest first.
    pub sources: Vec<SourceStatus>,
    /// Rows by table over all effective loads, without rejected ones.
    pub tables: Vec<TableStatus>,
    /// Rows of all tables.
    pub rows: u64,
    /// Warnings of all effective loads.
    pub warnings: u64,
    /// Rows that effective loads kept out.
    pub rejected_rows: u64,
    /// What to do next, most urgent first.
    pub next: Vec<String>,
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
    /// `replace` or `append`.
    pub mode: String,
    /// The mapping used, if any.
    pub mapping: Option<String>,
    /// Its tables.
    pub tables: Vec<TableStatus>,
    /// Exact sums of its transactions as they stood in the files.
    pub money: Vec<MoneyEntry>,
    /// What `--round cents` took away.
    pub rounding: Vec<MoneyEntry>,
    /// Control totals that were given and held.
    pub expected: Vec<String>,
    /// How many warnings it gave.
    pub warnings: u64,
    /// Rows that it kept out.
    pub rejected_rows: u64,
}

/// One table of a load.
#[derive(Debug, Clone, Serialize)]
pub struct TableStatus {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
}

/// Returns what is effective in a snapshot; `damage` is what a check of the files found.
#[must_use]
pub fn status(snapshot: &Snapshot, as_of: AsOf, damage: Option<String>) -> Status {
    let sources: Vec<SourceStatus> =
        snapshot.effective.loads.iter().map(source_status).collect();
    let mut by_table: BTreeMap<&str, u64> = BTreeMap::new();
    for table in sources.iter().flat_map(|source| &source.tables) {
        if table.table != REJECTS {
            let rows = by_table.entry(&table.table).or_default();
            *rows = rows.saturating_add(table.rows);
        }
    }
    let tables: Vec<TableStatus> = by_table
        .into_iter()
        .map(|(table, rows)| TableStatus { table: table.to_owned(), rows })
        .collect();
    let total = |of: fn(&SourceStatus) -> u64| {
        sources.iter().fold(0_u64, |sum, source| sum.saturating_add(of(source)))
    };
    let (warnings, rejected_rows) = (total(|s| s.warnings), total(|s| s.rejected_rows));
    Status {
        as_of,
        known_at: snapshot.known_at(),
        sound: damage.is_none() && rejected_rows == 0,
        next: next(snapshot, &sources, damage.is_some(), rejected_rows),
        damage,
        rows: tables.iter().fold(0_u64, |sum, table| sum.saturating_add(table.rows)),
        tables,
        warnings,
        rejected_rows,
        sources,
    }
}

fn source_status(load: &LoadRef) -> SourceStatus {
    let manifest = &load.manifest;
    SourceStatus {
        source: manifest.source.clone(),
        load_id: load.load_id.clone(),
        recorded_at: manifest.recorded_at.clone(),
        mode: manifest.mode.clone(),
        mapping: manifest.mapping.clone(),
        tables: manifest
            .tables
            .iter()
            .map(|entry| TableStatus { table: entry.table.clone(), rows: entry.rows })
            .collect(),
        money: manifest.money.clone(),
        rounding: manifest.rounding.clone(),
        expected: manifest.expected.clone(),
        warnings: u64::try_from(manifest.warnings.len()).unwrap_or(u64::MAX),
        rejected_rows: manifest.rejected_rows,
    }
}

/// What to do next, most urgent first.
fn next(
    snapshot: &Snapshot,
    sources: &[SourceStatus],
    is_damaged: bool,
    rejected_rows: u64,
) -> Vec<String> {
    let mut out = Vec::new();
    if is_damaged {
        out.push(
            "restore the workspace from a copy, then `ssrfund data verify`".to_owned(),
        );
    }
    if rejected_rows > 0 {
        out.push(
            "look at the rows that were kept out: `ssrfund sql -c \"SELECT * FROM \
             rejects\"`, and load the corrected files again"
                .to_owned(),
        );
    }
    if sources.iter().any(|source| source.warnings > 0) {
        out.push("read the warnings: `ssrfund data history -v`".to_owned());
    }
    let currencies: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| &source.money)
        .map(|money| money.currency.as_str())
        .filter(|currency| *currency != USD)
        .collect();
    if !currencies.is_empty() && snapshot.rows("exchange_rates") == 0 {
        let names: Vec<&str> = currencies.into_iter().collect();
        out.push(format!("load `exchange_rates` of {}", names.join(", ")));
    }
    if snapshot.rows("tranches") > 0 {
        out.push("may the next tranches be paid? `ssrfund gate check --all`".to_owned());
    }
    if snapshot.rows("transactions") > 0 {
        out.push("what was paid for? `ssrfund report run composition`".to_owned());
    }
    if snapshot.rows("projects") == 0 {
        out.push("load `projects`: all else refers to them".to_owned());
    }
    out
}
