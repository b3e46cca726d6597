//! R07: human rights due diligence of the units that get something (D§3.4, Q73).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::domain::verdict::RuleResult;

use super::case::{Case, Count, Trace};
use super::r06_eligibility::lines;
use super::result::gravest;
use super::rows::{Clearance, Line};

/// Where due diligence stands for a line's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Support may be given; whether mitigation is in place or not needed.
    Clear { mitigated: bool },
    /// No support, or suspended.
    Barred,
    /// Support only with mitigation that is not in place.
    Unmitigated,
    /// Nothing valid is told.
    Unknown,
}

pub(super) fn count(case: &Case<'_>, trace: &mut Trace) -> Option<Count> {
    let concerned: BTreeMap<&str, &Line> =
        lines(case).into_iter().filter(|(_, line)| is_in_scope(case, line)).collect();
    if concerned.is_empty() {
        return Some(Count::apart());
    }
    let mut count = Count::plain(RuleResult::Pass);
    for (id, line) in concerned {
        let standing = standing(case, line);
        trace.say(|| format!("{id} ({}): {standing:?}", line.unit));
        match standing {
            Standing::Clear { .. } => {}
            Standing::Barred => {
                count.lines.insert(id.to_owned(), RuleResult::Fail);
            }
            Standing::Unknown => {
                count.lines.insert(id.to_owned(), RuleResult::Unknown);
            }
            Standing::Unmitigated => count.gate = Some(RuleResult::Fail),
        }
    }
    let all = count.lines.values().copied().chain(count.gate);
    count.result = gravest(all).unwrap_or(RuleResult::Pass);
    Some(count)
}

/// In scope by its screen, or by the newest decision on that flag.
fn is_in_scope(case: &Case<'_>, line: &Line) -> bool {
    let decided = line
        .decisions
        .iter()
        .filter(|(flag, on, _)| flag == "E8" && case.happened(*on))
        .max_by_key(|(_, on, _)| *on);
    match decided {
        Some((_, _, state)) => state != "cleared",
        None => line.flags.contains_key("E8"),
    }
}

/// What the newest clearance of the line's unit says.
pub(super) fn standing(case: &Case<'_>, line: &Line) -> Standing {
    let of_unit = |row: &&Clearance| row.unit == line.unit && case.happened(row.on);
    let rows = case.project.clearances.iter().filter(of_unit);
    let Some(newest) = rows.max_by_key(|row| row.on).filter(|_| !line.unit.is_empty())
    else {
        return Standing::Unknown;
    };
    // A suspension of which only one end is told reaches on for ever at the other.
    let suspended = (newest.suspended_from.is_some() || newest.suspended_to.is_some())
        && newest.suspended_from.is_none_or(|from| from <= case.day)
        && newest.suspended_to.is_none_or(|to| case.day <= to);
    if newest.conclusion == "no_support" || suspended {
        return Standing::Barred;
    }
    let valid = match newest.until {
        Some(until) => case.day <= until,
        None => within_months(newest.on, case.day, case.number("clearance_months")),
    };
    if !valid {
        return Standing::Unknown;
    }
    let in_place = newest.mitigation == "in_place";
    match newest.conclusion.as_str() {
        "support" => {
            Standing::Clear { mitigated: in_place || newest.mitigation == "none_needed" }
        }
        // Support that hangs on mitigation cannot do without it, whatever is needed.
        "support_with_mitigation" if in_place => Standing::Clear { mitigated: true },
        "support_with_mitigation" => Standing::Unmitigated,
        _ => Standing::Unknown,
    }
}

/// Whether a day is at most so many months after another; the same day of the month is.
fn within_months(from: NaiveDate, day: NaiveDate, months: Option<i128>) -> bool {
    let count = |on: NaiveDate| {
        i128::from(on.year()).checked_mul(12)?.checked_add(i128::from(on.month()))
    };
    let gone = count(day).zip(count(from)).and_then(|(a, b)| a.checked_sub(b));
    match (gone, months) {
        (Some(gone), Some(months)) => {
            gone < months || (gone == months && day.day() <= from.day())
        }
        _ => false,
    }
}
