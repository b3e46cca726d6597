//! What a TOML parser says of a file, in our words.
//!
//! Mappings, policies and rule sets are written by people who know their field and not
//! the names of types: the parser's message is told as a line, what stands there and what
//! is expected, with the nearest key where one is misspelt.

use super::{did_you_mean, escaped};

/// A fault of a TOML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The byte at which it lies.
    pub at: usize,
    /// Its line, from 1.
    pub row: u64,
    /// What is wrong.
    pub what: String,
    /// How to mend it, where that shows.
    pub fix: Option<String>,
}

impl Unreadable {
    /// Tells what the parser said of `text`.
    #[must_use]
    pub fn of(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.as_bytes().get(..at).unwrap_or_default();
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        let row = u64::try_from(lines).unwrap_or(u64::MAX).saturating_add(1);
        let message = error.message().lines().next().unwrap_or_default();
        let (what, fix) = told(message);
        Self { at, row, what: escaped(&what), fix: fix.map(|fix| escaped(&fix)) }
    }

    /// How to mend it, or `otherwise`.
    #[must_use]
    pub fn fix_or(&self, otherwise: &str) -> String {
        self.fix.clone().unwrap_or_else(|| otherwise.to_owned())
    }
}

/// A message of the parser as what is wrong and how to mend it.
fn told(message: &str) -> (String, Option<String>) {
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let mut words = quoted(rest);
        let key = rest.split_once('`').map_or(rest, |(key, _)| key);
        words.retain(|word| *word != key);
        let near = did_you_mean(key, words, "");
        let fix = (!near.is_empty()).then_some(near);
        return (format!("there is no key `{key}` here"), fix);
    }
    if let Some(key) = message.strip_prefix("missing field `") {
        let key = key.trim_end_matches('`');
        return (format!("the key `{key}` is missing"), Some("add it".to_owned()));
    }
    if message == "duplicate key" {
        let fix = "keep the one that is meant".to_owned();
        return ("a key stands twice".to_owned(), Some(fix));
    }
    for start in ["invalid type: ", "invalid value: "] {
        if let Some(rest) = message.strip_prefix(start)
            && let Some((found, expected)) = rest.rsplit_once(", expected ")
        {
            let what =
                format!("{} stands where {} belongs", thing(found), kind(expected));
            return (what, None);
        }
    }
    // What we say ourselves of a value has its own fix.
    match message.split_once("; ") {
        Some((what, fix)) => (what.to_owned(), Some(fix.to_owned())),
        None => (message.to_owned(), None),
    }
}

/// The words in backticks of a list whose first backtick is passed.
fn quoted(rest: &str) -> Vec<&str> {
    rest.split('`').step_by(2).filter(|word| !word.is_empty()).collect()
}

/// What stands there, as people call it.
fn thing(found: &str) -> String {
    if let Some(text) = found.strip_prefix("string ") {
        return format!("the text `{}`", text.trim_matches('"'));
    }
    for start in ["integer ", "floating point ", "boolean "] {
        if let Some(value) = found.strip_prefix(start) {
            return value.to_owned();
        }
    }
    match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        other => other.to_owned(),
    }
}

/// What belongs there, as people call it.
fn kind(expected: &str) -> String {
    match expected {
        "i64" | "u64" | "i32" | "u32" | "usize" | "u8" => "a whole number",
        "a string" => "text in quotes",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list in square brackets",
        "a map" => "a table",
        "a TOML datetime" => "a day such as 2000-01-01",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct File {
        title: String,
        number: Option<i64>,
        flag: Option<bool>,
        list: Option<Vec<String>>,
    }

    fn of(text: &str) -> (u64, String, Option<String>) {
        let error = toml::from_str::<File>(text).unwrap_err();
        let told = Unreadable::of(text, &error);
        (told.row, told.what, told.fix)
    }

    #[test]
    fn the_parser_speaks_our_language() {
        for (text, row, what, fix) in [
            ("titel = \"a\"", 1, "there is no key `titel` here", "did you mean `title`?"),
            ("title = \"a\"\n\nqqq = 1", 3, "there is no key `qqq` here", ""),
            ("number = 1", 1, "the key `title` is missing", "add it"),
            (
                "title = \"a\"\ntitle = \"b\"",
                2,
                "a key stands twice",
                "keep the one that is meant",
            ),
            ("title = 1", 1, "`1` stands where text in quotes belongs", ""),
            (
                "title = \"a\"\nnumber = 0.75",
                2,
                "`0.75` stands where a whole number belongs",
                "",
            ),
            (
                "title = \"a\"\nnumber = \"75%\"",
                2,
                "the text `75%` stands where a whole number belongs",
                "",
            ),
            (
                "title = \"a\"\nflag = 1",
                2,
                "`1` stands where `true` or `false` belongs",
                "",
            ),
            (
                "title = \"a\"\nlist = \"x\"",
                2,
                "the text `x` stands where a list in square brackets belongs",
                "",
            ),
            ("title = \"a", 1, "invalid basic string, expected `\"`", ""),
        ] {
            let fix = (!fix.is_empty()).then(|| fix.to_owned());
            assert_eq!(of(text), (row, what.to_owned(), fix), "{text}");
        }
    }

    #[test]
    fn nothing_hidden_is_told() {
        let (_, what, _) = of("\"a\\u0007\\u202e\" = 1");
        assert_eq!(what, "there is no key `a\\u{7}\\u{202e}` here");
        assert_eq!(of("title = \"a\"\nnumber = \"\\u001b\"").1.find('\u{1b}'), None);
    }
}
