//! Transfers and recipients' own figures, as the contract selects them (Q10 to Q17).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::case::{Case, sum};
use super::rows::{Figure, FigureKind, Payment};

/// The rank of a grade: certified, interim, then all others.
fn rank(grade: &str) -> u8 {
    if grade == "certified" {
        3
    } else if grade == "interim" {
        2
    } else {
        1
    }
}

impl<'a> Case<'a> {
    /// Transfers in the project's currency that have happened.
    pub(super) fn paid(&self) -> impl Iterator<Item = &'a Payment> + '_ {
        let project = self.project;
        project
            .payments
            .iter()
            .filter(|row| row.currency == project.currency && self.happened(row.date))
    }

    /// Figures in the project's currency that have happened.
    pub(super) fn told(&self) -> impl Iterator<Item = &'a Figure> + '_ {
        let project = self.project;
        project
            .figures
            .iter()
            .filter(|row| row.currency == project.currency && self.happened(row.date))
    }

    /// Figures in the project's currency that no better one stands for.
    pub(super) fn figures(&self) -> impl Iterator<Item = &'a Figure> + '_ {
        let currency = &self.project.currency;
        self.standing().into_iter().filter(move |row| row.currency == *currency)
    }

    /// Figures in any currency that no better one stands for (Q12): the others count
    /// nowhere.
    pub(super) fn standing(&self) -> Vec<&'a Figure> {
        let project = self.project;
        let happened: Vec<&'a Figure> =
            project.figures.iter().filter(|row| self.happened(row.date)).collect();
        let mut better: BTreeMap<(Group<'a>, u8), Vec<&'a Figure>> = BTreeMap::new();
        for row in &happened {
            for below in 1..rank(&row.grade) {
                better.entry((self.group(row), below)).or_default().push(row);
            }
        }
        let better: BTreeMap<(Group<'a>, u8), Covers> =
            better.into_iter().map(|(key, rows)| (key, Covers::of(rows))).collect();
        let stands = |row: &&'a Figure| {
            let above = better.get(&(self.group(row), rank(&row.grade)));
            !above.is_some_and(|covers| covers.day(row.date))
        };
        happened.into_iter().filter(stands).collect()
    }

    fn group(&self, row: &'a Figure) -> Group<'a> {
        (row.kind, self.project.whose(&row.recipient))
    }

    /// What each recipient's figures of a kind sum to.
    pub(super) fn sums(&self) -> Option<BTreeMap<Group<'a>, i128>> {
        let mut sums = BTreeMap::new();
        for row in self.figures() {
            let sum = sums.entry(self.group(row)).or_insert(0_i128);
            *sum = sum.checked_add(row.amount)?;
        }
        Some(sums)
    }

    /// Net transfers of the tranches that `test` picks.
    pub(super) fn net(&self, test: impl Fn(i64) -> bool) -> Option<i128> {
        let picked = |row: &&Payment| row.tranche.is_some_and(&test);
        sum(self.paid().filter(picked).map(|row| row.amount))
    }
}

/// Figures replace each other within these.
type Group<'a> = (FigureKind, Option<&'a str>);

/// Which days better figures cover.
struct Covers {
    /// Last days, sorted, each with the earliest first day of those that end then or
    /// later; nothing reaches back for ever.
    ends: Vec<(NaiveDate, Option<NaiveDate>)>,
}

impl Covers {
    fn of(mut rows: Vec<&Figure>) -> Self {
        rows.sort_by_key(|row| std::cmp::Reverse(row.date));
        let mut earliest = Some(NaiveDate::MAX);
        let mut ends: Vec<(NaiveDate, Option<NaiveDate>)> = rows
            .into_iter()
            .map(|row| {
                // No day is before every day.
                earliest = earliest.min(row.start);
                (row.date, earliest)
            })
            .collect();
        ends.reverse();
        Self { ends }
    }

    fn day(&self, day: NaiveDate) -> bool {
        let from = self.ends.partition_point(|(end, _)| *end < day);
        self.ends.get(from).is_some_and(|(_, start)| start.is_none_or(|s| s <= day))
    }
}
