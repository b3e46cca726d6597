//! The second evaluator: every rule counted again in plain Rust, without the engine.
//!
//! A verdict moves money on numbers that one SQL statement made, on one planner. A fault
//! there would look like a fact. So every request is counted twice: by the metrics in SQL
//! and by this module, which was written from the texts of the rules alone. It shares
//! with them the loaded rows, `classified_lines`, and the types of money and dates; it
//! selects rows, adds up, counts days and compares by itself (`contract.md` G6). The line
//! goes [`read()`] (rows of the projects asked about, each table once) → [`rows`] → one
//! file a rule family → [`compare()`] (where the two differ).
//!
//! Both must agree on every result, numerator and denominator of every rule, on the lines
//! that are dropped, on the planned amount of every class of every line, and on what each
//! recipient asks for. Where they do not, nobody knows which of them is wrong: the rule
//! is UNKNOWN with the code [`EVALUATORS_DISAGREE`], the verdict is INDETERMINATE, nothing
//! is payable, and both traces stand in the decision.
//!
//! A rule that is not built as a metric is not compared. Whole numbers are 128 bits wide
//! and checked; one that does not fit is no number, and disagrees with any.

mod case;
pub mod compare;
mod money;
mod plan;
mod r01_progress;
mod r02_use;
mod r03_reports;
mod r05_reviews;
mod r06_eligibility;
mod r07_due_diligence;
mod r08_ceiling;
mod r09_revisions;
mod r11_allocations;
mod r13_indirect;
mod r14_arithmetic;
mod r15_time;
mod r17_signatures;
mod r18_funds;
mod r21_clearance;
mod r27_shape;
pub mod read;
mod read_told;
mod result;
pub mod rows;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::AsOf;
use crate::gate::policy::{Policy, Rule, SoftwareScope};

use case::{Case, Trace};
use rows::Rows;

pub use crate::gate::EVALUATORS_DISAGREE;
pub use case::Count;
pub use compare::compare;
pub use read::read;

/// How a rule is counted; nothing where a number exceeds 128 bits.
type Counting = fn(&Case<'_>, &mut Trace) -> Option<Count>;

/// Every rule that is counted twice.
const RULES: [(&str, Counting); 25] = [
    ("R01", |case, trace| r01_progress::count(case, case.wide, trace)),
    ("R02", r02_use::count),
    ("R03", r03_reports::count),
    ("R04", r03_reports::certified),
    ("R05", r05_reviews::count),
    ("R06", r06_eligibility::count),
    ("R07", r07_due_diligence::count),
    ("R08", r08_ceiling::count),
    ("R09", r09_revisions::count),
    ("R11", r11_allocations::gender),
    ("R12", r11_allocations::monitoring),
    ("R13", r13_indirect::count),
    ("R14", r14_arithmetic::count),
    ("R15", r15_time::count),
    ("R17", r17_signatures::count),
    ("R18", r18_funds::count),
    ("R19", r27_shape::assets),
    ("R20", r18_funds::refunds),
    ("R21", r21_clearance::count),
    ("R22", r05_reviews::oversight),
    ("R23", r08_ceiling::coverage),
    ("R24", r02_use::freshness),
    ("R25", r21_clearance::second_signature),
    ("R27", r27_shape::dialogue),
    ("R28", r27_shape::phases),
];

/// Whether a rule is counted twice.
#[must_use]
pub fn is_counted(rule: &str) -> bool {
    RULES.iter().any(|(id, _)| *id == rule)
}

/// What decides how a request is counted, besides its rows.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// Events to this day count.
    pub as_of: AsOf,
    /// Which milestones count as software.
    pub software_scope: SoftwareScope,
}

/// What the second evaluator came to for one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recount {
    /// By rule; nothing where a number exceeds 128 bits.
    pub rules: BTreeMap<&'static str, Option<Count>>,
    /// R01 under the other software scope.
    pub other_scope: Option<Count>,
    /// Planned cents by line, class and subclass.
    pub shares: BTreeMap<(String, &'static str, &'static str), i128>,
    /// Planned and requested cents by recipient.
    pub recipients: BTreeMap<String, (i128, i128)>,
}

/// Counts every rule for one request.
#[must_use]
pub fn recount(rows: &Rows, project: &str, tranche: i64, terms: &Terms<'_>) -> Recount {
    let numbers = numbers(terms.policy, terms.as_of.0);
    let Some(case) = case_of(rows, project, tranche, terms, &numbers) else {
        return Recount::default();
    };
    let mut found =
        Recount { recipients: r14_arithmetic::asked(&case), ..Recount::default() };
    for (id, counting) in RULES {
        let Some(rule) = terms.policy.rule(id) else { continue };
        let count = if is_in_force(rule, terms.as_of.0) {
            counting(&case, &mut Trace::default())
        } else {
            Some(Count::apart())
        };
        found.rules.insert(id, count);
    }
    found.other_scope = r01_progress::count(&case, !case.wide, &mut Trace::default());
    for share in &case.shares {
        let subclass = share.subclass.map_or("", |subclass| subclass.code());
        let key = (share.id.to_owned(), share.class.code(), subclass);
        let sum = found.shares.entry(key).or_insert(0);
        *sum = sum.saturating_add(share.amount);
    }
    found
}

/// The steps by which a rule was counted.
#[must_use]
pub fn trace(
    rows: &Rows,
    project: &str,
    tranche: i64,
    terms: &Terms<'_>,
    rule: &str,
) -> Vec<String> {
    let numbers = numbers(terms.policy, terms.as_of.0);
    let mut trace = Trace::kept();
    let found = RULES.iter().find(|(id, _)| *id == rule);
    if let Some(case) = case_of(rows, project, tranche, terms, &numbers)
        && let Some((_, counting)) = found
        && counting(&case, &mut trace).is_none()
    {
        trace.say(|| "a number is missing or exceeds 128 bits".to_owned());
    }
    trace.steps()
}

fn case_of<'a>(
    rows: &'a Rows,
    project: &str,
    tranche: i64,
    terms: &Terms<'a>,
    numbers: &'a BTreeMap<String, i64>,
) -> Option<Case<'a>> {
    let project = rows.projects.get(project)?;
    Some(Case {
        project,
        tranche,
        day: terms.as_of.0,
        numbers,
        policy: terms.policy,
        funds: &rows.funds,
        wide: terms.software_scope == SoftwareScope::Wide,
        shares: plan::planned(project, tranche)?,
    })
}

/// The numbers of the policy in force on a day.
fn numbers(policy: &Policy, day: NaiveDate) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for rule in &policy.rules {
        for (name, history) in &rule.parameters {
            let begun = history.all().iter().filter(|dated| dated.from <= day);
            if let Some(newest) = begun.max_by_key(|dated| dated.from) {
                found.insert(name.clone(), newest.value.value);
            }
        }
    }
    found
}

/// Whether every number of a rule is in force on a day.
fn is_in_force(rule: &Rule, day: NaiveDate) -> bool {
    rule.parameters
        .values()
        .all(|history| history.all().iter().any(|dated| dated.from <= day))
}
