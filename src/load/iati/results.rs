//! The `result` elements of an activity: indicators, their periods, and what was reached.

use super::advice::PERIOD_BACKWARDS;
use super::facts::{Field, Period};
use super::notices::{BAD_RESULT, SEVERAL_VALUES, VALUE_OUTSIDE_PERIOD};
use super::source::{Source, Version};
use super::xml::{Fault, Step};

/// What holds for all periods of an indicator.
struct Indicator<'a> {
    numbers: (usize, usize),
    kind: &'static str,
    result_title: Field<'a>,
    title: Field<'a>,
    baseline: Field<'a>,
}

/// A value, and whether it is that of a part (one place, one group) only.
#[derive(Default)]
struct Measured<'a> {
    value: Field<'a>,
    is_part: bool,
    was_given: bool,
}

impl<'a> Source<'a> {
    /// Reads the result that has just opened, the `number`th of its activity.
    pub(super) fn result(
        &mut self,
        number: usize,
        periods: &mut Vec<Period<'a>>,
    ) -> Result<(), Fault> {
        let at = self.xml.at();
        let kind = self.xml.attribute("type");
        self.expect_result(kind.is_some(), at, "no `type`");
        let aggregation = self.xml.attribute("aggregation-status");
        self.expect_boolean(aggregation.as_deref(), at);
        let first_period = periods.len();
        let mut indicator = Indicator {
            numbers: (number, 0),
            kind: if kind.as_deref() == Some("1") { "output" } else { "outcome" },
            result_title: Field::default(),
            title: Field::default(),
            baseline: Field::default(),
        };
        let mut seen = 0_u32;
        loop {
            match self.xml.step()? {
                Step::Open("title") => {
                    self.is_first(&mut seen, 0, "title");
                    indicator.result_title = self.titled()?;
                }
                Step::Open("description") => {
                    self.is_first(&mut seen, 1, "description");
                    self.titled()?;
                }
                Step::Open("indicator") => {
                    indicator.numbers.1 = indicator.numbers.1.saturating_add(1);
                    self.indicator(&mut indicator, periods)?;
                }
                Step::Open(_) => self.xml.skip()?,
                Step::Text(_) => {}
                Step::Close | Step::End => break,
            }
        }
        self.expect_result(indicator.numbers.1 > 0, at, "no `indicator`");
        self.expect_result(seen & 1 == 1, at, "no `title`");
        for period in periods.iter_mut().skip(first_period) {
            if period.title.is_empty() {
                period.title = indicator.result_title.clone();
            }
        }
        Ok(())
    }

    fn indicator(
        &mut self,
        indicator: &mut Indicator<'a>,
        periods: &mut Vec<Period<'a>>,
    ) -> Result<(), Fault> {
        let at = self.xml.at();
        let has_measure = self.xml.attribute("measure").is_some();
        self.expect_result(has_measure, at, "no `measure`");
        let ascending = self.xml.attribute("ascending");
        self.expect_boolean(ascending.as_deref(), at);
        indicator.title = Field::default();
        let first_period = periods.len();
        let mut baseline = Measured::default();
        let mut description = Field::default();
        let (mut seen, mut number) = (0_u32, 0_usize);
        loop {
            match self.xml.step()? {
                Step::Open("title") => {
                    self.is_first(&mut seen, 0, "title");
                    indicator.title = self.titled()?;
                }
                Step::Open("description") => {
                    self.is_first(&mut seen, 1, "description");
                    description = self.titled()?;
                }
                Step::Open(name @ ("target" | "actual")) => {
                    self.remark(VALUE_OUTSIDE_PERIOD, self.xml.at(), name);
                    self.xml.skip()?;
                }
                Step::Open("baseline") => {
                    self.expect_year();
                    self.measured(&mut baseline)?;
                }
                Step::Open("reference") => {
                    let at = self.xml.at();
                    let is_whole = self.xml.attribute("vocabulary").is_some()
                        && self.xml.attribute("code").is_some();
                    self.expect_result(is_whole, at, "a `reference` without code");
                    self.xml.skip()?;
                }
                Step::Open("period") => {
                    number = number.saturating_add(1);
                    self.period(number, indicator, periods)?;
                }
                Step::Open(_) => self.xml.skip()?,
                Step::Text(_) => {}
                Step::Close | Step::End => break,
            }
        }
        self.expect_result(seen & 1 == 1, at, "no `title` of an indicator");
        indicator.baseline = baseline.value;
        for period in periods.iter_mut().skip(first_period) {
            period.title = indicator.title.or(&description).clone();
            period.baseline = indicator.baseline.clone();
        }
        Ok(())
    }

    fn period(
        &mut self,
        number: usize,
        indicator: &Indicator<'a>,
        periods: &mut Vec<Period<'a>>,
    ) -> Result<(), Fault> {
        let (result, place) = (indicator.numbers, self.xml.place());
        let mut period = Period {
            place,
            numbers: (result.0, result.1, number),
            kind: indicator.kind,
            ..Period::default()
        };
        let (mut target, mut actual) = (Measured::default(), Measured::default());
        let (mut seen, mut first) = (0_u32, None);
        loop {
            match self.xml.step()? {
                Step::Open("period-start") => {
                    self.is_first(&mut seen, 0, "period-start");
                    let at = self.xml.at();
                    let start = self.day()?;
                    first = crate::domain::time::parse_day(&start.text);
                    self.expect_result(first.is_some(), at, "no day in `period-start`");
                }
                Step::Open("period-end") => {
                    if self.is_first(&mut seen, 1, "period-end") {
                        period.end = self.day()?;
                    } else {
                        period.objections.push(self.ambiguity("period-end", "period"));
                        self.xml.skip()?;
                    }
                }
                Step::Open("target") => self.measured(&mut target)?,
                Step::Open("actual") => self.measured(&mut actual)?,
                Step::Open(_) => self.xml.skip()?,
                Step::Text(_) => {}
                Step::Close | Step::End => break,
            }
        }
        self.expect_result(seen & 1 == 1, place.at, "no `period-start`");
        let last = crate::domain::time::parse_day(&period.end.text);
        self.expect_result(last.is_some(), place.at, "no day in `period-end`");
        let is_backwards = first.zip(last).is_some_and(|(first, last)| last < first);
        if is_backwards && self.validated_on.is_some() {
            self.remark(PERIOD_BACKWARDS, place.at, "");
        }
        if target.was_given || actual.was_given {
            (period.target, period.actual) = (target.value, actual.value);
            periods.push(period);
        }
        Ok(())
    }

    /// Reads a baseline, target or actual. Later values of the same kind count only where
    /// those before were of a part.
    fn measured(&mut self, measured: &mut Measured<'a>) -> Result<(), Fault> {
        let at = self.xml.at();
        let value = Field::of(self.xml.attribute("value"), at);
        let (mut is_part, mut comments) = (false, 0_u32);
        loop {
            match self.xml.step()? {
                Step::Open("comment") => {
                    self.is_first(&mut comments, 0, "comment");
                    self.titled()?;
                }
                Step::Open(name) => {
                    is_part |= matches!(name, "dimension" | "location");
                    self.xml.skip()?;
                }
                Step::Text(_) => {}
                Step::Close | Step::End => break,
            }
        }
        if measured.was_given {
            self.remark(SEVERAL_VALUES, at, "");
            if is_part || !measured.is_part {
                return Ok(());
            }
        }
        *measured = Measured { value, is_part, was_given: true };
        Ok(())
    }

    /// Reads words that the standard wants to be there.
    fn titled(&mut self) -> Result<Field<'a>, Fault> {
        let at = self.xml.at();
        let words = self.words()?;
        self.expect_result(!words.field.is_empty(), at, "an element without words");
        Ok(words.field)
    }

    fn expect_year(&mut self) {
        let at = self.xml.at();
        let is_year = self.xml.attribute("year").is_some_and(|year| {
            year.bytes().all(|b| b.is_ascii_digit()) && year.bytes().any(|b| b != b'0')
        });
        self.expect_result(is_year, at, "a `baseline` without a year");
    }

    fn expect_boolean(&mut self, text: Option<&str>, at: usize) {
        let is_boolean = matches!(text, None | Some("true" | "false" | "0" | "1"));
        self.expect_result(is_boolean, at, text.unwrap_or(""));
    }

    fn expect_result(&mut self, holds: bool, at: usize, about: &str) {
        if !holds && self.version == Version::Two {
            self.remark(BAD_RESULT, at, about);
        }
    }
}
