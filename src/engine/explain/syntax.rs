//! What the parser says of a text that is no statement.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{did_you_mean, nearest, visible};

use super::Told;

/// The words with which a statement may begin.
const BEGINNINGS: [&str; 6] = ["SELECT", "WITH", "VALUES", "EXPLAIN", "SHOW", "DESCRIBE"];
/// The words that go on with a statement.
const CLAUSES: [&str; 24] = [
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "INNER",
    "CROSS",
    "USING",
    "BETWEEN",
    "LIKE",
    "AND",
    "OR",
    "NOT",
    "CASE",
    "SELECT",
];

/// A word of a statement and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) place: (u64, u64),
    is_keyword: bool,
}

impl Word {
    pub(super) fn upper(&self) -> String {
        self.text.to_ascii_uppercase()
    }
}

/// The words of a text, without marks, numbers and texts.
pub(super) fn words(sql: &str) -> Vec<Word> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location();
    let words = tokens.unwrap_or_default().into_iter().filter_map(|token| {
        let start = token.span.start;
        match token.token {
            Token::Word(word) => Some(Word {
                is_keyword: word.keyword != Keyword::NoKeyword
                    && word.quote_style.is_none(),
                text: word.value,
                place: (start.line, start.column),
            }),
            _ => None,
        }
    });
    words.collect()
}

/// Where a name stands first; names are compared without their case.
pub(super) fn place_of(sql: &str, name: &str) -> Option<(u64, u64)> {
    let words = words(sql);
    let found = words.iter().find(|word| word.text.eq_ignore_ascii_case(name));
    found.map(|word| word.place)
}

/// What the parser's `Expected: …, found: … at Line: …, Column: …` means.
pub(super) fn told(text: &str, sql: &str) -> Option<Told> {
    let message = text.strip_prefix("ParserError(\"").map(|m| m.trim_end_matches("\")"));
    let message = message.or_else(|| text.strip_prefix("sql parser error: "))?;
    let Some(rest) = message.strip_prefix("Expected: ") else {
        let what = visible(message.lines().next().unwrap_or_default());
        return Some(Told { place: None, what, fix: String::new() });
    };
    let (expected, found) = rest.rsplit_once(", found: ")?;
    let (found, place) = match found.rsplit_once(" at Line: ") {
        Some((found, at)) => (found, numbers(at)),
        None => (found, None),
    };
    let found = found.replace("\\\"", "\"");
    if found == "EOF" {
        let what = format!("the statement ends where {} is needed", thing(expected));
        let fix = "complete it".to_owned();
        return Some(Told { place: end(sql), what, fix });
    }
    let shown = visible(&found);
    let (what, fix) = match expected {
        "an SQL statement" => (
            format!("`{shown}` begins no statement"),
            did_you_mean(
                &found.to_ascii_uppercase(),
                BEGINNINGS,
                &format!("begin with one of {}", BEGINNINGS.join(", ")),
            ),
        ),
        "end of statement" => {
            (format!("`{shown}` is not understood here"), misspelt(sql, place))
        }
        other => {
            let near = did_you_mean(&found.to_ascii_uppercase(), CLAUSES, "");
            (format!("`{shown}` stands where {} is needed", thing(other)), near)
        }
    };
    Some(Told { place, what, fix })
}

/// The keyword that is meant by the word at a place, or by the one before it, which the
/// parser took for a name.
fn misspelt(sql: &str, place: Option<(u64, u64)>) -> String {
    let words = words(sql);
    let here = words.iter().position(|word| Some(word.place) == place);
    let until = here.map_or(words.len(), |at| at.saturating_add(1));
    let before = words.iter().take(until).rev().take(2);
    // A name of one or two letters is near to every short keyword.
    for word in before.filter(|word| !word.is_keyword && word.text.len() > 2) {
        if let [keyword, ..] = nearest(&word.upper(), CLAUSES).as_slice() {
            return format!("is `{}` meant to be `{keyword}`?", visible(&word.text));
        }
    }
    if let Some(word) = here.and_then(|at| words.get(at))
        && ["GROUP", "ORDER"].contains(&word.upper().as_str())
    {
        return format!("write `{} BY`", word.upper());
    }
    "is a comma, a quote or a word missing before it?".to_owned()
}

/// What the parser needs, as people call it.
fn thing(expected: &str) -> String {
    match expected {
        "identifier" => "a name".to_owned(),
        mark if mark.chars().all(|c| c.is_ascii_punctuation()) => format!("`{mark}`"),
        "SELECT, VALUES, or a subquery in the query body" => {
            "SELECT or VALUES".to_owned()
        }
        other => visible(other),
    }
}

/// `1, Column: 9` as two numbers.
fn numbers(at: &str) -> Option<(u64, u64)> {
    let (line, column) = at.split_once(", Column: ")?;
    Some((line.trim().parse().ok()?, column.trim().parse().ok()?))
}

/// The place after the last character.
fn end(sql: &str) -> Option<(u64, u64)> {
    let text = sql.trim_end();
    let line = text.lines().count().max(1);
    let last = text.lines().last().unwrap_or_default().chars().count();
    Some((u64::try_from(line).ok()?, u64::try_from(last).ok()?.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_is_understood() {
        for (message, sql, expected) in [
            (
                "Expected: an SQL statement, found: selec at Line: 1, Column: 1",
                "selec 1",
                "1:1 `selec` begins no statement; did you mean `SELECT`?",
            ),
            (
                "Expected: an SQL statement, found: hello at Line: 2, Column: 3",
                "\n  hello",
                "2:3 `hello` begins no statement; begin with one of SELECT, WITH, VALUES, \
                 EXPLAIN, SHOW, DESCRIBE",
            ),
            (
                "Expected: end of statement, found: x at Line: 1, Column: 14",
                "select 1 frm x",
                "1:14 `x` is not understood here; is `frm` meant to be `FROM`?",
            ),
            (
                "Expected: end of statement, found: a at Line: 1, Column: 22",
                "select * from x wher a = 1",
                "1:22 `a` is not understood here; is `wher` meant to be `WHERE`?",
            ),
            (
                "Expected: end of statement, found: group at Line: 1, Column: 17",
                "select * from x group a",
                "1:17 `group` is not understood here; write `GROUP BY`",
            ),
            (
                "Expected: end of statement, found: c at Line: 1, Column: 12",
                "select a b c from x",
                "1:12 `c` is not understood here; is a comma, a quote or a word missing \
                 before it?",
            ),
            (
                "Expected: an expression, found: EOF",
                "select\n  1 +",
                "2:6 the statement ends where an expression is needed; complete it",
            ),
            (
                "Expected: ), found: EOF",
                "select (1",
                "1:10 the statement ends where `)` is needed; complete it",
            ),
            (
                "Expected: an expression, found: , at Line: 1, Column: 10",
                "select a,, b from x",
                "1:10 `,` stands where an expression is needed; ",
            ),
            (
                "Expected: SELECT, VALUES, or a subquery in the query body, found: selct \
                 at Line: 1, Column: 22",
                "with t as (select 1) selct * from t",
                "1:22 `selct` stands where SELECT or VALUES is needed; did you mean \
                 `SELECT`?",
            ),
        ] {
            let told = told(&format!("ParserError(\"{message}\")"), sql).unwrap();
            let (line, column) = told.place.unwrap();
            let got = format!("{line}:{column} {}; {}", told.what, told.fix);
            assert_eq!(got, expected);
        }
    }
}
