//! Stale decisions: the text of the line changed after its class was decided.
//!
//! What is compared is the description as it was known when the decision was first
//! recorded, in the load that told it first, and as it is known now. A stale decision
//! still wins; it is marked until it is made again.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::domain::KnownAt;
use crate::engine::ledger::{Entry, entries};
use crate::error::Result;
use crate::tables::Cell;
use crate::workspace::{Effective, KeptRows, LoadRef, Snapshot};

/// The rows of a decision: class, subclass, share, who and why, sorted.
type Decision = Vec<(String, String, i64, String, String)>;

/// The lines whose decision is stale, each with the text that was decided on.
///
/// # Errors
/// A stored file is damaged.
pub(super) fn stale(
    snapshot: &Snapshot,
    decisions: &[KeptRows],
    lines: &[KeptRows],
) -> Result<BTreeMap<String, String>> {
    let tells = |load: &LoadRef, table: &str| {
        load.manifest.tables.iter().any(|entry| entry.table == table)
    };
    let recorded = snapshot.recorded();
    let told = recorded.iter().filter(|load| tells(load, "budget_lines")).count();
    let newest = newest(decisions);
    if told < 2 || newest.is_empty() {
        return Ok(BTreeMap::new());
    }
    let deciding: Vec<&LoadRef> =
        recorded.iter().filter(|load| tells(load, "class_decisions")).collect();
    let first = first_told(snapshot, &deciding, &newest)?;
    let recorded_at: HashMap<&str, KnownAt> =
        recorded.iter().map(|load| (load.load_id.as_str(), load.recorded_at)).collect();
    let mut earlier = Earlier { snapshot, states: BTreeMap::new() };
    let mut found = BTreeMap::new();
    for line in entries(lines) {
        let Some(id) = line.text("line_id") else { continue };
        let Some(decided) = first.get(id) else { continue };
        let told_again = recorded_at.get(line.load_id).is_some_and(|at| at > decided);
        if !told_again {
            continue;
        }
        let now = line.text("description").unwrap_or_default();
        if let Some(was) = earlier.description(id, *decided)?
            && !same(&was, now)
        {
            found.insert(id.to_owned(), was);
        }
    }
    Ok(found)
}

/// Whether two texts say the same: other white space changes nothing.
fn same(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

/// A row of a decision, without its line and day.
fn row_of(entry: &Entry<'_>) -> (String, String, i64, String, String) {
    let text = |column: &str| entry.text(column).unwrap_or_default().to_owned();
    let share = match entry.cell("share_bps") {
        Cell::Whole(share) => *share,
        _ => 0,
    };
    (text("class"), text("subclass"), share, text("decided_by"), text("reason"))
}

/// All decisions among rows, by line and day.
fn by_day(decisions: &[KeptRows]) -> BTreeMap<String, BTreeMap<NaiveDate, Decision>> {
    let mut all: BTreeMap<String, BTreeMap<NaiveDate, Decision>> = BTreeMap::new();
    for entry in entries(decisions) {
        if let (Some(line), Some(day)) = (entry.text("line_id"), entry.day("decided_on"))
        {
            let days = all.entry(line.to_owned()).or_default();
            days.entry(day).or_default().push(row_of(&entry));
        }
    }
    for decision in all.values_mut().flat_map(BTreeMap::values_mut) {
        decision.sort();
    }
    all
}

/// The newest decision of each line.
fn newest(decisions: &[KeptRows]) -> BTreeMap<String, (NaiveDate, Decision)> {
    let all = by_day(decisions).into_iter();
    all.filter_map(|(line, mut days)| Some((line, days.pop_last()?))).collect()
}

/// When each decision was first recorded as it stands: a source that tells all its rows
/// again with every load tells old decisions again too.
fn first_told(
    snapshot: &Snapshot,
    deciding: &[&LoadRef],
    newest: &BTreeMap<String, (NaiveDate, Decision)>,
) -> Result<BTreeMap<String, KnownAt>> {
    let mut first: BTreeMap<String, KnownAt> = BTreeMap::new();
    for load in deciding {
        let alone = Effective {
            known_at: snapshot.known_at(),
            loads: vec![(*load).clone()],
            earlier: Vec::new(),
        };
        let told = by_day(&Snapshot::of(alone).kept("class_decisions")?);
        for (line, (day, decision)) in newest {
            let same = told.get(line).and_then(|days| days.get(day)) == Some(decision);
            if same && !first.contains_key(line) {
                first.insert(line.clone(), load.recorded_at);
            }
        }
    }
    Ok(first)
}

/// Budget lines as they were known at earlier instants, read once for each state.
struct Earlier<'a> {
    snapshot: &'a Snapshot,
    states: BTreeMap<Vec<String>, HashMap<String, String>>,
}

impl Earlier<'_> {
    fn description(&mut self, line: &str, at: KnownAt) -> Result<Option<String>> {
        let then = self.snapshot.at(at)?;
        let files = then.files("budget_lines").iter();
        let state: Vec<String> = files.map(|file| file.load_id.clone()).collect();
        if let Some(lines) = self.states.get(&state) {
            return Ok(lines.get(line).cloned());
        }
        let lines: HashMap<String, String> = entries(&then.kept("budget_lines")?)
            .filter_map(|entry| {
                let text = entry.text("description").unwrap_or_default();
                Some((entry.text("line_id")?.to_owned(), text.to_owned()))
            })
            .collect();
        let found = lines.get(line).cloned();
        self.states.insert(state, lines);
        Ok(found)
    }
}
