//! Templates load back as they are, filled or not; an export is the same every time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use ssrfund::load::files::read_bytes;
use ssrfund::load::{Options, Reading};
use ssrfund::workspace::Workspace;

use crate::broken::xlsx::build::edited;
use crate::workspaces::{csv_files, fixtures, instant, load, options};

const NOW: &str = "2026-07-02T00:00:00Z";

/// A workspace with the scenarios' base tables.
fn workspace() -> (tempfile::TempDir, Workspace) {
    let place = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&place.path().join("fund")).unwrap();
    let files = csv_files(&fixtures("scenarios/_base"));
    load(&workspace, "base", &files, instant("2026-07-01T00:00:00Z"), false).unwrap();
    (place, workspace)
}

/// Runs `ssrfund data` on a workspace.
fn data(workspace: &Workspace, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_ssrfund"))
        .args(["data", "--workspace"])
        .arg(workspace.root())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn template(place: &Path, workspace: &Workspace, name: &str) -> Vec<u8> {
    let path = place.join(name);
    let text = path.to_string_lossy().into_owned();
    data(workspace, &["template", &text, "--project", "00112233"]);
    std::fs::read(path).unwrap()
}

fn read(bytes: &[u8]) -> Reading {
    let reading = read_bytes(bytes, "facts.xlsx", &options(instant(NOW))).unwrap();
    assert_eq!(reading.faults, []);
    assert_eq!(reading.rejects, []);
    reading
}

#[test]
fn an_untouched_template_tells_nothing_and_has_the_same_bytes() {
    let (place, workspace) = workspace();
    let bytes = template(place.path(), &workspace, "facts.xlsx");
    assert_eq!(bytes, template(place.path(), &workspace, "again.xlsx"));
    let reading = read(&bytes);
    assert!(reading.tables.is_empty());
    let told: Vec<String> = reading.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["facts.xlsx: passed over, having no rows: `milestones`, `observations`, \
          `reports`, `reviews`, `clearances`, `signatures`, `requests`; `--allow-empty` \
          loads them as tables without rows"]
    );
    let path = place.path().join("facts.xlsx");
    load(&workspace, "field", &[path], instant(NOW), true).unwrap();
}

#[test]
fn a_filled_template_loads_what_was_filled() {
    let (place, workspace) = workspace();
    let bytes = template(place.path(), &workspace, "facts.xlsx");
    let filled = edited(&bytes, |name, text| match name {
        // The observations: a day in the format of its column, a tick.
        "xl/worksheets/sheet3.xml" => {
            let column = text.split("<col min=\"2\"").nth(1).unwrap();
            let style = column.split("style=\"").nth(1).unwrap();
            let style = style.split('"').next().unwrap();
            let cells = format!(
                "<c r=\"B3\" s=\"{style}\"><v>45424</v></c><c r=\"E3\" \
                 t=\"b\"><v>1</v></c></row><row r=\"4\""
            );
            text.replacen("</row><row r=\"4\"", &cells, 1)
        }
        _ => text,
    });
    let reading = read(&filled);
    let [rows] = reading.tables.as_slice() else { panic!("{:?}", reading.tables) };
    assert_eq!(
        (rows.table.name, rows.file.as_str()),
        ("observations", "facts.xlsx[observations]")
    );
    let row = &rows.rows[0];
    let cells: Vec<String> = ["milestone_id", "observed_on", "verified"]
        .map(|column| row.cell(rows.table, column).key_text())
        .into();
    assert_eq!((rows.rows.len(), row.row), (1, 3));
    assert_eq!(cells, ["M-02", "2024-05-12", "true"]);

    let path = place.path().join("filled.xlsx");
    std::fs::write(&path, filled).unwrap();
    let load = load(&workspace, "field", &[path], instant(NOW), true).unwrap();
    assert_eq!((load.manifest.tables.len(), load.manifest.tables[0].rows), (1, 1));
}

#[test]
fn a_folder_of_csv_files_loads_back() {
    let (place, workspace) = workspace();
    let folder = place.path().join("forms");
    data(&workspace, &["template", &folder.to_string_lossy()]);
    let files = csv_files(&folder);
    assert_eq!(files.len(), 7);
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&file).unwrap();
        let options = Options { allow_empty: true, ..options(instant(NOW)) };
        let reading = read_bytes(&bytes, &name, &options).unwrap();
        assert_eq!((reading.faults.len(), reading.tables[0].rows.len()), (0, 0));
    }
    assert!(folder.join("README.txt").is_file());
}

/// All files of a folder by name.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn an_export_is_whole_harmless_and_the_same_every_time() {
    let (place, workspace) = workspace();
    let more = place.path().join("reports.csv");
    let text = "report_id,project_id,kind,due_on\nR-9,00112233,=1+1,2024-11-15\n";
    std::fs::write(&more, text).unwrap();
    load(&workspace, "more", &[more], instant(NOW), false).unwrap();
    let folder: PathBuf = place.path().join("export");
    let name = folder.to_string_lossy().into_owned();
    data(&workspace, &["export", &name]);
    let first = contents(&folder);
    data(&workspace, &["export", &name]);
    assert!(first == contents(&folder), "an export differs from the one before");
    assert_eq!(first.len(), 23);
    let text = |name: &str| String::from_utf8(first[name].clone()).unwrap();
    assert!(text("reports.csv").contains("\nR-9,00112233,'=1+1,2024-11-15,,\n"));
    assert!(text("transactions.csv").lines().count() > 1);
    let lines = text("classified_lines.csv");
    assert!(lines.contains("L01,00112233,UNDP,hardware,H2,police,gated,"), "{lines}");
    let columns = text("columns.csv");
    let amount = "tranches,amount,money,currency of the project,true,false,gross amount,";
    assert!(columns.lines().any(|line| line == amount), "{columns}");

    data(&workspace, &["export", &name, "-F", "parquet"]);
    let both = contents(&folder);
    assert_eq!(both.len(), 46);
    assert!(both["budget_lines.parquet"].starts_with(b"PAR1"));
}
