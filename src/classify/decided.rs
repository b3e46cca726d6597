//! Decisions of analysts: the newest of each line, whatever the as-of (Q37).

use std::collections::{BTreeMap, HashMap};

use crate::domain::Class;
use crate::domain::class::Subclass;
use crate::engine::ledger::entries;
use crate::tables::Cell;
use crate::workspace::KeptRows;

/// One class of an analyst's decision.
pub(super) struct Decided {
    /// The class.
    pub(super) class: Class,
    /// Its detail.
    pub(super) subclass: Option<Subclass>,
    /// Its share of the line.
    pub(super) share_bps: i64,
    /// Who decided.
    pub(super) by: String,
}

/// The newest decision of each line, all its rows of that day together.
pub(super) fn newest_decisions(decisions: &[KeptRows]) -> HashMap<String, Vec<Decided>> {
    let mut by_line: HashMap<&str, BTreeMap<chrono::NaiveDate, Vec<Decided>>> =
        HashMap::new();
    for entry in entries(decisions) {
        let (Some(line), Some(day), Some(class)) = (
            entry.text("line_id"),
            entry.day("decided_on"),
            entry.text("class").and_then(Class::parse),
        ) else {
            continue;
        };
        let share_bps = match entry.cell("share_bps") {
            Cell::Whole(bps) => *bps,
            _ => 0,
        };
        by_line.entry(line).or_default().entry(day).or_default().push(Decided {
            class,
            subclass: entry.text("subclass").and_then(Subclass::parse),
            share_bps,
            by: entry.text("decided_by").unwrap_or_default().to_owned(),
        });
    }
    by_line
        .into_iter()
        .filter_map(|(line, mut days)| Some((line.to_owned(), days.pop_last()?.1)))
        .collect()
}
