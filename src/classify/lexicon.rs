//! The lexicon: terms by language, and one pass that finds them in a folded text.
//!
//! Terms live in two layers, because "police station" is at once a building and a
//! body: the *nature* layer says what is bought, the *body* layer who gets it and what
//! the text is about. Within a layer phrases win over terms and the longest match wins.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::text::{Folded, fold};
use crate::domain::class::{Beneficiary, Class, Subclass};
use crate::error::{Error, Problem, Result, did_you_mean};

/// What a term says about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Training.
    Train,
    /// Capacity building: training only if a provider gets it.
    Capacity,
    /// Works.
    Infra,
    /// A building that counts as works only where it is all the text names.
    Place,
    /// Equipment.
    Equip,
    /// Operations.
    Ops,
    /// Running costs: of whom?
    Running,
    /// A consumable or rental that follows the course or survey it serves.
    Acc,
    /// A service that follows the works it serves.
    WorksService,
    /// Governance of the sector.
    Sector,
    /// Evaluation or audit: of the reform, or of the project?
    Eval,
    /// Project costs.
    Support,
    /// Another focus area.
    Scope,
    /// A head that says nothing.
    Carrier,
    /// The form of an event.
    Format,
    /// Says nothing at all.
    Vague,
    /// Must be left to a person.
    Review,
    /// Takes its words out of play as a nature.
    None,
    /// The name of a publisher, programme or agenda: none of its words says anything.
    Name,
    /// A body, by what it is.
    Who(Beneficiary),
    /// An oversight, civil society or civil management body.
    Org(Beneficiary),
    /// The text is about security.
    Context,
    /// Another field of aid, in which works, goods and courses are bought too.
    Field,
    /// The text is about the project itself.
    Project,
    /// Refines training: norms, management, systems, conduct.
    Topic,
}

/// The plain keys, by their names in the files.
const KEYS: &[(&str, Key)] = &[
    ("train", Key::Train),
    ("capacity", Key::Capacity),
    ("infra", Key::Infra),
    ("place", Key::Place),
    ("equip", Key::Equip),
    ("ops", Key::Ops),
    ("running", Key::Running),
    ("acc", Key::Acc),
    ("works_service", Key::WorksService),
    ("sector", Key::Sector),
    ("eval", Key::Eval),
    ("support", Key::Support),
    ("scope", Key::Scope),
    ("carrier", Key::Carrier),
    ("format", Key::Format),
    ("vague", Key::Vague),
    ("review", Key::Review),
    ("none", Key::None),
    ("name", Key::Name),
    ("context", Key::Context),
    ("field", Key::Field),
    ("project", Key::Project),
    ("topic", Key::Topic),
];

impl Key {
    fn parse(text: &str) -> Option<Self> {
        if let Some(code) = text.strip_prefix("who:") {
            return Beneficiary::parse(code).map(Self::Who);
        }
        if let Some(code) = text.strip_prefix("org:") {
            return Beneficiary::parse(code)
                .filter(|who| who.is_oversight())
                .map(Self::Org);
        }
        KEYS.iter().find(|(name, _)| *name == text).map(|(_, key)| *key)
    }

    fn is_body(self) -> bool {
        matches!(
            self,
            Self::Who(_)
                | Self::Org(_)
                | Self::Context
                | Self::Field
                | Self::Project
                | Self::Topic
        )
    }
}

/// A term of the lexicon.
#[derive(Debug, Clone)]
pub struct Term {
    /// What it says.
    pub key: Key,
    /// The name of its key in the file.
    pub key_name: String,
    /// The term as it stands in the file.
    pub text: String,
    /// The class it speaks for, if any.
    pub class: Option<Class>,
    /// The detail it speaks for, if any.
    pub subclass: Option<Subclass>,
    /// Whether it is an exception phrase.
    pub is_phrase: bool,
    /// Whether any ending will do.
    any_ending: bool,
}

/// A term found in a folded text.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The term.
    pub term: &'a Term,
}

/// The terms of one language.
#[derive(Debug)]
pub struct Lexicon {
    terms: Vec<Term>,
    finder: AhoCorasick,
}

impl Lexicon {
    /// Builds the lexicon of one language.
    ///
    /// # Errors
    /// If the terms are too many for one search automaton.
    pub fn build(terms: Vec<Term>) -> Result<Self> {
        let patterns = terms.iter().map(|term| fold(term.text.trim_end_matches('*')));
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .map_err(|error| {
                Error::rule(format!("the lexicon cannot be searched: {error}"))
                    .caused_by(error)
            })?;
        Ok(Self { terms, finder })
    }

    /// How many terms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns the terms found in `text`, in order of place: phrases before terms, longest
    /// first, none across another of its layer.
    #[must_use]
    pub fn find(&self, text: &Folded) -> Vec<Hit<'_>> {
        let mut found: Vec<Hit<'_>> = Vec::new();
        for m in self.finder.find_overlapping_iter(text.text.as_str()) {
            let Some(term) = self.terms.get(m.pattern().as_usize()) else { continue };
            let end = if term.any_ending { text.end_of_word(m.end()) } else { m.end() };
            if text.is_word(m.start(), end) {
                found.push(Hit { start: m.start(), end, term });
            }
        }
        found.sort_by_key(|hit| {
            let length = hit.end.saturating_sub(hit.start);
            (
                !hit.term.is_phrase,
                std::cmp::Reverse(length),
                hit.start,
                hit.term.any_ending,
                hit.term.key,
            )
        });
        let mut kept: Vec<Hit<'_>> = Vec::new();
        for hit in found {
            if !kept.iter().any(|other| conflict(other, &hit)) {
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| (hit.start, hit.end, hit.term.key));
        kept
    }
}

/// Whether a hit must give way to one that was kept before it.
fn conflict(kept: &Hit<'_>, hit: &Hit<'_>) -> bool {
    let overlap = kept.start < hit.end && hit.start < kept.end;
    let silences = kept.term.is_phrase
        && matches!(kept.term.key, Key::Scope | Key::Review | Key::Name);
    overlap && (silences || kept.term.key.is_body() == hit.term.key.is_body())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermRow {
    key: String,
    term: String,
    class: String,
    subclass: String,
    #[serde(rename = "comment")]
    _comment: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PhraseRow {
    lang: String,
    phrase: String,
    key: String,
    class: String,
    subclass: String,
    #[serde(rename = "comment")]
    _comment: String,
}

/// Reads a file of terms; what is wrong goes to `problems`.
pub fn read_terms(file: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Term> {
    read_rows::<TermRow>(file, text, problems)
        .into_iter()
        .filter_map(|(row, line)| {
            let term =
                term_of(&line.key, &line.term, (&line.class, &line.subclass), false);
            keep(term, file, row, problems)
        })
        .collect()
}

/// Reads the exception phrases, by language; what is wrong goes to `problems`.
pub fn read_phrases(
    file: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Vec<Term>> {
    let mut phrases: BTreeMap<String, Vec<Term>> = BTreeMap::new();
    for (row, line) in read_rows::<PhraseRow>(file, text, problems) {
        let term = term_of(&line.key, &line.phrase, (&line.class, &line.subclass), true);
        if let Some(term) = keep(term, file, row, problems) {
            phrases.entry(line.lang).or_default().push(term);
        }
    }
    phrases
}

fn keep(
    term: Result<Term, (String, String)>,
    file: &str,
    row: u64,
    problems: &mut Vec<Problem>,
) -> Option<Term> {
    term.map_err(|(what, fix)| problems.push(Problem::at(file, row, 0, what, fix))).ok()
}

fn term_of(
    key_name: &str,
    text: &str,
    (class, subclass): (&str, &str),
    is_phrase: bool,
) -> Result<Term, (String, String)> {
    let key = Key::parse(key_name).ok_or_else(|| {
        let fix = did_you_mean(
            key_name,
            KEYS.iter().map(|(name, _)| *name),
            "see docs/classification.md for the keys",
        );
        (format!("unknown key `{key_name}`"), fix)
    })?;
    let class = optional(class, Class::parse, "class")?;
    let subclass = optional(subclass, Subclass::parse, "subclass")?;
    let bare = text.trim_end_matches('*');
    if bare.contains('*') || fold(bare).is_empty() {
        let what = format!("`{text}` is not a term");
        return Err((what, "write words, with `*` only at the end".to_owned()));
    }
    if let (Some(class), Some(subclass)) = (class, subclass)
        && subclass.class() != class
    {
        let what =
            format!("`{text}` has subclass {subclass} of another class than {class}");
        return Err((what, "make the two agree".to_owned()));
    }
    Ok(Term {
        key,
        key_name: key_name.to_owned(),
        text: text.to_owned(),
        class,
        subclass,
        is_phrase,
        any_ending: text.ends_with('*'),
    })
}

#[path = "rows.rs"]
mod rows;
pub use rows::{optional, read_rows};

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: &str = "key,term,class,subclass,comment\n\
        equip,arm,hardware,H2,\n\
        train,train*,training,T1,\n\
        infra,training centre*,hardware,H1,\n\
        equip,table*,hardware,H2,\n\
        who:police,police,,,\n";

    fn found(text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let mut terms = read_terms("en.csv", TERMS, &mut problems);
        let phrases = "lang,phrase,key,class,subclass,comment\n\
            en,round table*,sector,sector_wide,S8,\n\
            en,arm wrestling,none,,,\n";
        let mut phrases = read_phrases("phrases.csv", phrases, &mut problems);
        terms.append(&mut phrases.remove("en").unwrap());
        assert_eq!(problems, []);
        let lexicon = Lexicon::build(terms).unwrap();
        let text = Folded::new(text);
        lexicon
            .find(&text)
            .iter()
            .map(|hit| text.text[hit.start..hit.end].to_owned())
            .collect()
    }

    #[test]
    fn matches_whole_words_only() {
        assert_eq!(found("alarm"), Vec::<String>::new());
        assert_eq!(found("armée"), Vec::<String>::new());
        assert_eq!(found("one arm"), ["arm"]);
        assert_eq!(found("Trainees"), ["trainees"]);
    }

    #[test]
    fn the_longest_match_wins_and_phrases_come_first() {
        assert_eq!(found("police training centres"), ["police", "training centres"]);
        assert_eq!(found("round tables"), ["round tables"]);
        assert_eq!(found("arm wrestling table"), ["arm wrestling", "table"]);
    }

    #[test]
    fn bad_rows_are_named_with_their_line() {
        let mut problems = Vec::new();
        let text = "key,term,class,subclass,comment\n\
            trian,course,training,T1,\nequip,a*b,hardware,H2,\nequip,gun,hardware,T1,\n";
        assert!(read_terms("en.csv", text, &mut problems).is_empty());
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(shown[0], "en.csv:2: unknown key `trian`; did you mean `train`?");
        assert!(shown[1].starts_with("en.csv:3: `a*b` is not a term"), "{}", shown[1]);
        assert!(shown[2].starts_with("en.csv:4: `gun` has subclass T1"), "{}", shown[2]);
    }
}
