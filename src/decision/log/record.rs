//! Recording verdicts: the same one once, several together or not at all.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::gate::Decision;
use crate::load::files::sha256;
use crate::workspace::Workspace;

use super::append::Writer;
use super::canonical;
use super::chain::Torn;
use super::copies::Texts;
use super::line::{Kind, OF_THE_LOG, Person, Record};

/// Hex digits of a hash in an id.
const DIGITS: usize = 8;

/// What became of verdicts that were to be recorded, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Each verdict's record; true where it was there before.
    pub records: Vec<(Record, bool)>,
    /// Bytes of a writer that died, put aside on the way.
    pub torn: Option<Torn>,
}

/// Records verdicts that rest on `texts`: on disk when this returns.
///
/// A verdict is not recorded again that the same person recorded with the same clocks,
/// texts and outcome: a writer that died after its work is simply asked again.
///
/// # Errors
/// The log was changed, another writer keeps it, or the disk; then nothing was recorded.
pub fn record(
    workspace: &Workspace,
    decisions: &[Decision],
    texts: &Texts,
    by: &Person,
    now: DateTime<Utc>,
) -> Result<Recorded> {
    let queries_sha256 = texts.sha256();
    let mut wanted = Vec::new();
    for decision in decisions {
        wanted.push(object(decision, &queries_sha256, by)?);
    }
    let writer = Writer::open(workspace)?;
    let mut found = Vec::new();
    for (digits, object) in &wanted {
        found.push(known(&writer, digits, object)?);
    }
    let missing = found.iter().filter(|record| record.is_none()).count();
    let torn = writer.chain().torn.clone().filter(|_| missing > 0);
    if missing > 0 {
        texts.keep(writer.folder())?;
    }
    let mut tail = writer.tail();
    let mut number = 0_usize;
    let mut new = Vec::new();
    for ((digits, mut object), known) in wanted.into_iter().zip(&mut found) {
        if known.is_some() {
            continue;
        }
        number = number.saturating_add(1);
        if number == 1 {
            writer.tell_torn(&mut object);
        }
        if missing > 1 {
            object.insert("batch".to_owned(), json!({"number": number, "of": missing}));
        }
        let record = tail.seal(Kind::Decision, &digits, object, now, |_| Ok(()))?;
        new.push(record.clone());
        *known = Some((record, false));
    }
    writer.append(&new)?;
    Ok(Recorded { records: found.into_iter().flatten().collect(), torn })
}

/// What the record of a decision says before it has its place, and digits of that.
fn object(
    decision: &Decision,
    queries_sha256: &str,
    by: &Person,
) -> Result<(String, Map<String, Value>)> {
    let Value::Object(mut object) = crate::decision::to_value(decision)? else {
        return Err(Error::internal("a decision is no object"));
    };
    if let Some(key) = object.keys().find(|key| OF_THE_LOG.contains(&key.as_str())) {
        return Err(Error::internal(format!("`{key}` is a key of the log")));
    }
    object.insert("queries_sha256".to_owned(), Value::from(queries_sha256));
    object.insert("recorded_by".to_owned(), Value::from(by.to_string()));
    Ok((digits(&object)?, object))
}

/// The first digits of the hash of an object.
///
/// # Errors
/// An internal error where it cannot be written.
pub fn digits(object: &Map<String, Value>) -> Result<String> {
    let hash = sha256(canonical::text_without(object, &[])?.as_bytes());
    Ok(hash.get(..DIGITS).unwrap_or_default().to_owned())
}

/// The record that says the same already.
fn known(
    writer: &Writer,
    digits: &str,
    object: &Map<String, Value>,
) -> Result<Option<(Record, bool)>> {
    for record in writer.chain().decisions() {
        if record.id.ends_with(digits) && says(record, object)? {
            return Ok(Some((record.clone(), true)));
        }
    }
    Ok(None)
}

/// The keys that come with a record's place in the log.
const OF_THE_PLACE: [&str; 8] = [
    "approval_id",
    "batch",
    "decision_id",
    "kind",
    "previous_sha256",
    "recorded_at",
    "sha256",
    "torn_sha256",
];

/// Whether a record says what an object says, whatever its place.
fn says(record: &Record, object: &Map<String, Value>) -> Result<bool> {
    Ok(canonical::text_without(&record.object(), &OF_THE_PLACE)?
        == canonical::text_without(object, &[])?)
}
