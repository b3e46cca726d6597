//! Money that two loaded activities tell: the Fund's node and its projects, an activity
//! and what it passes on (D§4.4). Sums count one level; which one, is decided here.
//!
//! [`levels`] says, by project and kind of transaction, whose money another activity
//! tells as well and which one. It becomes the table `levels`, over which the view
//! `double_counts` lists the transactions. Nothing here changes a row.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use crate::domain::ids::project_id;
use crate::error::{Error, Result};
use crate::tables::Cell;
use crate::tables::build::{Columns, Made, Maker};

use crate::engine::tables::register_held;
use crate::engine::{Engine, Params};

/// Columns of `levels`.
pub const LEVELS: &Columns = &[
    ("project_id", Made::Text),
    ("kind", Made::Text),
    ("receiver_activity", Made::Text),
    ("double_count_risk", Made::Text),
    ("told_by", Made::Text),
    ("is_left_out", Made::Bool),
];

/// The identifier of the United Nations pooled funds in IATI; their projects follow it.
const FUND: &str = "XI-IATI-UNPF";

/// Kinds that are summed over activities.
const SUMMED: [&str; 3] = ["disbursement", "expenditure", "outgoing_commitment"];

/// Kinds that say where an activity's money comes from.
const INCOMING: [&str; 2] = ["incoming_funds", "incoming_commitment"];

/// Why the money of an activity may be counted twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Its parts, or the project of the Fund that it pays into, tell it: left out.
    ToldBelow,
    /// The activity that passed it on tells it: left out.
    ToldAbove,
    /// A part of it may be told above, and no row says which: counted.
    Unclear,
}

impl Risk {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ToldBelow => "told_below",
            Self::ToldAbove => "told_above",
            Self::Unclear => "unclear",
        }
    }
}

/// What is known of the transactions of one kind of one activity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// The activity.
    pub project: String,
    /// The kind.
    pub kind: String,
    /// The activity that the money comes from; empty where unsaid.
    pub provider: String,
    /// The activity that it goes to; empty where unsaid.
    pub receiver: String,
}

/// Transactions whose money another loaded activity tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    /// Their activity.
    pub project: String,
    /// Their kind.
    pub kind: String,
    /// Only those to this activity; all where empty.
    pub receiver: String,
    /// Why.
    pub risk: Risk,
    /// The other activity.
    pub told_by: String,
}

type Pairs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Decides which transactions tell money that others tell as well. `projects` are all
/// loaded activities with the parent that each names, or an empty text.
#[must_use]
pub fn levels(projects: &BTreeMap<String, String>, flows: &[Flow]) -> Vec<Level> {
    let parts = parts(projects);
    let passed = passed_on(projects, flows, &parts);
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for flow in flows {
        told.entry(&flow.kind).or_default().insert(&flow.project);
    }
    let mut found = Vec::new();
    for kind in SUMMED {
        let Some(tellers) = told.get(kind) else { continue };
        let one = OneKind { kind, tellers, parts: &parts, passed: &passed, flows };
        for project in tellers {
            one.judge(project, &mut found);
        }
    }
    found.sort();
    found
}

/// Activities and their parts: those that name them as their parent, and under the
/// Fund's node its projects.
fn parts(projects: &BTreeMap<String, String>) -> Pairs<'_> {
    let mut parts: Pairs<'_> = BTreeMap::new();
    for (project, parent) in projects {
        if projects.contains_key(parent) && parent != project {
            parts.entry(parent).or_default().insert(project);
        }
        if is_of_fund(project) && projects.contains_key(FUND) {
            parts.entry(FUND).or_default().insert(project);
        }
    }
    parts
}

fn is_of_fund(project: &str) -> bool {
    project.strip_prefix(FUND).is_some_and(|rest| rest.starts_with('-'))
}

/// Activities and those that they pass money on to, parts left out.
fn passed_on<'a>(
    projects: &'a BTreeMap<String, String>,
    flows: &'a [Flow],
    parts: &Pairs<'a>,
) -> Pairs<'a> {
    let mut passed: Pairs<'a> = BTreeMap::new();
    for flow in flows {
        let is_incoming = INCOMING.contains(&flow.kind.as_str());
        let (from, to) = if is_incoming {
            (&flow.provider, &flow.project)
        } else {
            (&flow.project, &flow.receiver)
        };
        let is_known = projects.contains_key(from) && projects.contains_key(to);
        let is_part = reaches(parts, from, to) || reaches(parts, to, from);
        if is_known && from != to && !is_part {
            passed.entry(from).or_default().insert(to);
        }
    }
    passed
}

/// Whether pairs lead from one activity to another.
fn reaches(pairs: &Pairs<'_>, from: &str, to: &str) -> bool {
    below(pairs, from).contains(to)
}

/// All activities that pairs lead to.
fn below<'a>(pairs: &Pairs<'a>, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&str> = vec![from];
    while let Some(one) = next.pop() {
        for lower in pairs.get(one).into_iter().flatten() {
            if found.insert(*lower) {
                next.push(lower);
            }
        }
    }
    found
}

/// The activities that tell transactions of one kind.
struct OneKind<'x, 'a> {
    kind: &'static str,
    tellers: &'x BTreeSet<&'a str>,
    parts: &'x Pairs<'a>,
    passed: &'x Pairs<'a>,
    flows: &'a [Flow],
}

impl OneKind<'_, '_> {
    /// The first part of an activity that tells the kind, where it is no part of that.
    fn told_below(&self, project: &str) -> Option<&str> {
        let parts = below(self.parts, project);
        if parts.contains(project) {
            return None;
        }
        parts.into_iter().find(|part| self.tellers.contains(part))
    }

    fn judge(&self, project: &str, found: &mut Vec<Level>) {
        let level = |receiver: &str, risk, told_by: &str| Level {
            project: project.to_owned(),
            kind: self.kind.to_owned(),
            receiver: receiver.to_owned(),
            risk,
            told_by: told_by.to_owned(),
        };
        if let Some(part) = self.told_below(project) {
            found.push(level("", Risk::ToldBelow, part));
            return;
        }
        if is_of_fund(project) {
            // The Fund's own level counts; who pays into it does not.
            return;
        }
        let into_fund = self.flows.iter().filter(|flow| {
            flow.project == project
                && flow.kind == self.kind
                && is_of_fund(&flow.receiver)
                && self.tellers.contains(flow.receiver.as_str())
        });
        let into_fund: BTreeSet<&str> =
            into_fund.map(|flow| flow.receiver.as_str()).collect();
        let uppers = self.passed.keys().filter(|upper| {
            self.tellers.contains(*upper)
                && **upper != project
                && reaches(self.passed, upper, project)
                && self.told_below(upper).is_none()
        });
        let uppers: Vec<&str> = uppers.copied().collect();
        let goes_round = uppers.iter().any(|upper| reaches(self.passed, project, upper));
        let is_unclear = goes_round || !self.is_wholly_known(project);
        match uppers.first() {
            Some(upper) if !is_unclear => found.push(level("", Risk::ToldAbove, upper)),
            // One row has one reason: the payments into the Fund are the certain one.
            Some(upper) if into_fund.is_empty() => {
                found.push(level("", Risk::Unclear, upper));
            }
            _ => {
                found
                    .extend(into_fund.iter().map(|one| level(one, Risk::ToldBelow, one)));
            }
        }
    }

    /// Whether all money that comes in comes from activities that pass it on to this one.
    fn is_wholly_known(&self, project: &str) -> bool {
        let mut incoming = self.flows.iter().filter(|flow| {
            flow.project == project && INCOMING.contains(&flow.kind.as_str())
        });
        incoming.all(|flow| {
            let to = self.passed.get(flow.provider.as_str());
            to.is_some_and(|to| to.contains(project))
        })
    }
}

/// Derives and registers `levels`.
///
/// # Errors
/// The tables cannot be read.
pub fn register(engine: &Engine) -> Result<()> {
    let mut maker = Maker::new(LEVELS);
    for level in read(engine)? {
        let receiver = Some(level.receiver).filter(|text| !text.is_empty());
        maker.add(&[
            Cell::Text(level.project),
            Cell::Text(level.kind),
            receiver.map_or(Cell::Empty, Cell::Text),
            Cell::Text(level.risk.word().to_owned()),
            Cell::Text(level.told_by),
            Cell::Bool(level.risk != Risk::Unclear),
        ])?;
    }
    register_held(engine, "levels", &[maker.finish()?])
}

fn read(engine: &Engine) -> Result<Vec<Level>> {
    let mut projects = BTreeMap::new();
    engine.each(
        "SELECT project_id, parent_activity FROM projects",
        &Params::new(),
        |batch| {
            let (ids, parents) = (texts(batch, 0)?, texts(batch, 1)?);
            for row in 0..batch.num_rows() {
                let parent = project_id(text(&parents, row));
                projects.insert(text(&ids, row).to_owned(), parent);
            }
            Ok(())
        },
    )?;
    // Statistics of the stored files answer this where no row names an activity.
    let named = "provider_activity IS NOT NULL OR receiver_activity IS NOT NULL";
    let has_parts = !parts(&projects).is_empty();
    if !has_parts && flows(engine, named)?.is_empty() {
        return Ok(Vec::new());
    }
    let kinds: Vec<String> =
        SUMMED.iter().chain(&INCOMING).map(|kind| format!("'{kind}'")).collect();
    let all = flows(engine, &format!("kind IN ({})", kinds.join(", ")))?;
    Ok(levels(&projects, &all))
}

fn flows(engine: &Engine, condition: &str) -> Result<Vec<Flow>> {
    let sql = format!(
        "SELECT DISTINCT project_id, kind, provider_activity, receiver_activity \
         FROM transactions WHERE {condition}"
    );
    let mut found = Vec::new();
    engine.each(&sql, &Params::new(), |batch| {
        let (projects, kinds) = (texts(batch, 0)?, texts(batch, 1)?);
        let (providers, receivers) = (texts(batch, 2)?, texts(batch, 3)?);
        for row in 0..batch.num_rows() {
            found.push(Flow {
                project: text(&projects, row).to_owned(),
                kind: text(&kinds, row).to_owned(),
                provider: project_id(text(&providers, row)),
                receiver: project_id(text(&receivers, row)),
            });
        }
        Ok(())
    })?;
    found.sort();
    Ok(found)
}

/// A column of an answer as text.
fn texts(batch: &RecordBatch, index: usize) -> Result<StringArray> {
    let plain = cast(batch.column(index), &DataType::Utf8)
        .map_err(|error| Error::internal("a column is no text").caused_by(error))?;
    Ok(plain.as_string::<i32>().clone())
}

/// The text at a row; empty where there is none.
fn text(column: &StringArray, row: usize) -> &str {
    if column.is_null(row) { "" } else { column.value(row) }
}

#[cfg(test)]
mod tests;
