//! What a spreadsheet's kind of cell says about its value, before the grammar reads it.

use crate::load::sheet::{CellKind, SheetCell, exceeds_double};
use crate::tables::Column;
use crate::tables::schema::Kind;

/// Why a cell cannot be taken although its text might read well: what, and the fix.
pub(super) fn fault(cell: &SheetCell, column: &Column) -> Option<(String, &'static str)> {
    let text = &cell.text;
    let name = column.name;
    let is_id = matches!(column.kind, Kind::Id | Kind::ProjectId);
    let is_day = matches!(column.kind, Kind::Day(_));
    let told = match cell.kind {
        CellKind::Fault => (
            format!("`{}` is an error of the spreadsheet", crate::error::visible(text)),
            "mend the cell that it comes from",
        ),
        _ if cell.is_formula => (
            format!("`{name}` is computed by a formula"),
            "paste the values in its place, or load with a mapping that accepts formulas",
        ),
        CellKind::Instant if is_day => {
            (format!("`{text}` has a time of day"), "give the day alone")
        }
        CellKind::Number if is_day => (
            format!("the number `{text}` is not a date"),
            "format the column as a date, or write `YYYY-MM-DD`",
        ),
        CellKind::Day | CellKind::Instant if is_id => (
            format!("the cell is a date (`{text}`), and `{name}` is an id"),
            "format the column as text and write the id again",
        ),
        CellKind::Number if is_id && text.contains('.') => (
            format!("the id is the number `{text}`, and may have been `{text}0`"),
            "format the column as text and write the id again",
        ),
        CellKind::Number if exceeds_double(text) => (
            format!("`{text}` has more than 15 digits, which a spreadsheet cannot hold"),
            "format the cell as text and write it again",
        ),
        _ => return None,
    };
    Some(told)
}

/// Whether a number is written as text in a column of numbers.
pub(super) fn is_number_as_text(cell: &SheetCell, column: &Column) -> bool {
    let of_numbers = matches!(
        column.kind,
        Kind::Money(_) | Kind::Bps | Kind::Whole(_) | Kind::Decimal
    );
    of_numbers && cell.kind == CellKind::Text && !cell.text.trim().is_empty()
}

/// Whether a text may have lost zeros at its end by being a number (`1.10`).
pub(super) fn is_text_as_number(cell: &SheetCell, column: &Column) -> bool {
    column.kind == Kind::Text && cell.kind == CellKind::Number && cell.text.contains('.')
}
