//! A random project as plain facts, and its rows as CSV.

use std::fmt::Write as _;

use chrono::NaiveDate;

/// Class, subclass, share in basis points.
pub(super) type Part = (&'static str, &'static str, i128);

#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) who: usize,
    pub(super) amount: i128,
    pub(super) parts: Vec<Part>,
    pub(super) body: &'static str,
    pub(super) unit: &'static str,
    /// Flag, state, day.
    pub(super) decided: Vec<(&'static str, &'static str, NaiveDate)>,
    /// Planned by tranche, from the first.
    pub(super) planned: Vec<i128>,
}

#[derive(Debug, Clone)]
pub(super) struct Paid {
    pub(super) on: NaiveDate,
    pub(super) amount: i128,
    pub(super) tranche: Option<usize>,
    pub(super) who: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) kind: &'static str,
    pub(super) on: NaiveDate,
    pub(super) from: Option<NaiveDate>,
    pub(super) amount: i128,
    pub(super) who: Option<usize>,
    pub(super) grade: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Goal {
    pub(super) tranche: usize,
    pub(super) class: &'static str,
    pub(super) is_number: bool,
    pub(super) target: Option<i128>,
    pub(super) weight: i128,
    pub(super) critical: bool,
    pub(super) due: NaiveDate,
    /// Day, value or 1 and 0 for verified and not, whether there is evidence.
    pub(super) seen: Vec<(NaiveDate, i128, bool)>,
}

#[derive(Debug, Clone)]
pub(super) struct Report {
    pub(super) due: NaiveDate,
    pub(super) came: Option<NaiveDate>,
    pub(super) accepted: Option<bool>,
}

#[derive(Debug, Clone)]
pub(super) struct Clearance {
    pub(super) unit: &'static str,
    pub(super) on: NaiveDate,
    pub(super) until: Option<NaiveDate>,
    pub(super) conclusion: &'static str,
    pub(super) mitigation: &'static str,
    pub(super) suspended: Option<(NaiveDate, Option<NaiveDate>)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    pub(super) id: String,
    /// The tranche asked for, from 1.
    pub(super) k: usize,
    pub(super) tranches: usize,
    pub(super) setting: &'static str,
    pub(super) register: Option<bool>,
    pub(super) concurrent: bool,
    pub(super) first_transfer: Option<NaiveDate>,
    pub(super) original_end: Option<NaiveDate>,
    pub(super) current_end: Option<NaiveDate>,
    /// Name, and whether commitments are gross.
    pub(super) who: Vec<(&'static str, bool)>,
    pub(super) lines: Vec<Line>,
    /// Gross amounts by recipient and tranche.
    pub(super) gross: Vec<Vec<i128>>,
    /// Stated shares by recipient and tranche.
    pub(super) bps: Vec<Option<Vec<i128>>>,
    /// Which tranches state their lines.
    pub(super) stated: Vec<bool>,
    pub(super) paid: Vec<Paid>,
    pub(super) told: Vec<Told>,
    pub(super) goals: Vec<Goal>,
    pub(super) reports: Vec<Report>,
    /// Scope, state, day, whether there is a note.
    pub(super) reviews: Vec<(&'static str, &'static str, NaiveDate, bool)>,
    pub(super) clearances: Vec<Clearance>,
    /// Tranche, role, day.
    pub(super) signed: Vec<(usize, String, NaiveDate)>,
    /// Recipient, day, amount; for tranche k.
    pub(super) asked: Vec<(usize, NaiveDate, i128)>,
    /// The figure that is told in another currency.
    pub(super) foreign: Option<usize>,
}

/// The tables of many projects as CSV.
#[derive(Default)]
pub(super) struct Tables {
    named: std::collections::BTreeMap<&'static str, String>,
}

fn cents(amount: i128) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", amount.abs() / 100, amount.abs() % 100)
}

fn maybe<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl Tables {
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.named.iter().map(|(name, text)| (*name, text))
    }

    fn row(&mut self, table: &'static str, head: &str, cells: &[String]) {
        let text = self.named.entry(table).or_insert_with(|| format!("{head}\n"));
        writeln!(text, "{}", cells.join(",")).unwrap();
    }

    pub(super) fn add(&mut self, p: &Project) {
        let id = || p.id.clone();
        let note = |told: bool| if told { "note 7" } else { "" }.to_owned();
        let head = "project_id,title,setting,dsr_basis,concurrent_oversight,\
                    report_register_complete,first_transfer_on,original_end,current_end,\
                    currency,template_version";
        self.row(
            "projects",
            head,
            &[
                id(),
                "Synthetic".to_owned(),
                p.setting.to_owned(),
                "gov_request".to_owned(),
                note(p.concurrent),
                maybe(p.register),
                maybe(p.first_transfer),
                maybe(p.original_end),
                maybe(p.current_end),
                "USD".to_owned(),
                "2020".to_owned(),
            ],
        );
        for (name, gross) in &p.who {
            let basis = if *gross { "gross" } else { "open" }.to_owned();
            let head = "project_id,recipient,commitment_basis";
            self.row("recipients", head, &[id(), (*name).to_owned(), basis]);
        }
        self.add_plan(p);
        self.add_money(p);
        self.add_goals(p);
        self.add_papers(p);
    }

    fn add_plan(&mut self, p: &Project) {
        let name = |who: usize| p.who[who].0.to_owned();
        for line in &p.lines {
            self.add_line(p, line);
        }
        for (who, gross) in p.gross.iter().enumerate() {
            for (at, amount) in gross.iter().enumerate() {
                let share = p.bps[who].as_ref().map(|shares| shares[at]);
                let cells = [
                    p.id.clone(),
                    (at + 1).to_string(),
                    name(who),
                    maybe(share),
                    cents(*amount),
                ];
                let head = "project_id,tranche,recipient,share_bps,amount";
                self.row("tranches", head, &cells);
            }
        }
        for (who, on, amount) in &p.asked {
            let tranche = p.k.to_string();
            let cells =
                [p.id.clone(), tranche, name(*who), on.to_string(), cents(*amount)];
            let head = "project_id,tranche,recipient,requested_on,amount";
            self.row("requests", head, &cells);
        }
    }

    fn add_line(&mut self, p: &Project, line: &Line) {
        let name = |who: usize| p.who[who].0.to_owned();
        let cells = [
            line.id.clone(),
            p.id.clone(),
            name(line.who),
            "Item".to_owned(),
            "en".to_owned(),
            cents(line.amount),
            line.body.to_owned(),
            line.unit.to_owned(),
        ];
        let head = "line_id,project_id,recipient,description,lang,amount,\
                        beneficiary,subject_unit";
        self.row("budget_lines", head, &cells);
        for (class, subclass, share) in &line.parts {
            let head = "line_id,class,subclass,share_bps,decided_by,decided_on,reason";
            let cells = [
                line.id.clone(),
                (*class).to_owned(),
                (*subclass).to_owned(),
                share.to_string(),
                "Analyst".to_owned(),
                "2020-01-01".to_owned(),
                "read".to_owned(),
            ];
            self.row("class_decisions", head, &cells);
        }
        for (flag, state, on) in &line.decided {
            let head = "line_id,flag,state,decided_by,decided_on,reason";
            let cells = [
                line.id.clone(),
                (*flag).to_owned(),
                (*state).to_owned(),
                "Analyst".to_owned(),
                on.to_string(),
                "read".to_owned(),
            ];
            self.row("eligibility_decisions", head, &cells);
        }
        for (at, amount) in line.planned.iter().enumerate() {
            let indirect = line.parts[0].1 == "X1";
            if p.stated[at] && !indirect {
                let tranche = (at + 1).to_string();
                let cells = [p.id.clone(), tranche, line.id.clone(), cents(*amount)];
                let head = "project_id,tranche,line_id,amount";
                self.row("tranche_lines", head, &cells);
            }
        }
    }

    fn add_money(&mut self, p: &Project) {
        let name = |who: Option<usize>| who.map(|who| p.who[who].0).unwrap_or("");
        let head = "transaction_id,project_id,kind,date,amount,currency,tranche,\
                    recipient,grade,period_start";
        for (number, row) in p.paid.iter().enumerate() {
            let cells = [
                format!("{}-P{number}", p.id),
                p.id.clone(),
                "disbursement".to_owned(),
                row.on.to_string(),
                cents(row.amount),
                "USD".to_owned(),
                maybe(row.tranche),
                name(row.who).to_owned(),
                String::new(),
                String::new(),
            ];
            self.row("transactions", head, &cells);
        }
        for (number, row) in p.told.iter().enumerate() {
            let cells = [
                format!("{}-T{number}", p.id),
                p.id.clone(),
                row.kind.to_owned(),
                row.on.to_string(),
                cents(row.amount),
                if p.foreign == Some(number) { "EUR" } else { "USD" }.to_owned(),
                String::new(),
                name(row.who).to_owned(),
                row.grade.to_owned(),
                maybe(row.from),
            ];
            self.row("transactions", head, &cells);
        }
    }

    fn add_goals(&mut self, p: &Project) {
        let id = || p.id.clone();
        for (number, goal) in p.goals.iter().enumerate() {
            let key = format!("{}-M{number}", p.id);
            let measure = if goal.is_number { "number" } else { "verified" };
            let baseline = if goal.is_number { "0" } else { "" };
            let cells = [
                key.clone(),
                id(),
                goal.tranche.to_string(),
                "Goal".to_owned(),
                goal.class.to_owned(),
                "output".to_owned(),
                measure.to_owned(),
                baseline.to_owned(),
                maybe(goal.target),
                goal.weight.to_string(),
                goal.critical.to_string(),
                goal.due.to_string(),
            ];
            let head = "milestone_id,project_id,tranche,title,class,kind,measure,\
                        baseline,target,weight,critical,due_on";
            self.row("milestones", head, &cells);
            for (on, value, proven) in &goal.seen {
                let (number, truth) = if goal.is_number {
                    (value.to_string(), String::new())
                } else {
                    (String::new(), (*value == 1).to_string())
                };
                let proof = if *proven { "minutes" } else { "" }.to_owned();
                let cells = [key.clone(), on.to_string(), number, truth, proof];
                let head = "milestone_id,observed_on,value,verified,evidence";
                self.row("observations", head, &cells);
            }
        }
    }

    fn add_papers(&mut self, p: &Project) {
        let id = || p.id.clone();
        for (number, report) in p.reports.iter().enumerate() {
            let cells = [
                format!("{}-R{number}", p.id),
                id(),
                "annual".to_owned(),
                report.due.to_string(),
                maybe(report.came),
                maybe(report.accepted),
            ];
            let head = "report_id,project_id,kind,due_on,submitted_on,accepted";
            self.row("reports", head, &cells);
        }
        for (scope, state, on, told) in &p.reviews {
            let note = if *told { "note 7" } else { "" }.to_owned();
            let cells =
                [id(), (*scope).to_owned(), (*state).to_owned(), on.to_string(), note];
            let head = "project_id,scope,status,status_on,concurrency_note";
            self.row("reviews", head, &cells);
        }
        for row in &p.clearances {
            let cells = [
                id(),
                row.unit.to_owned(),
                row.on.to_string(),
                maybe(row.until),
                "low".to_owned(),
                row.conclusion.to_owned(),
                row.mitigation.to_owned(),
                maybe(row.suspended.map(|(from, _)| from)),
                maybe(row.suspended.and_then(|(_, to)| to)),
            ];
            let head = "project_id,unit,assessed_on,valid_until,risk_level,conclusion,\
                        mitigation,suspended_from,suspended_to";
            self.row("clearances", head, &cells);
        }
        for (tranche, role, on) in &p.signed {
            let cells = [id(), tranche.to_string(), role.clone(), on.to_string()];
            let head = "project_id,tranche,role,signed_on";
            self.row("signatures", head, &cells);
        }
    }
}
