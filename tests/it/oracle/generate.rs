//! Random projects that sit on the edges of the rules.
//!
//! A project begins as one that passes. Then some of its rules are moved to within one
//! cent, one basis point or one day of where their answer changes.

use chrono::{Days, NaiveDate};

use super::facts::{Line, Part, Project};
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
    pub(super) fn below(&mut self, end: u64) -> i128 {
        i128::from(self.next() % end)
    }

    pub(super) fn size(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap()
    }

    /// Whether one of so many came up.
    pub(super) fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.size(from.len())]
    }

    /// One below, at, or above an edge.
    pub(super) fn near(&mut self) -> i128 {
        self.below(3) - 1
    }

    pub(super) fn near_day(&mut self, edge: NaiveDate) -> NaiveDate {
        moved(edge, self.near())
    }
}

pub(super) fn moved(day: NaiveDate, by: i128) -> NaiveDate {
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

pub(super) struct Making<'d> {
    pub(super) p: Project,
    pub(super) day: NaiveDate,
    pub(super) dice: &'d mut Dice,
    edges: Vec<Edge>,
}

impl Making<'_> {
    pub(super) fn at(&self, edge: Edge) -> bool {
        self.edges.contains(&edge)
    }

    pub(super) fn past(&self, days: i128) -> NaiveDate {
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

    pub(super) fn line(&mut self, who: usize, parts: &[Part], body: &'static str) {
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

    pub(super) fn amount(&mut self) -> i128 {
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
}
