//! The synthetic portfolio: its calibration and one case of each verdict.

use std::collections::BTreeMap;

use ssrfund::decision::assess::parameters;
use ssrfund::domain::AsOf;
use ssrfund::domain::verdict::{Scope, Verdict};
use ssrfund::metrics::column::Column;
use ssrfund::metrics::file::{self, Unit};
use ssrfund::metrics::plan::next_tranches;
use ssrfund::metrics::{Metric, ask};
use ssrfund::report::{self, Basis, GroupBy, Period, Wanted, amounts};
use ssrfund::workspace::Workspace;

use crate::workspaces::{decide, open_to_ask, open_to_decide, policy, portfolio};

#[test]
fn the_composition_is_exact() {
    let (_folder, workspace) = portfolio();
    let (snapshot, engine, library) = open_to_ask(&workspace);
    let wanted = |group_by| Wanted {
        group_by,
        basis: Basis::Expenditure,
        period: Period::always(),
        fund: "PBF".to_owned(),
        currency: None,
        absorb_support: false,
        as_of: AsOf::parse("2026-06-30").unwrap(),
        known_at: snapshot.known_at(),
    };
    let fund = wanted(GroupBy::Fund);
    let sums = amounts::measure(&engine, &library, &fund).unwrap();
    let total = amounts::fund_total(&engine, &fund, "USD").unwrap();
    let rows = report::composition::rows(&sums, total.as_ref(), &fund).unwrap();
    let row = &rows[0];
    assert_eq!(rows.len(), 1);
    assert_eq!(row.hardware.to_string(), "31680000.00");
    assert_eq!(row.training.to_string(), "9240000.00");
    assert_eq!(row.sector_wide.to_string(), "3080000.00");
    assert_eq!(row.total.to_string(), "44000000.00");
    assert_eq!(row.hardware_pct, Some(72));
    assert_eq!(row.training_pct, Some(21));
    assert_eq!(row.sector_wide_pct, Some(7));
    assert_eq!(row.ssr_share_of_fund_bps.unwrap().0, 1930);
    assert!(row.flags.is_empty(), "{:?}", row.flags);
    let ratio = report::governance::rows(&sums, total.as_ref(), &fund).unwrap();
    assert_eq!(ratio[0].hardware_to_governance.as_deref(), Some("10.29"));
    // Every grouping is a partition: its rows sum to the whole.
    for group_by in
        [GroupBy::Country, GroupBy::Year, GroupBy::Recipient, GroupBy::Project]
    {
        let wanted = wanted(group_by);
        let sums = amounts::measure(&engine, &library, &wanted).unwrap();
        let rows = report::composition::rows(&sums, None, &wanted).unwrap();
        let cents: i128 = rows.iter().map(|row| row.total.cents()).sum();
        assert_eq!(cents, 4_400_000_000, "{group_by:?}");
    }
}

#[test]
fn every_verdict_has_its_case() {
    let (_folder, workspace) = portfolio();
    let cases = [
        ("00112233", Verdict::Partial, Some(Scope::SoftwareOnly), "622128.57"),
        ("00112244", Verdict::Release, Some(Scope::Full), "1193050.00"),
        ("00112255", Verdict::Hold, None, "0.00"),
        ("00112266", Verdict::Indeterminate, None, "0.00"),
        ("00112277", Verdict::Partial, Some(Scope::ExcludingLines), "572078.47"),
        ("00112288", Verdict::Partial, Some(Scope::UpToCeiling), "1010112.18"),
        ("00112299", Verdict::Invalid, None, "0.00"),
    ];
    let asked: Vec<(String, i64)> =
        cases.iter().map(|(project, ..)| ((*project).to_owned(), 2)).collect();
    let found = decide(&workspace, &asked, "2024-06-30", None);
    for ((project, verdict, scope, payable), decision) in cases.iter().zip(&found) {
        let open: Vec<String> = decision
            .rules
            .iter()
            .filter(|rule| !matches!(rule.result.word(), "PASS" | "NOT_APPLICABLE"))
            .map(|rule| {
                format!("{} {} {:?}", rule.rule_id, rule.result.word(), rule.codes)
            })
            .collect();
        assert_eq!(
            (decision.verdict, decision.scope, decision.payable.to_string().as_str()),
            (*verdict, *scope, *payable),
            "{project}: {open:?} {:?}",
            decision.warnings
        );
    }
    // The same question alone gives the same object as among others.
    for (request, together) in asked.iter().zip(&found) {
        let alone = decide(&workspace, std::slice::from_ref(request), "2024-06-30", None);
        assert_eq!(
            ssrfund::decision::to_json(&alone[0]).unwrap(),
            ssrfund::decision::to_json(together).unwrap()
        );
    }
}

#[test]
fn the_rows_behind_a_sum_of_money_sum_to_it() {
    let (_folder, workspace) = portfolio();
    // The second day has a balance of the fund, the first has the demonstration projects.
    for day in ["2024-06-30", "2026-11-01"] {
        let metrics = sums_of_evidence(&workspace, day);
        assert!(metrics >= 9, "{day} {metrics}");
    }
}

/// Compares every sum with its rows; how many metrics have such rows.
fn sums_of_evidence(workspace: &Workspace, day: &str) -> usize {
    let (snapshot, engine, library) = open_to_decide(workspace, None);
    let as_of = AsOf::parse(day).unwrap();
    let asked: Vec<(String, i64)> =
        next_tranches(&snapshot, as_of).unwrap().into_iter().collect();
    ask(&engine, &asked).unwrap();
    let policy = policy().policy;
    let params = parameters(&policy, as_of, policy.software_scope);
    let cents = |sql: &str, scale: i8| -> BTreeMap<(String, i128), i128> {
        let used = params
            .iter()
            .filter(|(name, _)| sql.contains(&format!("${name}")))
            .cloned()
            .collect();
        let mut sums = BTreeMap::new();
        for batch in &engine.run(sql, &used).unwrap().batches {
            let column = |name| Column::of(batch, name).unwrap();
            let (project, tranche, amount) =
                (column("project_id"), column("tranche"), column("amount"));
            for row in 0..batch.num_rows() {
                if let Some(cents) = amount.scaled(row, scale).unwrap() {
                    let tranche = tranche.scaled(row, 0).unwrap().unwrap();
                    let key = (project.text(row).unwrap().to_owned(), tranche);
                    *sums.entry(key).or_insert(0) += cents;
                }
            }
        }
        sums
    };
    let mut metrics = 0;
    for name in file::names(&library) {
        let metric = Metric::read(&library, &name).unwrap();
        let (Unit::Cents | Unit::FineCents, Some(evidence)) =
            (metric.unit, &metric.evidence)
        else {
            continue;
        };
        let scale = metric.unit.scale();
        let facts = format!(
            "SELECT project_id, tranche, numerator_low AS amount FROM ({}) AS f",
            metric.facts
        );
        let (numbers, rows) = (cents(&facts, scale), cents(evidence, scale));
        // Where every number is zero there is no row to sum.
        let nothing = numbers.values().all(|sum| *sum == 0);
        assert!(!rows.is_empty() || nothing, "{name} of {day}");
        for (request, sum) in &rows {
            assert_eq!(numbers.get(request), Some(sum), "{name} {request:?}");
        }
        metrics += usize::from(!rows.is_empty());
    }
    metrics
}
