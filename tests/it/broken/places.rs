//! Paths that lead to no file, and files that inflate to something else than they say.

use std::os::unix::fs::symlink;
use std::path::Path;

use ssrfund::error::Kind;
use ssrfund::load::gather;

use super::accepted::gz;
use super::{Case, HEADER, file};

/// The error of gathering the files of a path.
fn refusal(path: &Path) -> String {
    let error = gather(&[path.to_owned()]).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    error.to_string().replace(&path.parent().unwrap().display().to_string(), "…")
}

#[test]
fn paths_that_lead_to_no_file_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    let at = |name: &str| folder.join(name);
    assert_eq!(refusal(&at("q1.csv")), "there is no file `…/q1.csv`; check the path");
    std::fs::create_dir(at("q1.csv")).unwrap();
    assert_eq!(
        refusal(&at("q1.csv")),
        "`…/q1.csv` is a folder, although its name is that of a file; name the files in it"
    );
    std::fs::remove_dir(at("q1.csv")).unwrap();
    symlink("gone.csv", at("q1.csv")).unwrap();
    let dangling = "`…/q1.csv` leads to a file that is not there; mend the link, or name \
                    the file itself";
    assert_eq!(refusal(&at("q1.csv")), dangling);
    // In a folder it would be missed by nobody.
    std::fs::write(at("q2.csv"), "a\n").unwrap();
    let told = gather(std::slice::from_ref(&folder)).unwrap_err().to_string();
    assert!(told.contains("q1.csv` leads to a file that is not there"), "{told}");
    std::fs::remove_file(at("q1.csv")).unwrap();
    symlink("q2.csv", at("q1.csv")).unwrap();
    assert_eq!(gather(std::slice::from_ref(&folder)).unwrap().len(), 2);
    symlink("/dev/zero", at("q3.csv")).unwrap();
    assert_eq!(
        refusal(&at("q3.csv")),
        "`…/q3.csv` is neither a file nor a folder; write its content into a file"
    );
    symlink("q4.csv", at("q4.csv")).unwrap();
    assert!(gather(&[at("q4.csv")]).is_err());
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("transactions.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    assert_eq!(
        refusal(&pipe),
        "`…/transactions.csv` is neither a file nor a folder; write its content into a file"
    );
}

/// A name may hold anything but `/`; what a terminal obeys is shown escaped.
#[test]
fn a_name_with_a_line_break_stays_on_its_line() {
    let (_place, path) = file("a\n\u{1b}[31mtransactions.csv", "x\n");
    let case = Case { kind: Some("usage".to_owned()), ..Case::on_base() };
    let told = case.refused(std::slice::from_ref(&path), &[]).unwrap();
    assert_eq!(
        told,
        "`a\\u{a}\\u{1b}[31mtransactions.csv`: there is no table \
         `a\\u{a}\\u{1b}[31mtransactions`; say which one with `--table NAME`"
    );
    let case = Case { table: Some("transactions".to_owned()), ..Case::on_base() };
    let told = case.refused(&[path], &[]).unwrap();
    assert!(
        told.starts_with("a\\u{a}\\u{1b}[31mtransactions.csv:1:1: the first"),
        "{told}"
    );
}

#[test]
fn compressed_files_that_are_not_whole_are_refused() {
    let case = Case::on_base();
    let row = "X1,00112233,disbursement,2024-01-05,1000.00,USD\n";
    let whole = gz(&[HEADER.as_bytes(), row.as_bytes()]);
    let one = "\nnothing was loaded: 1 problem in 1 file";
    let name = "transactions.csv.gz";
    let cut = &whole[..whole.len() - 9];
    case.refuses(
        name,
        cut,
        &format!(
            "{name}: the gzip file is cut off; 100 bytes could be inflated; export or copy \
             the file again{one}"
        ),
    );
    let with = |more: &[u8]| [whole.as_slice(), more].concat();
    case.refuses(
        name,
        &with(b"\0\0"),
        &format!(
            "{name}: 2 bytes follow the end of the gzip file; export or copy the file \
             again{one}"
        ),
    );
    let mut flipped = whole.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    let (_place, path) = file(name, &flipped);
    let told = case.refused(&[path], &[]).unwrap();
    let began = format!("{name}: the gzip file is damaged after ");
    assert!(told.starts_with(&began), "{told}");
    case.refuses(
        name,
        &gz(&[&vec![b'0'; 8 << 20]]),
        &format!(
            "{name}: the file inflates to over 200 times its size; load the file without \
             `.gz` if it is meant{one}"
        ),
    );
    case.refuses(
        name,
        &gz(&[b""]),
        &format!(
            "{name}: the file is empty (0 bytes); give the file as it was exported; an \
             empty file says nothing{one}"
        ),
    );
}

/// The same rows under another name, or compressed, would count twice.
#[test]
fn a_copy_of_a_file_is_refused_also_where_it_is_compressed() {
    let case = Case::on_base();
    let rows = format!("{HEADER}X1,00112233,disbursement,2024-01-05,1000.00,USD\n");
    let (folder, path) = file("transactions.csv", &rows);
    let copy = folder.path().join("transactions.csv.gz");
    std::fs::write(&copy, gz(&[rows.as_bytes()])).unwrap();
    assert_eq!(
        case.refused(&[path, copy], &[]).as_deref(),
        Ok(
            "transactions.csv.gz:2:1: `X1` is already told by transactions.csv:2; give every \
            row of a table its own key\nnothing was loaded: 1 problem in 1 file"
        )
    );
}
