//! What our own templates look like, for who writes them and for who reads them back.

use crate::error::Problem;

use super::super::Workbook;

/// Sheets that our own templates write beside the tables: for people, and for the lists
/// of the drop-downs.
pub const OURS: [&str; 2] = ["read me", "lists"];

/// What the first cell of the first of [`OURS`] says.
pub const TITLE: &str = "ssrfund template";

/// Tables of facts that have no source system, each with the columns that a template
/// fills beforehand. A row of a template in which nothing else stands is not told.
pub const TABLES: [(&str, &[&str]); 7] = [
    ("milestones", &["project_id", "tranche"]),
    ("observations", &["milestone_id"]),
    ("reports", &["project_id"]),
    ("reviews", &["project_id", "scope"]),
    ("clearances", &["project_id", "unit"]),
    ("signatures", &["project_id", "tranche", "role"]),
    ("requests", &["project_id", "tranche", "recipient"]),
];

/// A table that only a form for missing facts holds: figures that a recipient reports.
pub const FIGURES: (&str, &[&str]) = (
    "transactions",
    &["transaction_id", "project_id", "kind", "currency", "recipient", "grade"],
);

/// The columns that a template fills beforehand.
#[must_use]
pub fn prefilled(table: &str) -> &'static [&'static str] {
    let mut all = TABLES.iter().chain(std::iter::once(&FIGURES));
    all.find(|(name, _)| *name == table).map_or(&[], |(_, columns)| *columns)
}

/// Whether the workbook is a template of ours, filled or not.
pub(super) fn is_one(book: &mut Workbook<'_>) -> Result<bool, Vec<Problem>> {
    let own = OURS.first().copied().unwrap_or_default();
    let Some(place) = book.names().iter().position(|name| name == own) else {
        return Ok(false);
    };
    let sheet = book.sheet(place)?;
    let first = sheet.rows.first().and_then(|row| row.cell(1));
    Ok(first.is_some_and(|cell| cell.text == TITLE))
}
