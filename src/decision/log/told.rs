//! A record as plain text for people.

use serde_json::Value;

use crate::decision::note::Note;
use crate::domain::Money;
use crate::domain::money::grouped;

use super::approvals::Standing;
use super::compare::shown;
use super::line::{Kind, Record};

/// Lines of the note are as wide as a page.
const PAGE: usize = 80;

/// A decision, how it stands, and what people answered.
#[must_use]
pub fn tell(record: &Record, standing: Option<&Standing>, answers: &[&Record]) -> String {
    let mut note = Note::new(PAGE);
    let title = record.text("project_title");
    let scope = record.text("scope").replace('_', " ");
    let scope = if scope.is_empty() { scope } else { format!(", {scope}") };
    note.wrapped("", 2, &format!("{}: {}{scope}", record.id, record.text("verdict")));
    let tranche = record.tranche();
    let project = record.text("project_id");
    note.wrapped("", 2, &format!("Tranche {tranche} of {project}, {title}"));
    note.line(&format!("  events to  {}", record.text("as_of")));
    note.line(&format!("  known at   {}", record.text("known_at")));
    note.line(&format!("  recorded   {}", record.text("recorded_at")));
    note.line(&format!("  by         {}", record.text("recorded_by")));
    note.blank();
    for key in ["requested", "payable", "held"] {
        let text = record.text(key);
        let amount = Money::parse(text).map_or_else(|_| text.to_owned(), grouped);
        note.line(&format!("  {key:<10} {} {amount:>16}", record.text("currency")));
    }
    open_rules(&mut note, record);
    note.blank();
    for answer in answers {
        let verb = if answer.kind == Kind::Approval { "approved" } else { "rejected" };
        let signed = if answer.text("signature").is_empty() { "" } else { ", signed" };
        let who = answer.text("recorded_by");
        let at = answer.text("recorded_at");
        note.wrapped("", 2, &format!("{verb} by {who} at {at}{signed}"));
        note.wrapped("  ", 2, answer.text("comment"));
    }
    note.line(&match standing {
        Some(standing) => {
            let (there, needed) = (standing.approved_by.len(), standing.needed);
            format!("standing: {} ({there} of {needed} approvals)", standing.word)
        }
        None => "standing: unknown, the copy of its policy cannot be read".to_owned(),
    });
    note.blank();
    note.line(&format!("line {}, sha256 {}", record.line, record.sha256));
    note.text
}

fn open_rules(note: &mut Note, record: &Record) {
    let word = |rule: &Value, key: &str| rule.get(key).map(shown).unwrap_or_default();
    for rule in &record.list("rules") {
        let result = word(rule, "result");
        if matches!(result.as_str(), "FAIL" | "UNKNOWN" | "WAIVED") {
            note.blank();
            let first =
                format!("{} {result}: {}", word(rule, "rule_id"), word(rule, "message"));
            note.wrapped("", 4, &first);
        }
    }
}
