//! The decision procedure: what a text buys, by its head and not by its words.
//!
//! The text is cut into clauses. The first list of clauses that names a nature is the
//! head; clauses before it that only carry (support, workshop, consultant) are passed
//! over. What stands after the head is topic, receiver or place, and decides nothing
//! unless it joins a second nature. Rules C1 to C11 of `rules.toml`, in that order.

use super::answer::{Answer, MatchedTerm, Question, RunnerUp};
use super::language::{self, Clause, HeadNoun, Link};
use super::lexicon::{Hit, Key};
use super::ruleset::{RuleSet, Tongue};
use super::screens::Line;
use super::text::{Folded, fold};
use crate::domain::class::{Beneficiary, Class, Method, Subclass};

/// From here on a category decides alone (rule C10).
const SURE_CATEGORY_BPS: i64 = 9500;

/// What was found about the nature of a line.
#[derive(Debug, Clone)]
struct Finding {
    class: Class,
    subclass: Option<Subclass>,
    rule: &'static str,
    because: String,
    rival: Option<RunnerUp>,
}

impl Finding {
    fn new(
        class: Class,
        subclass: Option<Subclass>,
        rule: &'static str,
        because: impl Into<String>,
    ) -> Self {
        Self { class, subclass, rule, because: because.into(), rival: None }
    }

    fn unclear(because: impl Into<String>) -> Self {
        Self::new(Class::Unclassified, None, "C11", because)
    }
}

/// A text laid open for the rules.
struct Reading<'a> {
    text: &'a Folded,
    head: HeadNoun,
    hits: Vec<Hit<'a>>,
    clauses: Vec<Clause>,
    /// Clauses of the title; the rest is a description of the activity.
    title: usize,
    receiver: Beneficiary,
    strict: bool,
    /// Whether something besides the text says that it is about security.
    security: bool,
    /// Whether the data name the receiver.
    named: bool,
    features: Vec<String>,
}

/// Classifies a text in a language.
#[must_use]
pub fn decide(
    rules: &RuleSet,
    tongue: &Tongue,
    question: &Question<'_>,
    text: &Folded,
    (lang, lang_detected): (&str, bool),
) -> Answer {
    let mut reading = read(rules, tongue, question, text);
    let mut finding = reading.nature();
    let mut method = Method::Lexicon;
    let prior = rules
        .prior(question.scheme, question.category)
        .filter(|prior| prior.confidence_bps >= SURE_CATEGORY_BPS);
    if let Some(prior) = prior {
        let category = question.category.unwrap_or_default();
        if finding.class == Class::Unclassified {
            let because =
                format!("{}; category {category} decides alone", finding.because);
            finding = Finding::new(prior.class, prior.subclass, "C10", because);
            method = Method::CategoryPrior;
        } else if prior.class != finding.class && finding.rival.is_none() {
            let why = format!("category {category}");
            finding.rival = Some(RunnerUp { class: prior.class, why });
        }
    }
    if finding.class == Class::Unclassified {
        method = Method::None;
    }
    let confidence_bps = match (method, &finding.rival) {
        (Method::Lexicon, None) => 9000,
        (Method::Lexicon, Some(_)) => 7000,
        (Method::CategoryPrior, _) => 4000,
        _ => 0,
    };
    let flags = tongue.screens.check(
        text,
        &Line {
            class: finding.class,
            subclass: finding.subclass,
            operations: reading.runs_operations(finding.class),
            beneficiary: reading.receiver,
            clauses: &reading.clauses,
        },
    );
    Answer {
        class: finding.class,
        subclass: finding.subclass,
        beneficiary: reading.receiver,
        flags,
        method,
        rule_id: finding.rule.to_owned(),
        matched: reading.matched(),
        runner_up: finding.rival,
        confidence_bps,
        named: reading.names_body(),
        measured: None,
        lang: lang.to_owned(),
        lang_detected,
        because: finding.because,
        features: reading.features,
        parts: Vec::new(),
    }
}

/// The title of a text: what stands before a long dash or a line break.
#[must_use]
pub fn title_of(description: &str) -> &str {
    let end = description.find(['—', '\n']);
    end.and_then(|at| description.get(..at)).unwrap_or(description)
}

fn read<'a>(
    rules: &RuleSet,
    tongue: &'a Tongue,
    question: &Question<'_>,
    text: &'a Folded,
) -> Reading<'a> {
    let hits = tongue.lexicon.find(text);
    let protected: Vec<(usize, usize)> = hits
        .iter()
        .filter(|hit| !is_name_in_bracket(text, hit))
        .map(|hit| (hit.start, hit.end))
        .collect();
    let clauses = language::cut(&text.text, &protected, &tongue.grammar);
    let title = title_of(question.description);
    let title_end = if title.len() < question.description.len() {
        fold(title).len()
    } else {
        usize::MAX
    };
    let title = clauses.iter().take_while(|c| c.start <= title_end).count();
    let mut reading = Reading {
        text,
        head: tongue.grammar.head,
        hits,
        clauses,
        title,
        receiver: Beneficiary::Unknown,
        strict: rules.is_strict(),
        security: question.security,
        named: question.named().is_some(),
        features: Vec::new(),
    };
    reading.receiver = question.named().unwrap_or_else(|| reading.receiver_in_text());
    reading
}

/// Whether a bracket holds only the short name of a body: "police force (SPF) training".
fn is_name_in_bracket(text: &Folded, hit: &Hit<'_>) -> bool {
    let before = text.text.get(..hit.start).unwrap_or_default();
    let after = text.text.get(hit.end..).unwrap_or_default();
    matches!(hit.term.key, Key::Who(_)) && before.ends_with('(') && after.starts_with(')')
}

impl<'a> Reading<'a> {
    fn title(&self) -> &[Clause] {
        self.clauses.get(..self.title).unwrap_or_default()
    }

    fn hits_in(&self, clause: &Clause) -> impl DoubleEndedIterator<Item = &Hit<'a>> {
        let clause = *clause;
        self.hits.iter().filter(move |hit| clause.holds(hit.start))
    }

    fn in_title(&self, wanted: impl Fn(Key) -> bool) -> Option<&Hit<'a>> {
        let end = self.title().last().map_or(0, |c| c.end);
        self.hits.iter().find(|hit| hit.start < end && wanted(hit.term.key))
    }

    fn quote(&self, hit: &Hit<'_>) -> String {
        format!("`{}`", self.text.original(hit.start, hit.end).2)
    }

    /// Whether the text is about security at all (rules C6 and C8).
    fn is_about_security(&self) -> bool {
        let outsiders = self.receiver == Beneficiary::OversightNonState;
        self.security
            || self.named && !outsiders
            || self.hits.iter().any(|hit| match hit.term.key {
                Key::Who(_) => true,
                Key::Context => !is_said_elsewhere(hit),
                Key::Org(who) => {
                    who != Beneficiary::OversightNonState && !is_said_elsewhere(hit)
                }
                _ => false,
            })
    }

    /// Whether the receiver provides security, by name.
    fn is_provider(&self) -> bool {
        self.receiver.is_force() && self.receiver != Beneficiary::Unknown
            || matches!(
                self.receiver,
                Beneficiary::CivilProtection | Beneficiary::Justice
            )
    }

    /// The head noun of a clause.
    fn noun(&self, at: usize) -> Option<&Hit<'a>> {
        let clause = self.title().get(at)?;
        let nouns: Vec<&Hit<'a>> = self
            .hits_in(clause)
            .filter(|hit| {
                !matches!(
                    hit.term.key,
                    Key::Carrier
                        | Key::Format
                        | Key::Vague
                        | Key::None
                        | Key::Name
                        | Key::Review
                        | Key::Who(_)
                        | Key::Org(_)
                        | Key::Context
                        | Key::Field
                        | Key::Project
                        | Key::Topic
                )
            })
            .filter(|hit| hit.term.key != Key::Place || self.is_bare_place(hit, at))
            .collect();
        let learning = nouns.iter().find(|hit| hit.term.key == Key::Train);
        // A course of a provider stays a course: "election safety course for officers".
        let course = learning.is_some() && self.is_provider();
        let strong = nouns.iter().find(|hit| match hit.term.key {
            Key::Support | Key::WorksService => true,
            Key::Scope => !course,
            _ => false,
        });
        let picked = match self.head {
            HeadNoun::First => nouns.first(),
            HeadNoun::Last => nouns.last(),
        };
        let picked = match picked {
            Some(hit) if course && hit.term.key == Key::Scope => learning,
            other => other,
        };
        let picked = match (picked, learning) {
            // "Trainees' per diem" serves the trainees.
            (Some(hit), Some(train)) if hit.term.key == Key::Acc => Some(train),
            (picked, _) => picked,
        };
        strong.or(picked).copied()
    }

    /// A building counts as works where nothing but it is named.
    fn is_bare_place(&self, hit: &Hit<'_>, at: usize) -> bool {
        let first = self.title().get(..at).is_some_and(|before| {
            before
                .iter()
                .all(|clause| self.hits_in(clause).any(|hit| hit.term.key == Key::Name))
        });
        let Some(clause) = self.title().get(at).filter(|_| first) else { return false };
        let before = self.text.text.get(clause.start..hit.start).unwrap_or_default();
        let after = self.text.text.get(hit.end..clause.end).unwrap_or_default();
        match self.head {
            HeadNoun::Last => !after.contains(char::is_alphanumeric),
            HeadNoun::First => language::words(before).all(|word| word.len() < 4),
        }
    }

    /// One past the last clause of the list that starts at `at`.
    fn end_of_list(&self, at: usize) -> usize {
        let more = self
            .title()
            .iter()
            .skip(at.saturating_add(1))
            .take_while(|clause| clause.is_joined())
            .count();
        at.saturating_add(1).saturating_add(more)
    }

    /// Whether the clauses say nothing on purpose: carriers and formats.
    fn carries(&self, from: usize, to: usize) -> bool {
        self.title().get(from..to).unwrap_or_default().iter().any(|clause| {
            self.hits_in(clause).any(|hit| {
                matches!(
                    hit.term.key,
                    Key::Carrier | Key::Format | Key::Vague | Key::Name
                )
            })
        })
    }

    /// Whether the clauses are a heading that only names a body: "Police force: …".
    fn is_heading(&self, from: usize, to: usize) -> bool {
        let breaks = self.title().get(to).is_some_and(|next| next.link == Link::Break);
        breaks
            && self.title().get(from..to).unwrap_or_default().iter().all(|clause| {
                self.hits_in(clause).any(|hit| {
                    matches!(hit.term.key, Key::Who(_) | Key::Org(_) | Key::Context)
                })
            })
    }
}

/// Whether other fields than security say the term too.
fn is_said_elsewhere(hit: &Hit<'_>) -> bool {
    hit.term.class == Some(Class::OutOfScope)
}

#[path = "doubt.rs"]
mod doubt;
#[path = "head.rs"]
mod head;
#[path = "nature.rs"]
mod nature;
#[path = "receiver.rs"]
mod receiver;
