//! What changed between two loads or two instants, in rows, cells and money.

use ssrfund::domain::KnownAt;
use ssrfund::error::Kind;
use ssrfund::workspace::diff::{What, diff};
use ssrfund::workspace::restatement::{Same, between};
use ssrfund::workspace::states::{at_instants, of_loads};
use ssrfund::workspace::{self, LoadRef};

use super::{MONEY, PROJECTS, Place, RATES};

/// Two loads of `hq`, and an append.
fn told_twice() -> (Place, [LoadRef; 3]) {
    let mut place = Place::new();
    let first = [("projects", PROJECTS), ("transactions", MONEY)];
    let first = place.tell("hq", "2024-01-01", &first);
    let changed = MONEY
        .replace(
            "T1,00000001,expenditure,2023-03-01,1000.00",
            "T1,00000001,expenditure,2023-03-01,990.00",
        )
        .replace("T2,", "T2b,")
        .replace("2023-03-01,900.00,EUR", "2023-03-01,905.00,EUR")
        .replace(
            "T4,00000002,disbursement,2023-02-01,5000.00,EUR,,,First tranche,en\n",
            "",
        );
    let second = [("projects", PROJECTS), ("transactions", changed.as_str())];
    let second = place.tell("hq", "2024-02-01", &second);
    let more = "transaction_id,project_id,kind,date,amount,currency\n\
                T9,1,disbursement,2023-05-01,7.00,USD\n";
    let third =
        place.try_tell("hq", "2024-03-01", &[("transactions", more)], true).unwrap();
    (place, [first, second, third])
}

#[test]
fn a_diff_counts_rows_and_money_and_lists_cells() {
    let (place, [first, second, third]) = told_twice();
    let all = workspace::loads(&place.workspace).unwrap();
    let states = of_loads(&all, &first.load_id, &second.load_id, None).unwrap();
    assert_eq!(states.source.as_deref(), Some("hq"));
    let found = diff(&states.before, &states.after, usize::MAX).unwrap();
    let tables: Vec<_> = found
        .tables
        .iter()
        .map(|t| (t.table, t.before, t.after, t.added, t.gone, t.changed))
        .collect();
    assert_eq!(tables, [("projects", 2, 2, 0, 0, 0), ("transactions", 5, 4, 1, 2, 1)]);
    let rows: Vec<(&str, What)> =
        found.tables[1].rows.iter().map(|row| (row.key.as_str(), row.what)).collect();
    assert_eq!(
        rows,
        [
            ("T1", What::Changed),
            ("T2", What::Gone),
            ("T2b", What::Added),
            ("T4", What::Gone)
        ]
    );
    let changed = &found.tables[1].rows[0];
    assert_eq!((changed.file.as_str(), changed.row), ("transactions.csv", 2));
    let cells: Vec<_> = changed
        .cells
        .iter()
        .map(|c| (c.column, c.before.as_deref(), c.after.as_deref()))
        .collect();
    assert_eq!(cells, [("amount", Some("1000.00"), Some("990.00"))]);
    let money: Vec<String> = found
        .money
        .iter()
        .map(|m| {
            let [a, g, f, t] = [m.added, m.gone, m.changed_from, m.changed_to];
            format!(
                "{} {} +{} -{} {}>{} {}",
                m.kind, m.currency, a.sum, g.sum, f.sum, t.sum, m.net
            )
        })
        .collect();
    assert_eq!(
        money,
        [
            "disbursement EUR +0.00 -5000.00 0.00>0.00 -5000.00",
            "expenditure EUR +905.00 -900.00 0.00>0.00 5.00",
            "expenditure USD +0.00 -0.00 1000.00>990.00 -10.00",
        ]
    );
    // An append is part of what its source tells; names may be short.
    let latest = of_loads(&all, "previous", "latest", Some("hq")).unwrap();
    let found = diff(&latest.before, &latest.after, 0).unwrap();
    let transactions = &found.tables[1];
    assert_eq!((transactions.before, transactions.after, transactions.added), (4, 5, 1));
    assert!(transactions.rows.is_empty());
    let hash = third.load_id.rsplit('-').next().unwrap();
    let same = of_loads(&all, hash, "latest", None).unwrap();
    assert!(diff(&same.before, &same.after, 1).unwrap().is_empty());
}

#[test]
fn loads_that_cannot_be_compared() {
    let (mut place, [first, ..]) = told_twice();
    place.tell("rates", "2024-04-01", &[("exchange_rates", RATES)]);
    let all = workspace::loads(&place.workspace).unwrap();
    let says = |a: &str, b: &str, source: Option<&str>| {
        let error = of_loads(&all, a, b, source).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        error.to_string()
    };
    assert!(says("previous", "latest", None).contains("`hq`, `rates`"));
    assert!(says("previous", "latest", Some("rates")).contains("has no previous load"));
    assert!(says("nothing", "latest", None).contains("there is no load `nothing`"));
    assert!(says("2024", "latest", None).contains("`2024` is several loads"));
    assert!(says(&first.load_id, "latest", Some("rates")).contains("is of source `hq`"));
    assert!(says("previous", "latest", Some("rate")).contains("did you mean `rates`?"));
    let early = at_instants(&all, KnownAt::parse("2023-01-01T00:00:00Z"), None, None);
    assert!(early.unwrap_err().to_string().contains("nothing was known"));
}

#[test]
fn restated_amounts_are_listed() {
    let (place, [first, second, _]) = told_twice();
    let all = workspace::loads(&place.workspace).unwrap();
    let states =
        at_instants(&all, Some(first.recorded_at), Some(second.recorded_at), None)
            .unwrap();
    let found = between(&states.before, &states.after).unwrap();
    let told: Vec<String> = found
        .iter()
        .map(|r| {
            let ids: Vec<&str> = r
                .figures_before
                .iter()
                .chain(&r.figures_after)
                .map(|figure| figure.transaction_id.as_str())
                .collect();
            let change = r.change.map(|c| c.to_string()).unwrap_or_default();
            format!("{:?} {} {change}", r.same, ids.join(">"))
        })
        .collect();
    assert_eq!(told, ["Key T1>T1 -10.00", "Period T2>T2b 5.00"]);
    assert_eq!(found[1].grade.as_deref(), Some("certified"));
    assert_eq!(found[1].figures_before[0].load_id, first.load_id);
    assert_eq!(found[1].figures_after[0].load_id, second.load_id);
    assert!(found.iter().all(|r| r.same != Same::Withdrawn));
    // The newest load only adds.
    let newest = at_instants(&all, None, None, None).unwrap();
    assert!(between(&newest.before, &newest.after).unwrap().is_empty());
}
