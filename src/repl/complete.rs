//! Completion: keywords, tables, columns and commands that may follow.

use std::collections::{BTreeMap, BTreeSet};

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use super::{Session, commands};

/// Words of SQL that people type often.
const KEYWORDS: [&str; 54] = [
    "ALL",
    "AND",
    "AS",
    "ASC",
    "AVG",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COALESCE",
    "COUNT",
    "CROSS",
    "DATE",
    "DECIMAL",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "EXPLAIN",
    "FALSE",
    "FILTER",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "IN",
    "INNER",
    "INTERSECT",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MAX",
    "MIN",
    "NOT",
    "NULL",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OVER",
    "PARTITION",
    "SELECT",
    "SUM",
    "THEN",
    "TRUE",
    "UNION",
    "WHEN",
    "WHERE",
    "WITH",
];

/// The names that a session knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Vocabulary {
    /// Columns by table.
    tables: BTreeMap<String, Vec<String>>,
}

impl Vocabulary {
    /// The names that a session knows now.
    pub(super) fn of(session: &dyn Session) -> Self {
        let columns = |table: &str| -> Vec<String> {
            session.columns(table).into_iter().map(|(name, _)| name).collect()
        };
        let tables = session.tables().into_iter().map(|(name, _)| {
            let columns = columns(&name);
            (name, columns)
        });
        Self { tables: tables.collect() }
    }

    /// Where the word under the cursor begins, and what it may become.
    pub(super) fn candidates(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        if before.starts_with('\\') && !before.contains(char::is_whitespace) {
            return (0, starting_with(before, commands::words()));
        }
        let in_word = |c: char| c.is_alphanumeric() || c == '_';
        let start = before.trim_end_matches(in_word).len();
        let (left, word) = before.split_at(start);
        if let Some(owner) = left.strip_suffix('.') {
            return (start, self.columns_of(owner, line, word));
        }
        let last = left.split_whitespace().next_back().unwrap_or_default().to_lowercase();
        let tables = self.tables.keys().map(String::as_str);
        if matches!(last.as_str(), "from" | "join" | "describe" | "\\d") {
            return (start, starting_with(word, tables));
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        let mut found = starting_with(word, tables);
        found.extend(starting_with(
            word,
            self.tables.values().flatten().map(String::as_str),
        ));
        found.sort();
        found.dedup();
        let keywords = starting_with(word, KEYWORDS.iter().copied());
        let lower = word.starts_with(char::is_lowercase);
        found.extend(
            keywords
                .into_iter()
                .map(|keyword| if lower { keyword.to_lowercase() } else { keyword }),
        );
        (start, found)
    }

    /// Columns after `owner.`: of that table, or of every table on the line where the
    /// owner is an alias.
    fn columns_of(&self, owner: &str, line: &str, word: &str) -> Vec<String> {
        let in_word = |c: char| c.is_alphanumeric() || c == '_';
        let owner = owner.get(owner.trim_end_matches(in_word).len()..).unwrap_or(owner);
        if let Some(columns) = self.tables.get(&owner.to_lowercase()) {
            return starting_with(word, columns.iter().map(String::as_str));
        }
        let named: BTreeSet<&str> = line.split(|c| !in_word(c)).collect();
        let columns: BTreeSet<&str> = self
            .tables
            .iter()
            .filter(|(table, _)| named.contains(table.as_str()))
            .flat_map(|(_, columns)| columns.iter().map(String::as_str))
            .collect();
        starting_with(word, columns)
    }
}

/// The names that begin with `word`, whatever its case.
fn starting_with<'a>(
    word: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let begins = |name: &&str| {
        name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    names.into_iter().filter(begins).map(str::to_owned).collect()
}

/// What the line editor asks.
pub(super) struct Completion(pub(super) Vocabulary);

impl Completer for Completion {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.0.candidates(line, cursor))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}

impl Validator for Completion {}

impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(line: &str) -> (usize, Vec<String>) {
        let columns =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tables = [
            ("tranches".to_owned(), columns(&["project_id", "tranche", "amount"])),
            ("transactions".to_owned(), columns(&["project_id", "kind", "amount"])),
        ];
        Vocabulary { tables: tables.into() }.candidates(line, line.len())
    }

    #[test]
    fn names_follow_what_stands_before() {
        assert_eq!(
            after("select * from tran"),
            (14, names(&["tranches", "transactions"]))
        );
        assert_eq!(after("\\d transa"), (3, names(&["transactions"])));
        assert_eq!(after("\\ti"), (0, names(&["\\timing"])));
        assert_eq!(after("select tranches.a"), (16, names(&["amount"])));
        assert_eq!(
            after("select * from transactions t where t.k"),
            (37, names(&["kind"]))
        );
        assert_eq!(after("select x.k"), (9, names(&[])));
    }

    #[test]
    fn keywords_keep_the_case_that_was_begun() {
        assert_eq!(after("se"), (0, names(&["select"])));
        assert_eq!(after("SE"), (0, names(&["SELECT"])));
        assert_eq!(
            after("select a"),
            (7, names(&["amount", "all", "and", "as", "asc", "avg"]))
        );
        assert_eq!(after("select ").1, names(&[]));
        assert_eq!(after("select é"), (7, names(&[])));
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
