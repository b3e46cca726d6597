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

use super::read_told::funds;
use super::rows::{ClassPart, Line, Project, Rows};

/// One row, its columns by place.
pub(super) struct Row<'a> {
    columns: &'a [Column],
    at: usize,
}

impl Row<'_> {
    fn column(&self, place: usize) -> Result<&Column> {
        self.columns.get(place).ok_or_else(|| Error::internal("a column was not read"))
    }

    pub(super) fn text(&self, place: usize) -> Result<&str> {
        self.column(place)?.text(self.at)
    }

    pub(super) fn owned(&self, place: usize) -> Result<String> {
        self.text(place).map(str::to_owned)
    }

    pub(super) fn is_filled(&self, place: usize) -> Result<bool> {
        Ok(!self.text(place)?.is_empty())
    }

    pub(super) fn cents(&self, place: usize) -> Result<i128> {
        Ok(self.column(place)?.scaled(self.at, 2)?.unwrap_or(0))
    }

    pub(super) fn millionths(&self, place: usize) -> Result<Option<i128>> {
        self.column(place)?.scaled(self.at, 6)
    }

    pub(super) fn whole(&self, place: usize) -> Result<Option<i64>> {
        let number = self.column(place)?.scaled(self.at, 0)?;
        Ok(number.and_then(|number| i64::try_from(number).ok()))
    }

    pub(super) fn day(&self, place: usize) -> Result<Option<NaiveDate>> {
        Ok(self.column(place)?.day(self.at)?.and_then(day_from_epoch))
    }

    /// A day that every row has.
    pub(super) fn told_day(&self, place: usize) -> Result<NaiveDate> {
        self.day(place)?.ok_or_else(|| Error::internal("a required day is empty"))
    }

    pub(super) fn truth(&self, place: usize) -> Result<Option<bool>> {
        self.column(place)?.told_truth(self.at)
    }
}

/// Hands over every row of batches with the named columns.
pub(super) fn each(
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
pub(super) struct Reading {
    pub(super) places: HashMap<String, usize>,
    pub(super) found: Vec<Project>,
}

impl Reading {
    pub(super) fn project(
        &mut self,
        row: &Row<'_>,
        place: usize,
    ) -> Result<Option<&mut Project>> {
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
            project.dsr_basis = row.owned(6)?;
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
                is_safety: false,
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
            "gate_treatment",
        ];
        each(classified, &names, |row| {
            let Some(project) = self.project(row, 0)? else { return Ok(()) };
            let Some(line) = project.lines.get_mut(row.text(1)?) else { return Ok(()) };
            line.beneficiary =
                Beneficiary::parse(row.text(4)?).unwrap_or(Beneficiary::Unknown);
            line.confidence_bps = row.whole(7)?.unwrap_or(0);
            line.is_safety |= row.text(10)? == "exempt_safety";
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
}
