//! R14: plan, transfers and request do not contradict each other (Q14, Q17, Q47).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace, money, sum};
use super::result::part_half_up;
use super::rows::Project;

/// Whether a fault holds; nothing where a number exceeds 128 bits.
type Fault = fn(&Case<'_>) -> Option<bool>;

const FAULTS: [(&str, Fault); 11] = [
    ("TRANCHE_NOT_PLANNED", not_planned),
    ("SHARES_NOT_10000", shares_do_not_sum),
    ("PLAN_NOT_APPROVED_BUDGET", plan_is_not_budget),
    ("TRANSFER_NOT_PLANNED", transfer_not_planned),
    ("ALREADY_TRANSFERRED", already_transferred),
    ("EARLIER_NOT_TRANSFERRED", earlier_not_transferred),
    ("ZERO_PREVIOUS_TRANCHE", zero_previous),
    ("OVER_APPROVED", over_approved),
    ("REQUEST_DIFFERS_FROM_PLAN", request_differs),
    ("LINES_DO_NOT_ADD_UP", lines_do_not_add_up),
    ("CURRENCY", other_currency),
];

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let mut result = RuleResult::Pass;
    for (code, holds) in FAULTS {
        if holds(case)? {
            trace.say(|| code.to_owned());
            result = RuleResult::Fail;
        }
    }
    Some(Count::plain(result))
}

/// Planned amounts by recipient and tranche.
fn plan(project: &Project) -> BTreeMap<&str, BTreeMap<i64, i128>> {
    let mut plan: BTreeMap<&str, BTreeMap<i64, i128>> = BTreeMap::new();
    for row in &project.instalments {
        plan.entry(&row.recipient).or_default().insert(row.tranche, row.amount);
    }
    plan
}

/// The request of a recipient by the as-of.
fn request(case: &Case<'_>, recipient: &str) -> Option<i128> {
    let rows = case.project.requests.iter();
    rows.filter(|(tranche, who, on, _)| {
        *tranche == case.tranche && who == recipient && case.happened(*on)
    })
    .map(|(.., amount)| *amount)
    .next()
}

fn not_planned(case: &Case<'_>) -> Option<bool> {
    let here = case.project.instalments.iter().filter(|row| row.tranche == case.tranche);
    let planned = sum(here.map(|row| row.amount))?;
    let tranches = case.project.tranches();
    Some(planned <= 0 || (1..case.tranche).any(|earlier| !tranches.contains(&earlier)))
}

fn shares_do_not_sum(case: &Case<'_>) -> Option<bool> {
    let mut shares: BTreeMap<&str, Vec<Option<i64>>> = BTreeMap::new();
    for row in &case.project.instalments {
        shares.entry(&row.recipient).or_default().push(row.share_bps);
    }
    Some(shares.values().any(|told| {
        let whole = told.iter().try_fold(0_i64, |sum, share| sum.checked_add((*share)?));
        told.iter().any(Option::is_some) && whole != Some(10_000)
    }))
}

fn plan_is_not_budget(case: &Case<'_>) -> Option<bool> {
    // Planned, approved, and whether the budget holds indirect cost too.
    let mut all: BTreeMap<&str, (i128, i128, bool)> = BTreeMap::new();
    for row in &case.project.instalments {
        let (planned, ..) = all.entry(&row.recipient).or_default();
        *planned = planned.checked_add(row.amount)?;
    }
    for line in case.project.lines.values() {
        let (_, approved, exact) = all.entry(&line.recipient).or_default();
        *approved = approved.checked_add(line.amount)?;
        *exact = *exact || line.is_indirect();
    }
    Some(all.values().any(|(planned, approved, exact)| {
        planned < approved || (*exact && planned != approved)
    }))
}

fn transfer_not_planned(case: &Case<'_>) -> Option<bool> {
    let plan = plan(case.project);
    Some(case.paid().filter(|row| row.amount > 0).any(|row| {
        let who = case.project.whose(&row.recipient);
        let pair = who.zip(row.tranche);
        let planned = |(who, tranche): (&str, i64)| {
            plan.get(who).is_some_and(|tranches| tranches.contains_key(&tranche))
        };
        !pair.is_some_and(planned)
    }))
}

fn already_transferred(case: &Case<'_>) -> Option<bool> {
    let from_here = |tranche: i64| tranche >= case.tranche;
    Some(case.paid().any(|row| row.amount > 0 && row.tranche.is_some_and(from_here)))
}

fn earlier_not_transferred(case: &Case<'_>) -> Option<bool> {
    let mut paid: BTreeMap<(&str, i64), i128> = BTreeMap::new();
    for row in case.paid().filter(|row| row.amount > 0) {
        if let Some(pair) = case.project.whose(&row.recipient).zip(row.tranche) {
            let got = paid.entry(pair).or_insert(0);
            *got = got.checked_add(row.amount)?;
        }
    }
    Some(case.project.instalments.iter().any(|row| {
        let got = paid.get(&(row.recipient.as_str(), row.tranche)).copied();
        row.tranche < case.tranche && got.unwrap_or(0) < row.amount
    }))
}

fn zero_previous(case: &Case<'_>) -> Option<bool> {
    if case.is_first() {
        return Some(false);
    }
    let previous = case.tranche.checked_sub(1)?;
    Some(case.net(|tranche| tranche == previous)? <= 0)
}

fn over_approved(case: &Case<'_>) -> Option<bool> {
    let plan = plan(case.project);
    let mut due: BTreeMap<String, i128> = BTreeMap::new();
    for (who, (_, requested)) in asked(case) {
        due.insert(who, requested);
    }
    for row in case.paid() {
        if let Some(who) = case.project.whose(&row.recipient) {
            let sum = due.entry(who.to_owned()).or_insert(0);
            *sum = sum.checked_add(row.amount)?;
        }
    }
    for (who, due) in due {
        // Money paid to someone who is not planned at all is not planned; that is told.
        let Some(tranches) = plan.get(who.as_str()) else { continue };
        if due > sum(tranches.values().copied())? {
            return Some(true);
        }
    }
    Some(false)
}

fn request_differs(case: &Case<'_>) -> Option<bool> {
    let plan = plan(case.project);
    let rows = case.project.requests.iter();
    Some(
        rows.filter(|(tranche, _, on, _)| *tranche == case.tranche && case.happened(*on))
            .any(|(_, who, _, amount)| {
                let planned =
                    plan.get(who.as_str()).and_then(|own| own.get(&case.tranche));
                planned.copied().unwrap_or(0) != *amount
            }),
    )
}

fn lines_do_not_add_up(case: &Case<'_>) -> Option<bool> {
    let project = case.project;
    if !project.stated.iter().any(|(tranche, ..)| *tranche == case.tranche) {
        return Some(false);
    }
    let mut lines: BTreeMap<&str, i128> = BTreeMap::new();
    for share in &case.shares {
        let own = lines.entry(&share.line.recipient).or_insert(0);
        *own = own.checked_add(share.amount)?;
    }
    let plan = plan(project);
    let rate = case.number("indirect_bps")?;
    let recipients: BTreeSet<&str> = plan.keys().chain(lines.keys()).copied().collect();
    for recipient in recipients {
        let gross = plan.get(recipient).and_then(|own| own.get(&case.tranche)).copied();
        let gross = gross.unwrap_or(0);
        let lines = lines.get(recipient).copied().unwrap_or(0);
        let most = part_half_up(lines, rate)?.checked_add(1)?;
        if lines > gross || gross.checked_sub(lines)? > most {
            return Some(true);
        }
    }
    Some(false)
}

/// Money of the project in another currency that a rule would need.
fn other_currency(case: &Case<'_>) -> Option<bool> {
    let project = case.project;
    let other = |currency: &str| currency != project.currency;
    let paid = project
        .payments
        .iter()
        .any(|row| other(&row.currency) && case.happened(row.date));
    let told = case.standing().into_iter().any(|row| other(&row.currency));
    Some(paid || told)
}

/// What each recipient is planned and asks for in the tranche.
pub(super) fn asked(case: &Case<'_>) -> BTreeMap<String, (i128, i128)> {
    let plan = plan(case.project);
    let planned = plan.iter().filter(|(_, own)| own.contains_key(&case.tranche));
    let mut names: BTreeSet<&str> = planned.map(|(who, _)| *who).collect();
    for (tranche, who, on, _) in &case.project.requests {
        if *tranche == case.tranche && case.happened(*on) {
            names.insert(who);
        }
    }
    let amounts = |who: &str| {
        let planned = plan.get(who).and_then(|own| own.get(&case.tranche)).copied();
        let planned = planned.unwrap_or(0);
        (planned, request(case, who).unwrap_or(planned))
    };
    names.into_iter().map(|who| (who.to_owned(), amounts(who))).collect()
}

/// An amount with its name, for a trace.
pub(super) fn named(amounts: (i128, i128)) -> String {
    format!("planned {}, requested {}", money(amounts.0), money(amounts.1))
}
