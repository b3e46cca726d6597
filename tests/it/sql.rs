//! SQL: exact, read-only, with names that help.

use ssrfund::engine::Engine;

use crate::workspaces::{open_to_ask, portfolio};

pub(crate) fn text(engine: &Engine, sql: &str) -> String {
    use ssrfund::render::{Format, TableOptions, batches};
    let answer =
        engine.run(sql, &Vec::new()).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut out = Vec::new();
    batches(
        &answer.schema,
        &answer.batches,
        Format::Csv,
        &mut out,
        &TableOptions::default(),
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn questions_and_answers() {
    let (_folder, workspace) = portfolio();
    let (_snapshot, engine, _library) = open_to_ask(&workspace);
    let ask = |sql| text(&engine, sql);
    // Decimal literals are exact, sums are decimal.
    assert_eq!(ask("SELECT 0.1 + 0.2 = 0.3 AS exact"), "exact\ntrue\n");
    assert_eq!(ask("SELECT SUM(amount) AS spent FROM spending"), "spent\n44000000.00\n");
    // A naive sum would count preliminary and certified figures of one period twice.
    assert_eq!(
        ask(
            "SELECT SUM(amount) > 44000000 AS naive FROM transactions WHERE kind = 'expenditure'"
        ),
        "naive\ntrue\n"
    );
    // Views that split money conserve it.
    for (part, whole) in [
        ("classified_lines", "budget_lines"),
        ("classified_transactions", "transactions"),
        ("transaction_shares", "transactions"),
    ] {
        let sum =
            |table| text(&engine, &format!("SELECT SUM(amount) AS sum FROM {table}"));
        assert_eq!(sum(part), sum(whole), "{part}");
    }
    // Shares of every line sum to the whole.
    assert_eq!(
        ask("SELECT COUNT(*) AS wrong FROM (SELECT line_id FROM classified_lines \
             GROUP BY line_id HAVING SUM(share_bps) <> 10000)"),
        "wrong\n0\n"
    );
    // Provenance is hidden from `SELECT *` and there in evidence.
    assert!(!ask("SELECT * FROM tranches LIMIT 1").contains("load_id"));
    let evidence = ask(
        "SELECT source_file, source_row FROM evidence.tranches ORDER BY source_row LIMIT 1",
    );
    assert_eq!(evidence, "source_file,source_row\ntranches.csv,2\n");
    assert!(ask("SHOW TABLES").contains("classified_lines"));
    assert!(ask("DESCRIBE projects").contains("project_id"));
    assert!(ask("SELECT table_name FROM information_schema.tables").contains("spending"));
    assert_eq!(
        ask(
            "SELECT classify('Construction d''un commissariat de police', 'fr')['class'] AS class"
        ),
        "class\nhardware\n"
    );
}

#[test]
fn nothing_can_be_written() {
    let (folder, workspace) = portfolio();
    let (_snapshot, engine, _library) = open_to_ask(&workspace);
    let outside = folder.path().join("out.csv");
    let copy = format!("COPY (SELECT 1) TO '{}'", outside.display());
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE projects",
        "INSERT INTO projects (project_id) VALUES ('x')",
        "DELETE FROM projects",
        "UPDATE projects SET title = 'x'",
        "SET datafusion.execution.target_partitions = 4",
        "EXPLAIN ANALYZE INSERT INTO projects (project_id) VALUES ('x')",
        copy.as_str(),
        "SELECT * FROM '/etc/passwd'",
    ] {
        assert!(engine.run(sql, &Vec::new()).is_err(), "{sql}");
    }
    assert!(!outside.exists());
    let still = text(&engine, "SELECT COUNT(*) > 20 AS some FROM projects");
    assert_eq!(still, "some\ntrue\n");
}

#[test]
fn a_misspelt_table_is_answered_with_the_nearest() {
    let (_folder, workspace) = portfolio();
    let (_snapshot, engine, _library) = open_to_ask(&workspace);
    let error = engine.run("SELECT * FROM trancation", &Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "SQL line 1, column 15: there is no table `trancation`; did you mean `transactions`?"
    );
}

#[test]
fn the_crosswalk_knows_every_nature_and_body() {
    use ssrfund::domain::Beneficiary;
    use ssrfund::domain::class::Subclass;
    let written = include_str!("../../queries/views/crosswalk.sql");
    for code in Subclass::ALL.iter().map(|one| one.code()) {
        assert!(written.contains(&format!("('{code}',")), "no line for {code}");
    }
    for code in Beneficiary::ALL.iter().map(|one| one.code()) {
        assert!(written.contains(&format!("('{code}',")), "no line for {code}");
    }
    let (_folder, workspace) = portfolio();
    let (_snapshot, engine, _library) = open_to_ask(&workspace);
    let sum = |table: &str| {
        text(&engine, &format!("SELECT COUNT(*) AS n, SUM(amount) AS sum FROM {table}"))
    };
    assert_eq!(sum("crosswalk"), sum("classified_lines"));
    let told = text(
        &engine,
        "SELECT DISTINCT crs, cofog, gfsm FROM crosswalk \
         WHERE subclass = 'H1' AND beneficiary = 'corrections'",
    );
    assert_eq!(told, "crs,cofog,gfsm\n15137,03.4 prisons,31 non-financial assets\n");
}
