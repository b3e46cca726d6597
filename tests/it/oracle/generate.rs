//! Random projects that sit on the edges of the rules.
//!
//! A project begins as one that passes. Then some of its rules are moved to within one
//! cent, one basis point or one day of where their answer changes.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::facts::{Clearance, Goal, Line, Paid, Part, Project, Report, Told};
use super::fraction::Fraction;

/// A small generator of numbers: the same seed gives the same projects for ever.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51ab)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another.
    fn below(&mut self, end: u64) -> i128 {
        i128::from(self.next() % end)
    }

    fn size(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap()
    }

    /// Whether one of so many came up.
    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.size(from.len())]
    }

    /// One below, at, or above an edge.
    fn near(&mut self) -> i128 {
        self.below(3) - 1
    }

    fn near_day(&mut self, edge: NaiveDate) -> NaiveDate {
        moved(edge, self.near())
    }
}

fn moved(day: NaiveDate, by: i128) -> NaiveDate {
    let days = Days::new(u64::try_from(by.abs()).unwrap());
    if by < 0 { day - days } else { day + days }
}

/// The edges that a project may be moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Progress,
    Use,
    Reports,
    YearEnd,
    Review,
    Screens,
    Clearance,
    Ceiling,
    Coverage,
    Indirect,
    Arithmetic,
    Time,
    Signatures,
    Oversight,
    Freshness,
    Splits,
}

const EDGES: [Edge; 16] = [
    Edge::Progress,
    Edge::Use,
    Edge::Reports,
    Edge::YearEnd,
    Edge::Review,
    Edge::Screens,
    Edge::Clearance,
    Edge::Ceiling,
    Edge::Coverage,
    Edge::Indirect,
    Edge::Arithmetic,
    Edge::Time,
    Edge::Signatures,
    Edge::Oversight,
    Edge::Freshness,
    Edge::Splits,
];

/// Makes one project as it is asked about on `day`.
pub(super) fn project(dice: &mut Dice, id: String, day: NaiveDate) -> Project {
    let mut edges = vec![dice.pick(&EDGES)];
    // Gates on hardware and lines are where amounts are made, so they come up more often.
    let hardware = [
        Edge::Progress,
        Edge::Ceiling,
        Edge::Screens,
        Edge::Clearance,
        Edge::Splits,
        Edge::Coverage,
    ];
    edges.push(dice.pick(&hardware));
    let mut making = Making { p: Project { id, ..Project::default() }, day, dice, edges };
    making.frame();
    making.lines();
    making.plan();
    making.transfers();
    making.figures();
    making.goals();
    making.papers();
    making.faults();
    making.p
}

struct Making<'d> {
    p: Project,
    day: NaiveDate,
    dice: &'d mut Dice,
    edges: Vec<Edge>,
}

impl Making<'_> {
    fn at(&self, edge: Edge) -> bool {
        self.edges.contains(&edge)
    }

    fn past(&self, days: i128) -> NaiveDate {
        moved(self.day, -days)
    }

    fn frame(&mut self) {
        let first =
            !self.at(Edge::Progress) && !self.at(Edge::Use) && self.dice.one_in(4);
        self.p.tranches = 2 + self.dice.size(2);
        self.p.k = if first { 1 } else { 2 + self.dice.size(self.p.tranches - 1) };
        // The ceiling is met by moving hardware to a tranche that is still to come.
        if self.at(Edge::Ceiling) {
            self.p.tranches = self.p.k + 1;
        }
        self.p.setting = self.dice.pick(&["mission", "non_mission"]);
        self.p.register = self.dice.pick(&[Some(true), Some(true), Some(false), None]);
        self.p.first_transfer = (self.p.k > 1).then(|| self.past(700));
        self.p.original_end = Some(moved(self.day, 300));
        self.p.who = vec![("UNDP", self.dice.one_in(2))];
        if self.dice.one_in(2) {
            self.p.who.push(("IOM", self.dice.one_in(2)));
        }
        self.p.stated = vec![!self.dice.one_in(4); self.p.tranches];
        if self.dice.one_in(6) {
            self.p.stated[0] = !self.p.stated[0];
        }
    }

    fn line(&mut self, who: usize, parts: &[Part], body: &'static str) {
        let number = self.p.lines.len();
        let unit = if self.dice.one_in(20) { "" } else { "unit A" };
        let planned = (0..self.p.tranches).map(|_| self.amount()).collect();
        self.p.lines.push(Line {
            id: format!("{}-L{number}", self.p.id),
            who,
            parts: parts.to_vec(),
            body,
            unit,
            planned,
            ..Line::default()
        });
    }

    fn amount(&mut self) -> i128 {
        match self.dice.below(12) {
            0 => 0,
            1 => self.dice.below(100),
            _ => 1_000_000 + self.dice.below(100_000_000),
        }
    }

    fn lines(&mut self) {
        let bodies = [
            "police",
            "police",
            "defence",
            "civil_protection",
            "oversight_formal",
            "unknown",
            "mixed",
        ];
        for who in 0..self.p.who.len() {
            let body = self.dice.pick(&bodies);
            let subclass = self.dice.pick(&["H1", "H2", "H2", "H3"]);
            self.line(who, &[("hardware", subclass, 10_000)], body);
            if self.dice.one_in(3) {
                let body = self.dice.pick(&bodies);
                self.line(who, &[("hardware", "H2", 10_000)], body);
            }
            let subclass = self.dice.pick(&["T1", "T3"]);
            self.line(who, &[("training", subclass, 10_000)], "police");
            if !(self.at(Edge::Oversight) || self.dice.one_in(6)) {
                self.line(who, &[("sector_wide", "S2", 10_000)], "management_civil");
            }
            if self.dice.one_in(2) {
                self.line(who, &[("support", "X3", 10_000)], "management_civil");
            }
            if self.dice.one_in(8) {
                self.line(who, &[("out_of_scope", "", 10_000)], "management_civil");
            }
            if self.at(Edge::Splits) {
                self.split_line(who);
            }
        }
        if self.at(Edge::Oversight) {
            self.tiny_oversight();
        }
        if self.at(Edge::Coverage) {
            self.coverage();
        } else if self.dice.one_in(6) {
            let class = self.dice.pick(&["mixed", "unclassified"]);
            let body = self.dice.pick(&bodies);
            self.line(0, &[(class, "", 10_000)], body);
        }
        if self.at(Edge::Ceiling) {
            self.ceiling();
        }
    }

    fn split_line(&mut self, who: usize) {
        let share = 1 + self.dice.below(9_998);
        let rest = 10_000 - share;
        let other = self.dice.pick(&[
            ("training", "T1"),
            ("sector_wide", "S2"),
            ("support", "X2"),
        ]);
        let mut parts = vec![("hardware", "H2", share), (other.0, other.1, rest)];
        if rest > 2 && self.dice.one_in(3) {
            let third = 1 + self.dice.below(u64::try_from(rest - 1).unwrap());
            parts[1].2 = rest - third;
            let class = self.dice.pick(&["mixed", "unclassified", "out_of_scope"]);
            parts.push((class, "", third));
        }
        self.line(who, &parts, "police");
    }

    /// One cent of governance, or none, or money that may be governance.
    fn tiny_oversight(&mut self) {
        let tiny = self.dice.below(2);
        let class = self.dice.pick(&["sector_wide", "sector_wide", "mixed"]);
        let subclass = if class == "mixed" { "" } else { "S2" };
        self.line(0, &[(class, subclass, 10_000)], "management_civil");
        let line = self.p.lines.last_mut().unwrap();
        line.planned = vec![0; self.p.tranches];
        line.planned[0] = tiny;
        self.p.concurrent = self.dice.one_in(5);
    }

    /// Money without a class at 2% of direct cost, give or take a cent.
    fn coverage(&mut self) {
        let here = self.p.k - 1;
        let direct: i128 = self
            .p
            .lines
            .iter()
            .filter(|line| line.parts.iter().all(|(class, ..)| *class != "support"))
            .map(|line| line.planned[here])
            .sum();
        let class = self.dice.pick(&["mixed", "unclassified"]);
        let body = self.dice.pick(&["police", "management_civil", "unknown"]);
        self.line(0, &[(class, "", 10_000)], body);
        let edge = Fraction::new(direct * 200, 9_800).floor() + self.dice.near();
        let line = self.p.lines.last_mut().unwrap();
        line.planned = vec![0; self.p.tranches];
        line.planned[here] = edge.max(0);
    }

    /// Hardware of this tranche at the ceiling, give or take a cent; the rest of it comes
    /// in the last tranche.
    fn ceiling(&mut self) {
        let (here, last) = (self.p.k - 1, self.p.tranches - 1);
        let of = |line: &Line, wanted: &str, to: usize| -> i128 {
            let part: i128 = line
                .parts
                .iter()
                .filter(|(class, ..)| {
                    *class == wanted || (wanted == "direct" && *class != "support")
                })
                .map(|(.., share)| share)
                .sum();
            line.planned[..to].iter().sum::<i128>() * part / 10_000
        };
        let sum = |wanted: &str, to: usize| -> i128 {
            self.p.lines.iter().map(|line| of(line, wanted, to)).sum()
        };
        let (hardware, direct) =
            (sum("hardware", self.p.tranches), sum("direct", self.p.tranches));
        if direct == 0 {
            return;
        }
        let cap = (hardware * 10_000 / direct + 500).min(10_000);
        let part = sum("hardware", self.p.k)
            + sum("mixed", self.p.k)
            + sum("unclassified", self.p.k);
        let line = self.p.lines[0].planned[here];
        let (others, whole) = (part - line, sum("direct", self.p.k) - line);
        if cap == 10_000 {
            return;
        }
        let room = Fraction::new(cap * whole - 10_000 * others, 10_000 - cap).floor();
        let moved =
            (room + self.dice.near()).clamp(0, line + self.p.lines[0].planned[last]);
        let both = line + self.p.lines[0].planned[last];
        self.p.lines[0].planned[here] = moved;
        self.p.lines[0].planned[last] = both - moved;
    }

    fn plan(&mut self) {
        for line in &mut self.p.lines {
            line.amount = line.planned.iter().sum();
        }
        for who in 0..self.p.who.len() {
            let mut gross = Vec::new();
            let mut indirect = 0;
            for at in 0..self.p.tranches {
                let own = self.p.lines.iter().filter(|line| line.who == who);
                let lines: i128 = own.map(|line| line.planned[at]).sum();
                let seven = Fraction::new(lines * 7, 100).round();
                let more = match self.at(Edge::Indirect) {
                    true => seven + self.dice.below(4) - 1,
                    false if self.dice.one_in(5) => Fraction::new(lines, 20).floor(),
                    false => seven,
                };
                let more = if lines == 0 { 0 } else { more.max(0) };
                indirect += more;
                gross.push(lines + more);
            }
            self.p.gross.push(gross);
            let exact = self.dice.one_in(8);
            if exact && indirect > 0 {
                self.line(who, &[("support", "X1", 10_000)], "management_civil");
                let off = if self.at(Edge::Arithmetic) { self.dice.near() } else { 0 };
                let line = self.p.lines.last_mut().unwrap();
                line.planned = vec![0; self.p.tranches];
                line.amount = (indirect + off).max(0);
            }
            self.shares(who);
        }
    }

    fn shares(&mut self, who: usize) {
        let told = self.dice.one_in(4);
        self.p.bps.push(told.then(|| {
            let each = 10_000 / self.p.tranches as i128;
            let mut shares = vec![each; self.p.tranches];
            shares[0] += 10_000 - each * self.p.tranches as i128;
            shares
        }));
        let at = self.at(Edge::Arithmetic);
        if let Some(shares) = self.p.bps[who].as_mut().filter(|_| at) {
            shares[0] += self.dice.near();
        }
    }

    fn transfers(&mut self) {
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
    fn certified_year(&self) -> i32 {
        let may = NaiveDate::from_ymd_opt(self.day.year(), 5, 1).unwrap();
        self.day.year() - if self.day >= may { 1 } else { 2 }
    }

    /// Figures so that the previous tranche is used to three quarters, give or take.
    fn figures(&mut self) {
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

    fn commitment(&mut self, who: usize, amount: i128) {
        self.p.told.push(Told {
            kind: "outgoing_commitment",
            on: self.past(100),
            from: None,
            amount,
            who: Some(who),
            grade: "preliminary",
        });
    }

    fn use_of(&mut self, who: usize, used: i128) {
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

    fn goals(&mut self) {
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

    fn papers(&mut self) {
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

    fn reports(&mut self) {
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

    fn reviews(&mut self) {
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

    fn clearances(&mut self) {
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

    fn signatures(&mut self) {
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

    fn screens(&mut self) {
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
    fn faults(&mut self) {
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
            _ => {}
        }
    }
}
