//! `load --suggest`: drafts that can be read, and that load nothing.

use ssrfund::load::mapping::suggest;
use ssrfund::load::mapping::validate;

use super::{inputs, parse};

#[test]
fn every_draft_is_a_mapping_and_none_is_loaded_with() {
    let mut count = 0;
    for name in [
        "mptf-projects",
        "unpbf-results",
        "aa-financial-overview",
        "aiddata-aims",
        "oecd-crs",
        "pbf-budget-workbook",
    ] {
        for (file, bytes) in inputs(name) {
            let draft = suggest::draft(&bytes, &file).unwrap();
            if let Err(error) = validate::read(&file, &draft) {
                panic!("{file}: {error}\n{draft}");
            }
            let error = parse(&file, &draft, &[]).unwrap_err().to_string();
            assert!(error.contains("is a draft that nobody has looked at"), "{error}");
            count += 1;
        }
    }
    assert_eq!(count, 7);
}

#[test]
fn a_draft_says_what_it_guessed_and_what_else_it_may_be() {
    let text = "Payments of the year\n\nProject No;Payment id;Date;Montant;Currency;Type;\
                Coment\n00099901;a;03/04/2024;1.234,50;USD;D;x\n\
                00099901;b;13/04/2024;12,00;USD;D;\"y \u{1}\nz\"\n";
    let draft = suggest::draft(text.as_bytes(), "p.csv").unwrap();
    assert_eq!(
        draft,
        r#"# A draft for `p.csv`, guessed from its first 500 rows. Nothing was loaded.
# Look at each line, mend it, then remove `draft = true`.
# The keys are described in docs/mappings.md.
draft = true
title = "p.csv"
delimiter = ";"

[number]
decimal = ","
grouping = "."
negative = ["minus", "brackets"]
zero = ["-"]

[date]
formats = ["DD/MM/YYYY"]

[[block]]
name = "table-1"
# Rows above the header, which are passed over: 1.
header = ["Project No", "Payment id", "Date", "Montant"] # row 3
ignored = [
  "Coment", # x | y \u{1} z
]

[[block.into]]
table = "transactions" # commitments, disbursements, expenditure and other money movements
[block.into.columns]
transaction_id = "Payment id" # a | b
project_id = "Project No" # 00099901
kind = "Type" # D
date = "Date" # 03/04/2024 | 13/04/2024
amount = "Montant" # 1.234,50 | 12,00
currency = "Currency" # USD
"#
    );
    let text = "Project No,Payment id,Date,Value,Currency,Type\n1,a,03/04/2024,5,USD,D\n";
    let draft = suggest::draft(text.as_bytes(), "p.csv").unwrap();
    let other = "formats = [\"DD/MM/YYYY\"]\n\
                 # or, which reads as many: formats = [\"MM/DD/YYYY\"]";
    assert!(draft.contains(other), "{draft}");
}

#[test]
fn a_draft_names_the_encoding_that_a_file_looks_like() {
    let text = b"Project No,Payment id,Montant\n1,r\xe9vision budg\xe9taire,5\n";
    let draft = suggest::draft(text, "p.csv").unwrap();
    assert!(draft.contains("encoding = \"windows-1252\""), "{draft}");
    let utf16: Vec<u8> =
        "\u{feff}a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let draft = suggest::draft(&utf16, "p.csv").unwrap();
    assert!(draft.contains("encoding = \"utf-16\""), "{draft}");
}
