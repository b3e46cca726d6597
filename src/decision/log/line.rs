//! One record of the log: a decision, an approval or a rejection.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use crate::domain::KnownAt;
use crate::error::{Error, Result};
use crate::load::files::sha256;

use super::canonical;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A verdict of the gate.
    Decision,
    /// A person agrees with one.
    Approval,
    /// A person refuses one.
    Rejection,
}

impl Kind {
    /// The word in the record.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Approval => "approval",
            Self::Rejection => "rejection",
        }
    }

    /// Reads the word of a record.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Decision, Self::Approval, Self::Rejection]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// The key that holds the record's own id.
    #[must_use]
    pub fn id_key(self) -> &'static str {
        match self {
            Self::Decision => "decision_id",
            Self::Approval | Self::Rejection => "approval_id",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Decision => 'D',
            Self::Approval | Self::Rejection => 'A',
        }
    }
}

/// The keys that the log adds to the decision object.
pub const OF_THE_LOG: [&str; 9] = [
    "batch",
    "decision_id",
    "kind",
    "previous_sha256",
    "queries_sha256",
    "recorded_at",
    "recorded_by",
    "sha256",
    "torn_sha256",
];

/// A record of the log, as its line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its line in the file, from 1.
    pub line: u64,
    /// What it is.
    pub kind: Kind,
    /// Its own id: `D0001-` or `A0001-`, and digits of what it says.
    pub id: String,
    /// When it was recorded.
    pub recorded_at: KnownAt,
    /// SHA-256 of the line without this hash.
    pub sha256: String,
    /// What it says, without the lists of rules and amounts: many records are held.
    pub head: Map<String, Value>,
    /// The line as it stands in the file, without its end.
    text: String,
}

/// What a record's head leaves out.
const LONG: [&str; 6] =
    ["blocked_lines", "by_class", "overrides", "recipients", "rules", "warnings"];

impl Record {
    /// Reads a line of the log; its place in the chain is not looked at.
    ///
    /// # Errors
    /// What is wrong, as a few words that follow "the line".
    pub fn read(number: u64, line: &[u8]) -> Result<Self, &'static str> {
        let object = canonical::object(line)?;
        let word = |key: &str| object.get(key).and_then(Value::as_str);
        let kind = word("kind").and_then(Kind::parse).ok_or("is of no known kind")?;
        let id = word(kind.id_key()).ok_or("has no id")?.to_owned();
        let recorded_at = word("recorded_at").ok_or("does not say when it was made")?;
        let at = KnownAt::parse(recorded_at).filter(|at| at.to_string() == recorded_at);
        let recorded_at = at.ok_or("has an impossible `recorded_at`")?;
        let hash = word("sha256").ok_or("has no hash")?.to_owned();
        let rest = canonical::text_without(&object, &["sha256"])
            .map_err(|_| "is not written as ssrfund writes it")?;
        if sha256(rest.as_bytes()) != hash {
            return Err("was changed: its hash is another one");
        }
        let text = std::str::from_utf8(line).map_err(|_| "is not UTF-8")?.to_owned();
        let mut head = object;
        head.retain(|key, _| !LONG.contains(&key.as_str()));
        Ok(Self { line: number, kind, id, recorded_at, sha256: hash, head, text })
    }

    /// All that it says.
    #[must_use]
    pub fn object(&self) -> Map<String, Value> {
        // The line was read when the record was made, so it can be read again.
        canonical::object(self.text.as_bytes()).unwrap_or_default()
    }

    /// A text of the record, or empty.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.head.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text inside an object of the record, or empty.
    #[must_use]
    pub fn inner(&self, key: &str, inner: &str) -> &str {
        let object = self.head.get(key);
        object.and_then(|object| object.get(inner)?.as_str()).unwrap_or_default()
    }

    /// The tranche of a decision.
    #[must_use]
    pub fn tranche(&self) -> i64 {
        self.head.get("tranche").and_then(Value::as_i64).unwrap_or_default()
    }

    /// The entries of a list of the record.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<Value> {
        let list = match self.head.get(key) {
            Some(list) => Some(list.clone()),
            None => self.object().swap_remove(key),
        };
        match list {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        }
    }

    /// The decision object alone, without what the log adds.
    #[must_use]
    pub fn decision(&self) -> Value {
        let mut object = self.object();
        object.retain(|key, _| !OF_THE_LOG.contains(&key.as_str()));
        Value::Object(object)
    }

    /// The line as it stands in the file, without its end.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.text
    }
}

/// What the next line follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tail {
    /// How many lines there are.
    pub lines: u64,
    /// The hash of the last one.
    pub sha256: Option<String>,
    /// Its instant.
    pub recorded_at: Option<KnownAt>,
}

impl Tail {
    /// The instant of the next line: the clock, or a microsecond after the last line
    /// where the clock stands or went back.
    #[must_use]
    pub fn next_instant(&self, now: DateTime<Utc>) -> KnownAt {
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        match self.recorded_at {
            Some(last) if last.0 >= now => {
                let next = last.0.checked_add_signed(TimeDelta::microseconds(1));
                KnownAt(next.unwrap_or(last.0))
            }
            _ => KnownAt(now),
        }
    }

    /// Makes a record of what `object` says: gives it its id, its instant and its place in
    /// the chain, lets `sign` add to it, and hashes it. The tail moves on.
    ///
    /// # Errors
    /// What `sign` returns, or an internal error.
    pub fn seal(
        &mut self,
        kind: Kind,
        digits: &str,
        mut object: Map<String, Value>,
        now: DateTime<Utc>,
        sign: impl FnOnce(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<Record> {
        let line = self.lines.saturating_add(1);
        let recorded_at = self.next_instant(now);
        let id = format!("{}{line:04}-{digits}", kind.letter());
        object.insert("kind".to_owned(), Value::from(kind.word()));
        object.insert(kind.id_key().to_owned(), Value::from(id.as_str()));
        object.insert("recorded_at".to_owned(), Value::from(recorded_at.to_string()));
        let previous = self.sha256.clone().map_or(Value::Null, Value::from);
        object.insert("previous_sha256".to_owned(), previous);
        sign(&mut object)?;
        let hash = sha256(canonical::text_without(&object, &["sha256"])?.as_bytes());
        object.insert("sha256".to_owned(), Value::from(hash.as_str()));
        let text = canonical::text_without(&object, &[])?;
        let record = Record::read(line, text.as_bytes())
            .map_err(|what| Error::internal(format!("a new line of the log {what}")))?;
        *self = Self {
            lines: line,
            sha256: Some(hash),
            recorded_at: Some(record.recorded_at),
        };
        Ok(record)
    }
}

/// A person as `--by` names one: `NAME, ROLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The role.
    pub role: String,
}

impl Person {
    /// Reads `NAME, ROLE`; the role is what stands behind the last comma.
    ///
    /// # Errors
    /// The name or the role is missing.
    pub fn parse(text: &str) -> Result<Self> {
        let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (name, role) = text.rsplit_once(',').unwrap_or((text, ""));
        let person = Self { name: spaced(name), role: spaced(role) };
        let hidden = text.chars().any(crate::error::is_hidden);
        if person.name.is_empty() || person.role.is_empty() || hidden {
            let shown = crate::error::visible(text);
            return Err(Error::usage(format!("`--by {shown}` names no one"))
                .fix("write the name and the role: `--by \"A. Diallo, analyst\"`"));
        }
        Ok(person)
    }

    /// Whether two texts name the same person, whatever the role and the case.
    #[must_use]
    pub fn same(one: &str, other: &str) -> bool {
        let name =
            |text: &str| Self::parse(text).map(|person| person.name.to_lowercase());
        matches!((name(one), name(other)), (Ok(one), Ok(other)) if one == other)
    }
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", self.name, self.role)
    }
}
