//! What in the SQL of a metric could make a number wrong without anybody seeing it.
//!
//! A metric may divide, and may let an absent number count as zero, only where its header
//! says why: `-- division: …`, `-- nulls: …`. Floating-point numbers have no excuse.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

/// Words of SQL that bring floating-point numbers.
const FLOATS: [&str; 8] =
    ["FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "REAL", "AVG", "POWER", "SQRT"];

/// What was found in a metric file, with the line: sentences, in order.
///
/// ```
/// use ssrfund::metrics::lint::sql;
/// let found = sql("SELECT COALESCE(SUM(amount), 0) / 3 AS x FROM t");
/// assert_eq!(found.len(), 2);
/// let excused = "-- nulls: nothing paid is zero\n-- division: of whole cents\n";
/// assert!(sql(&format!("{excused}SELECT COALESCE(SUM(a), 0) / 3 FROM t")).is_empty());
/// ```
#[must_use]
pub fn sql(text: &str) -> Vec<(u64, String)> {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, text).tokenize_with_location()
    else {
        return vec![(1, "this is not SQL".to_owned())];
    };
    let tokens: Vec<(u64, Token)> = tokens
        .into_iter()
        .filter(|token| {
            !matches!(
                token.token,
                Token::Whitespace(
                    Whitespace::Newline
                        | Whitespace::Space
                        | Whitespace::Tab
                        | Whitespace::SingleLineComment { .. }
                        | Whitespace::MultiLineComment(_)
                )
            )
        })
        .map(|token| (token.span.start.line, token.token))
        .collect();
    let excuses = |key: &str| {
        text.lines().take_while(|line| line.starts_with("--") || line.is_empty()).any(
            |line| line.strip_prefix("-- ").is_some_and(|rest| rest.starts_with(key)),
        )
    };
    let mut found = Vec::new();
    for (index, (line, token)) in tokens.iter().enumerate() {
        let rest = tokens.get(index.saturating_add(1)..).unwrap_or(&[]);
        match token {
            Token::Div if !excuses("division:") => {
                let what = "a division, which may round or meet a zero; say why in a \
                            header line `-- division: …`";
                found.push((*line, what.to_owned()));
            }
            Token::Number(number, _) if number.contains(['e', 'E']) => {
                found.push((*line, format!("`{number}` is a floating-point number")));
            }
            Token::Word(word) if word.quote_style.is_none() => {
                let name = word.value.to_ascii_uppercase();
                if FLOATS.contains(&name.as_str()) {
                    found.push((*line, format!("`{name}` makes floating-point numbers")));
                }
                if name == "COALESCE" && ends_in_number(rest) && !excuses("nulls:") {
                    let what = "an absent number counts as a number here; say why in a \
                                header line `-- nulls: …`";
                    found.push((*line, what.to_owned()));
                }
                if name == "NOT" && begins(rest, &["IN", "(", "SELECT"]) {
                    let what = "`NOT IN (SELECT …)` keeps no row where the list has a \
                                NULL; use NOT EXISTS";
                    found.push((*line, what.to_owned()));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether the last argument of the call that begins here is a number.
fn ends_in_number(tokens: &[(u64, Token)]) -> bool {
    let mut depth = 0_usize;
    let mut before: [Option<&Token>; 2] = [None, None];
    for (_, token) in tokens {
        match token {
            Token::LParen => depth = depth.saturating_add(1),
            Token::RParen => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return matches!(
                        before,
                        [Some(Token::Comma), Some(Token::Number(..))]
                    );
                }
            }
            _ => {}
        }
        let [_, last] = before;
        before = [last, Some(token)];
    }
    false
}

fn begins(tokens: &[(u64, Token)], words: &[&str]) -> bool {
    words.iter().enumerate().all(|(index, word)| {
        tokens
            .get(index)
            .is_some_and(|(_, token)| token.to_string().eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<u64> {
        sql(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn comments_and_texts_are_not_code() {
        assert!(
            lines("-- 1 / 2\nSELECT 'a / b' AS t, 'AVG' /* x / y */ FROM t").is_empty()
        );
    }

    #[test]
    fn floats_divisions_and_vanishing_nulls_are_found_on_their_lines() {
        assert_eq!(lines("SELECT\nAVG(x),\n1e5,\nCAST(a AS DOUBLE)\nFROM t"), [2, 3, 4]);
        assert_eq!(lines("SELECT a\n/ b FROM t"), [2]);
        assert_eq!(lines("SELECT a FROM t WHERE a NOT IN (SELECT b FROM u)"), [1]);
        assert!(lines("SELECT a FROM t WHERE a NOT IN ('x', 'y')").is_empty());
        assert!(lines("SELECT COALESCE(a, ''), COALESCE(a, b) FROM t").is_empty());
        assert_eq!(lines("SELECT COALESCE(SUM(COALESCE(a, b)), 0) FROM t"), [1]);
    }

    #[test]
    fn an_excuse_below_the_header_does_not_count() {
        assert_eq!(lines("SELECT 1\n-- division: because\n, a / 2 FROM t"), [3]);
    }
}
