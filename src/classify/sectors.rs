//! Sectors: what the purpose codes of a transaction, or of its project, add to its text.
//!
//! A code never says what is bought. It may say that a text is about security, name the
//! provider that a text leaves out, or take a text that names no security body out of
//! scope. The codes speak only with one voice: of several, all must say the same. An
//! oversight body is never taken from a code, because the gate would exempt it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::answer::{Answer, RunnerUp};
use super::lexicon::{optional, read_rows};
use super::{Question, RuleSet};
use crate::domain::class::{Beneficiary, Class, Method};
use crate::error::Problem;

/// What an answer is worth that a sector decided: as little as a category alone.
const SECTOR_BPS: i64 = 4_000;

/// Where a purpose code belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The security sector.
    In,
    /// Another field.
    Out,
    /// Either.
    Boundary,
}

/// What the codes of one owner say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spoken {
    /// Where they belong.
    pub scope: Scope,
    /// The provider that they name.
    pub beneficiary: Option<Beneficiary>,
}

impl Spoken {
    /// What two codes say together: where they differ, nothing certain.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let same = self.scope == other.scope;
        let beneficiary = self.beneficiary.filter(|who| other.beneficiary == Some(*who));
        Self { scope: if same { self.scope } else { Scope::Boundary }, beneficiary }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SectorRow {
    vocabulary: String,
    code: String,
    scope: Scope,
    beneficiary: String,
    #[serde(rename = "reason")]
    _reason: String,
    #[serde(rename = "reference")]
    _reference: String,
}

/// The crosswalk from purpose codes to scope and provider.
#[derive(Debug, Clone, Default)]
pub struct Crosswalk {
    exact: BTreeMap<(String, String), Spoken>,
    families: BTreeMap<(String, String), Spoken>,
}

impl Crosswalk {
    /// Reads the crosswalk; `*` at the end of a code means any ending.
    #[must_use]
    pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Self {
        let mut crosswalk = Self::default();
        for (row, line) in read_rows::<SectorRow>(file, text, problems) {
            let who = match optional(&line.beneficiary, Beneficiary::parse, "beneficiary")
            {
                Ok(who) if who.is_some_and(Beneficiary::is_oversight) => {
                    let what = format!("`{}` is an oversight body", line.beneficiary);
                    let fix = "leave it empty; a code may only name a provider";
                    problems.push(Problem::at(file, row, 0, what, fix));
                    continue;
                }
                Ok(who) => who,
                Err((what, fix)) => {
                    problems.push(Problem::at(file, row, 0, what, fix));
                    continue;
                }
            };
            let spoken = Spoken { scope: line.scope, beneficiary: who };
            let known = match line.code.strip_suffix('*') {
                Some(stem) => {
                    let key = (line.vocabulary, stem.to_owned());
                    crosswalk.families.insert(key, spoken)
                }
                None => crosswalk.exact.insert((line.vocabulary, line.code), spoken),
            };
            if known.is_some() {
                let fix = "keep one of the rows";
                problems.push(Problem::at(file, row, 0, "code stands twice", fix));
            }
        }
        crosswalk
    }

    /// What a code says; nothing for another vocabulary or an unknown code.
    #[must_use]
    pub fn of(&self, vocabulary: &str, code: &str) -> Option<Spoken> {
        let vocabulary = match vocabulary.trim().to_uppercase().as_str() {
            "1" | "DAC" => "1",
            "2" | "DAC-3" => "2",
            _ => return None,
        };
        let code = code.trim();
        let key = |code: &str| (vocabulary.to_owned(), code.to_owned());
        self.exact.get(&key(code)).copied().or_else(|| {
            (1..=code.len())
                .rev()
                .filter_map(|length| code.get(..length))
                .find_map(|stem| self.families.get(&key(stem)).copied())
        })
    }
}

/// Answers a question with the help of sectors; says whether they decided.
#[must_use]
pub fn classify_with(
    rules: &RuleSet,
    question: &Question<'_>,
    spoken: Option<Spoken>,
) -> (Answer, bool) {
    let plain = rules.classify(question);
    let Some(spoken) = spoken else { return (plain, false) };
    let (mut answer, decided) = match spoken.scope {
        Scope::Out => out_of_scope(plain),
        Scope::In | Scope::Boundary => aided(rules, question, plain, spoken),
    };
    answer.named |= spoken.scope == Scope::In;
    // What sectors decide was not measured; what they doubt is of another kind.
    answer.measured = None;
    (if decided { answer } else { rules.calibration.measure(answer) }, decided)
}

/// Whether the text itself names security or a body that provides it.
fn names_security(answer: &Answer) -> bool {
    answer
        .matched
        .iter()
        .any(|term| term.key == "context" || term.key.starts_with("who:"))
}

/// Another field takes along what does not name security itself; project costs stay what
/// they are, and a text that names security keeps its class with a rival.
fn out_of_scope(mut plain: Answer) -> (Answer, bool) {
    let why = "the sector belongs to another field".to_owned();
    if matches!(plain.class, Class::OutOfScope | Class::Support) {
        return (plain, false);
    }
    if names_security(&plain) {
        if plain.class != Class::Unclassified && plain.runner_up.is_none() {
            plain.runner_up = Some(RunnerUp { class: Class::OutOfScope, why });
            plain.confidence_bps = plain.confidence_bps.min(7_000);
        }
        return (plain, false);
    }
    if plain.class != Class::Unclassified {
        let why = plain.because;
        plain.runner_up = Some(RunnerUp { class: plain.class, why });
    }
    plain.class = Class::OutOfScope;
    plain.subclass = None;
    plain.rule_id = "C2".to_owned();
    plain.because = format!("{why}, and the text names no security body");
    plain.method = Method::CategoryPrior;
    plain.confidence_bps = SECTOR_BPS;
    plain.parts.clear();
    (plain, true)
}

/// A text that cannot be told alone is read again as one about security, or as one about
/// the provider that the sector names; what it says then is worth little.
fn aided(
    rules: &RuleSet,
    question: &Question<'_>,
    plain: Answer,
    spoken: Spoken,
) -> (Answer, bool) {
    let unnamed = plain.beneficiary == Beneficiary::Unknown;
    let provider = spoken.beneficiary.filter(|_| unnamed).map(Beneficiary::code);
    let security = spoken.scope == Scope::In;
    if plain.class != Class::Unclassified || !security && provider.is_none() {
        return (plain, false);
    }
    let beneficiary = question.beneficiary.or(provider);
    let mut aided = rules.classify(&Question { beneficiary, security, ..*question });
    if matches!(aided.class, Class::Unclassified | Class::Mixed) {
        return (plain, false);
    }
    aided.confidence_bps = SECTOR_BPS;
    aided.runner_up = Some(RunnerUp {
        class: Class::Unclassified,
        why: format!("without the sector: {}", plain.because),
    });
    (aided, true)
}

#[cfg(test)]
#[path = "sectors_test.rs"]
mod tests;
