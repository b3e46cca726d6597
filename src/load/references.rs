//! What rows say about each other: references, shares, order of dates (Q08).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::class::{Class, Subclass};
use crate::error::{Problem, did_you_mean, visible};
use crate::tables::Cell;

use super::rows::{Everything, Told};

/// A row that breaks a rule between rows.
#[derive(Debug, Clone)]
pub struct Breach<'a> {
    /// The row.
    pub told: Told<'a>,
    /// Where and why.
    pub problem: Problem,
}

/// Tables whose rows name a project.
const OF_PROJECT: [&str; 13] = [
    "recipients",
    "budget_lines",
    "tranches",
    "tranche_lines",
    "transactions",
    "milestones",
    "reports",
    "reviews",
    "clearances",
    "signatures",
    "revisions",
    "requests",
    "project_countries",
];

/// Tables whose rows name a budget line.
const OF_LINE: [&str; 4] =
    ["tranche_lines", "transactions", "class_decisions", "eligibility_decisions"];

/// Tables whose rows name a recipient of their project.
const OF_RECIPIENT: [&str; 4] = ["budget_lines", "tranches", "requests", "transactions"];

/// Returns every row that breaks a rule between rows, in table order.
#[must_use]
pub fn breaches<'a>(all: &Everything<'a>) -> Vec<Breach<'a>> {
    let mut out = Vec::new();
    projects(all, &mut out);
    lines(all, &mut out);
    recipients(all, &mut out);
    named(all, "observations", "milestone_id", "milestones", &mut out);
    sectors(all, &mut out);
    class_decisions(all, &mut out);
    periods(all, &mut out);
    overrides(all, &mut out);
    dollars(all, &mut out);
    super::joins::unfilled(all, &mut out);
    out
}

fn breach<'a>(told: &Told<'a>, field: &str, what: String, fix: String) -> Breach<'a> {
    let value = told.row.cell(told.rows.table, field).key_text();
    let column = told.row.column_of(told.rows.table, field);
    let problem = Problem::at(&told.rows.file, told.row.row, column, what, fix)
        .field(field, &value);
    Breach { told: *told, problem }
}

fn projects<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    for table in OF_PROJECT {
        named(all, table, "project_id", "projects", out);
    }
    named(all, "overrides", "project_id", "projects", out);
}

/// `column` of `table` must be told by `target` under the same column name.
fn named<'a>(
    all: &Everything<'a>,
    table: &str,
    column: &str,
    target: &str,
    out: &mut Vec<Breach<'a>>,
) {
    let known = all.index(target, column);
    let mut spelling = Spelling::default();
    for told in all.of(table) {
        let Some(text) = told.row.text(told.rows.table, column) else { continue };
        if !known.contains_key(text) {
            let what = format!("`{}` is not in table `{target}`", visible(text));
            let otherwise =
                format!("load its row of `{target}` in the same call or before");
            let fix = spelling.fix(text, || known.keys().copied().collect(), &otherwise);
            out.push(breach(told, column, what, fix));
        }
    }
}

/// Suggestions for names that are not known, searched once per name.
#[derive(Default)]
struct Spelling<'a> {
    known: Option<Vec<&'a str>>,
    fixes: BTreeMap<&'a str, String>,
}

impl<'a> Spelling<'a> {
    /// `did you mean …?`, or `otherwise`.
    fn fix(
        &mut self,
        name: &'a str,
        known: impl FnOnce() -> Vec<&'a str>,
        otherwise: &str,
    ) -> String {
        // Every search looks at all known names: in a file of another portfolio a search
        // for each row would take hours.
        const MOST_NAMES: usize = 20;
        if let Some(fix) = self.fixes.get(name) {
            return fix.clone();
        }
        if self.fixes.len() >= MOST_NAMES {
            return otherwise.to_owned();
        }
        let known = self.known.get_or_insert_with(known);
        let fix = did_you_mean(name, known.iter().copied(), otherwise);
        self.fixes.insert(name, fix.clone());
        fix
    }
}

fn lines<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    let known = all.index("budget_lines", "line_id");
    for table in OF_LINE {
        named(all, table, "line_id", "budget_lines", out);
        for told in all.of(table) {
            let line = told.text("line_id").and_then(|line| known.get(line));
            let (Some(line), Some(project)) = (line, told.text("project_id")) else {
                continue;
            };
            let owner = line.text("project_id").unwrap_or_default();
            if owner != project {
                let id = line.text("line_id").unwrap_or_default();
                let what =
                    format!("line `{id}` is of project `{owner}`, not `{project}`");
                out.push(breach(told, "line_id", what, "name a line of it".to_owned()));
            }
        }
    }
}

fn recipients<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for told in all.of("recipients") {
        if let (Some(project), Some(name)) =
            (told.text("project_id"), told.text("recipient"))
        {
            known.entry(project).or_default().insert(name);
        }
    }
    for table in OF_RECIPIENT {
        for told in all.of(table) {
            let (Some(project), Some(recipient)) =
                (told.text("project_id"), told.text("recipient"))
            else {
                continue;
            };
            let of_project = known.get(project);
            if of_project.is_some_and(|names| names.contains(recipient)) {
                continue;
            }
            let what = format!(
                "`{}` is not a recipient of project `{}`",
                visible(recipient),
                visible(project)
            );
            let names = of_project.into_iter().flatten().copied();
            let fix = did_you_mean(recipient, names, "list it in `recipients`");
            out.push(breach(told, "recipient", what, fix));
        }
    }
}

fn sectors<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    if all.of("sectors").is_empty() {
        return;
    }
    let projects = all.index("projects", "project_id");
    let transactions = all.index("transactions", "transaction_id");
    for told in all.of("sectors") {
        let (Some(kind), Some(id)) = (told.text("owner_kind"), told.text("owner_id"))
        else {
            continue;
        };
        let known = match kind {
            "project" => projects.contains_key(id),
            _ => transactions.contains_key(id),
        };
        if !known {
            let what = format!("`{}` is not a {kind} that is loaded", visible(id));
            let fix = format!("load the {kind} in the same call or before");
            out.push(breach(told, "owner_id", what, fix));
        }
    }
}

/// Class shares of a line and day sum to 10000; a subclass is of its class; indirect
/// cost is never part of a split (Q31).
fn class_decisions<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    let mut sums: BTreeMap<(&str, String), (i64, Vec<&Told<'a>>)> = BTreeMap::new();
    for told in all.of("class_decisions") {
        let table = told.rows.table;
        let share = match told.row.cell(table, "share_bps") {
            Cell::Whole(bps) => *bps,
            _ => 0,
        };
        let key = (
            told.row.text(table, "line_id").unwrap_or_default(),
            told.row.cell(table, "decided_on").key_text(),
        );
        let entry = sums.entry(key).or_default();
        entry.0 = entry.0.saturating_add(share);
        entry.1.push(told);
        let class = told.text("class").and_then(Class::parse);
        let subclass = told.text("subclass").and_then(Subclass::parse);
        if let (Some(class), Some(subclass)) = (class, subclass) {
            if subclass.class() != class {
                let what = format!("subclass `{subclass}` is not of class `{class}`");
                let fix = format!("it is of class `{}`", subclass.class());
                out.push(breach(told, "subclass", what, fix));
            }
            if subclass == Subclass::X1 && share != 10_000 {
                let what = "indirect cost (X1) stands in a split".to_owned();
                let fix = "give the whole line to support/X1, or no part of it";
                out.push(breach(told, "subclass", what, fix.to_owned()));
            }
        }
    }
    for ((line, day), (sum, rows)) in sums {
        if sum != 10_000 {
            for told in rows {
                let what = format!(
                    "class shares of line `{line}` on {day} sum to {sum}, not 10000"
                );
                let fix = "shares are basis points; the whole line is 10000".to_owned();
                out.push(breach(told, "share_bps", what, fix));
            }
        }
    }
}

/// Ends do not come before starts.
fn periods<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    for (table, start, end) in [
        ("clearances", "suspended_from", "suspended_to"),
        ("clearances", "assessed_on", "valid_until"),
        ("overrides", "valid_from", "valid_to"),
        ("transactions", "period_start", "date"),
        ("projects", "approved_on", "original_end"),
        ("projects", "approved_on", "current_end"),
    ] {
        for told in all.of(table) {
            let cell = |column| told.row.cell(told.rows.table, column);
            if let (Cell::Day(from), Cell::Day(to)) = (cell(start), cell(end))
                && to < from
            {
                let what = format!("`{end}` ({to}) is before `{start}` ({from})");
                out.push(breach(told, end, what, "correct one of them".to_owned()));
            }
        }
    }
}

fn overrides<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    for told in all.of("overrides") {
        let recorder = told.text("recorded_by").unwrap_or_default();
        if told.text("signatory") == Some(recorder) {
            let what =
                format!("`{}` both signed and recorded the override", visible(recorder));
            let fix = "an override is recorded by somebody else".to_owned();
            out.push(breach(told, "recorded_by", what, fix));
        }
    }
}

/// A US dollar is a US dollar; a rate that says otherwise would be silently ignored.
fn dollars<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    for told in all.of("exchange_rates") {
        let rate = told.row.cell(told.rows.table, "units_per_usd");
        if told.text("currency") == Some("USD") && *rate != Cell::Decimal(1_000_000) {
            let what = format!("`USD` is given the rate {}", rate.key_text());
            let fix = "leave it out: US dollars need no rate".to_owned();
            out.push(breach(told, "units_per_usd", what, fix));
        }
    }
}

/// Transactions of different sources that look like one and the same (F4b).
#[must_use]
pub fn double_told(all: &Everything<'_>) -> Vec<Problem> {
    let mut seen: HashMap<(String, String, String, String), Vec<&Told<'_>>> =
        HashMap::new();
    let mut out = Vec::new();
    for told in all.of("transactions") {
        let cell = |column| told.row.cell(told.rows.table, column).key_text();
        let key = (cell("project_id"), cell("kind"), cell("date"), cell("amount"));
        let others = seen.entry(key).or_default();
        let first_elsewhere = others.iter().find(|other| other.source != told.source);
        if let Some(other) = first_elsewhere {
            let (new, old) = if told.is_new() { (told, *other) } else { (*other, told) };
            let what = format!(
                "DOUBLE_TOLD: the same project, kind, date and amount is told by {}",
                old.place()
            );
            let fix = "keep it in one source if it is one payment";
            out.push(Problem::at(&new.rows.file, new.row.row, 0, what, fix));
        }
        // The first of each source is enough to look at.
        if !others.iter().any(|other| other.source == told.source) {
            others.push(told);
        }
    }
    out.sort();
    out
}
