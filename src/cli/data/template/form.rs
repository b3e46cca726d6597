//! A form: a workbook with one row for each fact that is missing.

use crate::error::Result;

use super::book;
use super::known::{Known, Prefilled};

/// One row that a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Form {
    /// Its table.
    pub(in crate::cli) table: &'static str,
    /// The cells that are filled; only columns that a template fills.
    pub(in crate::cli) cells: Prefilled,
    /// Why it is asked for.
    pub(in crate::cli) why: String,
}

/// The workbook: rows to fill, and remarks on what a form cannot ask for. The lists of
/// its drop-downs hold what the rows name. The same rows give the same bytes.
///
/// # Errors
/// The workbook cannot be made.
pub(in crate::cli) fn bytes(rows: Vec<Form>, remarks: Vec<String>) -> Result<Vec<u8>> {
    let named = |table: &str, column: &str| {
        let own = rows.iter().filter(|row| row.table == table || table.is_empty());
        let cells = own.flat_map(|row| &row.cells).filter(|(name, _)| *name == column);
        let mut texts: Vec<String> = cells.map(|(_, text)| text.clone()).collect();
        texts.sort();
        texts.dedup();
        texts
    };
    let mut known = Known::default();
    known.recipients = named("", "recipient");
    known.milestones = named("observations", "milestone_id");
    known.units = named("clearances", "unit");
    known.form = Some(rows);
    known.remarks = remarks;
    book::bytes(&known)
}
