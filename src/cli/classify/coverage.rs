//! `ssrfund classify coverage`: how much money is decided by what.

use std::collections::BTreeMap;

use serde_json::json;

use crate::classify::coverage::{Total, coverage};
use crate::classify::lines::{ClassifiedLine, ClassifiedLines};
use crate::classify::read_rules;
use crate::domain::money::grouped;
use crate::domain::time::spoken;
use crate::domain::{AsOf, ids};
use crate::engine::ledger::entries;
use crate::error::{Error, Result, did_you_mean};
use crate::gate::Policy;
use crate::gate::switches::Stamps;
use crate::workspace::{self, Snapshot};

use super::super::context::{Context, switched};
use super::super::flags::CoverageArgs;
use super::super::report::{self, Told};
use super::super::{rules as policies, switches};

/// The ways to group.
const GROUPS: [&str; 5] = ["fund", "project", "country", "recipient", "facility"];

/// What coverage depends on.
const SWITCHES: [&str; 3] = ["exempt_safety", "low_confidence_bps", "strict_nature"];

/// Shows how much money, and how many lines, are decided by what.
///
/// # Errors
/// There is no data, or no such grouping.
pub fn run(context: &Context, args: &CoverageArgs) -> Result<u8> {
    let group_by = args.group_by.as_str();
    if !GROUPS.contains(&group_by) {
        let all = format!("use one of {}", GROUPS.join(", "));
        return Err(Error::usage(format!("`--group-by {group_by}` is not one of ours"))
            .fix(did_you_mean(group_by, GROUPS, &all)));
    }
    let workspace = context.workspace()?;
    let snapshot = workspace::open(&workspace, context.known_at()?)?;
    let policy = policies::policy(context, None)?.policy;
    let (rules, hash) = read_rules(&context.library(Some(&workspace))?)?;
    let (rules, _) = switched(rules, &hash, &policy);
    let lines = ClassifiedLines::derive(&snapshot, &rules)?;
    let as_of = context.as_of()?;
    let low = policy.number_on("low_confidence_bps", as_of).unwrap_or(0);
    let projects = Projects::read(&snapshot, group_by)?;
    let only = args.project.as_deref().map(ids::project_id);
    let (rows, totals) = coverage(&lines, low, |line| {
        let wanted = only.as_ref().is_none_or(|id| *id == line.project_id);
        wanted.then(|| projects.place(line))
    })?;
    if rows.is_empty() {
        return Err(Error::data("there is no budget line to cover")
            .fix("load `budget_lines`, or look at another project"));
    }
    let stamps = switches::told(&policy, as_of, &SWITCHES);
    let notes = notes(&snapshot, &totals, &policy, &stamps);
    let rows = report::to_values(&rows)?;
    let object = json!({
        "report": "coverage",
        "title": "What decides the class of budget lines",
        "as_of": as_of,
        "known_at": snapshot.known_at(),
        "group_by": group_by,
        "basis": "budget",
        "rows": rows,
        "totals": totals,
        "notes": notes,
        "definitions": {
            "open": "mixed and unclassified",
            "rules": {"id": rules.name().0, "version": rules.name().1},
            "policy": {"id": policy.id, "version": policy.version},
            "switches": stamps,
        },
    });
    report::write(context, &Told { object, rows, notes })?;
    Ok(0)
}

/// The group and the currency of each project.
struct Projects {
    by_recipient: bool,
    places: BTreeMap<String, (String, String)>,
}

impl Projects {
    fn read(snapshot: &Snapshot, group_by: &str) -> Result<Self> {
        let mut places = BTreeMap::new();
        for entry in entries(&snapshot.kept("projects")?) {
            let Some(id) = entry.text("project_id") else { continue };
            let group = match group_by {
                "project" => id,
                "country" => entry.text("country").unwrap_or("(several)"),
                "facility" => entry.text("facility").unwrap_or("(none)"),
                _ => "all",
            };
            let currency = entry.text("currency").unwrap_or_default();
            places.insert(id.to_owned(), (group.to_owned(), currency.to_owned()));
        }
        Ok(Self { by_recipient: group_by == "recipient", places })
    }

    fn place(&self, line: &ClassifiedLine) -> (String, String) {
        let (group, currency) =
            self.places.get(&line.project_id).cloned().unwrap_or_default();
        (if self.by_recipient { line.recipient.clone() } else { group }, currency)
    }
}

fn notes(
    snapshot: &Snapshot,
    totals: &[Total],
    policy: &Policy,
    stamps: &Stamps,
) -> Vec<String> {
    let AsOf(known) = AsOf(snapshot.known_at().0.date_naive());
    let mut notes = vec![format!("Budget lines as known {}.", spoken(known))];
    for total in totals {
        let share =
            total.open_bps.map_or(String::new(), |bps| format!(" ({})", bps.percent()));
        notes.push(format!(
            "{} {} on {} lines; open: {}{share}.",
            total.currency,
            grouped(total.amount),
            total.lines,
            grouped(total.open),
        ));
    }
    notes.push(
        "A split line counts in each of its classes; its amounts are shared out to the \
         cent."
            .to_owned(),
    );
    notes.push(switches::sentence(policy, stamps));
    notes
}
