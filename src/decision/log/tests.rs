//! The chain as a whole: every change of a log is refused, a torn end is put aside.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::append::{Writer, torn_path};
use super::approvals::signed_text;
use super::chain::{Chain, Checkpoint};
use super::keys::Private;
use super::line::{Kind, Person, Record, Tail};
use super::*;
use crate::workspace::Workspace;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-07-01T10:00:00.5Z").unwrap().with_timezone(&Utc)
}

fn decision(project: &str) -> Map<String, Value> {
    let value = json!({
        "verdict": "PARTIAL", "scope": "software_only", "project_id": project,
        "tranche": 2, "as_of": "2024-06-30", "payable": "622128.57", "held": "0.10",
        "policy": {"version": "1.0.0", "id": "pbf", "sha256": "ab"},
        "rules": [{"rule_id": "R01", "codes": [], "message": "é \"60%\" \\ \u{1}"}],
        "recorded_by": "A. Diallo, analyst", "queries_sha256": "cd", "scope2": null,
    });
    value.as_object().unwrap().clone()
}

fn private() -> (tempfile::TempDir, Private) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    keys::generate(&path, None).unwrap();
    (folder, Private::read(&path).unwrap())
}

/// A decision, a batch of two, a signed approval, a rejection.
fn records(tail: &mut Tail) -> Vec<Record> {
    let mut made = Vec::new();
    let plain = |_: &mut Map<String, Value>| Ok(());
    made.push(tail.seal(Kind::Decision, "0a", decision("1"), now(), plain).unwrap());
    for number in 1..=2 {
        let mut object = decision(&number.to_string());
        object.insert("batch".to_owned(), json!({"number": number, "of": 2}));
        made.push(tail.seal(Kind::Decision, "0b", object, now(), plain).unwrap());
    }
    let (_folder, key) = private();
    for (kind, at) in [(Kind::Approval, 0), (Kind::Rejection, 2)] {
        let concerned: &Record = &made[at];
        let object = json!({
            "decision_id": concerned.id, "decision_sha256": concerned.sha256,
            "comment": "as advised", "recorded_by": "B. Sow, head", "tool": "ssrfund",
            "public_key": key.public(),
        });
        let object = object.as_object().unwrap().clone();
        let sign = |object: &mut Map<String, Value>| {
            let signature = key.sign(signed_text(object)?.as_bytes());
            object.insert("signature".to_owned(), Value::from(signature));
            Ok(())
        };
        let record = tail.seal(kind, "0c", object, now(), sign).unwrap();
        made.push(record);
    }
    made
}

fn bytes(records: &[Record]) -> Vec<u8> {
    let lines: Vec<String> =
        records.iter().map(|record| format!("{}\n", record.canonical())).collect();
    lines.concat().into_bytes()
}

/// Whether a log is taken as whole.
fn is_whole(bytes: &[u8]) -> bool {
    Chain::of(bytes).is_ok_and(|chain| chain.torn.is_none())
}

#[test]
fn what_was_written_reads_as_it_was() {
    let made = records(&mut Tail::default());
    let chain = Chain::of(&bytes(&made)).unwrap();
    assert_eq!(chain.records, made);
    assert_eq!(chain.torn, None);
    assert_eq!(chain.records[0].id, "D0001-0a");
    assert_eq!(chain.records[3].id, "A0004-0c");
    // The clock stood still; the log did not.
    let instants: Vec<String> =
        made.iter().map(|record| record.recorded_at.to_string()).collect();
    assert_eq!(instants[0], "2026-07-01T10:00:00.500000Z");
    assert_eq!(instants[4], "2026-07-01T10:00:00.500004Z");
    let Value::Object(kept) = chain.records[1].decision() else { panic!() };
    assert!(!kept.contains_key("batch") && !kept.contains_key("sha256"));
    assert_eq!(kept["payable"], "622128.57");
    assert_eq!(chain.decision("D0001").unwrap().id, "D0001-0a");
    assert!(chain.decision("D000").unwrap_err().to_string().contains("` or `D0002-0b`"));
    assert!(chain.decision("D0009").is_err() && chain.decision("").is_err());
}

#[test]
fn every_changed_byte_is_refused() {
    let whole = bytes(&records(&mut Tail::default()));
    assert!(is_whole(&whole));
    let mut tried = 0;
    for at in 0..whole.len() {
        let was = whole[at];
        for now in [was ^ 1, was ^ 0x20, was.wrapping_add(1), b'\n', b' ', b'0'] {
            if now == was {
                continue;
            }
            let mut changed = whole.clone();
            changed[at] = now;
            assert!(!is_whole(&changed), "byte {at}: {was} to {now}");
            tried += 1;
        }
    }
    assert!(tried > 4 * whole.len(), "{tried}");
}

#[test]
fn every_byte_put_in_or_taken_away_is_refused() {
    let whole = bytes(&records(&mut Tail::default()));
    for at in 0..whole.len() {
        let mut less = whole.clone();
        less.remove(at);
        assert!(!is_whole(&less), "without byte {at}");
        for new in [b' ', b'\n', b'0', b'\r'] {
            let mut more = whole.clone();
            more.insert(at, new);
            assert!(!is_whole(&more), "{new} at byte {at}");
        }
    }
}

#[test]
fn every_truncation_is_known_by_a_checkpoint() {
    let whole = bytes(&records(&mut Tail::default()));
    let point = Chain::of(&whole).unwrap().checkpoint();
    let point = Checkpoint::parse(&point.to_string()).unwrap();
    point.check(&Chain::of(&whole).unwrap()).unwrap();
    let mut silent = 0;
    for length in 0..whole.len() {
        let chain = Chain::of(&whole[..length]).unwrap();
        assert!(point.check(&chain).is_err(), "{length} bytes");
        silent += usize::from(chain.torn.is_none());
    }
    // Without a checkpoint a cut at the end of a line is not seen; one in a batch is.
    assert_eq!(silent, 4);
    let empty = Chain::default().checkpoint();
    assert_eq!(empty.to_string(), "ssrfund-log 0 - -");
    Checkpoint::parse("ssrfund-log 0 - -").unwrap().check(&Chain::default()).unwrap();
    for bad in ["", "ssrfund-log 1 ab -", "ssrfund-log x - -", "log 0 - -"] {
        assert!(Checkpoint::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn lines_cannot_be_taken_out_moved_or_told_anew() {
    let made = records(&mut Tail::default());
    let lines: Vec<Vec<u8>> =
        made.iter().map(|one| bytes(std::slice::from_ref(one))).collect();
    for at in 0..lines.len() {
        let mut less = lines.clone();
        less.remove(at);
        // The last one is missed by a checkpoint only.
        assert_eq!(is_whole(&less.concat()), at == lines.len() - 1, "without line {at}");
        let mut twice = lines.clone();
        twice.insert(at, lines[at].clone());
        assert!(!is_whole(&twice.concat()), "line {at} twice");
        for other in 0..at {
            let mut moved = lines.clone();
            moved.swap(at, other);
            assert!(!is_whole(&moved.concat()), "lines {at} and {other}");
        }
    }
    // A forger who hashes one line anew breaks the next one; who hashes all of them anew
    // is found by a checkpoint.
    let mut tail = Tail::default();
    let plain = |_: &mut Map<String, Value>| Ok(());
    let forged = tail.seal(Kind::Decision, "0a", decision("9"), now(), plain).unwrap();
    let mut one = lines.clone();
    one[0] = bytes(std::slice::from_ref(&forged));
    let problem = Chain::of(&one.concat()).unwrap_err();
    assert_eq!(problem.row, 2);
    assert!(problem.fix.contains("line 1, of 2026-07-01T10:00:00.500000Z"), "{problem}");
    let point = Chain::of(&lines[0]).unwrap().checkpoint();
    let error = point.check(&Chain::of(&bytes(&[forged])).unwrap()).unwrap_err();
    assert!(error.what.contains("rewritten"), "{error}");
}

fn workspace() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    (folder, workspace)
}

#[test]
fn a_torn_end_is_kept_aside_by_the_next_writer_and_by_nobody_else() {
    let (_folder, workspace) = workspace();
    let path = chain::path(&workspace);
    let all = records(&mut Tail::default());
    let whole = bytes(&all);
    let first = bytes(&all[..1]).len();
    // Cut in the second line and behind it, in a batch of which it is the first, and in
    // the next line.
    let next = bytes(&all[..2]).len();
    for length in (first + 1..next).step_by(29).chain([next - 1, next, next + 1]) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let chain = read(&workspace).unwrap();
        assert_eq!(chain.records, all[..1]);
        let torn = chain.torn.unwrap();
        assert_eq!((torn.line, torn.offset), (2, u64::try_from(first).unwrap()));
        assert_eq!(torn.bytes, &whole[first..length]);
        assert!(
            torn.problem().to_string().starts_with("decisions.jsonl:2: the log ends in")
        );
        assert_eq!(std::fs::read(&path).unwrap().len(), length);
        let writer = Writer::open(&workspace).unwrap();
        let mut object = decision("5");
        writer.tell_torn(&mut object);
        let record =
            writer.tail().seal(Kind::Decision, "0d", object, now(), |_| Ok(())).unwrap();
        writer.append(std::slice::from_ref(&record)).unwrap();
        let after = read(&workspace).unwrap();
        assert_eq!(after.torn, None);
        assert_eq!(after.records, [all[0].clone(), record.clone()]);
        assert_eq!(record.text("torn_sha256"), torn.sha256());
        let kept = torn_path(&chain::folder(&workspace), &torn.sha256());
        assert_eq!(std::fs::read(kept).unwrap(), torn.bytes);
    }
}

#[test]
fn nothing_is_added_to_a_log_that_was_changed() {
    let (_folder, workspace) = workspace();
    let mut whole = bytes(&records(&mut Tail::default()));
    whole[40] ^= 1;
    std::fs::write(chain::path(&workspace), &whole).unwrap();
    let error = Writer::open(&workspace).unwrap_err();
    assert_eq!(error.kind(), crate::error::Kind::Data);
    assert!(error.to_string().starts_with("decisions.jsonl:1: the line"), "{error}");
}

#[test]
fn a_writer_whose_lock_was_removed_adds_nothing() {
    let (_folder, workspace) = workspace();
    let writer = Writer::open(&workspace).unwrap();
    std::fs::remove_file(chain::folder(&workspace).join(".lock")).unwrap();
    let all = records(&mut writer.tail());
    let error = writer.append(&all).unwrap_err();
    assert!(error.to_string().contains("nothing was recorded"), "{error}");
    assert!(!chain::path(&workspace).exists());
}

#[test]
fn people_are_told_apart_by_name() {
    let person = Person::parse(" A.  Diallo , head of office").unwrap();
    assert_eq!(person.to_string(), "A. Diallo, head of office");
    assert!(Person::same("A. Diallo, analyst", "a. diallo, head"));
    assert!(!Person::same("A. Diallo, analyst", "A. Diallo Bah, analyst"));
    assert_eq!(Person::parse("Sow, B., head").unwrap().name, "Sow, B.");
    for bad in ["A. Diallo", "A. Diallo,", ", head", "", "A\u{202e}, b"] {
        assert!(Person::parse(bad).is_err(), "{bad}");
    }
}
