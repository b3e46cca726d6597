//! The oracle on lines: screens, due diligence; and on time, signatures, arithmetic.

use std::collections::BTreeSet;

use chrono::Months;

use super::facts::Line;
use super::fraction::Fraction;
use super::judge::{Oracle, Says, is_x1, unsure};

use Says::{Fail, Pass, Unknown};

impl Oracle<'_> {
    /// Lines of the tranche above 0.00.
    fn lines(&self) -> BTreeSet<usize> {
        let paid = self.pieces().iter().filter(|piece| piece.amount > 0);
        paid.map(|piece| piece.line).collect()
    }

    /// Where due diligence stands: barred, without mitigation, not known, or fine.
    fn clearance(&self, line: &Line) -> (Says, bool) {
        let rows = self.p.clearances.iter();
        let rows = rows.filter(|row| row.unit == line.unit && self.been(row.on));
        let Some(row) = rows.max_by_key(|row| row.on) else { return (Unknown, false) };
        let stopped = row.suspended.is_some_and(|(from, to)| {
            from <= self.day && to.is_none_or(|to| self.day <= to)
        });
        let until = row.until.unwrap_or_else(|| row.on + Months::new(12));
        let mitigated = ["in_place", "none_needed"].contains(&row.mitigation);
        if row.conclusion == "no_support" || stopped {
            (Fail, false)
        } else if self.day > until {
            (Unknown, false)
        } else {
            (Pass, mitigated && !self.lacks_mitigation(line))
        }
    }

    /// Support that was promised with mitigation, of which none is in place.
    fn lacks_mitigation(&self, line: &Line) -> bool {
        let rows = self.p.clearances.iter();
        let rows = rows.filter(|row| row.unit == line.unit && self.been(row.on));
        rows.max_by_key(|row| row.on).is_some_and(|row| {
            row.conclusion == "support_with_mitigation" && row.mitigation != "in_place"
        })
    }

    fn in_scope(&self, line: &Line) -> bool {
        let rows = line.decided.iter().filter(|(flag, ..)| *flag == "E8");
        let newest = rows.filter(|(.., on)| self.been(*on)).max_by_key(|(.., on)| *on);
        if let Some((_, state, _)) = newest {
            return *state != "cleared";
        }
        let force = ["police", "defence", "mixed", "unknown"].contains(&line.body);
        force
            && line.parts.iter().any(|(class, subclass, _)| {
                *class == "hardware"
                    || unsure(class)
                    || (*class == "training" && *subclass != "T3")
            })
    }

    /// R07 for each line in scope: what it says, and whether hardware waits for it.
    pub(super) fn diligence(&self) -> Vec<(usize, Says, bool)> {
        let concerned =
            self.lines().into_iter().filter(|n| self.in_scope(&self.p.lines[*n]));
        concerned
            .map(|number| {
                let line = &self.p.lines[number];
                let (says, _) = self.clearance(line);
                let waits = says == Pass && self.lacks_mitigation(line);
                (number, says, waits)
            })
            .collect()
    }

    /// R06 for each line.
    pub(super) fn screens(&self) -> Vec<(usize, Says)> {
        self.lines().into_iter().map(|n| (n, self.screen(&self.p.lines[n]))).collect()
    }

    fn screen(&self, line: &Line) -> Says {
        let operations = line.parts.iter().any(|(_, subclass, _)| *subclass == "H3");
        let by_text = match line.body {
            "defence" if operations => Some("raised"),
            "mixed" | "unknown" if operations => Some("review"),
            _ => None,
        };
        let mut worst = Pass;
        for flag in ["E1", "E2", "E3", "E4", "E5", "E6"] {
            let rows = || {
                let own = line.decided.iter().filter(|(other, ..)| *other == flag);
                own.filter(|(.., on)| self.been(*on))
            };
            let newest = rows().max_by_key(|(.., on)| *on).map(|(_, state, _)| *state);
            let prohibited =
                flag == "E1" && rows().any(|(_, state, _)| *state == "raised");
            let told = if prohibited { Some("raised") } else { newest };
            let says = match told.or(by_text.filter(|_| flag == "E2")) {
                None | Some("cleared") => Pass,
                Some("raised") if ["E1", "E2", "E3"].contains(&flag) => Fail,
                _ if flag == "E4" && self.clearance(line) == (Pass, true) => Pass,
                _ => Unknown,
            };
            worst = worst.max(says);
        }
        worst
    }

    fn without_x1(&self, who: usize) -> i128 {
        let own = self.p.lines.iter().filter(|line| line.who == who && !is_x1(line));
        own.map(|line| line.amount).sum()
    }

    pub(super) fn indirect(&self) -> Says {
        let each = (0..self.p.who.len()).map(|who| {
            let lines = self.without_x1(who);
            let above = self.p.gross[who].iter().sum::<i128>() - lines;
            let most = Fraction::new(lines * 7, 100).round() + self.p.tranches as i128;
            if above > most { Fail } else { Pass }
        });
        each.max().unwrap()
    }

    pub(super) fn in_time(&self) -> Says {
        let end = match self.p.current_end.or(self.p.original_end) {
            None => Unknown,
            Some(end) if end < self.day => Fail,
            _ => Pass,
        };
        let paid = self.p.paid.iter().filter(|row| row.amount > 0).map(|row| row.on);
        let start = match self.p.first_transfer.or(paid.min()) {
            _ if self.p.k == 1 => Pass,
            None => Unknown,
            Some(start) if start > self.day => Fail,
            _ => Pass,
        };
        end.max(start)
    }

    pub(super) fn signatures(&self) -> Says {
        let signed = |tranche: usize, role: &str| {
            let hit = self
                .p
                .signed
                .iter()
                .any(|(of, who, on)| *of == tranche && who == role && self.been(*on));
            if hit { Pass } else { Fail }
        };
        let head = |tranche: usize| match self.p.setting {
            "mission" => signed(tranche, "srsg"),
            "non_mission" => signed(tranche, "resident_coordinator"),
            _ => Unknown,
        };
        let mut worst =
            head(0).max(signed(0, "national_authority")).max(signed(0, "pbso"));
        for (name, _) in &self.p.who {
            worst = worst.max(signed(0, &format!("recipient:{name}")));
        }
        if self.p.k > 1 { worst.max(head(self.p.k)) } else { worst }
    }

    /// Whether request, plan, budget and transfers contradict each other.
    pub(super) fn contradicts(&self) -> bool {
        let (p, k) = (self.p, self.p.k);
        let paid = || p.paid.iter().filter(|row| row.amount > 0 && self.been(row.on));
        // A figure that a better one stands for is needed by no rule.
        let told = p.foreign.map(|number| &p.told[number]);
        let mut wrong = self
            .figures()
            .into_iter()
            .any(|row| told.is_some_and(|told| std::ptr::eq(told, row)));
        wrong |= p.gross.iter().map(|gross| gross[k - 1]).sum::<i128>() <= 0;
        wrong |= paid().any(|row| {
            let planned = row.tranche.is_some_and(|tranche| tranche <= p.tranches);
            self.who(row.who).is_none() || !planned
        });
        wrong |= paid().any(|row| row.tranche.is_some_and(|tranche| tranche >= k));
        wrong |= k > 1 && self.net(|tranche| tranche + 1 == k) <= 0;
        for who in 0..p.who.len() {
            let gross: i128 = p.gross[who].iter().sum();
            let lines = self.without_x1(who);
            let x1 = p.lines.iter().filter(|line| line.who == who && is_x1(line));
            let x1: Vec<i128> = x1.map(|line| line.amount).collect();
            wrong |= match x1.is_empty() {
                true => gross < lines,
                false => gross != lines + x1.iter().sum::<i128>(),
            };
            wrong |=
                p.bps[who].as_ref().is_some_and(|b| b.iter().sum::<i128>() != 10_000);
            for tranche in 1..k {
                let own = paid().filter(|row| {
                    self.who(row.who) == Some(who) && row.tranche == Some(tranche)
                });
                let got: i128 = own.map(|row| row.amount).sum();
                wrong |= got < p.gross[who][tranche - 1];
            }
            let here = p.gross[who][k - 1];
            wrong |= self.request(who) != here;
            let all = p.paid.iter().filter(|row| self.been(row.on));
            let got: i128 = all
                .filter(|row| self.who(row.who) == Some(who))
                .map(|row| row.amount)
                .sum();
            wrong |= got + self.request(who) > gross;
            if p.stated[k - 1] {
                let stated = self.pieces().iter().filter(|x| p.lines[x.line].who == who);
                let stated: i128 = stated.map(|piece| piece.amount).sum();
                let most = Fraction::new(stated * 7, 100).round() + 1;
                wrong |= stated > here || here - stated > most;
            }
        }
        wrong
    }

    pub(super) fn request(&self, who: usize) -> i128 {
        let own = self.p.asked.iter().find(|(of, on, _)| *of == who && self.been(*on));
        own.map_or(self.p.gross[who][self.p.k - 1], |(.., amount)| *amount)
    }
}
