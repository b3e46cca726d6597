//! `docs/gate.md` says what the policy says, and nothing is to be found by `rules lint`.

use std::path::Path;
use std::process::Command;

use ssrfund::gate::handbook;

use crate::workspaces::policy;

#[test]
fn the_rules_in_the_docs_are_those_of_the_policy() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gate.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, told) = text.split_once("<!-- rules -->\n").unwrap();
    let made = handbook::pages(&policy().policy);
    if std::env::var_os("HANDBOOK").is_some_and(|how| how == "overwrite") {
        std::fs::write(&path, format!("{head}<!-- rules -->\n{made}")).unwrap();
        return;
    }
    assert!(
        told == made,
        "docs/gate.md is not what the policy says; run this test with HANDBOOK=overwrite"
    );
}

#[test]
fn the_shipped_rules_have_nothing_to_look_at() {
    let place = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ssrfund"))
        .current_dir(place.path())
        .args(["rules", "lint"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
