//! Workbooks (`.xlsx`): sheets of cells, read within limits.
//!
//! The file passes through stations, one per file of this folder. [`archive`] opens the
//! zip and inflates a part while counting, [`kinds`] says what a file is that is no
//! workbook, [`xml`] reads a part, [`book`] finds the sheets, [`strings`] and [`styles`]
//! hold what cells point to, [`cells`] reads one sheet, [`values`] turns a double into
//! the decimal that it stands for and a serial into a day. [`canonical`] then reads
//! sheets that are named after tables; mappings read a [`Sheet`] themselves; [`in_place`]
//! gives sheets to whoever asks in SQL.
//!
//! Nothing is laid out densely: only cells that hold something are kept, and a sheet
//! whose used range is beyond [`Limits`] is refused before its cells are.

mod archive;
mod book;
mod canonical;
mod cells;
mod in_place;
mod kinds;
mod strings;
mod styles;
mod values;
mod xml;

use crate::error::Problem;
use crate::load::sheet::Sheet;

pub use book::Workbook;
pub use canonical::{XlsxOptions, read, template};
pub use in_place::in_place;

/// What refuses the whole file.
type Fault = Box<Problem>;

/// How far a workbook may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most parts (zip entries).
    pub parts: usize,
    /// The most bytes of one inflated part.
    pub part_bytes: u64,
    /// The most bytes of all parts that are inflated.
    pub all_bytes: u64,
    /// The most inflated bytes for each byte in the file, beyond [`Limits::free_bytes`].
    pub ratio: u64,
    /// A part up to this size may have any ratio.
    pub free_bytes: u64,
    /// The most cells of a sheet's used range, empty ones included.
    pub range_cells: u64,
    /// The most cells that hold something, in all sheets.
    pub full_cells: u64,
    /// The most bytes of text in the cells of all sheets, a shared text counted at every
    /// place that shows it.
    pub text_bytes: u64,
}

impl Limits {
    /// What a file from outside may cost: about a gigabyte at the worst.
    pub const STANDARD: Self = Self {
        parts: 4096,
        part_bytes: 256 << 20,
        all_bytes: 512 << 20,
        ratio: 200,
        free_bytes: 8 << 20,
        range_cells: 1 << 26,
        full_cells: 8_000_000,
        text_bytes: 256 << 20,
    };
}

/// Reads all worksheets of a workbook, hidden ones too, in the workbook's order.
///
/// A number's text is the shortest decimal that reads back as the same double: the
/// strict grammar of its column then judges it as it judges the text of a CSV file. A
/// number whose format is a date's is a [`CellKind::Day`], or a [`CellKind::Instant`]
/// where it has a time of day; serial 60 of the 1900 system reads `1900-02-29`, which is
/// no day. Cells of formulas hold the cached value and are marked; whether that is
/// accepted is for the reader of the sheet to say, as it is for hidden rows, hidden
/// columns and merged cells ([`Sheet::notices`] words the former).
///
/// The warnings are those of the workbook as a whole: the 1904 date system, links,
/// connections and macros (never followed).
///
/// # Errors
/// What refuses the file: no workbook, a password, damage, a limit of
/// [`Limits::STANDARD`].
///
/// [`CellKind::Day`]: crate::load::sheet::CellKind::Day
/// [`CellKind::Instant`]: crate::load::sheet::CellKind::Instant
pub fn sheets(
    bytes: &[u8],
    file: &str,
) -> Result<(Vec<Sheet>, Vec<Problem>), Vec<Problem>> {
    let mut book = Workbook::open(bytes, file, &Limits::STANDARD)?;
    let mut sheets = Vec::new();
    for index in 0..book.names().len() {
        sheets.push(book.sheet(index)?);
    }
    Ok((sheets, book.warnings))
}

#[cfg(test)]
mod tests;
