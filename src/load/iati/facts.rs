//! What one activity says, borrowed from the file, before it is checked.

use std::borrow::Cow;

use super::place::Place;

/// A text and where it stands; empty where nothing does.
#[derive(Debug, Clone, Default)]
pub(super) struct Field<'a> {
    /// The text, trimmed.
    pub(super) text: Cow<'a, str>,
    /// The byte at which its element begins; 0 where none is meant.
    pub(super) at: usize,
}

/// Nothing.
pub(super) const EMPTY: Field<'static> = Field { text: Cow::Borrowed(""), at: 0 };

impl<'a> Field<'a> {
    /// Returns `text` of the element that begins at a byte.
    pub(super) fn new(text: impl Into<Cow<'a, str>>, at: usize) -> Self {
        Self { text: text.into(), at }
    }

    /// Returns what an attribute holds.
    pub(super) fn of(text: Option<Cow<'a, str>>, at: usize) -> Self {
        Self { text: text.unwrap_or_default(), at }
    }

    /// Whether nothing stands here.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// This field, or the other where this one is empty.
    pub(super) fn or<'b>(&'b self, other: &'b Field<'a>) -> &'b Field<'a> {
        if self.is_empty() { other } else { self }
    }
}

/// The words of an element in the language that we read, with that language.
#[derive(Debug, Clone, Default)]
pub(super) struct Words<'a> {
    /// The words.
    pub(super) field: Field<'a>,
    /// Their language, its main part in lower case; empty where unknown.
    pub(super) lang: Cow<'a, str>,
}

impl Words<'_> {
    /// Takes other words where there are none, or where only the others are English.
    pub(super) fn offer(&mut self, other: Self) {
        let is_better =
            self.field.is_empty() || (self.lang != "en" && other.lang == "en");
        if is_better && !other.field.is_empty() {
            *self = other;
        }
    }
}

/// A share of an owner: a sector, a country or a region.
#[derive(Debug, Clone, Default)]
pub(super) struct Share<'a> {
    /// Sector vocabulary; empty for a country.
    pub(super) vocabulary: Cow<'a, str>,
    /// The code.
    pub(super) code: Field<'a>,
    /// The percentage as text.
    pub(super) percentage: Option<Cow<'a, str>>,
    /// The element.
    pub(super) place: Place,
}

/// Why a row cannot be loaded, beyond what its cells say.
#[derive(Debug, Clone)]
pub(super) struct Objection {
    /// Where.
    pub(super) place: Place,
    /// What.
    pub(super) what: String,
    /// How to mend it.
    pub(super) fix: &'static str,
}

/// One transaction.
#[derive(Debug, Clone, Default)]
pub(super) struct Transaction<'a> {
    pub(super) place: Place,
    pub(super) source_ref: Field<'a>,
    pub(super) kind: Field<'a>,
    pub(super) date: Field<'a>,
    pub(super) amount: Field<'a>,
    pub(super) currency: Field<'a>,
    pub(super) value_date: Field<'a>,
    pub(super) country: Field<'a>,
    pub(super) has_region: bool,
    pub(super) has_provider: bool,
    pub(super) has_receiver: bool,
    pub(super) provider: Field<'a>,
    pub(super) receiver: Field<'a>,
    pub(super) provider_activity: Field<'a>,
    pub(super) receiver_activity: Field<'a>,
    pub(super) description: Words<'a>,
    /// Its sectors, as a stretch of the activity's `transaction_sectors`.
    pub(super) sectors: std::ops::Range<usize>,
    pub(super) objections: Vec<Objection>,
}

/// One budget: a total for a period.
#[derive(Debug, Clone, Default)]
pub(super) struct Budget<'a> {
    pub(super) place: Place,
    pub(super) is_revised: bool,
    pub(super) start: Field<'a>,
    pub(super) end: Field<'a>,
    pub(super) amount: Field<'a>,
    pub(super) currency: Field<'a>,
    pub(super) objections: Vec<Objection>,
}

/// One period of an indicator that has a target or an actual value.
#[derive(Debug, Clone, Default)]
pub(super) struct Period<'a> {
    pub(super) place: Place,
    /// Result, indicator and period, from 1.
    pub(super) numbers: (usize, usize, usize),
    pub(super) title: Field<'a>,
    pub(super) kind: &'static str,
    pub(super) baseline: Field<'a>,
    pub(super) target: Field<'a>,
    pub(super) actual: Field<'a>,
    pub(super) end: Field<'a>,
    pub(super) objections: Vec<Objection>,
}

/// What only the rules of the standard look at.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) updated: Field<'a>,
    pub(super) planned_start: Field<'a>,
    pub(super) actual_start: Field<'a>,
    /// Identifiers that the reporting organisation had before.
    pub(super) former_refs: Vec<Cow<'a, str>>,
}

/// One activity.
#[derive(Debug, Default)]
pub(super) struct Activity<'a> {
    pub(super) place: Place,
    pub(super) default_currency: Field<'a>,
    pub(super) identifier: Field<'a>,
    pub(super) reporter: Field<'a>,
    pub(super) title: Words<'a>,
    pub(super) status: Field<'a>,
    /// Further days and names, kept only where the file is validated.
    pub(super) told: Told<'a>,
    /// The activity that this one is a part of.
    pub(super) parent: Field<'a>,
    pub(super) planned_end: Field<'a>,
    pub(super) actual_end: Field<'a>,
    pub(super) recipients: Vec<(Field<'a>, Place)>,
    pub(super) countries: Vec<Share<'a>>,
    pub(super) regions: Vec<Share<'a>>,
    pub(super) sectors: Vec<Share<'a>>,
    pub(super) transactions: Vec<Transaction<'a>>,
    pub(super) transaction_sectors: Vec<Share<'a>>,
    pub(super) budgets: Vec<Budget<'a>>,
    pub(super) periods: Vec<Period<'a>>,
    pub(super) objections: Vec<Objection>,
}

impl<'a> Activity<'a> {
    /// Forgets everything but the room that its lists have taken.
    pub(super) fn clear(&mut self) {
        let mut bare = Self::default();
        macro_rules! keep {
            ($($list:ident),+) => {
                $(
                    bare.$list = std::mem::take(&mut self.$list);
                    bare.$list.clear();
                )+
            };
        }
        keep!(recipients, countries, regions, sectors, transactions, transaction_sectors);
        keep!(budgets, periods);
        *self = bare;
    }

    /// The activity's only currency, where it names no default and uses just one.
    pub(super) fn only_currency(&self) -> Option<String> {
        let of_transactions = self.transactions.iter().map(|one| &one.currency);
        let of_budgets = self.budgets.iter().map(|one| &one.currency);
        let mut used =
            of_transactions.chain(of_budgets).filter(|field| !field.is_empty());
        let first = used.next()?;
        used.all(|field| field.text == first.text).then(|| first.text.to_string())
    }
}
