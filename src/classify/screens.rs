//! Eligibility screens on the text: what the Fund may not pay, or only after a look.
//!
//! The word for a weapon alone is never enough (D§3.5): a weapon must be acquired or
//! stand bare, and neither be excluded nor be the object of weapons management. What the
//! text does not settle goes to a person, and is neither passed nor blocked.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::answer::FlagHit;
use super::language::{Clause, Link};
use super::lexicon::{optional, read_rows};
use super::text::{Folded, fold};
use crate::domain::class::{Beneficiary, Class, EligibilityFlag, Subclass};
use crate::error::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A thing that the screen is about.
    Item,
    /// A thing that is military equipment where the armed forces get it.
    Military,
    /// Training for war.
    War,
    /// A word for acquiring.
    Head,
    /// A word that takes what follows out.
    NotFollowing,
    /// A word that takes its own clause out.
    NotOwn,
    /// Weapons management.
    Context,
}

#[derive(Debug, Clone)]
struct Word {
    flag: EligibilityFlag,
    kind: Kind,
    text: String,
    any_ending: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    lang: String,
    flag: String,
    term: String,
    kind: String,
    comment: String,
}

/// A place in the text where a word of a screen stands.
#[derive(Debug, Clone, Copy)]
struct Found<'a> {
    start: usize,
    end: usize,
    word: &'a Word,
}

/// What is known about the line besides its text.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its class.
    pub class: Class,
    /// Whether operations are, or may be, among what it buys.
    pub operations: bool,
    /// Its detail.
    pub subclass: Option<Subclass>,
    /// Who gets it.
    pub beneficiary: Beneficiary,
    /// The clauses of the text.
    pub clauses: &'a [Clause],
}

/// The screens of one language.
#[derive(Debug, Default)]
pub struct Screens {
    words: Vec<Word>,
    /// Finds all words in one pass; nothing where there are none.
    finder: Option<AhoCorasick>,
}

impl Screens {
    /// Reads the screens, by language; what is wrong goes to `problems`.
    pub fn read(
        file: &str,
        text: &str,
        problems: &mut Vec<Problem>,
    ) -> BTreeMap<String, Self> {
        let mut screens: BTreeMap<String, Self> = BTreeMap::new();
        for (row, line) in read_rows::<Row>(file, text, problems) {
            match word_of(&line) {
                Ok(word) => screens.entry(line.lang).or_default().words.push(word),
                Err((what, fix)) => problems.push(Problem::at(file, row, 0, what, fix)),
            }
        }
        for screens in screens.values_mut() {
            let words = screens.words.iter().map(|word| word.text.as_str());
            match AhoCorasick::builder().match_kind(MatchKind::Standard).build(words) {
                Ok(finder) => screens.finder = Some(finder),
                Err(error) => {
                    let what = format!("the screens cannot be searched: {error}");
                    problems.push(Problem::of_file(file, what, "use fewer words"));
                }
            }
        }
        screens
    }

    /// Returns the screens that a text trips, each once, in order.
    #[must_use]
    pub fn check(&self, text: &Folded, line: &Line<'_>) -> Vec<FlagHit> {
        let found = self.find(text);
        let mut hits: BTreeMap<EligibilityFlag, (bool, String)> = BTreeMap::new();
        let mut raise = |flag, review: bool, words: String| {
            let entry = hits.entry(flag).or_insert((review, words.clone()));
            if entry.0 && !review {
                *entry = (false, words);
            }
        };
        for item in &found {
            let words = text.original(item.start, item.end).2;
            if let Some((flag, review)) = judge(item, &found, line) {
                raise(flag, review, words);
            }
        }
        if line.operations && line.beneficiary.counts_as_defence() {
            let sure = line.beneficiary == Beneficiary::Defence
                && line.subclass == Some(Subclass::H3);
            raise(EligibilityFlag::E2, !sure, text.original(0, text.text.len()).2);
        }
        let works = line.subclass == Some(Subclass::H1);
        if works && line.beneficiary == Beneficiary::Defence {
            raise(EligibilityFlag::E7, false, text.original(0, text.text.len()).2);
        }
        hits.into_iter()
            .map(|(flag, (review, matched))| FlagHit { flag, review, matched })
            .collect()
    }

    /// Finds the words, longest first among items; other kinds may overlap them.
    fn find(&self, text: &Folded) -> Vec<Found<'_>> {
        let Some(finder) = &self.finder else { return Vec::new() };
        let mut all = Vec::new();
        for m in finder.find_overlapping_iter(text.text.as_str()) {
            let place = m.pattern().as_usize();
            let Some(word) = self.words.get(place) else { continue };
            let start = m.start();
            let end = if word.any_ending { text.end_of_word(m.end()) } else { m.end() };
            if text.is_word(start, end) {
                all.push((place, Found { start, end, word }));
            }
        }
        if all.is_empty() {
            return Vec::new();
        }
        all.sort_by_key(|(place, f)| {
            (std::cmp::Reverse(f.end.saturating_sub(f.start)), f.start, *place)
        });
        let mut kept: Vec<Found<'_>> = Vec::new();
        for (_, found) in all {
            let is_part = kept.iter().any(|other| {
                found.word.kind == Kind::Item
                    && other.word.kind == Kind::Item
                    && other.end.saturating_sub(other.start)
                        > found.end.saturating_sub(found.start)
                    && other.start < found.end
                    && found.start < other.end
            });
            if !is_part {
                kept.push(found);
            }
        }
        kept.sort_by_key(|f| (f.start, f.end, f.word.flag));
        kept
    }
}

/// Judges one word: the screen it trips, and whether a person must look.
fn judge(
    item: &Found<'_>,
    found: &[Found<'_>],
    line: &Line<'_>,
) -> Option<(EligibilityFlag, bool)> {
    let flag = item.word.flag;
    let place = clause_of(item, line.clauses);
    let buys = matches!(line.class, Class::Hardware | Class::Mixed | Class::Unclassified);
    match item.word.kind {
        Kind::War => {
            let learns = matches!(
                line.class,
                Class::Training | Class::Mixed | Class::Unclassified
            );
            (learns && line.beneficiary.counts_as_defence())
                .then_some((flag, line.beneficiary != Beneficiary::Defence))
        }
        Kind::Military => (buys
            && line.beneficiary == Beneficiary::Defence
            && negated(place, found, line.clauses).is_none())
        .then_some((flag, false)),
        Kind::Item if flag == EligibilityFlag::E1 => weapon(item, place, found, line),
        Kind::Item => other_item(item, place, found, line, buys),
        _ => None,
    }
}

/// A weapon: acquired, bare, excluded, managed, or unclear.
fn weapon(
    item: &Found<'_>,
    place: usize,
    found: &[Found<'_>],
    line: &Line<'_>,
) -> Option<(EligibilityFlag, bool)> {
    if let Some(unclear) = negated(place, found, line.clauses) {
        return unclear.then_some((EligibilityFlag::E1, true));
    }
    let acquired =
        found.iter().any(|f| f.word.kind == Kind::Head && f.start < item.start);
    let managed = found
        .iter()
        .filter(|f| f.word.kind == Kind::Context)
        .map(|f| clause_of(f, line.clauses));
    let mut later = false;
    for other in managed {
        if other == place || (other < place && !bought_between(other, place, found, line))
        {
            return Some((EligibilityFlag::E5, false));
        }
        later |= other > place;
    }
    if later {
        return Some(if acquired {
            (EligibilityFlag::E1, true)
        } else {
            (EligibilityFlag::E5, false)
        });
    }
    let first = line.clauses.iter().position(|c| !c.is_empty());
    let bare = first.is_some_and(|first| place <= first)
        && matches!(line.class, Class::Hardware | Class::Mixed | Class::Unclassified);
    let listed = line
        .clauses
        .get(..=place)
        .unwrap_or_default()
        .iter()
        .all(|c| !matches!(c.link, Link::Object | Link::Topic));
    let buys =
        !matches!(line.class, Class::Training | Class::SectorWide | Class::Support);
    Some((EligibilityFlag::E1, !(buys && (acquired || bare || listed))))
}

/// Whether something is acquired in a clause after `context` and up to `place`.
fn bought_between(
    context: usize,
    place: usize,
    found: &[Found<'_>],
    line: &Line<'_>,
) -> bool {
    found.iter().filter(|f| f.word.kind == Kind::Head).any(|f| {
        let at = clause_of(f, line.clauses);
        at > context && at <= place
    })
}

/// An item of the other screens.
fn other_item(
    item: &Found<'_>,
    place: usize,
    found: &[Found<'_>],
    line: &Line<'_>,
    buys: bool,
) -> Option<(EligibilityFlag, bool)> {
    let flag = item.word.flag;
    let out = negated(place, found, line.clauses);
    // "Non-lethal" names these goods; for them only a word before the clause excludes.
    let own_word = item.word.text.starts_with("non") || item.word.text.contains("let");
    if out.is_some() && !own_word {
        return out.filter(|unclear| *unclear).map(|_| (flag, true));
    }
    let defence = line.beneficiary.counts_as_defence();
    match flag {
        EligibilityFlag::E3 => Some((flag, !buys)),
        EligibilityFlag::E7 => {
            let works = !matches!(line.subclass, Some(Subclass::H2 | Subclass::H3));
            (buys && defence && works).then_some((flag, false))
        }
        EligibilityFlag::E5 => Some((flag, false)),
        _ => buys.then_some((flag, false)),
    }
}

/// Whether the clause is taken out: `Some(false)` surely, `Some(true)` perhaps.
fn negated(place: usize, found: &[Found<'_>], clauses: &[Clause]) -> Option<bool> {
    let own = found.iter().any(|f| {
        matches!(f.word.kind, Kind::NotFollowing | Kind::NotOwn)
            && clause_of(f, clauses) == place
    });
    if own {
        return Some(false);
    }
    // "weapons and ammunition excluded": back along the joined clauses.
    let joined = clauses
        .iter()
        .enumerate()
        .skip(place.saturating_add(1))
        .take_while(|(_, c)| c.link == Link::And)
        .any(|(at, _)| stands(Kind::NotOwn, at, found, clauses));
    if joined {
        return Some(false);
    }
    // "excluding weapons and ammunition": forward; across a comma a person looks.
    let mut comma = false;
    for at in (0..place).rev() {
        match clauses.get(at.saturating_add(1)).map(|c| c.link) {
            Some(Link::And) => {}
            Some(Link::Object)
                if stands(Kind::NotFollowing, at, found, clauses)
                    && clauses.get(at).is_some_and(|c| c.words <= 3) => {}
            Some(Link::Comma) => comma = true,
            _ => return None,
        }
        if stands(Kind::NotFollowing, at, found, clauses) {
            return Some(comma);
        }
    }
    None
}

fn stands(kind: Kind, at: usize, found: &[Found<'_>], clauses: &[Clause]) -> bool {
    found.iter().any(|f| f.word.kind == kind && clause_of(f, clauses) == at)
}

/// The clause that a word stands in.
fn clause_of(found: &Found<'_>, clauses: &[Clause]) -> usize {
    clauses.iter().rposition(|c| c.start <= found.start).unwrap_or_default()
}

fn word_of(row: &Row) -> Result<Word, (String, String)> {
    let flag = optional(&row.flag, EligibilityFlag::parse, "flag")?
        .ok_or_else(|| ("flag is empty".to_owned(), "name the screen".to_owned()))?;
    let kind = match (row.kind.as_str(), row.comment.as_str()) {
        ("item", _) => Kind::Item,
        ("military", _) => Kind::Military,
        ("war", _) => Kind::War,
        ("head", _) => Kind::Head,
        ("negation", "before") => Kind::NotFollowing,
        ("negation", _) => Kind::NotOwn,
        ("context", _) => Kind::Context,
        (other, _) => {
            let fix = "use item, military, war, head, negation or context";
            return Err((format!("unknown kind `{other}`"), fix.to_owned()));
        }
    };
    let bare = row.term.trim_end_matches('*');
    let text = fold(bare);
    if text.is_empty() {
        return Err(("term is empty".to_owned(), "write the words".to_owned()));
    }
    Ok(Word { flag, kind, text, any_ending: row.term.ends_with('*') })
}
