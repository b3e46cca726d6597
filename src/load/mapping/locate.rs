//! Where a block stands on a sheet: its header and its rows, found by their texts.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::error::{Problem, did_you_mean, visible};
use crate::load::sheet::column_name;

use super::file::{BlankRows, Block};
use super::grid::{Grid, first_text, texts};
use super::pattern::{Pattern, fold};

/// One column of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderCell {
    /// Its column, from 1.
    pub column: u32,
    /// Its text.
    pub name: String,
    /// Its text as names are compared.
    pub folded: String,
}

/// The header of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Its last line or Excel row.
    pub row: u64,
    /// Its columns that have a text.
    pub cells: Vec<HeaderCell>,
    /// How many fields its line has, of a CSV file.
    pub width: Option<usize>,
}

/// A block on a sheet.
#[derive(Debug, Clone)]
pub struct Located {
    /// Its header.
    pub header: Header,
    /// The indexes of its rows.
    pub rows: Range<usize>,
}

impl Header {
    /// The name of a column in messages.
    #[must_use]
    pub fn name(&self, column: u32) -> String {
        self.cells
            .iter()
            .find(|cell| cell.column == column)
            .map_or_else(|| format!("column {}", column_name(column)), |c| c.name.clone())
    }
}

/// Finds a block.
///
/// # Errors
/// Its beginning or its header is not there.
pub fn locate(block: &Block, grid: &Grid, file: &str) -> Result<Located, Box<Problem>> {
    let mut at = 0;
    if !block.starts_after.is_empty() {
        at = start(block, grid, file)?.saturating_add(1);
    }
    at = header_row(block, grid, file, at)?;
    let lines = usize::from(block.header_rows.unwrap_or(1)).max(1);
    let end_of_header = at.saturating_add(lines);
    let header = join(grid, at..end_of_header);
    let ends = patterns(&block.ends_before.0);
    let count = grid.sheet.rows.len();
    let until = (end_of_header..count)
        .find(|index| {
            let blank = block.blank_rows == BlankRows::End
                && *index > end_of_header
                && grid.is_blank_before(*index);
            let first = grid.row(*index).map(first_text).unwrap_or_default();
            blank || ends.iter().any(|pattern| pattern.is_like(&first))
        })
        .unwrap_or(count);
    Ok(Located { header, rows: end_of_header.min(until)..until })
}

/// Reads patterns.
#[must_use]
pub fn patterns(texts: &[String]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(text)).collect()
}

fn start(block: &Block, grid: &Grid, file: &str) -> Result<usize, Box<Problem>> {
    let wanted = patterns(&block.starts_after.0);
    let firsts: Vec<String> = grid.sheet.rows.iter().map(first_text).collect();
    let is_start = |first: &String| wanted.iter().any(|pattern| pattern.is_like(first));
    firsts.iter().position(is_start).ok_or_else(|| {
        let named = block.starts_after.0.first().map_or("", String::as_str);
        let what = format!(
            "block `{}`: no row of sheet `{}` begins like `{}`",
            block.name,
            visible(&grid.sheet.name),
            visible(named)
        );
        let otherwise = "look at the layout, and mend `starts_after`";
        let known = firsts.iter().filter(|first| first.len() < 200).map(String::as_str);
        Box::new(Problem::of_file(file, what, did_you_mean(named, known, otherwise)))
    })
}

/// The first row that has every text of the header.
fn header_row(
    block: &Block,
    grid: &Grid,
    file: &str,
    from: usize,
) -> Result<usize, Box<Problem>> {
    let wanted = patterns(&block.header.0);
    let mut nearest: (usize, u64, Vec<&String>) = (0, 0, Vec::new());
    for (index, row) in grid.sheet.rows.iter().enumerate().skip(from) {
        let texts = texts(row);
        let missing: Vec<&String> = wanted
            .iter()
            .zip(&block.header.0)
            .filter(|(pattern, _)| !texts.values().any(|text| pattern.is_like(text)))
            .map(|(_, text)| text)
            .collect();
        if missing.is_empty() {
            return Ok(index);
        }
        let found = wanted.len().saturating_sub(missing.len());
        if found > nearest.0 {
            nearest = (found, row.row, missing);
        }
    }
    let list = |names: &[&String]| {
        let quoted: Vec<String> =
            names.iter().map(|name| format!("`{}`", visible(name))).collect();
        quoted.join(", ")
    };
    let all: Vec<&String> = block.header.0.iter().collect();
    let what = format!("block `{}`: no row has the header {}", block.name, list(&all));
    if nearest.0 > 0 {
        let fix = format!("this row lacks {}; mend `header`", list(&nearest.2));
        return Err(Box::new(Problem::at(file, nearest.1, 0, what, fix)));
    }
    let fix = "is it another layout, or another `delimiter`? `ssrfund load --suggest` \
               shows what the file looks like";
    Err(Box::new(Problem::of_file(file, what, fix)))
}

/// Joins the rows of a header; in all but the last a text also stands for the empty
/// cells to its right.
fn join(grid: &Grid, lines: Range<usize>) -> Header {
    let mut names: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let last = lines.end.saturating_sub(1);
    let most = lines
        .clone()
        .filter_map(|index| grid.row(index)?.cells.last().map(|cell| cell.column))
        .max()
        .unwrap_or(0);
    for index in lines {
        let Some(row) = grid.row(index) else { continue };
        let texts = texts(row);
        let mut carried: Option<&String> = None;
        for column in 1..=most {
            let own = texts.get(&column);
            if index != last {
                carried = own.or(carried);
            }
            if let Some(text) = own.or(if index == last { None } else { carried }) {
                names.entry(column).or_default().push(text.clone());
            }
        }
    }
    let cells = names
        .into_iter()
        .map(|(column, parts)| {
            let name = parts.join(" / ");
            HeaderCell { column, folded: fold(&name), name }
        })
        .collect();
    Header {
        row: grid.row(last).map_or(0, |row| row.row),
        cells,
        width: grid.width(last),
    }
}
