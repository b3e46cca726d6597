//! Amounts of a release: per recipient, half up, and what is held is the rest.
//!
//! Source: D§9.3 with `contract.md` Q63 to Q67. Project figures are sums of recipients,
//! so that no cent is lost or made between them.

use crate::domain::apportion::apportion;
use crate::domain::{Bps, Money};
use crate::metrics::facts::{Plan, PlannedShare, RecipientRequest};

use super::outcome::{ByClass, RecipientAmounts};

/// Requested, payable and held, by recipient and by class.
#[derive(Debug, Clone)]
pub(super) struct Amounts {
    pub(super) recipients: Vec<RecipientAmounts>,
    pub(super) by_class: ByClass,
    pub(super) requested: Money,
    pub(super) payable: Money,
    pub(super) held: Money,
    /// What is paid of each planned share, in the plan's order.
    pub(super) shares: Vec<Money>,
}

/// The sum of amounts. Amounts come from tables of 18 digits, so that it cannot reach
/// the bound of 128 bits; if it ever did, it would stay there instead of wrapping.
pub(super) fn total(amounts: impl IntoIterator<Item = Money>) -> Money {
    let cents =
        amounts.into_iter().fold(0_i128, |sum, money| sum.saturating_add(money.cents()));
    Money::from_cents(cents)
}

/// `a` less `b`, at the bound where it would lie beyond it.
pub(super) fn minus(a: Money, b: Money) -> Money {
    Money::from_cents(a.cents().saturating_sub(b.cents()))
}

/// Nothing is paid.
pub(super) fn held_all(plan: &Plan) -> Amounts {
    let payments = plan.recipients.iter().map(|who| (who, Payment::default())).collect();
    summed(plan, payments)
}

/// Pays what is released of each share, with its part of support and indirect cost (at
/// most `indirect` of the rest). Nothing where a number exceeds 128 bits.
pub(super) fn paid(plan: &Plan, released: &[Money], indirect: Bps) -> Option<Amounts> {
    let mut payments = Vec::with_capacity(plan.recipients.len());
    for who in &plan.recipients {
        payments.push((who, payment(plan, released, indirect, who)?));
    }
    Some(summed(plan, payments))
}

/// What one recipient is paid, by class.
#[derive(Debug, Clone, Default)]
struct Payment {
    payable: Money,
    by_class: ByClass,
    /// What is paid of the recipient's shares, by their places in the plan.
    shares: Vec<(usize, Money)>,
}

fn payment(
    plan: &Plan,
    released: &[Money],
    indirect: Bps,
    who: &RecipientRequest,
) -> Option<Payment> {
    let (places, own): (Vec<usize>, Vec<(&PlannedShare, Money)>) = plan
        .shares
        .iter()
        .zip(released.iter().copied())
        .enumerate()
        .filter(|(_, (share, _))| share.recipient == who.recipient)
        .unzip();
    let lines = Money::sum(own.iter().map(|(share, _)| share.amount)).ok()?;
    let residue = who.planned.checked_sub(lines)?;
    let mut by_class = ByClass::default();
    for (share, money) in &own {
        let sum = &mut by_class.class_mut(share.class).payable;
        *sum = sum.checked_add(*money)?;
    }
    if own.iter().all(|(share, money)| *money == share.amount) {
        by_class.indirect.payable = minus(who.requested, lines);
        let paid = own.iter().map(|(_, money)| *money);
        let shares = places.into_iter().zip(paid).collect();
        return Some(Payment { payable: who.requested, by_class, shares });
    }
    let direct = |(share, _): &&(&PlannedShare, Money)| share.class.is_direct();
    let planned =
        Money::sum(own.iter().filter(direct).map(|(share, _)| share.amount)).ok()?;
    let paid = Money::sum(own.iter().filter(direct).map(|(_, money)| *money)).ok()?;
    // Support follows direct cost; a recipient without direct cost keeps what is left.
    let open = by_class.support.payable;
    let support = if planned > Money::ZERO {
        open.times(paid.cents(), planned.cents()).ok()?
    } else {
        open
    };
    let base = paid.checked_add(support)?;
    let share = base.times(i128::from(indirect.0), i128::from(Bps::WHOLE.0)).ok()?;
    let indirect = share.clamp_to(residue);
    by_class.support.payable = support;
    by_class.indirect.payable = indirect;
    let shares = places.into_iter().zip(by_share(&own, support)?).collect();
    Some(Payment { payable: base.checked_add(indirect)?, by_class, shares })
}

/// What is paid of each share: direct cost as released, support in proportion to it by
/// largest remainder.
fn by_share(own: &[(&PlannedShare, Money)], support: Money) -> Option<Vec<Money>> {
    let weights: Vec<i128> = own
        .iter()
        .map(|(share, money)| if share.class.is_direct() { 0 } else { money.cents() })
        .collect();
    let parts = if support == Money::ZERO {
        vec![Money::ZERO; own.len()]
    } else {
        apportion(support, &weights).ok()?
    };
    let paid =
        own.iter().zip(parts).map(
            |((share, money), part)| {
                if share.class.is_direct() { *money } else { part }
            },
        );
    Some(paid.collect())
}

/// Adds up recipients and classes. Indirect cost asked for is the request less its
/// lines, so that the classes always sum to the request.
fn summed(plan: &Plan, payments: Vec<(&RecipientRequest, Payment)>) -> Amounts {
    let requested = total(plan.recipients.iter().map(|who| who.requested));
    let payable = total(payments.iter().map(|(_, payment)| payment.payable));
    let mut by_class = ByClass::default();
    for share in &plan.shares {
        let sum = &mut by_class.class_mut(share.class).requested;
        *sum = total([*sum, share.amount]);
    }
    let lines = total(plan.shares.iter().map(|share| share.amount));
    by_class.indirect.requested = minus(requested, lines);
    for (_, payment) in &payments {
        add_payable(&mut by_class, &payment.by_class);
    }
    let mut shares = vec![Money::ZERO; plan.shares.len()];
    for (place, money) in payments.iter().flat_map(|(_, payment)| &payment.shares) {
        if let Some(share) = shares.get_mut(*place) {
            *share = *money;
        }
    }
    let recipients = payments
        .into_iter()
        .map(|(who, payment)| RecipientAmounts {
            recipient: who.recipient.clone(),
            requested: who.requested,
            payable: payment.payable,
            held: minus(who.requested, payment.payable),
        })
        .collect();
    let held = minus(requested, payable);
    Amounts { recipients, by_class, requested, payable, held, shares }
}

fn add_payable(to: &mut ByClass, from: &ByClass) {
    let pairs = [
        (&mut to.hardware, &from.hardware),
        (&mut to.training, &from.training),
        (&mut to.sector_wide, &from.sector_wide),
        (&mut to.mixed, &from.mixed),
        (&mut to.unclassified, &from.unclassified),
        (&mut to.out_of_scope, &from.out_of_scope),
        (&mut to.support, &from.support),
        (&mut to.indirect, &from.indirect),
    ];
    for (sum, part) in pairs {
        sum.payable = total([sum.payable, part.payable]);
    }
}
