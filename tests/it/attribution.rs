//! From where a transaction or a line has its class, and that no cent is lost on the way.

use ssrfund::workspace::Workspace;

use crate::workspaces::{csv_files, fixtures, instant, load, open_to_ask};

/// The base of the scenarios with other tables, and its answers to questions.
fn ask(tables: &[(&str, &str)], questions: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    for file in csv_files(&fixtures("scenarios/_base")) {
        std::fs::copy(&file, files.join(file.file_name().unwrap())).unwrap();
    }
    for (table, text) in tables {
        std::fs::write(files.join(format!("{table}.csv")), text).unwrap();
    }
    let now = instant("2024-07-01T00:00:00Z");
    load(&workspace, "base", &csv_files(&files), now, false).unwrap();
    let (_snapshot, engine, _library) = open_to_ask(&workspace);
    questions.iter().map(|sql| crate::sql::text(&engine, sql)).collect()
}

const LINES: &str = "\
line_id,project_id,recipient,output,activity,category_scheme,category,description,lang,\
amount,beneficiary,subject_unit,gewe_bps,is_me
L01,00112233,UNDP,1,,2012,3,\"Vehicles 900,000.01 and training of officers 299,999.99\",\
en,1200000.00,police,national_police,3000,false
L02,00112233,UNDP,1,,2012,4,\"Radios 300,000 and training of officers 200,000\",en,\
534579.44,police,national_police,3000,false
L03,00112233,UNDP,1,,2012,4,National security policy and strategy,en,850000.00,\
management_civil,,3000,false
L04,00112233,UNDP,1,,2012,1,Project management staff,en,200000.00,management_civil,,\
3000,false
";

const NO_DECISION: &str = "line_id,class,subclass,share_bps,decided_by,decided_on,reason\n\
     L03,sector_wide,S6,10000,Programme Analyst,2023-01-10,read\n";

#[test]
fn stated_amounts_split_a_line_and_its_tranches_to_the_cent() {
    let plan = "project_id,tranche,line_id,amount\n00112233,1,L01,0.03\n\
                00112233,2,L01,1199999.97\n00112233,1,L02,534579.44\n\
                00112233,1,L03,600000.00\n00112233,2,L03,250000.00\n\
                00112233,1,L04,100000.00\n00112233,2,L04,100000.00\n";
    let answers = ask(
        &[
            ("budget_lines", LINES),
            ("class_decisions", NO_DECISION),
            ("tranche_lines", plan),
        ],
        &[
            "SELECT line_id, class, method, rule_id, share_bps, amount, confidence_bps \
             FROM classified_lines WHERE line_id < 'L03' ORDER BY line_id, class",
            "SELECT matched FROM classified_lines WHERE line_id = 'L02'",
            "SELECT tranche, class, amount FROM planned_shares \
             WHERE line_id = 'L01' ORDER BY tranche, class",
        ],
    );
    // L01 adds up; L02 states 500,000.00 of 534,579.44, so nobody may guess.
    assert_eq!(
        answers[0],
        "line_id,class,method,rule_id,share_bps,amount,confidence_bps\n\
         L01,hardware,lexicon,C3,7500,900000.01,9000\n\
         L01,training,lexicon,C3,2500,299999.99,9000\n\
         L02,mixed,lexicon,C4,10000,534579.44,9000\n"
    );
    assert!(
        answers[1].contains("stated amounts make 500000.00, not 534579.44"),
        "{}",
        answers[1]
    );
    assert_eq!(
        answers[2],
        "tranche,class,amount\n1,hardware,0.02\n1,training,0.01\n\
         2,hardware,899999.99\n2,training,299999.98\n"
    );
}

#[test]
fn a_transaction_without_a_line_is_read_with_its_sectors() {
    let transactions = "\
transaction_id,project_id,kind,amount,currency,date,description,lang
T1,00112233,expenditure,100.00,USD,2024-01-01,Capacity building,en
T2,00112233,expenditure,200.00,USD,2024-01-02,Procurement of vehicles,en
T3,00112233,expenditure,300.00,USD,2024-01-03,Phase 2,en
T4,00112233,expenditure,400.00,USD,2024-01-04,Vehicles for the police,en
T5,00112233,expenditure,-50.01,USD,2024-01-05,\
\"Vehicles 40.00 and radio course for police USD 10.01\",en
T6,00112233,expenditure,4000.02,USD,2024-01-06,\
\"USD 3000.01 for radios and USD 1000.01 for a course for police\",en
";
    let sectors = "owner_kind,owner_id,vocabulary,code,share_bps\n\
                   transaction,T1,1,15132,10000\ntransaction,T2,1,12220,10000\n\
                   transaction,T4,1,12220,10000\nproject,00112233,1,15210,10000\n";
    let answers = ask(
        &[("transactions", transactions), ("sectors", sectors)],
        &[
            "SELECT transaction_id, class, beneficiary, allocation_method, confidence_bps, \
           share_bps, amount FROM classified_transactions \
           ORDER BY transaction_id, class",
        ],
    );
    // T1 and T2 are settled by a sector, at low confidence; the project's 15210 alone
    // (T3) says nothing; a text that names the police outweighs a sector (T4).
    // T5 states only one amount that is certain; T6 is split by what it states.
    assert_eq!(
        answers[0],
        "transaction_id,class,beneficiary,allocation_method,confidence_bps,share_bps,amount\n\
         T1,training,police,sector,4000,10000,100.00\n\
         T2,out_of_scope,unknown,sector,4000,10000,200.00\n\
         T3,unclassified,unknown,none,0,10000,300.00\n\
         T4,hardware,police,text,7000,10000,400.00\n\
         T5,mixed,police,text,9000,10000,-50.01\n\
         T6,hardware,police,text,9000,7500,3000.01\n\
         T6,training,police,text,9000,2500,1000.01\n"
    );
}
