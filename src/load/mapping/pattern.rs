//! Patterns: how a mapping names texts that vary, without regular expressions.
//!
//! `*` stands for any text, `#` for one digit, and braces mark the part that is wanted:
//! `Expenditure {####}` is like `Expenditure 2012`, and gives `2012`. A text that is
//! written exactly so is always alike, so that a column may be called `Project #`.

/// The text as it is read: without characters that cannot be seen, blanks of every kind
/// as one space, none at the ends. Tables from web pages and workbooks are full of them.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The text as names are compared: tidy, in lower case, with plain quotes and hyphens.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '`' | '´' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
        '\u{2010}'..='\u{2014}' | '\u{2212}' => '-',
        other => other,
    };
    tidy(text).chars().map(plain).flat_map(char::to_lowercase).collect()
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Letter(char),
    Digit,
    Any,
    Open,
    Close,
}

/// A pattern, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    exact: String,
    steps: Vec<Step>,
}

/// A way through the text that was tried: where a `*` stood and what it took so far.
#[derive(Clone, Copy)]
struct Try {
    step: usize,
    until: usize,
    open: Option<usize>,
    close: Option<usize>,
}

impl Pattern {
    /// Reads a pattern; every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let steps = fold(text)
            .chars()
            .map(|c| match c {
                '*' => Step::Any,
                '#' => Step::Digit,
                '{' => Step::Open,
                '}' => Step::Close,
                other => Step::Letter(other),
            })
            .collect();
        Self { exact: fold(text), steps }
    }

    /// Whether the text is alike.
    #[must_use]
    pub fn is_like(&self, text: &str) -> bool {
        self.part(text).is_some()
    }

    /// The wanted part of a text that is alike: what the braces mark, else all of it.
    #[must_use]
    pub fn part(&self, text: &str) -> Option<String> {
        let whole = tidy(text);
        if fold(&whole) == self.exact {
            return Some(whole);
        }
        let letters: Vec<char> = whole.chars().collect();
        // Folding one letter may give several, so letters are compared one by one.
        let folded: Vec<String> =
            letters.iter().map(|c| fold_letter(*c)).collect::<Vec<_>>();
        let (open, close) = self.walk(&folded)?;
        let (Some(open), Some(close)) = (open, close) else { return Some(whole) };
        let part: String = letters.get(open..close)?.iter().collect();
        Some(part.trim().to_owned())
    }

    /// Finds a way through all letters; only the last `*` is ever tried again, so that
    /// the work is bounded by the two lengths.
    fn walk(&self, letters: &[String]) -> Option<(Option<usize>, Option<usize>)> {
        let (mut step, mut at) = (0_usize, 0_usize);
        let (mut open, mut close) = (None, None);
        let mut last: Option<Try> = None;
        loop {
            let here = letters.get(at);
            let fits = match self.steps.get(step) {
                Some(Step::Open) => {
                    open = Some(at);
                    step = step.saturating_add(1);
                    continue;
                }
                Some(Step::Close) => {
                    close = Some(at);
                    step = step.saturating_add(1);
                    continue;
                }
                Some(Step::Any) => {
                    step = step.saturating_add(1);
                    last = Some(Try { step, until: at, open, close });
                    continue;
                }
                Some(Step::Letter(c)) => here.is_some_and(|l| l.chars().eq([*c])),
                Some(Step::Digit) => {
                    here.is_some_and(|l| l.chars().all(|c| c.is_ascii_digit()))
                }
                None if here.is_none() => return Some((open, close)),
                None => false,
            };
            if fits {
                step = step.saturating_add(1);
                at = at.saturating_add(1);
                continue;
            }
            let again = last.as_mut()?;
            again.until = again.until.saturating_add(1);
            if again.until > letters.len() {
                return None;
            }
            (step, at, open, close) = (again.step, again.until, again.open, again.close);
        }
    }
}

fn fold_letter(c: char) -> String {
    if c == ' ' { " ".to_owned() } else { fold(&c.to_string()) }
}

/// Whether a text is like any of the patterns.
#[must_use]
pub fn any_like(patterns: &[String], text: &str) -> bool {
    patterns.iter().any(|pattern| Pattern::new(pattern).is_like(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(pattern: &str, text: &str) -> Option<String> {
        Pattern::new(pattern).part(text)
    }

    #[test]
    fn a_pattern_gives_its_marked_part() {
        assert_eq!(part("Expenditure {####}", "EXPENDITURE  2012"), Some("2012".into()));
        assert_eq!(part("Recipient # ({*})", "Recipient 1 (UNDP)"), Some("UNDP".into()));
        assert_eq!(part("*as of {*}", "Table, as of 1 May"), Some("1 May".into()));
        assert_eq!(part("{*} total", "Grand total total"), Some("Grand total".into()));
        assert_eq!(part("Project #", "Project #"), Some("Project #".into()));
        assert_eq!(part("Project #", "Project 7"), Some("Project 7".into()));
        assert_eq!(part("Project #", "Project x"), None);
        assert_eq!(part("Total*", "Sub-total"), None);
        assert_eq!(part("", " "), Some(String::new()));
        assert_eq!(part("*", ""), Some(String::new()));
    }

    #[test]
    fn texts_are_compared_as_people_read_them() {
        let text = "Bud\u{ad}get\u{a0}–\nthe Fund\u{2019}s";
        assert_eq!(tidy(text), "Budget – the Fund\u{2019}s");
        assert!(Pattern::new("budget - the fund's").is_like(text));
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::new("*a*a*a*a*a*a*a*a*a*a*b");
        assert!(!pattern.is_like(&"a".repeat(20_000)));
    }
}
