//! From an activity's facts to rows of the canonical tables.

use std::collections::BTreeSet;

use super::facts::{Activity, EMPTY, Field, Objection, Share, Transaction};
use super::notices::{
    MIXED_COUNTRIES, NEGATIVE, NO_CURRENCY, NO_TITLE, Notices, PADDED, SAME_CODE,
};
use super::place::Place;
use super::shares::{HUNDRED, WHOLE, basis_points, percentage};
use super::sheets::{Intake, Sheets};
use crate::domain::codes::country_alpha3;
use crate::domain::ids;
use crate::error::visible;
use crate::load::reading::Reject;

/// Where the rows of a file go.
pub(super) struct Rows<'r> {
    pub(super) intake: Intake<'r>,
    pub(super) sheets: &'r mut Sheets,
    pub(super) notices: &'r mut Notices,
}

/// One activity on its way into the tables.
pub(super) struct Project<'a, 'x> {
    pub(super) facts: &'x Activity<'a>,
    /// The identifier as it stands.
    pub(super) id: &'x Field<'a>,
    /// The identifier as `project_id` keeps it.
    pub(super) key: String,
    pub(super) currency: Field<'a>,
}

impl Rows<'_> {
    /// Takes all rows of an activity. Where the project itself cannot be loaded, none of
    /// them stays, but all their faults are told and all their money is in the tally.
    pub(super) fn activity(&mut self, facts: &Activity<'_>) {
        let placeholder = Field::new("?", facts.place.at);
        let id = facts.identifier.or(&placeholder);
        let currency = self.currency(facts);
        let key = ids::project_id(&id.text);
        let project = Project { facts, id, key, currency };
        if ids::was_padded(&id.text) {
            self.notices.add(PADDED, facts.place, &id.text);
        }
        let before = self.sheets.lengths();
        let first_reject = self.intake.reading.rejects.len();
        let common = self.common_country(facts);
        let countries =
            if facts.countries.is_empty() { common.as_slice() } else { &facts.countries };
        let stands = self.project(&project, countries);
        self.countries(&project, countries);
        let recipients = self.recipients(&project);
        self.sectors(&project.key, "project", &project.key, &facts.sectors);
        for (number, one) in (1_u64..).zip(&facts.transactions) {
            self.transaction(&project, number, one);
        }
        self.budgets(&project, &recipients);
        for period in &facts.periods {
            self.period(&project, period);
        }
        if !stands {
            self.sheets.truncate(before);
        }
        if facts.identifier.is_empty() {
            for reject in self.intake.reading.rejects.iter_mut().skip(first_reject) {
                reject.project_id = None;
            }
        }
    }

    /// The project's currency: its default, else the only one that it uses.
    fn currency<'a>(&mut self, facts: &Activity<'a>) -> Field<'a> {
        if !facts.default_currency.is_empty() {
            return facts.default_currency.clone();
        }
        let Some(only) = facts.only_currency() else { return EMPTY };
        self.notices.add(NO_CURRENCY, facts.place, &only);
        Field::new(only, facts.place.at)
    }

    fn project(&mut self, project: &Project<'_, '_>, countries: &[Share<'_>]) -> bool {
        let facts = project.facts;
        let place = facts.place;
        let title = if facts.title.field.is_empty() {
            self.notices.add(NO_TITLE, place, &project.id.text);
            project.id
        } else {
            &facts.title.field
        };
        let objections = objections_to(project);
        // A made-up currency keeps the row's other faults apart from this one.
        let made_up = Field::new("USD", place.at);
        let currency = project.currency.or(&made_up);
        let country = main_country(countries).unwrap_or(&EMPTY);
        #[rustfmt::skip]
        let fields = [
            project.id, project.id, title, country, &EMPTY, &EMPTY, &EMPTY, &EMPTY, &EMPTY,
            &EMPTY, &EMPTY, &EMPTY, &EMPTY, &EMPTY, &EMPTY, &EMPTY, &facts.planned_end,
            &facts.actual_end, &facts.status, currency, &facts.parent,
        ];
        let sheet = &mut self.sheets.projects;
        let taken = sheet.take(&mut self.intake, place, &fields);
        sheet.object(&mut self.intake, taken, &project.key, &objections)
    }

    /// The country that every transaction names, where the activity itself names neither
    /// country nor region: version 2.0x lets a publisher choose the level.
    fn common_country<'a>(&mut self, facts: &Activity<'a>) -> Option<Share<'a>> {
        if !facts.countries.is_empty() || !facts.regions.is_empty() {
            return None;
        }
        let mut codes = facts.transactions.iter().map(|one| &one.country);
        let first = codes.next()?;
        if codes.any(|code| code.text != first.text) {
            self.notices.add(MIXED_COUNTRIES, facts.place, "");
            return None;
        }
        let place = facts.transactions.first()?.place;
        let share = Share { code: first.clone(), place, ..Share::default() };
        (!first.is_empty()).then_some(share)
    }

    /// All recipient countries. Regions count only where the countries leave a part of the
    /// whole to them; often they name the same area once more.
    fn countries(&mut self, project: &Project<'_, '_>, countries: &[Share<'_>]) {
        let regions = &project.facts.regions;
        let both = || countries.iter().chain(regions);
        let is_shared = !regions.is_empty()
            && total(countries.iter()) != Some(HUNDRED)
            && total(both()) == Some(HUNDRED);
        let areas: Vec<&Share<'_>> =
            if is_shared { both().collect() } else { countries.iter().collect() };
        let points = self.points(&areas, "project_countries", &project.key);
        for (country, points) in self.joined(countries, &points) {
            let (place, points) = (country.place, Field::new(points.to_string(), 0));
            let sheet = &mut self.sheets.project_countries;
            sheet.take(&mut self.intake, place, &[project.id, &country.code, &points]);
        }
    }

    /// The recipients, each once, in the order of the file.
    fn recipients<'x>(&mut self, project: &'x Project<'_, '_>) -> BTreeSet<&'x str> {
        let mut names = BTreeSet::new();
        for (recipient, place) in &project.facts.recipients {
            if names.insert(&*recipient.text) {
                self.recipient(project, recipient, *place);
            }
        }
        names
    }

    /// A recipient of the project.
    pub(super) fn recipient(
        &mut self,
        project: &Project<'_, '_>,
        recipient: &Field<'_>,
        place: Place,
    ) {
        let basis = Field::new("gross", 0);
        let fields = [project.id, recipient, &EMPTY, &basis, &EMPTY];
        self.sheets.recipients.take(&mut self.intake, place, &fields);
    }

    fn transaction(
        &mut self,
        project: &Project<'_, '_>,
        number: u64,
        one: &Transaction<'_>,
    ) {
        let id = Field::new(format!("{}#{number}", project.id.text), 0);
        let lang = Field::new(&*one.description.lang, one.description.field.at);
        let lang = if one.description.field.is_empty() { &EMPTY } else { &lang };
        let currency = one.currency.or(&project.facts.default_currency);
        #[rustfmt::skip]
        let fields = [
            &id, project.id, &one.kind, &one.date, &one.amount, currency, &EMPTY, &EMPTY,
            &EMPTY, &EMPTY, &EMPTY, &EMPTY, &one.value_date, &one.provider, &one.receiver,
            &one.description.field, lang, &one.source_ref, &one.provider_activity,
            &one.receiver_activity,
        ];
        if one.amount.text.starts_with('-') {
            self.notices.add(NEGATIVE, one.place, &one.amount.text);
        }
        let sheet = &mut self.sheets.transactions;
        let taken = sheet.take(&mut self.intake, one.place, &fields);
        if !sheet.object(&mut self.intake, taken, &project.key, &one.objections) {
            return;
        }
        let sectors = project.facts.transaction_sectors.get(one.sectors.clone());
        self.sectors(&project.key, "transaction", &id.text, sectors.unwrap_or(&[]));
    }

    /// The sectors of one owner, vocabulary by vocabulary.
    fn sectors(&mut self, key: &str, kind: &'static str, owner: &str, all: &[Share<'_>]) {
        for (n, first) in all.iter().enumerate() {
            let is_of_it = |one: &&Share<'_>| one.vocabulary == first.vocabulary;
            if all.iter().take(n).any(|one| is_of_it(&one)) {
                continue;
            }
            if all.iter().filter(is_of_it).nth(1).is_none() && first.percentage.is_none()
            {
                self.sector(key, kind, owner, first, WHOLE);
                continue;
            }
            let shares: Vec<&Share<'_>> = all.iter().filter(is_of_it).collect();
            let points = self.points(&shares, "sectors", key);
            for (share, points) in self.joined(shares, &points) {
                self.sector(key, kind, owner, share, points);
            }
        }
    }

    fn sector(
        &mut self,
        key: &str,
        kind: &'static str,
        owner: &str,
        share: &Share<'_>,
        points: i128,
    ) {
        let points = match points {
            WHOLE => Field::new("10000", 0),
            other => Field::new(other.to_string(), 0),
        };
        let fields = [
            &Field::new(kind, 0),
            &Field::new(owner, 0),
            &Field::new(&*share.vocabulary, share.place.at),
            &share.code,
            &points,
        ];
        let first_reject = self.intake.reading.rejects.len();
        self.sheets.sectors.take(&mut self.intake, share.place, &fields);
        for reject in self.intake.reading.rejects.iter_mut().skip(first_reject) {
            reject.project_id = Some(key.to_owned());
        }
    }

    /// Shares with their basis points, those of one code added up.
    fn joined<'x, 'a: 'x>(
        &mut self,
        shares: impl IntoIterator<Item = &'x Share<'a>>,
        points: &[i128],
    ) -> Vec<(&'x Share<'a>, i128)> {
        let mut rows: Vec<(&Share<'a>, i128)> = Vec::with_capacity(points.len());
        for (share, points) in shares.into_iter().zip(points) {
            match rows.iter_mut().find(|(one, _)| one.code.text == share.code.text) {
                Some((_, sum)) => {
                    *sum = sum.saturating_add(*points);
                    self.notices.add(SAME_CODE, share.place, &share.code.text);
                }
                None => rows.push((share, *points)),
            }
        }
        rows
    }

    /// The basis points of shares; none where a percentage cannot be read, since the
    /// others would then carry its part.
    fn points(&mut self, shares: &[&Share<'_>], table: &str, key: &str) -> Vec<i128> {
        let mut parts = Vec::with_capacity(shares.len());
        let mut is_good = true;
        for share in shares {
            let text = share.percentage.as_deref();
            let part = text.and_then(percentage);
            if let (Some(text), None) = (text, part) {
                is_good = false;
                let reject = self.bad_percentage(share.place, text, table, key);
                self.intake.reading.rejects.push(reject);
            }
            parts.push(part);
        }
        if !is_good || parts.is_empty() {
            return Vec::new();
        }
        let (points, notice) = basis_points(&parts);
        if let (Some(notice), Some(first)) = (notice, shares.first()) {
            let notice = if table == "sectors" { notice } else { notice.of_countries() };
            self.notices.add(notice, first.place, "");
        }
        points
    }

    fn bad_percentage(&self, place: Place, text: &str, table: &str, key: &str) -> Reject {
        let sheet = match table {
            "sectors" => &self.sheets.sectors,
            _ => &self.sheets.project_countries,
        };
        let objection = Objection {
            place,
            what: format!(
                "`{}` is not a percentage; the shares beside it are left out with it",
                visible(text)
            ),
            fix: "give a number from 0 to 100, for example `33.3`",
        };
        sheet.reject(key, &objection)
    }
}

/// Why an activity cannot be loaded, beyond what its cells say.
fn objections_to(project: &Project<'_, '_>) -> Vec<Objection> {
    let facts = project.facts;
    let mut objections = facts.objections.clone();
    let mut object = |what: String, fix| {
        objections.push(Objection { place: facts.place, what, fix });
    };
    if facts.identifier.is_empty() {
        let what = format!(
            "an activity has no `iati-identifier`; nothing of it is loaded, nor its {} \
             transactions",
            facts.transactions.len()
        );
        object(what, "give it one");
    } else if facts.identifier.text == facts.reporter.text {
        let what = format!(
            "the `iati-identifier` `{}` is that of the reporting organisation",
            visible(&facts.identifier.text)
        );
        object(what, "give the activity an identifier of its own (rule 1.1.3)");
    }
    if project.currency.is_empty() {
        let what = "the activity has no `default-currency` and does not use just one";
        object(what.to_owned(), "state `default-currency` on `iati-activity`");
    }
    objections
}

/// The sum of percentages, where each is given and can be read.
fn total<'x, 'a: 'x>(mut shares: impl Iterator<Item = &'x Share<'a>>) -> Option<i128> {
    shares.try_fold(0_i128, |sum, share| {
        sum.checked_add(percentage(share.percentage.as_deref()?)?)
    })
}

/// The country of a project: its only one, or one that has all of it.
fn main_country<'x, 'a>(countries: &'x [Share<'a>]) -> Option<&'x Field<'a>> {
    let first = countries.first()?;
    let is_whole = |share: &&Share<'_>| {
        share.percentage.as_deref().and_then(percentage) == Some(HUNDRED)
    };
    let chosen = if countries.iter().all(|share| share.code.text == first.code.text) {
        first
    } else {
        countries.iter().find(is_whole)?
    };
    // An unknown code is told once, by its own row of `project_countries`.
    country_alpha3(&chosen.code.text).map(|_| &chosen.code)
}
