//! docs/mappings.md: its examples do what they say, and it names every key.

use super::{canonical, read, root, wrong};

fn document() -> String {
    std::fs::read_to_string(root().join("docs/mappings.md")).unwrap()
}

/// Fenced blocks in order: language and text.
fn fences(document: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in document.lines() {
        if let Some(language) = line.strip_prefix("```") {
            if !inside {
                out.push((language.to_owned(), String::new()));
            }
            inside = !inside;
        } else if inside {
            let text = &mut out.last_mut().unwrap().1;
            text.push_str(line);
            text.push('\n');
        }
    }
    out
}

#[test]
fn the_examples_of_the_document_do_what_they_say() {
    let all = fences(&document());
    let mut count = 0;
    for triple in all.windows(3) {
        let [(toml, mapping), (csv, input), (text, expected)] = triple else { continue };
        if [toml.as_str(), csv.as_str(), text.as_str()] != ["toml", "csv", "text"] {
            continue;
        }
        let reading = read(mapping, "export.csv", input);
        let mut found = wrong(&reading).join("\n");
        for rows in &reading.tables {
            if wrong(&reading).is_empty() {
                found.push_str(&format!("{}\n{}", rows.table.name, canonical(rows)));
            }
        }
        assert_eq!(found.trim_end(), expected.trim_end(), "\n{mapping}\n{input}");
        count += 1;
    }
    assert!(count >= 4, "{count} examples were found");
}

#[test]
fn the_document_names_every_key_and_every_shipped_mapping() {
    let document = document();
    let mut count = 0;
    for file in ["file", "number", "date"] {
        let path = root().join(format!("src/load/mapping/{file}.rs"));
        let source = std::fs::read_to_string(path).unwrap();
        for line in source.lines() {
            let Some(key) = line.strip_prefix("    pub ") else { continue };
            let Some((key, _)) = key.split_once(": ") else { continue };
            if !key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                continue;
            }
            // Lists of tables are written in the singular, and two fields are no keys.
            let key = match key {
                "blocks" | "facts" | "agreements" | "totals" | "sums" | "sections" => {
                    key.strip_suffix('s').unwrap()
                }
                "day" | "is_month" => continue,
                key => key,
            };
            assert!(document.contains(&format!("`{key}`")), "docs/mappings.md: `{key}`");
            count += 1;
        }
    }
    assert!(count > 60, "{count} keys");
    for entry in std::fs::read_dir(root().join("queries/mappings")).unwrap() {
        let name =
            entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(document.contains(&format!("`{name}`")), "docs/mappings.md: `{name}`");
    }
}
