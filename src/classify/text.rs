//! Folding: the form of a text in which terms are looked for, and the way back.
//!
//! Lower case, NFKD, marks stripped, straight apostrophes, ligatures opened, hyphens
//! inside words as spaces, white space collapsed. Every byte of the folded text knows
//! the character of the original that it came from, so an explanation can point at what
//! the user wrote.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text and its folded form.
#[derive(Debug, Clone)]
pub struct Folded {
    /// The folded text, in which terms are matched.
    pub text: String,
    /// For each byte of `text`, the character of the original it came from, from 0.
    origin: Vec<u32>,
    original: String,
}

impl Folded {
    /// Folds `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            origin: Vec::with_capacity(text.len()),
            original: text.to_owned(),
        };
        let mut last = None;
        let mut chars = text.chars().zip(0_u32..).peekable();
        while let Some((c, at)) = chars.next() {
            let next = chars.peek().map(|(next, _)| *next);
            folded.push(c, at, last, next);
            if c.is_ascii() || !is_combining_mark(c) && !is_invisible(c) {
                last = Some(c);
            }
        }
        while folded.text.ends_with(' ') {
            folded.text.pop();
            folded.origin.pop();
        }
        folded
    }

    /// Adds one character of the original.
    fn push(&mut self, c: char, at: u32, last: Option<char>, next: Option<char>) {
        if c.is_ascii_alphanumeric() {
            return self.push_one(c.to_ascii_lowercase(), at);
        }
        if is_invisible(c) {
            return;
        }
        if c.is_whitespace() || c.is_control() {
            return self.push_space(at);
        }
        if is_hyphen(c) {
            let inside = last.is_some_and(char::is_alphanumeric)
                && next.is_some_and(char::is_alphanumeric);
            return if inside { self.push_space(at) } else { self.push_one('-', at) };
        }
        if c.is_ascii() && c != '`' {
            return self.push_one(c, at);
        }
        match c {
            '’' | '‘' | 'ʼ' | '`' | '´' | '′' => self.push_one('\'', at),
            'œ' | 'Œ' => self.push_all("oe", at),
            'æ' | 'Æ' => self.push_all("ae", at),
            'ß' => self.push_all("ss", at),
            'ø' | 'Ø' => self.push_all("o", at),
            _ => {
                for part in c.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c)) {
                    for lower in part.to_lowercase() {
                        self.push_one(lower, at);
                    }
                }
            }
        }
    }

    fn push_space(&mut self, at: u32) {
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.push_one(' ', at);
        }
    }

    fn push_all(&mut self, text: &str, at: u32) {
        for c in text.chars() {
            self.push_one(c, at);
        }
    }

    fn push_one(&mut self, c: char, at: u32) {
        self.text.push(c);
        self.origin.extend(std::iter::repeat_n(at, c.len_utf8()));
    }

    /// Returns whether the bytes `start..end` begin and end at word boundaries.
    #[must_use]
    pub fn is_word(&self, start: usize, end: usize) -> bool {
        !self.letter_before(start) && !self.letter_at(end)
    }

    /// Whether the character that ends at byte `at` belongs to a word.
    fn letter_before(&self, at: usize) -> bool {
        let Some(last) = at.checked_sub(1) else { return false };
        match self.text.as_bytes().get(last) {
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => {
                let before = self.text.get(..at).and_then(|t| t.chars().next_back());
                before.is_some_and(char::is_alphanumeric)
            }
            None => false,
        }
    }

    /// Whether the character that starts at byte `at` belongs to a word.
    fn letter_at(&self, at: usize) -> bool {
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => {
                let after = self.text.get(at..).and_then(|t| t.chars().next());
                after.is_some_and(char::is_alphanumeric)
            }
            None => false,
        }
    }

    /// Returns where the word that goes on at byte `end` stops.
    #[must_use]
    pub fn end_of_word(&self, end: usize) -> usize {
        let rest = self.text.get(end..).unwrap_or_default();
        let more: usize =
            rest.chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
        end.saturating_add(more)
    }

    /// Returns the characters of the original, from 1, that folded bytes `start..end`
    /// came from (first and one past the last), and their text.
    #[must_use]
    pub fn original(&self, start: usize, end: usize) -> (usize, usize, String) {
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let first = self.origin.get(start).map_or(0, |at| place(*at));
        let last = self.origin.get(end.saturating_sub(1));
        let mut last = last.map_or(first, |at| place(*at).saturating_add(1));
        // A decomposed mark belongs to the letter that it stands on.
        let after = self.original.chars().skip(last);
        let marks = after.take_while(|c| is_combining_mark(*c)).count();
        last = last.saturating_add(marks);
        let text =
            self.original.chars().skip(first).take(last.saturating_sub(first)).collect();
        (first.saturating_add(1), last.saturating_add(1), text)
    }
}

/// Returns the folded form of `text` alone.
///
/// ```
/// use ssrfund::classify::text::fold;
/// assert_eq!(fold("Mise en Œuvre  d’une"), "mise en oeuvre d'une");
/// assert_eq!(fold("non-létal"), "non letal");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    Folded::new(text).text
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_marks_ligatures_and_space() {
        assert_eq!(fold("  Élaboration\u{a0}de  l’Œuvre "), "elaboration de l'oeuvre");
        assert_eq!(fold("FORMAÇÃO — nº 2"), "formacao - no 2");
        assert_eq!(fold("police-community"), "police community");
        assert_eq!(fold("Pol\u{ad}ice\u{200b}"), "police");
    }

    #[test]
    fn composed_and_decomposed_fold_alike() {
        assert_eq!(fold("Re\u{301}forme"), fold("Réforme"));
    }

    #[test]
    fn points_back_at_the_original() {
        let folded = Folded::new("Mise en œuvre de la réforme");
        let start = folded.text.find("reforme").unwrap();
        let (first, past, text) = folded.original(start, start + "reforme".len());
        assert_eq!((first, past, text.as_str()), (21, 28, "réforme"));
        let folded = Folded::new("re\u{301}forme");
        let (_, _, text) = folded.original(0, 2);
        assert_eq!(text, "re\u{301}");
    }

    #[test]
    fn words_have_boundaries() {
        for text in ["alarm", "armée", "charme"] {
            let folded = Folded::new(text);
            let start = folded.text.find("arm").unwrap();
            assert!(!folded.is_word(start, start + 3), "{text}");
        }
        let folded = Folded::new("one arm, two");
        assert!(folded.is_word(4, 7));
        assert_eq!(Folded::new("trainees ate").end_of_word(5), 8);
    }

    #[test]
    fn empty_and_blank_texts_fold_to_nothing() {
        assert_eq!(fold(""), "");
        assert_eq!(fold(" \t\n"), "");
    }
}
