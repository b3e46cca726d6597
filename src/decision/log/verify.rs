//! Everything that can be checked of a log: its lines, its copies, the loads that it
//! names, its signatures, and that nothing was cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Problem, Result};
use crate::workspace::{Workspace, open};

use super::LOG;
use super::append::torn_path;
use super::approvals::{Policies, Signed, signature};
use super::chain::{self, Chain, Checkpoint};
use super::copies::Texts;
use super::keys::Known;
use super::line::{Kind, Person, Record};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines of the log.
    pub lines: usize,
    /// Decisions among them.
    pub decisions: usize,
    /// Approvals and rejections among them.
    pub answers: usize,
    /// Texts that were found as recorded.
    pub copies: usize,
    /// Loads that were found as recorded.
    pub loads: usize,
    /// Signatures of people whose keys are known.
    pub signed: usize,
    /// Where the log stands.
    pub checkpoint: String,
    /// What is wrong, the gravest first.
    pub problems: Vec<Problem>,
    /// What is not wrong and still worth knowing.
    pub notes: Vec<String>,
}

/// Checks a workspace's log; `known` are the public keys that are trusted.
///
/// # Errors
/// The log cannot be read at all. What is wrong with it is told in the report.
pub fn verify(
    workspace: &Workspace,
    known: &Known,
    checkpoint: Option<&Checkpoint>,
) -> Result<Report> {
    let folder = chain::folder(workspace);
    let mut report = Report::default();
    let chain = match chain::read(workspace) {
        Ok(chain) => chain,
        Err(error) if error.places().is_empty() => return Err(error),
        Err(error) => {
            report.problems.extend_from_slice(error.places());
            return Ok(report);
        }
    };
    report.lines = chain.records.len();
    report.decisions = chain.decisions().count();
    report.answers = report.lines.saturating_sub(report.decisions);
    report.checkpoint = chain.checkpoint().to_string();
    if let Some(torn) = &chain.torn {
        report.problems.push(torn.problem());
    }
    if let Some(problem) = checkpoint.and_then(|point| point.check(&chain).err()) {
        report.problems.push(*problem);
    }
    check_copies(&folder, &chain, &mut report);
    check_loads(workspace, &chain, &mut report);
    check_answers(&folder, &chain, known, &mut report);
    Ok(report)
}

fn at(record: &Record, what: String, fix: &str) -> Problem {
    Problem::at(LOG, record.line, 0, what, fix)
}

fn of_error(record: &Record, error: &Error) -> Problem {
    at(record, format!("`{}`: {}", record.id, error.what()), error.how_to_fix())
}

/// Every text that a decision needs is there and is what its hash says; each is read once.
fn check_copies(folder: &Path, chain: &Chain, report: &mut Report) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut found: BTreeSet<String> = BTreeSet::new();
    for record in &chain.records {
        let torn = record.text("torn_sha256");
        if !torn.is_empty() && !torn_path(folder, torn).is_file() {
            let what =
                format!("the torn bytes `{torn}` that this line replaced are missing");
            report.problems.push(at(record, what, "restore `decisions` from a backup"));
        }
        let hash = record.text("queries_sha256");
        if record.kind != Kind::Decision || !seen.insert(hash) {
            continue;
        }
        match Texts::read(folder, hash) {
            Err(error) => report.problems.push(of_error(record, &error)),
            Ok(texts) => {
                found.insert(hash.to_owned());
                found.extend(texts.hashes().map(|(_, hash)| hash));
            }
        }
    }
    for record in chain.decisions() {
        let policy = record.inner("policy", "sha256");
        if found.contains(record.text("queries_sha256")) && !found.contains(policy) {
            let what = format!("`{}`: its policy `{policy}` has no copy", record.id);
            report.problems.push(at(record, what, "restore `decisions` from a backup"));
        }
    }
    report.copies = found.len();
}

/// Every load that a decision names is there and is as it was written.
fn check_loads(workspace: &Workspace, chain: &Chain, report: &mut Report) {
    let named = |record: &Record| -> Vec<(String, String)> {
        let word = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let data = record.list("data");
        data.iter().map(|value| (word(value, "load_id"), word(value, "sha256"))).collect()
    };
    if chain.decisions().all(|record| named(record).is_empty()) {
        return;
    }
    let there: BTreeMap<String, String> = match open::verify(workspace) {
        Ok(loads) => loads.into_iter().map(|load| (load.load_id, load.sha256)).collect(),
        Err(error) => {
            let what = format!("the loads that decisions rest on: {}", error.what());
            report.problems.push(Problem::of_file(LOG, what, error.how_to_fix()));
            return;
        }
    };
    let mut seen: BTreeMap<(String, String), bool> = BTreeMap::new();
    for record in chain.decisions() {
        for (load_id, hash) in named(record) {
            let is_there = there.get(&load_id) == Some(&hash);
            if seen.insert((load_id.clone(), hash), is_there).is_none() && !is_there {
                let what = format!(
                    "`{}` rests on load `{load_id}`, which is not there",
                    record.id
                );
                report.problems.push(at(record, what, "restore the load from a copy"));
            }
        }
    }
    report.loads = seen.values().filter(|is_there| **is_there).count();
}

/// Signatures are right, and nobody answered who may not.
fn check_answers(folder: &Path, chain: &Chain, known: &Known, report: &mut Report) {
    let mut policies = Policies::default();
    for record in chain.records.iter().filter(|record| record.kind != Kind::Decision) {
        let who = record.text("recorded_by");
        match signature(record, known) {
            Signed::No => {}
            Signed::Known => report.signed = report.signed.saturating_add(1),
            Signed::Unknown => report.notes.push(format!(
                "line {}: signed by `{who}` with a key that is not known here: {}",
                record.line,
                record.text("public_key")
            )),
            Signed::Another => {
                let what = format!("signed for `{who}` with the key of another person");
                report.problems.push(at(record, what, "ask both of them"));
            }
            Signed::Wrong => {
                let what = format!("the signature of `{who}` is not that of this line");
                report.problems.push(at(record, what, "ask whose answer it is"));
            }
        }
    }
    for decision in chain.decisions() {
        let standing = policies.standing(chain, folder, decision);
        let Some(standing) = standing else { continue };
        let recorder = decision.text("recorded_by");
        let own = standing.approved_by.iter().any(|who| Person::same(who, recorder));
        if own && standing.word == "open" {
            report.notes.push(format!(
                "line {}: `{}` has an approval of `{recorder}`, who recorded it; it does \
                 not count",
                decision.line, decision.id
            ));
        }
    }
}
