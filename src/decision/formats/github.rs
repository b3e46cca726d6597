//! Annotations as the log of a GitHub workflow understands them.

use crate::gate::Decision;
use crate::gate::outcome::Finding;

use super::{Outcome, of_verdict, outcome, subject, summary};

pub(super) fn write(decisions: &[Decision]) -> String {
    let mut out = String::new();
    for decision in decisions {
        let subject = subject(decision);
        let command = match of_verdict(decision.verdict) {
            Outcome::Passed => "notice",
            _ => "error",
        };
        let title = format!("title={}", property(&subject));
        out.push_str(&format!("::{command} {title}::{}\n", data(&summary(decision))));
        for finding in &decision.rules {
            let command = match outcome(finding) {
                Outcome::Failed | Outcome::Open => "error",
                Outcome::Warned => "warning",
                Outcome::Waived | Outcome::Unsure => "notice",
                Outcome::Passed | Outcome::Skipped => continue,
            };
            let title = format!("{subject}: {} {}", finding.rule_id, finding.title);
            let place = place(finding);
            out.push_str(&format!(
                "::{command} {place}title={}::{}: {}\n",
                property(&title),
                finding.result.word(),
                data(&finding.message),
            ));
        }
    }
    out
}

/// The first row that the finding rests on.
fn place(finding: &Finding) -> String {
    match finding.evidence.first() {
        Some(row) => format!("file={},line={},", property(&row.file), row.row),
        None => String::new(),
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
