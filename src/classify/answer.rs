//! What is asked about a text, and what is answered.

use super::measured::Measured;
use crate::domain::Money;
use crate::domain::class::{Beneficiary, Class, EligibilityFlag, Method, Subclass};

/// A line as it stands in the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'a> {
    /// What the line says it buys.
    pub description: &'a str,
    /// Language of the text, if it is known.
    pub lang: Option<&'a str>,
    /// Generation of the budget categories: 2006 or 2012.
    pub scheme: Option<&'a str>,
    /// Budget category, 1 to 8.
    pub category: Option<&'a str>,
    /// Who gets it, if the data say so.
    pub beneficiary: Option<&'a str>,
    /// Whether something besides the text says that it is about security.
    pub security: bool,
}

impl Question<'_> {
    /// The beneficiary that the data name.
    #[must_use]
    pub fn named(&self) -> Option<Beneficiary> {
        self.beneficiary.and_then(|code| Beneficiary::parse(code.trim()))
    }
}

/// An eligibility screen that the text trips.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagHit {
    /// The screen.
    pub flag: EligibilityFlag,
    /// Whether a person must look, because the text does not settle it.
    pub review: bool,
    /// What tripped it, as the text has it.
    pub matched: String,
}

/// A term found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedTerm {
    /// The words as the text has them.
    pub text: String,
    /// Where they start: character of the text, from 1.
    pub start: usize,
    /// The key of the term: `train`, `equip`, `who:police`.
    pub key: String,
    /// The term as the lexicon has it.
    pub term: String,
}

/// The class that would have been answered without the deciding words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerUp {
    /// The class.
    pub class: Class,
    /// What speaks for it.
    pub why: String,
}

/// An item whose amount the text states (rule C3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The item, as the text has it.
    pub text: String,
    /// What the text says it costs.
    pub amount: Money,
    /// What it buys.
    pub class: Class,
    /// The detail, where there is one.
    pub subclass: Option<Subclass>,
}

/// What the rules make of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the money buys.
    pub class: Class,
    /// The detail, where there is one.
    pub subclass: Option<Subclass>,
    /// Who gets it.
    pub beneficiary: Beneficiary,
    /// Eligibility screens, each at most once, in order.
    pub flags: Vec<FlagHit>,
    /// How the class was found.
    pub method: Method,
    /// The rule of the decision procedure that decided: `C5`.
    pub rule_id: String,
    /// Every term found, in order of place.
    pub matched: Vec<MatchedTerm>,
    /// A rival, where there is one.
    pub runner_up: Option<RunnerUp>,
    /// How much the answer is worth, in basis points.
    pub confidence_bps: i64,
    /// Whether the text or the data name a body of security, or the sector is of security.
    pub named: bool,
    /// How often such answers were right on labelled lines, where that was measured.
    pub measured: Option<Measured>,
    /// The language that the text was read in.
    pub lang: String,
    /// Whether the language was found by detection rather than given.
    pub lang_detected: bool,
    /// Why, in a sentence.
    pub because: String,
    /// Steps on the way: what was passed over, what was joined.
    pub features: Vec<String>,
    /// Items with stated amounts that are not all of one class; else empty. The class is
    /// then mixed, and a line whose amount is their sum is split by them.
    pub parts: Vec<Part>,
}

impl Answer {
    /// Answers a question in a language that has no lexicon.
    #[must_use]
    pub fn unsupported(code: &str, question: &Question<'_>) -> Self {
        Self {
            class: Class::Unclassified,
            subclass: None,
            beneficiary: question.named().unwrap_or(Beneficiary::Unknown),
            flags: Vec::new(),
            method: Method::None,
            rule_id: "C11".to_owned(),
            matched: Vec::new(),
            runner_up: None,
            confidence_bps: 0,
            named: question.security
                || question.named().is_some_and(|who| who != Beneficiary::Unknown),
            measured: None,
            lang: code.to_owned(),
            lang_detected: false,
            because: format!(
                "the language `{code}` has no lexicon; en, fr, es and pt have"
            ),
            features: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Whether answers of this kind were right often enough to be called sure.
    #[must_use]
    pub fn measured_high(&self) -> bool {
        self.measured.is_some_and(|found| found.high)
    }

    /// The words that decided, as they stand in the text, joined by `; `.
    #[must_use]
    pub fn matched_words(&self) -> String {
        let words: Vec<&str> =
            self.matched.iter().map(|term| term.text.as_str()).collect();
        words.join("; ")
    }

    /// The eligibility flags joined by `;`, a `?` after those that need review.
    #[must_use]
    pub fn flag_text(&self) -> String {
        let flags: Vec<String> = self
            .flags
            .iter()
            .map(|hit| format!("{}{}", hit.flag, if hit.review { "?" } else { "" }))
            .collect();
        flags.join(";")
    }
}
