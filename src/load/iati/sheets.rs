//! The tables that an IATI file fills, and how a row gets there with exact places.

use std::ops::Range;

use super::facts::{Field, Objection};
use super::place::Place;
use super::xml::Fault;
use crate::error::Problem;
use crate::load::reading::{Reading, Reject};
use crate::tables::cell::Leave;
use crate::tables::{Row, TableRows, schema};

/// What every row is taken with.
pub(super) struct Intake<'r> {
    /// Rejects and sums.
    pub(super) reading: &'r mut Reading,
    /// What the caller allows.
    pub(super) leave: Leave,
    /// The file's text, to find the place of a fault.
    pub(super) text: &'r [u8],
}

/// No table has more columns.
const MOST_COLUMNS: usize = 32;

/// The rows of one table.
pub(super) struct Sheet {
    /// The rows.
    pub(super) rows: TableRows,
}

impl Sheet {
    fn new(name: &str, file: &str) -> Result<Self, Fault> {
        match schema::table(name) {
            Some(table) => Ok(Self { rows: TableRows::new(table, file) }),
            None => {
                let what = format!("there is no table `{name}`");
                Err(Box::new(Problem::of_file(file, what, "report this as a defect")))
            }
        }
    }

    /// Takes a row whose fields stand in the order of the table's columns. False where
    /// it was rejected; then each reject names the very element at fault.
    pub(super) fn take(
        &mut self,
        intake: &mut Intake<'_>,
        place: Place,
        fields: &[&Field<'_>],
    ) -> bool {
        let mut raw = [None; MOST_COLUMNS];
        for (place_of, field) in raw.iter_mut().zip(fields) {
            if !field.is_empty() {
                *place_of = Some((&*field.text, place.column));
            }
        }
        let (rejects, rows) = (intake.reading.rejects.len(), self.rows.rows.len());
        intake.reading.take_fields(&mut self.rows, place.line, &raw, intake.leave);
        for reject in intake.reading.rejects.iter_mut().skip(rejects) {
            let problem = &mut reject.problem;
            let index = self.rows.table.index(&problem.field);
            let at =
                index.and_then(|index| fields.get(index)).map_or(0, |field| field.at);
            let found = if at > 0 { place.forward(intake.text, at) } else { place };
            (problem.row, problem.column) = (found.line, u64::from(found.column));
        }
        self.rows.rows.len() > rows
    }

    /// Rejects a row for what its cells do not show; takes it back where it was taken.
    pub(super) fn object(
        &mut self,
        intake: &mut Intake<'_>,
        was_taken: bool,
        project_id: &str,
        objections: &[Objection],
    ) -> bool {
        if was_taken && !objections.is_empty() {
            self.rows.rows.pop();
        }
        for objection in objections {
            let reject = self.reject(project_id, objection);
            intake.reading.rejects.push(reject);
        }
        was_taken && objections.is_empty()
    }

    /// A reject of this table.
    pub(super) fn reject(&self, project_id: &str, objection: &Objection) -> Reject {
        let place = objection.place;
        let column = u64::from(place.column);
        Reject {
            table: self.rows.table.name.to_owned(),
            project_id: (!project_id.is_empty()).then(|| project_id.to_owned()),
            problem: Problem::at(
                &self.rows.file,
                place.line,
                column,
                &*objection.what,
                objection.fix,
            ),
        }
    }

    /// The rows of a stretch.
    pub(super) fn stretch(&self, range: Range<usize>) -> &[Row] {
        self.rows.rows.get(range).unwrap_or(&[])
    }
}

/// How many tables an IATI file fills.
pub(super) const TABLES: usize = 8;

/// Rows per table, in the order of [`Sheets::all`].
pub(super) type Lengths = [usize; TABLES];

/// All tables that an IATI file fills.
pub(super) struct Sheets {
    pub(super) projects: Sheet,
    pub(super) recipients: Sheet,
    pub(super) budget_lines: Sheet,
    pub(super) transactions: Sheet,
    pub(super) sectors: Sheet,
    pub(super) milestones: Sheet,
    pub(super) observations: Sheet,
    pub(super) project_countries: Sheet,
}

impl Sheets {
    /// Returns empty tables.
    pub(super) fn new(file: &str) -> Result<Self, Fault> {
        Ok(Self {
            projects: Sheet::new("projects", file)?,
            recipients: Sheet::new("recipients", file)?,
            budget_lines: Sheet::new("budget_lines", file)?,
            transactions: Sheet::new("transactions", file)?,
            sectors: Sheet::new("sectors", file)?,
            milestones: Sheet::new("milestones", file)?,
            observations: Sheet::new("observations", file)?,
            project_countries: Sheet::new("project_countries", file)?,
        })
    }

    /// The tables in the order of the schema.
    pub(super) fn all(&self) -> [&Sheet; TABLES] {
        [
            &self.projects,
            &self.recipients,
            &self.budget_lines,
            &self.transactions,
            &self.sectors,
            &self.milestones,
            &self.observations,
            &self.project_countries,
        ]
    }

    /// Rows per table.
    pub(super) fn lengths(&self) -> Lengths {
        self.all().map(|sheet| sheet.rows.rows.len())
    }

    /// Takes back all rows after the given lengths.
    pub(super) fn truncate(&mut self, lengths: Lengths) {
        let sheets = [
            &mut self.projects,
            &mut self.recipients,
            &mut self.budget_lines,
            &mut self.transactions,
            &mut self.sectors,
            &mut self.milestones,
            &mut self.observations,
            &mut self.project_countries,
        ];
        for (sheet, length) in sheets.into_iter().zip(lengths) {
            sheet.rows.rows.truncate(length);
        }
    }

    /// Adds the rows of what follows in the file.
    pub(super) fn append(&mut self, later: Self) {
        let own = [
            &mut self.projects,
            &mut self.recipients,
            &mut self.budget_lines,
            &mut self.transactions,
            &mut self.sectors,
            &mut self.milestones,
            &mut self.observations,
            &mut self.project_countries,
        ];
        let later = [
            later.projects,
            later.recipients,
            later.budget_lines,
            later.transactions,
            later.sectors,
            later.milestones,
            later.observations,
            later.project_countries,
        ];
        for (own, mut later) in own.into_iter().zip(later) {
            own.rows.rows.append(&mut later.rows.rows);
        }
    }

    /// The projects, and each other table that has rows.
    pub(super) fn into_tables(self) -> Vec<TableRows> {
        let mut tables = vec![self.projects.rows];
        let others = [
            self.recipients,
            self.budget_lines,
            self.transactions,
            self.sectors,
            self.milestones,
            self.observations,
            self.project_countries,
        ];
        let others = others.into_iter().map(|sheet| sheet.rows);
        tables.extend(others.filter(|rows| !rows.rows.is_empty()));
        tables
    }
}
