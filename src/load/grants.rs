//! Payments beside the grant that they are paid from.

use std::collections::BTreeMap;

use crate::domain::Money;
use crate::error::{Problem, visible};
use crate::tables::Cell;

use super::rows::{Everything, Told};

/// One warning for each project of this load whose payments, net of refunds, are above
/// all its planned instalments. The gate refuses such a payment; a load only tells it.
#[must_use]
pub fn warnings(all: &Everything<'_>) -> Vec<Problem> {
    let currency = all.index("projects", "project_id");
    let mut granted: BTreeMap<&str, i128> = BTreeMap::new();
    for told in all.of("tranches") {
        add(&mut granted, told);
    }
    let mut paid: BTreeMap<&str, i128> = BTreeMap::new();
    let mut last: BTreeMap<&str, &Told<'_>> = BTreeMap::new();
    for told in all.of("transactions") {
        let project = told.text("project_id").and_then(|id| currency.get(id));
        let is_of_grant = project
            .is_some_and(|project| project.text("currency") == told.text("currency"));
        if !is_of_grant || told.text("kind") != Some("disbursement") {
            continue;
        }
        add(&mut paid, told);
        if let (true, Some(project)) = (told.is_new(), told.text("project_id")) {
            last.insert(project, told);
        }
    }
    last.into_iter()
        .filter_map(|(project, told)| {
            let (paid, granted) = (*paid.get(project)?, *granted.get(project)?);
            if paid <= granted {
                return None;
            }
            let what = format!(
                "GRANT_EXCEEDED: the disbursements of project `{}` total {}, its planned \
                 instalments {}",
                visible(project),
                Money::from_cents(paid),
                Money::from_cents(granted),
            );
            let column = told.row.column_of(told.rows.table, "amount");
            let fix = "check the amounts, or load the revised `tranches`";
            Some(Problem::at(&told.rows.file, told.row.row, column, what, fix))
        })
        .collect()
}

fn add<'a>(sums: &mut BTreeMap<&'a str, i128>, told: &'a Told<'_>) {
    let (Some(project), Cell::Money(amount)) =
        (told.text("project_id"), told.row.cell(told.rows.table, "amount"))
    else {
        return;
    };
    let sum = sums.entry(project).or_default();
    *sum = sum.saturating_add(amount.cents());
}
