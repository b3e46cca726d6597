//! `gate check --todo`: what is missing for a verdict, as a form that loads back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::verdict::RuleResult;
use crate::engine::ledger::entries;
use crate::error::{Error, Result, visible};
use crate::gate::Decision;
use crate::gate::outcome::Finding;
use crate::tables::Cell;
use crate::workspace::Snapshot;

use super::super::context::{Context, Opened};
use super::super::data::template::{Form, form_bytes};
use super::super::output;

/// Writes the form.
///
/// # Errors
/// The place is taken or no workbook, or the disk refuses.
pub(super) fn write(
    context: &Context,
    opened: &Opened,
    decisions: &[Decision],
    place: &Path,
) -> Result<()> {
    if place.extension().is_none_or(|suffix| !suffix.eq_ignore_ascii_case("xlsx")) {
        let what = format!("the form `{}` is no workbook", place.display());
        return Err(Error::usage(what).fix("name a file `.xlsx`"));
    }
    if place.exists() {
        let what = format!("`{}` is there already", place.display());
        return Err(Error::usage(what).fix("name another place, or remove it"));
    }
    let known = Known::read(&opened.snapshot)?;
    let mut todo = Todo::default();
    for decision in decisions {
        let open = decision.rules.iter().filter(|finding| is_open(finding));
        for finding in open {
            todo.add(decision, finding, &known);
        }
    }
    let name = place.display();
    if todo.rows.is_empty() && todo.remarks.is_empty() {
        output::note(context, &format!("nothing is missing; {name} is not written"));
        return Ok(());
    }
    let (rows, remarks) = (todo.rows.len(), todo.remarks.len());
    let bytes = form_bytes(todo.rows, todo.remarks)?;
    if !context.flags.dry_run {
        output::replace(place, &bytes)?;
    }
    output::note(
        context,
        &format!("wrote {name}: {rows} rows to fill, {remarks} remarks"),
    );
    let next = format!("next: fill it, then ssrfund load --source NAME --append {name}");
    output::note(context, &next);
    Ok(())
}

fn is_open(finding: &Finding) -> bool {
    matches!(finding.result, RuleResult::Fail | RuleResult::Unknown)
}

/// What the workspace tells that a form needs.
struct Known {
    /// Where each report obligation stands: file and row.
    reports: BTreeMap<String, String>,
    /// The unit of each budget line.
    units: BTreeMap<String, String>,
    milestones: BTreeSet<String>,
    /// Project, tranche and role of each signature.
    signed: BTreeSet<(String, String, String)>,
    recipients: BTreeMap<String, BTreeSet<String>>,
    settings: BTreeMap<String, String>,
}

impl Known {
    fn read(snapshot: &Snapshot) -> Result<Self> {
        let kept = |table: &str| snapshot.kept(table);
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let reports = kept("reports")?;
        let reports = entries(&reports).map(|row| {
            let [_, file, number] = row.provenance().map(|cell| shown(&cell));
            (text(row.text("report_id")), format!("{file}:{number}"))
        });
        let lines = kept("budget_lines")?;
        let units = entries(&lines).filter_map(|row| {
            Some((text(row.text("line_id")), row.text("subject_unit")?.to_owned()))
        });
        let milestones = kept("milestones")?;
        let signatures = kept("signatures")?;
        let signed = entries(&signatures).map(|row| {
            let tranche = shown(row.cell("tranche"));
            (text(row.text("project_id")), tranche, text(row.text("role")))
        });
        let projects = kept("projects")?;
        let settings = entries(&projects).filter_map(|row| {
            Some((text(row.text("project_id")), row.text("setting")?.to_owned()))
        });
        let mut recipients: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in entries(&kept("recipients")?) {
            let project = text(row.text("project_id"));
            recipients.entry(project).or_default().insert(text(row.text("recipient")));
        }
        Ok(Self {
            reports: reports.collect(),
            units: units.collect(),
            milestones: entries(&milestones)
                .map(|row| text(row.text("milestone_id")))
                .collect(),
            signed: signed.collect(),
            recipients,
            settings: settings.collect(),
        })
    }
}

/// A text or a whole number as text.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The rows and remarks of a form, each once.
#[derive(Default)]
struct Todo {
    rows: Vec<Form>,
    remarks: Vec<String>,
}

impl Todo {
    fn add(&mut self, decision: &Decision, finding: &Finding, known: &Known) {
        for missing in &finding.missing {
            self.missing(decision, finding, missing, known);
        }
        for lever in &finding.levers {
            if let Some(id) = &lever.id {
                self.lever(decision, finding, (lever.lever, id), known);
            }
        }
        if finding.rule_id == "R17" {
            self.signatures(decision, finding, known);
        }
    }

    /// A fact in the words of the finding.
    fn missing(
        &mut self,
        decision: &Decision,
        finding: &Finding,
        missing: &str,
        known: &Known,
    ) {
        let own = || ("project_id", decision.project_id.clone());
        let words = [
            ("observation of ", "observations"),
            ("expenditure of ", "transactions"),
            ("clearance of ", "clearances"),
            ("review of the sector or ", "reviews"),
            ("report ", "reports"),
        ];
        let read = words
            .iter()
            .find_map(|(word, table)| Some((*table, missing.strip_prefix(word)?)));
        match read {
            Some(("observations", id)) => {
                self.row("observations", vec![("milestone_id", id.to_owned())], finding);
            }
            Some(("transactions", who)) => self.figure(decision, finding, who, "interim"),
            Some(("clearances", unit)) => {
                self.row("clearances", vec![own(), ("unit", unit.to_owned())], finding);
            }
            Some(("reviews", scope)) => {
                self.row("reviews", vec![own(), ("scope", scope.to_owned())], finding);
            }
            Some(("reports", id)) if known.reports.contains_key(id) => {
                self.report(decision, finding, id, known);
            }
            Some(("reports", "obligations")) => {
                self.row("reports", vec![own()], finding);
            }
            _ => self.remark(decision, finding, &format!("not known: {missing}")),
        }
    }

    /// A fact that a lever asks for.
    fn lever(
        &mut self,
        decision: &Decision,
        finding: &Finding,
        (lever, id): (&str, &String),
        known: &Known,
    ) {
        let own = || ("project_id", decision.project_id.clone());
        match lever {
            "milestone" if known.milestones.contains(id) => {
                self.row("observations", vec![("milestone_id", id.clone())], finding);
            }
            "report" if known.reports.contains_key(id) => {
                self.report(decision, finding, id, known);
            }
            "report" => self.figure(decision, finding, id, "certified"),
            "more_used" => self.figure(decision, finding, id, "interim"),
            "review" => {
                // A review of the sector counts for a beneficiary that is not known.
                let scope = if id == "unknown" { "sector" } else { id };
                self.row("reviews", vec![own(), ("scope", scope.to_owned())], finding);
            }
            "clearance" => match known.units.get(id) {
                Some(unit) => {
                    self.row("clearances", vec![own(), ("unit", unit.clone())], finding);
                }
                None => {
                    let what = format!("tell `subject_unit` of budget line {id}");
                    self.remark(decision, finding, &what);
                }
            },
            _ => {}
        }
    }

    /// A report that was told stands in its own source, which alone may tell it again.
    fn report(
        &mut self,
        decision: &Decision,
        finding: &Finding,
        id: &str,
        known: &Known,
    ) {
        let place = known.reports.get(id).map_or("", String::as_str);
        let what = format!(
            "report {id} ({place}): fill submitted_on and accepted there, and load its \
             source again"
        );
        self.remark(decision, finding, &what);
    }

    /// What a recipient spent.
    fn figure(&mut self, decision: &Decision, finding: &Finding, who: &str, grade: &str) {
        let id = format!("{}-{who}-{grade}-{}", decision.project_id, decision.as_of);
        let cells = vec![
            ("transaction_id", id),
            ("project_id", decision.project_id.clone()),
            ("kind", "expenditure".to_owned()),
            ("currency", decision.currency.clone()),
            ("recipient", who.to_owned()),
            ("grade", grade.to_owned()),
        ];
        self.row("transactions", cells, finding);
    }

    /// Signatures that the document and the tranche need (`contract.md` Q53).
    fn signatures(&mut self, decision: &Decision, finding: &Finding, known: &Known) {
        let project = &decision.project_id;
        let Some(setting) = known.settings.get(project) else { return };
        let head = if setting == "mission" { "srsg" } else { "resident_coordinator" };
        let recipients = known.recipients.get(project);
        let recipients = recipients.into_iter().flatten();
        let mut roles: Vec<String> =
            recipients.map(|name| format!("recipient:{name}")).collect();
        roles.extend(["national_authority", "pbso", head].map(str::to_owned));
        let mut wanted: Vec<(i64, String)> = roles.into_iter().map(|r| (0, r)).collect();
        if decision.tranche >= 2 {
            wanted.push((decision.tranche, head.to_owned()));
        }
        for (tranche, role) in wanted {
            let key = (project.clone(), tranche.to_string(), role.clone());
            if !known.signed.contains(&key) {
                let cells = vec![
                    ("project_id", project.clone()),
                    ("tranche", tranche.to_string()),
                    ("role", role),
                ];
                self.row("signatures", cells, finding);
            }
        }
    }

    fn row(
        &mut self,
        table: &'static str,
        cells: Vec<(&'static str, String)>,
        finding: &Finding,
    ) {
        let is_there = |row: &Form| row.table == table && row.cells == cells;
        if !self.rows.iter().any(is_there) {
            let why =
                format!("{} {}: {}", finding.rule_id, finding.title, finding.message);
            self.rows.push(Form { table, cells, why });
        }
    }

    fn remark(&mut self, decision: &Decision, finding: &Finding, what: &str) {
        let text = format!(
            "{} tranche {}, {}: {}",
            decision.project_id,
            decision.tranche,
            finding.rule_id,
            visible(what)
        );
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }
}
