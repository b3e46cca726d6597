//! The rows of a block become canonical rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Problem, visible};
use crate::load::Exact;
use crate::load::csv::is_total_word;
use crate::load::sheet::{CellKind, SheetCell, SheetRow, column_name};

use super::bind::{Binder, BoundFilter, BoundTarget};
use super::emit::Emitter;
use super::file::{BlankRows, Block, MappingFile};
use super::fill::Place;
use super::grid::{Grid, first_text, texts};
use super::locate::{Located, locate, patterns};
use super::number::NumberFormat;
use super::pattern::{Pattern, tidy};
use super::totals::{BoundSum, BoundTotal, Ledger, label_of};

/// A block on a sheet with everything resolved.
struct Bound<'a, 'm> {
    block: &'m Block,
    accepts_formulas: bool,
    grid: &'a Grid,
    located: &'a Located,
    facts: &'a BTreeMap<String, String>,
    used: BTreeSet<u32>,
    label: Option<u32>,
    fill_down: Vec<u32>,
    sections: Vec<(&'m str, u32, Vec<Pattern>)>,
    skip: Vec<BoundFilter>,
    totals: Vec<BoundTotal<'m>>,
    sums: Vec<BoundSum<'m>>,
    /// Columns of agreements, by the agreement's place and side.
    agreements: Vec<((usize, bool), Vec<u32>)>,
    into: Vec<BoundTarget<'m>>,
    number: NumberFormat,
}

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
            out.reading.faults.push(problem);
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

fn bind<'a, 'm>(
    file: &'m MappingFile,
    block: &'m Block,
    grid: &'a Grid,
    located: &'a Located,
    facts: &'a BTreeMap<String, String>,
    out: &mut Emitter<'_>,
) -> Option<Bound<'a, 'm>> {
    let header = &located.header;
    let (used, faults) = (BTreeSet::new(), Vec::new());
    let name = out.place.as_str();
    let mut binder = Binder { file, block, header, facts, name, used, faults };
    let label = block.label.as_ref().and_then(|name| binder.one(name));
    let fill_down = block.fill_down.iter().filter_map(|c| binder.one(c)).collect();
    let sections = block
        .sections
        .iter()
        .filter_map(|s| {
            Some((s.name.as_str(), binder.one(&s.column)?, patterns(&s.is.0)))
        })
        .collect();
    let skip = binder.filters(&block.skip);
    let mut totals = Vec::new();
    for total in &block.totals {
        let columns = binder.many(&total.columns, false);
        let columns = columns.into_iter().map(|(column, _)| column).collect();
        totals.push(BoundTotal::new(total, columns));
    }
    let mut sums = Vec::new();
    for sum in &block.sums {
        let Some(column) = binder.one(&sum.column) else { continue };
        let mut plain = |names| -> Vec<u32> {
            binder.many(names, false).into_iter().map(|(column, _)| column).collect()
        };
        let (of, minus) = (plain(&sum.of), plain(&sum.minus));
        sums.push(BoundSum { sum, column, of, minus });
    }
    let mut agreements = Vec::new();
    for (index, agreement) in file.agreements.iter().enumerate() {
        for (side, name, columns) in [
            (false, &agreement.block, &agreement.columns),
            (true, &agreement.with, &agreement.with_columns),
        ] {
            if *name == block.name {
                let found = binder.many(columns, false);
                let found = found.into_iter().map(|(column, _)| column).collect();
                agreements.push(((index, side), found));
            }
        }
    }
    let into = binder.targets();
    binder.refuse_unknown();
    let number = binder.number();
    let Binder { used, mut faults, .. } = binder;
    let is_sound = faults.is_empty();
    out.reading.faults.append(&mut faults);
    is_sound.then_some(Bound {
        block,
        accepts_formulas: file.accept_cached_formulas,
        grid,
        located,
        facts,
        used,
        label,
        fill_down,
        sections,
        skip,
        totals,
        sums,
        agreements,
        into,
        number,
    })
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

/// What keeps a row from being read at all.
fn unfit(
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
        let is_named = header.cells.iter().any(|named| named.column == cell.column);
        if !is_named && !bound.used.contains(&cell.column) {
            let name = column_name(cell.column);
            let is_ignored = bound.block.ignored.contains(&format!("column {name}"));
            if !is_ignored {
                let what = format!("text in column {name}, which has no header");
                let fix = "name the column, or add it to `ignored` by its letter";
                faults.push(at(cell.column, what, fix));
            }
            continue;
        }
        if !bound.used.contains(&cell.column) {
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
                Err(problem) => out.reject(problem),
            }
        }
    }
}
