//! What is worth knowing about a file and refuses nothing, one warning per kind.
//!
//! A habit of a publisher shows in thousands of elements; it is told once, with the
//! first place and the count. A remark that a rule of the standard asks for begins with
//! the rule's id, as the public rule set and validator number it.

use super::place::Place;
use crate::error::{Problem, visible};

/// One kind of remark: the rule of the standard that it is about, what, and how to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Notice {
    rule: &'static str,
    what: &'static str,
    fix: &'static str,
}

const fn notice(what: &'static str, fix: &'static str) -> Notice {
    Notice { rule: "", what, fix }
}

/// A remark on a rule of the standard's rule set, or on its schema (`XSD`).
pub(super) const fn rule(
    rule: &'static str,
    what: &'static str,
    fix: &'static str,
) -> Notice {
    Notice { rule, what, fix }
}

pub(super) const NO_VERSION: Notice = notice(
    "no `version` is given, on the root or the activity; read by what stands there",
    "state the version of the standard on the root",
);
pub(super) const PADDED: Notice = notice(
    "an identifier of digits only is padded with zeros to eight",
    "keep the leading zeros in the export",
);
pub(super) const NO_TITLE: Notice = rule(
    "4.3.1",
    "an activity has no title; its identifier stands for it",
    "give `title` a narrative",
);
pub(super) const NO_CURRENCY: Notice = notice(
    "an activity has no `default-currency`; the only currency that it uses is taken",
    "state `default-currency`",
);
pub(super) const BAD_PROJECT_DAY: Notice = notice(
    "the planned or actual end of an activity cannot be read and is left empty",
    "write `iso-date` as `YYYY-MM-DD`, between 1990 and 2100",
);
pub(super) const DAY_WITH_ZONE: Notice =
    notice("a day ends in `Z`; the day is taken as it is written", "write `YYYY-MM-DD`");
pub(super) const VALUE_DATE_AS_DATE: Notice = rule(
    "XSD",
    "a transaction has no date; the `value-date` stands for it",
    "give `transaction-date` an `iso-date`",
);
pub(super) const NO_VALUE_DATE: Notice = rule(
    "XSD",
    "the value of a transaction has no `value-date`",
    "give `value` a `value-date`",
);
pub(super) const BUDGET_VALUE_DATE: Notice = rule(
    "7.5.2",
    "the value of a budget has no `value-date`",
    "give `value` a `value-date`",
);
pub(super) const MIXED_COUNTRIES: Notice = notice(
    "the transactions of an activity name several countries, or only some of them one; \
     the project has no country",
    "state `recipient-country` on the activity",
);
pub(super) const NEGATIVE: Notice = notice(
    "an amount is negative; it is read as a refund or a correction",
    "nothing, if that is meant",
);
pub(super) const NAMELESS_RECIPIENT: Notice = notice(
    "an implementing organisation has neither `ref` nor name and is left out",
    "give it a `ref`",
);
pub(super) const NOT_HUNDRED: Notice = rule(
    "2.1.2",
    "percentages do not total 100; they are scaled to the whole",
    "let the percentages of one vocabulary total 100",
);
pub(super) const NOT_WHOLE: Notice = rule(
    "2.1.4",
    "a share that stands alone has a percentage other than 100; it is the whole",
    "leave `percentage` out, or write 100",
);
pub(super) const NO_PERCENTAGES: Notice = rule(
    "2.1.1",
    "several shares are given without percentages; they are taken as equal",
    "state each `percentage`",
);
pub(super) const SOME_PERCENTAGES: Notice = rule(
    "2.1.1",
    "some shares have no percentage; what is left of 100 is split equally over them",
    "state each `percentage`",
);
pub(super) const SAME_CODE: Notice = notice(
    "the same code stands twice in one vocabulary; its shares are added",
    "give each code once",
);
pub(super) const NO_SECTOR_CODE: Notice = notice(
    "a sector has a name and no code, as version 1.0x allows, and is left out",
    "give `sector` a `code`",
);
pub(super) const REVISED_BUDGET: Notice = notice(
    "an original budget is left out where a revised one has the same period",
    "nothing, if the revised figure is meant",
);
pub(super) const NOT_A_NUMBER: Notice = notice(
    "a value of an indicator is not a decimal with at most six places; left empty",
    "give digits and one point",
);
pub(super) const SEVERAL_VALUES: Notice = notice(
    "a period or indicator has several values; the first one for everybody is taken",
    "give one value without `dimension` and `location`",
);
pub(super) const VALUE_OUTSIDE_PERIOD: Notice = notice(
    "a target or actual value stands outside a `period`, so without a day; not read",
    "put it into a `period` with its `period-end`",
);
pub(super) const NAMELESS_RESULT: Notice = notice(
    "a result has no title; the milestone's id stands for it",
    "give the indicator a title",
);
pub(super) const PERIOD_NOT_OVER: Notice = notice(
    "an actual value is left out because its period ends after the day of this load",
    "load it when the period is over",
);
pub(super) const REPEATED: Notice = rule(
    "XSD",
    "an element stands more than once where the standard allows one; the first is read",
    "keep one of them",
);
pub(super) const NO_CODE: Notice = rule(
    "XSD",
    "an element has no `code`, and the standard asks for one",
    "give it a `code`, or leave it out",
);
pub(super) const STRAY_TEXT: Notice = rule(
    "XSD",
    "text stands in an element that holds attributes only; it is not read",
    "put it into the attribute",
);
pub(super) const NO_NARRATIVE: Notice = rule(
    "XSD",
    "an element that must hold a `narrative` holds none",
    "give it one, or leave the element out",
);
pub(super) const STRAY_PERCENTAGE: Notice = rule(
    "XSD",
    "a transaction's country or region has a `percentage`, which is not read",
    "a transaction has one country or region, wholly",
);
pub(super) const BAD_RESULT: Notice = rule(
    "XSD",
    "a result is not as the standard has it",
    "compare it with the `result` element of the standard",
);
pub(super) const MERGED: Notice = notice(
    "an activity is told again with the same facts; its facts are loaded once",
    "nothing; this is what `--on-duplicate merge` does",
);

impl Notice {
    /// The same remark on shares of countries instead of sectors.
    pub(super) fn of_countries(self) -> Self {
        let rule = match self.rule {
            "2.1.1" => "3.1.1",
            "2.1.2" => "3.1.2",
            "2.1.4" => "3.1.4",
            other => other,
        };
        Self { rule, ..self }
    }
}

/// The remarks of one file.
#[derive(Debug, Default)]
pub(super) struct Notices(Vec<(Notice, u64, Place, String)>);

impl Notices {
    /// Counts a remark; place and `about` are kept of the first one.
    pub(super) fn add(&mut self, notice: Notice, place: Place, about: &str) {
        self.add_at(notice, about, || place);
    }

    /// Counts a remark whose place costs something to find.
    pub(super) fn add_at(
        &mut self,
        notice: Notice,
        about: &str,
        place: impl FnOnce() -> Place,
    ) {
        match self.0.iter_mut().find(|entry| entry.0 == notice) {
            Some((_, count, _, _)) => *count = count.saturating_add(1),
            None => self.0.push((notice, 1, place(), about.to_owned())),
        }
    }

    /// Adds the remarks on what follows in the file.
    pub(super) fn append(&mut self, later: Self) {
        for (notice, count, place, about) in later.0 {
            match self.0.iter_mut().find(|entry| entry.0 == notice) {
                Some(entry) => entry.1 = entry.1.saturating_add(count),
                None => self.0.push((notice, count, place, about)),
            }
        }
    }

    /// One warning per kind, in the order in which they were met.
    pub(super) fn into_warnings(self, file: &str) -> Vec<Problem> {
        let warnings = self.0.into_iter().map(|(notice, count, place, about)| {
            let mut what = match notice.rule {
                "" => notice.what.to_owned(),
                rule => format!("IATI-{rule}: {}", notice.what),
            };
            if !about.is_empty() {
                what = format!("{what}: `{}`", visible(&about));
            }
            if count > 1 {
                what = format!("{what} ({count} times, here first)");
            }
            let column = u64::from(place.column);
            let mut warning = Problem::at(file, place.line, column, what, notice.fix);
            warning.value = visible(&about);
            warning
        });
        warnings.collect()
    }
}
