//! Random milestones, papers, requests and contradictions.

use chrono::Months;

use super::facts::{Clearance, Goal, Paid, Report};
use super::fraction::Fraction;
use super::generate::{Edge, Making, moved};

impl Making<'_> {
    pub(super) fn goals(&mut self) {
        let at = self.at(Edge::Progress);
        let count = 1 + self.dice.size(4);
        let mut weights = 0;
        let mut reached = 0;
        for number in 0..count {
            let weight = 1 + self.dice.below(4);
            weights += weight;
            let last = number + 1 == count;
            let target = match (self.dice.below(20), at) {
                (0, true) => None,
                (1, true) => Some(0),
                _ => Some(10_000),
            };
            // The last one brings the whole to the edge.
            let missing = 7_500 * weights - reached;
            let value = if last && at {
                Fraction::new(missing, weight).floor() + self.dice.near()
            } else {
                self.dice.pick(&[10_000, 10_000, 9_000, 12_000])
            };
            reached += weight * value.clamp(0, 10_000);
            let seen_on = if at { self.dice.near_day(self.day) } else { self.past(30) };
            let mut seen = vec![(seen_on, value, !at || !self.dice.one_in(10))];
            if at && self.dice.one_in(4) {
                seen.push((self.past(40), self.dice.below(10_001), true));
            }
            if at && self.dice.one_in(8) {
                seen.clear();
            }
            let class = self.dice.pick(&["sector_wide", "sector_wide", "training"]);
            let due = if at { self.dice.near_day(self.day) } else { self.past(40) };
            self.p.goals.push(Goal {
                tranche: if at { 1 + self.dice.size(self.p.k) } else { 1 },
                class: if at { class } else { "sector_wide" },
                is_number: true,
                target,
                weight,
                critical: at && self.dice.one_in(6),
                due: if at && self.dice.one_in(2) { due } else { self.past(40) },
                seen,
            });
        }
        if at && self.dice.one_in(3) {
            let value = self.dice.below(2);
            self.p.goals.push(Goal {
                tranche: 1,
                class: "sector_wide",
                is_number: false,
                target: None,
                weight: 1 + self.dice.below(3),
                critical: self.dice.one_in(2),
                due: self.past(40),
                seen: vec![(self.past(1), value, true)],
            });
        }
        if at && self.dice.one_in(12) {
            self.p.goals.clear();
        }
    }

    pub(super) fn papers(&mut self) {
        self.reports();
        self.reviews();
        self.clearances();
        self.signatures();
        if self.at(Edge::Screens) {
            self.screens();
        }
        if self.at(Edge::Time) {
            let end = Some(self.dice.near_day(self.day));
            let current = self.dice.one_in(2);
            self.p.current_end = if current { end } else { None };
            self.p.original_end = if current { Some(self.past(9)) } else { end };
            if self.dice.one_in(6) {
                (self.p.original_end, self.p.current_end) = (None, None);
            }
            if self.dice.one_in(3) {
                let first = self.dice.near_day(self.day);
                self.p.first_transfer = self.dice.one_in(2).then_some(first);
            }
        }
    }

    pub(super) fn reports(&mut self) {
        let at = self.at(Edge::Reports);
        let count = if at { self.dice.size(4) } else { 1 };
        for _ in 0..count {
            let due = if at { self.dice.near_day(self.day) } else { self.past(30) };
            let came = match self.dice.below(6) {
                0 if at => None,
                1..=3 if at => Some(self.dice.near_day(self.day)),
                _ => Some(self.past(31)),
            };
            let accepted = match self.dice.below(8) {
                0 if at => None,
                1 if at => Some(false),
                _ => Some(true),
            };
            self.p.reports.push(Report { due, came, accepted });
        }
    }

    pub(super) fn reviews(&mut self) {
        if !self.at(Edge::Review) {
            self.p.reviews.push(("sector", "completed", self.past(300), false));
            return;
        }
        let states =
            ["none", "planned", "in_progress", "completed", "adopted", "not_required"];
        for scope in ["sector", "police", "defence"] {
            let mut days = vec![self.past(1), self.day, moved(self.day, 1)];
            days.truncate(self.dice.size(4));
            for on in days {
                let state = self.dice.pick(&states);
                self.p.reviews.push((scope, state, on, self.dice.one_in(3)));
            }
        }
    }

    pub(super) fn clearances(&mut self) {
        let at = self.at(Edge::Clearance) || self.at(Edge::Screens);
        let fine = Clearance {
            unit: "unit A",
            on: self.past(100),
            until: Some(moved(self.day, 100)),
            conclusion: "support",
            mitigation: "none_needed",
            suspended: None,
        };
        if !at {
            self.p.clearances.push(fine);
            return;
        }
        let mut row = fine;
        row.conclusion = self.dice.pick(&[
            "support",
            "support_with_mitigation",
            "support_with_mitigation",
            "no_support",
        ]);
        row.mitigation = self.dice.pick(&[
            "in_place",
            "in_place",
            "none_needed",
            "planned",
            "refused",
        ]);
        match self.dice.below(4) {
            0 => row.until = Some(self.dice.near_day(self.day)),
            1 => {
                row.until = None;
                row.on = self.dice.near_day(self.day - Months::new(12));
            }
            2 => row.on = self.dice.near_day(self.day),
            _ => {}
        }
        if self.dice.one_in(4) {
            let from = self.dice.near_day(self.day);
            let to = self.dice.one_in(2).then(|| self.dice.near_day(self.day).max(from));
            row.suspended = Some((from, to));
        }
        if self.dice.one_in(3) {
            let older = Clearance {
                on: moved(row.on, -20),
                conclusion: self.dice.pick(&["support", "no_support"]),
                ..row.clone()
            };
            self.p.clearances.push(older);
        }
        if !self.dice.one_in(8) {
            self.p.clearances.push(row);
        }
    }

    pub(super) fn signatures(&mut self) {
        let head =
            if self.p.setting == "mission" { "srsg" } else { "resident_coordinator" };
        let mut roles: Vec<(usize, String)> =
            self.p.who.iter().map(|(name, _)| (0, format!("recipient:{name}"))).collect();
        for role in ["national_authority", "pbso", head] {
            roles.push((0, role.to_owned()));
        }
        roles.push((self.p.k, head.to_owned()));
        let at = self.at(Edge::Signatures);
        for (tranche, role) in roles {
            if !(at && self.dice.one_in(10)) {
                let on = if at { self.dice.near_day(self.day) } else { self.past(40) };
                let on = if at && self.dice.one_in(2) { self.past(40) } else { on };
                self.p.signed.push((tranche, role, on));
            }
        }
        if at && self.dice.one_in(5) {
            self.p.setting = "";
        }
    }

    pub(super) fn screens(&mut self) {
        let flags = ["E1", "E2", "E3", "E4", "E4", "E5", "E6", "E7", "E8"];
        for number in 0..self.p.lines.len() {
            if !self.dice.one_in(3) {
                continue;
            }
            let flag = self.dice.pick(&flags);
            let mut days = vec![self.past(1), self.day, moved(self.day, 1)];
            days.truncate(1 + self.dice.size(3));
            for on in days {
                let state = self.dice.pick(&["raised", "review", "cleared"]);
                self.p.lines[number].decided.push((flag, state, on));
            }
        }
    }

    /// Requests, and contradictions where the project is to have some.
    pub(super) fn faults(&mut self) {
        if self.dice.one_in(2) {
            let on = self.dice.near_day(self.day);
            for who in 0..self.p.who.len() {
                let planned = self.p.gross[who][self.p.k - 1];
                let off = match self.at(Edge::Arithmetic) && self.dice.one_in(3) {
                    true => self.dice.near(),
                    false => 0,
                };
                self.p.asked.push((who, on, (planned + off).max(0)));
            }
        }
        if !self.at(Edge::Arithmetic) {
            return;
        }
        match self.dice.below(8) {
            0 => {
                if let Some(row) = self.p.paid.first_mut() {
                    row.amount += self.dice.near();
                }
            }
            1 => {
                let on = self.dice.near_day(self.day);
                let tranche = Some(self.p.k);
                self.p.paid.push(Paid { on, amount: 1, tranche, who: Some(0) });
            }
            2 => {
                let on = self.dice.near_day(self.day);
                self.p.paid.push(Paid { on, amount: 1, tranche: None, who: Some(0) });
            }
            3 => {
                if let Some(row) = self.p.paid.first_mut() {
                    row.who = None;
                }
            }
            4 => {
                let number = self.p.tranches - 1;
                self.p.gross[0][number] =
                    (self.p.gross[0][number] + self.dice.near()).max(0);
            }
            5 if !self.p.told.is_empty() => {
                self.p.foreign = Some(self.dice.size(self.p.told.len()));
            }
            _ => {}
        }
    }
}
