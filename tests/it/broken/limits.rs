//! Files that are too large, too deep or too wrong to be told in full.

use super::{Case, HEADER, file};

#[test]
fn files_beyond_the_limits_are_refused() {
    let case = Case::on_base();
    let long = "x".repeat((1 << 20) + 1);
    case.refuses(
        "reports.csv",
        format!("report_id,project_id,kind,due_on\nR-9,00112233,{long},2024-11-15\n")
            .as_bytes(),
        "reports.csv:2:14: the field has 1048577 bytes; a field may have 1 MiB; is a quote \
         missing?\nnothing was loaded: 1 problem in 1 file",
    );
    case.refuses(
        "transactions.csv",
        format!("{}amount\n", "amount,".repeat(4_999)).as_bytes(),
        "transactions.csv:1: the file has 5000 columns; a file may have 4096; are the line \
         ends missing?\nnothing was loaded: 1 problem in 1 file",
    );
    case.refuses(
        "activities.xml",
        format!("<iati-activities version=\"2.03\">{}", "<a>".repeat(1_000_000))
            .as_bytes(),
        "activities.xml:1:414: elements are nested deeper than 128 levels; an IATI file \
         needs fewer than ten\nnothing was loaded: 1 problem in 1 file",
    );
}

#[test]
fn objects_and_elements_beyond_the_limits_are_refused() {
    let case = Case::on_base();
    let one = "nothing was loaded: 1 problem in 1 file";
    for levels in [300, 1_000_000] {
        case.refuses(
            "tranches.json",
            format!("[{{\"amount\": {}1]}}]", "[".repeat(levels)).as_bytes(),
            &format!(
                "tranches.json:1:75: nesting is deeper than 64 levels; write each row as \
                 one flat object, `{{\"column\": value}}`\n{one}"
            ),
        );
    }
    let names: String = (0..5_000).map(|n| format!("\"k{n}\":1,")).collect();
    case.refuses(
        "tranches.json",
        format!("[{{{names}\"amount\":1}}]").as_bytes(),
        &format!(
            "tranches.json:1:39862: an object has more than 4096 names; write one object \
             for each row\n{one}"
        ),
    );
    for space in ["", "xmlns:"] {
        let many: String = (0..100_000).map(|n| format!(" {space}a{n}=\"u\"")).collect();
        case.refuses(
            "activities.xml",
            format!("<iati-activities{many}/>").as_bytes(),
            &format!(
                "activities.xml:1:1: an element has over 1000 attributes; an IATI element \
                 has fewer than ten\n{one}"
            ),
        );
    }
    let long = "x".repeat((1 << 20) + 1);
    case.refuses(
        "activities.xml",
        format!("<iati-activities>\n<a>{long}</a>").as_bytes(),
        &format!(
            "activities.xml:2:4: a text is longer than 1 MiB; check what stands in this \
             element\n{one}"
        ),
    );
}

/// A file in another export format would fill screens: a hundred problems are enough.
#[test]
fn a_hundred_problems_are_listed_and_all_are_counted() {
    let rows: String = (0..250)
        .map(|n| format!("X{n},00112233,disbursement,2024-01-05,\"1,000.00\",USD\n"))
        .collect();
    let (_place, path) = file("transactions.csv", format!("{HEADER}{rows}"));
    let told = Case::on_base().refused(&[path], &[]).unwrap();
    assert_eq!(told.lines().count(), 101);
    let last = "nothing was loaded: 250 problems in 1 file (the first 100 are listed)";
    assert_eq!(told.lines().last(), Some(last));
}
