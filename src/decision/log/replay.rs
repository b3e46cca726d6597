//! The same question again: recorded clocks, recorded texts, the loads of that time.

use std::path::Path;

use crate::decision::assess::{PolicyFile, read_policy};
use serde_json::Value;

use crate::domain::{AsOf, KnownAt};
use crate::error::{Error, Result};
use crate::gate::{Decision, SoftwareScope};
use crate::metrics::measure::Asked;

use super::canonical;
use super::compare::{Difference, differences};
use super::copies::Texts;
use super::line::Record;

/// All that a decision was made with, apart from the loads.
#[derive(Debug, Clone)]
pub struct Given {
    /// The policy.
    pub policy: PolicyFile,
    /// Lexicon, classification rules, metrics and views.
    pub texts: Texts,
    /// Events to this day counted.
    pub as_of: AsOf,
    /// Loads recorded to this instant counted.
    pub known_at: KnownAt,
    /// Which milestones counted as software.
    pub software_scope: SoftwareScope,
    /// Project and tranche.
    pub asked: Asked,
}

impl Given {
    /// Reads what a decision was made with from the log's copies in `folder`.
    ///
    /// # Errors
    /// A copy is missing or damaged.
    pub fn of(folder: &Path, record: &Record) -> Result<Self> {
        let texts = Texts::read(folder, record.text("queries_sha256"))?;
        let hash = record.inner("policy", "sha256");
        let (path, text) = texts.with_hash(hash).ok_or_else(|| {
            Error::data(format!("the copies of `{}` have no policy `{hash}`", record.id))
        })?;
        let unknown =
            |key: &str| Error::data(format!("`{}` has an impossible `{key}`", record.id));
        let as_of = AsOf::parse(record.text("as_of")).ok_or_else(|| unknown("as_of"))?;
        let policy = as_it_stood(read_policy(path, text)?, record, as_of)?;
        Ok(Self {
            policy,
            as_of,
            known_at: KnownAt::parse(record.text("known_at"))
                .ok_or_else(|| unknown("known_at"))?,
            software_scope: SoftwareScope::parse(record.text("software_scope"))
                .ok_or_else(|| unknown("software_scope"))?,
            asked: (record.text("project_id").to_owned(), record.tranche()),
            texts,
        })
    }
}

/// The policy on its day, with what was set for that run.
fn as_it_stood(read: PolicyFile, record: &Record, as_of: AsOf) -> Result<PolicyFile> {
    let PolicyFile { mut policy, sha256, text } = read;
    let decision = record.decision();
    let switches = decision.get("switches").and_then(Value::as_object);
    for (name, stamp) in switches.into_iter().flatten() {
        if stamp.get("set_by").and_then(Value::as_str) == Some("param") {
            let value = match stamp.get("value") {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            policy.set(name, &value)?;
        }
    }
    Ok(PolicyFile { policy: policy.on(as_of), sha256, text })
}

/// What came out when a decision was made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Fields that came out otherwise; none where the bytes are the same.
    pub differences: Vec<Difference>,
    /// The version that decided, where it was not this one.
    pub other_tool: Option<String>,
}

/// Compares a decision that was made again with its record, byte for byte; the name of
/// another version of this program is no difference in what it decides.
///
/// # Errors
/// An internal error where the decision cannot be written.
pub fn compare(record: &Record, again: &Decision) -> Result<Replayed> {
    let before = record.decision();
    let mut after = crate::decision::to_value(again)?;
    let tool = record.text("tool");
    let other_tool = (tool != again.tool).then(|| tool.to_owned());
    if let (Some(_), Some(object)) = (&other_tool, after.as_object_mut()) {
        object.insert("tool".to_owned(), Value::from(tool));
    }
    let mut found = differences(&before, &after);
    if found.is_empty() && canonical::text(&before)? != canonical::text(&after)? {
        found.push(Difference { field: "bytes".to_owned(), before: None, after: None });
    }
    Ok(Replayed { differences: found, other_tool })
}
