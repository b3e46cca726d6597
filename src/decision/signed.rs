//! Overrides as their rows say, by request; whether they count is for the gate to say.

use std::collections::BTreeMap;

use crate::domain::evidence::Evidence;
use crate::engine::ledger::{Entry, entries};
use crate::error::Result;
use crate::gate::{Override, OverrideScope};
use crate::metrics::measure::Asked;
use crate::tables::Cell;
use crate::workspace::Snapshot;

/// All overrides that are told, by project and tranche, by id.
///
/// # Errors
/// A stored file is damaged.
pub(super) fn overrides(snapshot: &Snapshot) -> Result<BTreeMap<Asked, Vec<Override>>> {
    let mut found: BTreeMap<Asked, Vec<Override>> = BTreeMap::new();
    for entry in entries(&snapshot.kept("overrides")?) {
        let Cell::Whole(tranche) = entry.cell("tranche") else { continue };
        let Some(project) = entry.text("project_id") else { continue };
        if let Some(one) = read(&entry) {
            found.entry((project.to_owned(), *tranche)).or_default().push(one);
        }
    }
    for all in found.values_mut() {
        all.sort_by(|a, b| a.override_id.cmp(&b.override_id));
    }
    Ok(found)
}

/// Reads a row; loading made sure that what is required is there.
fn read(entry: &Entry<'_>) -> Option<Override> {
    let text = |column: &str| entry.text(column).unwrap_or_default().to_owned();
    let override_id = text("override_id");
    Some(Override {
        rule_id: text("rule_id"),
        scope: OverrideScope::parse(&text("scope"), &text("scope_ids"))?,
        reason_code: text("reason_code"),
        justification: text("justification"),
        evidence: text("evidence"),
        signatory: text("signatory"),
        signatory_role: text("signatory_role"),
        signed_on: entry.day("signed_on")?,
        second_signatory: text("second_signatory"),
        valid_from: entry.day("valid_from")?,
        valid_to: entry.day("valid_to")?,
        conditions: text("conditions"),
        recorded_by: text("recorded_by"),
        revoked_on: entry.day("revoked_on"),
        row: Evidence {
            table: "overrides".to_owned(),
            key: override_id.clone(),
            load_id: entry.load_id.to_owned(),
            file: entry.file.to_owned(),
            row: entry.row.row,
        },
        override_id,
    })
}

/// The risk marker of each project that has one.
///
/// # Errors
/// A stored file is damaged.
pub(super) fn risk_markers(snapshot: &Snapshot) -> Result<BTreeMap<String, i64>> {
    let projects = snapshot.kept("projects")?;
    let marker = |entry: &Entry<'_>| match entry.cell("risk_marker") {
        Cell::Whole(marker) => Some((entry.text("project_id")?.to_owned(), *marker)),
        _ => None,
    };
    Ok(entries(&projects).filter_map(|entry| marker(&entry)).collect())
}
