//! What falls due for a tranche within some days: requests, and dated facts to come.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};

use crate::domain::AsOf;
use crate::engine::ledger::{Entry, entries};
use crate::error::{Error, Result};
use crate::metrics::measure::Asked;
use crate::tables::Cell;
use crate::workspace::Snapshot;

/// Something that is due for a tranche.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Its day.
    pub on: NaiveDate,
    /// What it is, in a few words.
    pub what: String,
}

/// What is due for each of the requests: the tranche was asked for by the as-of, or one
/// of these days lies within `within` days from it (both ends count): a report or an
/// earlier milestone is due, a clearance runs out, the project ends, certified figures
/// are due (30 April, from the second tranche on). Requests without any are left out.
///
/// # Errors
/// A stored file is damaged, or the days reach beyond the calendar.
pub fn due(
    snapshot: &Snapshot,
    asked: &[Asked],
    as_of: AsOf,
    within: u32,
) -> Result<BTreeMap<Asked, Vec<Due>>> {
    let last = as_of
        .0
        .checked_add_days(Days::new(u64::from(within)))
        .ok_or_else(|| Error::usage("`--within` reaches beyond the calendar"))?;
    let window = Window { first: as_of.0, last };
    let tranches: BTreeMap<&str, i64> =
        asked.iter().map(|(project, tranche)| (project.as_str(), *tranche)).collect();
    let mut found: BTreeMap<Asked, BTreeSet<Due>> = BTreeMap::new();
    let mut add = |project: &str, tranche: i64, due: Due| {
        found.entry((project.to_owned(), tranche)).or_default().insert(due);
    };
    for (table, read) in READERS {
        for entry in entries(&snapshot.kept(table)?) {
            let Some(project) = entry.text("project_id") else { continue };
            let Some(tranche) = tranches.get(project) else { continue };
            if let Some(due) = read(&entry, *tranche, &window) {
                add(project, *tranche, due);
            }
        }
    }
    for (project, tranche) in &tranches {
        if let Some(due) = certified(*tranche, &window) {
            add(project, *tranche, due);
        }
    }
    Ok(found.into_iter().map(|(key, dues)| (key, dues.into_iter().collect())).collect())
}

/// The days that are looked at; both ends count.
struct Window {
    first: NaiveDate,
    last: NaiveDate,
}

impl Window {
    fn holds(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// The day of a column, where it lies within.
    fn day(&self, entry: &Entry<'_>, column: &str) -> Option<NaiveDate> {
        entry.day(column).filter(|day| self.holds(*day))
    }
}

/// How one row of a table becomes something due for a tranche.
type Reader = fn(&Entry<'_>, i64, &Window) -> Option<Due>;

const READERS: [(&str, Reader); 5] = [
    ("requests", requested),
    ("reports", report),
    ("milestones", milestone),
    ("clearances", clearance),
    ("projects", end),
];

fn whole(entry: &Entry<'_>, column: &str) -> Option<i64> {
    match entry.cell(column) {
        Cell::Whole(number) => Some(*number),
        _ => None,
    }
}

fn requested(entry: &Entry<'_>, tranche: i64, window: &Window) -> Option<Due> {
    let on = entry.day("requested_on").filter(|day| *day <= window.first)?;
    (whole(entry, "tranche") == Some(tranche)).then(|| Due {
        on,
        what: format!("requested by {}", entry.text("recipient").unwrap_or_default()),
    })
}

fn report(entry: &Entry<'_>, _: i64, window: &Window) -> Option<Due> {
    let on = window.day(entry, "due_on")?;
    let id = entry.text("report_id").unwrap_or_default();
    // A report that is in is no longer waited for.
    let is_in = entry.day("submitted_on").is_some_and(|day| day <= window.first);
    (!is_in).then(|| Due { on, what: format!("report {id} due") })
}

fn milestone(entry: &Entry<'_>, tranche: i64, window: &Window) -> Option<Due> {
    let on = window.day(entry, "due_on")?;
    let id = entry.text("milestone_id").unwrap_or_default();
    let is_earlier = whole(entry, "tranche").is_some_and(|number| number < tranche);
    is_earlier.then(|| Due { on, what: format!("milestone {id} due") })
}

fn clearance(entry: &Entry<'_>, _: i64, window: &Window) -> Option<Due> {
    let on = window.day(entry, "valid_until")?;
    let unit = entry.text("unit").unwrap_or_default();
    Some(Due { on, what: format!("clearance of {unit} runs out") })
}

fn end(entry: &Entry<'_>, _: i64, window: &Window) -> Option<Due> {
    let end = entry.day("current_end").or_else(|| entry.day("original_end"))?;
    window.holds(end).then(|| Due { on: end, what: "the project ends".to_owned() })
}

fn certified(tranche: i64, window: &Window) -> Option<Due> {
    let years = window.first.year()..=window.last.year();
    let on = years
        .filter_map(|year| NaiveDate::from_ymd_opt(year, 4, 30))
        .find(|day| window.holds(*day))?;
    let of = on.year().saturating_sub(1);
    (tranche > 1).then(|| Due { on, what: format!("certified figures of {of} due") })
}

/// The last days of the quarters (or months) from a day to an as-of, and the as-of.
#[must_use]
pub fn ends(since: NaiveDate, as_of: AsOf, months: u32) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    let months = months.clamp(1, 12);
    let in_step = since.month0().checked_rem(months).unwrap_or(0);
    let mut first = since
        .with_day(1)
        .and_then(|day| day.checked_sub_months(chrono::Months::new(in_step)));
    while let Some(start) = first {
        let next = start.checked_add_months(chrono::Months::new(months));
        let Some(last) = next.and_then(|day| day.pred_opt()) else { break };
        if last >= as_of.0 {
            break;
        }
        if last >= since {
            days.push(last);
        }
        first = next;
    }
    if since <= as_of.0 {
        days.push(as_of.0);
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn quarters_end_at_their_last_day_and_the_as_of_closes() {
        let ends = ends(day("2023-11-15"), AsOf(day("2024-06-30")), 3);
        assert_eq!(ends, ["2023-12-31", "2024-03-31", "2024-06-30"].map(day));
        let months = super::ends(day("2024-01-31"), AsOf(day("2024-03-10")), 1);
        assert_eq!(months, ["2024-01-31", "2024-02-29", "2024-03-10"].map(day));
        assert!(super::ends(day("2024-07-01"), AsOf(day("2024-06-30")), 3).is_empty());
    }

    #[test]
    fn certified_figures_are_due_on_the_last_of_april_from_the_second_tranche_on() {
        let window = Window { first: day("2024-04-01"), last: day("2024-04-30") };
        let found = certified(2, &window).unwrap();
        assert_eq!(
            (found.on, found.what.as_str()),
            (day("2024-04-30"), "certified figures of 2023 due")
        );
        assert!(certified(1, &window).is_none());
        let later = Window { first: day("2024-05-01"), last: day("2024-05-31") };
        assert!(certified(2, &later).is_none());
    }
}
