//! How often answers of a kind were right, measured on lines that a person labelled.
//!
//! The confidence of an answer (contract G4) says how it was found. What such answers are
//! worth is counted on labelled lines and stands in `measured.csv` as data, so that a new
//! count needs no new program. It is shown beside the confidence and changes nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::answer::Answer;
use super::lexicon::read_rows;
use crate::domain::class::Method;
use crate::domain::money::half_up;
use crate::error::Problem;

/// What answers of a kind were worth when they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// How many of the labelled lines were answered in this way.
    pub lines: i64,
    /// How many of those a reader would sign.
    pub right: i64,
    /// The lower end of the 95% interval of the share, in basis points.
    pub at_least_bps: i64,
    /// Whether that reaches the line that `measured.csv` draws.
    pub high: bool,
}

impl Measured {
    /// The share that was right, in basis points, half up.
    #[must_use]
    pub fn share_bps(&self) -> i64 {
        i128::from(self.right)
            .checked_mul(10_000)
            .and_then(|right| half_up(right, i128::from(self.lines)))
            .and_then(|share| i64::try_from(share).ok())
            .unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasuredRow {
    rule: String,
    runner_up: String,
    named: String,
    lines: Option<i64>,
    right: Option<i64>,
    at_least_bps: i64,
    #[serde(rename = "measured_on")]
    _measured_on: String,
    #[serde(rename = "comment")]
    _comment: String,
}

/// The row that says from which lower bound on an answer is called sure.
const HIGH: &str = "high";

impl MeasuredRow {
    fn is_line(&self) -> bool {
        self.rule == HIGH
    }

    /// The line that is drawn, where the row says nothing else.
    fn line(&self) -> Option<i64> {
        let alone = self.lines.is_none()
            && self.right.is_none()
            && self.runner_up.is_empty()
            && self.named.is_empty();
        (alone && (1..=10_000).contains(&self.at_least_bps)).then_some(self.at_least_bps)
    }

    /// The kind that was counted, and the counts, where they can be.
    fn counts(self) -> Option<(Kind, Measured)> {
        let (lines, right) = (self.lines?, self.right?);
        let kind = Kind {
            runner_up: told(&self.runner_up)?,
            named: told(&self.named)?,
            rule: self.rule,
        };
        let at_least_bps = self.at_least_bps;
        let measured = Measured { lines, right, at_least_bps, high: false };
        let sound = lines > 0
            && (0..=lines).contains(&right)
            && (0..=measured.share_bps()).contains(&at_least_bps);
        sound.then_some((kind, measured))
    }
}

/// What `yes` and `no` say.
fn told(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Answers that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The rule that decided; `*` for all that have no rows of their own.
    pub rule: String,
    /// Whether there was a runner-up.
    pub runner_up: bool,
    /// Whether the text or the data name a body of security, or the sector is of security.
    pub named: bool,
}

/// What was measured, by kind of answer, and the line of high confidence.
#[derive(Debug, Clone, Default)]
pub struct Calibration {
    kinds: BTreeMap<Kind, Measured>,
    line: Option<i64>,
}

impl Calibration {
    /// Reads the counts; neither a runner-up nor a text without a body of security may make
    /// an answer of a rule worth more.
    #[must_use]
    pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Self {
        let mut made = Self::default();
        for (row, line) in read_rows::<MeasuredRow>(file, text, problems) {
            if let Err((what, fix)) = made.add(line) {
                problems.push(Problem::at(file, row, 0, what, fix));
            }
        }
        if let Some(line) = made.line {
            for found in made.kinds.values_mut() {
                found.high = found.at_least_bps >= line;
            }
        }
        made.check_order(file, problems);
        made
    }

    fn add(&mut self, row: MeasuredRow) -> Result<(), (String, &'static str)> {
        let twice = |what: &str| (format!("{what} stands twice"), "keep one of the rows");
        if row.is_line() {
            let line = row.line().ok_or((
                "the line of high confidence cannot be".to_owned(),
                "at_least_bps is 1 to 10000, and runner_up, named, lines and right empty",
            ))?;
            return match self.line.replace(line) {
                None => Ok(()),
                Some(_) => Err(twice("the line of high confidence")),
            };
        }
        let rule = row.rule.clone();
        let (kind, measured) = row.counts().ok_or_else(|| {
            (
                format!("the counts of rule `{rule}` cannot be"),
                "right is at most lines, at_least_bps at most their share, and \
                 runner_up and named yes or no",
            )
        })?;
        match self.kinds.insert(kind, measured) {
            None => Ok(()),
            Some(_) => Err(twice("rule")),
        }
    }

    fn check_order(&self, file: &str, problems: &mut Vec<Problem>) {
        for (kind, found) in &self.kinds {
            let weaker = [
                (!kind.runner_up, true, kind.named, "without a runner-up"),
                (kind.named, kind.runner_up, false, "where a body is named"),
            ];
            for (_, runner_up, named, when) in weaker.into_iter().filter(|w| w.0) {
                let other = self.of(&kind.rule, runner_up, named);
                if other.is_some_and(|other| other.at_least_bps > found.at_least_bps) {
                    let what = format!("rule `{}` is worth less {when}", kind.rule);
                    let fix =
                        "count it together with its neighbours, so that order holds";
                    problems.push(Problem::of_file(file, what, fix));
                }
            }
        }
    }

    /// What an answer of a rule is worth; the row of `*` stands for rules without one.
    #[must_use]
    pub fn of(&self, rule: &str, runner_up: bool, named: bool) -> Option<Measured> {
        let family = rule.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let row = |rule: &str| {
            let kind = Kind { rule: rule.to_owned(), runner_up, named };
            self.kinds.get(&kind).copied()
        };
        row(rule).or_else(|| row(family)).or_else(|| row("*"))
    }

    /// The answer, with what such answers were worth.
    #[must_use]
    pub fn measure(&self, answer: Answer) -> Answer {
        Answer { measured: self.of_answer(&answer), ..answer }
    }

    /// What an answer from the lexicon is worth; other methods were not measured.
    #[must_use]
    pub fn of_answer(&self, answer: &Answer) -> Option<Measured> {
        if answer.method != Method::Lexicon {
            return None;
        }
        self.of(&answer.rule_id, answer.runner_up.is_some(), answer.named)
    }
}

#[cfg(test)]
#[path = "measured_test.rs"]
mod tests;
