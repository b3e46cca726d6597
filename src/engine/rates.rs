//! `usd(amount, currency, day)` in SQL, over the table `exchange_rates`.
//!
//! The function is only asked for rows and columns that a statement wants, so a
//! workspace without rates answers every question that does not ask for US dollars. A
//! row without a rate fails the statement and names currency and day; it is never NULL.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type};
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::domain::Money;
use crate::domain::exchange::{Gaps, Rates};
use crate::domain::time::day_from_epoch;
use crate::error::{Error, Result};
use crate::workspace::Snapshot;

/// The type of what `usd` returns: that of every amount.
const AMOUNT: DataType = DataType::Decimal128(18, 2);

/// Reads the rates of a snapshot.
///
/// # Errors
/// A stored file is damaged, or a rate is not positive.
pub fn read(snapshot: &Snapshot) -> Result<Rates> {
    let mut rates = Rates::default();
    let damaged = || Error::internal("`exchange_rates` has a column of another kind");
    for batch in snapshot.read("exchange_rates")? {
        let column = |name: &str| batch.column_by_name(name).ok_or_else(damaged);
        let currencies = cast(column("currency")?, &DataType::Utf8)
            .map_err(|error| damaged().caused_by(error))?;
        let currencies = currencies.as_string_opt::<i32>().ok_or_else(damaged)?;
        let days = column("valid_from")?;
        let days = days.as_primitive_opt::<Date32Type>().ok_or_else(damaged)?;
        let units = column("units_per_usd")?;
        let units = units.as_primitive_opt::<Decimal128Type>().ok_or_else(damaged)?;
        for row in 0..batch.num_rows() {
            let from = day_from_epoch(days.value(row)).ok_or_else(damaged)?;
            rates.add(currencies.value(row), from, units.value(row))?;
        }
    }
    Ok(rates)
}

/// Returns the SQL function `usd`, over rates.
#[must_use]
pub fn usd(rates: Arc<Rates>) -> ScalarUDF {
    ScalarUDF::new_from_impl(Usd {
        rates,
        signature: Signature::any(3, Volatility::Immutable),
    })
}

#[derive(Debug)]
struct Usd {
    rates: Arc<Rates>,
    signature: Signature,
}

impl PartialEq for Usd {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rates, &other.rates)
    }
}

impl Eq for Usd {}

impl Hash for Usd {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "usd".hash(state);
    }
}

/// Why an argument does not fit, if it does not.
fn unfit(arguments: &[DataType]) -> Option<&'static str> {
    let [amount, currency, day] = arguments else {
        return Some("usd takes an amount, a currency and a day");
    };
    let fits = match amount {
        // A cast would round further decimals away.
        DataType::Decimal128(_, scale) => (0..=2).contains(scale),
        other => other.is_integer() || other.is_null(),
    };
    if !fits {
        return Some("the first argument of usd is an amount with two decimals");
    }
    if !(is_text(currency) || currency.is_null()) {
        return Some("the second argument of usd is a currency, such as 'EUR'");
    }
    let is_day = matches!(day, DataType::Date32) || day.is_null();
    (!is_day).then_some("the third argument of usd is a day, such as DATE '2024-06-30'")
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

impl ScalarUDFImpl for Usd {
    fn name(&self) -> &'static str {
        "usd"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> EngineResult<DataType> {
        match unfit(arguments) {
            Some(why) => Err(DataFusionError::Plan(why.to_owned())),
            None => Ok(AMOUNT),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [amounts, currencies, days] = arrays.as_slice() else {
            return Err(DataFusionError::Internal(
                "usd takes three arguments".to_owned(),
            ));
        };
        let converted = self
            .convert(
                cast(amounts, &DataType::Decimal128(38, 2))?.as_primitive(),
                &cast(currencies, &DataType::Utf8)?,
                &cast(days, &DataType::Date32)?,
            )
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(ColumnarValue::Array(Arc::new(converted.with_precision_and_scale(18, 2)?)))
    }
}

impl Usd {
    /// NULL of an amount, a currency or a day is NULL; a missing rate is an error.
    fn convert(
        &self,
        amounts: &Decimal128Array,
        currencies: &ArrayRef,
        days: &ArrayRef,
    ) -> Result<Decimal128Array> {
        let (currencies, days) =
            (currencies.as_string::<i32>(), days.as_primitive::<Date32Type>());
        let mut gaps = Gaps::default();
        let mut out = Decimal128Array::builder(amounts.len());
        for row in 0..amounts.len() {
            if amounts.is_null(row) || currencies.is_null(row) || days.is_null(row) {
                out.append_null();
                continue;
            }
            let day = day_from_epoch(days.value(row))
                .ok_or_else(|| Error::data("a value date is out of range"))?;
            let (amount, currency) =
                (Money::from_cents(amounts.value(row)), currencies.value(row));
            match self.rates.usd(amount, currency, day)? {
                Some(usd) => out.append_value(usd.cents()),
                None => {
                    gaps.add(currency, day);
                    out.append_null();
                }
            }
        }
        match gaps.error() {
            Some(error) => Err(error),
            None => Ok(out.finish()),
        }
    }
}
