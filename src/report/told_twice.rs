//! Money that a report leaves out because another loaded activity tells it (D§4.4).

use crate::domain::Money;
use crate::domain::money::grouped;
use crate::engine::{Engine, Library, Params, Value};
use crate::error::Result;
use crate::metrics::column::Column;

/// The condition of `amounts_of_transactions` that leaves such money out.
pub(super) const ONCE: &str = "AND t.transaction_id NOT IN (
    SELECT x.transaction_id FROM transactions x
    JOIN levels l ON l.project_id = x.project_id AND l.kind = x.kind
      AND (l.receiver_activity IS NULL OR l.receiver_activity = x.receiver_activity)
    WHERE l.is_left_out)";

/// What was left out for one reason, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldTwice {
    /// `told_below` or `told_above`.
    pub risk: String,
    /// The currency.
    pub currency: String,
    /// How many transactions.
    pub transactions: i128,
    /// Of how many activities.
    pub activities: i128,
    /// The first of them.
    pub first_activity: String,
    /// Their sum.
    pub amount: Money,
}

/// Sums what a report on `kind` leaves out; nothing where no activity tells the money of
/// another.
///
/// # Errors
/// The SQL fails.
pub(super) fn left_out(
    engine: &Engine,
    library: &Library,
    kind: &str,
    params: &Params,
) -> Result<Vec<ToldTwice>> {
    // Asked first, because the sums join all transactions.
    let some = "SELECT 1 FROM levels WHERE is_left_out AND kind = $kind LIMIT 1";
    let only_kind = vec![("kind".to_owned(), Value::Text(kind.to_owned()))];
    if !engine.has("levels") || engine.run(some, &only_kind)?.rows() == 0 {
        return Ok(Vec::new());
    }
    let answer = engine.run(&library.text("reports/told_twice.sql")?, params)?;
    let mut found = Vec::new();
    for batch in &answer.batches {
        let column = |name| Column::of(batch, name);
        let (risks, currencies) = (column("risk")?, column("currency")?);
        let (transactions, activities) = (column("transactions")?, column("activities")?);
        let (firsts, amounts) = (column("first_activity")?, column("amount")?);
        for row in 0..batch.num_rows() {
            found.push(ToldTwice {
                risk: risks.text(row)?.to_owned(),
                currency: currencies.text(row)?.to_owned(),
                transactions: transactions.scaled(row, 0)?.unwrap_or(0),
                activities: activities.scaled(row, 0)?.unwrap_or(0),
                first_activity: firsts.text(row)?.to_owned(),
                amount: Money::from_cents(amounts.scaled(row, 2)?.unwrap_or(0)),
            });
        }
    }
    Ok(found)
}

impl ToldTwice {
    /// The note below a report.
    #[must_use]
    pub fn note(&self) -> String {
        let by = match self.risk.as_str() {
            "told_below" => "its parts or the Fund's project tell it",
            _ => "the activity that passed it on tells it",
        };
        let plural = |count: i128| if count == 1 { "" } else { "s" };
        let (first, activities) = (&self.first_activity, self.activities);
        let whose = if activities == 1 {
            format!("of `{first}`")
        } else {
            format!("of {activities} activities (the first is `{first}`)")
        };
        format!(
            "Left out, because it would count twice ({}, {by}): {} {} in {} transaction{} \
             {whose}; the view double_counts lists them.",
            self.risk,
            self.currency,
            grouped(self.amount),
            self.transactions,
            plural(self.transactions),
        )
    }
}
