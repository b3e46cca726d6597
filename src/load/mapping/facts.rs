//! Single cells that say something about all rows: the project of a budget workbook, the
//! day of a table.

use std::collections::BTreeMap;

use crate::error::{Problem, visible};
use crate::load::sheet::{SheetRow, column_name};

use super::file::Fact;
use super::grid::Grid;
use super::locate::patterns;
use super::pattern::{Pattern, tidy};

/// Finds every fact; parameters stand beside them under their own names.
///
/// # Errors
/// Facts that are not there.
pub fn find(
    facts: &[Fact],
    grids: &[Grid],
    file: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<Problem>> {
    let mut found = parameters.clone();
    let mut faults = Vec::new();
    for fact in facts {
        let sheets = patterns(&fact.sheet.0);
        let text = grids
            .iter()
            .filter(|grid| {
                sheets.is_empty() || sheets.iter().any(|p| p.is_like(&grid.sheet.name))
            })
            .flat_map(|grid| &grid.sheet.rows)
            .find_map(|row| in_row(fact, row));
        match text {
            Some(text) => {
                found.insert(fact.name.clone(), text);
            }
            None => faults.push(missing(fact, file)),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn in_row(fact: &Fact, row: &SheetRow) -> Option<String> {
    if let Some(label) = &fact.beside {
        let label = Pattern::new(label);
        let mut cells = row.cells.iter();
        cells.find(|cell| label.is_like(&cell.text))?;
        return part(fact, &cells.next()?.text);
    }
    if let Some(address) = &fact.cell {
        let cell = row.cells.iter().find(|cell| {
            *address == format!("{}{}", column_name(cell.column), row.row)
        })?;
        return part(fact, &cell.text);
    }
    row.cells.iter().find_map(|cell| part(fact, &cell.text))
}

/// The part of a cell that its pattern marks.
fn part(fact: &Fact, text: &str) -> Option<String> {
    match &fact.like {
        Some(like) => Pattern::new(like).part(text),
        None => Some(tidy(text)),
    }
}

fn missing(fact: &Fact, file: &str) -> Problem {
    let place = match (&fact.beside, &fact.cell, &fact.like) {
        (Some(label), ..) => format!("a cell beside `{}`", visible(label)),
        (None, Some(cell), _) => format!("the cell {}", visible(cell)),
        (None, None, like) => {
            format!("a cell like `{}`", visible(like.as_deref().unwrap_or_default()))
        }
    };
    let what = format!("`{}` is not told: {place} is missing", visible(&fact.name));
    Problem::of_file(file, what, "fill it, or mend the mapping's `fact`")
}
