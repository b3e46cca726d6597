//! Transfers and recipients' own figures, as the contract selects them (Q10 to Q17).

use super::case::{Case, sum};
use super::rows::{Figure, FigureKind, Payment};

/// The rank of a grade: certified, interim, then all others.
fn rank(grade: &str) -> u8 {
    if grade == "certified" {
        3
    } else if grade == "interim" {
        2
    } else {
        1
    }
}

impl<'a> Case<'a> {
    /// Transfers in the project's currency that have happened.
    pub(super) fn paid(&self) -> impl Iterator<Item = &'a Payment> + '_ {
        let project = self.project;
        project
            .payments
            .iter()
            .filter(|row| row.currency == project.currency && self.happened(row.date))
    }

    /// Figures in the project's currency that have happened.
    pub(super) fn told(&self) -> impl Iterator<Item = &'a Figure> + '_ {
        let project = self.project;
        project
            .figures
            .iter()
            .filter(|row| row.currency == project.currency && self.happened(row.date))
    }

    /// Figures that no better one stands for (Q12).
    pub(super) fn figures(&self) -> Vec<&'a Figure> {
        let project = self.project;
        let all: Vec<&Figure> = self.told().collect();
        let better: Vec<&Figure> =
            all.iter().copied().filter(|row| rank(&row.grade) > 1).collect();
        let is_replaced = |row: &Figure| {
            better.iter().any(|other| {
                rank(&other.grade) > rank(&row.grade)
                    && other.kind == row.kind
                    && project.whose(&other.recipient) == project.whose(&row.recipient)
                    && row.date <= other.date
                    && other.start.is_none_or(|start| start <= row.date)
            })
        };
        all.into_iter().filter(|row| !is_replaced(row)).collect()
    }

    /// Net transfers of the tranches that `test` picks.
    pub(super) fn net(&self, test: impl Fn(i64) -> bool) -> Option<i128> {
        let picked = |row: &&Payment| row.tranche.is_some_and(&test);
        sum(self.paid().filter(picked).map(|row| row.amount))
    }
}

/// The sum of a recipient's figures of a kind; nothing where there is none.
pub(super) fn of_recipient(
    case: &Case<'_>,
    figures: &[&Figure],
    kind: FigureKind,
    recipient: Option<&str>,
) -> Option<Option<i128>> {
    let mut found = None;
    for row in figures {
        if row.kind == kind && case.project.whose(&row.recipient) == recipient {
            found = Some(found.unwrap_or(0_i128).checked_add(row.amount)?);
        }
    }
    Some(found)
}
