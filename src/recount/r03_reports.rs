//! R03: reports due are in (Q41), and R04: certified year-end figures (Q42).

use std::collections::BTreeSet;

use chrono::{Datelike, Days};

use crate::domain::Bounds;
use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::result::gravest;
use super::rows::{FigureKind, Report};

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let reports = &case.project.reports;
    if reports.is_empty() {
        return Some(if case.is_first() {
            Count::apart()
        } else {
            Count::plain(RuleResult::Unknown)
        });
    }
    let grace = Days::new(u64::try_from(case.number("grace_days")?).ok()?);
    let mut results = Vec::new();
    for report in reports {
        if report.due_on.checked_add_days(grace)? <= case.day {
            let result = judge(case, report);
            trace.say(|| format!("{}: {}", report.id, result.word()));
            results.push(result);
        }
    }
    let how_many = |wanted: &[RuleResult]| {
        let found = results.iter().filter(|result| wanted.contains(result)).count();
        i128::try_from(found).ok()
    };
    let met = Bounds {
        low: how_many(&[RuleResult::Pass])?,
        high: how_many(&[RuleResult::Pass, RuleResult::Unknown])?,
    };
    let due = i128::try_from(results.len()).ok()?;
    let result = gravest(results.iter().copied()).unwrap_or(RuleResult::Pass);
    Some(Count::over(result, met, due))
}

fn judge(case: &Case<'_>, report: &Report) -> RuleResult {
    let late = report.submitted_on.is_some_and(|on| on > case.day);
    if report.accepted == Some(false) || late {
        RuleResult::Fail
    } else if report.accepted == Some(true) && report.submitted_on.is_some() {
        RuleResult::Pass
    } else if case.project.register_complete == Some(true) {
        RuleResult::Fail
    } else {
        RuleResult::Unknown
    }
}

pub(super) fn certified(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let project = case.project;
    // From 1 May on the deadline of last year's figures is over.
    let back = if case.day.month() >= 5 { 1 } else { 2 };
    let year = case.day.year().checked_sub(back)?;
    let concerned: BTreeSet<&str> = case
        .paid()
        .filter(|row| row.amount > 0 && row.date.year() <= year)
        .filter_map(|row| project.whose(&row.recipient))
        .collect();
    if concerned.is_empty() {
        return Some(Count::apart());
    }
    let certified: BTreeSet<&str> = case
        .told()
        .filter(|row| row.kind == FigureKind::Spent && row.grade == "certified")
        .filter(|row| row.date.year() == year)
        .filter_map(|row| project.whose(&row.recipient))
        .collect();
    let there = concerned.intersection(&certified).count();
    trace.say(|| format!("{year}: concerned {concerned:?}, certified {certified:?}"));
    let result =
        if there == concerned.len() { RuleResult::Pass } else { RuleResult::Fail };
    let there = i128::try_from(there).ok()?;
    let of = i128::try_from(concerned.len()).ok()?;
    Some(Count::over(result, Bounds { low: there, high: there }, of))
}
