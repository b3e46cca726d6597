//! What people answer, and what is shown of the log: signatures, dossier, table, diff.

use std::process::Command;

use ssrfund::decision::log::{self, chain};
use ssrfund::workspace::Workspace;

use super::{BY, base, recording, run, sound};
use crate::workspaces::portfolio;

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
    let (head, rest) = shipped.split_once("[[parameters.approvals]]").unwrap();
    let two = rest.replacen("value = 1", "value = 2", 1);
    let two = format!("{head}[[parameters.approvals]]{two}");
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
    let line = record.canonical();
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
