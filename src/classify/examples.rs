//! The examples of the rules, and how they are run.

use serde::Deserialize;

use super::RuleSet;
use crate::classify::answer::{Part, Question};
use crate::classify::parts::{Division, divide};
use crate::domain::Money;
use crate::domain::class::{Class, Subclass};

/// An example of a rule, which is run as a test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    pub(super) text: String,
    pub(super) lang: String,
    pub(super) scheme: Option<String>,
    pub(super) category: Option<String>,
    pub(super) beneficiary: Option<String>,
    pub(super) class: Class,
    pub(super) subclass: Option<Subclass>,
    /// Amount of the line, where the text states amounts (rule C3).
    pub(super) amount: Option<String>,
    /// The shares that the line is split into: `hardware/H2=40000.00`, largest first.
    #[serde(default)]
    pub(super) split: Vec<String>,
}

impl RuleSet {
    /// Runs the examples of the rules; returns a sentence for each that fails.
    #[must_use]
    pub fn test_examples(&self) -> Vec<String> {
        let examples = self
            .rules
            .iter()
            .flat_map(|rule| rule.examples.iter().map(move |example| (rule, example)));
        examples
            .filter_map(|(rule, example)| self.test_example(&rule.id, example))
            .collect()
    }

    fn test_example(&self, rule: &str, example: &Example) -> Option<String> {
        let answer = self.classify(&Question {
            description: &example.text,
            lang: Some(&example.lang),
            scheme: example.scheme.as_deref(),
            category: example.category.as_deref(),
            beneficiary: example.beneficiary.as_deref(),
            security: false,
        });
        let detail = |s: Option<Subclass>| s.map_or("", Subclass::code);
        let same_detail = example.subclass.is_none_or(|s| Some(s) == answer.subclass);
        let told = format!("{rule}: `{}` ({})", example.text, example.lang);
        if answer.class != example.class || !same_detail {
            return Some(format!(
                "{told} is {} {}, expected {} {} (by {}: {})",
                answer.class,
                detail(answer.subclass),
                example.class,
                detail(example.subclass),
                answer.rule_id,
                answer.because
            ));
        }
        let split = example.amount.as_deref().map_or_else(Vec::new, |amount| {
            Money::parse(amount).map_or_else(
                |_| vec![format!("`{amount}` is no amount")],
                |amount| split_in_words(&answer.parts, amount),
            )
        });
        (split != example.split).then(|| {
            format!(
                "{told} is split into [{}], expected [{}]; {}",
                split.join(", "),
                example.split.join(", "),
                answer.features.join("; ")
            )
        })
    }
}

/// The shares of a line as an example writes them; none where the sum is another.
fn split_in_words(parts: &[Part], amount: Money) -> Vec<String> {
    let Ok(Division::Shares(shares)) = divide(parts, amount) else { return Vec::new() };
    shares
        .iter()
        .map(|share| {
            let detail = share.subclass.map(|s| format!("/{s}")).unwrap_or_default();
            format!("{}{detail}={}", share.class, Money::from_cents(share.weight))
        })
        .collect()
}
