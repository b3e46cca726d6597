//! Whether a row can be read at all, before any of its cells is.

use crate::error::{Problem, visible};
use crate::load::csv::is_total_word;
use crate::load::sheet::{CellKind, SheetRow, column_name};

use super::bound::Bound;
use super::emit::Emitter;
use super::grid::{first_text, texts};
use super::totals::label_of;

/// What keeps a row from being read at all.
pub fn unfit(
    bound: &Bound<'_, '_>,
    index: usize,
    row: &SheetRow,
    out: &mut Emitter<'_>,
) -> Vec<Problem> {
    let header = &bound.located.header;
    let file = out.place.clone();
    let at = |column: u32, what: String, fix: &str| {
        let place = u64::from(bound.grid.place(index, column));
        Problem::at(&file, row.row, place, what, fix).field(&header.name(column), "")
    };
    let texts = texts(row);
    if header.cells.iter().all(|c| texts.get(&c.column) == Some(&c.name)) {
        let what = "the header stands here again".to_owned();
        return vec![at(1, what, "remove it; join exports without their headers")];
    }
    if is_total_word(&first_text(row)) && !is_kept(bound, row) {
        let what = "this is a total, not a row".to_owned();
        let fix = "declare it as `[[block.total]]` in the mapping, so that it is checked";
        return vec![at(1, what, fix)];
    }
    if let (Some(found), Some(wanted)) = (bound.grid.width(index), header.width)
        && found != wanted
    {
        let what = format!("the row has {found} fields, the header has {wanted}");
        let fix = "is a delimiter missing, or a field with a delimiter not in quotes?";
        return vec![at(1, what, fix)];
    }
    let mut faults = Vec::new();
    for cell in &row.cells {
        let is_used = bound.used.contains(&cell.column);
        let is_named = is_used
            || header.cells.binary_search_by_key(&cell.column, |c| c.column).is_ok();
        if !is_named {
            let name = column_name(cell.column);
            let is_ignored = bound.block.ignored.contains(&format!("column {name}"));
            if !is_ignored {
                let what = format!("text in column {name}, which has no header");
                let fix = "name the column, or add it to `ignored` by its letter";
                faults.push(at(cell.column, what, fix));
            }
            continue;
        }
        if !is_used {
            continue;
        }
        if cell.kind == CellKind::Fault {
            let what =
                format!("`{}` is an error of the spreadsheet", visible(&cell.text));
            faults.push(at(cell.column, what, "mend the formula, or type the value"));
        } else if cell.is_formula && !bound.accepts_formulas {
            let what = "the value is the cached result of a formula".to_owned();
            let fix =
                "paste values, or say `accept_cached_formulas = true` in the mapping";
            faults.push(at(cell.column, what, fix));
        } else if cell.is_formula {
            out.formula(row.row, cell.column);
        }
        faults.extend(
            merged_fault(bound, row.row, cell.column)
                .map(|(what, fix)| at(cell.column, what, fix)),
        );
    }
    faults
}

fn is_kept(bound: &Bound<'_, '_>, row: &SheetRow) -> bool {
    let label = label_of(row, bound.label);
    bound.totals.iter().any(|total| total.total.keep && total.is_row(&label))
}

/// Merged cells hide which row or column a value belongs to. Only a column that is
/// filled down may be merged downwards: its text is then the text of every row.
fn merged_fault(
    bound: &Bound<'_, '_>,
    row: u64,
    column: u32,
) -> Option<(String, &'static str)> {
    let merged = bound.grid.merged(row, column)?;
    let is_down = merged.first.1 == merged.last.1 && bound.fill_down.contains(&column);
    if is_down {
        return None;
    }
    let what = format!(
        "the cell is merged ({}{}:{}{})",
        column_name(merged.first.1),
        merged.first.0,
        column_name(merged.last.1),
        merged.last.0
    );
    Some((what, "unmerge the cells of the table, or name the column in `fill_down`"))
}
