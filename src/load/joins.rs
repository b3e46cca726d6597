//! Columns that a row must fill, but that another source may tell of it (F4b).

use std::collections::BTreeSet;

use crate::error::Problem;

use super::references::Breach;
use super::rows::{Everything, Told};

/// Rows of projects and recipients of which some needed column is told by no source.
pub(super) fn unfilled<'a>(all: &Everything<'a>, out: &mut Vec<Breach<'a>>) {
    for (table, rows) in all.tables() {
        for column in table.columns.iter().filter(|column| column.shared) {
            let is_empty = |told: &Told<'_>| told.row.cell(table, column.name).is_empty();
            if !rows.iter().any(is_empty) {
                continue;
            }
            let told: BTreeSet<String> = rows
                .iter()
                .filter(|told| !is_empty(told))
                .map(|told| told.row.key(table))
                .collect();
            for row in rows.iter().filter(|row| is_empty(row)) {
                if !told.contains(&row.row.key(table)) {
                    let problem = problem(row, column.name, column.doc);
                    out.push(Breach { told: *row, problem });
                }
            }
        }
    }
}

/// One problem for a file that never fills the column, else one for each row.
fn problem(told: &Told<'_>, column: &str, doc: &str) -> Problem {
    let table = told.rows.table;
    let file = &told.rows.file;
    if told.rows.rows.iter().all(|row| row.cell(table, column).is_empty()) {
        let what = format!("the column `{column}` is missing, and no source tells it");
        return Problem::of_file(file, what, format!("add it: {doc}")).field(column, "");
    }
    let what = format!("`{column}` is empty, and no source tells it");
    let fix = format!("fill it here or in another source: {doc}");
    let place = told.row.column_of(table, column);
    Problem::at(file, told.row.row, place, what, fix).field(column, "")
}
