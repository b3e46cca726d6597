//! What several sources tell of one key; in [`changes`] what a source told anew, in
//! [`currencies`] money in other currencies.

mod changes;
mod currencies;

use std::path::PathBuf;

use ssrfund::domain::KnownAt;
use ssrfund::engine::Engine;
use ssrfund::workspace::{self, LoadRef, Workspace};

use crate::workspaces::{instant, load, open_to_ask};

/// A workspace beside a folder of files that are written as they are needed.
struct Place {
    folder: tempfile::TempDir,
    workspace: Workspace,
    files: usize,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
        Self { folder, workspace, files: 0 }
    }

    fn file(&mut self, table: &str, text: &str) -> PathBuf {
        self.files += 1;
        let folder = self.folder.path().join(self.files.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{table}.csv"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Loads tables of a source on a day.
    fn tell(&mut self, source: &str, day: &str, tables: &[(&str, &str)]) -> LoadRef {
        self.try_tell(source, day, tables, false).unwrap()
    }

    fn try_tell(
        &mut self,
        source: &str,
        day: &str,
        tables: &[(&str, &str)],
        append: bool,
    ) -> ssrfund::error::Result<LoadRef> {
        let files: Vec<PathBuf> =
            tables.iter().map(|(table, text)| self.file(table, text)).collect();
        let at = instant(&format!("{day}T00:00:00Z"));
        load(&self.workspace, source, &files, at, append)
    }

    fn engine(&self) -> Engine {
        open_to_ask(&self.workspace).1
    }
}

fn ask(engine: &Engine, sql: &str) -> ssrfund::error::Result<String> {
    use ssrfund::render::{Format, TableOptions, batches};
    let answer = engine.run(sql, &Vec::new())?;
    let mut out = Vec::new();
    let options = TableOptions::default();
    batches(&answer.schema, &answer.batches, Format::Csv, &mut out, &options).unwrap();
    Ok(String::from_utf8(out).unwrap())
}

const PROJECTS: &str = "project_id,title,currency\n00000001,One,USD\n00000002,Two,EUR\n";

#[test]
fn the_effective_row_joins_what_sources_tell() {
    let mut place = Place::new();
    place.tell("hq", "2024-01-01", &[("projects", PROJECTS)]);
    // Neither title nor currency: another source tells them.
    let more = "project_id,country,facility\n1,LBR,PRF\n";
    place.tell("field", "2024-01-02", &[("projects", more)]);
    let again = "project_id,facility,setting\n1,PRF,mission\n";
    place.tell("office", "2024-01-03", &[("projects", again)]);
    let engine = place.engine();
    assert_eq!(
        ask(
            &engine,
            "SELECT project_id, title, country, facility, setting FROM projects ORDER BY 1"
        )
        .unwrap(),
        "project_id,title,country,facility,setting\n\
         00000001,One,LBR,PRF,mission\n00000002,Two,,,\n"
    );
    // Evidence: who told which column; the first of two who say the same.
    assert_eq!(
        ask(
            &engine,
            "SELECT key, column_name, source, source_row FROM told_columns ORDER BY 2"
        )
        .unwrap(),
        "key,column_name,source,source_row\n\
         00000001,country,field,2\n00000001,currency,hq,2\n00000001,facility,field,2\n\
         00000001,project_id,hq,2\n00000001,setting,office,2\n00000001,title,hq,2\n"
    );
    // As it was known before: only what was told by then.
    let then = KnownAt::parse("2024-01-01T12:00:00Z");
    let before = workspace::open(&place.workspace, then).unwrap();
    let kept = before.kept("projects").unwrap();
    assert_eq!(kept[0].rows.rows[0].text(kept[0].rows.table, "country"), None);
}

#[test]
fn a_column_is_told_with_one_value() {
    let mut place = Place::new();
    place.tell("hq", "2024-01-01", &[("projects", PROJECTS)]);
    place.tell("field", "2024-01-02", &[("projects", "project_id,country\n1,LBR\n")]);
    let other = [("projects", "project_id,country\n1,SLE\n")];
    let error = place.try_tell("office", "2024-01-03", &other, false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "projects.csv:2:1: `00000001` has another value of `country` in source `field`, \
         projects.csv:2: `LBR`, here `SLE`; correct one of them, or leave the column \
         empty in one\nnothing was loaded: 1 problem in 1 file"
    );
    // The source that told it may tell it otherwise: its own load replaces.
    place.tell("field", "2024-01-04", &[("projects", "project_id,country\n1,SLE\n")]);
}

#[test]
fn some_source_must_tell_what_a_project_needs() {
    let mut place = Place::new();
    let part = [("projects", "project_id,country\n1,LBR\n")];
    let error = place.try_tell("field", "2024-01-01", &part, false).unwrap_err();
    assert!(
        error.to_string().contains(
            "projects.csv: the column `title` is missing, and no source tells it; add it"
        ),
        "{error}"
    );
    place.tell("hq", "2024-01-01", &[("projects", PROJECTS)]);
    place.tell("field", "2024-01-02", &[("projects", part[0].1)]);
    // Taking the title away would leave the other source's part without one.
    let less = [("projects", "project_id,title,currency\n2,Two,EUR\n")];
    let error = place.try_tell("hq", "2024-01-03", &less, false).unwrap_err();
    assert!(error.to_string().contains("source `field` still needs this"), "{error}");
    // A row that leaves out what the others of its file fill is named by line.
    let gap = [("projects", "project_id,title,currency\n7,Seven,USD\n8,,USD\n")];
    let error = place.try_tell("other", "2024-01-03", &gap, false).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("projects.csv:3:3: `title` is empty, and no source"),
        "{error}"
    );
}

#[test]
fn recipients_are_joined_by_both_parts_of_their_key() {
    let mut place = Place::new();
    let named = "project_id,recipient,commitment_basis\n1,UNDP,gross\n1,IOM,open\n";
    let tables = [("projects", PROJECTS), ("recipients", named)];
    place.tell("hq", "2024-01-01", &tables);
    let more = "project_id,recipient,recipient_type\n1,IOM,RUNO\n";
    place.tell("field", "2024-01-02", &[("recipients", more)]);
    assert_eq!(
        ask(
            &place.engine(),
            "SELECT recipient, commitment_basis, recipient_type FROM recipients ORDER BY 1"
        )
        .unwrap(),
        "recipient,commitment_basis,recipient_type\nIOM,open,RUNO\nUNDP,gross,\n"
    );
}

const MONEY: &str = "\
transaction_id,project_id,kind,date,amount,currency,value_date,grade,description,lang
T1,00000001,expenditure,2023-03-01,1000.00,USD,,,Training of police officers,en
T2,00000002,expenditure,2023-03-01,900.00,EUR,2023-03-15,certified,Training of police,en
T3,00000002,expenditure,2023-04-01,100.01,EUR,,,Training of police,en
T4,00000002,disbursement,2023-02-01,5000.00,EUR,,,First tranche,en
T5,00000002,disbursement,2023-02-05,-10.00,EUR,,,Refund,en
";

const RATES: &str = "currency,valid_from,units_per_usd,source\n\
                     EUR,2023-02-01,0.95,UN\nEUR,2023-03-10,0.9,UN\n";
