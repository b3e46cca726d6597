//! Control totals: what the sender says he sent, against what would be kept.
//!
//! `rows=N` and `amount=SUM` are over all tables, as ever; `TABLE.rows=N` is one table,
//! `TABLE.amount=SUM` its amounts, and `KIND.CURRENCY=SUM` transactions of a kind in a
//! currency. Money of several currencies is added by `amount=SUM` alone, which counts
//! figures, not worth.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};
use arrow::datatypes::Decimal128Type;

use crate::domain::Money;
use crate::domain::codes::{TRANSACTION_KINDS, is_currency};
use crate::error::{Error, Result, did_you_mean, visible};
use crate::tables::schema::{TABLES, table};
use crate::tables::{Cell, Packed, Row, Table, TableRows};

/// What would be kept, counted and summed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    rows: BTreeMap<&'static str, u64>,
    amounts: BTreeMap<&'static str, Money>,
    money: BTreeMap<(String, String), Money>,
}

/// A control total that can be checked.
enum Total {
    /// How many, and how many were expected.
    Rows(u64, u64),
    /// A sum, and the expected one.
    Sum(Money, Money),
}

/// Checks what would be kept against every one of `expected`, and returns them.
///
/// # Errors
/// A text is no control total, or a total is another one.
pub fn check(tables: &[TableRows], expected: &[String]) -> Result<Vec<String>> {
    if expected.is_empty() {
        // Nobody asks: millions of rows need not be read again.
        return Ok(Vec::new());
    }
    Totals::of(tables)?.check(expected)
}

impl Totals {
    /// Counts and sums rows.
    ///
    /// # Errors
    /// A sum exceeds 128 bits.
    pub fn of(tables: &[TableRows]) -> Result<Self> {
        let mut totals = Self::default();
        for rows in tables {
            let name = rows.table.name;
            let known = totals.rows.entry(name).or_default();
            *known = known.saturating_add(rows.len());
            for row in &rows.rows {
                totals.add_row(rows.table, row)?;
            }
            if let Some(packed) = &rows.packed {
                totals.add_packed(packed)?;
            }
        }
        Ok(totals)
    }

    /// Adds rows that are not held, but for those taken out.
    fn add_packed(&mut self, packed: &Packed) -> Result<()> {
        let table = packed.table();
        let mut at = 0_u64;
        packed.scan(Some(&["kind", "currency", "amount"]), |batch| {
            let column = |name: &str| batch.column_by_name(name);
            let words = |name: &str| column(name)?.as_string_opt::<i32>();
            let (kinds, currencies) = (words("kind"), words("currency"));
            let amounts = column("amount");
            let Some(amounts) =
                amounts.and_then(|a| a.as_primitive_opt::<Decimal128Type>())
            else {
                return Ok(());
            };
            for (row, cents) in amounts.iter().enumerate() {
                let is_out = packed.removed().contains(&at);
                at = at.saturating_add(1);
                let Some(cents) = cents.filter(|_| !is_out) else { continue };
                let words = (word(kinds, row), word(currencies, row));
                self.add(table.name, words, Money::from_cents(cents))?;
            }
            Ok(())
        })
    }

    fn add_row(&mut self, table: &'static Table, row: &Row) -> Result<()> {
        let Cell::Money(amount) = row.cell(table, "amount") else { return Ok(()) };
        let text = |column| row.text(table, column).unwrap_or_default();
        self.add(table.name, (text("kind"), text("currency")), *amount)
    }

    fn add(
        &mut self,
        table: &'static str,
        (kind, currency): (&str, &str),
        amount: Money,
    ) -> Result<()> {
        let sum = self.amounts.entry(table).or_default();
        *sum = sum.plus(amount)?;
        if table == "transactions" {
            let of_kind =
                self.money.iter_mut().find(|((k, c), _)| k == kind && c == currency);
            let sum = match of_kind {
                Some((_, sum)) => sum,
                None => {
                    let key = (kind.to_owned(), currency.to_owned());
                    self.money.entry(key).or_default()
                }
            };
            *sum = sum.plus(amount)?;
        }
        Ok(())
    }

    /// Checks every one of `expected`, and returns them.
    ///
    /// # Errors
    /// A text is no control total, or a total is another one.
    pub fn check(&self, expected: &[String]) -> Result<Vec<String>> {
        for text in expected {
            let (what, wanted) = text.split_once('=').ok_or_else(|| malformed(text))?;
            let (found, wanted, holds) = match self.total(what, wanted, text)? {
                Total::Rows(found, wanted) => {
                    (found.to_string(), wanted.to_string(), found == wanted)
                }
                Total::Sum(found, wanted) => {
                    (found.to_string(), wanted.to_string(), found == wanted)
                }
            };
            if !holds {
                let what = format!(
                    "nothing was loaded: {what} is {found}, and {wanted} was expected"
                );
                return Err(Error::data(what).fix(
                    "the files are not whole, or the total is of another delivery",
                ));
            }
        }
        Ok(expected.to_vec())
    }

    fn total(&self, what: &str, wanted: &str, text: &str) -> Result<Total> {
        let rows = || wanted.parse::<u64>().map_err(|_| malformed(text));
        let sum = || Money::parse(wanted).map_err(|_| malformed(text));
        if what == "rows" {
            let all = self.rows.values().fold(0, |sum: u64, n| sum.saturating_add(*n));
            return Ok(Total::Rows(all, rows()?));
        }
        if what == "amount" {
            return Ok(Total::Sum(Money::sum(self.amounts.values().copied())?, sum()?));
        }
        let (owner, measure) = what.split_once('.').ok_or_else(|| malformed(text))?;
        if TRANSACTION_KINDS.codes.contains(&owner) && is_currency(measure) {
            let key = (owner.to_owned(), measure.to_owned());
            let found = self.money.get(&key).copied().unwrap_or_default();
            return Ok(Total::Sum(found, sum()?));
        }
        match measure {
            "rows" => {
                let name = known_table(owner, text)?;
                Ok(Total::Rows(self.rows.get(name).copied().unwrap_or(0), rows()?))
            }
            "amount" => {
                Ok(Total::Sum(self.amount_of(known_table(owner, text)?)?, sum()?))
            }
            _ => Err(unknown(owner, text)),
        }
    }

    /// The amounts of a table, which must be in one currency.
    fn amount_of(&self, name: &'static str) -> Result<Money> {
        let mut currencies: Vec<&str> =
            self.money.keys().map(|(_, currency)| currency.as_str()).collect();
        currencies.sort_unstable();
        currencies.dedup();
        if name == "transactions" && currencies.len() > 1 {
            let what = format!("transactions are in {}", currencies.join(" and "));
            return Err(Error::usage(what)
                .fix("expect each kind and currency, such as `disbursement.USD=SUM`"));
        }
        Ok(self.amounts.get(name).copied().unwrap_or_default())
    }
}

/// The text of a row, or nothing.
fn word(words: Option<&StringArray>, row: usize) -> &str {
    words.filter(|words| words.is_valid(row)).map_or("", |words| words.value(row))
}

fn known_table(name: &str, text: &str) -> Result<&'static str> {
    table(name).map(|table| table.name).ok_or_else(|| unknown(name, text))
}

fn malformed(text: &str) -> Error {
    Error::usage(format!("`--expect {}` is no control total", visible(text))).fix(
        "write `rows=N`, `amount=SUM`, `TABLE.rows=N`, `TABLE.amount=SUM` or \
         `KIND.CURRENCY=SUM`, such as `disbursement.USD=1234.50`",
    )
}

fn unknown(name: &str, text: &str) -> Error {
    let names = TABLES.iter().map(|table| table.name);
    let names = names.chain(TRANSACTION_KINDS.codes.iter().copied());
    let error = malformed(text);
    let near = did_you_mean(name, names, error.how_to_fix());
    error.fix(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Row;

    fn totals() -> Totals {
        let transactions = table("transactions").unwrap();
        let mut rows = TableRows::new(transactions, "t.csv");
        for (kind, currency, cents) in [
            ("disbursement", "USD", 100),
            ("disbursement", "USD", -30),
            ("disbursement", "EUR", 5),
            ("expenditure", "USD", 7),
        ] {
            let mut row = Row {
                cells: vec![Cell::Empty; transactions.columns.len()],
                row: 2,
                columns: Vec::new(),
            };
            for (name, cell) in [
                ("kind", Cell::Text(kind.to_owned())),
                ("currency", Cell::Text(currency.to_owned())),
                ("amount", Cell::Money(Money::from_cents(cents))),
            ] {
                row.cells[transactions.index(name).unwrap()] = cell;
            }
            rows.rows.push(row);
        }
        Totals::of(&[rows]).unwrap()
    }

    #[test]
    fn totals_that_hold() {
        for text in [
            "rows=4",
            "amount=0.82",
            "transactions.rows=4",
            "projects.rows=0",
            "disbursement.USD=0.70",
            "disbursement.EUR=0.05",
            "disbursement.GBP=0",
            "expenditure.USD=0.07",
        ] {
            assert!(totals().check(&[text.to_owned()]).is_ok(), "{text}");
        }
    }

    #[test]
    fn totals_that_do_not() {
        for (text, said) in [
            ("rows=5", "rows is 4, and 5 was expected"),
            ("transactions.rows=3", "transactions.rows is 4, and 3 was expected"),
            ("disbursement.USD=0.71", "disbursement.USD is 0.70, and 0.71 was expected"),
            ("transactions.amount=1", "transactions are in EUR and USD"),
            ("rows", "is no control total"),
            ("rows=4.0", "is no control total"),
            ("disbursement.USD=0.705", "is no control total"),
            ("transactions.count=4", "is no control total"),
            ("trancations.rows=4", "did you mean `transactions`?"),
            ("disbursment.USD=1", "did you mean `disbursement`"),
        ] {
            let error = totals().check(&[text.to_owned()]).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
