//! Restatements: amounts that were told anew for the same key or the same period.
//!
//! [`restatements`] is a pure function over figures of two states. A transaction whose
//! amount or currency differs under its own id is restated by key. A recipient's own
//! figure (expenditure, or a commitment with a grade) that is gone while others of the
//! same project, recipient, kind, grade, period and currency are new, with another sum,
//! is restated by period. A certified figure that is gone without any such successor is
//! withdrawn. A better grade for the same period is no restatement: it replaces (Q12).

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};
use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::Money;
use crate::domain::time::day_from_epoch;
use crate::error::{Error, Result};
use crate::tables::batch::{LOAD_ID, SOURCE_FILE, SOURCE_ROW};
use crate::tables::schema::table;

use super::Snapshot;
use super::changes::{Changes, Texts, column};

/// One transaction, as far as restatements look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Its id.
    pub transaction_id: String,
    /// The project.
    pub project_id: String,
    /// The recipient, where told.
    pub recipient: Option<String>,
    /// The kind.
    pub kind: String,
    /// preliminary, interim or certified.
    pub grade: Option<String>,
    /// First day covered, where told.
    pub period_start: Option<NaiveDate>,
    /// Day, or last day covered.
    pub date: NaiveDate,
    /// ISO 4217.
    pub currency: String,
    /// The amount.
    pub amount: Money,
    /// The load that tells it.
    pub load_id: String,
    /// Its file.
    pub file: String,
    /// Its line, Excel row or XML position.
    pub row: i64,
}

/// Why two amounts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Same {
    /// The same transaction.
    Key,
    /// The same project, recipient, kind, grade, period and currency.
    Period,
    /// A certified figure that nothing follows.
    Withdrawn,
}

/// An amount that was told anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restatement {
    /// Why the amounts are compared.
    pub same: Same,
    /// The project.
    pub project_id: String,
    /// The recipient, where told.
    pub recipient: Option<String>,
    /// The kind.
    pub kind: String,
    /// The grade, where told.
    pub grade: Option<String>,
    /// First day covered, where told.
    pub period_start: Option<NaiveDate>,
    /// Day, or last day covered.
    pub date: NaiveDate,
    /// The currency before.
    pub currency: String,
    /// The currency after.
    pub currency_after: String,
    /// The amount before.
    pub before: Money,
    /// The amount after; zero where it was withdrawn.
    pub after: Money,
    /// After less before; nothing where the currencies differ.
    pub change: Option<Money>,
    /// The figures before, by id.
    pub figures_before: Vec<Figure>,
    /// The figures after, by id.
    pub figures_after: Vec<Figure>,
}

/// Restatements between two states of a workspace.
///
/// # Errors
/// A stored file is damaged, or a sum exceeds 128 bits.
pub fn between(before: &Snapshot, after: &Snapshot) -> Result<Vec<Restatement>> {
    let Some(table) = table("transactions") else { return Ok(Vec::new()) };
    let (old, new) = (before.read(table.name)?, after.read(table.name)?);
    of_changes(&Changes::between(table, &old, &new)?)
}

/// Restatements among the changes of `transactions`.
///
/// # Errors
/// A sum exceeds 128 bits.
pub fn of_changes(changes: &Changes) -> Result<Vec<Restatement>> {
    if changes.gone.is_empty() && changes.changed.is_empty() {
        return Ok(Vec::new());
    }
    let pairs = || changes.changed.iter();
    let old = changes.gone.iter().copied().chain(pairs().map(|(old, _)| *old));
    let new = changes.added.iter().copied().chain(pairs().map(|(_, new)| *new));
    restatements(&figures(&changes.before, old)?, &figures(&changes.after, new)?)
}

/// Reads transactions at some rows.
fn figures(
    batch: &RecordBatch,
    rows: impl Iterator<Item = usize>,
) -> Result<Vec<Figure>> {
    const TEXTS: [&str; 8] = [
        "transaction_id",
        "project_id",
        "recipient",
        "kind",
        "grade",
        "currency",
        LOAD_ID,
        SOURCE_FILE,
    ];
    let texts = Texts::of(batch, TEXTS)?;
    let starts = column(batch, "period_start")?.as_primitive::<Date32Type>();
    let dates = column(batch, "date")?.as_primitive::<Date32Type>();
    let amounts = column(batch, "amount")?.as_primitive::<Decimal128Type>();
    let numbers = column(batch, SOURCE_ROW)?.as_primitive::<Int64Type>();
    rows.map(|row| {
        let text = |index| texts.cell(index, row);
        let start = starts.is_valid(row).then(|| starts.value(row));
        Ok(Figure {
            transaction_id: text(0).unwrap_or_default(),
            project_id: text(1).unwrap_or_default(),
            recipient: text(2),
            kind: text(3).unwrap_or_default(),
            grade: text(4),
            period_start: start.and_then(day_from_epoch),
            date: day_from_epoch(dates.value(row))
                .ok_or_else(|| Error::data("a stored date is out of range"))?,
            currency: text(5).unwrap_or_default(),
            amount: Money::from_cents(amounts.value(row)),
            load_id: text(6).unwrap_or_default(),
            file: text(7).unwrap_or_default(),
            row: numbers.value(row),
        })
    })
    .collect()
}

/// Figures that are compared with each other as one period.
type Period<'a> =
    (&'a str, Option<&'a str>, &'a str, Option<&'a str>, Option<NaiveDate>, NaiveDate);

/// The period of a recipient's own figure, with its currency.
fn period(figure: &Figure) -> Option<(Period<'_>, &str)> {
    let own = match figure.kind.as_str() {
        "expenditure" => true,
        "outgoing_commitment" => figure.grade.is_some(),
        _ => false,
    };
    own.then_some((
        (
            &figure.project_id,
            figure.recipient.as_deref(),
            &figure.kind,
            figure.grade.as_deref(),
            figure.period_start,
            figure.date,
        ),
        figure.currency.as_str(),
    ))
}

/// Returns amounts that were told anew, by project, date, kind and first id. Figures
/// that stand in both states unchanged may be left out.
///
/// # Errors
/// A sum exceeds 128 bits.
pub fn restatements(before: &[Figure], after: &[Figure]) -> Result<Vec<Restatement>> {
    let by_id = |figures: &[Figure]| -> BTreeMap<String, Figure> {
        figures.iter().map(|f| (f.transaction_id.clone(), f.clone())).collect()
    };
    let (old, new) = (by_id(before), by_id(after));
    let mut out = Vec::new();
    let mut periods: BTreeMap<_, (Vec<Figure>, Vec<Figure>)> = BTreeMap::new();
    for (id, figure) in &old {
        match new.get(id) {
            Some(now)
                if now.amount != figure.amount || now.currency != figure.currency =>
            {
                let (figure, now) = (vec![figure.clone()], vec![now.clone()]);
                out.push(restatement(Same::Key, figure, now)?);
            }
            Some(_) => {}
            None => {
                if let Some(period) = period(figure) {
                    periods.entry(period).or_default().0.push(figure.clone());
                }
            }
        }
    }
    for (id, figure) in &new {
        let group = period(figure).filter(|_| !old.contains_key(id));
        if let Some((_, told)) = group.and_then(|group| periods.get_mut(&group)) {
            told.push(figure.clone());
        }
    }
    for (gone, told) in periods.into_values() {
        if told.is_empty() {
            for figure in gone {
                if figure.grade.as_deref() == Some("certified") {
                    out.push(restatement(Same::Withdrawn, vec![figure], Vec::new())?);
                }
            }
            continue;
        }
        let found = restatement(Same::Period, gone, told)?;
        if found.before != found.after {
            out.push(found);
        }
    }
    let first =
        |r: &Restatement| r.figures_before.first().map(|f| f.transaction_id.clone());
    out.sort_by(|a, b| {
        (&a.project_id, a.date, &a.kind, first(a)).cmp(&(
            &b.project_id,
            b.date,
            &b.kind,
            first(b),
        ))
    });
    Ok(out)
}

fn restatement(
    same: Same,
    before: Vec<Figure>,
    after: Vec<Figure>,
) -> Result<Restatement> {
    let Some(first) = before.first() else {
        return Err(Error::internal("a restatement of nothing"));
    };
    let sum = |figures: &[Figure]| Money::sum(figures.iter().map(|f| f.amount));
    let (was, is) = (sum(&before)?, sum(&after)?);
    let currency_after = after.first().unwrap_or(first).currency.clone();
    let change =
        if currency_after == first.currency { Some(is.minus(was)?) } else { None };
    Ok(Restatement {
        same,
        project_id: first.project_id.clone(),
        recipient: first.recipient.clone(),
        kind: first.kind.clone(),
        grade: first.grade.clone(),
        period_start: first.period_start,
        date: first.date,
        currency: first.currency.clone(),
        currency_after,
        before: was,
        after: is,
        change,
        figures_before: before,
        figures_after: after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_day;

    fn figure(id: &str, kind: &str, grade: Option<&str>, cents: i128) -> Figure {
        Figure {
            transaction_id: id.to_owned(),
            project_id: "00000001".to_owned(),
            recipient: Some("UNDP".to_owned()),
            kind: kind.to_owned(),
            grade: grade.map(str::to_owned),
            period_start: parse_day("2023-01-01"),
            date: parse_day("2023-12-31").unwrap(),
            currency: "USD".to_owned(),
            amount: Money::from_cents(cents),
            load_id: "L".to_owned(),
            file: "t.csv".to_owned(),
            row: 2,
        }
    }

    fn spoken(before: &[Figure], after: &[Figure]) -> Vec<(Same, String, Option<i128>)> {
        restatements(before, after)
            .unwrap()
            .into_iter()
            .map(|r| {
                let ids = |figures: &[Figure]| {
                    let ids: Vec<&str> =
                        figures.iter().map(|f| f.transaction_id.as_str()).collect();
                    ids.join("+")
                };
                let told =
                    format!("{}>{}", ids(&r.figures_before), ids(&r.figures_after));
                (r.same, told, r.change.map(Money::cents))
            })
            .collect()
    }

    #[test]
    fn the_same_transaction_with_another_amount() {
        let one = figure("A", "disbursement", None, 100);
        let other = Figure { amount: Money::from_cents(90), ..one.clone() };
        let moved = Figure { date: parse_day("2023-06-30").unwrap(), ..one.clone() };
        let euros = Figure { currency: "EUR".to_owned(), ..one.clone() };
        let pair =
            |now: &Figure| spoken(std::slice::from_ref(&one), std::slice::from_ref(now));
        assert_eq!(pair(&other), [(Same::Key, "A>A".to_owned(), Some(-10))]);
        assert_eq!(pair(&euros), [(Same::Key, "A>A".to_owned(), None)]);
        assert_eq!(pair(&moved), []);
        assert_eq!(pair(&one), []);
    }

    #[test]
    fn the_same_period_under_other_ids() {
        let certified = Some("certified");
        let old = [figure("A", "expenditure", certified, 100)];
        let split = [
            figure("B", "expenditure", certified, 70),
            figure("C", "expenditure", certified, 25),
        ];
        assert_eq!(spoken(&old, &split), [(Same::Period, "A>B+C".to_owned(), Some(-5))]);
        let same = [figure("B", "expenditure", certified, 100)];
        assert_eq!(spoken(&old, &same), []);
        // Another grade is another figure: the certified one was withdrawn.
        let interim = [figure("B", "expenditure", Some("interim"), 100)];
        assert_eq!(
            spoken(&old, &interim),
            [(Same::Withdrawn, "A>".to_owned(), Some(-100))]
        );
        assert_eq!(spoken(&interim, &old), []);
    }

    #[test]
    fn other_money_has_no_period() {
        let old = [figure("A", "disbursement", None, 100)];
        let new = [figure("B", "disbursement", None, 90)];
        assert_eq!(spoken(&old, &new), []);
        // A commitment without a grade is the Fund's approval (Q10).
        let old = [figure("A", "outgoing_commitment", None, 100)];
        let new = [figure("B", "outgoing_commitment", None, 90)];
        assert_eq!(spoken(&old, &new), []);
        assert_eq!(spoken(&[], &new), []);
    }
}
