//! Statements of a SQL text, split by the SQL tokenizer and kept within bounds.
//!
//! A `;` inside a text, a comment or a dollar-quoted text ends nothing. The bounds stand
//! before the parser, because a deep expression overflows its stack and no error can be
//! caught after that.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{
    Location, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace,
};

use crate::error::{Error, Result};

/// The longest SQL text, in bytes.
pub const LONGEST: usize = 256 * 1024;
/// The most operators in one statement.
pub const MOST_OPERATORS: usize = 1_000;
/// How deep brackets and CASE may nest.
pub const DEEPEST: usize = 200;

/// One statement: its text without the `;`, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub text: String,
    /// The line of its first word, from 1.
    pub line: u64,
    /// The character of its first word, from 1.
    pub column: u64,
}

impl Statement {
    /// Its text after as many lines and spaces as stand before it, so that the place of an
    /// error is the one in the whole text.
    #[must_use]
    pub fn in_place(&self) -> String {
        let before = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(0);
        let lines = "\n".repeat(before(self.line));
        format!("{lines}{}{}", " ".repeat(before(self.column)), self.text)
    }
}

/// Splits a SQL text into its statements. What is empty or only a comment is none; the
/// last one may lack its `;`.
///
/// # Errors
/// A text, name or comment is not closed, or a bound is passed.
pub fn split(sql: &str) -> Result<Vec<Statement>> {
    if sql.len() > LONGEST {
        let what = format!("the SQL text has {} bytes", sql.len());
        return Err(Error::usage(what).fix(format!("at most {LONGEST} are taken")));
    }
    if let Some(at) = sql.find('\0') {
        let line = sql.get(..at).map_or(0, |before| before.matches('\n').count());
        let line = line.saturating_add(1);
        return Err(Error::usage(format!("a NUL character in line {line} of the SQL")));
    }
    let tokens = tokens(sql).map_err(|error| unfinished(&error))?;
    let mut offsets = Offsets::new(sql);
    let mut statements = Vec::new();
    let mut current: Option<(usize, Location)> = None;
    let mut bounds = Bounds::default();
    for token in &tokens {
        let Location { line, column } = token.span.start;
        match &token.token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => {
                let end = offsets.of(line, column);
                statements.extend(current.take().map(|from| cut(sql, from, end)));
                bounds = Bounds::default();
            }
            word => {
                let (_, first) = *current
                    .get_or_insert_with(|| (offsets.of(line, column), token.span.start));
                bounds.pass(word).map_err(|(what, fix)| {
                    let line = first.line;
                    let what = format!("the statement at line {line} has {what}");
                    Error::usage(what).fix(fix)
                })?;
            }
        }
    }
    statements.extend(current.map(|from| cut(sql, from, sql.len())));
    Ok(statements)
}

/// Whether a REPL can run what was typed: every statement ends with `;`, or nothing but
/// white space and comments was typed. A text that can never be read is complete too,
/// so that its error is told.
#[must_use]
pub fn is_complete(sql: &str) -> bool {
    match tokens(sql) {
        Ok(tokens) => tokens
            .iter()
            .rev()
            .find(|token| !is_space(token))
            .is_none_or(|last| last.token == Token::SemiColon),
        Err(error) => !is_open(&error),
    }
}

fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
    Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location()
}

fn is_space(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_) | Token::EOF)
}

/// Whether the text ended inside something that more text may close.
fn is_open(error: &TokenizerError) -> bool {
    ["Unterminated", "EOF"].iter().any(|word| error.message.contains(word))
}

fn unfinished(error: &TokenizerError) -> Error {
    let Location { line, column } = error.location;
    let message = error.message.trim_end_matches('.');
    let mut letters = message.chars();
    let what: String = letters
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(letters)
        .collect();
    let open = is_open(error);
    let told = Error::usage(format!("SQL line {line}, column {column}: {what}"));
    if open { told.fix("close it") } else { told }
}

/// Cuts a statement out and takes white space off its end.
fn cut(sql: &str, (start, first): (usize, Location), end: usize) -> Statement {
    let text = sql.get(start..end).unwrap_or_default().trim_end().to_owned();
    Statement { text, line: first.line, column: first.column }
}

/// Byte offsets of the tokenizer's lines and columns, asked in rising order.
struct Offsets<'a> {
    rest: std::str::CharIndices<'a>,
    line: u64,
    column: u64,
    end: usize,
}

impl<'a> Offsets<'a> {
    fn new(sql: &'a str) -> Self {
        Self { rest: sql.char_indices(), line: 1, column: 1, end: sql.len() }
    }

    fn of(&mut self, line: u64, column: u64) -> usize {
        while (self.line, self.column) < (line, column) {
            match self.rest.next() {
                Some((_, '\n')) => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                Some(_) => self.column = self.column.saturating_add(1),
                None => return self.end,
            }
        }
        self.rest.offset()
    }
}

/// Counts what makes an expression deep.
#[derive(Default)]
struct Bounds {
    operators: usize,
    depth: usize,
}

impl Bounds {
    fn pass(&mut self, token: &Token) -> Result<(), (String, &'static str)> {
        match token {
            Token::LParen | Token::LBrace => self.depth = self.depth.saturating_add(1),
            Token::RParen | Token::RBrace | Token::RBracket => {
                self.depth = self.depth.saturating_sub(1);
            }
            Token::LBracket => {
                self.depth = self.depth.saturating_add(1);
                self.operators = self.operators.saturating_add(1);
            }
            Token::Word(word) if word.quote_style.is_none() => {
                self.pass_word(word.keyword);
            }
            token if is_operator(token) => {
                self.operators = self.operators.saturating_add(1);
            }
            _ => {}
        }
        if self.operators > MOST_OPERATORS {
            let what = format!("more than {MOST_OPERATORS} operators");
            return Err((what, "use IN, VALUES or a join in place of a long chain"));
        }
        if self.depth > DEEPEST {
            let what = format!("brackets nested deeper than {DEEPEST} levels");
            return Err((what, "split it, or name its parts with WITH"));
        }
        Ok(())
    }

    fn pass_word(&mut self, word: Keyword) {
        match word {
            Keyword::CASE => self.depth = self.depth.saturating_add(1),
            Keyword::END => self.depth = self.depth.saturating_sub(1),
            Keyword::AND
            | Keyword::OR
            | Keyword::XOR
            | Keyword::NOT
            | Keyword::IS
            | Keyword::IN
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::SIMILAR
            | Keyword::BETWEEN
            | Keyword::DIV
            | Keyword::COLLATE
            | Keyword::AT
            | Keyword::UNION
            | Keyword::INTERSECT
            | Keyword::EXCEPT
            | Keyword::JOIN
            | Keyword::SELECT => self.operators = self.operators.saturating_add(1),
            _ => {}
        }
    }
}

/// Whether a token joins values. What is not known is taken for an operator.
fn is_operator(token: &Token) -> bool {
    !matches!(
        token,
        Token::Word(_)
            | Token::Number(..)
            | Token::Char(_)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::DollarQuotedString(_)
            | Token::EscapedStringLiteral(_)
            | Token::UnicodeStringLiteral(_)
            | Token::NationalStringLiteral(_)
            | Token::HexStringLiteral(_)
            | Token::Comma
            | Token::Period
            | Token::Placeholder(_)
            | Token::Whitespace(
                Whitespace::Space
                    | Whitespace::Newline
                    | Whitespace::Tab
                    | Whitespace::SingleLineComment { .. }
                    | Whitespace::MultiLineComment(_)
            )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<(String, u64)> {
        split(sql).unwrap().into_iter().map(|s| (s.text, s.line)).collect()
    }

    fn error(sql: &str) -> String {
        split(sql).unwrap_err().to_string()
    }

    #[test]
    fn only_a_bare_semicolon_ends_a_statement() {
        let sql = "-- first; one\nselect ';é' as \"a;b\" /* x; /* y; */ */;\n\n;\n\
                   select $$a;b$$, $t$;$t$, 'it''s;' -- end;\n;  select 2 -- rest;";
        assert_eq!(
            texts(sql),
            [
                ("select ';é' as \"a;b\" /* x; /* y; */ */".to_owned(), 2),
                ("select $$a;b$$, $t$;$t$, 'it''s;' -- end;".to_owned(), 5),
                ("select 2 -- rest;".to_owned(), 6),
            ]
        );
        assert_eq!(texts(" ;; -- nothing\n"), []);
        assert_eq!(texts("select 1;\r\nselect '\n;';select 3")[2].1, 3);
    }

    #[test]
    fn what_is_not_closed_is_an_error_with_its_place() {
        assert_eq!(
            error("select 1;\nselect 'abc"),
            "SQL line 2, column 8: unterminated string literal; close it"
        );
        assert!(error("select \"abc").contains("close delimiter '\"' before EOF"));
        assert!(error("/* abc").contains("multi-line comment"));
        assert!(error("select '\0'").contains("NUL character in line 1"));
    }

    #[test]
    fn bounds_stand_before_the_parser() {
        let chain = |terms: usize| vec!["1"; terms].join("+");
        assert!(split(&format!("select {}", chain(1_000))).is_ok());
        assert!(
            error(&format!("select 1;\nselect {}", chain(1_001))).starts_with(
                "the statement at line 2 has more than 1000 operators; use IN"
            )
        );
        let deep =
            |levels| format!("select {}1{}", "(".repeat(levels), ")".repeat(levels));
        assert!(split(&deep(200)).is_ok());
        assert!(error(&deep(201)).contains("deeper than 200 levels"));
        for link in [
            " union select 1",
            " is null",
            "::int",
            "[1]",
            " or true",
            " at time zone 'x'",
            " cross join t",
            " not",
            " -",
            " collate c",
            " not in (1)",
        ] {
            let sql = format!("select a{}", link.repeat(1_001));
            assert!(error(&sql).contains("more than 1000 operators"), "{link}");
        }
        let case = "case when true then ".repeat(201);
        assert!(error(&format!("select {case}")).contains("deeper than 200"));
        let list = vec!["12"; 20_000].join(", ");
        assert!(split(&format!("select a in ({list})")).is_ok());
        assert!(error(&" ".repeat(LONGEST + 1)).contains("262145 bytes"));
        let each = "select 1 + 2 * 3;\n".repeat(2_000);
        assert_eq!(split(&each).unwrap().len(), 2_000, "bounds hold for each statement");
    }

    #[test]
    fn completeness_follows_the_last_word() {
        for sql in ["", "  -- note", "select 1;", "select 1; -- done\n", "select ';';"] {
            assert!(is_complete(sql), "{sql}");
        }
        for sql in [
            "select 1",
            "select 1; select 2",
            "select ';",
            "select 1 /* ;",
            "select \"a;",
            "select $$ ;",
            "select $t$ ; $$ ",
            "select 1 -- ;",
        ] {
            assert!(!is_complete(sql), "{sql}");
        }
    }
}
