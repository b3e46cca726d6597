//! Reading plans, transactions, milestones and papers of the projects asked about.

use std::collections::HashMap;

use crate::error::Result;
use crate::workspace::Snapshot;

use super::read::{Reading, each};
use super::rows::{
    Clearance, Figure, FigureKind, FundTotal, Instalment, Milestone, Observation,
    Payment, Report, Review, Revision,
};

impl Reading {
    pub(super) fn plans(&mut self, snapshot: &Snapshot) -> Result<()> {
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

    pub(super) fn transactions(&mut self, snapshot: &Snapshot) -> Result<()> {
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

    pub(super) fn milestones(&mut self, snapshot: &Snapshot) -> Result<()> {
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
    pub(super) fn papers(&mut self, snapshot: &Snapshot) -> Result<()> {
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

/// Totals of funds.
pub(super) fn funds(snapshot: &Snapshot) -> Result<Vec<FundTotal>> {
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
