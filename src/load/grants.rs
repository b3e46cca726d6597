//! Payments beside the grant that they are paid from.

use std::collections::{BTreeMap, HashMap};

use crate::domain::Money;
use crate::error::{Problem, visible};
use crate::tables::Cell;

use super::rows::{Everything, Told};

/// What a project is granted and paid, in cents of its own currency.
#[derive(Default)]
struct Grant<'a, 'r> {
    currency: Option<&'r str>,
    granted: i128,
    paid: i128,
    /// The last payment of this load.
    last: Option<&'r Told<'a>>,
}

/// One warning for each project of this load whose payments, net of refunds, are above
/// all its planned instalments. The gate refuses such a payment; a load only tells it.
#[must_use]
pub fn warnings(all: &Everything<'_>) -> Vec<Problem> {
    let currencies = all.index("projects", "project_id");
    let mut grants: HashMap<&str, Grant<'_, '_>> = HashMap::new();
    for told in all.of("tranches") {
        let Some(project) = told.text("project_id") else { continue };
        let grant = grants.entry(project).or_default();
        grant.currency = currencies.get(project).and_then(|told| told.text("currency"));
        grant.granted = grant.granted.saturating_add(cents(told));
    }
    for told in all.of("transactions") {
        let project = told.text("project_id");
        let Some(grant) = project.and_then(|id| grants.get_mut(id)) else { continue };
        let is_payment = told.text("kind") == Some("disbursement")
            && told.text("currency") == grant.currency;
        if is_payment {
            grant.paid = grant.paid.saturating_add(cents(told));
            grant.last = told.is_new().then_some(told).or(grant.last);
        }
    }
    let sorted: BTreeMap<&str, Grant<'_, '_>> = grants.into_iter().collect();
    sorted.into_iter().filter_map(|(project, grant)| exceeded(project, &grant)).collect()
}

fn exceeded(project: &str, grant: &Grant<'_, '_>) -> Option<Problem> {
    let told = grant.last.filter(|_| grant.paid > grant.granted)?;
    let what = format!(
        "GRANT_EXCEEDED: the disbursements of project `{}` total {}, its planned \
         instalments {}",
        visible(project),
        Money::from_cents(grant.paid),
        Money::from_cents(grant.granted),
    );
    let column = told.row.column_of(told.rows.table, "amount");
    let fix = "check the amounts, or load the revised `tranches`";
    Some(Problem::at(&told.rows.file, told.row.row, column, what, fix))
}

fn cents(told: &Told<'_>) -> i128 {
    match told.row.cell(told.rows.table, "amount") {
        Cell::Money(amount) => amount.cents(),
        _ => 0,
    }
}
