//! The rows of a block become canonical rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Problem;
use crate::load::Exact;
use crate::load::sheet::{SheetCell, SheetRow};

use super::bind::{BoundFilter, BoundTarget};
use super::bound::{Bound, bind};
use super::emit::Emitter;
use super::file::{BlankRows, Block, MappingFile};
use super::fill::Place;
use super::fit::unfit;
use super::grid::Grid;
use super::locate::locate;
use super::number::NumberFormat;
use super::pattern::tidy;
use super::totals::{Ledger, label_of};

/// What is remembered from row to row.
#[derive(Default)]
struct Memory {
    above: BTreeMap<u32, SheetCell>,
    sections: BTreeMap<String, String>,
}

/// Finds a block on a sheet, checks it, and gives its rows to the emitter.
pub fn apply(
    file: &MappingFile,
    block: &Block,
    grid: &Grid,
    facts: &BTreeMap<String, String>,
    out: &mut Emitter<'_>,
) {
    out.place =
        if grid.is_csv() { out.file.to_owned() } else { grid.sheet.place(out.file) };
    let file_place = out.place.clone();
    let located = match locate(block, grid, &file_place) {
        Ok(located) => located,
        Err(problem) => {
            out.reading.faults.push(*problem);
            return;
        }
    };
    let Some(bound) = bind(file, block, grid, &located, facts, out) else { return };
    let header = &located.header;
    let mut ledger =
        Ledger::new(&file_place, &block.name, header, bound.label, &bound.number);
    let mut memory = Memory::default();
    for index in located.rows.clone() {
        if let Some(row) = grid.row(index) {
            take_row(&bound, index, row, &mut memory, &mut ledger, out);
        }
    }
    ledger.refuse_missing(&bound.totals);
    out.reading.faults.append(&mut ledger.faults);
}

fn take_row(
    bound: &Bound<'_, '_>,
    index: usize,
    row: &SheetRow,
    memory: &mut Memory,
    ledger: &mut Ledger<'_>,
    out: &mut Emitter<'_>,
) {
    if index > bound.located.rows.start
        && bound.block.blank_rows == BlankRows::Refuse
        && bound.grid.is_blank_before(index)
    {
        let what = format!("block `{}`: an empty row above this one", bound.block.name);
        let fix = "remove it, or say `blank_rows = \"skip\"` in the mapping";
        let problem = Problem::at(&out.place, row.row, 0, what, fix);
        out.reject(problem);
    }
    if is_section(bound, row, memory) {
        return;
    }
    let text = |column: u32| row.cell(column).map(|c| tidy(&c.text)).unwrap_or_default();
    if bound.skip.iter().any(|filter| filter.passes(&text(filter.column))) {
        out.skipped(&bound.block.name, row.row);
        return;
    }
    let columns: BTreeSet<u32> =
        bound.totals.iter().flat_map(|total| total.columns.iter().copied()).collect();
    let columns: Vec<u32> = columns.into_iter().collect();
    for sum in &bound.sums {
        ledger.check_sum(row, sum);
    }
    let label = label_of(row, bound.label);
    if let Some(total) = bound.totals.iter().find(|total| total.is_row(&label)) {
        ledger.check(row, total, &columns);
        out.totals = out.totals.saturating_add(1);
        if !total.total.keep {
            return;
        }
    } else if !columns.is_empty() {
        ledger.add(row, &columns);
    }
    let faults = unfit(bound, index, row, out);
    if !faults.is_empty() {
        for fault in faults {
            out.reject(fault);
        }
        return;
    }
    emit(bound, index, row, memory, out);
    agree(bound, row, ledger, out);
}

/// Takes a heading of what follows; headings of a lower level end with it.
fn is_section(bound: &Bound<'_, '_>, row: &SheetRow, memory: &mut Memory) -> bool {
    for (at, (name, column, patterns)) in bound.sections.iter().enumerate() {
        let Some(cell) = row.cell(*column) else { continue };
        let part = patterns.iter().find_map(|pattern| pattern.part(&cell.text));
        let Some(part) = part else { continue };
        for (lower, ..) in bound.sections.iter().skip(at) {
            memory.sections.remove(*lower);
        }
        memory.sections.insert((*name).to_owned(), part);
        memory.above.clear();
        return true;
    }
    false
}

fn emit(
    bound: &Bound<'_, '_>,
    index: usize,
    row: &SheetRow,
    memory: &mut Memory,
    out: &mut Emitter<'_>,
) {
    for column in &bound.fill_down {
        if let Some(cell) = row.cell(*column) {
            memory.above.insert(*column, cell.clone());
        }
    }
    let mut told = bound.into.is_empty();
    // Per table: whether a condition left the row out, and whether another took it.
    let mut tables: BTreeMap<&'static str, (bool, bool)> = BTreeMap::new();
    for into in &bound.into {
        let table = tables.entry(into.table.name).or_default();
        let mut place = Place {
            row,
            filled: &memory.above,
            sections: &memory.sections,
            facts: bound.facts,
            sheet: &bound.grid.sheet.name,
            across: None,
        };
        if let Some(empty) = left_out(into, &place) {
            table.0 |= !empty;
            continue;
        }
        table.1 = true;
        let Some(across) = &into.across else {
            told |= out.emit(into, &place, bound.grid, index);
            continue;
        };
        for (column, heading) in across {
            let Some(cell) = place.cell(*column) else { continue };
            let number = NumberFormat { unit: None, ..bound.number.clone() };
            if number.means_nothing(&cell.text) {
                continue;
            }
            let is_zero = into.skip_zero
                && number
                    .plain(&cell.text, cell.kind)
                    .ok()
                    .flatten()
                    .and_then(|plain| Exact::parse(&plain))
                    .is_some_and(Exact::is_zero);
            told = true;
            if !is_zero {
                place.across = Some((*column, heading));
                out.emit(into, &place, bound.grid, index);
            }
        }
    }
    for (table, _) in tables.iter().filter(|(_, (left, taken))| *left && !*taken) {
        out.left_out(&bound.block.name, table);
        told = true;
    }
    if !told {
        out.silent(&bound.block.name, row.row);
    }
}

/// Whether conditions leave a row out, and if so whether only for want of any text.
fn left_out(into: &BoundTarget<'_>, place: &Place<'_>) -> Option<bool> {
    let text = |filter: &BoundFilter| {
        place.cell(filter.column).map(|cell| tidy(&cell.text)).unwrap_or_default()
    };
    let failing: Vec<String> = into
        .only
        .iter()
        .filter_map(|filter| {
            let text = text(filter);
            (!filter.passes(&text)).then_some(text)
        })
        .collect();
    (!failing.is_empty()).then(|| failing.iter().all(String::is_empty))
}

/// Adds a row to the sums that must agree between blocks.
fn agree(
    bound: &Bound<'_, '_>,
    row: &SheetRow,
    ledger: &mut Ledger<'_>,
    out: &mut Emitter<'_>,
) {
    for (side, columns) in &bound.agreements {
        for column in columns {
            match ledger.value(row, *column) {
                Ok(Some(value)) => out.add(*side, value),
                Ok(None) => out.add(*side, Exact::default()),
                Err(problem) => out.reject(*problem),
            }
        }
    }
}
