//! Canonical workbooks: sheets that are named after tables, read by the strict grammar.

use crate::error::{Problem, did_you_mean, visible};
use crate::load::reading::Reading;
use crate::load::sheet::Sheet;
use crate::tables::schema::{TABLES, Table, table};
use crate::tables::{TableRows, cell};

use super::{Limits, Workbook};

mod judge;
mod rows;
pub mod template;

use rows::Rows;
use template::OURS;

/// What the caller allows and knows.
#[derive(Debug, Clone, Copy)]
pub struct XlsxOptions<'a> {
    /// What cells may be.
    pub leave: cell::Leave,
    /// Whether a sheet with a header alone is a table without rows.
    pub allow_empty: bool,
    /// The table, where the sheet's name does not say so.
    pub table: Option<&'static Table>,
    /// The one sheet that is read.
    pub sheet: Option<&'a str>,
}

/// Reads the sheets of a workbook as rows of their tables.
#[must_use]
pub fn read(bytes: &[u8], file: &str, options: &XlsxOptions<'_>) -> Reading {
    let mut reading = Reading::default();
    if let Err(faults) = read_into(&mut reading, bytes, file, options) {
        reading.faults.extend(faults);
    }
    reading
}

fn read_into(
    reading: &mut Reading,
    bytes: &[u8],
    file: &str,
    options: &XlsxOptions<'_>,
) -> Result<(), Vec<Problem>> {
    let mut book = Workbook::open(bytes, file, &Limits::STANDARD)?;
    reading.warnings.append(&mut book.warnings);
    let chosen = choose(&mut book, file, options, &mut reading.warnings)?;
    let is_template = template::is_one(&mut book)?;
    let mut empty = Vec::new();
    for (sheet, table) in &chosen {
        reading.warnings.extend(sheet.notices(file));
        let rows = TableRows::new(table, &sheet.place(file));
        match Rows::below_header(sheet, rows, reading)? {
            Some(mut reader) => {
                if is_template {
                    reader.pass_over_prefilled();
                }
                if reader.take_all(reading, options.leave) || options.allow_empty {
                    reading.tables.push(reader.rows);
                } else {
                    empty.push(sheet.name.clone());
                }
            }
            None if options.allow_empty => {}
            None => empty.push(sheet.name.clone()),
        }
    }
    note_empty(reading, file, &empty, chosen.len() == empty.len() && !is_template);
    Ok(())
}

/// Sheets without rows tell nothing of their tables; a workbook without rows is at fault
/// unless it is a template that nobody has filled.
fn note_empty(reading: &mut Reading, file: &str, empty: &[String], is_fault: bool) {
    if is_fault {
        let what = "the workbook has no rows";
        let fix = "give rows, or allow it with `--allow-empty`";
        reading.faults.push(Problem::of_file(file, what, fix));
    } else if !empty.is_empty() {
        let what = format!("passed over, having no rows: {}", listed(empty));
        let fix = "`--allow-empty` loads them as tables without rows";
        reading.warnings.push(Problem::of_file(file, what, fix));
    }
}

type Chosen = Vec<(Sheet, &'static Table)>;

/// The sheets that are read, each with its table.
fn choose(
    book: &mut Workbook<'_>,
    file: &str,
    options: &XlsxOptions<'_>,
    warnings: &mut Vec<Problem>,
) -> Result<Chosen, Vec<Problem>> {
    if let Some(name) = options.sheet {
        return named(book, file, name, options.table);
    }
    let names = book.names().to_vec();
    let of_table = |name: &String| table_named(name);
    if options.table.is_none() && names.iter().any(|name| of_table(name).is_some()) {
        let mut chosen: Chosen = Vec::new();
        let mut passed = Vec::new();
        for (index, name) in names.iter().enumerate() {
            match of_table(name) {
                Some(table) => chosen.push((book.sheet(index)?, table)),
                None if OURS.contains(&name.as_str()) => {}
                None => passed.push(name.clone()),
            }
        }
        twice(file, &chosen)?;
        if !passed.is_empty() {
            let what = format!("passed over, being no tables: {}", listed(&passed));
            let fix = "name a sheet after its table to load it";
            warnings.push(Problem::of_file(file, what, fix));
        }
        return Ok(chosen);
    }
    only(book, file, options.table)
}

/// The sheet that the caller names.
fn named(
    book: &mut Workbook<'_>,
    file: &str,
    name: &str,
    given: Option<&'static Table>,
) -> Result<Chosen, Vec<Problem>> {
    let names = book.names().to_vec();
    let Some(index) = names.iter().position(|known| known == name) else {
        let what = format!("there is no sheet `{}`", visible(name));
        let all = format!("the sheets are {}", listed(&names));
        let fix = did_you_mean(name, names.iter().map(String::as_str), &all);
        return Err(vec![Problem::of_file(file, what, fix)]);
    };
    let Some(table) = given.or_else(|| table_named(name)).or_else(|| of_stem(file))
    else {
        let what = format!("the sheet `{}` is named after no table", visible(name));
        let fix = "say which table it holds with `--table NAME`";
        return Err(vec![Problem::of_file(file, what, fix)]);
    };
    Ok(vec![(book.sheet(index)?, table)])
}

/// The one sheet that holds something, where no sheet is named after a table.
fn only(
    book: &mut Workbook<'_>,
    file: &str,
    given: Option<&'static Table>,
) -> Result<Chosen, Vec<Problem>> {
    let names = book.names().to_vec();
    let mut full = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if OURS.contains(&name.as_str()) {
            continue;
        }
        let sheet = book.sheet(index)?;
        if !sheet.rows.is_empty() {
            full.push(sheet);
        }
    }
    let count = full.len();
    let all: Vec<String> = full.iter().map(|sheet| sheet.name.clone()).collect();
    let mut full = full.into_iter();
    match (full.next(), count) {
        (None, _) => {
            let what = "the workbook is empty";
            let fix = "give the workbook as it was saved; an empty one says nothing";
            Err(vec![Problem::of_file(file, what, fix)])
        }
        (Some(sheet), 1) => match given.or_else(|| of_stem(file)) {
            Some(table) => Ok(vec![(sheet, table)]),
            None => {
                let name = visible(&sheet.name);
                let what = format!("its sheet `{name}` is named after no table");
                let names = TABLES.iter().map(|table| table.name);
                let otherwise = "name it after its table, or say `--table NAME`";
                let fix = did_you_mean(&sheet.name.to_lowercase(), names, otherwise);
                Err(vec![Problem::of_file(file, what, fix)])
            }
        },
        (Some(_), _) => {
            let what = format!("the workbook has {count} sheets: {}", listed(&all));
            let fix = "name one with `--sheet NAME`, or name each after its table";
            Err(vec![Problem::of_file(file, what, fix)])
        }
    }
}

/// The table that a sheet's name means; case, spaces and hyphens are overlooked.
fn table_named(name: &str) -> Option<&'static Table> {
    table(&name.trim().to_lowercase().replace([' ', '-'], "_"))
}

/// The table that the file's own name means.
fn of_stem(file: &str) -> Option<&'static Table> {
    table(file.rsplit_once('.').map_or(file, |(stem, _)| stem))
}

/// Two sheets of one table in a workbook: one of them is likely an old copy.
fn twice(file: &str, chosen: &Chosen) -> Result<(), Vec<Problem>> {
    for (index, (sheet, table)) in chosen.iter().enumerate() {
        let before =
            chosen.iter().take(index).find(|(_, other)| other.name == table.name);
        if let Some((first, _)) = before {
            let (first, name) = (visible(&first.name), visible(&sheet.name));
            let what =
                format!("the sheets `{first}` and `{name}` are both `{}`", table.name);
            let fix = "keep one, or name one with `--sheet NAME`";
            return Err(vec![Problem::of_file(file, what, fix)]);
        }
    }
    Ok(())
}

/// Names in backticks, the first ten of them.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| format!("`{}`", visible(name))).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(", "))
}
