//! Reading the rows once for all requests: whole tables, and of each only the projects
//! asked about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use crate::domain::class::Subclass;
use crate::domain::time::day_from_epoch;
use crate::domain::{Beneficiary, Class};
use crate::error::{Error, Result};
use crate::metrics::column::Column;
use crate::workspace::Snapshot;

use super::rows::{
    ClassPart, Clearance, Figure, FigureKind, FundTotal, Instalment, Line, Milestone,
    Observation, Payment, Project, Report, Review, Revision, Rows,
};

/// One row, its columns by place.
struct Row<'a> {
    columns: &'a [Column],
    at: usize,
}

impl Row<'_> {
    fn column(&self, place: usize) -> Result<&Column> {
        self.columns.get(place).ok_or_else(|| Error::internal("a column was not read"))
    }

    fn text(&self, place: usize) -> Result<&str> {
        self.column(place)?.text(self.at)
    }

    fn owned(&self, place: usize) -> Result<String> {
        self.text(place).map(str::to_owned)
    }

    fn is_filled(&self, place: usize) -> Result<bool> {
        Ok(!self.text(place)?.is_empty())
    }

    fn cents(&self, place: usize) -> Result<i128> {
        Ok(self.column(place)?.scaled(self.at, 2)?.unwrap_or(0))
    }

    fn millionths(&self, place: usize) -> Result<Option<i128>> {
        self.column(place)?.scaled(self.at, 6)
    }

    fn whole(&self, place: usize) -> Result<Option<i64>> {
        let number = self.column(place)?.scaled(self.at, 0)?;
        Ok(number.and_then(|number| i64::try_from(number).ok()))
    }

    fn day(&self, place: usize) -> Result<Option<NaiveDate>> {
        Ok(self.column(place)?.day(self.at)?.and_then(day_from_epoch))
    }

    /// A day that every row has.
    fn told_day(&self, place: usize) -> Result<NaiveDate> {
        self.day(place)?.ok_or_else(|| Error::internal("a required day is empty"))
    }

    fn truth(&self, place: usize) -> Result<Option<bool>> {
        self.column(place)?.told_truth(self.at)
    }
}

/// Hands over every row of batches with the named columns.
fn each(
    batches: &[RecordBatch],
    names: &[&str],
    mut take: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    for batch in batches {
        let columns: Result<Vec<Column>> =
            names.iter().map(|name| Column::of(batch, name)).collect();
        let columns = columns?;
        for at in 0..batch.num_rows() {
            take(&Row { columns: &columns, at })?;
        }
    }
    Ok(())
}

/// Reads the rows of the projects named; `classified` holds the rows of
/// `classified_lines`.
///
/// # Errors
/// A stored file is damaged.
pub fn read(
    snapshot: &Snapshot,
    classified: &[RecordBatch],
    wanted: &BTreeSet<&str>,
) -> Result<Rows> {
    let mut reading = Reading::default();
    for project in wanted {
        reading.places.insert((*project).to_owned(), reading.found.len());
        reading.found.push(Project::default());
    }
    reading.projects(snapshot)?;
    reading.lines(snapshot, classified)?;
    reading.plans(snapshot)?;
    reading.transactions(snapshot)?;
    reading.milestones(snapshot)?;
    reading.papers(snapshot)?;
    let funds = funds(snapshot)?;
    let names = wanted.iter().map(|name| (*name).to_owned());
    Ok(Rows { projects: names.zip(reading.found).collect(), funds })
}

/// Projects that are being read, by their place.
#[derive(Default)]
struct Reading {
    places: HashMap<String, usize>,
    found: Vec<Project>,
}

impl Reading {
    fn project(&mut self, row: &Row<'_>, place: usize) -> Result<Option<&mut Project>> {
        let at = self.places.get(row.text(place)?);
        Ok(at.and_then(|at| self.found.get_mut(*at)))
    }

    fn projects(&mut self, snapshot: &Snapshot) -> Result<()> {
        let names = [
            "project_id",
            "currency",
            "setting",
            "template_version",
            "gender_marker",
            "risk_marker",
            "dsr_basis",
            "concurrent_oversight",
            "report_register_complete",
            "approved_on",
            "first_transfer_on",
            "original_end",
            "current_end",
        ];
        each(&snapshot.read("projects")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            project.currency = row.owned(1)?;
            project.setting = row.owned(2)?;
            project.template_version = row.whole(3)?;
            project.gender_marker = row.whole(4)?;
            project.risk_marker = row.whole(5)?;
            project.has_dsr_basis = row.is_filled(6)?;
            project.has_concurrent_oversight = row.is_filled(7)?;
            project.register_complete = row.truth(8)?;
            project.approved_on = row.day(9)?;
            project.first_transfer_on = row.day(10)?;
            project.original_end = row.day(11)?;
            project.current_end = row.day(12)?;
            Ok(())
        })?;
        let names = ["project_id", "recipient", "commitment_basis"];
        each(&snapshot.read("recipients")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            let is_gross = row.text(2)? == "gross";
            project.recipients.insert(row.owned(1)?, is_gross);
            Ok(())
        })
    }

    fn lines(&mut self, snapshot: &Snapshot, classified: &[RecordBatch]) -> Result<()> {
        let names = [
            "project_id",
            "line_id",
            "recipient",
            "amount",
            "subject_unit",
            "category",
            "gewe_bps",
            "is_me",
        ];
        let mut owners: HashMap<String, usize> = HashMap::new();
        each(&snapshot.read("budget_lines")?, &names, |row| {
            let Some(place) = self.places.get(row.text(0)?).copied() else {
                return Ok(());
            };
            let Some(project) = self.found.get_mut(place) else { return Ok(()) };
            let line = Line {
                recipient: row.owned(2)?,
                amount: row.cents(3)?,
                beneficiary: Beneficiary::Unknown,
                unit: row.owned(4)?,
                category: row.owned(5)?,
                gender_bps: row.whole(6)?,
                is_monitoring: row.truth(7)?,
                confidence_bps: 0,
                classes: Vec::new(),
                flags: BTreeMap::new(),
                decisions: Vec::new(),
            };
            owners.insert(row.owned(1)?, place);
            project.lines.insert(row.owned(1)?, line);
            Ok(())
        })?;
        self.classes(classified)?;
        let names = ["line_id", "flag", "decided_on", "state"];
        each(&snapshot.read("eligibility_decisions")?, &names, |row| {
            let id = row.text(0)?;
            let Some(project) =
                owners.get(id).and_then(|place| self.found.get_mut(*place))
            else {
                return Ok(());
            };
            if let Some(line) = project.lines.get_mut(id) {
                line.decisions.push((row.owned(1)?, row.told_day(2)?, row.owned(3)?));
            }
            Ok(())
        })
    }

    fn classes(&mut self, classified: &[RecordBatch]) -> Result<()> {
        let names = [
            "project_id",
            "line_id",
            "class",
            "subclass",
            "beneficiary",
            "eligibility",
            "rule_id",
            "confidence_bps",
            "share_bps",
            "amount",
        ];
        each(classified, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            let Some(line) = project.lines.get_mut(row.text(1)?) else { return Ok(()) };
            line.beneficiary =
                Beneficiary::parse(row.text(4)?).unwrap_or(Beneficiary::Unknown);
            line.confidence_bps = row.whole(7)?.unwrap_or(0);
            // Amounts that the text states split a line to the cent; else its shares do.
            let weight = match row.text(6)? {
                "C3" => row.cents(9)?,
                _ => i128::from(row.whole(8)?.unwrap_or(0)),
            };
            line.classes.push(ClassPart {
                class: Class::parse(row.text(2)?).unwrap_or(Class::Unclassified),
                subclass: Subclass::parse(row.text(3)?),
                weight,
            });
            for told in row.text(5)?.split(';').filter(|told| !told.is_empty()) {
                let flag = told.trim_end_matches('?');
                let sure = !told.ends_with('?');
                let review = line.flags.entry(flag.to_owned()).or_insert(true);
                *review = *review && !sure;
            }
            Ok(())
        })
    }

    fn plans(&mut self, snapshot: &Snapshot) -> Result<()> {
        let names = ["project_id", "tranche", "recipient", "share_bps", "amount"];
        each(&snapshot.read("tranches")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            project.instalments.push(Instalment {
                tranche: row.whole(1)?.unwrap_or(0),
                recipient: row.owned(2)?,
                share_bps: row.whole(3)?,
                amount: row.cents(4)?,
            });
            Ok(())
        })?;
        let names = ["project_id", "tranche", "line_id", "amount"];
        each(&snapshot.read("tranche_lines")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            let tranche = row.whole(1)?.unwrap_or(0);
            project.stated.push((tranche, row.owned(2)?, row.cents(3)?));
            Ok(())
        })?;
        let names = ["project_id", "tranche", "recipient", "requested_on", "amount"];
        each(&snapshot.read("requests")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            let tranche = row.whole(1)?.unwrap_or(0);
            let request = (tranche, row.owned(2)?, row.told_day(3)?, row.cents(4)?);
            project.requests.push(request);
            Ok(())
        })
    }

    fn transactions(&mut self, snapshot: &Snapshot) -> Result<()> {
        let names = [
            "project_id",
            "kind",
            "date",
            "amount",
            "currency",
            "tranche",
            "recipient",
            "line_id",
            "category",
            "grade",
            "period_start",
        ];
        each(&snapshot.read("transactions")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            // A commitment without a grade is an approval by the Fund.
            let kind = match (row.text(1)?, row.is_filled(9)?) {
                ("disbursement", _) => None,
                ("expenditure", _) => Some(FigureKind::Spent),
                ("outgoing_commitment", true) => Some(FigureKind::Committed),
                _ => return Ok(()),
            };
            let Some(kind) = kind else {
                project.payments.push(Payment {
                    date: row.told_day(2)?,
                    amount: row.cents(3)?,
                    currency: row.owned(4)?,
                    tranche: row.whole(5)?,
                    recipient: row.owned(6)?,
                });
                return Ok(());
            };
            project.figures.push(Figure {
                kind,
                date: row.told_day(2)?,
                start: row.day(10)?,
                amount: row.cents(3)?,
                currency: row.owned(4)?,
                recipient: row.owned(6)?,
                grade: row.owned(9)?,
                line: row.owned(7)?,
                category: row.owned(8)?,
            });
            Ok(())
        })
    }

    fn milestones(&mut self, snapshot: &Snapshot) -> Result<()> {
        let names = [
            "project_id",
            "milestone_id",
            "tranche",
            "class",
            "measure",
            "baseline",
            "target",
            "weight",
            "critical",
            "due_on",
        ];
        let mut owners: HashMap<String, (usize, usize)> = HashMap::new();
        each(&snapshot.read("milestones")?, &names, |row| {
            let Some(place) = self.places.get(row.text(0)?).copied() else {
                return Ok(());
            };
            let Some(project) = self.found.get_mut(place) else { return Ok(()) };
            owners.insert(row.owned(1)?, (place, project.milestones.len()));
            project.milestones.push(Milestone {
                id: row.owned(1)?,
                tranche: row.whole(2)?.unwrap_or(0),
                class: row.owned(3)?,
                is_number: row.text(4)? == "number",
                baseline: row.millionths(5)?,
                target: row.millionths(6)?,
                weight: row.whole(7)?.unwrap_or(0),
                is_critical: row.truth(8)? == Some(true),
                due_on: row.told_day(9)?,
                seen: Vec::new(),
            });
            Ok(())
        })?;
        let names =
            ["milestone_id", "observed_on", "group", "value", "verified", "evidence"];
        each(&snapshot.read("observations")?, &names, |row| {
            let Some((place, number)) = owners.get(row.text(0)?) else { return Ok(()) };
            let project = self.found.get_mut(*place);
            if let Some(of) = project.and_then(|p| p.milestones.get_mut(*number)) {
                of.seen.push(Observation {
                    on: row.told_day(1)?,
                    group: row.owned(2)?,
                    value: row.millionths(3)?,
                    verified: row.truth(4)?,
                    has_evidence: row.is_filled(5)?,
                });
            }
            Ok(())
        })
    }

    /// Reports, reviews, clearances, signatures, revisions.
    fn papers(&mut self, snapshot: &Snapshot) -> Result<()> {
        let names = ["project_id", "report_id", "due_on", "submitted_on", "accepted"];
        each(&snapshot.read("reports")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            project.reports.push(Report {
                id: row.owned(1)?,
                due_on: row.told_day(2)?,
                submitted_on: row.day(3)?,
                accepted: row.truth(4)?,
            });
            Ok(())
        })?;
        let names = ["project_id", "scope", "status", "status_on", "concurrency_note"];
        each(&snapshot.read("reviews")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            project.reviews.push(Review {
                scope: row.owned(1)?,
                status: row.owned(2)?,
                on: row.told_day(3)?,
                has_note: row.is_filled(4)?,
            });
            Ok(())
        })?;
        self.clearances(snapshot)?;
        let names = ["project_id", "tranche", "role", "signed_on"];
        each(&snapshot.read("signatures")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            let tranche = row.whole(1)?.unwrap_or(0);
            project.signatures.push((tranche, row.owned(2)?, row.told_day(3)?));
            Ok(())
        })?;
        let names = [
            "project_id",
            "category",
            "proposed_on",
            "approved_on",
            "approved_amount",
            "revised_amount",
        ];
        each(&snapshot.read("revisions")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            project.revisions.push(Revision {
                category: row.owned(1)?,
                proposed_on: row.told_day(2)?,
                approved_on: row.day(3)?,
                before: row.cents(4)?,
                after: row.cents(5)?,
            });
            Ok(())
        })
    }

    fn clearances(&mut self, snapshot: &Snapshot) -> Result<()> {
        let names = [
            "project_id",
            "unit",
            "assessed_on",
            "valid_until",
            "conclusion",
            "mitigation",
            "suspended_from",
            "suspended_to",
        ];
        each(&snapshot.read("clearances")?, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            project.clearances.push(Clearance {
                unit: row.owned(1)?,
                on: row.told_day(2)?,
                until: row.day(3)?,
                conclusion: row.owned(4)?,
                mitigation: row.owned(5)?,
                suspended_from: row.day(6)?,
                suspended_to: row.day(7)?,
            });
            Ok(())
        })
    }
}

fn funds(snapshot: &Snapshot) -> Result<Vec<FundTotal>> {
    let mut found = Vec::new();
    let names = ["fund", "basis", "as_of", "amount", "currency"];
    each(&snapshot.read("funds")?, &names, |row| {
        found.push(FundTotal {
            fund: row.owned(0)?,
            basis: row.owned(1)?,
            as_of: row.told_day(2)?,
            amount: row.cents(3)?,
            currency: row.owned(4)?,
        });
        Ok(())
    })?;
    Ok(found)
}
