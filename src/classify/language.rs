//! Languages: the small words that cut a text into clauses, and detection.
//!
//! A word means different things in different languages (`formation`, `tenue`,
//! `quadro`), so the language must be known before the lexicon is used.

use std::collections::BTreeSet;

use serde::Deserialize;
use whatlang::{Detector, Lang};

/// The languages that have a lexicon, in the order in which ties are settled.
pub const LANGUAGES: [&str; 4] = ["en", "fr", "es", "pt"];

/// Which of several terms in the head of a text is its head noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadNoun {
    /// The first, as in the Romance languages.
    First,
    /// The last, as in English compounds.
    Last,
}

/// The small words of a language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grammar {
    /// Which term of a head is the head noun.
    pub head: HeadNoun,
    /// Prepositions that name the object or the receiver.
    pub prepositions: BTreeSet<String>,
    /// Prepositions that name a topic, a place, an author or a means.
    pub topic_prepositions: BTreeSet<String>,
    /// Words that join.
    pub conjunctions: BTreeSet<String>,
    /// Articles and the like, which say nothing.
    pub articles: BTreeSet<String>,
    /// Frequent small words that help to tell the language of a short text.
    pub marks: BTreeSet<String>,
}

impl Grammar {
    /// Counts the small words of the language in a folded text.
    #[must_use]
    pub fn votes(&self, folded: &str) -> usize {
        words(folded)
            .filter(|word| {
                self.prepositions.contains(*word)
                    || self.conjunctions.contains(*word)
                    || self.articles.contains(*word)
                    || self.marks.contains(*word)
            })
            .count()
    }
}

/// Returns the words of a folded text.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// What is known about the language of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One of [`LANGUAGES`].
    Known(&'static str),
    /// A guess of whoever made the data (`d:fr`), which counts only as a hint.
    Guessed(&'static str),
    /// A language that has no lexicon.
    Unsupported(String),
    /// Nothing.
    Nothing,
}

/// Reads a language code: any case, a region after it (`pt-BR`), or a detection mark
/// before it (`d:fr`, a guess; one of a language without a lexicon says nothing).
#[must_use]
pub fn read_code(code: Option<&str>) -> Given {
    let code = code.unwrap_or_default().trim().to_lowercase();
    let bare = code.strip_prefix("d:").unwrap_or(&code);
    let bare = bare.split(['-', '_']).next().unwrap_or_default();
    if matches!(bare, "" | "und" | "mul" | "unknown") {
        return Given::Nothing;
    }
    let long = match bare {
        "eng" => "en",
        "fra" | "fre" => "fr",
        "spa" => "es",
        "por" => "pt",
        short => short,
    };
    let known = LANGUAGES.into_iter().find(|known| *known == long);
    match (known, code.starts_with("d:")) {
        (Some(lang), false) => Given::Known(lang),
        (Some(lang), true) => Given::Guessed(lang),
        (None, true) => Given::Nothing,
        (None, false) => Given::Unsupported(code.clone()),
    }
}

/// Returns what the letters and letter groups of the text itself say, if anything.
#[must_use]
pub fn by_letters(text: &str) -> Option<(&'static str, bool)> {
    let detector =
        Detector::with_allowlist(vec![Lang::Eng, Lang::Fra, Lang::Spa, Lang::Por]);
    let info = detector.detect(text)?;
    let code = match info.lang() {
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        _ => return None,
    };
    Some((code, info.is_reliable()))
}

/// What letters and letter groups count where they are sure.
pub const SURE_LETTERS: usize = 6;

/// Whether one language leads by more than its letters could give to another.
#[must_use]
pub fn is_settled(scores: &[(&str, usize)]) -> bool {
    let best = scores.iter().map(|(_, score)| *score).max().unwrap_or_default();
    let near =
        scores.iter().filter(|(_, score)| score.saturating_add(SURE_LETTERS) >= best);
    best > SURE_LETTERS && near.count() == 1
}

/// Counts letters that only one of the languages writes.
#[must_use]
pub fn marked_letters(text: &str, lang: &str) -> usize {
    let letters: &[char] = match lang {
        "fr" => &['è', 'ê', 'ë', 'î', 'ï', 'û', 'ù', 'œ', 'ô'],
        "es" => &['ñ', '¿', '¡', 'ó', 'í'],
        "pt" => &['ã', 'õ', 'â', 'ç'],
        _ => &[],
    };
    text.to_lowercase().chars().filter(|c| letters.contains(c)).count()
}

/// How a clause hangs on the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// By a preposition that names the object or the receiver.
    Object,
    /// By a preposition that names a topic, a place, an author or a means.
    Topic,
    /// By a comma.
    Comma,
    /// By a word that joins.
    And,
    /// It opens a bracket.
    Bracket,
    /// By a colon, semicolon, dash or full stop.
    Break,
    /// Nothing stands before it.
    Start,
}

/// A stretch of folded text between small words or punctuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clause {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How it hangs on what stands before.
    pub link: Link,
    /// Whether it stands in brackets.
    pub bracketed: bool,
    /// How many words it has, without articles and numbers.
    pub words: usize,
}

impl Clause {
    /// Whether it has no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words == 0
    }

    /// Whether a term that starts at `at` stands in it.
    #[must_use]
    pub fn holds(&self, at: usize) -> bool {
        self.start <= at && at < self.end
    }

    /// Whether it continues the list of the clause before it.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        matches!(self.link, Link::And | Link::Comma)
    }
}

/// Cuts a folded text into clauses; terms of several words (`protected`) stay whole.
#[must_use]
pub fn cut(text: &str, protected: &[(usize, usize)], grammar: &Grammar) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let first =
        Clause { start: 0, end: 0, link: Link::Start, bracketed: false, words: 0 };
    let mut open = first;
    let mut depth = 0_usize;
    for (start, end) in tokens(text) {
        let token = text.get(start..end).unwrap_or_default();
        let whole = protected.iter().any(|(from, to)| *from <= start && end <= *to);
        if !whole && is_acronym_bracket(text, start, protected) {
            continue;
        }
        let link = if whole { None } else { link_of(token, start, text, grammar) };
        match token {
            "(" | "[" => depth = depth.saturating_add(1),
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(link) = link {
            if open.is_empty() && !clauses.is_empty()
                || open.link == Link::Start && open.is_empty()
            {
                open.link = open.link.max(link);
            } else {
                clauses.push(Clause { end: start, ..open });
                open.link = link;
            }
            open = Clause { start: end, words: 0, bracketed: depth > 0, ..open };
        } else if whole
            || token.chars().all(char::is_alphabetic) && !grammar.articles.contains(token)
        {
            open.words = open.words.saturating_add(1);
        }
    }
    clauses.push(Clause { end: text.len(), ..open });
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

/// Whether a bracket holds one unknown word, an acronym that repeats what stands before
/// it: "police force (PF) training".
fn is_acronym_bracket(text: &str, at: usize, terms: &[(usize, usize)]) -> bool {
    let open = match text.get(at..at.saturating_add(1)) {
        Some("(") => at,
        Some(")") => match text.get(..at).and_then(|before| before.rfind('(')) {
            Some(open) => open,
            None => return false,
        },
        _ => return false,
    };
    let from = open.saturating_add(1);
    let rest = text.get(from..).unwrap_or_default();
    let Some(len) = rest.find(')') else { return false };
    let word = rest.get(..len).unwrap_or_default();
    let end = from.saturating_add(len);
    let one = !word.is_empty() && word.chars().all(char::is_alphanumeric);
    one && !terms.iter().any(|(start, stop)| *start < end && from < *stop)
}

/// Returns the words and the punctuation of a text, by place.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut tokens: Vec<(usize, usize)> = Vec::new();
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        let end = at.saturating_add(c.len_utf8());
        match tokens.last_mut() {
            Some(last) if in_word && c.is_alphanumeric() => last.1 = end,
            _ if c != ' ' => tokens.push((at, end)),
            _ => {}
        }
        in_word = c.is_alphanumeric();
    }
    tokens
}

/// Returns the link that a token makes, if it cuts.
fn link_of(token: &str, at: usize, text: &str, grammar: &Grammar) -> Option<Link> {
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let rest = text.get(at.saturating_add(token.len())..).unwrap_or_default();
    let after = rest.chars().next();
    let digits = before.is_some_and(|c| c.is_ascii_digit())
        && after.is_some_and(|c| c.is_ascii_digit());
    match token {
        "(" | "[" => Some(Link::Bracket),
        ")" | "]" => Some(Link::Object),
        "," if !digits => Some(Link::Comma),
        ":" | ";" | "|" | "-" => Some(Link::Break),
        "." => {
            let word = text.get(..at).unwrap_or_default();
            let last = word.rsplit([' ', '.']).next().unwrap_or_default();
            let ends = after.is_none_or(|c| c == ' ') && last.len() > 2;
            ends.then_some(Link::Break)
        }
        "&" if before != Some(' ') => None,
        _ if grammar.conjunctions.contains(token) => Some(Link::And),
        _ if grammar.topic_prepositions.contains(token) => Some(Link::Topic),
        _ if grammar.prepositions.contains(token) => Some(Link::Object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_in_any_form() {
        assert_eq!(read_code(Some("FR")), Given::Known("fr"));
        assert_eq!(read_code(Some("d:pt")), Given::Guessed("pt"));
        assert_eq!(read_code(Some("d:id")), Given::Nothing);
        assert_eq!(read_code(Some("pt-BR")), Given::Known("pt"));
        assert_eq!(read_code(Some("eng")), Given::Known("en"));
        assert_eq!(read_code(Some("  ")), Given::Nothing);
        assert_eq!(read_code(None), Given::Nothing);
        assert_eq!(read_code(Some("ar")), Given::Unsupported("ar".to_owned()));
    }

    #[test]
    fn letters_tell_long_texts() {
        let text = "Réhabilitation des casernes et formation des policiers du pays";
        assert_eq!(by_letters(text).map(|(lang, _)| lang), Some("fr"));
        assert!(marked_letters("formação", "pt") > 0);
        assert_eq!(marked_letters("formation", "fr"), 0);
    }

    #[test]
    fn small_words_and_punctuation_cut() {
        let grammar = Grammar {
            head: HeadNoun::Last,
            prepositions: ["of", "for"].map(str::to_owned).into(),
            topic_prepositions: ["in"].map(str::to_owned).into(),
            conjunctions: ["and"].map(str::to_owned).into(),
            articles: ["the"].map(str::to_owned).into(),
            marks: BTreeSet::new(),
        };
        let links = |text: &str, whole: &[(usize, usize)]| -> Vec<Link> {
            cut(text, whole, &grammar).iter().map(|clause| clause.link).collect()
        };
        assert_eq!(links("repair of the post", &[]), [Link::Start, Link::Object]);
        assert_eq!(links("code of conduct", &[(0, 15)]), [Link::Start]);
        assert_eq!(links("boots, and tents", &[]), [Link::Start, Link::And]);
        assert_eq!(links("1,500 boots", &[]), [Link::Start]);
        assert_eq!(
            links("kits (two, new)", &[]),
            [Link::Start, Link::Bracket, Link::Comma]
        );
        assert_eq!(links("u.s. aid in mali. next", &[]).len(), 3);
        assert_eq!(links("", &[]), []);
    }
}
