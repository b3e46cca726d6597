//! Command lines that no shell would make by chance (case 127): the exit code is 2,
//! nothing stands on stdout, and what is repeated cannot steer a terminal. What a person
//! would type stands in `tests/it/cli/refused.trycmd`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

fn refused(arguments: &[&[u8]], input: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ssrfund"))
        .args(arguments.iter().map(|bytes| OsStr::from_bytes(bytes)))
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    let is_hidden = |c: char| c.is_control() && c != '\n';
    assert!(!told.contains(is_hidden), "{told:?}");
    told
}

#[test]
fn names_that_are_no_text_are_refused() {
    assert_eq!(
        refused(&[b"load", b"--dry-run", b"\xff.csv"], ""),
        "ssrfund: there is no file `\u{fffd}.csv`; check the path\n"
    );
    let told = refused(&[b"sql", b"-c", b"SELECT '\xff'"], "");
    assert!(
        told.starts_with("error: invalid UTF-8 was detected in one or more"),
        "{told}"
    );
}

#[test]
fn names_with_control_characters_are_shown_harmless() {
    assert_eq!(
        refused(&[b"load", b"--source", b"hq", b"no\nsuch.csv"], ""),
        "ssrfund: there is no file `no\\u{a}such.csv`; check the path\n"
    );
    assert_eq!(
        refused(&[b"--workspace", b"\x1b[31m", b"data", b"status"], ""),
        "ssrfund: `\\u{1b}[31m` is no workspace: it has no `ssrfund.toml`; make one with \
         `ssrfund init \\u{1b}[31m`\n"
    );
    assert_eq!(
        refused(&[b"data", b"validate", b"--queries", b"\x1b]0;x\x07"], ""),
        "ssrfund: there is no workspace here or in any folder above; make one with \
         `ssrfund init`, or name one with `--workspace`\n"
    );
}

#[test]
fn statements_on_stdin_are_refused_with_their_place() {
    assert_eq!(
        refused(&[b"sql", b"x.csv"], "SELECT 1"),
        "ssrfund: cannot read `x.csv`: No such file or directory (os error 2)\n"
    );
}
