//! `lib.rs` lists the modules in the order of the line; each uses only those above it.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The modules in the order of `lib.rs`.
fn modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if folder.with_extension("rs").is_file() {
        found.push(folder.with_extension("rs"));
    }
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            found.push(path);
        }
    }
    found
}

/// Code without comments: a word in prose is no use of a module.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Every module of this crate that the code names, also inside `use crate::{a, b}`.
fn used(code: &str, modules: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split(';').next().unwrap_or(list);
                list.split([',', '{', '}', ':']).map(str::trim).collect()
            }
            None => vec![
                rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap(),
            ],
        };
        found.extend(
            names
                .into_iter()
                .filter(|n| modules.iter().any(|m| m == n))
                .map(str::to_owned),
        );
    }
    found
}

#[test]
fn lib_lists_the_line_in_order() {
    let line = [
        "error",
        "domain",
        "tables",
        "load",
        "workspace",
        "engine",
        "classify",
        "metrics",
        "gate",
        "recount",
        "decision",
        "render",
        "report",
        "repl",
        "serve",
        "cli",
    ];
    let modules = modules();
    assert!(modules.len() > 10, "{modules:?}");
    let places: Vec<usize> = modules
        .iter()
        .map(|module| line.iter().position(|m| m == module).expect(module))
        .collect();
    assert!(places.is_sorted(), "{modules:?} is not the order of the line");
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let modules = modules();
    let mut wrong = Vec::new();
    for (place, module) in modules.iter().enumerate() {
        for source in sources(&root().join("src").join(module)) {
            for name in used(&code(&source), &modules) {
                if modules.iter().position(|m| *m == name).unwrap() > place {
                    wrong.push(format!("{} uses {name}", source.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_is_named_only_where_it_may_be() {
    let may = ["engine", "classify", "metrics", "report", "repl", "serve"];
    let no_arrow = ["error", "domain"];
    let mut wrong = Vec::new();
    for module in modules() {
        for source in sources(&root().join("src").join(&module)) {
            let code = code(&source);
            if code.contains("datafusion::") && !may.contains(&module.as_str()) {
                wrong.push(format!("{} names datafusion", source.display()));
            }
            if code.contains("arrow::") && no_arrow.contains(&module.as_str()) {
                wrong.push(format!("{} names arrow", source.display()));
            }
            let prints =
                ["println!", "print!(", "eprintln!", "io::stdout()", "io::stderr()"];
            if prints.iter().any(|p| code.contains(p))
                && !["cli", "repl"].contains(&module.as_str())
            {
                wrong.push(format!("{} prints", source.display()));
            }
            if code.contains("Utc::now") && module != "cli" {
                wrong.push(format!("{} reads the clock", source.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_lock_holds_one_of_each() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in ["arrow", "parquet", "datafusion", "object_store", "sqlparser"] {
        let entry = format!("name = \"{name}\"");
        let count = lock.lines().filter(|line| *line == entry).count();
        assert_eq!(count, 1, "{name}");
    }
}
