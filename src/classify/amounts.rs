//! Amounts of money that a text states: "vehicles 40,000 and training USD 10 000.50".
//!
//! Only what cannot well be anything else is money: a number with a mark of the dollar,
//! one with thousands set off, or a large one that no noun follows. Years, quantities
//! ("40 officers", "1,500 boots"), percentages, numbers of resolutions and laws, dates,
//! ranges and codes are not. A number that may be money but cannot be read for certain
//! (`40k` without a mark, another currency) makes the whole text unclear.

use super::language::Grammar;
use super::text::fold;
use crate::domain::Money;

/// From here on, in hundredths, a number without thousands set off can be money without a
/// mark: above years and numbers of resolutions.
const LEAST_PLAIN: i128 = 300_000;

/// An amount with its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedAmount {
    /// First byte of it, its mark included.
    pub start: usize,
    /// One past its last byte, its mark included.
    pub end: usize,
    /// The amount.
    pub amount: Money,
}

/// Finds the amounts of a text, in order of place.
///
/// # Errors
/// The words that may be an amount but cannot be read for certain.
pub fn stated(text: &str, grammar: &Grammar) -> Result<Vec<StatedAmount>, String> {
    let mut found: Vec<StatedAmount> = Vec::new();
    let mut at = 0;
    while let Some(start) = next_digit(text, at) {
        let number = Number::read(text, start);
        at = number.end;
        if is_part_of_a_word(text, &number) {
            continue;
        }
        if let Some(amount) = number.as_money(text, grammar)? {
            at = amount.end;
            found.push(amount);
        }
    }
    Ok(found)
}

/// Where the next number begins.
fn next_digit(text: &str, from: usize) -> Option<usize> {
    let offset = text.get(from..)?.find(|c: char| c.is_ascii_digit())?;
    from.checked_add(offset)
}

fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or_default()
}

fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// Whether a number belongs to a code, date, range, percentage or phone number.
fn is_part_of_a_word(text: &str, number: &Number) -> bool {
    let last = before(text, number.start).chars().next_back();
    let mut rest = after(text, number.end).chars();
    let (next, then) = (rest.next(), rest.next());
    let glued = last.is_some_and(|c| {
        c.is_alphanumeric() && !is_mark_letter(text, number.start)
            || matches!(
                c,
                '/' | '-' | '–' | '#' | '+' | '.' | ',' | '_' | '§' | 'º' | '°'
            )
    });
    let percent = after(text, number.end).trim_start().starts_with(['%', '‰']);
    let ranged = matches!(next, Some('/' | '-' | '–' | '_' | '°' | 'º'))
        && then.is_some_and(char::is_alphanumeric);
    glued || percent || ranged
}

/// Whether the letter before a number ends a currency mark, as in `USD40,000`.
fn is_mark_letter(text: &str, at: usize) -> bool {
    Mark::at_end(before(text, at)).is_some()
}

/// A number as it is written: groups of digits and what stands between them.
struct Number {
    start: usize,
    end: usize,
    groups: Vec<String>,
    separators: Vec<char>,
}

/// The value of a number in hundredths, and how it was written.
struct Value {
    hundredths: i128,
    grouped: bool,
    decimals: usize,
}

impl Number {
    fn read(text: &str, start: usize) -> Self {
        let mut number =
            Self { start, end: start, groups: Vec::new(), separators: Vec::new() };
        loop {
            let digits: String = after(text, number.end)
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            number.end = number.end.saturating_add(digits.len());
            number.groups.push(digits);
            let Some(separator) = after(text, number.end).chars().next() else { break };
            let past = number.end.saturating_add(separator.len_utf8());
            let run = after(text, past).chars().take_while(char::is_ascii_digit).count();
            let joins = match normal(separator) {
                // A space sets off thousands only where exactly three digits follow.
                Some(' ') => run == 3 && number.takes_spaces(),
                Some(_) => run > 0,
                None => false,
            };
            if !joins {
                break;
            }
            number.separators.extend(normal(separator));
            number.end = past;
        }
        number
    }

    /// Whether what was read so far can be followed by a group after a space.
    fn takes_spaces(&self) -> bool {
        self.separators.iter().all(|separator| *separator == ' ')
            && self.groups.first().is_some_and(|group| group.len() <= 3)
    }

    /// The value, unless it is a date, a version or another number with points.
    fn value(&self) -> Option<Value> {
        let mut groups = self.groups.as_slice();
        let mut separators = self.separators.as_slice();
        let mut cents = None;
        if let (Some((last, front)), Some((mark, rest))) =
            (groups.split_last(), separators.split_last())
            && last.len() < 3
            && matches!(mark, '.' | ',')
            && !rest.contains(mark)
        {
            (groups, separators, cents) = (front, rest, Some(last));
        }
        let (first, others) = groups.split_first()?;
        let grouped = !others.is_empty();
        let same = separators.windows(2).all(|pair| pair.first() == pair.last());
        let threes = others.iter().all(|group| group.len() == 3);
        if first.starts_with('0') || grouped && !(same && threes && first.len() <= 3) {
            return None;
        }
        let whole: i128 = groups.concat().parse().ok()?;
        let decimals = cents.map_or(0, String::len);
        let fraction: i128 =
            format!("{:0<2}", cents.map_or("", String::as_str)).parse().ok()?;
        let hundredths = whole.checked_mul(100)?.checked_add(fraction)?;
        Some(Value { hundredths, grouped, decimals })
    }

    /// The number as money, where it is.
    fn as_money(
        &self,
        text: &str,
        grammar: &Grammar,
    ) -> Result<Option<StatedAmount>, String> {
        let Some(value) = self.value() else { return Ok(None) };
        let lead = before(text, self.start).trim_end();
        let mut marked = Mark::at_end(lead);
        let start = marked.as_ref().map_or(self.start, |mark| mark.place(lead));
        let (scale, mut end) = scale_after(text, self.end);
        let tail = after(text, end);
        if let Some(mark) = Mark::at_start(tail.trim_start()) {
            let gap = tail.len().saturating_sub(tail.trim_start().len());
            end = end.saturating_add(gap).saturating_add(mark.len);
            let foreign = mark.foreign || marked.is_some_and(|mark| mark.foreign);
            marked = Some(Mark { foreign, ..mark });
        }
        let words = || format!("`{}`", text.get(start..end).unwrap_or_default().trim());
        if marked.as_ref().is_some_and(|mark| mark.foreign) {
            return Err(format!("{} is another currency", words()));
        }
        let certain = match (&marked, scale) {
            (Some(_), Some(_)) if value.grouped => return Err(words()),
            (Some(_), _) => true,
            (None, Some('k')) => return Err(words()),
            (None, Some(_)) => false,
            (None, None) => {
                value.decimals != 1
                    && (value.grouped || value.hundredths >= LEAST_PLAIN)
                    && !counts_something(tail, grammar)
            }
        };
        let factor = match scale {
            Some('k') => 1_000,
            Some(_) => 1_000_000,
            None => 1,
        };
        let cents = value.hundredths.checked_mul(factor);
        Ok(cents.filter(|cents| certain && *cents > 0).map(|cents| StatedAmount {
            start,
            end,
            amount: Money::from_cents(cents),
        }))
    }
}

/// The separators of a number, spaces and apostrophes of any kind as one.
fn normal(separator: char) -> Option<char> {
    match separator {
        '.' | ',' => Some(separator),
        ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => Some(' '),
        '\'' | '’' | '‘' | 'ʼ' | '´' => Some('\''),
        _ => None,
    }
}

/// A word for thousands or millions after a number, and where it ends.
fn scale_after(text: &str, end: usize) -> (Option<char>, usize) {
    let rest = after(text, end);
    let gap = rest.len().saturating_sub(rest.trim_start_matches([' ', '\u{a0}']).len());
    let word: String =
        after(rest, gap).chars().take_while(|c| c.is_alphabetic()).collect();
    let scale = match fold(&word).as_str() {
        "k" => 'k',
        "m" if gap == 0 => 'm',
        "mn" | "mio" | "million" | "millions" | "millon" | "millones" | "milhao"
        | "milhoes" => 'm',
        _ => return (None, end),
    };
    (Some(scale), end.saturating_add(gap).saturating_add(word.len()))
}

/// Whether a noun follows: "1,500 boots", "10 000 habitants".
fn counts_something(tail: &str, grammar: &Grammar) -> bool {
    let rest = tail.trim_start_matches([' ', '\u{a0}']);
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
    let word = fold(&word);
    !word.is_empty()
        && !grammar.conjunctions.contains(&word)
        && !grammar.prepositions.contains(&word)
        && !grammar.topic_prepositions.contains(&word)
}

/// A mark of a currency beside a number.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Bytes.
    len: usize,
    /// Whether it is not the dollar of the United States.
    foreign: bool,
}

/// Marks of the dollar, longest first.
const DOLLAR: [&str; 9] =
    ["us dollars", "dollars", "dolares", "dollar", "us$", "u$s", "$us", "usd", "$"];
/// Marks of other currencies that are not ISO codes.
const OTHER: [&str; 14] = [
    "f cfa", "fcfa", "francs", "francos", "euros", "euro", "pesos", "reais", "cfa", "r$",
    "c$", "a$", "€", "£",
];

impl Mark {
    /// The mark that ends a text.
    fn at_end(text: &str) -> Option<Self> {
        let found = OTHER.iter().chain(&DOLLAR).find_map(|mark| {
            let len = spells(text.chars().rev(), mark.chars().rev())?;
            let rest = before(text, text.len().saturating_sub(len));
            let alone = !mark.starts_with(char::is_alphabetic)
                || !rest.ends_with(char::is_alphanumeric);
            alone.then_some(Self { len, foreign: !DOLLAR.contains(mark) })
        });
        let code = || {
            let word = text.rsplit(|c: char| !c.is_ascii_uppercase()).next()?;
            is_other_code(word, text.strip_suffix(word)?.chars().next_back())
                .then_some(Self { len: word.len(), foreign: true })
        };
        found.or_else(code)
    }

    /// The mark that begins a text.
    fn at_start(text: &str) -> Option<Self> {
        let found = OTHER.iter().chain(&DOLLAR).find_map(|mark| {
            let len = spells(text.chars(), mark.chars())?;
            let alone = !mark.ends_with(char::is_alphabetic)
                || !after(text, len).starts_with(char::is_alphanumeric);
            alone.then_some(Self { len, foreign: !DOLLAR.contains(mark) })
        });
        let code = || {
            let word = text.split(|c: char| !c.is_ascii_uppercase()).next()?;
            is_other_code(word, text.strip_prefix(word)?.chars().next())
                .then_some(Self { len: word.len(), foreign: true })
        };
        found.or_else(code)
    }

    /// Where the mark begins that ends `lead`.
    fn place(&self, lead: &str) -> usize {
        lead.len().saturating_sub(self.len)
    }
}

/// How many bytes of a text spell a mark, whatever the case and the accent.
fn spells(
    mut text: impl Iterator<Item = char>,
    mark: impl Iterator<Item = char>,
) -> Option<usize> {
    let mut len: usize = 0;
    for wanted in mark {
        let found = text.next()?;
        let plain = match found {
            'ó' | 'Ó' => 'o',
            other => other.to_ascii_lowercase(),
        };
        if plain != wanted {
            return None;
        }
        len = len.saturating_add(found.len_utf8());
    }
    Some(len)
}

/// Whether a word is the code of a currency other than the dollar and stands alone.
fn is_other_code(word: &str, beside: Option<char>) -> bool {
    word.len() == 3
        && !beside.is_some_and(char::is_alphanumeric)
        && iso_currency::Currency::from_code(word).is_some()
}

#[cfg(test)]
#[path = "amounts_test.rs"]
mod tests;
