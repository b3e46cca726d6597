//! The decision log from outside: recorded, proved, answered, replayed.

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
    let mut object = log.records[0].object.clone();
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
    let line = forged.canonical().unwrap() + "\n";
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
    let policy =
        log::read(&workspace).unwrap().records[0].inner("policy", "sha256").to_owned();
    let copy = copies.join(&policy);
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
    let batch = last.object.get("batch").unwrap();
    assert_eq!(batch["number"], batch["of"]);
    // Without its last line the rest of the call is no part of the log either.
    let whole = std::fs::read(chain::path(&workspace)).unwrap();
    let less = last.canonical().unwrap().len() + 1;
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

fn answer(
    workspace: &Workspace,
    verb: &str,
    by: &str,
    more: &[&str],
) -> (i32, String, String) {
    let arguments = ["decision", verb, "D0001", "--by", by, "--comment", "read it"];
    run(workspace, &[&arguments[..], more].concat())
}

fn standing(workspace: &Workspace) -> String {
    let sql =
        "SELECT standing FROM decisions WHERE kind = 'decision' ORDER BY line LIMIT 1";
    let (_, shown, _) = run(workspace, &["sql", "-F", "csv", "-c", sql]);
    shown.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn people_answer_and_nobody_twice() {
    let (folder, workspace) = base();
    // A policy that asks for two people.
    let shipped = ssrfund::engine::Library::new(None).text("policies/pbf.toml").unwrap();
    let two = shipped.replacen(
        "exempt_safety = false",
        "exempt_safety = false\napprovals = 2",
        1,
    );
    let policy = folder.path().join("two.toml");
    std::fs::write(&policy, two).unwrap();
    let check = [&recording(&["--policy"])[..], &[policy.to_str().unwrap()]].concat();
    run(&workspace, &check);
    assert_eq!(run(&workspace, &["decision", "replay", "D0001"]).0, 0);
    let (code, _, said) = answer(&workspace, "approve", "a. diallo, director", &[]);
    assert_eq!(code, 2);
    assert!(said.contains("may not approve it as well"), "{said}");
    assert_eq!(standing(&workspace), "open");
    assert_eq!(answer(&workspace, "approve", "B. Sow, head", &[]).0, 0);
    assert_eq!(standing(&workspace), "open");
    // The same again is the same; something else by the same person is refused.
    let (code, shown, _) = answer(&workspace, "approve", "B. Sow, head", &[]);
    assert_eq!(code, 0);
    assert!(shown.starts_with("already recorded as A0002-"), "{shown}");
    assert_eq!(answer(&workspace, "reject", "B. Sow, deputy", &[]).0, 2);
    assert_eq!(answer(&workspace, "approve", "C. Ba, director", &[]).0, 0);
    assert_eq!(standing(&workspace), "approved");
    assert_eq!(answer(&workspace, "reject", "D. Ka, auditor", &[]).0, 0);
    assert_eq!(standing(&workspace), "rejected");
    assert_eq!(answer(&workspace, "approve", "E. Ly, director", &[]).0, 2);
    assert_eq!(answer(&workspace, "approve", "E. Ly", &[]).0, 2);
    let unknown = ["decision", "approve", "D0009", "--by", "E, f", "--comment", "x"];
    assert_eq!(run(&workspace, &unknown).0, 2);
    assert_eq!(sound(&workspace).answers, 3);
    let (_, shown, _) = run(&workspace, &["decision", "show", "D0001"]);
    assert!(shown.contains("rejected by D. Ka, auditor"), "{shown}");
    assert!(shown.contains("standing: rejected (2 of 2 approvals)"), "{shown}");
}

#[test]
fn signatures_tell_whose_they_are() {
    let (folder, workspace) = base();
    run(&workspace, &recording(&[]));
    let keys = folder.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    let place = |name: &str| keys.join(name).to_str().unwrap().to_owned();
    for (name, by) in [("sow", "B. Sow, head"), ("ba", "C. Ba, director")] {
        let made = ["decision", "keygen", "-o", &place(name), "--by", by];
        let (code, shown, said) = run(&workspace, &made);
        assert_eq!(code, 0, "{said}");
        let private = std::fs::read_to_string(place(name)).unwrap();
        let secret = private.split_whitespace().nth(1).unwrap();
        assert_eq!(secret.len(), 64);
        assert!(!shown.contains(secret) && !said.contains(secret));
        assert_eq!(run(&workspace, &made).0, 2, "a key is never replaced");
    }
    let signed = answer(&workspace, "approve", "B. Sow, head", &["--key", &place("sow")]);
    assert_eq!(signed.0, 0, "{}", signed.2);
    let verify =
        |more: &[&str]| run(&workspace, &[&["decision", "verify"], more].concat());
    let (code, shown, said) = verify(&[]);
    assert_eq!(code, 0);
    assert!(said.contains("a key that is not known here"), "{said}");
    assert!(shown.contains("0 known signatures"), "{shown}");
    let (code, shown, said) = verify(&["--keys", keys.to_str().unwrap()]);
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(shown.contains("1 known signature,"), "{shown}");
    // The same key in the settings.
    let public = std::fs::read_to_string(place("sow.pub")).unwrap();
    let public = public.split_whitespace().nth(1).unwrap();
    let settings = workspace.root().join("ssrfund.toml");
    let told = std::fs::read_to_string(&settings).unwrap();
    let with = |name: &str| format!("{told}\n[keys]\n\"{name}\" = \"{public}\"\n");
    std::fs::write(&settings, with("B. Sow")).unwrap();
    assert!(verify(&[]).1.contains("1 known signature,"));
    // The key of another person.
    std::fs::write(&settings, with("C. Ba")).unwrap();
    let (code, _, said) = verify(&[]);
    assert_eq!(code, 3);
    assert!(said.contains("with the key of another person"), "{said}");
    std::fs::write(&settings, with("B. Sow").replace(public, "00ff")).unwrap();
    assert_eq!(verify(&[]).0, 2);
    // Nobody answers twice with one key under two names.
    std::fs::write(&settings, &told).unwrap();
    let again = answer(&workspace, "approve", "X. Y, z", &["--key", &place("sow")]);
    assert_eq!(again.0, 2, "{}", again.1);
}

#[test]
fn a_dossier_stands_alone() {
    let (folder, workspace) = portfolio();
    let check = ["gate", "check", "00112233", "--tranche", "2", "--as-of", "2024-06-30"];
    run(&workspace, &[&check[..], &["--record", "--by", "<b>A & B</b>, \"x\""]].concat());
    answer(&workspace, "approve", "B. Sow, head", &[]);
    let write = |name: &str| {
        let place = folder.path().join(name);
        let arguments =
            ["decision", "dossier", "D0001", "-q", "-o", place.to_str().unwrap()];
        let (code, shown, said) = run(&workspace, &arguments);
        assert_eq!((code, shown.as_str()), (0, ""), "{said}");
        std::fs::read_to_string(place).unwrap()
    };
    let text = write("a.html");
    assert_eq!(text, write("b.html"));
    for bad in ["<script", "http:", "https:", "src=", "href=", "<b>A", "url(", "@import"]
    {
        assert!(!text.to_lowercase().contains(&bad.to_lowercase()), "{bad}");
    }
    let log = log::read(&workspace).unwrap();
    let record = &log.records[0];
    let line = record.canonical().unwrap();
    let marked = line
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;");
    for part in [
        "PARTIAL (software only)",
        "B. Sow, head",
        "read it",
        "&lt;b&gt;A &amp; B&lt;/b&gt;, &quot;x&quot;",
        "622,128.57",
        "classification/lexicon/en.csv",
        "observations.csv",
        "unverified default",
        &record.sha256,
        &marked,
    ] {
        assert!(text.contains(part), "{part}");
    }
    // Every evidence row has its values.
    let rows = text.matches("<td>00112233-M").count();
    assert!(rows > 0 && text.contains("verified true"), "{rows}");
    // What it says of checking by hand is so.
    let shell = text.split("<pre>\n").find(|part| part.starts_with("sed -n")).unwrap();
    let shell = shell.split("</pre>").next().unwrap();
    let shell = shell.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&");
    let done = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(workspace.root())
        .output()
        .unwrap();
    let printed = String::from_utf8(done.stdout).unwrap();
    assert_eq!(printed.split_whitespace().next(), Some(record.sha256.as_str()));
    assert_eq!(run(&workspace, &["decision", "dossier", "D0001"]).0, 2);
}

#[test]
fn the_log_is_a_table_that_nobody_writes() {
    let (_folder, workspace) = base();
    let ask = |sql: &str| run(&workspace, &["sql", "-F", "csv", "-c", sql]);
    // Before anything is recorded it is there and empty.
    assert_eq!(ask("SELECT count(*) AS n FROM decisions").1, "n\n0\n");
    run(&workspace, &recording(&[]));
    answer(&workspace, "approve", "B. Sow, head", &[]);
    let sql = "SELECT line, kind, project_id, tranche, as_of, verdict, payable, standing, comment FROM decisions ORDER BY line";
    assert_eq!(
        ask(sql).1,
        "line,kind,project_id,tranche,as_of,verdict,payable,standing,comment\n\
         1,decision,00112233,2,2024-06-30,RELEASE,1979500.00,approved,\n\
         2,approval,00112233,2,,,,,read it\n"
    );
    assert_eq!(ask("DELETE FROM decisions").0, 2);
    // What was recorded later was not known before.
    let earlier = ["sql", "-F", "csv", "--known-at", "2024-07-02T00:00:00Z", "-c"];
    let sql = "SELECT count(*) AS n FROM decisions";
    assert_eq!(run(&workspace, &[&earlier[..], &[sql]].concat()).1, "n\n0\n");
    // A changed log is told and left out; the rest can be asked.
    std::fs::write(chain::path(&workspace), b"{}\n").unwrap();
    let (code, _, said) = ask("SELECT count(*) AS n FROM projects");
    assert_eq!(code, 0);
    assert!(said.contains("table `decisions` is left out"), "{said}");
    assert_eq!(ask("SELECT count(*) AS n FROM decisions").0, 2);
}

#[test]
fn two_decisions_are_compared_by_field() {
    let (_folder, workspace) = portfolio();
    for project in ["00112233", "00112244"] {
        let check = ["gate", "check", project, "--tranche", "2", "--as-of", "2024-06-30"];
        run(&workspace, &[&check[..], &BY[..]].concat());
    }
    let (code, shown, _) =
        run(&workspace, &["decision", "diff", "D0001", "D0002", "-F", "csv"]);
    assert_eq!(code, 0);
    assert!(shown.contains("\nverdict,PARTIAL,RELEASE\n"), "{shown}");
    assert!(shown.contains("\nrules[R01].result,FAIL,PASS\n"), "{shown}");
    let (code, shown, said) =
        run(&workspace, &["decision", "diff", "D0001", "D0001", "-F", "csv"]);
    assert_eq!((code, shown.as_str()), (0, "field,before,after\n"));
    assert!(said.contains("say the same"), "{said}");
}
