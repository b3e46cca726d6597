//! What went wrong, told so that the right person can mend it.
//!
//! An [`Error`] has a [`Kind`] (who must act), a sentence, and a list of [`Problem`]s
//! with file, line and column. Every stage of the line returns this one type; only
//! `cli` prints it. Wording: lower case, no full stop, what the user wrote in
//! backticks, and how to mend it after a semicolon.

pub mod unreadable;

use std::fmt;

/// The result of any stage.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who must act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The caller: a flag, a name, a SQL statement.
    Usage,
    /// The data steward: a file or row that cannot be used.
    Data,
    /// The rule author: a policy, lexicon, metric or mapping file.
    Rule,
    /// The operator: disk, permissions, locks.
    Environment,
    /// Us.
    Internal,
}

impl Kind {
    /// The process exit code of this kind (`design.md` §9).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Data | Self::Rule => 3,
            Self::Usage | Self::Environment | Self::Internal => 2,
        }
    }
}

/// One thing wrong at one place of a source file.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Problem {
    /// The file as it was named to us.
    pub file: String,
    /// Line, Excel row or XML line, from 1; 0 where the whole file is meant.
    pub row: u64,
    /// Character column of the field, from 1; 0 where the whole row is meant.
    pub column: u64,
    /// The field (column name) concerned, or empty.
    pub field: String,
    /// The text that was found, or empty.
    pub value: String,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub fix: String,
}

impl Problem {
    /// Returns a problem of a whole file.
    #[must_use]
    pub fn of_file(file: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            what: what.into(),
            fix: fix.into(),
            ..Self::default()
        }
    }

    /// Returns a problem at a row and column of a file.
    #[must_use]
    pub fn at(
        file: &str,
        row: u64,
        column: u64,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { row, column, ..Self::of_file(file, what, fix) }
    }

    /// Names the field and the text found there.
    #[must_use]
    pub fn field(mut self, field: &str, value: &str) -> Self {
        self.field = visible(field);
        self.value = visible(value);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.row > 0 {
            write!(f, ":{}", self.row)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        if !self.file.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.what)?;
        if !self.fix.is_empty() {
            write!(f, "; {}", self.fix)?;
        }
        Ok(())
    }
}

/// An error: its kind, a sentence, and the places concerned.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    fix: String,
    problems: Vec<Problem>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Returns an error of `kind`.
    #[must_use]
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            fix: String::new(),
            problems: Vec::new(),
            source: None,
        }
    }

    /// The caller asked for something that cannot be.
    #[must_use]
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// The data cannot be used.
    #[must_use]
    pub fn data(what: impl Into<String>) -> Self {
        Self::new(Kind::Data, what)
    }

    /// A rule file cannot be used.
    #[must_use]
    pub fn rule(what: impl Into<String>) -> Self {
        Self::new(Kind::Rule, what)
    }

    /// The disk, a lock or a permission stands in the way.
    #[must_use]
    pub fn environment(what: impl Into<String>) -> Self {
        Self::new(Kind::Environment, what)
    }

    /// Something that should not happen.
    #[must_use]
    pub fn internal(what: impl Into<String>) -> Self {
        Self::new(Kind::Internal, what)
    }

    /// An I/O error at a path.
    #[must_use]
    pub fn io(doing: &str, path: &std::path::Path, error: std::io::Error) -> Self {
        let path = escaped(&path.to_string_lossy());
        Self::environment(format!("cannot {doing} `{path}`: {error}")).caused_by(error)
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// Adds the places concerned.
    #[must_use]
    pub fn problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// Keeps the error that caused this one.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Who must act.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What went wrong, without places.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// How to mend it, or empty.
    #[must_use]
    pub fn how_to_fix(&self) -> &str {
        &self.fix
    }

    /// The places concerned.
    #[must_use]
    pub fn places(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for problem in &self.problems {
            if !first {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
            first = false;
        }
        if !self.what.is_empty() {
            if !first {
                f.write_str("\n")?;
            }
            f.write_str(&self.what)?;
            if !self.fix.is_empty() {
                write!(f, "; {}", self.fix)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Returns `text` with hostile and control characters escaped and cut at 80
/// characters, so that an error message can be shown on any terminal.
#[must_use]
pub fn visible(text: &str) -> String {
    const LIMIT: usize = 80;
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LIMIT {
            out.push('…');
            break;
        }
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns `text` with hostile and control characters escaped, whatever its length.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// Whether a character is one that nobody sees: a control, a mark of direction or of
/// width, a soft hyphen, a tag.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

/// Whether two short names differ in their digits alone, as `M-10` and `M-01` do: such
/// names are counted, not misspelled.
fn are_counted(word: &str, name: &str) -> bool {
    const SHORT: usize = 4;
    let letters =
        |text: &str| -> String { text.chars().filter(|c| !c.is_ascii_digit()).collect() };
    word.chars().count() <= SHORT
        && word.contains(|c: char| c.is_ascii_digit())
        && letters(word) == letters(name)
}

/// Returns up to three of `known` that are spelled most like `word`, nearest first.
///
/// ```
/// use ssrfund::error::nearest;
/// assert_eq!(nearest("trancation", ["transactions", "tranches"]), ["transactions"]);
/// ```
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let length = word.chars().count();
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| {
            let letters = name.chars().count();
            // A name of which every letter differs is not near.
            let most = 2.max(letters.div_euclid(3)).min(letters.saturating_sub(1));
            // Lengths tell first: comparing letters is dear, and a word may be huge.
            if length.abs_diff(letters) > most || are_counted(word, name) {
                return None;
            }
            let distance = strsim::damerau_levenshtein(word, name);
            (distance <= most).then_some((distance, name))
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Returns `did you mean …?` for the nearest of `known`, or `otherwise`.
pub fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    let near = nearest(word, known);
    if near.is_empty() {
        return otherwise.to_owned();
    }
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    format!("did you mean {}?", quoted.join(" or "))
}
