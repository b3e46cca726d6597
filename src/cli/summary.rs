//! What a load told, in a few lines: rows, money, what was kept out, warnings by kind,
//! and what to do next. A dry run shows the same.

use std::collections::BTreeMap;

use crate::error::Problem;
use crate::load::{Loaded, Reading, Tally};
use crate::workspace::manifest::MoneyEntry;

/// What a load told or would tell.
#[derive(Debug, Default)]
pub struct Summary {
    rows: BTreeMap<String, u64>,
    money: Tally,
    rounding: Tally,
    rejects: u64,
    warnings: Vec<Problem>,
}

impl Summary {
    /// The summary of what was checked.
    #[must_use]
    pub fn of(loaded: &Loaded) -> Self {
        let mut summary = Self {
            money: loaded.tally.clone(),
            rounding: loaded.residues.clone(),
            rejects: u64::try_from(loaded.rejects.len()).unwrap_or(u64::MAX),
            warnings: loaded.warnings.clone(),
            ..Self::default()
        };
        for rows in &loaded.tables {
            summary.count(rows.table.name, rows.len());
        }
        summary
    }

    /// The summary of a file as it was read.
    #[must_use]
    pub fn of_reading(reading: &Reading) -> Self {
        let rejects = u64::try_from(reading.rejects.len()).unwrap_or(u64::MAX);
        let mut summary = Self {
            money: reading.tally.clone(),
            rounding: reading.residues.clone(),
            rejects: rejects.saturating_add(reading.more_rejects),
            warnings: reading.warnings.clone(),
            ..Self::default()
        };
        for rows in &reading.tables {
            summary.count(rows.table.name, rows.len());
        }
        summary
    }

    /// The summary of several files.
    pub fn joined<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut summary = Self::default();
        for one in all {
            // A sum beyond 128 bits is a fault that the check tells.
            summary.money.absorb(&one.money);
            summary.rounding.absorb(&one.rounding);
            summary.rejects = summary.rejects.saturating_add(one.rejects);
            summary.warnings.extend(one.warnings.iter().cloned());
            for (table, rows) in &one.rows {
                summary.count(table, *rows);
            }
        }
        summary
    }

    fn count(&mut self, table: &str, more: u64) {
        let rows = self.rows.entry(table.to_owned()).or_default();
        *rows = rows.saturating_add(more);
    }

    /// The lines about rows, money and what was kept out.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (table, rows) in &self.rows {
            out.push(format!("  {table:<22} {rows:>9} rows"));
        }
        for MoneyEntry { kind, currency, count, sum } in MoneyEntry::of(&self.money) {
            out.push(format!("  {kind:<22} {count:>9} amounts  {currency} {sum}"));
        }
        for MoneyEntry { kind, currency, sum, .. } in MoneyEntry::of(&self.rounding) {
            out.push(format!("  rounding took {currency} {sum} from {kind}"));
        }
        if self.rejects > 0 {
            let count = self.rejects;
            let noun = if count == 1 { "problem keeps" } else { "problems keep" };
            out.push(format!("  {count} {noun} rows out"));
        }
        out
    }

    /// One line for each kind of warning, or one for each warning.
    #[must_use]
    pub fn warnings(&self, all: bool) -> Vec<String> {
        if all {
            return self.warnings.iter().map(|one| format!("warning: {one}")).collect();
        }
        let mut kinds: BTreeMap<String, (&Problem, usize)> = BTreeMap::new();
        for warning in &self.warnings {
            let entry = kinds.entry(kind_of(warning)).or_insert((warning, 0));
            entry.1 = entry.1.saturating_add(1);
        }
        kinds
            .into_values()
            .map(|(first, count)| match count {
                1 => format!("warning: {first}"),
                _ => format!("warning: {first} ({count} of this kind; `-v` shows them)"),
            })
            .collect()
    }

    /// What to do next, after a load.
    #[must_use]
    pub fn next(&self) -> &'static str {
        if self.rejects > 0 {
            "next: ssrfund sql -c \"SELECT * FROM rejects\", mend the rows and load them again"
        } else {
            "next: ssrfund report run composition, or ssrfund gate check --all"
        }
    }
}

/// The kind of a warning: the code that it begins with, else its text without what stands
/// in backticks.
fn kind_of(warning: &Problem) -> String {
    let code = warning.what.split(':').next().unwrap_or_default();
    let is_code = code.len() > 2
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if is_code {
        return code.to_owned();
    }
    warning.what.split('`').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_once_for_each_kind() {
        let warning = |row, what: &str| Problem::at("f.csv", row, 0, what, "mend it");
        let summary = Summary {
            warnings: vec![
                warning(1, "PADDED_ID: project `1` is read as `00000001`"),
                warning(2, "PADDED_ID: project `2` is read as `00000002`"),
                warning(3, "the column `a` is read as `b`"),
                warning(4, "the column `c` is read as `d`"),
                warning(5, "empty lines at the end"),
            ],
            ..Summary::default()
        };
        assert_eq!(
            summary.warnings(false),
            [
                "warning: f.csv:1: PADDED_ID: project `1` is read as `00000001`; mend it \
                 (2 of this kind; `-v` shows them)",
                "warning: f.csv:5: empty lines at the end; mend it",
                "warning: f.csv:3: the column `a` is read as `b`; mend it \
                 (2 of this kind; `-v` shows them)",
            ]
        );
        assert_eq!(summary.warnings(true).len(), 5);
    }
}
