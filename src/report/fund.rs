//! The fund's total, which a report's money is a share of.

use std::collections::BTreeMap;

use crate::domain::Money;
use crate::engine::{Engine, Value};
use crate::error::Result;
use crate::metrics::column::Column;

use super::Wanted;

/// The fund's total that shares are measured against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundTotal {
    /// What it measures.
    pub basis: String,
    /// The amount.
    pub amount: Money,
}

/// Returns the newest fund total by the as-of, of a basis that fits if there is one,
/// else of the first other basis in a fixed order.
///
/// # Errors
/// The SQL fails.
pub fn fund_total(
    engine: &Engine,
    wanted: &Wanted,
    currency: &str,
) -> Result<Option<FundTotal>> {
    const ORDER: [&str; 5] = [
        "expenditure_certified",
        "expenditure_interim",
        "transfer",
        "commitment",
        "budget",
    ];
    let sql = "SELECT basis, as_of, amount FROM funds \
               WHERE fund = $fund AND currency = $currency AND as_of <= $as_of \
               ORDER BY as_of DESC, basis";
    let params = vec![
        ("fund".to_owned(), Value::Text(wanted.fund.clone())),
        ("currency".to_owned(), Value::Text(currency.to_owned())),
        ("as_of".to_owned(), Value::Day(wanted.as_of)),
    ];
    let answer = engine.run(sql, &params)?;
    let mut newest: BTreeMap<String, Money> = BTreeMap::new();
    for batch in &answer.batches {
        let (basis, amount) = (Column::of(batch, "basis")?, Column::of(batch, "amount")?);
        for row in 0..batch.num_rows() {
            let cents = amount.scaled(row, 2)?.unwrap_or(0);
            newest.entry(basis.text(row)?.to_owned()).or_insert(Money::from_cents(cents));
        }
    }
    let fitting = ORDER
        .iter()
        .find(|basis| wanted.basis.fits(basis) && newest.contains_key(**basis));
    let any = ORDER.iter().find(|basis| newest.contains_key(**basis));
    Ok(fitting.or(any).and_then(|basis| {
        let amount = *newest.get(*basis)?;
        Some(FundTotal { basis: (*basis).to_owned(), amount })
    }))
}
