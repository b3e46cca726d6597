//! What a reader brings home: good rows, rejected rows, warnings, and exact sums.

use std::collections::BTreeMap;

use crate::domain::{Money, ids};
use crate::error::{Problem, visible};
use crate::tables::schema::Kind;
use crate::tables::{Cell, Column, Row, TableRows, cell};

use super::remarks::{Remark, remark};

/// A row that cannot be loaded, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The canonical table it was meant for.
    pub table: String,
    /// The project that it names, where that could be read.
    pub project_id: Option<String>,
    /// Where and why.
    pub problem: Problem,
}

/// What one source file holds.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The rows that can be loaded, one entry per table.
    pub tables: Vec<TableRows>,
    /// Rows that cannot be loaded. Without `--quarantine` one of them refuses the file.
    pub rejects: Vec<Reject>,
    /// What refuses the whole file even with `--quarantine`.
    pub faults: Vec<Problem>,
    /// What is worth knowing and refuses nothing.
    pub warnings: Vec<Problem>,
    /// Every transaction amount that could be read, as it stands in the file.
    pub tally: Tally,
    /// Residues of `--round cents`: exact sum minus rounded sum.
    pub residues: Tally,
    /// How many more rejects there are, of which only the number is kept.
    pub more_rejects: u64,
}

/// Exact sums per transaction kind and currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<String, BTreeMap<String, (u64, Exact)>>);

/// A decimal number summed at full scale (20 places), never rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exact(i128);

/// Decimal places that [`Exact`] keeps.
const PLACES: usize = 20;

/// As many digits always fit 64 bits.
const FIT_64_BITS: usize = 18;

impl Exact {
    /// Reads `-?digits[.digits]` with at most 20 decimals and 17 digits before the point.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix('-').unwrap_or(text);
        let (integer, fraction) = body.split_once('.').unwrap_or((body, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let kept = fraction.trim_end_matches('0');
        if !digits(integer) || !digits(fraction) || kept.len() > PLACES {
            return None;
        }
        let zeros = PLACES.checked_sub(kept.len())?;
        let digits = integer.bytes().chain(kept.bytes());
        let units = if integer.len().saturating_add(kept.len()) <= FIT_64_BITS {
            let units = digits.fold(0_i64, |sum, digit| {
                sum.wrapping_mul(10).wrapping_add(i64::from(digit.wrapping_sub(b'0')))
            });
            let unit = 10_i128.checked_pow(u32::try_from(zeros).ok()?)?;
            i128::from(units).checked_mul(unit)?
        } else {
            let filled = digits.chain(std::iter::repeat_n(b'0', zeros));
            filled.into_iter().try_fold(0_i128, |sum, digit| {
                let digit = i128::from(digit.checked_sub(b'0')?);
                sum.checked_mul(10)?.checked_add(digit)
            })?
        };
        Some(Self(if text.starts_with('-') { units.checked_neg()? } else { units }))
    }

    /// An amount in cents.
    #[must_use]
    pub fn of_money(money: Money) -> Option<Self> {
        const UNITS_PER_CENT: i128 = 1_000_000_000_000_000_000;
        money.cents().checked_mul(UNITS_PER_CENT).map(Self)
    }

    /// The exact sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The exact difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::fmt::Display for Exact {
    /// At least two decimals, more only where they are not zeros.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const UNIT: u128 = 100_000_000_000_000_000_000;
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{:020}", magnitude.rem_euclid(UNIT));
        let kept = fraction.trim_end_matches('0');
        write!(f, "{sign}{}.{kept:0<2}", magnitude.div_euclid(UNIT))
    }
}

impl Tally {
    /// Adds one amount; false where the sum would not fit.
    pub fn add(&mut self, kind: &str, currency: &str, amount: Exact) -> bool {
        self.add_sum(kind, currency, 1, amount)
    }

    /// Adds the sum of `count` amounts; false where the sum would not fit.
    pub fn add_sum(
        &mut self,
        kind: &str,
        currency: &str,
        count: u64,
        amount: Exact,
    ) -> bool {
        // Rows by the thousand have the same words: texts are made for the first only.
        let known = self.0.get_mut(kind).and_then(|sums| sums.get_mut(currency));
        let entry = match known {
            Some(entry) => entry,
            None => {
                let sums = self.0.entry(kind.to_owned()).or_default();
                sums.entry(currency.to_owned()).or_default()
            }
        };
        match entry.1.plus(amount) {
            Some(sum) => {
                *entry = (entry.0.saturating_add(count), sum);
                true
            }
            None => false,
        }
    }

    /// Kind, currency, count and sum, ordered by kind and currency.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, u64, Exact)> {
        self.0.iter().flat_map(|(kind, sums)| {
            sums.iter().map(|(currency, (count, sum))| {
                (kind.as_str(), currency.as_str(), *count, *sum)
            })
        })
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds all of another tally; false where a sum would not fit.
    pub fn absorb(&mut self, other: &Self) -> bool {
        let mut fits = true;
        for (kind, currency, count, sum) in other.entries() {
            fits &= self.add_sum(kind, currency, count, sum);
        }
        fits
    }
}

/// The fields of one row as text, by column of its table, before they are checked.
#[derive(Debug, Clone)]
pub struct RawRow<'a> {
    /// Line, Excel row or XML position.
    pub row: u64,
    /// Text and character column of each column of the table; `None` where absent.
    pub fields: Vec<Option<(&'a str, u32)>>,
}

impl Reading {
    /// Whether the file could be read and has no row, good or bad.
    #[must_use]
    pub fn tells_nothing(&self) -> bool {
        self.faults.is_empty()
            && self.rejects.is_empty()
            && self.tables.iter().all(TableRows::is_empty)
    }

    /// Of more rejects than a person can read keeps the number only, unless all are
    /// wanted for the table of rejects.
    pub(super) fn cap_rejects(&mut self, are_wanted: bool) {
        const MOST_REJECTS: usize = 100_000;
        let more = self.rejects.len().saturating_sub(MOST_REJECTS);
        if !are_wanted && more > 0 {
            let more = u64::try_from(more).unwrap_or(u64::MAX);
            self.more_rejects = self.more_rejects.saturating_add(more);
            self.rejects.truncate(MOST_REJECTS);
        }
    }

    /// Reads the fields of one row, as [`Reading::take_fields`] does.
    pub fn take_row(
        &mut self,
        rows: &mut TableRows,
        raw: &RawRow<'_>,
        leave: cell::Leave,
    ) {
        self.take_fields(rows, raw.row, &raw.fields, leave);
    }

    /// Reads the fields of one row; the row goes to `rows` if all are good, else to the
    /// rejects with every fault of the row. Amounts of transactions enter the tally.
    pub fn take_fields(
        &mut self,
        rows: &mut TableRows,
        number: u64,
        fields: &[Option<(&str, u32)>],
        leave: cell::Leave,
    ) {
        let table = rows.table;
        let mut cells = Vec::with_capacity(table.columns.len());
        // A file without character columns, such as XML, keeps none.
        let has_places = fields.iter().flatten().any(|(_, place)| *place != 0);
        let width = if has_places { table.columns.len() } else { 0 };
        let mut columns = Vec::with_capacity(width);
        let mut problems = Vec::new();
        for (index, column) in table.columns.iter().enumerate() {
            let (text, place) = fields.get(index).copied().flatten().unwrap_or(("", 0));
            if has_places {
                columns.push(place);
            }
            if text.is_empty() && !column.required {
                cells.push(Cell::Empty);
                continue;
            }
            match cell::read(column, text, leave) {
                Ok(cell) => {
                    self.note_padding(&rows.file, number, place, column, text);
                    if let Some(remark) = remark(column, text, &cell) {
                        self.note(&rows.file, number, place, text, remark);
                    }
                    cells.push(cell);
                }
                Err(fault) => {
                    cells.push(Cell::Empty);
                    let problem = Problem::at(
                        &rows.file,
                        number,
                        u64::from(place),
                        fault.what,
                        fault.fix,
                    );
                    problems.push(problem.field(column.name, text));
                }
            }
        }
        let row = Row { cells, row: number, columns };
        if table.name == "transactions" {
            self.tally_row(rows, &row, fields, &mut problems);
        }
        if problems.is_empty() {
            rows.rows.push(row);
            return;
        }
        let project_id = row.text(table, "project_id").map(str::to_owned);
        for problem in problems {
            self.rejects.push(Reject {
                table: table.name.to_owned(),
                project_id: project_id.clone(),
                problem,
            });
        }
    }

    /// Tells a remark at the first field of the file that it is about.
    fn note(&mut self, file: &str, row: u64, place: u32, text: &str, remark: Remark) {
        let (code, what, fix) = remark;
        if self.warnings.iter().any(|warning| warning.what.starts_with(code)) {
            return;
        }
        let what = format!("{code}: `{}` {what}", visible(text));
        self.warnings.push(Problem::at(file, row, u64::from(place), what, fix));
    }

    /// Says once per file that project ids were padded with zeros (F3).
    fn note_padding(
        &mut self,
        file: &str,
        row: u64,
        place: u32,
        column: &Column,
        text: &str,
    ) {
        const CODE: &str = "PADDED_ID";
        if column.kind != Kind::ProjectId || !ids::was_padded(text.trim()) {
            return;
        }
        if self.warnings.iter().any(|warning| warning.what.starts_with(CODE)) {
            return;
        }
        let id = ids::project_id(text);
        let what = format!("{CODE}: project `{}` is read as `{id}`", text.trim());
        let fix = "write all eight digits; other short ids of this file are padded too";
        self.warnings.push(Problem::at(file, row, u64::from(place), what, fix));
    }

    /// Refuses a file whose amounts exceed 128 bits, once.
    pub(super) fn note_overflow(&mut self, file: &str) {
        let what = "the sum of its amounts exceeds 128 bits";
        let fault = Problem::of_file(file, what, "split the file");
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// Adds a transaction's amount as it stands in the file, checks its sign against its
    /// kind (Q09), and notes what rounding took away.
    fn tally_row(
        &mut self,
        rows: &TableRows,
        row: &Row,
        fields: &[Option<(&str, u32)>],
        problems: &mut Vec<Problem>,
    ) {
        let table = rows.table;
        let raw_amount = table
            .index("amount")
            .and_then(|index| fields.get(index).copied().flatten())
            .unwrap_or(("", 0));
        let (Some(kind), Some(currency), Some(exact)) = (
            row.text(table, "kind"),
            row.text(table, "currency"),
            Exact::parse(raw_amount.0),
        ) else {
            return;
        };
        if !self.tally.add(kind, currency, exact) {
            self.note_overflow(&rows.file);
        }
        let Cell::Money(money) = row.cell(table, "amount") else { return };
        let may_be_negative =
            matches!(kind, "disbursement" | "expenditure" | "outgoing_commitment");
        if *money < Money::ZERO && !may_be_negative {
            let what =
                format!("`{}` is negative, and the kind is `{kind}`", raw_amount.0);
            let fix = "only disbursements (refunds), expenditure and commitments \
                       (corrections) may be negative";
            problems.push(
                Problem::at(&rows.file, row.row, u64::from(raw_amount.1), what, fix)
                    .field("amount", raw_amount.0),
            );
        }
        let residue = Exact::of_money(*money).and_then(|rounded| exact.minus(rounded));
        if let Some(residue) = residue
            && !residue.is_zero()
        {
            self.residues.add(kind, currency, residue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_sums_keep_every_decimal() {
        let mut tally = Tally::default();
        for text in ["0.30000000000000004", "-0.1", "10", "0.00"] {
            assert!(tally.add("disbursement", "USD", Exact::parse(text).unwrap()));
        }
        let all: Vec<_> = tally.entries().collect();
        assert_eq!(all[0].2, 4);
        assert_eq!(all[0].3.to_string(), "10.20000000000000004");
        assert_eq!(Exact::parse("-5").unwrap().to_string(), "-5.00");
        assert_eq!(Exact::parse("1e3"), None);
    }
}
