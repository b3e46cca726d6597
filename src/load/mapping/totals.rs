//! Control totals inside a file: printed sums against the sums of their rows.
//!
//! Sums are taken in the file's own units and at full scale, so that the declared
//! tolerance means what the file's own note says about rounding.

use std::collections::BTreeMap;

use crate::error::{Problem, visible};
use crate::load::Exact;
use crate::load::sheet::SheetRow;

use super::file::{Sum, Total};
use super::locate::{Header, patterns};
use super::number::NumberFormat;
use super::pattern::{Pattern, tidy};

/// A total with its columns found.
#[derive(Debug, Clone)]
pub struct BoundTotal<'m> {
    /// As written.
    pub total: &'m Total,
    row: Vec<Pattern>,
    /// The columns that are summed.
    pub columns: Vec<u32>,
}

/// A sum of columns with its columns found.
#[derive(Debug, Clone)]
pub struct BoundSum<'m> {
    /// As written.
    pub sum: &'m Sum,
    /// The column of sums.
    pub column: u32,
    /// The columns that are added.
    pub of: Vec<u32>,
    /// The columns that are taken away.
    pub minus: Vec<u32>,
}

impl<'m> BoundTotal<'m> {
    /// Takes a total whose columns were found.
    #[must_use]
    pub fn new(total: &'m Total, columns: Vec<u32>) -> Self {
        Self { total, row: patterns(&total.row.0), columns }
    }

    /// Whether a row with this label is this total.
    #[must_use]
    pub fn is_row(&self, label: &str) -> bool {
        self.row.iter().any(|pattern| pattern.is_like(label))
    }
}

/// The label of a row: a column's text, else its first.
#[must_use]
pub fn label_of(row: &SheetRow, column: Option<u32>) -> String {
    let cell = match column {
        Some(column) => row.cell(column),
        None => row.cells.first(),
    };
    cell.map(|cell| tidy(&cell.text)).unwrap_or_default()
}

/// A row that a later total may count.
#[derive(Debug, Clone)]
struct Entry {
    first: String,
    row: u64,
    is_total: bool,
    values: BTreeMap<u32, Exact>,
}

/// The rows of a block as totals see them.
#[derive(Debug)]
pub struct Ledger<'a> {
    file: &'a str,
    block: &'a str,
    header: &'a Header,
    label: Option<u32>,
    number: NumberFormat,
    entries: Vec<Entry>,
    /// Where the rows of the next total `above` begin.
    since: usize,
    /// Sums that do not agree.
    pub faults: Vec<Problem>,
}

impl<'a> Ledger<'a> {
    /// An empty ledger of a block.
    #[must_use]
    pub fn new(
        file: &'a str,
        block: &'a str,
        header: &'a Header,
        label: Option<u32>,
        number: &NumberFormat,
    ) -> Self {
        let number = NumberFormat { unit: None, ..number.clone() };
        let (entries, faults) = (Vec::new(), Vec::new());
        Self { file, block, header, label, number, entries, since: 0, faults }
    }

    /// The exact number in a cell, in the file's own units.
    ///
    /// # Errors
    /// The cell holds text that is no number.
    pub fn value(
        &self,
        row: &SheetRow,
        column: u32,
    ) -> Result<Option<Exact>, Box<Problem>> {
        let Some(cell) = row.cell(column) else { return Ok(None) };
        let at = |what: String, fix: String| {
            let name = self.header.name(column);
            let place = u64::from(column);
            let problem = Problem::at(self.file, row.row, place, what, fix);
            Box::new(problem.field(&name, &cell.text))
        };
        let plain = self
            .number
            .plain(&cell.text, cell.kind)
            .map_err(|fault| at(fault.what, fault.fix))?;
        let Some(plain) = plain else { return Ok(None) };
        Exact::parse(&plain).map(Some).ok_or_else(|| {
            let what = format!("`{}` has too many digits", visible(&cell.text));
            at(what, "a sum keeps 17 digits and 20 decimals".to_owned())
        })
    }

    fn note(&mut self, row: &SheetRow, columns: &[u32], is_total: bool) -> Entry {
        let mut values = BTreeMap::new();
        for column in columns {
            match self.value(row, *column) {
                Ok(Some(value)) => {
                    values.insert(*column, value);
                }
                Ok(None) => {}
                Err(problem) => self.faults.push(*problem),
            }
        }
        let first = label_of(row, self.label);
        let entry = Entry { first, row: row.row, is_total, values };
        self.entries.push(entry.clone());
        entry
    }

    /// Keeps a row for the totals that follow.
    pub fn add(&mut self, row: &SheetRow, columns: &[u32]) {
        self.note(row, columns, false);
    }

    /// Checks a total against the rows above it.
    pub fn check(&mut self, row: &SheetRow, total: &BoundTotal<'_>, columns: &[u32]) {
        let before = self.entries.len();
        let found = self.note(row, columns, true);
        let (added, taken) = match self.addends(total, before, row.row) {
            Ok(addends) => addends,
            Err(problem) => {
                self.faults.push(*problem);
                return;
            }
        };
        let spec = total.total;
        let allowed = allowed(
            spec.tolerance.as_deref(),
            spec.tolerance_per_addend.as_deref(),
            added.len().saturating_add(taken.len()),
        );
        for column in &total.columns {
            let Some(printed) = found.values.get(column) else { continue };
            let sum = sum_of(&added, *column).zip(sum_of(&taken, *column));
            let sum = sum.and_then(|(added, taken)| added.minus(taken));
            self.compare(row, *column, &found.first, *printed, sum, allowed);
        }
        if total.total.of.0 == ["above"] {
            self.since = self.entries.len();
        }
    }

    /// Checks a column of sums in one row.
    pub fn check_sum(&mut self, row: &SheetRow, sum: &BoundSum<'_>) {
        let mut total = Some(Exact::default());
        let mut count: usize = 0;
        let signed = sum.of.iter().map(|c| (c, false));
        for (column, is_minus) in signed.chain(sum.minus.iter().map(|c| (c, true))) {
            match self.value(row, *column) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    count = count.saturating_add(1);
                    total = total.and_then(|total| {
                        if is_minus { total.minus(value) } else { total.plus(value) }
                    });
                }
                Err(problem) => {
                    self.faults.push(*problem);
                    return;
                }
            }
        }
        match self.value(row, sum.column) {
            Ok(None) => {}
            Ok(Some(printed)) => {
                let spec = sum.sum;
                let allowed = allowed(
                    spec.tolerance.as_deref(),
                    spec.tolerance_per_addend.as_deref(),
                    count,
                );
                let name = self.header.name(sum.column);
                self.compare(row, sum.column, &name, printed, total, allowed);
            }
            Err(problem) => self.faults.push(*problem),
        }
    }

    /// The rows that a total counts, and those that it takes away.
    fn addends(
        &self,
        total: &BoundTotal<'_>,
        before: usize,
        row: u64,
    ) -> Result<(Vec<Entry>, Vec<Entry>), Box<Problem>> {
        let above = self.entries.get(..before).unwrap_or_default();
        let plain = |from: usize| {
            let rows = above.get(from..).unwrap_or_default();
            rows.iter().filter(|entry| !entry.is_total).cloned().collect()
        };
        let of: &[String] = &total.total.of.0;
        let added = match of.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["above"] | [] => plain(self.since),
            ["all"] => plain(0),
            _ => self.named(of, above, row)?,
        };
        Ok((added, self.named(&total.total.minus.0, above, row)?))
    }

    fn named(
        &self,
        labels: &[String],
        above: &[Entry],
        row: u64,
    ) -> Result<Vec<Entry>, Box<Problem>> {
        let mut found = Vec::new();
        for label in labels {
            let pattern = Pattern::new(label);
            let entry = above.iter().rev().find(|entry| pattern.is_like(&entry.first));
            let entry = entry.ok_or_else(|| {
                let what = format!(
                    "block `{}`: no row above begins like `{}`, which this total counts",
                    self.block,
                    visible(label)
                );
                let fix = "mend the mapping's `total`";
                Box::new(Problem::at(self.file, row, 0, what, fix))
            })?;
            found.push(entry.clone());
        }
        Ok(found)
    }

    fn compare(
        &mut self,
        row: &SheetRow,
        column: u32,
        label: &str,
        printed: Exact,
        sum: Option<Exact>,
        allowed: Exact,
    ) {
        let Some(sum) = sum else {
            let what = "the sum does not fit in 128 bits";
            self.faults.push(Problem::at(self.file, row.row, 0, what, "split the file"));
            return;
        };
        if is_within(printed, sum, allowed) {
            return;
        }
        let name = self.header.name(column);
        let what = format!(
            "`{}` says {printed} in `{}`, and what it counts sums to {sum}",
            visible(label),
            visible(&name)
        );
        let fix = format!(
            "is a row missing or told twice? the mapping allows a difference of {allowed}"
        );
        let problem = Problem::at(self.file, row.row, u64::from(column), what, fix)
            .field(&name, "");
        self.faults.push(problem);
    }

    /// Says which totals never came.
    pub fn refuse_missing(&mut self, totals: &[BoundTotal<'_>]) {
        for total in totals.iter().filter(|total| total.total.required) {
            let is_there = self
                .entries
                .iter()
                .any(|entry| entry.is_total && total.is_row(&entry.first));
            if !is_there {
                let named = total.total.row.0.first().map_or("", String::as_str);
                let what = format!(
                    "block `{}`: there is no total `{}`",
                    self.block,
                    visible(named)
                );
                let fix = "is the file cut? totals that may be absent say \
                           `required = false`";
                let row = self.entries.last().map_or(self.header.row, |e| e.row);
                self.faults.push(Problem::at(self.file, row, 0, what, fix));
            }
        }
    }
}

fn sum_of(entries: &[Entry], column: u32) -> Option<Exact> {
    entries
        .iter()
        .filter_map(|entry| entry.values.get(&column))
        .try_fold(Exact::default(), |sum, value| sum.plus(*value))
}

/// How far a sum of `addends` numbers may be from what is printed.
fn allowed(tolerance: Option<&str>, per_addend: Option<&str>, addends: usize) -> Exact {
    let read = |text: Option<&str>| text.and_then(Exact::parse).unwrap_or_default();
    let each = read(per_addend);
    (0..addends).fold(read(tolerance), |sum, _| sum.plus(each).unwrap_or(sum))
}

/// Whether two sums are no further apart than allowed.
#[must_use]
pub fn is_within(one: Exact, other: Exact, allowed: Exact) -> bool {
    let Some(difference) = one.minus(other) else { return false };
    let negative = |value: Exact| value.to_string().starts_with('-');
    let magnitude = if negative(difference) {
        Exact::default().minus(difference)
    } else {
        Some(difference)
    };
    magnitude
        .and_then(|magnitude| allowed.minus(magnitude))
        .is_some_and(|left| !negative(left))
}
