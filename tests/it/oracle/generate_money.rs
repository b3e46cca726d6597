//! Random transfers and figures at the edges of the rules on money.

use chrono::{Datelike, NaiveDate};

use super::facts::{Paid, Project, Told};
use super::fraction::Fraction;
use super::generate::{Edge, Making, moved};

impl Making<'_> {
    pub(super) fn transfers(&mut self) {
        for tranche in 1..self.p.k {
            for who in 0..self.p.who.len() {
                let amount = self.p.gross[who][tranche - 1];
                let on = match (self.at(Edge::YearEnd), tranche) {
                    (true, 1) => {
                        let end = NaiveDate::from_ymd_opt(self.certified_year(), 12, 31);
                        self.dice.near_day(end.unwrap())
                    }
                    _ => self.past(700 - 300 * (tranche as i128 - 1)),
                };
                let one = self.p.who.len() == 1 && self.dice.one_in(5);
                let who = if one { None } else { Some(who) };
                let half = if self.dice.one_in(5) { amount / 2 } else { 0 };
                for amount in [half, amount - half] {
                    if amount > 0 {
                        let tranche = Some(tranche);
                        self.p.paid.push(Paid { on, amount, tranche, who });
                    }
                }
            }
        }
        if self.p.k > 1 && self.dice.one_in(10) {
            let tranche = self.dice.one_in(2).then_some(self.p.k - 1);
            let amount = -(1 + self.dice.below(100));
            self.p.paid.push(Paid { on: self.past(10), amount, tranche, who: Some(0) });
        }
    }

    /// The last year whose figures were due by now.
    pub(super) fn certified_year(&self) -> i32 {
        let may = NaiveDate::from_ymd_opt(self.day.year(), 5, 1).unwrap();
        self.day.year() - if self.day >= may { 1 } else { 2 }
    }

    /// Figures so that the previous tranche is used to three quarters, give or take.
    pub(super) fn figures(&mut self) {
        if self.p.k == 1 {
            return;
        }
        let net = |p: &Project, test: &dyn Fn(usize) -> bool| -> i128 {
            let rows = p.paid.iter().filter(|row| row.tranche.is_some_and(test));
            rows.map(|row| row.amount).sum()
        };
        let previous = net(&self.p, &|tranche| tranche == self.p.k - 1);
        let prior = net(&self.p, &|tranche| tranche < self.p.k - 1);
        let three = Fraction::new(previous * 3, 4);
        let edge = -Fraction::whole(0).minus(three).floor();
        let target = if self.at(Edge::Use) {
            prior + edge + self.dice.near()
        } else {
            prior + previous
        };
        let mut left = target.max(0);
        for who in (0..self.p.who.len()).rev() {
            let missing =
                who > 0 && self.dice.one_in(if self.at(Edge::Use) { 6 } else { 30 });
            let used = match who {
                0 => left,
                _ => left.min(self.p.gross[who][0] / 2),
            };
            if missing {
                self.commitment(who, used);
            } else {
                self.use_of(who, used);
            }
            left -= used;
        }
        if self.p.who.len() > 1 && self.dice.one_in(12) {
            let amount = self.dice.below(2_000_000) - 1_000_000;
            let (on, from) = (self.past(60), Some(self.past(90)));
            let kind = "expenditure";
            self.p.told.push(Told {
                kind,
                on,
                from,
                amount,
                who: None,
                grade: "interim",
            });
        }
    }

    pub(super) fn commitment(&mut self, who: usize, amount: i128) {
        self.p.told.push(Told {
            kind: "outgoing_commitment",
            on: self.past(100),
            from: None,
            amount,
            who: Some(who),
            grade: "preliminary",
        });
    }

    pub(super) fn use_of(&mut self, who: usize, used: i128) {
        let part = used / (2 + self.dice.below(5));
        let spent = match (self.p.who[who].1, self.dice.one_in(2)) {
            // Gross: the larger of both counts. Open: both do.
            (true, true) => {
                self.commitment(who, used);
                part
            }
            (true, false) => {
                self.commitment(who, part);
                used
            }
            (false, true) => {
                self.commitment(who, part);
                used - part
            }
            (false, false) => used,
        };
        let year = self.certified_year();
        let ends = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        let ends = match self.at(Edge::YearEnd) {
            true => self.dice.near_day(ends),
            false => ends,
        };
        let certified = spent / 2;
        let row = |on, from, amount, grade| Told {
            kind: "expenditure",
            on,
            from,
            amount,
            who: Some(who),
            grade,
        };
        let from = if self.dice.one_in(2) { None } else { Some(moved(ends, -364)) };
        let is_there = !(self.at(Edge::YearEnd) && self.dice.one_in(3));
        let grade = if is_there { "certified" } else { "interim" };
        self.p.told.push(row(ends, from, certified, grade));
        let newest = match self.at(Edge::Freshness) {
            true => moved(self.day, -120 + self.dice.near()),
            false => moved(self.day, -60),
        };
        let newest = newest.max(moved(ends, 1));
        self.p.told.push(row(newest, Some(moved(ends, 1)), spent - certified, "interim"));
        if self.dice.one_in(3) {
            // Replaced by the certified row, where that is one and covers its day.
            let junk = 1 + self.dice.below(5_000_000);
            let edge = if self.dice.one_in(2) { ends } else { moved(ends, -364) };
            let on = self.dice.near_day(edge);
            let grade = self.dice.pick(&["", "preliminary"]);
            self.p.told.push(row(on, None, junk, grade));
        }
    }
}
