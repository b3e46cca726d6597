//! One `iati-activity`: its own facts, and where its transactions and results are read.

use std::borrow::Cow;

use super::facts::{Activity, Budget, EMPTY, Field};
use super::notices::{
    BAD_PROJECT_DAY, BUDGET_VALUE_DATE, NAMELESS_RECIPIENT, NO_VERSION, Notice, REPEATED,
};
use super::source::{Source, Version};
use super::xml::{Fault, Step};
use crate::domain::time::{is_plausible, parse_day};

impl<'a> Source<'a> {
    /// Reads the activity that has just opened into `activity`.
    pub(super) fn activity(&mut self, activity: &mut Activity<'a>) -> Result<(), Fault> {
        let place = self.xml.place();
        activity.clear();
        activity.place = place;
        activity.default_currency =
            Field::of(self.xml.attribute("default-currency"), place.at);
        activity.told.updated =
            Field::of(self.xml.attribute("last-updated-datetime"), place.at);
        self.lang = self.lang_here().unwrap_or_else(|| self.file_lang.clone());
        self.version = self.file_version;
        if self.version == Version::Unsaid {
            // Files joined from several publishers state it on each activity.
            let own = self.xml.attribute("version");
            self.version =
                own.and_then(|text| Version::parse(&text)).unwrap_or(Version::Unsaid);
        }
        if self.version == Version::Unsaid {
            self.notices.add(NO_VERSION, place, "");
        }
        let mut results = 0_usize;
        loop {
            match self.xml.step()? {
                Step::Open("transaction") => self.transaction(activity)?,
                Step::Open("result") => {
                    results = results.saturating_add(1);
                    self.result(results, &mut activity.periods)?;
                }
                Step::Open("budget") => {
                    let budget = self.budget()?;
                    activity.budgets.push(budget);
                }
                Step::Open(name) => self.fact(name, activity)?,
                Step::Text(_) => {}
                Step::Close | Step::End => break,
            }
        }
        if let Some(today) = self.validated_on {
            self.advise(activity, today);
        }
        Ok(())
    }

    /// Reads one element of the activity that is neither money nor a result.
    fn fact(&mut self, name: &str, activity: &mut Activity<'a>) -> Result<(), Fault> {
        if self.validated_on.is_some() {
            self.note_for_rules(name, activity);
        }
        match name {
            "iati-identifier" => self.identifier(activity)?,
            "reporting-org" => {
                let reference = self.xml.attribute("ref");
                activity.reporter = Field::of(reference, self.xml.at());
                self.xml.skip()?;
            }
            "title" => {
                let had_one = !activity.title.field.is_empty();
                let at = self.xml.at();
                let title = self.words()?;
                activity.title.offer(title);
                if had_one && self.version == Version::Two {
                    self.remark(REPEATED, at, "title");
                }
            }
            "activity-status" => {
                let at = self.xml.at();
                let code = self.xml.attribute("code");
                let text = self.xml.text()?;
                let status = match code {
                    Some(code) => self.status_words(code),
                    None => text,
                };
                activity.status = Field::new(status, at);
            }
            "activity-date" => self.activity_date(activity)?,
            "participating-org" => {
                let role = self.xml.attribute("role").unwrap_or_default();
                if role == "4" || role.eq_ignore_ascii_case("implementing") {
                    let place = self.xml.place();
                    let recipient = self.organisation()?;
                    if recipient.is_empty() {
                        self.notices.add(NAMELESS_RECIPIENT, place, "");
                    } else {
                        activity.recipients.push((recipient, place));
                    }
                } else {
                    self.xml.skip()?;
                }
            }
            "related-activity" => {
                // Type 1 is the parent; the others add no level of their own.
                if self.xml.attribute("type").as_deref() == Some("1")
                    && activity.parent.is_empty()
                {
                    activity.parent = self.activity_named("ref");
                }
                self.xml.skip()?;
            }
            "recipient-country" => activity.countries.push(self.area()?),
            "recipient-region" => activity.regions.push(self.area()?),
            "sector" => activity.sectors.extend(self.sector()?),
            _ => self.xml.skip()?,
        }
        Ok(())
    }

    fn identifier(&mut self, activity: &mut Activity<'a>) -> Result<(), Fault> {
        let at = self.xml.at();
        if !activity.identifier.is_empty() {
            let objection = self.ambiguity("iati-identifier", "iati-activity");
            activity.objections.push(objection);
            return self.xml.skip();
        }
        activity.identifier = Field::new(self.xml.text()?, at);
        Ok(())
    }

    fn activity_date(&mut self, activity: &mut Activity<'a>) -> Result<(), Fault> {
        let kind = self.xml.attribute("type").unwrap_or_default();
        let end = match &*kind {
            "3" | "end-planned" => &mut activity.planned_end,
            "4" | "end-actual" => &mut activity.actual_end,
            _ => return self.xml.skip(),
        };
        let day = self.day()?;
        if !end.is_empty() || day.is_empty() {
            return Ok(());
        }
        if parse_day(&day.text).is_some_and(is_plausible) {
            *end = day;
        } else {
            self.remark(BAD_PROJECT_DAY, day.at, &day.text);
        }
        Ok(())
    }

    /// The activity status in the words of its code list.
    fn status_words(&self, code: Cow<'a, str>) -> Cow<'a, str> {
        let is_old = self.version == Version::One;
        Cow::Borrowed(match &*code {
            "1" => "Pipeline/identification",
            "2" => "Implementation",
            "3" if is_old => "Completion",
            "3" => "Finalisation",
            "4" if is_old => "Post-completion",
            "4" => "Closed",
            "5" => "Cancelled",
            "6" => "Suspended",
            _ => return code,
        })
    }

    fn budget(&mut self) -> Result<Budget<'a>, Fault> {
        let kind = self.xml.attribute("type").unwrap_or_default();
        let mut budget = Budget {
            place: self.xml.place(),
            is_revised: kind == "2" || kind.eq_ignore_ascii_case("revised"),
            ..Budget::default()
        };
        let mut seen = 0_u32;
        loop {
            let (number, name) = match self.xml.step()? {
                Step::Open("period-start") => (0, "period-start"),
                Step::Open("period-end") => (1, "period-end"),
                Step::Open("value") => (2, "value"),
                Step::Open(_) => {
                    self.xml.skip()?;
                    continue;
                }
                Step::Text(_) => continue,
                Step::Close | Step::End => return Ok(budget),
            };
            if !self.is_first(&mut seen, number, name) {
                budget.objections.push(self.ambiguity(name, "budget"));
                self.xml.skip()?;
                continue;
            }
            match name {
                "period-start" => budget.start = self.day()?,
                "period-end" => budget.end = self.day()?,
                _ => {
                    (budget.amount, budget.currency, _) =
                        self.value(BUDGET_VALUE_DATE)?;
                }
            }
        }
    }

    /// Reads a `value`: amount, currency and value date, each as it stands; `undated` is
    /// remarked where it has no value date.
    pub(super) fn value(
        &mut self,
        undated: Notice,
    ) -> Result<(Field<'a>, Field<'a>, Field<'a>), Fault> {
        let at = self.xml.at();
        let currency = Field::of(self.xml.attribute("currency"), at);
        let value_date = match self.xml.attribute("value-date") {
            Some(day) => self.without_zone(day, at),
            None => {
                self.remark(undated, at, "");
                EMPTY
            }
        };
        let amount = Field::new(self.xml.text()?, at);
        Ok((amount, currency, value_date))
    }
}
