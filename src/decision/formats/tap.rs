//! The Test Anything Protocol, version 14: a line for each rule, reasons below.

use crate::gate::Decision;

use super::{Outcome, of_verdict, outcome, subject, summary};

pub(super) fn write(decisions: &[Decision]) -> String {
    let cases: usize = decisions
        .iter()
        .map(|decision| decision.rules.len().saturating_add(1))
        .fold(0, usize::saturating_add);
    let mut out = format!("TAP version 14\n1..{cases}\n");
    let mut number = 0_usize;
    for decision in decisions {
        let subject = subject(decision);
        let verdict = format!("{subject} verdict {}", summary(decision));
        number = number.saturating_add(1);
        line(&mut out, number, of_verdict(decision.verdict), &verdict, "");
        for finding in &decision.rules {
            let what = format!("{subject} {} {}", finding.rule_id, finding.title);
            number = number.saturating_add(1);
            line(&mut out, number, outcome(finding), &what, finding.result.word());
            if !matches!(outcome(finding), Outcome::Passed | Outcome::Skipped) {
                reasons(&mut out, finding.result.word(), &finding.message);
            }
        }
    }
    out
}

fn line(out: &mut String, number: usize, outcome: Outcome, what: &str, word: &str) {
    let mark = match outcome {
        Outcome::Failed | Outcome::Open => "not ok",
        _ => "ok",
    };
    out.push_str(&format!("{mark} {number} - {}", escaped(what)));
    if matches!(outcome, Outcome::Waived | Outcome::Skipped) {
        out.push_str(&format!(" # SKIP {word}"));
    }
    out.push('\n');
}

/// A YAML block; its texts are JSON strings, which YAML reads as they are.
fn reasons(out: &mut String, word: &str, message: &str) {
    let message = serde_json::Value::from(message);
    out.push_str(&format!("  ---\n  result: {word}\n  message: {message}\n  ...\n"));
}

/// A description in which nothing begins a directive or a line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
