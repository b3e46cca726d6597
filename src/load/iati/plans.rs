//! What an activity plans: budgets as budget lines, result periods as milestones.

use std::collections::BTreeSet;

use super::facts::{Budget, EMPTY, Field, Objection, Period};
use super::notices::{NAMELESS_RESULT, NOT_A_NUMBER, PERIOD_NOT_OVER, REVISED_BUDGET};
use super::place::Place;
use super::rows::{Project, Rows};
use crate::domain::time::parse_day;
use crate::error::visible;
use crate::tables::cell;

/// The recipient of a budget where an activity has several implementers, or none.
const UNSPECIFIED: &str = "unspecified";

impl Rows<'_> {
    /// The budgets of a project, with the recipient that they need.
    pub(super) fn budgets(
        &mut self,
        project: &Project<'_, '_>,
        recipients: &BTreeSet<&str>,
    ) {
        let budgets = &project.facts.budgets;
        let only = recipients.first().filter(|_| recipients.len() == 1);
        let recipient = only.copied().unwrap_or(UNSPECIFIED);
        let mut first_taken = None;
        for (number, budget) in (1_u64..).zip(budgets) {
            let is_replaced = !budget.is_revised
                && budgets.iter().any(|other| {
                    other.is_revised
                        && other.start.text == budget.start.text
                        && other.end.text == budget.end.text
                });
            if is_replaced {
                self.notices.add(REVISED_BUDGET, budget.place, "");
            } else if self.budget(project, number, budget, recipient) {
                first_taken = first_taken.or(Some(budget.place));
            }
        }
        if let Some(place) = first_taken
            && !recipients.contains(recipient)
        {
            self.recipient(project, &Field::new(UNSPECIFIED, place.at), place);
        }
    }

    fn budget(
        &mut self,
        project: &Project<'_, '_>,
        number: u64,
        budget: &Budget<'_>,
        recipient: &str,
    ) -> bool {
        let place = budget.place;
        let id = Field::new(format!("{}#budget-{number}", project.id.text), 0);
        let words = format!("Budget {} to {}", budget.start.text, budget.end.text);
        let (recipient, words) = (Field::new(recipient, 0), Field::new(words, 0));
        let lang = Field::new("en", 0);
        let objections = self.budget_objections(project, budget);
        #[rustfmt::skip]
        let fields = [
            &id, project.id, &recipient, &EMPTY, &EMPTY, &EMPTY, &EMPTY, &words, &lang,
            &budget.amount, &EMPTY, &EMPTY, &EMPTY, &EMPTY,
        ];
        let sheet = &mut self.sheets.budget_lines;
        let taken = sheet.take(&mut self.intake, place, &fields);
        sheet.object(&mut self.intake, taken, &project.key, &objections)
    }

    fn budget_objections(
        &self,
        project: &Project<'_, '_>,
        budget: &Budget<'_>,
    ) -> Vec<Objection> {
        let mut objections = budget.objections.clone();
        for (name, day) in [("period-start", &budget.start), ("period-end", &budget.end)]
        {
            if parse_day(&day.text).is_none() {
                let what = match &*day.text {
                    "" => format!("the budget has no day in `{name}`"),
                    text => {
                        format!("`{}` is not a calendar day (`{name}`)", visible(text))
                    }
                };
                let place = self.place_of(budget.place, day);
                objections.push(Objection {
                    place,
                    what,
                    fix: "give `iso-date` as `YYYY-MM-DD`",
                });
            }
        }
        let currency = budget.currency.or(&project.currency);
        if currency.text != project.currency.text {
            objections.push(Objection {
                place: self.place_of(budget.place, currency),
                what: format!(
                    "the budget is in `{}`, the activity in `{}`",
                    visible(&currency.text),
                    visible(&project.currency.text)
                ),
                fix: "a budget is loaded in the activity's default currency only",
            });
        }
        objections
    }

    /// The place of a field in a row, or of the row where the field is absent.
    fn place_of(&self, row: Place, field: &Field<'_>) -> Place {
        if field.at > 0 { row.forward(self.intake.text, field.at) } else { row }
    }

    /// A milestone for a period, and an observation where it has an actual value.
    pub(super) fn period(&mut self, project: &Project<'_, '_>, period: &Period<'_>) {
        let place = period.place;
        let (result, indicator, number) = period.numbers;
        let id = format!("{}#r{result}.{indicator}.{number}", project.id.text);
        let id = Field::new(id, 0);
        let text = |text: &'static str| Field::new(text, 0);
        let title = period.title.or(&id);
        if period.title.is_empty() {
            self.notices.add(NAMELESS_RESULT, place, "");
        }
        let baseline = self.number(place, &period.baseline);
        let target = self.number(place, &period.target);
        #[rustfmt::skip]
        let fields = [
            &id, project.id, &text("1"), title, &text("unclassified"), &EMPTY,
            &text(period.kind), &text("number"), baseline, target, &text("1"),
            &text("false"), &period.end, &EMPTY,
        ];
        let sheet = &mut self.sheets.milestones;
        let taken = sheet.take(&mut self.intake, place, &fields);
        if !sheet.object(&mut self.intake, taken, &project.key, &period.objections) {
            return;
        }
        let actual = self.number(place, &period.actual);
        if actual.is_empty() {
            return;
        }
        if parse_day(&period.end.text).is_some_and(|end| end > self.intake.leave.today) {
            self.notices.add(PERIOD_NOT_OVER, place, &period.end.text);
            return;
        }
        let fields = [&id, &period.end, &EMPTY, actual, &EMPTY, &EMPTY];
        self.sheets.observations.take(&mut self.intake, place, &fields);
    }

    /// The field where it is a number that a table can hold, else nothing.
    fn number<'f, 'a>(&mut self, row: Place, field: &'f Field<'a>) -> &'f Field<'a> {
        let table = self.sheets.observations.rows.table;
        let leave = self.intake.leave;
        let is_number = table
            .column("value")
            .is_some_and(|column| cell::read(column, &field.text, leave).is_ok());
        if is_number {
            return field;
        }
        let place = self.place_of(row, field);
        self.notices.add(NOT_A_NUMBER, place, &field.text);
        &EMPTY
    }
}
