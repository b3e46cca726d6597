//! Exact sums of amounts by currency, group and class, row by row.
//!
//! The SQL of a report says which amounts count and what they are called; summing them
//! is done here, because labels come as dictionaries: a row is three small numbers and
//! an amount, which the grouping of the SQL engine would write out as text.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Decimal128Type, Int32Type, Int64Type};

use crate::domain::{Class, Money};
use crate::error::{Error, Result};
use crate::metrics::column::Column;

use super::amounts::ClassAmounts;

/// Amounts by currency, then group.
pub(super) type ByCurrency = BTreeMap<String, BTreeMap<String, ClassAmounts>>;

/// The sums of one label each of currency, group and class.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    rows: u64,
    amount: i128,
    certified: i128,
}

/// Sums in the making.
#[derive(Debug, Default)]
pub(super) struct Sums {
    currencies: Labels,
    groups: Labels,
    classes: Labels,
    allocations: Labels,
    /// By group, currency and class, in the order in which these were first seen.
    cells: Vec<Vec<Vec<Sum>>>,
    /// The same amounts by how they came to their class.
    allocated: Vec<Vec<Vec<i128>>>,
}

/// The allocation of a part of a transaction on a budget line of several classes.
pub(super) const LINE_SPLIT: &str = "line_split";

impl Sums {
    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// A column is missing or of another kind, or a sum exceeds 128 bits.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let groups = self.groups.read(batch, "grp")?;
        let currencies = self.currencies.read(batch, "currency")?;
        let classes = self.classes.read(batch, "class")?;
        self.allocate(batch, &groups, &currencies)?;
        let amounts = cents(batch, "amount")?;
        let certified = cents(batch, "certified")?;
        let amounts = amounts.into_iter().zip(certified);
        if let (Numbers::One(group), Numbers::One(currency)) = (&groups, &currencies) {
            let sums = self.classes_of(*group, *currency).ok_or_else(lost)?;
            for (row, (amount, certified)) in amounts.enumerate() {
                add_to(sums, classes.at(row), amount, certified)?;
            }
            return Ok(());
        }
        for (row, (amount, certified)) in amounts.enumerate() {
            let sums = self.classes_of(groups.at(row), currencies.at(row));
            let sums = sums.ok_or_else(lost)?;
            add_to(sums, classes.at(row), amount, certified)?;
        }
        Ok(())
    }

    /// Adds the amounts of a batch by how they came to their class.
    fn allocate(
        &mut self,
        batch: &RecordBatch,
        groups: &Numbers,
        currencies: &Numbers,
    ) -> Result<()> {
        let methods = self.allocations.read(batch, "allocation")?;
        let (line, split) =
            (self.allocations.number("line"), self.allocations.number(LINE_SPLIT));
        let shares = batch
            .column_by_name("share_bps")
            .and_then(|array| cast(array, &DataType::Int64).ok());
        let shares = shares.as_ref().map(AsArray::as_primitive::<Int64Type>);
        for (row, amount) in cents(batch, "amount")?.into_iter().enumerate() {
            let part =
                shares.is_some_and(|all| all.is_valid(row) && all.value(row) < 10_000);
            let method = match methods.at(row) {
                method if method == line && part => split,
                method => method,
            };
            let (group, currency) = (groups.at(row), currencies.at(row));
            reach(&mut self.allocated, group);
            let of_group = self.allocated.get_mut(group).ok_or_else(lost)?;
            reach(of_group, currency);
            let sums = of_group.get_mut(currency).ok_or_else(lost)?;
            reach(sums, method);
            let sum = sums.get_mut(method).ok_or_else(lost)?;
            *sum = sum.checked_add(amount).ok_or_else(too_large)?;
        }
        Ok(())
    }

    fn classes_of(&mut self, group: usize, currency: usize) -> Option<&mut Vec<Sum>> {
        reach(&mut self.cells, group);
        let of_group = self.cells.get_mut(group)?;
        reach(of_group, currency);
        of_group.get_mut(currency)
    }

    /// The sums under their names.
    ///
    /// # Errors
    /// A sum exceeds 128 bits.
    pub(super) fn finish(self) -> Result<ByCurrency> {
        let mut out = ByCurrency::new();
        for (cells, group) in self.cells.iter().zip(&self.groups.names) {
            for (cells, currency) in cells.iter().zip(&self.currencies.names) {
                for (sum, class) in cells.iter().zip(&self.classes.names) {
                    if sum.rows == 0 {
                        continue;
                    }
                    let groups = out.entry(currency.clone()).or_default();
                    let entry = groups.entry(group.clone()).or_default();
                    let class = Class::parse(class).unwrap_or(Class::Unclassified);
                    let whole = entry.by_class.entry(class).or_default();
                    *whole = whole.plus(Money::from_cents(sum.amount))?;
                    let certified = Money::from_cents(sum.certified);
                    entry.certified = entry.certified.plus(certified)?;
                }
            }
        }
        for (cells, group) in self.allocated.iter().zip(&self.groups.names) {
            for (cells, currency) in cells.iter().zip(&self.currencies.names) {
                let groups = out.get_mut(currency);
                let Some(entry) = groups.and_then(|all| all.get_mut(group)) else {
                    continue;
                };
                for (sum, method) in cells.iter().zip(&self.allocations.names) {
                    if *sum != 0 {
                        entry.allocate(method, Money::from_cents(*sum))?;
                    }
                }
            }
        }
        Ok(out)
    }
}

fn add_to(
    sums: &mut Vec<Sum>,
    class: usize,
    amount: i128,
    certified: i128,
) -> Result<()> {
    reach(sums, class);
    let sum = sums.get_mut(class).ok_or_else(lost)?;
    sum.rows = sum.rows.saturating_add(1);
    sum.amount = sum.amount.checked_add(amount).ok_or_else(too_large)?;
    sum.certified = sum.certified.checked_add(certified).ok_or_else(too_large)?;
    Ok(())
}

fn too_large() -> Error {
    Error::data("a sum of amounts exceeds 128 bits")
}

/// An amount is added or it is an error; it is never left out.
fn lost() -> Error {
    Error::internal("an amount has no place to be summed in")
}

/// Makes a list long enough to have a place.
fn reach<T: Clone + Default>(list: &mut Vec<T>, at: usize) {
    if at >= list.len() {
        list.resize(at.saturating_add(1), T::default());
    }
}

/// The numbers of the labels of a batch's rows.
#[derive(Debug)]
enum Numbers {
    /// The same in every row.
    One(usize),
    /// One per row.
    Each(Vec<usize>),
}

impl Numbers {
    fn at(&self, row: usize) -> usize {
        match self {
            Self::One(number) => *number,
            Self::Each(numbers) => numbers.get(row).copied().unwrap_or_default(),
        }
    }
}

/// Labels numbered in the order in which they were first seen.
#[derive(Debug, Default)]
struct Labels {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
}

impl Labels {
    /// The number of the label in each row; NULL is the empty label.
    fn read(&mut self, batch: &RecordBatch, name: &str) -> Result<Numbers> {
        let broken = |error| Error::internal(format!("column `{name}`")).caused_by(error);
        let array = batch
            .column_by_name(name)
            .ok_or_else(|| Error::rule(format!("the result has no column `{name}`")))?;
        let word =
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let array = cast(array, &word).map_err(broken)?;
        let array = array.as_dictionary::<Int32Type>();
        let values = array.values().as_string::<i32>();
        let numbers: Vec<usize> =
            values.iter().map(|value| self.number(value.unwrap_or_default())).collect();
        if let ([only], 0) = (numbers.as_slice(), array.null_count()) {
            return Ok(Numbers::One(*only));
        }
        let empty = if array.null_count() > 0 { self.number("") } else { 0 };
        let number = |key: Option<i32>| {
            let key = key.and_then(|key| usize::try_from(key).ok());
            key.and_then(|key| numbers.get(key)).copied().unwrap_or(empty)
        };
        Ok(Numbers::Each(array.keys().iter().map(number).collect()))
    }

    fn number(&mut self, label: &str) -> usize {
        if let Some(number) = self.numbers.get(label) {
            return *number;
        }
        let number = self.names.len();
        self.names.push(label.to_owned());
        self.numbers.insert(label.to_owned(), number);
        number
    }
}

/// The cents of a column of amounts; NULL is nothing.
fn cents(batch: &RecordBatch, name: &str) -> Result<Vec<i128>> {
    if let Some(array) = batch.column_by_name(name)
        && matches!(array.data_type(), DataType::Decimal128(_, 2))
        && array.null_count() == 0
    {
        return Ok(array.as_primitive::<Decimal128Type>().values().to_vec());
    }
    let column = Column::of(batch, name)?;
    (0..batch.num_rows()).map(|row| Ok(column.scaled(row, 2)?.unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array, DictionaryArray, StringArray};

    use super::*;

    fn batch(rows: &[(Option<&str>, &str, &str, i128)]) -> RecordBatch {
        let money = |cents: Vec<i128>| -> ArrayRef {
            let array = Decimal128Array::from(cents);
            Arc::new(array.with_precision_and_scale(18, 2).unwrap())
        };
        let groups: StringArray = rows.iter().map(|row| row.0).collect();
        let currencies: StringArray = rows.iter().map(|row| Some(row.1)).collect();
        let classes: DictionaryArray<Int32Type> = rows.iter().map(|row| row.2).collect();
        let allocations: StringArray = rows
            .iter()
            .map(|row| Some(if row.3 > 5 { "line" } else { "text" }))
            .collect();
        RecordBatch::try_from_iter_with_nullable([
            ("grp", Arc::new(groups) as ArrayRef, true),
            ("currency", Arc::new(currencies), true),
            ("class", Arc::new(classes), true),
            ("allocation", Arc::new(allocations), true),
            ("amount", money(rows.iter().map(|row| row.3).collect()), true),
            ("certified", money(vec![1; rows.len()]), true),
        ])
        .unwrap()
    }

    #[test]
    fn batches_with_other_dictionaries_add_up_under_their_names() {
        let mut sums = Sums::default();
        sums.add(&batch(&[(Some("a"), "USD", "training", 5)])).unwrap();
        sums.add(&batch(&[
            (Some("b"), "EUR", "hardware", -7),
            (Some("a"), "USD", "hardware", 11),
            (None, "USD", "training", 0),
            (Some("a"), "USD", "training", 2),
        ]))
        .unwrap();
        let found = sums.finish().unwrap();
        let of = |currency: &str, group: &str, class| {
            found[currency].get(group).map(|sums| sums.of(class).cents())
        };
        assert_eq!(of("USD", "a", Class::Training), Some(7));
        assert_eq!(of("USD", "a", Class::Hardware), Some(11));
        assert_eq!(of("USD", "", Class::Training), Some(0));
        assert_eq!(of("EUR", "b", Class::Hardware), Some(-7));
        assert_eq!(of("EUR", "a", Class::Hardware), None);
        assert_eq!(found["USD"]["a"].certified.cents(), 3);
        let told = |method: &str| found["USD"]["a"].by_allocation[method].cents();
        assert_eq!((told("line"), told("text")), (11, 7));
        assert!(!found["USD"]["a"].by_allocation.contains_key(LINE_SPLIT));
    }
}
