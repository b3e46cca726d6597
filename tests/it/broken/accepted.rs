//! What only looks broken and is good: it loads as it stands, and what is odd is told.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ssrfund::load::SourceFile;

use super::{Case, HEADER, file};

const ROW: &str = "X1,00112233,disbursement,2024-01-05,1000.00,USD\n";

/// The rows of the first table as texts, and the warnings.
fn loaded(case: &Case, name: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let (_folder, path) = file(name, bytes);
    let (_place, workspace) = case.workspace(&[]);
    let (loaded, _): (_, Vec<SourceFile>) =
        case.check(&workspace, "case", &[path]).unwrap_or_else(|error| {
            panic!("{name}: {error}");
        });
    let rows = loaded.tables[0]
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> =
                row.cells.iter().map(ssrfund::tables::Cell::key_text).collect();
            cells.join("|").trim_end_matches('|').to_owned()
        })
        .collect();
    (rows, loaded.warnings.iter().map(ToString::to_string).collect())
}

fn transactions(text: &str) -> (Vec<String>, Vec<String>) {
    loaded(&Case::on_base(), "transactions.csv", text.as_bytes())
}

/// The amount column of rows with these amounts, and the warnings.
fn amounts(texts: &[&str]) -> (Vec<String>, Vec<String>) {
    let rows: String = texts
        .iter()
        .enumerate()
        .map(|(n, amount)| format!("X{n},00112233,expenditure,2024-01-05,{amount},USD\n"))
        .collect();
    let (rows, warnings) = transactions(&format!("{HEADER}{rows}"));
    let amount = |row: &String| row.split('|').nth(4).unwrap().to_owned();
    (rows.iter().map(amount).collect(), warnings)
}

#[test]
fn amounts_that_are_exact() {
    let told =
        amounts(&["1234.56", "10.000", "-0.01", "0", "0012.5", "9999999999999999.99"]);
    let exact = ["1234.56", "10.00", "-0.01", "0.00", "12.50", "9999999999999999.99"];
    assert_eq!(told.0, exact);
    assert_eq!(told.1, [""; 0]);
    let (zeros, warnings) = amounts(&["1.00", "-0.00", "-0"]);
    assert_eq!(zeros, ["1.00", "0.00", "0.00"]);
    assert_eq!(
        warnings,
        [
            "transactions.csv:3:36: NEGATIVE_ZERO: `-0.00` is read as 0.00; write `0.00`; other \
          zeros of this file are read so too"
        ]
    );
}

#[test]
fn days_at_their_bounds_exist() {
    let (rows, warnings) = transactions(&format!(
        "{HEADER}X1,00112233,disbursement,2024-02-29,1.00,USD\n\
         X2,00112233,disbursement,1990-01-01,1.00,USD\n\
         X3,00112233,disbursement,2026-07-02,1.00,USD\n"
    ));
    let days: Vec<&str> = rows.iter().map(|row| row.split('|').nth(3).unwrap()).collect();
    assert_eq!(days, ["2024-02-29", "1990-01-01", "2026-07-02"]);
    assert_eq!(warnings, [""; 0]);
}

/// Marks, line ends, blank ends, names of columns in other spellings and orders.
#[test]
fn forms_of_csv_that_lose_nothing() {
    let plain = transactions(&format!("{HEADER}{ROW}")).0;
    assert_eq!(plain, ["X1|00112233|disbursement|2024-01-05|1000.00|USD"]);
    let open = format!("{HEADER}{ROW}");
    for (text, warning) in [
        (format!("\u{feff}{HEADER}{ROW}"), ""),
        (format!("{HEADER}{ROW}").replace('\n', "\r"), ""),
        (format!("{HEADER}{ROW}").replace('\n', "\r\n"), ""),
        (format!("{HEADER}{ROW}").replace("X1", "\"X1\""), ""),
        (
            format!("{}\r\n{ROW}", HEADER.trim_end()),
            "transactions.csv: lines end in different ways; was the file joined from \
             several?",
        ),
        (
            open.trim_end().to_owned(),
            "transactions.csv: the last line does not end; check that the file is whole, \
             for example with `--expect rows=N`",
        ),
        (
            format!("{HEADER}{ROW}\n\n"),
            "transactions.csv:3: empty lines at the end; remove them",
        ),
        (
            open.replace("transaction_id", "Transaction ID"),
            "transactions.csv:1:1: the column `Transaction ID` is read as \
             `transaction_id`; write `transaction_id`",
        ),
        (
            "project_id,transaction_id,kind,date,amount,currency\n\
             00112233,X1,disbursement,2024-01-05,1000.00,USD\n"
                .to_owned(),
            "transactions.csv:1: the columns stand in another order than in \
             `transactions`; nothing need be done: they are read by name",
        ),
    ] {
        let (rows, warnings) = transactions(&text);
        assert_eq!(rows, plain, "{text:?}");
        assert_eq!(warnings.join("\n"), warning, "{text:?}");
    }
}

/// Ids and texts that other programs take for paths, numbers, formulas or nothing.
#[test]
fn ids_and_texts_stay_as_they_are() {
    let ids = [
        "PBF/SLE/A-12",
        "../../etc",
        "CON",
        "a\\b",
        "00012",
        "1E5",
        "TRUE",
        "NULL",
        "=1+1",
        "Проект-1",
        "Ministère",
    ];
    let texts =
        ["=cmd|'/c calc'!A1", "@SUM(A1)", "+1+1", "-1", "Cafe\u{301}", "two\nlines"];
    let rows: String = ids
        .iter()
        .map(|id| format!("{id},00112233,disbursement,2024-01-05,1.00,USD,\n"))
        .chain(texts.iter().enumerate().map(|(n, text)| {
            format!("X{n},00112233,disbursement,2024-01-05,1.00,USD,\"{text}\"\n")
        }))
        .collect();
    let header = HEADER.replace("currency", "currency,description");
    let (rows, warnings) = transactions(&format!("{header}{rows}"));
    let field = |row: &String, n: usize| row.split('|').nth(n).unwrap_or("").to_owned();
    let kept: Vec<String> =
        rows.iter().take(ids.len()).map(|row| field(row, 0)).collect();
    assert_eq!(kept, ids);
    assert!(rows[ids.len()].ends_with("|=cmd|'/c calc'!A1"), "{}", rows[ids.len()]);
    let described: Vec<String> =
        rows.iter().skip(ids.len() + 1).map(|row| field(row, 15)).collect();
    // The two characters of `é` are one letter.
    assert_eq!(described, ["@SUM(A1)", "+1+1", "-1", "Café", "two\nlines"]);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn marks_that_nobody_sees_are_told_in_texts() {
    let header = HEADER.replace("currency", "currency,description");
    let row = ROW.replace("USD", "USD,pol\u{202e}ice");
    let (rows, warnings) = transactions(&format!("{header}{row}"));
    assert_eq!(rows.len(), 1);
    assert_eq!(
        warnings,
        [
            "transactions.csv:2:49: HIDDEN_CHARACTERS: `pol\\u{202e}ice` has characters that \
          cannot be seen; retype the text; reports show them escaped"
        ]
    );
}

#[test]
fn a_line_break_in_quotes_forges_no_row() {
    let header = HEADER.replace("currency", "currency,description");
    let row = ROW
        .replace("USD", "USD,\"first\nX2,00112233,disbursement,2024-01-05,9.00,USD,\"");
    let (rows, _) = transactions(&format!("{header}{row}"));
    assert_eq!(rows.len(), 1, "{rows:?}");
}

#[test]
fn payments_above_the_grant_are_told() {
    let text = format!("{HEADER}{}", ROW.replace("1000.00", "999999999.00"));
    let (_, warnings) = transactions(&text);
    assert_eq!(warnings.len(), 1);
    let began = "transactions.csv:2:37: GRANT_EXCEEDED: the disbursements of project \
                 `00112233` total ";
    assert!(warnings[0].starts_with(began), "{}", warnings[0]);
}

#[test]
fn other_encodings_load_once_they_are_declared() {
    let text =
        "report_id,project_id,kind,due_on\nR-9,00112233,r\u{e9}vision,2024-11-15\n";
    let latin: Vec<u8> =
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide = |mark: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(order).collect()
    };
    for (bytes, name) in [
        (latin.clone(), "windows-1252"),
        (latin, "latin-1"),
        (wide("\u{feff}", u16::to_le_bytes), "utf-16"),
        (wide("\u{feff}", u16::to_be_bytes), "utf-16"),
        (wide("", u16::to_le_bytes), "utf-16le"),
        (text.as_bytes().to_vec(), "utf-8"),
    ] {
        let case = Case { encoding: Some(name.to_owned()), ..Case::on_base() };
        let (rows, warnings) = loaded(&case, "reports.csv", &bytes);
        assert_eq!(rows, ["R-9|00112233|r\u{e9}vision|2024-11-15"], "{name}");
        let note = format!(
            "reports.csv:2:15: read as `{name}`: 1 letter beyond ASCII, the first is \
             `\u{e9}`; check that it is the letter meant"
        );
        let expected = if name == "utf-8" { String::new() } else { note };
        assert_eq!(warnings.join("\n"), expected, "{name}");
    }
}

#[test]
fn xml_in_utf_16_is_read_as_what_it_says() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<iati-activities \
                version=\"2.03\"><iati-activity default-currency=\"USD\">\
                <iati-identifier>XM-1-A</iati-identifier><title><narrative>\
                r\u{e9}vision</narrative></title></iati-activity></iati-activities>";
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        for mark in ["\u{feff}", ""] {
            let wide: Vec<u8> =
                format!("{mark}{text}").encode_utf16().flat_map(order).collect();
            let (_folder, path) = file("activities.xml", wide);
            let (_place, workspace) = Case::on_base().workspace(&[]);
            let (loaded, _) = Case::on_base().check(&workspace, "case", &[path]).unwrap();
            let projects =
                loaded.tables.iter().find(|rows| rows.table.name == "projects");
            let projects = projects.unwrap();
            let titles: Vec<_> = projects
                .rows
                .iter()
                .filter_map(|row| row.text(projects.table, "title"))
                .collect();
            assert_eq!(titles, ["r\u{e9}vision"]);
            assert_eq!(loaded.warnings, []);
        }
    }
}

#[test]
fn delimiters_are_taken_once_they_are_declared() {
    for delimiter in [";", "\t", "|"] {
        let case = Case { delimiter: Some(delimiter.to_owned()), ..Case::on_base() };
        let text = format!("{HEADER}{ROW}").replace(',', delimiter);
        let (rows, _) = loaded(&case, "transactions.csv", text.as_bytes());
        assert_eq!(rows, ["X1|00112233|disbursement|2024-01-05|1000.00|USD"]);
    }
    let text = format!("{HEADER}{ROW}").replace(',', "\t");
    let (rows, _) = loaded(&Case::on_base(), "transactions.tsv", text.as_bytes());
    assert_eq!(rows.len(), 1);
}

/// A gzip file of one member for each part.
pub(super) fn gz(parts: &[&[u8]]) -> Vec<u8> {
    let member = |part: &&[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(part).unwrap();
        encoder.finish().unwrap()
    };
    parts.iter().flat_map(member).collect()
}

#[test]
fn compressed_files_are_read_by_their_inner_name() {
    let case = Case::on_base();
    let plain = "X1|00112233|disbursement|2024-01-05|1000.00|USD";
    let whole = gz(&[HEADER.as_bytes(), ROW.as_bytes()]);
    assert_eq!(loaded(&case, "transactions.csv.gz", &whole).0, [plain]);
    assert_eq!(loaded(&case, "transactions.CSV.GZ", &whole).0, [plain]);
    let json = gz(&[
        br#"[{"project_id":"00112233","tranche":3,"recipient":"UNDP","amount":"1"}]"#,
    ]);
    let (rows, _) = loaded(&case, "tranches.json.gz", &json);
    assert_eq!(rows, ["00112233|3|UNDP||1.00"]);
    let xml =
        b"<iati-activities version=\"2.03\"><iati-activity default-currency=\"USD\">\
        <iati-identifier>XM-1-A</iati-identifier><title><narrative>T</narrative></title>\
        </iati-activity></iati-activities>";
    assert_eq!(loaded(&case, "activities.xml.gz", &gz(&[xml])).0.len(), 1);
}

/// Numbers of JSON keep every digit; amounts may be texts, as our own output writes them.
#[test]
fn json_is_exact() {
    let row = |amount: &str, tranche: u32| {
        format!(
            "{{\"project_id\": \"00112233\", \"tranche\": {tranche}, \"recipient\": \
             \"UNDP\", \"amount\": {amount}}}"
        )
    };
    let case = Case::on_base();
    let amounts = ["9007199254740993.00", "\"10.00\"", "0.1", "-0.00"];
    let rows: Vec<String> =
        amounts.iter().zip(3..).map(|(amount, tranche)| row(amount, tranche)).collect();
    let expected = ["9007199254740993.00", "10.00", "0.10", "0.00"];
    let array = format!("\u{feff}[{}]", rows.join(",\n"));
    let lines = rows.join("\n") + "\n";
    for (name, text) in [("tranches.json", array), ("tranches.ndjson", lines)] {
        let (rows, warnings) = loaded(&case, name, text.as_bytes());
        let found: Vec<&str> =
            rows.iter().map(|row| row.rsplit('|').next().unwrap()).collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(warnings.len(), 1, "{name}: {warnings:?}");
    }
}

#[test]
fn shares_that_were_rounded_are_told() {
    let case = Case::on_base();
    let text = "owner_kind,owner_id,vocabulary,code,share_bps\n\
                project,00112233,1,15210,3333\nproject,00112233,1,15220,3333\n\
                project,00112233,1,15230,3333\nproject,00112233,2,152,10000\n";
    let (rows, warnings) = loaded(&case, "sectors.csv", text.as_bytes());
    assert_eq!(rows.len(), 4);
    assert_eq!(
        warnings,
        [
            "sectors.csv:2:26: sector shares of project `00112233` in vocabulary `1` total \
          9999, not 10000 (rule 2.1.2); round the shares so that they total the whole"
        ]
    );
    let text = "project_id,country,share_bps\n00112233,LBR,5001\n00112233,SLE,5000\n";
    assert_eq!(loaded(&case, "project_countries.csv", text.as_bytes()).1.len(), 1);
}

/// What IATI allows and readers often trip over.
#[test]
fn xml_in_its_odder_forms() {
    let activity = |inside: &str| {
        format!(
            "<iati-activities version=\"2.03\"><iati-activity default-currency=\"USD\">\
             <iati-identifier>XM-1-A</iati-identifier><title><narrative>T</narrative>\
             </title>{inside}</iati-activity></iati-activities>"
        )
    };
    let transaction = |value: &str| {
        activity(&format!(
            "<transaction><transaction-type code=\"3\"/><transaction-date \
             iso-date=\"2024-01-05\"/><value value-date=\"2024-01-05\">{value}</value>\
             </transaction>"
        ))
    };
    let case = Case::on_base();
    let tally = |text: &str| {
        let (_folder, path) = file("activities.xml", text);
        let (_place, workspace) = case.workspace(&[]);
        let (loaded, _) = case.check(&workspace, "case", &[path]).unwrap();
        let sums: Vec<String> = loaded
            .tally
            .entries()
            .map(|(.., count, sum)| format!("{count} {sum}"))
            .collect();
        (sums.join(" "), loaded.warnings.len())
    };
    assert_eq!(tally(&transaction("1000.00")), ("1 1000.00".to_owned(), 0));
    assert_eq!(tally(&transaction("<![CDATA[1000.00]]>")), ("1 1000.00".to_owned(), 0));
    assert_eq!(tally(&transaction("1<!-- x -->000.00")), ("1 1000.00".to_owned(), 0));
    assert_eq!(tally(&transaction("&#49;000")), ("1 1000.00".to_owned(), 0));
    // A correction (rule: negative values), told.
    assert_eq!(tally(&transaction("-1000.00")), ("1 -1000.00".to_owned(), 1));
    // Without a value date the day of the transaction counts, told.
    let without = transaction("1000.00").replace(" value-date=\"2024-01-05\"", "");
    assert_eq!(tally(&without), ("1 1000.00".to_owned(), 1));
    // Percentages of 99.99 are scaled to the whole, told.
    let sectors = activity(
        "<sector vocabulary=\"1\" code=\"15210\" percentage=\"50\"/>\
         <sector vocabulary=\"1\" code=\"15220\" percentage=\"49.99\"/>",
    );
    assert_eq!(tally(&sectors).1, 1);
    // Includes and instructions to programs are no data.
    let include = "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" \
                   href=\"/etc/hostname\"/><?php system(\"x\") ?>";
    assert_eq!(tally(&activity(include)), (String::new(), 0));
}
