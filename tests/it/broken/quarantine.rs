//! `--quarantine` keeps the good rows and stores the others in `rejects`.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use ssrfund::workspace;

use super::{Case, HEADER, file};

#[test]
fn quarantine_keeps_the_good_rows_and_stores_the_others() {
    let case = Case { quarantine: true, ..Case::on_base() };
    let text = format!(
        "{HEADER}\
         Q1,00112233,disbursement,2024-01-05,1000.00,USD\n\
         Q2,00112233,disbursement,2024-01-06,1e3,usd\n\
         Q3,00998877,disbursement,2024-01-07,1.00,USD\n\
         Q1,00112233,disbursement,2024-01-08,2.00,USD\n\
         Q4,00112233,disb\n\
         Q5,00112233,expenditure,2024-01-09,-0.01,USD\n"
    );
    let (_folder, path) = file("transactions.csv", text);
    let (_place, workspace) = case.workspace(&[]);
    let load = case.load(&workspace, &[path]).unwrap();
    assert_eq!(load.manifest.rejected_rows, 5);

    let snapshot = workspace::open(&workspace, None).unwrap();
    assert!(snapshot.has_rejects());
    let kept: Vec<String> = snapshot
        .kept("transactions")
        .unwrap()
        .iter()
        .filter(|kept| kept.load_id == load.load_id)
        .flat_map(|kept| kept.rows.rows.iter().map(|row| row.key(kept.rows.table)))
        .collect();
    assert_eq!(kept, ["Q1", "Q5"]);

    let batch = snapshot.read("rejects").unwrap().remove(0);
    let text = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.iter().nth(row).unwrap().unwrap_or("-").to_owned()
    };
    let number = |name: &str, row: usize| {
        batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(row)
    };
    let told: Vec<String> = (0..batch.num_rows())
        .map(|row| {
            let columns =
                ["table_name", "project_id", "field", "value", "what", "source_file"];
            let texts = columns.map(|name| text(name, row)).join("|");
            format!(
                "{texts}:{}:{}",
                number("source_row", row),
                number("source_column", row)
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "transactions|00112233|amount|1e3|`1e3` is not an amount|transactions.csv:3:37",
            "transactions|00112233|currency|usd|`usd` is not a currency code|\
             transactions.csv:3:41",
            "transactions|-|||the row has 3 fields, the header has 6|transactions.csv:6:0",
            "transactions|00998877|project_id|00998877|`00998877` is not in table \
             `projects`|transactions.csv:4:4",
            "transactions|00112233|transaction_id|Q1|`Q1` is already told by \
             transactions.csv:2|transactions.csv:5:1",
        ]
    );
}

/// A row that refers to a rejected one cannot stay either.
#[test]
fn quarantine_follows_references() {
    let case = Case { quarantine: true, ..Case::on_base() };
    let (folder, milestones) = file(
        "milestones.csv",
        "milestone_id,project_id,tranche,title,class,kind,measure,weight,critical,due_on\n\
         M-08,00112233,1,Police act adopted,sector_wide,outcome,verified,1,false,2024-12-31\n\
         M-09,00998877,1,Police act adopted,sector_wide,outcome,verified,1,false,2024-12-31\n",
    );
    let observations = folder.path().join("observations.csv");
    let rows =
        "milestone_id,observed_on,verified\nM-08,2024-05-01,true\nM-09,2024-05-01,true\n";
    std::fs::write(&observations, rows).unwrap();
    let (_place, workspace) = case.workspace(&[]);
    let load = case.load(&workspace, &[milestones, observations]).unwrap();
    let rows: Vec<(&str, u64)> = load
        .manifest
        .tables
        .iter()
        .map(|entry| (entry.table.as_str(), entry.rows))
        .collect();
    assert_eq!(rows, [("milestones", 1), ("observations", 1), ("rejects", 2)]);
}

/// One line of JSON or XML may hold many rows; only the bad ones of it go.
#[test]
fn quarantine_drops_rows_and_not_lines() {
    let case = Case { quarantine: true, ..Case::on_base() };
    let row = |tranche: u32, recipient: &str| {
        format!(
            "{{\"project_id\": \"00112233\", \"tranche\": {tranche}, \"recipient\": \
             \"{recipient}\", \"amount\": 1.00}}"
        )
    };
    let text = format!("[{}, {}, {}]", row(3, "UNDP"), row(4, "UNPD"), row(5, "UNDP"));
    let (_folder, path) = file("tranches.json", text);
    let (_place, workspace) = case.workspace(&[]);
    let load = case.load(&workspace, &[path]).unwrap();
    let rows: Vec<(&str, u64)> = load
        .manifest
        .tables
        .iter()
        .map(|entry| (entry.table.as_str(), entry.rows))
        .collect();
    assert_eq!(rows, [("rejects", 1), ("tranches", 2)]);
}
