//! What people answer to a recorded decision: approvals and rejections, signed or not.
//!
//! Who recorded a decision may approve it only where the recorded policy says so; the
//! policy also says how many people must approve. One person answers once; a rejection
//! stands, and then the decision is made again.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::gate::Policy;
use crate::workspace::Workspace;

use super::append::Writer;
use super::canonical;
use super::chain::Chain;
use super::copies;
use super::keys::{Private, is_signed};
use super::line::{Kind, Person, Record};
use super::record::digits;

/// An answer that is to be recorded.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Approval or rejection.
    pub kind: Kind,
    /// Who answers.
    pub by: &'a Person,
    /// Why.
    pub comment: &'a str,
    /// Signs the answer.
    pub key: Option<&'a Private>,
    /// Name and version of this program.
    pub tool: &'a str,
}

/// Records an answer to the decision whose id begins with `typed`; true where the same
/// answer was there before.
///
/// # Errors
/// The person may not answer, the log was changed, another writer keeps it, or the disk.
pub fn answer(
    workspace: &Workspace,
    typed: &str,
    answer: &Answer<'_>,
    now: DateTime<Utc>,
) -> Result<(Record, bool)> {
    let writer = Writer::open(workspace)?;
    let decision = writer.chain().decision(typed)?.clone();
    let mut object = Map::new();
    object.insert("comment".to_owned(), Value::from(answer.comment));
    object.insert("decision_id".to_owned(), Value::from(decision.id.as_str()));
    object.insert("decision_sha256".to_owned(), json!(decision.sha256));
    object.insert("kind".to_owned(), Value::from(answer.kind.word()));
    object.insert("recorded_by".to_owned(), Value::from(answer.by.to_string()));
    object.insert("schema_version".to_owned(), Value::from(1));
    object.insert("tool".to_owned(), Value::from(answer.tool));
    if let Some(key) = answer.key {
        object.insert("public_key".to_owned(), Value::from(key.public()));
    }
    let digits = digits(&object)?;
    if let Some(record) = same(writer.chain(), &decision.id, &object) {
        return Ok((record.clone(), true));
    }
    let policy = Rules::of(writer.folder(), &decision)?;
    may_answer(writer.chain(), &decision, &policy, answer)?;
    writer.tell_torn(&mut object);
    let mut tail = writer.tail();
    let record = tail.seal(answer.kind, &digits, object, now, |object| {
        if let Some(key) = answer.key {
            let signature = key.sign(signed_text(object)?.as_bytes());
            object.insert("signature".to_owned(), Value::from(signature));
        }
        Ok(())
    })?;
    writer.append(std::slice::from_ref(&record))?;
    Ok((record, false))
}

/// The answer that says the same already; when it was made does not matter.
fn same<'a>(
    chain: &'a Chain,
    id: &'a str,
    object: &Map<String, Value>,
) -> Option<&'a Record> {
    chain.answers(id).find(|record| {
        ["kind", "comment", "recorded_by", "public_key"]
            .iter()
            .all(|key| record.head.get(*key) == object.get(*key))
    })
}

fn may_answer(
    chain: &Chain,
    decision: &Record,
    rules: &Rules,
    answer: &Answer<'_>,
) -> Result<()> {
    let by = answer.by.to_string();
    let again = "record the decision again if it is to be looked at anew";
    let refuse = |what: String, fix: &str| Err(Error::usage(what).fix(fix));
    for record in chain.answers(&decision.id) {
        let who = record.text("recorded_by");
        let their_key = answer.key.map(Private::public).unwrap_or_default();
        let same_key = !their_key.is_empty() && record.text("public_key") == their_key;
        if Person::same(who, &by) || same_key {
            let what = format!("`{who}` answered `{}` already", decision.id);
            return refuse(what, again);
        }
        if record.kind == Kind::Rejection && answer.kind == Kind::Approval {
            let what = format!("`{}` was rejected by `{who}`", decision.id);
            return refuse(what, again);
        }
    }
    let recorder = decision.text("recorded_by");
    if answer.kind == Kind::Approval
        && !rules.recorder_may_approve
        && Person::same(recorder, &by)
    {
        let what = format!(
            "`{recorder}` recorded `{}` and may not approve it as well",
            decision.id
        );
        return refuse(what, "let another person approve; the policy may say otherwise");
    }
    Ok(())
}

/// What the recorded policy says about approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How many people must approve.
    pub approvals: u32,
    /// Whether the recorder may be one of them.
    pub recorder_may_approve: bool,
}

impl Rules {
    /// Reads them from the copy of the policy that a decision was made with.
    ///
    /// # Errors
    /// The copy is missing or damaged.
    pub fn of(folder: &Path, decision: &Record) -> Result<Self> {
        let hash = decision.inner("policy", "sha256");
        let policy = Policy::read_as(hash, &copies::read(folder, hash)?)?;
        Ok(Self {
            approvals: policy.approvals,
            recorder_may_approve: policy.recorder_may_approve,
        })
    }
}

/// How a decision stands with people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// `open`, `approved` or `rejected`.
    pub word: &'static str,
    /// Who approved, in their order.
    pub approved_by: Vec<String>,
    /// Who rejected.
    pub rejected_by: Vec<String>,
    /// How many approvals are needed.
    pub needed: u32,
}

impl Standing {
    /// How a decision stands under the rules of its policy.
    #[must_use]
    pub fn of(chain: &Chain, decision: &Record, rules: &Rules) -> Self {
        let by = |kind: Kind| -> Vec<String> {
            chain
                .answers(&decision.id)
                .filter(|record| record.kind == kind)
                .map(|record| record.text("recorded_by").to_owned())
                .collect()
        };
        let (approved_by, rejected_by) = (by(Kind::Approval), by(Kind::Rejection));
        let recorder = decision.text("recorded_by");
        let mut counted: Vec<&String> = Vec::new();
        for who in &approved_by {
            let is_recorder = !rules.recorder_may_approve && Person::same(recorder, who);
            if !is_recorder && !counted.iter().any(|other| Person::same(other, who)) {
                counted.push(who);
            }
        }
        let enough = u32::try_from(counted.len()).is_ok_and(|n| n >= rules.approvals);
        let word = match (rejected_by.is_empty(), enough) {
            (false, _) => "rejected",
            (true, true) => "approved",
            (true, false) => "open",
        };
        Self { word, approved_by, rejected_by, needed: rules.approvals }
    }
}

/// The policies of decisions, each read once.
#[derive(Debug, Default)]
pub struct Policies(BTreeMap<String, Option<Rules>>);

impl Policies {
    /// How a decision stands; nothing where its policy's copy cannot be read.
    pub fn standing(
        &mut self,
        chain: &Chain,
        folder: &Path,
        decision: &Record,
    ) -> Option<Standing> {
        let hash = decision.inner("policy", "sha256").to_owned();
        let rules =
            self.0.entry(hash).or_insert_with(|| Rules::of(folder, decision).ok());
        rules.map(|rules| Standing::of(chain, decision, &rules))
    }
}

/// The bytes that a signature is of: the canonical line without signature and hash.
///
/// # Errors
/// An internal error where it cannot be written.
pub fn signed_text(object: &Map<String, Value>) -> Result<String> {
    canonical::text_without(object, &["sha256", "signature"])
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The record has none.
    No,
    /// By a key that is known as that person's.
    Known,
    /// By a key that nobody here knows.
    Unknown,
    /// By a key that is known as another person's.
    Another,
    /// Not the signature of this record.
    Wrong,
}

/// Looks at the signature of a record.
#[must_use]
pub fn signature(record: &Record, known: &super::keys::Known) -> Signed {
    let (public, signature) = (record.text("public_key"), record.text("signature"));
    if public.is_empty() && signature.is_empty() {
        return Signed::No;
    }
    let right = signed_text(&record.object())
        .is_ok_and(|text| is_signed(public, text.as_bytes(), signature));
    match known.owner(public) {
        _ if !right => Signed::Wrong,
        None => Signed::Unknown,
        Some(owner) => {
            let owner = format!("{owner}, owner");
            if Person::same(&owner, record.text("recorded_by")) {
                Signed::Known
            } else {
                Signed::Another
            }
        }
    }
}
