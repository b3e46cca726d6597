//! Exact amounts by group and class, on a stated basis.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::domain::exchange::USD;
use crate::domain::time::parse_day;
use crate::domain::{AsOf, Class, Money};
use crate::engine::{Engine, Library, Params, Value};
use crate::error::{Error, Result};

use super::Wanted;
use super::absorption::{self, Absorbed};
use super::convert::{Converted, convert};
use super::sums::{ByCurrency, Sums};
use super::told_twice::{self, ToldTwice};

pub use super::fund::{FundTotal, fund_total};

/// Defines an enum of words for the command line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All words.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads a word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// What a row of a report stands for.
    GroupBy {
        /// The whole fund.
        Fund = "fund",
        /// A country.
        Country = "country",
        /// A calendar year.
        Year = "year",
        /// A recipient organisation.
        Recipient = "recipient",
        /// A project.
        Project = "project",
        /// IRF or PRF.
        Facility = "facility",
    }
}

words! {
    /// Which amounts are summed (D§8.1).
    Basis {
        /// Approved budget lines.
        Budget = "budget",
        /// Planned tranches, without indirect cost.
        TranchePlan = "tranche_plan",
        /// Disbursements less refunds.
        Transfer = "transfer",
        /// Recipients' contracts.
        Commitment = "commitment",
        /// Reported expenditure of the best grade.
        Expenditure = "expenditure",
        /// Certified expenditure.
        ExpenditureCertified = "expenditure_certified",
    }
}

impl Basis {
    /// Whether a fund total of basis `total` measures the same thing.
    #[must_use]
    pub fn fits(self, total: &str) -> bool {
        match self {
            Self::Budget | Self::TranchePlan => total == "budget",
            Self::Transfer => total == "transfer",
            Self::Commitment => total == "commitment",
            Self::Expenditure => total.starts_with("expenditure"),
            Self::ExpenditureCertified => total == "expenditure_certified",
        }
    }
}

/// How amounts of a plan without stated lines came about.
const PRO_RATA: &str = "pro_rata";

/// First and last day of the transactions that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

impl Period {
    /// All days.
    #[must_use]
    pub fn always() -> Self {
        Self { from: NaiveDate::MIN, until: NaiveDate::MAX }
    }

    /// Reads a year (`2012`), a quarter (`2012-Q4`) or a month (`2012-11`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-').unwrap_or((text, ""));
        if year.len() != 4 {
            return None;
        }
        let (first, months) = match rest.strip_prefix('Q') {
            Some(quarter) => {
                let quarter: u32 = quarter.parse().ok()?;
                if !(1..=4).contains(&quarter) {
                    return None;
                }
                (quarter.checked_sub(1)?.checked_mul(3)?.checked_add(1)?, 3)
            }
            None if rest.is_empty() => (1, 12),
            None if rest.len() == 2 => (rest.parse().ok()?, 1),
            None => return None,
        };
        let from = parse_day(&format!("{year}-{first:02}-01"))?;
        let until = from.checked_add_months(chrono::Months::new(months))?.pred_opt()?;
        Some(Self { from, until })
    }

    /// Whether only some days count.
    #[must_use]
    pub fn is_bounded(self) -> bool {
        self != Self::always()
    }
}

/// Amounts of one group by class; the eighth class of the gate, indirect cost, is
/// support here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassAmounts {
    pub(super) by_class: BTreeMap<Class, Money>,
    /// How much of all of it is certified.
    pub certified: Money,
    /// The same amounts by how they came to their class.
    pub by_allocation: BTreeMap<String, Money>,
}

impl ClassAmounts {
    /// The amount of a class.
    #[must_use]
    pub fn of(&self, class: Class) -> Money {
        self.by_class.get(&class).copied().unwrap_or(Money::ZERO)
    }

    /// The sum over all classes.
    ///
    /// # Errors
    /// An amount exceeds 128 bits.
    pub fn total(&self) -> Result<Money> {
        Money::sum(self.by_class.values().copied())
    }

    /// Adds the amounts of the same group in the same currency.
    pub(super) fn add(&mut self, other: &Self) -> Result<()> {
        for (class, amount) in &other.by_class {
            let sum = self.by_class.entry(*class).or_default();
            *sum = sum.plus(*amount)?;
        }
        self.certified = self.certified.plus(other.certified)?;
        for (method, amount) in &other.by_allocation {
            self.allocate(method, *amount)?;
        }
        Ok(())
    }

    /// Counts an amount as one that came to its class by a method.
    pub(super) fn allocate(&mut self, method: &str, amount: Money) -> Result<()> {
        let sum = self.by_allocation.entry(method.to_owned()).or_default();
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// Whether any of it was split by the tool and by nobody else.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.by_allocation.get(PRO_RATA).is_some_and(|sum| *sum != Money::ZERO)
    }

    /// Whether the amounts of a class net below zero.
    #[must_use]
    pub fn has_negative(&self) -> bool {
        self.by_class.values().any(|amount| *amount < Money::ZERO)
    }
}

/// Amounts by group, in one currency, and what was converted or left out for being in
/// another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts {
    /// The currency.
    pub currency: String,
    /// By group, in the groups' order.
    pub groups: BTreeMap<String, ClassAmounts>,
    /// Other currencies and the sums left out.
    pub left_out: BTreeMap<String, Money>,
    /// What is left out because another activity tells the same money.
    pub told_twice: Vec<ToldTwice>,
    /// Other currencies, the sums told in them, and these sums in US dollars at each
    /// transaction's value date, which the amounts hold.
    pub converted: BTreeMap<String, (Money, Money)>,
    /// Support that was spread over other classes, where that was asked for.
    pub absorbed: Option<Absorbed>,
}

/// Sums the amounts that a report wants. Where they are in several currencies and none is
/// asked for, they are converted to US dollars, each at its value date.
///
/// # Errors
/// The grouping has no meaning on this basis, an exchange rate is missing (currency and
/// day are named), or the SQL fails.
pub fn measure(engine: &Engine, library: &Library, wanted: &Wanted) -> Result<Amounts> {
    let (file, kind, grade) = match wanted.basis {
        Basis::Budget => ("amounts_of_lines", "", "any"),
        Basis::TranchePlan => ("amounts_of_plans", "", "any"),
        Basis::Transfer => ("amounts_of_transactions", "disbursement", "any"),
        Basis::Commitment => ("amounts_of_transactions", "outgoing_commitment", "any"),
        Basis::Expenditure => ("amounts_of_transactions", "expenditure", "any"),
        Basis::ExpenditureCertified => {
            ("amounts_of_transactions", "expenditure", "certified")
        }
    };
    let dated = !kind.is_empty();
    if !dated && (wanted.group_by == GroupBy::Year || wanted.period.is_bounded()) {
        let what = format!("basis `{}` has no dates", wanted.basis.word());
        return Err(Error::usage(what)
            .fix("use `--basis expenditure`, or leave the year and period out"));
    }
    let (group, join) = grouping(wanted.group_by, dated);
    let group = match wanted.absorb_support {
        true => absorption::by_project(group),
        false => group.to_owned(),
    };
    let mut params: Params = Vec::new();
    if dated {
        // Arrow's days are 32 bits; these bounds are beyond any day that loads.
        let (from, until) = (clamp(wanted.period.from), clamp(wanted.period.until));
        params = vec![
            ("as_of".to_owned(), Value::Day(wanted.as_of)),
            ("from_day".to_owned(), Value::Day(AsOf(from))),
            ("until_day".to_owned(), Value::Day(AsOf(until))),
            ("kind".to_owned(), Value::Text(kind.to_owned())),
            ("grade".to_owned(), Value::Text(grade.to_owned())),
        ];
    }
    let told_twice = if dated {
        told_twice::left_out(engine, library, kind, &params)?
    } else {
        Vec::new()
    };
    let once = if told_twice.is_empty() { "" } else { told_twice::ONCE };
    let sql = |file: &str| -> Result<String> {
        let text = library.text(&format!("reports/{file}.sql"))?;
        let text = text.replace("{group}", &group).replace("{join}", join);
        Ok(text.replace("{once}", once))
    };
    let mut sums = Sums::default();
    engine.each(&sql(file)?, &params, |batch| sums.add(batch))?;
    let mut by_currency = sums.finish()?;
    let mut converted = BTreeMap::new();
    if wanted.currency.is_none() && by_currency.len() > 1 {
        if !dated {
            return Err(undated(&by_currency));
        }
        let foreign = convert(engine, &sql("foreign_amounts")?, &params)?;
        converted = in_dollars(&mut by_currency, foreign)?;
    }
    let mut absorbed = BTreeMap::new();
    if wanted.absorb_support {
        for (currency, groups) in &mut by_currency {
            absorbed.insert(currency.clone(), absorption::absorb(groups)?);
        }
    }
    if wanted.group_by == GroupBy::Fund {
        for groups in by_currency.values_mut() {
            let whole = std::mem::take(groups).into_values();
            groups.extend(whole.map(|sums| (wanted.fund.clone(), sums)));
        }
    }
    let amounts = choose_currency(by_currency, wanted)?;
    let absorbed = absorbed.remove(&amounts.currency);
    Ok(Amounts { told_twice, converted, absorbed, ..amounts })
}

/// Puts converted amounts in the place of those in other currencies; says what they were.
fn in_dollars(
    by_currency: &mut ByCurrency,
    foreign: Converted,
) -> Result<BTreeMap<String, (Money, Money)>> {
    by_currency.retain(|currency, _| currency == USD);
    let dollars = by_currency.entry(USD.to_owned()).or_default();
    for (group, amounts) in foreign.groups {
        dollars.entry(group).or_default().add(&amounts)?;
    }
    Ok(foreign.sums)
}

/// Amounts without a day cannot be converted, and are never added as they are.
fn undated(by_currency: &ByCurrency) -> Error {
    let names: Vec<&str> = by_currency.keys().map(String::as_str).collect();
    let what = format!(
        "the amounts are in {}, and without a date no exchange rate applies to them",
        names.join(" and ")
    );
    let one = names.first().copied().unwrap_or(USD);
    Error::data(what).fix(format!(
        "look at one currency alone, for example with `--param currency={one}`"
    ))
}

fn clamp(day: NaiveDate) -> NaiveDate {
    let bound = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(day);
    if day.year() < 1900 {
        bound(1900)
    } else if day.year() > 2200 {
        bound(2200)
    } else {
        day
    }
}

/// The SQL of a grouping, from a fixed list: nothing that a caller typed.
fn grouping(group_by: GroupBy, dated: bool) -> (&'static str, &'static str) {
    let join = "JOIN projects p ON p.project_id = t.project_id";
    match (group_by, dated) {
        // A constant word, not a text that is written out for every row.
        (GroupBy::Fund, _) => ("arrow_cast('', 'Dictionary(Int32, Utf8)')", ""),
        (GroupBy::Country, true) => ("COALESCE(p.country, '(several)')", join),
        (GroupBy::Country, false) => ("COALESCE(p.country, '(several)')", ""),
        (GroupBy::Facility, true) => ("COALESCE(p.facility, '(none)')", join),
        (GroupBy::Facility, false) => ("COALESCE(p.facility, '(none)')", ""),
        (GroupBy::Year, _) => ("CAST(EXTRACT(YEAR FROM t.date) AS VARCHAR)", ""),
        (GroupBy::Recipient, _) => ("COALESCE(t.recipient, '(none)')", ""),
        (GroupBy::Project, _) => ("t.project_id", ""),
    }
}

/// A sum has one currency: the one asked for, else the only one that is left. The others
/// are named, never mixed in.
fn choose_currency(mut by_currency: ByCurrency, wanted: &Wanted) -> Result<Amounts> {
    let currency = match &wanted.currency {
        Some(asked) => asked.clone(),
        None => by_currency.keys().next().map_or(USD, String::as_str).to_owned(),
    };
    let groups = by_currency.remove(&currency).unwrap_or_default();
    let mut left_out = BTreeMap::new();
    for (other, groups) in by_currency {
        let totals: Result<Vec<Money>> =
            groups.values().map(ClassAmounts::total).collect();
        left_out.insert(other, Money::sum(totals?)?);
    }
    Ok(Amounts { currency, groups, left_out, ..Amounts::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_on_their_last_day() {
        let day = |text: &str| parse_day(text).unwrap();
        let quarter = Period::parse("2012-Q4").unwrap();
        assert_eq!((quarter.from, quarter.until), (day("2012-10-01"), day("2012-12-31")));
        assert_eq!(Period::parse("2012").unwrap().until, day("2012-12-31"));
        assert_eq!(Period::parse("2012-02").unwrap().until, day("2012-02-29"));
        assert_eq!(Period::parse("2012-Q5"), None);
        assert_eq!(Period::parse("12"), None);
    }
}
