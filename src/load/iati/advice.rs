//! The rules of the standard's public rule set that look at what the loader reads, by
//! their ids. They refuse nothing and are asked only where a file is validated: most
//! publishers break some of them, and the money is the same.
//!
//! Rules that a row breaks by itself (a missing currency, a day in the future) are told
//! by the loader; [`rule_of`] finds their ids.

use chrono::{Months, NaiveDate};

use super::facts::{Activity, Budget, Field, Share, Transaction};
use super::notices::{Notice, rule};
use super::source::{Source, Version};
use crate::domain::time::parse_day;
use crate::error::Problem;

const CORRECT: &str = "correct one of the days";
const ONE_LEVEL: &str = "state it on the activity, or on every transaction";

const FOREIGN_IDENTIFIER: Notice = rule(
    "1.1.1",
    "an activity identifier does not begin with that of its reporting organisation",
    "prefix it with `reporting-org/@ref`, or name the former one in `other-identifier`",
);
const SYMBOL_IN_IDENTIFIER: Notice = rule(
    "1.3.13",
    "an activity identifier holds one of `/`, `&`, `|` and `?`",
    "use letters, digits and hyphens",
);
const SYMBOL_IN_PROVIDER: Notice = rule(
    "1.10.13",
    "a provider organisation's `ref` holds one of `/`, `&`, `|` and `?`",
    "use letters, digits and hyphens",
);
const SYMBOL_IN_RECEIVER: Notice = rule(
    "1.15.13",
    "a receiver organisation's `ref` holds one of `/`, `&`, `|` and `?`",
    "use letters, digits and hyphens",
);
const COUNTRY_TWICE: Notice = rule(
    "3.6.2",
    "recipient countries or regions stand on the activity and on its transactions",
    ONE_LEVEL,
);
const NO_COUNTRY: Notice =
    rule("3.7.1", "an activity names no recipient country or region", ONE_LEVEL);
const SOME_COUNTRIES: Notice = rule(
    "3.7.2",
    "only some transactions of an activity name a recipient country or region",
    ONE_LEVEL,
);
const NO_SECTOR: Notice = rule("6.2.2", "an activity names no sector", ONE_LEVEL);
const SECTOR_TWICE: Notice = rule(
    "6.6.2",
    "sectors stand on the activity and on its transactions; those of a transaction count",
    ONE_LEVEL,
);
const SOME_SECTORS: Notice =
    rule("6.7.2", "only some transactions of an activity name a sector", ONE_LEVEL);
const NO_DAC_SECTOR: Notice = rule(
    "102.1.1",
    "sectors stand in other vocabularies and none in that of the OECD DAC",
    "give the DAC purpose code too",
);
const NAMELESS_PROVIDER: Notice = rule(
    "6.9.1",
    "a provider organisation has neither `ref` nor name",
    "give it a `ref` or a `narrative`",
);
const NAMELESS_RECEIVER: Notice = rule(
    "6.9.2",
    "a receiver organisation has neither `ref` nor name",
    "give it a `ref` or a `narrative`",
);
const NO_START: Notice = rule(
    "6.11.1",
    "an activity has neither a planned nor an actual start",
    "give an `activity-date` of type 1 or 2",
);
const LONG_BUDGET: Notice = rule(
    "7.5.3",
    "the period of a budget is longer than a year",
    "give one budget for each year",
);
const BUDGET_BACKWARDS: Notice =
    rule("8.6.3", "the period of a budget starts after its end", CORRECT);
pub(super) const PERIOD_BACKWARDS: Notice =
    rule("8.6.1", "the period of an indicator starts after its end", CORRECT);
const UPDATED_LATER: Notice =
    rule("11.1.1", "an activity was updated in the future", "correct the day");
const PLANNED_BACKWARDS: Notice =
    rule("11.1.2", "the planned start of an activity is after its planned end", CORRECT);
const ACTUAL_BACKWARDS: Notice =
    rule("11.1.3", "the actual start of an activity is after its actual end", CORRECT);
const STARTED_LATER: Notice = rule(
    "11.1.4",
    "the actual start of an activity lies in the future",
    "an expected start is the planned one",
);
const ENDED_LATER: Notice = rule(
    "11.1.5",
    "the actual end of an activity lies in the future",
    "an expected end is the planned one",
);
const VALUED_LATER: Notice = rule(
    "11.2.2",
    "the value date of a transaction lies in the future",
    "give the day of the exchange rate",
);

impl<'a> Source<'a> {
    /// Keeps what only the rules look at of an element of the activity.
    pub(super) fn note_for_rules(&mut self, name: &str, activity: &mut Activity<'a>) {
        match name {
            "activity-date" => {
                let day = Field::of(self.xml.attribute("iso-date"), self.xml.at());
                match self.xml.attribute("type").as_deref() {
                    Some("1" | "start-planned") => activity.told.planned_start = day,
                    Some("2" | "start-actual") => activity.told.actual_start = day,
                    _ => {}
                }
            }
            "other-identifier" => {
                let is_former = self.xml.attribute("type").as_deref() == Some("B1");
                let former = self.xml.attribute("ref").filter(|_| is_former);
                activity.told.former_refs.extend(former);
            }
            _ => {}
        }
    }

    /// Asks every rule of an activity that was just read.
    pub(super) fn advise(&mut self, activity: &Activity<'a>, today: NaiveDate) {
        self.identifiers(activity);
        self.days(activity, today);
        self.levels(activity);
        for one in &activity.transactions {
            self.parties(one);
            self.holds(VALUED_LATER, !is_after(&one.value_date, today), &one.value_date);
        }
        for budget in &activity.budgets {
            self.budget_period(budget);
        }
    }

    /// Remarks a rule that does not hold, with the field that breaks it.
    fn holds(&mut self, notice: Notice, holds: bool, field: &Field<'_>) {
        if !holds {
            self.remark(notice, field.at, &field.text);
        }
    }

    fn identifiers(&mut self, activity: &Activity<'a>) {
        let id = &activity.identifier;
        let mut owners =
            activity.told.former_refs.iter().chain([&activity.reporter.text]);
        let is_own = id.is_empty() || owners.any(|owner| id.text.starts_with(&**owner));
        self.holds(FOREIGN_IDENTIFIER, is_own, id);
        self.holds(SYMBOL_IN_IDENTIFIER, !has_symbol(id), id);
    }

    fn days(&mut self, activity: &Activity<'a>, today: NaiveDate) {
        let told = &activity.told;
        let [planned, actual] = [&told.planned_start, &told.actual_start];
        let has_start = !planned.is_empty() || !actual.is_empty();
        let id = &activity.identifier;
        self.holds(NO_START, has_start || self.version != Version::Two, id);
        let updated = day_of(&told.updated).is_none_or(|day| day <= today);
        self.holds(UPDATED_LATER, updated, &told.updated);
        let (planned_end, end) = (&activity.planned_end, &activity.actual_end);
        self.holds(PLANNED_BACKWARDS, is_order(planned, planned_end), planned);
        self.holds(ACTUAL_BACKWARDS, is_order(actual, end), actual);
        self.holds(STARTED_LATER, !is_after(actual, today), actual);
        self.holds(ENDED_LATER, !is_after(end, today), end);
    }

    /// Sectors and places stand on the activity, or on each of its transactions.
    fn levels(&mut self, activity: &Activity<'a>) {
        let id = &activity.identifier;
        let all = activity.transactions.len();
        let count = |holds: &dyn Fn(&Transaction<'_>) -> bool| {
            activity.transactions.iter().filter(|one| holds(one)).count()
        };
        let sectors = count(&|one| !one.sectors.is_empty());
        let places = count(&|one| !one.country.is_empty() || one.has_region);
        let has_sector = !activity.sectors.is_empty();
        self.holds(SECTOR_TWICE, !has_sector || sectors == 0, id);
        self.holds(NO_SECTOR, has_sector || sectors > 0, id);
        let whole = has_sector || sectors == 0 || sectors == all;
        self.holds(SOME_SECTORS, whole, id);
        let has_place = !activity.countries.is_empty() || !activity.regions.is_empty();
        self.holds(COUNTRY_TWICE, !has_place || places == 0, id);
        self.holds(NO_COUNTRY, has_place || places > 0, id);
        self.holds(SOME_COUNTRIES, has_place || places == 0 || places == all, id);
        self.holds(NO_DAC_SECTOR, has_dac(&activity.sectors), id);
        for one in &activity.transactions {
            let own = activity.transaction_sectors.get(one.sectors.clone());
            let at = Field::new("", one.place.at);
            self.holds(NO_DAC_SECTOR, has_dac(own.unwrap_or(&[])), &at);
        }
    }

    fn parties(&mut self, one: &Transaction<'_>) {
        self.holds(
            SYMBOL_IN_PROVIDER,
            !one.has_provider || !has_symbol(&one.provider),
            &one.provider,
        );
        self.holds(
            SYMBOL_IN_RECEIVER,
            !one.has_receiver || !has_symbol(&one.receiver),
            &one.receiver,
        );
        let at = Field::new("", one.place.at);
        self.holds(NAMELESS_PROVIDER, !one.has_provider || !one.provider.is_empty(), &at);
        self.holds(NAMELESS_RECEIVER, !one.has_receiver || !one.receiver.is_empty(), &at);
    }

    fn budget_period(&mut self, budget: &Budget<'_>) {
        let (start, end) = (day_of(&budget.start), day_of(&budget.end));
        let (Some(first), Some(last)) = (start, end) else { return };
        self.holds(BUDGET_BACKWARDS, first <= last, &budget.start);
        let year = first.checked_add_months(Months::new(12));
        self.holds(LONG_BUDGET, year.is_none_or(|year| last <= year), &budget.start);
    }
}

fn has_symbol(field: &Field<'_>) -> bool {
    field.text.contains(['/', '&', '|', '?'])
}

/// The day that a text begins with: some give an instant.
fn day_of(field: &Field<'_>) -> Option<NaiveDate> {
    const LENGTH: usize = "2024-06-30".len();
    parse_day(field.text.get(..LENGTH)?)
}

fn is_after(field: &Field<'_>, today: NaiveDate) -> bool {
    day_of(field).is_some_and(|day| day > today)
}

/// Whether the second day is not before the first, as far as both are given.
fn is_order(first: &Field<'_>, second: &Field<'_>) -> bool {
    match (day_of(first), day_of(second)) {
        (Some(first), Some(second)) => first <= second,
        _ => true,
    }
}

fn has_dac(sectors: &[Share<'_>]) -> bool {
    sectors.is_empty() || sectors.iter().any(|one| one.vocabulary == "1")
}

/// The id of the rule that a rejected row of an IATI file breaks; empty where the rule
/// set has none for it, and `XSD` where the standard's schema asks for what is missing.
#[must_use]
pub fn rule_of(table: &str, problem: &Problem) -> &'static str {
    let says = |part: &str| problem.what.contains(part);
    match (table, problem.field.as_str()) {
        ("projects", _) if says("is that of the reporting organisation") => "1.1.3",
        ("projects", _) if says("is told twice") => "1.1.2",
        ("projects" | "transactions", _) if says("`currency` is empty") => "7.8.1",
        ("projects", _) if says("no `default-currency`") => "7.8.1",
        ("projects", "currency") => "9.3.1",
        ("projects", _) => "XSD",
        ("transactions", "date") if says("lies after") => "11.2.1",
        ("transactions", "currency") => "9.94.1",
        ("transactions", "kind") if !says("is empty") => "9.93.1",
        ("budget_lines", "currency") => "9.9.1",
        ("sectors", _) if says("is not a percentage") => "12.3.1",
        ("project_countries", _) if says("is not a percentage") => "12.1.1",
        ("project_countries", "country") => "9.50.1",
        ("transactions", _) if says("is negative") || says("two decimals") => "",
        ("budget_lines", _) if says("the budget is in") || says("is negative") => "",
        _ => "XSD",
    }
}
