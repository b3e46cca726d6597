//! One request as a rule sees it, and what a rule counted.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::class::Subclass;
use crate::domain::verdict::RuleResult;
use crate::domain::{Beneficiary, Bounds, Class, Money};

use crate::gate::Policy;

use super::rows::{FundTotal, Line, Project};

/// A request with its rows.
pub(super) struct Case<'a> {
    pub(super) project: &'a Project,
    pub(super) tranche: i64,
    /// Events to this day count.
    pub(super) day: NaiveDate,
    /// Numbers of the policy in force, by name.
    pub(super) numbers: &'a BTreeMap<String, i64>,
    pub(super) policy: &'a Policy,
    pub(super) funds: &'a [FundTotal],
    /// Whether training counts as software.
    pub(super) wide: bool,
    /// Class shares of the tranche.
    pub(super) shares: Vec<Share<'a>>,
}

/// What one class of one line gets in one tranche.
#[derive(Clone, Copy)]
pub(super) struct Share<'a> {
    pub(super) id: &'a str,
    pub(super) line: &'a Line,
    pub(super) class: Class,
    pub(super) subclass: Option<Subclass>,
    pub(super) amount: i128,
}

/// Money of one kind or another, whatever its class is called.
pub(super) fn is_doubtful(class: Class) -> bool {
    class == Class::Mixed || class == Class::Unclassified
}

/// All classes but support (Q30).
pub(super) fn is_direct(class: Class) -> bool {
    class != Class::Support
}

impl Share<'_> {
    /// Hardware, or what may be hardware, of a body that is not there to oversee others,
    /// above 0.00 (Q34, Q35).
    pub(super) fn is_gated(&self) -> bool {
        let hardware = self.class == Class::Hardware || is_doubtful(self.class);
        let oversees = matches!(
            self.line.beneficiary,
            Beneficiary::OversightFormal
                | Beneficiary::OversightNonState
                | Beneficiary::ManagementCivil
        );
        hardware && !oversees && !self.line.is_safety && self.amount > 0
    }

    /// Whether the screens take the beneficiary for the armed forces (Q38).
    pub(super) fn is_defence(&self) -> bool {
        matches!(
            self.line.beneficiary,
            Beneficiary::Defence | Beneficiary::Mixed | Beneficiary::Unknown
        )
    }
}

impl Case<'_> {
    pub(super) fn number(&self, name: &str) -> Option<i128> {
        self.numbers.get(name).copied().map(i128::from)
    }

    /// The number of a template of a year (Q07).
    pub(super) fn number_in(&self, name: &str, year: i64) -> Option<i128> {
        let history = self.policy.rules.iter().find_map(|rule| rule.parameters.get(name));
        let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 1)?;
        let begun = history?.all().iter().filter(|dated| dated.from <= first);
        let newest = begun.max_by_key(|dated| dated.from)?;
        Some(i128::from(newest.value.value))
    }

    pub(super) fn has_gated(&self) -> bool {
        self.shares.iter().any(Share::is_gated)
    }

    pub(super) fn is_first(&self) -> bool {
        self.tranche <= 1
    }

    /// What has happened by the as-of.
    pub(super) fn happened(&self, on: NaiveDate) -> bool {
        on <= self.day
    }

    /// The sum of this tranche's shares that `test` picks.
    pub(super) fn sum(&self, test: impl Fn(&Share<'_>) -> bool) -> Option<i128> {
        sum(self.shares.iter().filter(|share| test(share)).map(|share| share.amount))
    }
}

/// A sum; nothing where it exceeds 128 bits.
pub(super) fn sum(numbers: impl IntoIterator<Item = i128>) -> Option<i128> {
    numbers.into_iter().try_fold(0_i128, i128::checked_add)
}

/// What one rule came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The result, before other rules cast doubt on it.
    pub result: RuleResult,
    /// The upper number.
    pub numerator: Option<Bounds>,
    /// The lower number.
    pub denominator: Option<Bounds>,
    /// The threshold, where the rule finds it by itself.
    pub threshold: Option<i64>,
    /// Lines that are dropped, with the gravest result.
    pub lines: BTreeMap<String, RuleResult>,
    /// Whether hardware is held by lines of this rule.
    pub gate: Option<RuleResult>,
    /// Other numbers that amounts rest on.
    pub numbers: BTreeMap<&'static str, i128>,
    /// The steps, where they were asked for.
    pub trace: Vec<String>,
}

impl Count {
    /// A result without numbers.
    pub(super) fn plain(result: RuleResult) -> Self {
        Self {
            result,
            numerator: None,
            denominator: None,
            threshold: None,
            lines: BTreeMap::new(),
            gate: None,
            numbers: BTreeMap::new(),
            trace: Vec::new(),
        }
    }

    /// The rule does not concern the request.
    pub(super) fn apart() -> Self {
        Self::plain(RuleResult::NotApplicable)
    }

    /// A result over a number and a whole.
    pub(super) fn over(result: RuleResult, numerator: Bounds, denominator: i128) -> Self {
        Self {
            numerator: Some(numerator),
            denominator: Some(Bounds { low: denominator, high: denominator }),
            ..Self::plain(result)
        }
    }
}

/// The steps of a count, kept only where someone will read them.
#[derive(Debug, Default)]
pub(super) struct Trace(Option<Vec<String>>);

impl Trace {
    pub(super) fn kept() -> Self {
        Self(Some(Vec::new()))
    }

    pub(super) fn say(&mut self, words: impl FnOnce() -> String) {
        if let Some(steps) = &mut self.0 {
            steps.push(words());
        }
    }

    pub(super) fn steps(self) -> Vec<String> {
        self.0.unwrap_or_default()
    }
}

/// Cents as people write them.
pub(super) fn money(cents: i128) -> String {
    Money::from_cents(cents).to_string()
}
