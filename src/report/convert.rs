//! Amounts in other currencies as US dollars, at each transaction's value date.
//!
//! A transaction is converted once, as a whole; its shares of classes are then split off
//! by largest remainder, so that they sum to what `transactions_usd` says of it.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;

use crate::domain::exchange::{Gaps, Rates};
use crate::domain::time::day_from_epoch;
use crate::domain::{Class, Money, apportion};
use crate::engine::{Engine, Params};
use crate::error::{Error, Result};
use crate::metrics::column::Column;

use super::amounts::ClassAmounts;
use super::sums::LINE_SPLIT;

/// What conversion added to the US dollars of a report.
#[derive(Debug, Default)]
pub(super) struct Converted {
    /// US dollars by group.
    pub groups: BTreeMap<String, ClassAmounts>,
    /// Per currency: the sum as it was told, and in US dollars.
    pub sums: BTreeMap<String, (Money, Money)>,
}

/// A share of a transaction.
struct Share {
    bps: i128,
    group: String,
    class: Class,
    allocation: String,
    certified: bool,
}

/// Runs `sql` (of `foreign_amounts.sql`) and converts its rows.
///
/// # Errors
/// A rate is missing: currency and day are named.
pub(super) fn convert(engine: &Engine, sql: &str, params: &Params) -> Result<Converted> {
    let rates = rates(engine)?;
    let mut found = Converted::default();
    let mut gaps = Gaps::default();
    let mut split: HashMap<String, (Money, Vec<Share>)> = HashMap::new();
    engine.each(sql, params, |batch| {
        take(batch, &rates, &mut gaps, &mut found, &mut split)
    })?;
    if let Some(error) = gaps.error() {
        let fix = format!(
            "{}; or look at one currency alone with `--param currency=USD`",
            error.how_to_fix()
        );
        return Err(error.fix(fix));
    }
    // Sums do not depend on the order in which transactions are added.
    let mut split: Vec<(String, (Money, Vec<Share>))> = split.into_iter().collect();
    split.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, (usd, shares)) in split {
        found.add_split(usd, shares)?;
    }
    Ok(found)
}

/// The rates that are loaded.
fn rates(engine: &Engine) -> Result<Rates> {
    let sql = "SELECT currency, valid_from, units_per_usd FROM exchange_rates";
    let answer = engine.run(sql, &Vec::new())?;
    let mut rates = Rates::default();
    for batch in &answer.batches {
        let (currency, from) =
            (Column::of(batch, "currency")?, Column::of(batch, "valid_from")?);
        let units = Column::of(batch, "units_per_usd")?;
        for row in 0..batch.num_rows() {
            let day = from.day(row)?.and_then(day_from_epoch);
            if let (Some(day), Some(micros)) = (day, units.scaled(row, 6)?) {
                rates.add(currency.text(row)?, day, micros)?;
            }
        }
    }
    Ok(rates)
}

fn take(
    batch: &RecordBatch,
    rates: &Rates,
    gaps: &mut Gaps,
    found: &mut Converted,
    split: &mut HashMap<String, (Money, Vec<Share>)>,
) -> Result<()> {
    let column = |name| Column::of(batch, name);
    let (id, group, currency) =
        (column("transaction_id")?, column("grp")?, column("currency")?);
    let (class, bps, certified) =
        (column("class")?, column("share_bps")?, column("certified")?);
    let allocation = column("allocation")?;
    let (amount, day, whole) =
        (column("amount")?, column("valued_on")?, column("whole")?);
    for row in 0..batch.num_rows() {
        let currency = currency.text(row)?;
        let on = day.day(row)?.and_then(day_from_epoch).ok_or_else(|| {
            Error::internal(format!("a transaction in {currency} has no date"))
        })?;
        let of = |column: &Column| -> Result<Money> {
            Ok(Money::from_cents(column.scaled(row, 2)?.unwrap_or(0)))
        };
        let Some(usd) = rates.usd(of(&whole)?, currency, on)? else {
            gaps.add(currency, on);
            continue;
        };
        let bps = bps.scaled(row, 0)?.unwrap_or(0);
        let allocation = match allocation.text(row)? {
            "line" if bps < 10_000 => LINE_SPLIT,
            method => method,
        };
        let share = Share {
            bps,
            allocation: allocation.to_owned(),
            group: group.text(row)?.to_owned(),
            class: Class::parse(class.text(row)?).unwrap_or(Class::Unclassified),
            certified: certified.truth(row)?,
        };
        let told = found.sums.entry(currency.to_owned()).or_default();
        told.0 = told.0.plus(of(&amount)?)?;
        let id = id.text(row)?;
        let is_first = !split.contains_key(id);
        if is_first {
            told.1 = told.1.plus(usd)?;
        }
        if share.bps == 10_000 {
            found.add(&share, usd)?;
        } else {
            split.entry(id.to_owned()).or_insert((usd, Vec::new())).1.push(share);
        }
    }
    Ok(())
}

impl Converted {
    /// Splits a transaction over its shares; the larger share gets the odd cent first.
    fn add_split(&mut self, usd: Money, mut shares: Vec<Share>) -> Result<()> {
        shares.sort_by(|a, b| {
            b.bps.cmp(&a.bps).then(a.class.cmp(&b.class)).then(a.group.cmp(&b.group))
        });
        let weights: Vec<i128> = shares.iter().map(|share| share.bps).collect();
        let parts = apportion(usd, &weights)?;
        for (share, part) in shares.iter().zip(parts) {
            self.add(share, part)?;
        }
        Ok(())
    }

    fn add(&mut self, share: &Share, usd: Money) -> Result<()> {
        let sums = self.groups.entry(share.group.clone()).or_default();
        let sum = sums.by_class.entry(share.class).or_default();
        *sum = sum.plus(usd)?;
        sums.allocate(&share.allocation, usd)?;
        if share.certified {
            sums.certified = sums.certified.plus(usd)?;
        }
        Ok(())
    }
}
