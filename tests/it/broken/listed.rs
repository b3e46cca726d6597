//! The list of cases in `fixtures/broken/README.md` is whole, and what it names exists.

use std::collections::BTreeSet;
use std::path::Path;

use super::folders;
use crate::workspaces::fixtures;

/// The texts in backticks that are a fixture or a test.
fn named(list: &str) -> impl Iterator<Item = &str> {
    let is_fixture = |name: &str| {
        name.split_once('-').is_some_and(|(number, words)| {
            let digits = number.bytes().filter(u8::is_ascii_digit).count();
            (number.len(), digits) == (3, 3) && words.starts_with(char::is_alphanumeric)
        })
    };
    list.split('`')
        .skip(1)
        .step_by(2)
        .filter(move |name| is_fixture(name) || name.contains(".rs::"))
}

#[test]
fn every_case_has_its_row_and_its_number() {
    let list = std::fs::read_to_string(fixtures("broken/README.md")).unwrap();
    let numbers: Vec<u32> = list
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |")?.0.parse().ok())
        .collect();
    assert_eq!(numbers, (1..=127).collect::<Vec<u32>>());
    for line in list.lines().filter(|line| line.starts_with("| ")) {
        let told = ["the tests of ", "`tests/it/", "| Where |"];
        let covers =
            named(line).next().is_some() || told.iter().any(|text| line.contains(text));
        assert!(covers, "{line}");
    }
}

#[test]
fn every_fixture_and_test_of_the_list_is_there_and_every_fixture_is_listed() {
    let list = std::fs::read_to_string(fixtures("broken/README.md")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut listed = BTreeSet::new();
    for name in named(&list) {
        match name.split_once("::") {
            None => _ = listed.insert(name.to_owned()),
            Some((file, test)) => {
                let folder = if file.contains('/') { "" } else { "tests/it/broken" };
                let text = std::fs::read_to_string(root.join(folder).join(file)).unwrap();
                assert!(text.contains(&format!("fn {test}()")), "{name}");
            }
        }
    }
    let there: BTreeSet<String> = folders()
        .iter()
        .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let missed: Vec<&String> = listed.symmetric_difference(&there).collect();
    assert_eq!(missed, [""; 0], "listed and not there, or there and not listed");
}
