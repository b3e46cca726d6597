//! IATI activities of several levels: money that two of them tell counts once.

use ssrfund::domain::AsOf;
use ssrfund::report::amounts::{self, Amounts};
use ssrfund::report::told_twice::ToldTwice;
use ssrfund::report::{Basis, GroupBy, Period, Wanted};
use ssrfund::workspace::Workspace;

use crate::workspaces::{fixtures, instant, load, open_to_ask};

fn levels() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
    let file = fixtures("iati/fund-node.xml");
    load(&workspace, "iati", &[file], instant("2024-01-01T00:00:00Z"), false).unwrap();
    (folder, workspace)
}

fn measure(workspace: &Workspace, basis: Basis, as_of: &str) -> Amounts {
    let (snapshot, engine, library) = open_to_ask(workspace);
    let wanted = Wanted {
        group_by: GroupBy::Project,
        basis,
        period: Period::always(),
        fund: "PBF".to_owned(),
        currency: None,
        absorb_support: false,
        as_of: AsOf::parse(as_of).unwrap(),
        known_at: snapshot.known_at(),
    };
    amounts::measure(&engine, &library, &wanted).unwrap()
}

#[test]
fn a_report_counts_one_level_and_says_what_it_leaves_out() {
    let (_folder, workspace) = levels();
    let sums = measure(&workspace, Basis::Transfer, "2024-01-01");
    let groups: Vec<String> = sums
        .groups
        .iter()
        .map(|(group, sums)| format!("{group} {}", sums.total().unwrap()))
        .collect();
    assert_eq!(groups, ["XI-IATI-UNPF-00000001 1000000.00"]);
    let notes: Vec<String> = sums.told_twice.iter().map(ToldTwice::note).collect();
    assert_eq!(
        notes,
        [
            "Left out, because it would count twice (told_above, the activity that passed \
             it on tells it): USD 400,000.00 in 1 transaction of `XM-DAC-41114-7`; the \
             view double_counts lists them.",
            "Left out, because it would count twice (told_below, its parts or the Fund's \
             project tell it): USD 1,000,000.00 in 1 transaction of `XI-IATI-UNPF`; the \
             view double_counts lists them.",
        ]
    );
    // Only what had happened by the as-of is left out of what had.
    let early = measure(&workspace, Basis::Transfer, "2019-04-01");
    assert_eq!(early.told_twice.len(), 1);
    // Expenditure is told on one level only: nothing is left out.
    let spent = measure(&workspace, Basis::Expenditure, "2024-01-01");
    assert_eq!(spent.told_twice, []);
    assert_eq!(spent.groups["XM-DAC-41114-7"].total().unwrap().to_string(), "600000.00");
}
