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
    lines: i64,
    right: i64,
    at_least_bps: i64,
    #[serde(rename = "measured_on")]
    _measured_on: String,
    #[serde(rename = "comment")]
    _comment: String,
}

/// What was measured, by rule and by whether there was a runner-up.
#[derive(Debug, Clone, Default)]
pub struct Calibration(BTreeMap<(String, bool), Measured>);

impl Calibration {
    /// Reads the counts; a runner-up must not make an answer of a rule worth more.
    #[must_use]
    pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> Self {
        let mut made = BTreeMap::new();
        for (row, line) in read_rows::<MeasuredRow>(file, text, problems) {
            let sound = (0..=line.lines).contains(&line.right)
                && (0..=10_000).contains(&line.at_least_bps)
                && line.lines > 0
                && matches!(line.runner_up.as_str(), "yes" | "no");
            let measured = Measured {
                lines: line.lines,
                right: line.right,
                at_least_bps: line.at_least_bps,
            };
            if !sound || measured.at_least_bps > measured.share_bps() {
                let what = format!("the counts of rule `{}` cannot be", line.rule);
                let fix = "right is at most lines, at_least_bps at most their share, and \
                           runner_up yes or no";
                problems.push(Problem::at(file, row, 0, what, fix));
                continue;
            }
            if made.insert((line.rule, line.runner_up == "yes"), measured).is_some() {
                let fix = "keep one of the rows";
                problems.push(Problem::at(file, row, 0, "rule stands twice", fix));
            }
        }
        let made = Self(made);
        made.check_order(file, problems);
        made
    }

    fn check_order(&self, file: &str, problems: &mut Vec<Problem>) {
        for ((rule, rival), sure) in &self.0 {
            let doubted = self.of(rule, true);
            if !rival && doubted.is_some_and(|d| d.at_least_bps > sure.at_least_bps) {
                let what = format!("rule `{rule}` is worth less without a runner-up");
                let fix = "count it together with its neighbours, so that order holds";
                problems.push(Problem::of_file(file, what, fix));
            }
        }
    }

    /// What an answer of a rule is worth; the row of `*` stands for rules without one.
    #[must_use]
    pub fn of(&self, rule: &str, runner_up: bool) -> Option<Measured> {
        let family = rule.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let row = |rule: &str| self.0.get(&(rule.to_owned(), runner_up)).copied();
        row(rule).or_else(|| row(family)).or_else(|| row("*"))
    }

    /// What an answer from the lexicon is worth; other methods were not measured.
    #[must_use]
    pub fn of_answer(&self, answer: &Answer) -> Option<Measured> {
        if answer.method != Method::Lexicon {
            return None;
        }
        self.of(&answer.rule_id, answer.runner_up.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "rule,runner_up,lines,right,at_least_bps,measured_on,comment\n";

    fn read(rows: &str) -> (Calibration, Vec<String>) {
        let mut problems = Vec::new();
        let made = Calibration::read("m.csv", &format!("{HEAD}{rows}"), &mut problems);
        (made, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_nearest_row_counts() {
        let (made, problems) = read(
            "C5,no,40,38,8300,2026-01-01,\n*,no,90,80,8000,2026-01-01,\n\
             *,yes,20,15,5300,2026-01-01,\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(made.of("C5a", false).unwrap().lines, 40);
        assert_eq!(made.of("C8", false).unwrap().lines, 90);
        assert_eq!(made.of("C5", true).unwrap().share_bps(), 7_500);
        assert_eq!(read("").0.of("C5", false), None);
    }

    #[test]
    fn impossible_counts_are_refused() {
        for (row, word) in [
            ("C5,no,10,11,100,2026-01-01,\n", "cannot be"),
            ("C5,no,0,0,0,2026-01-01,\n", "cannot be"),
            ("C5,no,10,5,5001,2026-01-01,\n", "cannot be"),
            ("C5,perhaps,10,5,100,2026-01-01,\n", "cannot be"),
            ("C5,no,9,9,10,2026-01-01,\nC5,no,9,9,10,2026-01-01,\n", "twice"),
            ("*,no,9,9,10,2026-01-01,\n*,yes,9,9,20,2026-01-01,\n", "worth less"),
        ] {
            let (_, problems) = read(row);
            assert_eq!(problems.len(), 1, "{row}: {problems:?}");
            assert!(problems[0].contains(word), "{row}: {problems:?}");
        }
    }

    #[test]
    fn the_shipped_counts_keep_the_order_of_confidence() {
        let text = include_str!("../../queries/classification/measured.csv");
        let mut problems = Vec::new();
        let made = Calibration::read("measured.csv", text, &mut problems);
        assert_eq!(problems, []);
        for rule in ["C2", "C5", "C7", "C8"] {
            let (sure, doubted) = (made.of(rule, false), made.of(rule, true));
            let worth = |m: Option<Measured>| m.unwrap().at_least_bps;
            assert!(worth(sure) >= worth(doubted), "{rule}");
        }
    }
}
