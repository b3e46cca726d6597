//! The decision log from outside: recorded, proved, replayed; [`answers`] and what is shown.

mod answers;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use ssrfund::decision::log::{self, Checkpoint, chain, keys::Known, verify};
use ssrfund::workspace::Workspace;

use crate::workspaces::{csv_files, fixtures, instant, load, portfolio};

/// The smallest workspace with a verdict: one project, which is released.
fn base() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let files = csv_files(&fixtures("scenarios/_base"));
    load(&workspace, "hq", &files, instant("2024-07-01T00:00:00Z"), false).unwrap();
    (folder, workspace)
}

fn command(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssrfund"));
    command
        .args(arguments)
        .args(["--workspace".as_ref(), workspace.root()])
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command; its exit code, stdout and stderr.
fn run(workspace: &Workspace, arguments: &[&str]) -> (i32, String, String) {
    told(&command(workspace, arguments).output().unwrap())
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

const CHECK: [&str; 7] =
    ["gate", "check", "00112233", "--tranche", "2", "--as-of", "2024-06-30"];
const BY: [&str; 3] = ["--record", "--by", "A. Diallo, analyst"];

fn recording(more: &[&'static str]) -> Vec<&'static str> {
    [&CHECK[..], &BY[..], more].concat()
}

fn sound(workspace: &Workspace) -> verify::Report {
    let report = verify::verify(workspace, &Known::default(), None).unwrap();
    assert_eq!(report.problems, [], "{:?}", report.problems);
    report
}

#[test]
fn a_verdict_is_recorded_once_before_it_is_shown() {
    let (_folder, workspace) = base();
    let (code, plain, _) = run(&workspace, &CHECK);
    let (recorded, shown, said) = run(&workspace, &recording(&[]));
    // The verdict is the same with and without a record.
    assert_eq!((code, &plain), (recorded, &shown));
    assert!(said.contains("recorded as D0001-"), "{said}");
    let first = std::fs::read(chain::path(&workspace)).unwrap();
    let (again, _, said) = run(&workspace, &recording(&[]));
    assert_eq!(again, code);
    assert!(said.contains("already recorded as D0001-"), "{said}");
    assert_eq!(std::fs::read(chain::path(&workspace)).unwrap(), first);
    // Another person, another clock: another record.
    let other = [&CHECK[..], &["--record", "--by", "B. Sow, head"]].concat();
    assert!(run(&workspace, &other).2.contains("recorded as D0002-"));
    let report = sound(&workspace);
    assert_eq!((report.decisions, report.loads), (2, 1));
    // The line holds the very object that `-F json` prints.
    let (_, json, _) = run(&workspace, &[&CHECK[..], &["-F", "json"]].concat());
    let printed: serde_json::Value = serde_json::from_str(&json).unwrap();
    let log = log::read(&workspace).unwrap();
    assert_eq!(log.records[0].decision(), printed);
    assert_eq!(log.records[0].text("recorded_by"), "A. Diallo, analyst");
}

#[test]
fn who_records_must_be_named() {
    let (_folder, workspace) = base();
    let bad: [&[&str]; 5] = [
        &["--record"],
        &["--by", "A. Diallo, analyst"],
        &["--record", "--by", "A. Diallo"],
        &["--record", "--by", ""],
        &["--record", "--by", "A. Diallo, analyst", "--known-at", "2999-01-01T00:00:00Z"],
    ];
    for more in bad {
        let (code, shown, _) = run(&workspace, &[&CHECK[..], more].concat());
        assert_eq!((code, shown.as_str()), (2, ""), "{more:?}");
    }
    let (_, _, said) = run(&workspace, &recording(&["--dry-run"]));
    assert!(said.contains("1 verdicts would be recorded"), "{said}");
    assert!(!chain::path(&workspace).exists());
}

#[test]
fn nothing_is_shown_where_nothing_can_be_recorded() {
    let (_folder, workspace) = base();
    // A folder stands where the log should be.
    std::fs::create_dir(chain::path(&workspace)).unwrap();
    let (code, shown, said) = run(&workspace, &recording(&[]));
    assert_eq!((code, shown.as_str()), (2, ""));
    assert!(said.contains("decisions.jsonl"), "{said}");
}

#[test]
fn a_replay_gives_the_same_bytes_after_new_data_and_new_rules() {
    let (folder, workspace) = base();
    run(&workspace, &recording(&[]));
    // A transfer is taken back and the milestones are gone: another verdict today.
    let files = folder.path().join("new");
    std::fs::create_dir(&files).unwrap();
    for file in csv_files(&fixtures("scenarios/_base")) {
        let name = file.file_name().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let text = match name.to_str().unwrap() {
            "reports.csv" => text.replace(",true", ",false"),
            "observations.csv" => text.lines().next().unwrap().to_owned() + "\n",
            _ => text,
        };
        if text.lines().count() > 1 {
            std::fs::write(files.join(name), text).unwrap();
        }
    }
    let loading = ["load", "-q", "--source", "hq", "--drop-tables"];
    let new = [&loading[..], &[files.to_str().unwrap()]].concat();
    let (code, _, said) = run(&workspace, &new);
    assert_eq!(code, 0, "{said}");
    let (now, _, _) = run(&workspace, &CHECK);
    assert_ne!(now, 0, "the new data gives another verdict");
    // Other rules, another lexicon, a broken metric.
    let queries = workspace.root().join("queries");
    std::fs::create_dir_all(queries.join("metrics")).unwrap();
    std::fs::create_dir_all(queries.join("policies")).unwrap();
    std::fs::write(queries.join("metrics/reports_due.sql"), "broken").unwrap();
    std::fs::write(queries.join("policies/pbf.toml"), "broken").unwrap();
    assert_eq!(run(&workspace, &CHECK).0, 3);
    let (code, shown, said) = run(&workspace, &["decision", "replay", "D0001"]);
    assert_eq!((code, said.as_str()), (0, ""), "{said}");
    assert!(shown.contains("the same comes out, byte for byte"), "{shown}");
    sound(&workspace);
}

#[test]
fn a_replay_says_what_came_out_otherwise() {
    let (_folder, workspace) = base();
    run(&workspace, &recording(&[]));
    // A record that says what nobody decided, well hashed all the same.
    let log = log::read(&workspace).unwrap();
    let mut object = log.records[0].object();
    object.insert("payable".to_owned(), "1.00".into());
    let forged = log::line::Tail::default()
        .seal(
            log::Kind::Decision,
            "ffffffff",
            object,
            instant("2026-01-01T00:00:00Z"),
            |_| Ok(()),
        )
        .unwrap();
    let line = format!("{}\n", forged.canonical());
    std::fs::write(chain::path(&workspace), line).unwrap();
    let arguments = ["decision", "replay", "D0001", "-F", "csv"];
    let (code, shown, said) = run(&workspace, &arguments);
    assert_eq!(code, 3, "{said}");
    assert_eq!(shown, "field,before,after\npayable,1.00,1979500.00\n");
    assert!(said.contains("1 fields came out otherwise"), "{said}");
}

#[test]
fn every_part_that_a_record_names_is_verified() {
    let (_folder, workspace) = base();
    run(&workspace, &recording(&[]));
    let whole = std::fs::read(chain::path(&workspace)).unwrap();
    let fails = |expected: &str| {
        let (code, shown, said) = run(&workspace, &["decision", "verify"]);
        assert_eq!((code, shown.as_str()), (3, ""), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    // A real line: changed in many places, and cut.
    for at in (0..whole.len()).step_by(37).chain([whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(chain::path(&workspace), &changed).unwrap();
        let report = verify::verify(&workspace, &Known::default(), None).unwrap();
        assert_eq!(report.problems[0].row, 1, "byte {at}");
    }
    fails("decisions.jsonl:1: the log ends in");
    std::fs::write(chain::path(&workspace), &whole).unwrap();
    sound(&workspace);
    // A copy.
    let copies = chain::folder(&workspace);
    let mut kept: Vec<_> =
        std::fs::read_dir(&copies).unwrap().map(|entry| entry.unwrap().path()).collect();
    kept.sort();
    let is_plain = |path: &PathBuf| {
        path.extension().is_none() && path.file_name().unwrap().len() == 64
    };
    let copy = kept.into_iter().find(is_plain).unwrap();
    let text = std::fs::read(&copy).unwrap();
    std::fs::write(&copy, [&text[..], b"#"].concat()).unwrap();
    fails("was changed after it was written");
    std::fs::remove_file(&copy).unwrap();
    fails("decisions.jsonl:1: `D0001-");
    std::fs::write(&copy, &text).unwrap();
    // A load.
    let loads: Vec<PathBuf> = std::fs::read_dir(workspace.loads())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    let moved = workspace.root().join("elsewhere");
    std::fs::rename(&loads[0], &moved).unwrap();
    fails("which is not there");
    std::fs::rename(&moved, &loads[0]).unwrap();
    sound(&workspace);
    // The end, with a checkpoint that was kept.
    let (_, point, _) = run(&workspace, &["decision", "checkpoint"]);
    assert_eq!(
        run(&workspace, &["decision", "verify", "--checkpoint", point.trim()]).0,
        0
    );
    std::fs::write(chain::path(&workspace), b"").unwrap();
    assert_eq!(run(&workspace, &["decision", "verify"]).0, 0);
    let cut = run(&workspace, &["decision", "verify", "--checkpoint", point.trim()]);
    assert_eq!(cut.0, 3);
    assert!(cut.2.contains("it was cut off"), "{}", cut.2);
    let parsed = Checkpoint::parse(&point).unwrap();
    assert!(parsed.check(&log::read(&workspace).unwrap()).is_err());
}

#[test]
fn a_portfolio_is_recorded_whole() {
    let (_folder, workspace) = portfolio();
    let all = ["gate", "check", "--all", "--as-of", "2024-06-30"];
    let (code, shown, said) = run(&workspace, &[&all[..], &BY[..]].concat());
    assert_eq!(code, 3, "{said}");
    let log = log::read(&workspace).unwrap();
    assert_eq!(log.records.len(), shown.lines().count());
    let last = log.records.last().unwrap();
    let batch = last.head.get("batch").unwrap();
    assert_eq!(batch["number"], batch["of"]);
    // Without its last line the rest of the call is no part of the log either.
    let whole = std::fs::read(chain::path(&workspace)).unwrap();
    let less = last.canonical().len() + 1;
    std::fs::write(chain::path(&workspace), &whole[..whole.len() - less]).unwrap();
    let cut = log::read(&workspace).unwrap();
    assert_eq!(cut.records.len(), 0);
    assert_eq!(cut.torn.unwrap().bytes.len(), whole.len() - less);
    // The same call again makes it good, and keeps aside what was there.
    let (_, _, said) = run(&workspace, &[&all[..], &BY[..]].concat());
    assert!(said.contains("a writer never finished"), "{said}");
    assert_eq!(sound(&workspace).decisions, log.records.len());
}

#[test]
fn processes_at_once_neither_double_nor_mix() {
    let (_folder, workspace) = portfolio();
    let projects = ["00112233", "00112244", "00112255"];
    for round in 1..=2 {
        let by = format!("Person {round}, analyst");
        let started: Vec<_> = projects
            .iter()
            .flat_map(|project| [project, project])
            .map(|project| {
                let arguments = [
                    "gate",
                    "check",
                    project,
                    "--tranche",
                    "2",
                    "--as-of",
                    "2024-06-30",
                    "--record",
                    "--by",
                    &by,
                    "-q",
                ];
                command(&workspace, &arguments).spawn().unwrap()
            })
            .collect();
        for one in started {
            let (code, shown, said) = told(&one.wait_with_output().unwrap());
            assert!([0, 1, 5].contains(&code), "{code}: {said}");
            assert!(!shown.is_empty());
        }
        assert_eq!(sound(&workspace).decisions, 3 * round);
    }
    let (_, shown, _) = run(
        &workspace,
        &[
            "sql",
            "-F",
            "csv",
            "-c",
            "SELECT project_id, count(*) AS n FROM decisions GROUP BY 1 ORDER BY 1",
        ],
    );
    assert_eq!(shown, "project_id,n\n00112233,2\n00112244,2\n00112255,2\n");
}
