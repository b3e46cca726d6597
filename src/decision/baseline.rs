//! Milestones as they were first loaded: what was moved since does not hide (`contract.md`
//! Q40e, G5c).

use std::collections::BTreeMap;

use crate::engine::ledger::{Entry, entries};
use crate::error::Result;
use crate::gate::Request;
use crate::gate::policy::{Measured, SoftwareScope};
use crate::metrics::Facts;
use crate::tables::Cell;
use crate::workspace::Snapshot;

/// The code of a project whose milestones are not as first loaded.
const CHANGED: &str = "MILESTONE_CHANGED";
/// What a milestone is tested by.
const COLUMNS: [&str; 8] =
    ["tranche", "class", "measure", "baseline", "target", "weight", "critical", "due_on"];

/// What is no longer as first loaded, by project.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline(BTreeMap<String, Vec<String>>);

impl Baseline {
    /// Compares the milestones that count with those first loaded.
    ///
    /// # Errors
    /// A stored file is damaged.
    pub(super) fn read(snapshot: &Snapshot) -> Result<Self> {
        let Some(first) = snapshot.first_told("milestones")? else {
            return Ok(Self::default());
        };
        let first = Snapshot::rows_of("milestones", &first)?;
        let now = snapshot.kept("milestones")?;
        let by_id: BTreeMap<&str, Entry<'_>> = entries(&now)
            .filter_map(|entry| Some((entry.text("milestone_id")?, entry)))
            .collect();
        let mut changed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for old in entries(&first) {
            let (Some(id), Some(project)) =
                (old.text("milestone_id"), old.text("project_id"))
            else {
                continue;
            };
            if let Some(what) = difference(&old, by_id.get(id)) {
                let told = format!("{CHANGED}: {id}: {what}");
                changed.entry(project.to_owned()).or_default().push(told);
            }
        }
        Ok(Self(changed))
    }

    /// Whether any milestone is not as first loaded.
    pub(super) fn is_changed(&self) -> bool {
        !self.0.is_empty()
    }

    /// Tells a request what was changed. Where no milestone of any project was, the test
    /// on milestones as first loaded is the test as it stands.
    pub(super) fn add_to(
        &self,
        request: &mut Request,
        facts: &mut Facts,
        measured: &Measured,
    ) {
        let Some(approved) = &measured.approved_metric else { return };
        let metric = match (&measured.wide_metric, request.software_scope) {
            (Some(wide), SoftwareScope::Wide) => wide,
            _ => &measured.metric,
        };
        if !self.is_changed()
            && let Some(fact) = facts.0.get(metric).cloned()
        {
            facts.0.insert(approved.clone(), fact);
        }
        let Some(changes) = self.0.get(&request.project_id) else { return };
        if let Some(fact) = facts.0.get_mut(metric) {
            fact.codes.push(CHANGED.to_owned());
            fact.codes.sort();
        }
        request.warnings.extend(changes.iter().cloned());
    }
}

/// What is no longer as it was; nothing where all is.
fn difference(old: &Entry<'_>, now: Option<&Entry<'_>>) -> Option<String> {
    let Some(now) = now else {
        return Some("it was told once and is not any more".to_owned());
    };
    let shown = |cell: &Cell| match cell {
        Cell::Empty => "nothing".to_owned(),
        other => other.key_text(),
    };
    let told: Vec<String> = COLUMNS
        .iter()
        .filter(|column| old.cell(column) != now.cell(column))
        .map(|column| {
            let (was, is) = (shown(old.cell(column)), shown(now.cell(column)));
            format!("{column} was {was}, now {is}")
        })
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}
