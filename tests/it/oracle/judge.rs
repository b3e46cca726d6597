//! The oracle: the rules and the verdict in exact fractions, from the texts alone.

use chrono::{Datelike, Days, NaiveDate};

use super::facts::{Goal, Line, Project, Told};
use super::fraction::{Fraction, share_out};

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    Apart,
    Pass,
    Unknown,
    Fail,
}

use Says::{Apart, Fail, Pass, Unknown};

/// The same answer at both ends, or none.
fn ends(worst: bool, best: bool) -> Says {
    match (worst, best) {
        (true, true) => Pass,
        (_, false) => Fail,
        (false, true) => Unknown,
    }
}

/// One class of a line in a tranche.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) line: usize,
    pub(super) class: &'static str,
    pub(super) amount: i128,
}

const ORDER: [&str; 7] = [
    "hardware",
    "training",
    "sector_wide",
    "support",
    "out_of_scope",
    "mixed",
    "unclassified",
];

fn place(class: &str) -> usize {
    ORDER.iter().position(|other| *other == class).unwrap()
}

/// A project as it is asked about on a day.
pub(super) struct Oracle<'p> {
    pub(super) p: &'p Project,
    pub(super) day: NaiveDate,
    pieces: Vec<Piece>,
}

pub(super) fn is_x1(line: &Line) -> bool {
    line.parts[0].1 == "X1"
}

pub(super) fn unsure(class: &str) -> bool {
    class == "mixed" || class == "unclassified"
}

fn pieces_of(p: &Project, number: usize, amount: i128) -> Vec<Piece> {
    let mut parts = p.lines[number].parts.clone();
    parts.sort_by_key(|(class, sub, share)| (-share, place(class), *sub));
    let weights: Vec<i128> = parts.iter().map(|(.., share)| *share).collect();
    let amounts = share_out(amount, &weights);
    parts
        .iter()
        .zip(amounts)
        .map(|((class, ..), amount)| Piece { line: number, class, amount })
        .collect()
}

/// What tranche `at` (from 0) plans, class by class.
fn plan(p: &Project, at: usize) -> Vec<Piece> {
    let own: Vec<usize> = (0..p.lines.len()).filter(|n| !is_x1(&p.lines[*n])).collect();
    let mut pieces = Vec::new();
    if p.stated[at] && !own.is_empty() {
        for number in own {
            pieces.extend(pieces_of(p, number, p.lines[number].planned[at]));
        }
        return pieces;
    }
    for who in 0..p.who.len() {
        let mut lines: Vec<usize> =
            own.iter().copied().filter(|n| p.lines[*n].who == who).collect();
        lines.sort_by_key(|n| (-p.lines[*n].amount, p.lines[*n].id.clone()));
        let budget: i128 = lines.iter().map(|n| p.lines[*n].amount).sum();
        let all: i128 = p.gross[who].iter().sum();
        if budget == 0 || all == 0 {
            continue;
        }
        let part = Fraction::new(budget * p.gross[who][at], all).round();
        let weights: Vec<i128> = lines.iter().map(|n| p.lines[*n].amount).collect();
        for (number, amount) in lines.iter().zip(share_out(part, &weights)) {
            pieces.extend(pieces_of(p, *number, amount));
        }
    }
    pieces
}

impl<'p> Oracle<'p> {
    pub(super) fn new(p: &'p Project, day: NaiveDate) -> Self {
        Self { p, day, pieces: plan(p, p.k - 1) }
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub(super) fn is_gated(&self, piece: &Piece) -> bool {
        let body = self.p.lines[piece.line].body;
        let oversees = ["oversight_formal", "oversight_non_state", "management_civil"]
            .contains(&body);
        (piece.class == "hardware" || unsure(piece.class))
            && !oversees
            && piece.amount > 0
    }

    pub(super) fn gated(&self) -> Vec<&Piece> {
        self.pieces.iter().filter(|piece| self.is_gated(piece)).collect()
    }

    pub(super) fn who(&self, told: Option<usize>) -> Option<usize> {
        if self.p.who.len() == 1 { Some(0) } else { told }
    }

    pub(super) fn been(&self, on: NaiveDate) -> bool {
        on <= self.day
    }

    pub(super) fn net(&self, test: impl Fn(usize) -> bool) -> i128 {
        let rows = self.p.paid.iter().filter(|row| self.been(row.on));
        rows.filter(|row| row.tranche.is_some_and(&test)).map(|row| row.amount).sum()
    }

    pub(super) fn progress(&self) -> Says {
        if self.p.k == 1 || self.gated().is_empty() {
            return Apart;
        }
        let counts = |goal: &&Goal| {
            goal.class == "sector_wide" && goal.tranche < self.p.k && self.been(goal.due)
        };
        let goals: Vec<&Goal> = self.p.goals.iter().filter(counts).collect();
        if goals.is_empty() {
            return Fail;
        }
        let weights: i128 = goals.iter().map(|goal| goal.weight).sum();
        let at = |unknown: i128| {
            let mut sum = Fraction::whole(0);
            let mut critical = true;
            for goal in &goals {
                let reached = self.reached(goal).unwrap_or(unknown);
                critical = critical && (!goal.critical || reached == 10_000);
                sum = sum.plus(Fraction::new(goal.weight * reached, weights));
            }
            critical && sum >= Fraction::whole(7_500)
        };
        ends(at(0), at(10_000))
    }

    fn reached(&self, goal: &Goal) -> Option<i128> {
        let rows = goal.seen.iter().filter(|(on, _, proven)| *proven && self.been(*on));
        let (_, value, _) = rows.max_by_key(|(on, ..)| *on)?;
        if !goal.is_number {
            return Some(value * 10_000);
        }
        let target = goal.target.filter(|target| *target != 0)?;
        Some(Fraction::new(value * 10_000, target).floor().clamp(0, 10_000))
    }

    /// Figures that no better one stands for.
    pub(super) fn figures(&self) -> Vec<&'p Told> {
        let rank = |row: &Told| {
            ["preliminary", "interim", "certified"].iter().position(|g| *g == row.grade)
        };
        let rank = |row: &Told| rank(row).unwrap_or(0);
        let been: Vec<&Told> =
            self.p.told.iter().filter(|row| self.been(row.on)).collect();
        let covers = |better: &Told, row: &Told| {
            rank(better) > rank(row)
                && better.kind == row.kind
                && self.who(better.who) == self.who(row.who)
                && better.from.is_none_or(|from| from <= row.on)
                && row.on <= better.on
        };
        let stands = |row: &&Told| !been.iter().any(|better| covers(better, row));
        been.iter().copied().filter(stands).collect()
    }

    pub(super) fn usage(&self) -> Says {
        if self.p.k == 1 {
            return Apart;
        }
        let previous = self.net(|tranche| tranche + 1 == self.p.k);
        let prior = self.net(|tranche| tranche + 1 < self.p.k);
        if self.freshness() != Pass || previous <= 0 {
            return Unknown;
        }
        let figures = self.figures();
        let mut used = [0_i128; 2];
        for who in 0..self.p.who.len() {
            let earlier = self.p.paid.iter().filter(|row| {
                self.been(row.on)
                    && self.who(row.who) == Some(who)
                    && row.tranche.is_some_and(|tranche| tranche < self.p.k)
            });
            let got: Vec<i128> = earlier.map(|row| row.amount).collect();
            if !got.iter().any(|amount| *amount > 0) {
                continue;
            }
            let of = |kind: &str| -> Vec<i128> {
                let own = figures.iter().filter(|row| self.who(row.who) == Some(who));
                own.filter(|row| row.kind == kind).map(|row| row.amount).collect()
            };
            let committed: i128 = of("outgoing_commitment").iter().sum();
            let spent = of("expenditure");
            let total: i128 = spent.iter().sum();
            let (low, high) = match (spent.is_empty(), self.p.who[who].1) {
                (true, _) => (committed, committed.max(got.iter().sum())),
                (false, true) => (total.max(committed), total.max(committed)),
                (false, false) => (total + committed, total + committed),
            };
            used[0] += low;
            used[1] += high;
        }
        for row in figures.iter().filter(|row| self.who(row.who).is_none()) {
            used[usize::from(row.amount >= 0)] += row.amount;
        }
        let enough = |used: i128| {
            Fraction::new((used - prior).max(0), previous) >= Fraction::new(3, 4)
        };
        ends(enough(used[0]), enough(used[1]))
    }

    fn freshness(&self) -> Says {
        let spent = self.p.told.iter().filter(|row| row.kind == "expenditure");
        let newest = spent.map(|row| row.on).filter(|on| self.been(*on)).max();
        match newest {
            None => Unknown,
            Some(on) if on + Days::new(120) >= self.day => Pass,
            Some(_) => Fail,
        }
    }

    pub(super) fn reports(&self) -> Says {
        if self.p.reports.is_empty() {
            return if self.p.k == 1 { Apart } else { Unknown };
        }
        let due = self.p.reports.iter().filter(|report| report.due <= self.day);
        due.map(|report| match (report.came, report.accepted) {
            (_, Some(false)) => Fail,
            (Some(came), _) if came > self.day => Fail,
            (Some(_), Some(true)) => Pass,
            _ if self.p.register == Some(true) => Fail,
            _ => Unknown,
        })
        .max()
        .unwrap_or(Pass)
    }

    pub(super) fn certified(&self) -> Says {
        let year = self.day.year();
        let deadline = NaiveDate::from_ymd_opt(year, 4, 30).unwrap();
        let year = if self.day > deadline { year - 1 } else { year - 2 };
        let paid = |who: usize| {
            self.p.paid.iter().any(|row| {
                self.who(row.who) == Some(who) && row.amount > 0 && row.on.year() <= year
            })
        };
        let told = |who: usize| {
            self.p.told.iter().any(|row| {
                self.who(row.who) == Some(who)
                    && row.kind == "expenditure"
                    && row.grade == "certified"
                    && row.on.year() == year
            })
        };
        let concerned = (0..self.p.who.len()).filter(|who| paid(*who));
        let each = concerned.map(|who| if told(who) { Pass } else { Fail });
        each.max().unwrap_or(Apart)
    }

    pub(super) fn review(&self) -> Says {
        let state = |scope: &str| {
            let rows = self.p.reviews.iter().filter(|row| row.0 == scope);
            let newest = rows.filter(|row| self.been(row.2)).max_by_key(|row| row.2)?;
            Some(match newest.1 {
                "completed" | "adopted" => true,
                "in_progress" => newest.3 || self.p.k == 1,
                "not_required" => newest.3,
                _ => false,
            })
        };
        let bodies = self.gated().into_iter().map(|piece| self.p.lines[piece.line].body);
        bodies
            .map(|body| match (state("sector"), state(body)) {
                (Some(true), _) | (_, Some(true)) => Pass,
                (None, None) => Unknown,
                _ => Fail,
            })
            .max()
            .unwrap_or(Apart)
    }

    /// The approved budget by class.
    pub(super) fn budget(&self, test: impl Fn(&str) -> bool) -> i128 {
        let all = (0..self.p.lines.len())
            .flat_map(|number| pieces_of(self.p, number, self.p.lines[number].amount));
        all.filter(|piece| test(piece.class)).map(|piece| piece.amount).sum()
    }

    /// The ceiling in basis points, hardware and direct cost of earlier tranches.
    pub(super) fn ceiling_numbers(&self) -> (i128, i128, i128) {
        let direct = self.budget(|class| class != "support");
        let share =
            Fraction::new(self.budget(|class| class == "hardware") * 10_000, direct);
        let (mut hardware, mut whole) = (0, 0);
        for at in 0..self.p.k - 1 {
            for piece in plan(self.p, at) {
                let heavy = piece.class == "hardware" || unsure(piece.class);
                hardware += if heavy { piece.amount } else { 0 };
                whole += if piece.class == "support" { 0 } else { piece.amount };
            }
        }
        ((share.floor() + 500).min(10_000), hardware, whole)
    }

    pub(super) fn ceiling(&self) -> Says {
        let here = |test: &dyn Fn(&str) -> bool| -> i128 {
            let own = self.pieces.iter().filter(|piece| test(piece.class));
            own.map(|piece| piece.amount).sum()
        };
        if here(&|class| class == "hardware" || unsure(class)) == 0 {
            return Apart;
        }
        let (cap, ..) = self.ceiling_numbers();
        let (mut low, mut high, mut whole) = (0, 0, 0);
        for at in 0..self.p.k {
            for piece in plan(self.p, at) {
                low += if piece.class == "hardware" { piece.amount } else { 0 };
                let heavy = piece.class == "hardware" || unsure(piece.class);
                high += if heavy { piece.amount } else { 0 };
                whole += if piece.class == "support" { 0 } else { piece.amount };
            }
        }
        let within = |part: i128| Fraction::new(part, whole) <= Fraction::bps(cap);
        ends(within(high), within(low))
    }

    pub(super) fn coverage(&self) -> Says {
        let direct: i128 = self
            .pieces
            .iter()
            .filter(|piece| piece.class != "support")
            .map(|piece| piece.amount)
            .sum();
        let open = self.pieces.iter().filter(|piece| unsure(piece.class));
        let open: i128 = open.map(|piece| piece.amount).sum();
        match direct {
            0 => Apart,
            _ if Fraction::new(open, direct) <= Fraction::new(2, 100) => Pass,
            _ => Fail,
        }
    }

    pub(super) fn oversight(&self) -> Says {
        let armed = self.gated().into_iter().any(|piece| {
            ["defence", "mixed", "unknown"].contains(&self.p.lines[piece.line].body)
        });
        let sure = self.budget(|class| class == "sector_wide");
        match (armed, sure > 0 || self.p.concurrent, self.budget(unsure) > 0) {
            (false, ..) => Apart,
            (_, true, _) => Pass,
            (_, _, true) => Unknown,
            _ => Fail,
        }
    }
}
