//! Reading the log: every line hashed, every line after the one that it names.
//!
//! A line that a crash cut off, and a batch of which lines are missing at the end, are no
//! part of the log: they are told apart as [`Torn`], and the next writer puts them aside.

use std::path::PathBuf;

use crate::domain::KnownAt;
use crate::error::{Error, Problem, Result, did_you_mean, visible};
use crate::load::files::sha256;
use crate::workspace::Workspace;

use super::line::{Kind, Record, Tail};
use super::{FOLDER, LOG};

/// Bytes at the end of the log that were never finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The line where they begin.
    pub line: u64,
    /// The byte where they begin.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Torn {
    /// What to say of them.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem::at(
            LOG,
            self.line,
            0,
            format!(
                "the log ends in {} bytes that were never finished",
                self.bytes.len()
            ),
            "nothing that was told as recorded is in them, unless someone cut the file; \
             the next record keeps them aside and goes on",
        )
    }

    /// Their hash, which is their name aside.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// The log: its whole lines, and what stands behind them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// The records, in their order.
    pub records: Vec<Record>,
    /// What a crash left behind them.
    pub torn: Option<Torn>,
    /// Bytes of the whole lines.
    pub length: u64,
}

/// Where the log of a workspace is.
#[must_use]
pub fn path(workspace: &Workspace) -> PathBuf {
    workspace.root().join(LOG)
}

/// Where its copies are.
#[must_use]
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join(FOLDER)
}

/// Reads the log of a workspace; without a file it has no record.
///
/// # Errors
/// A line was changed, or stands at another place than it was written at.
pub fn read(workspace: &Workspace) -> Result<Chain> {
    let path = path(workspace);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Error::io("read", &path, error)),
    };
    Chain::of(&bytes).map_err(|problem| Error::data("").problems(vec![*problem]))
}

impl Chain {
    /// Reads the bytes of a log.
    ///
    /// # Errors
    /// The first line that is not as it was written, and how to go on.
    pub fn of(bytes: &[u8]) -> Result<Self, Box<Problem>> {
        let mut chain = Self::default();
        let mut starts: Vec<usize> = Vec::new();
        let mut from = 0_usize;
        let mut tail = Tail::default();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(whole) = line.strip_suffix(b"\n") else { break };
            let number = tail.lines.saturating_add(1);
            let record = Record::read(number, whole)
                .and_then(|record| follows(&tail, &chain.records, record))
                .map_err(|what| Box::new(bad(&tail, number, what)))?;
            tail = Tail {
                lines: number,
                sha256: Some(record.sha256.clone()),
                recorded_at: Some(record.recorded_at),
            };
            starts.push(from);
            from = from.saturating_add(line.len());
            chain.records.push(record);
        }
        let unfinished = unfinished_batch(&chain.records);
        let kept = chain.records.len().saturating_sub(unfinished);
        let end = starts.get(kept).copied().unwrap_or(from);
        chain.records.truncate(kept);
        chain.length = u64::try_from(end).unwrap_or(u64::MAX);
        let rest = bytes.get(end..).unwrap_or_default();
        if !rest.is_empty() {
            chain.torn = Some(Torn {
                line: chain.tail().lines.saturating_add(1),
                offset: chain.length,
                bytes: rest.to_vec(),
            });
        }
        Ok(chain)
    }

    /// What the next line follows.
    #[must_use]
    pub fn tail(&self) -> Tail {
        let last = self.records.last();
        Tail {
            lines: u64::try_from(self.records.len()).unwrap_or(u64::MAX),
            sha256: last.map(|record| record.sha256.clone()),
            recorded_at: last.map(|record| record.recorded_at),
        }
    }

    /// The decisions, in their order.
    pub fn decisions(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter().filter(|record| record.kind == Kind::Decision)
    }

    /// The answers that people gave to a decision, in their order.
    pub fn answers<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(move |record| {
            record.kind != Kind::Decision && record.text("decision_id") == id
        })
    }

    /// The decision with an id, or with an id that begins so.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn decision(&self, typed: &str) -> Result<&Record> {
        let begins = |with: &str| -> Vec<&Record> {
            let begins = |record: &&Record| record.id.starts_with(with);
            self.decisions().filter(begins).collect()
        };
        // `D1000` is line 1000, also where there is a line 10000.
        let mut found = begins(&format!("{typed}-"));
        if found.is_empty() && !typed.is_empty() {
            found = begins(typed);
        }
        let shown = visible(typed);
        match found.as_slice() {
            [one] => Ok(one),
            [] => {
                let known = self.decisions().map(|record| record.id.as_str());
                let fix = did_you_mean(typed, known, "`ssrfund decision list` has them");
                Err(Error::usage(format!("there is no decision `{shown}`")).fix(fix))
            }
            several => {
                let ids: Vec<String> =
                    several.iter().map(|record| format!("`{}`", record.id)).collect();
                Err(Error::usage(format!("`{shown}` may be {}", ids.join(" or ")))
                    .fix("write more of it"))
            }
        }
    }

    /// The log as it was at an instant.
    #[must_use]
    pub fn to(&self, at: KnownAt) -> Self {
        let known = |record: &&Record| record.recorded_at <= at;
        let records = self.records.iter().filter(known).cloned().collect();
        Self { records, torn: None, length: self.length }
    }

    /// Where the log stands now, to keep elsewhere.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.tail())
    }
}

/// Checks that a record stands where it was written.
fn follows(
    tail: &Tail,
    before: &[Record],
    record: Record,
) -> Result<Record, &'static str> {
    let previous = record.head.get("previous_sha256");
    if previous.map(serde_json::Value::as_str) != Some(tail.sha256.as_deref()) {
        return Err("does not follow the line before it: a line was taken away, put in \
                    or moved");
    }
    if tail.recorded_at.is_some_and(|last| record.recorded_at <= last) {
        return Err("is not later than the line before it");
    }
    if !record
        .id
        .get(1..)
        .is_some_and(|id| id.starts_with(&format!("{:04}-", record.line)))
    {
        return Err("has the id of another line");
    }
    if record.kind != Kind::Decision {
        let concerned = before.iter().find(|other| {
            other.kind == Kind::Decision && other.id == record.text("decision_id")
        });
        if concerned.is_none_or(|other| other.sha256 != record.text("decision_sha256")) {
            return Err("answers a decision that is not in the log before it");
        }
    }
    Ok(record)
}

/// How many records at the end are of a batch that is not complete.
fn unfinished_batch(records: &[Record]) -> usize {
    let Some(batch) = records.last().and_then(|record| record.head.get("batch")) else {
        return 0;
    };
    let number = |key: &str| batch.get(key).and_then(serde_json::Value::as_u64);
    match (number("number"), number("of")) {
        (Some(number), Some(of)) if number < of => {
            usize::try_from(number).unwrap_or(usize::MAX)
        }
        _ => 0,
    }
}

fn bad(tail: &Tail, number: u64, what: &str) -> Problem {
    let good = match (tail.lines, tail.recorded_at) {
        (0, _) | (_, None) => "no line before it can be trusted".to_owned(),
        (1, Some(at)) => format!("line 1, of {at}, is as it was written"),
        (lines, Some(at)) => {
            format!("lines 1 to {lines}, to {at}, are as they were written")
        }
    };
    Problem::at(
        LOG,
        number,
        0,
        format!("the line {what}"),
        format!("{good}; restore the file from a copy, and compare it with a checkpoint"),
    )
}

/// Where a log stood: kept elsewhere, it shows later whether lines were cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint(pub Tail);

/// The first word of a checkpoint.
const CHECKPOINT: &str = "ssrfund-log";

impl std::fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{CHECKPOINT} {}", self.0.lines)?;
        match (&self.0.sha256, self.0.recorded_at) {
            (Some(hash), Some(at)) => write!(f, " {hash} {at}"),
            _ => f.write_str(" - -"),
        }
    }
}

impl Checkpoint {
    /// Reads the line that [`Checkpoint`] writes.
    ///
    /// # Errors
    /// It is not such a line.
    pub fn parse(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let read = match words.as_slice() {
            [CHECKPOINT, "0", "-", "-"] => Some(Tail::default()),
            [CHECKPOINT, lines, hash, at] => Some(Tail {
                lines: lines.parse().unwrap_or_default(),
                sha256: Some((*hash).to_owned()),
                recorded_at: KnownAt::parse(at),
            }),
            _ => None,
        };
        let whole = read
            .map(Self)
            .filter(|read| read.to_string() == words.join(" ") && read.is_possible());
        whole.ok_or_else(|| {
            Error::usage(format!("`{}` is no checkpoint", visible(text)))
                .fix("give the whole line that `ssrfund decision checkpoint` printed")
        })
    }

    fn is_possible(&self) -> bool {
        let Some(hash) = &self.0.sha256 else { return true };
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        hash.len() == 64 && hash.bytes().all(digit)
    }

    /// Checks that a log still holds all that it held at this checkpoint.
    ///
    /// # Errors
    /// Lines are missing, or others stand in their place.
    pub fn check(&self, chain: &Chain) -> Result<(), Box<Problem>> {
        let Some(place) = self.0.lines.checked_sub(1) else { return Ok(()) };
        let there =
            usize::try_from(place).ok().and_then(|place| chain.records.get(place));
        let fix = "restore the log from a copy that was made after the checkpoint";
        let Some(record) = there else {
            let what = format!(
                "the log has {} whole lines, and had {} at the checkpoint: it was cut off",
                chain.records.len(),
                self.0.lines
            );
            return Err(Box::new(Problem::of_file(LOG, what, fix)));
        };
        if Some(&record.sha256) == self.0.sha256.as_ref()
            && Some(record.recorded_at) == self.0.recorded_at
        {
            return Ok(());
        }
        let what =
            "the line is another one than at the checkpoint: the log was rewritten";
        Err(Box::new(Problem::at(LOG, record.line, 0, what, fix)))
    }
}
