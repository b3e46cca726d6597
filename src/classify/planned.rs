//! What each tranche plans to pay of every line, by class share.
//!
//! A tranche with `tranche_lines` is planned as they say; one without is planned pro rata
//! (Q32). Indirect cost (X1) is never planned by line (Q31).

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;

use crate::domain::{Money, apportion};
use crate::engine::Engine;
use crate::engine::ledger::{Entry, entries};
use crate::engine::tables::register_held;
use crate::error::Result;
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker};
use crate::workspace::{KeptRows, Snapshot};

use super::lines::{ClassifiedLine, ClassifiedLines, text};

/// Columns of `planned_shares`.
pub const PLANNED: &Columns = &[
    ("project_id", Made::Text),
    ("tranche", Made::Whole),
    ("recipient", Made::Text),
    ("line_id", Made::Text),
    ("class", Made::Text),
    ("subclass", Made::Text),
    ("beneficiary", Made::Text),
    ("gate_treatment", Made::Text),
    ("eligibility", Made::Text),
    ("subject_unit", Made::Text),
    ("confidence_bps", Made::Bps),
    ("amount", Made::Money),
    ("pro_rata", Made::Bool),
    ("load_id", Made::Text),
    ("source_file", Made::Text),
    ("source_row", Made::Whole),
    ("stale", Made::Bool),
];

/// What is planned of one line in one tranche.
struct PlannedLine<'a> {
    project: &'a str,
    tranche: i64,
    line: &'a ClassifiedLine,
    amount: Money,
    pro_rata: bool,
    provenance: [Cell; 3],
}

/// Derives and registers `planned_shares`.
///
/// # Errors
/// A stored file is damaged, or an amount exceeds 128 bits.
pub fn register(
    engine: &Engine,
    snapshot: &Snapshot,
    lines: &ClassifiedLines,
) -> Result<()> {
    let stated = snapshot.kept("tranche_lines")?;
    let tranches = snapshot.kept("tranches")?;
    let mut planned = Vec::new();
    let mut stated_tranches: BTreeSet<(&str, i64)> = BTreeSet::new();
    for entry in entries(&stated) {
        let (Some(project), Some(tranche)) =
            (entry.text("project_id"), tranche_of(&entry))
        else {
            continue;
        };
        stated_tranches.insert((project, tranche));
        let line = entry.text("line_id").and_then(|id| lines.0.get(id));
        if let Some(line) = line.filter(|line| !line.is_indirect()) {
            planned.push(PlannedLine {
                project,
                tranche,
                line,
                amount: entry.amount(),
                pro_rata: false,
                provenance: entry.provenance(),
            });
        }
    }
    plan_pro_rata(&tranches, lines, &stated_tranches, &mut planned)?;
    planned.sort_by(|a, b| {
        (a.project, a.tranche, &a.line.line_id).cmp(&(
            b.project,
            b.tranche,
            &b.line.line_id,
        ))
    });
    register_held(engine, "planned_shares", &[planned_batch(&planned)?])
}

fn tranche_of(entry: &Entry<'_>) -> Option<i64> {
    match entry.cell("tranche") {
        Cell::Whole(number) => Some(*number),
        _ => None,
    }
}

/// Plans every tranche without stated lines: per recipient, its lines' sum times its
/// share of the tranche, split over its lines by largest remainder (Q32).
fn plan_pro_rata<'a>(
    tranches: &'a [KeptRows],
    lines: &'a ClassifiedLines,
    stated: &BTreeSet<(&str, i64)>,
    planned: &mut Vec<PlannedLine<'a>>,
) -> Result<()> {
    let mut totals: BTreeMap<(&str, &str), BTreeMap<i64, Money>> = BTreeMap::new();
    for entry in entries(tranches) {
        if let (Some(project), Some(recipient), Some(tranche)) =
            (entry.text("project_id"), entry.text("recipient"), tranche_of(&entry))
        {
            totals
                .entry((project, recipient))
                .or_default()
                .insert(tranche, entry.amount());
        }
    }
    let mut by_recipient: BTreeMap<(&str, &str), Vec<&ClassifiedLine>> = BTreeMap::new();
    for line in lines.0.values().filter(|line| !line.is_indirect()) {
        let key = (line.project_id.as_str(), line.recipient.as_str());
        by_recipient.entry(key).or_default().push(line);
    }
    for lines in by_recipient.values_mut() {
        lines.sort_by(|a, b| b.amount.cmp(&a.amount).then(a.line_id.cmp(&b.line_id)));
    }
    for ((project, recipient), by_tranche) in totals {
        let lines =
            by_recipient.get(&(project, recipient)).map_or(&[][..], Vec::as_slice);
        let all = Money::sum(by_tranche.values().copied())?;
        let direct = Money::sum(lines.iter().map(|line| line.amount))?;
        if all <= Money::ZERO || direct <= Money::ZERO {
            continue;
        }
        let weights: Vec<i128> = lines.iter().map(|line| line.amount.cents()).collect();
        for (tranche, amount) in by_tranche {
            if stated.contains(&(project, tranche)) {
                continue;
            }
            let part = direct.times(amount.cents(), all.cents())?;
            for (line, amount) in lines.iter().zip(apportion(part, &weights)?) {
                planned.push(PlannedLine {
                    project,
                    tranche,
                    line,
                    amount,
                    pro_rata: true,
                    provenance: line.provenance.clone(),
                });
            }
        }
    }
    Ok(())
}

fn planned_batch(planned: &[PlannedLine<'_>]) -> Result<RecordBatch> {
    let mut maker = Maker::new(PLANNED);
    for plan in planned {
        let mut parts = plan.line.split(plan.amount)?;
        parts.sort_by_key(|(share, _)| (share.class, share.subclass));
        for (share, amount) in parts {
            let [load, file, row] = plan.provenance.clone();
            maker.add(&[
                text(plan.project),
                Cell::Whole(plan.tranche),
                text(&plan.line.recipient),
                text(&plan.line.line_id),
                text(share.class.code()),
                share.subclass.map_or(Cell::Empty, |s| text(s.code())),
                text(plan.line.beneficiary.code()),
                text(share.gate_treatment.code()),
                text(&share.eligibility),
                plan.line.subject_unit.as_deref().map_or(Cell::Empty, text),
                Cell::Whole(plan.line.confidence_bps),
                Cell::Money(amount),
                Cell::Bool(plan.pro_rata),
                load,
                file,
                row,
                Cell::Bool(plan.line.stale.is_some()),
            ])?;
        }
    }
    maker.finish()
}
