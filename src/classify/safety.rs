//! Safe storage and life safety: what a policy may take out of the software gate.
//!
//! The terms are data (`safety.csv`). A text is covered only where each item of its list
//! that buys something names one of them: fire extinguishers beside vehicles stay gated.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::language::{LANGUAGES, Link, cut};
use super::lexicon::{Key, read_rows};
use super::ruleset::Tongue;
use super::text::{Folded, fold};
use crate::error::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    lang: String,
    term: String,
    #[serde(rename = "comment")]
    _comment: String,
}

#[derive(Debug)]
struct Term {
    /// Its words, folded; in several a `*` may stand at the end of any.
    words: Vec<(String, bool)>,
}

/// The terms of safe storage and life safety, by language.
#[derive(Debug, Default)]
pub struct Safety(BTreeMap<String, Vec<Term>>);

impl Safety {
    /// Reads the terms; what is wrong goes to `problems`.
    pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Self {
        let mut terms: BTreeMap<String, Vec<Term>> = BTreeMap::new();
        for (row, line) in read_rows::<Row>(file, text, problems) {
            if !LANGUAGES.contains(&line.lang.as_str()) {
                let what = format!("`{}` is not a language of the lexicon", line.lang);
                problems.push(Problem::at(file, row, 0, what, "use en, fr, es or pt"));
                continue;
            }
            let words: Vec<(String, bool)> = line
                .term
                .split_whitespace()
                .map(|word| (fold(word.trim_end_matches('*')), word.ends_with('*')))
                .collect();
            if words.is_empty() || words.iter().any(|(word, _)| word.is_empty()) {
                let what = format!("`{}` is not a term", line.term);
                problems.push(Problem::at(file, row, 0, what, "write words"));
                continue;
            }
            terms.entry(line.lang).or_default().push(Term { words });
        }
        Self(terms)
    }

    /// Whether every item of a text that buys a thing names one of the terms.
    #[must_use]
    pub fn covers(&self, description: &str, lang: &str, tongue: &Tongue) -> bool {
        let Some(terms) = self.0.get(lang) else { return false };
        let text = Folded::new(description);
        let safe: Vec<(usize, usize)> =
            terms.iter().flat_map(|term| term.places(&text)).collect();
        if safe.is_empty() {
            return false;
        }
        let hits = tongue.lexicon.find(&text);
        let whole: Vec<(usize, usize)> = hits
            .iter()
            .map(|hit| (hit.start, hit.end))
            .chain(safe.iter().copied())
            .collect();
        let mut items: Vec<(usize, usize)> = Vec::new();
        for clause in cut(&text.text, &whole, &tongue.grammar) {
            let starts = matches!(clause.link, Link::And | Link::Comma | Link::Break);
            match items.last_mut() {
                Some(item) if !starts => item.1 = clause.end,
                _ => items.push((clause.start, clause.end)),
            }
        }
        let inside = |item: &(usize, usize), at: usize| item.0 <= at && at < item.1;
        items.iter().all(|item| {
            let buys = hits.iter().any(|hit| {
                inside(item, hit.start)
                    && matches!(
                        hit.term.key,
                        Key::Infra
                            | Key::Place
                            | Key::Equip
                            | Key::Ops
                            | Key::Running
                            | Key::WorksService
                    )
            });
            !buys || safe.iter().any(|(start, _)| inside(item, *start))
        })
    }
}

impl Term {
    /// Where the term stands in a folded text.
    fn places(&self, text: &Folded) -> Vec<(usize, usize)> {
        let Some((first, _)) = self.words.first() else { return Vec::new() };
        text.text
            .match_indices(first.as_str())
            .filter_map(|(start, _)| Some((start, self.end_at(text, start)?)))
            .filter(|(start, end)| text.is_word(*start, *end))
            .collect()
    }

    /// Where the term ends, if it stands at `start`.
    fn end_at(&self, text: &Folded, start: usize) -> Option<usize> {
        let mut at = start;
        for (nth, (word, any_ending)) in self.words.iter().enumerate() {
            let rest = text.text.get(at..)?;
            let rest = if nth == 0 { rest } else { rest.strip_prefix(' ')? };
            rest.strip_prefix(word.as_str())?;
            at = at.checked_add(usize::from(nth > 0))?.checked_add(word.len())?;
            if *any_ending {
                at = text.end_of_word(at);
            }
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use crate::classify::{Question, RuleSet, read_rules};
    use crate::engine::Library;

    fn exempt(rules: &RuleSet, description: &str, lang: &str) -> bool {
        let lang = Some(lang);
        let answer =
            rules.classify(&Question { description, lang, ..Question::default() });
        rules.is_exempt_for_safety(description, &answer)
    }

    #[test]
    fn the_switch_exempts_safety_and_nothing_beside_it() {
        let rules = read_rules(&Library::new(None)).unwrap().0;
        let on = rules.exempt_safety(true);
        for (text, lang) in [
            ("Weapons storage facility", "en"),
            ("Separate holding cells for women and juveniles", "en"),
            ("Fire extinguishers and smoke detectors for the prison", "en"),
            ("Extincteurs pour la prison centrale", "fr"),
            ("Construcción de celdas para mujeres", "es"),
            ("Reabilitação de celas para mulheres", "pt"),
        ] {
            assert!(exempt(&on, text, lang), "{text}");
        }
        for text in [
            "Vehicles and fire extinguishers",
            "Vehicles",
            "Construction of barracks",
            "Training in fire safety",
            "Armoury",
            "Fire engines",
        ] {
            assert!(!exempt(&on, text, "en"), "{text}");
        }
        let off = on.exempt_safety(false);
        assert!(!exempt(&off, "Weapons storage facility", "en"));
    }
}
