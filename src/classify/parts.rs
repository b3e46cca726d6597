//! Rule C3: items with stated amounts, each of a nature of its own.
//!
//! "Vehicles 40,000 and training 10,000" names two items and what each costs. Where every
//! item classifies on its own and they are not all of one class, the answer carries them
//! as parts; a line whose amount is their exact sum is split by them. If an item cannot
//! be told, or the sum is another, nothing is guessed: the line stays as it reads.

use super::amounts::{StatedAmount, stated};
use super::answer::{Answer, FlagHit, Part, Question};
use super::lexicon::Key;
use super::procedure;
use super::ruleset::{RuleSet, Tongue};
use super::text::{Folded, fold};
use crate::domain::class::{Beneficiary, Class, Method, Subclass};
use crate::domain::{Money, apportion};

/// Reads the stated amounts of a question and gives the answer its parts.
#[must_use]
pub fn with_parts(
    rules: &RuleSet,
    tongue: &Tongue,
    question: &Question<'_>,
    answer: Answer,
) -> Answer {
    let title = procedure::title_of(question.description);
    if title.bytes().filter(u8::is_ascii_digit).count() < 4 {
        return answer;
    }
    let amounts = match stated(title, &tongue.grammar) {
        Ok(amounts) => amounts,
        Err(unclear) => return noted(answer, format!("no amounts are read: {unclear}")),
    };
    let Some(amounts) = without_total(title, amounts) else {
        return noted(
            answer,
            "the stated total is not the sum of the amounts".to_owned(),
        );
    };
    if amounts.len() < 2 {
        return answer;
    }
    let desk = Desk { rules, tongue, question, whole: &answer };
    let read = desk.items_before(title, &amounts).or_else(|first| {
        desk.items_after(title, &amounts).map_err(|second| first.or(second))
    });
    match read {
        Ok(items) => take_parts(answer, items),
        Err(why) => {
            let why = why.unwrap_or_else(|| "the amounts have no items".to_owned());
            noted(answer, format!("not split by the stated amounts: {why}"))
        }
    }
}

fn noted(mut answer: Answer, feature: String) -> Answer {
    answer.features.push(feature);
    answer
}

/// Takes a stated total out of the amounts; nothing where it is not their sum.
fn without_total(title: &str, amounts: Vec<StatedAmount>) -> Option<Vec<StatedAmount>> {
    let mut from = 0;
    let (mut totals, mut items) = (Vec::new(), Vec::new());
    for amount in amounts {
        let lead = fold(title.get(from..amount.start).unwrap_or_default());
        from = amount.end;
        // "Total" is the same word in all four languages.
        let is_total = lead.split(|c: char| !c.is_alphanumeric()).any(|w| w == "total");
        if is_total { totals.push(amount) } else { items.push(amount) }
    }
    let sum = Money::sum(items.iter().map(|item| item.amount)).ok()?;
    totals.iter().all(|total| total.amount == sum).then_some(items)
}

/// An item as it was classified, with the answer that it came from.
struct Item {
    part: Part,
    answer: Answer,
}

/// What an attempt to find the items leaves: a reason, where one is worth telling.
type Attempt = Result<Vec<Item>, Option<String>>;

/// Everything at hand while the items of one text are read.
struct Desk<'a> {
    rules: &'a RuleSet,
    tongue: &'a Tongue,
    question: &'a Question<'a>,
    whole: &'a Answer,
}

impl Desk<'_> {
    /// Items that stand before their amounts: "vehicles 40,000 and training 10,000".
    fn items_before(&self, title: &str, amounts: &[StatedAmount]) -> Attempt {
        let last = amounts.last().map_or(0, |amount| amount.end);
        if self.goes_on(title.get(last..).unwrap_or_default()) {
            return Err(None);
        }
        let mut items = Vec::new();
        let mut from = 0;
        for amount in amounts {
            let lead = title.get(from..amount.start).unwrap_or_default();
            let text = if from == 0 {
                after_heading(lead)
            } else {
                self.after_separator(lead).ok_or(None)?
            };
            items.push(self.item(text, amount.amount)?);
            from = amount.end;
        }
        Ok(items)
    }

    /// Items that stand after their amounts: "40,000 for vehicles and 10,000 for …".
    fn items_after(&self, title: &str, amounts: &[StatedAmount]) -> Attempt {
        let first = amounts.first().map_or(0, |amount| amount.start);
        let heading = title.get(..first).unwrap_or_default().trim_end();
        if !heading.ends_with([':', '(', '–']) && self.names_a_nature(heading) {
            return Err(None);
        }
        let mut items = Vec::new();
        for (at, amount) in amounts.iter().enumerate() {
            let next = amounts.get(at.saturating_add(1));
            let to = next.map_or(title.len(), |next| next.start);
            let text = title.get(amount.end..to).unwrap_or_default();
            items.push(self.item(text, amount.amount)?);
        }
        Ok(items)
    }

    /// Whether what follows the last amount may be an item rather than a receiver: in
    /// "for the defence committee" a noun of the sector is part of a name.
    fn goes_on(&self, text: &str) -> bool {
        let folded = Folded::new(text);
        let first = folded
            .text
            .split(|c: char| !c.is_alphanumeric())
            .find(|word| !word.is_empty());
        let receiver =
            first.is_some_and(|word| self.tongue.grammar.prepositions.contains(word));
        self.natures(&folded).any(|key| !(receiver && key == Key::Sector))
    }

    /// Whether a text names a nature of its own; a building is only a place.
    fn names_a_nature(&self, text: &str) -> bool {
        self.natures(&Folded::new(text)).next().is_some()
    }

    fn natures(&self, folded: &Folded) -> impl Iterator<Item = Key> {
        let hits = self.tongue.lexicon.find(folded);
        let keys: Vec<Key> = hits.iter().map(|hit| hit.term.key).collect();
        keys.into_iter().filter(|key| {
            !matches!(
                key,
                Key::Place
                    | Key::Carrier
                    | Key::Format
                    | Key::Vague
                    | Key::None
                    | Key::Name
                    | Key::Who(_)
                    | Key::Org(_)
                    | Key::Context
                    | Key::Project
                    | Key::Topic
            )
        })
    }

    /// What follows the first comma, bracket or joining word; nothing where what stands
    /// before it names a nature, which then belongs to nobody.
    fn after_separator<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut from = 0;
        for (at, c) in text.char_indices() {
            let word = text.get(from..at).unwrap_or_default().trim();
            let past = at.saturating_add(c.len_utf8());
            let cut = if matches!(c, ',' | ';' | '.' | ':' | '|' | '+' | '&' | '/') {
                Some(at)
            } else if c.is_whitespace() {
                let joins = self.tongue.grammar.conjunctions.contains(&fold(word));
                let start = from;
                from = past;
                joins.then_some(start)
            } else {
                None
            };
            if let Some(cut) = cut {
                let lead = text.get(..cut).unwrap_or_default();
                return (!self.names_a_nature(lead))
                    .then(|| text.get(past..).unwrap_or_default());
            }
        }
        None
    }

    /// Classifies an item on its own; a body named once is meant for all.
    fn item(&self, text: &str, amount: Money) -> Result<Item, Option<String>> {
        let text = bare(text);
        let folded = Folded::new(text);
        let ask = |beneficiary| {
            let question = Question {
                description: text,
                beneficiary,
                category: None,
                ..*self.question
            };
            let lang = (self.whole.lang.as_str(), self.whole.lang_detected);
            procedure::decide(self.rules, self.tongue, &question, &folded, lang)
        };
        let mut answer = ask(self.question.beneficiary);
        let shared = self.whole.beneficiary;
        if answer.beneficiary == Beneficiary::Unknown
            && !matches!(shared, Beneficiary::Unknown | Beneficiary::Mixed)
        {
            answer = ask(Some(shared.code()));
        }
        let unclear = matches!(answer.class, Class::Mixed | Class::Unclassified);
        if unclear || answer.subclass == Some(Subclass::X1) {
            let nothing = text.is_empty();
            return Err((!nothing).then(|| {
                format!(
                    "`{text}` cannot be a part ({}, {})",
                    answer.class, answer.because
                )
            }));
        }
        let (class, subclass) = (answer.class, answer.subclass);
        let part = Part { text: text.to_owned(), amount, class, subclass };
        Ok(Item { part, answer })
    }
}

/// What follows a heading: "support to the police: vehicles", "support (vehicles".
fn after_heading(text: &str) -> &str {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let from = text.rfind([':', '(']).map_or(0, |at| at.saturating_add(1));
    text.get(from..).unwrap_or_default()
}

/// An item without the punctuation and brackets around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Gives an answer its parts, unless all are of one class.
fn take_parts(mut answer: Answer, items: Vec<Item>) -> Answer {
    let mut classes = items.iter().map(|item| item.part.class);
    let first = classes.next();
    if classes.all(|class| Some(class) == first) {
        return answer;
    }
    let told: Vec<String> = items
        .iter()
        .map(|item| {
            let part = &item.part;
            format!("`{}` {} is {}", part.text, part.amount, part.class)
        })
        .collect();
    answer.because = told.join(", ");
    answer.confidence_bps =
        items.iter().map(|item| item.answer.confidence_bps).min().unwrap_or_default();
    answer.class = Class::Mixed;
    answer.subclass = None;
    answer.method = Method::Lexicon;
    answer.rule_id = "C3".to_owned();
    answer.runner_up = None;
    for item in items {
        item.answer.flags.into_iter().for_each(|hit| add_flag(&mut answer.flags, hit));
        answer.parts.push(item.part);
    }
    answer
}

/// Adds a screen that an item trips; a screen raised outweighs one for review.
fn add_flag(flags: &mut Vec<FlagHit>, hit: FlagHit) {
    match flags.iter_mut().find(|known| known.flag == hit.flag) {
        Some(known) if known.review && !hit.review => *known = hit,
        Some(_) => {}
        None => {
            flags.push(hit);
            flags.sort_by_key(|hit| hit.flag);
        }
    }
}

/// A class share with its exact weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// What the share buys.
    pub class: Class,
    /// Its detail.
    pub subclass: Option<Subclass>,
    /// Its stated cents.
    pub weight: i128,
    /// Its share in basis points, by largest remainder.
    pub share_bps: i64,
}

/// How the parts of an answer split an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Division {
    /// The answer has no parts, or the amount is theirs.
    Shares(Vec<Weighed>),
    /// The parts make another amount, this one.
    Other(Money),
}

/// Splits an amount by the parts of an answer, largest share first; no shares where the
/// answer has no parts. An amount taken back is split like its magnitude.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn divide(parts: &[Part], amount: Money) -> crate::error::Result<Division> {
    let sum = Money::sum(parts.iter().map(|part| part.amount))?;
    if parts.is_empty() {
        return Ok(Division::Shares(Vec::new()));
    }
    if sum.cents().unsigned_abs() != amount.cents().unsigned_abs() {
        return Ok(Division::Other(sum));
    }
    let mut shares: Vec<Weighed> = Vec::new();
    for part in parts {
        let same = |share: &&mut Weighed| {
            (share.class, share.subclass) == (part.class, part.subclass)
        };
        match shares.iter_mut().find(same) {
            Some(share) => {
                share.weight = share.weight.saturating_add(part.amount.cents());
            }
            None => shares.push(Weighed {
                class: part.class,
                subclass: part.subclass,
                weight: part.amount.cents(),
                share_bps: 0,
            }),
        }
    }
    shares.sort_by_key(|share| {
        (std::cmp::Reverse(share.weight), share.class, share.subclass)
    });
    let weights: Vec<i128> = shares.iter().map(|share| share.weight).collect();
    let points = apportion(Money::from_cents(10_000), &weights)?;
    for (share, bps) in shares.iter_mut().zip(points) {
        share.share_bps = i64::try_from(bps.cents()).unwrap_or_default();
    }
    Ok(Division::Shares(shares))
}

#[cfg(test)]
#[path = "parts_test.rs"]
mod tests;
