//! REP1, SSR composition: amounts by class, shares on the programme base, bounds.

use serde::Serialize;

use crate::domain::apportion::whole_percents;
use crate::domain::{Bps, Class, Money, Ratio};
use crate::error::Result;

use super::Wanted;
use super::amounts::{Amounts, ClassAmounts, FundTotal};

/// One row of the report (`design.md` §8). Money is text, shares are basis points of
/// hardware, training and sector-wide together; the bounds count mixed and unclassified
/// money as no hardware at all and as nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What the row stands for.
    pub group: String,
    /// Which amounts.
    pub basis: &'static str,
    /// Amount of class hardware.
    pub hardware: Money,
    /// Amount of class training.
    pub training: Money,
    /// Amount of class sector_wide.
    pub sector_wide: Money,
    /// Amount of class support.
    pub support: Money,
    /// Amount of class out_of_scope.
    pub out_of_scope: Money,
    /// Amount of class mixed.
    pub mixed: Money,
    /// Amount of class unclassified.
    pub unclassified: Money,
    /// The sum of all classes.
    pub total: Money,
    /// Share of the total that is certified.
    pub certified_bps: Option<Bps>,
    /// Hardware share.
    pub hardware_bps: Option<Bps>,
    /// Training share.
    pub training_bps: Option<Bps>,
    /// Sector-wide share.
    pub sector_wide_bps: Option<Bps>,
    /// Hardware in whole percent, by largest remainder.
    pub hardware_pct: Option<i64>,
    /// Training in whole percent.
    pub training_pct: Option<i64>,
    /// Sector-wide in whole percent.
    pub sector_wide_pct: Option<i64>,
    /// Least hardware share.
    pub hardware_bps_min: Option<Bps>,
    /// Greatest hardware share.
    pub hardware_bps_max: Option<Bps>,
    /// Share of the fund's total.
    pub ssr_share_of_fund_bps: Option<Bps>,
    /// What a reader must know of this row.
    pub flags: Vec<&'static str>,
}

/// Returns one row per group.
///
/// # Errors
/// An amount exceeds 128 bits.
pub fn rows(
    amounts: &Amounts,
    fund: Option<&FundTotal>,
    wanted: &Wanted,
) -> Result<Vec<Row>> {
    amounts.groups.iter().map(|(group, sums)| row(group, sums, fund, wanted)).collect()
}

fn bps(part: Money, whole: Money) -> Option<Bps> {
    Ratio::new(part.cents(), whole.cents())?.bps_half_up()
}

fn row(
    group: &str,
    sums: &ClassAmounts,
    fund: Option<&FundTotal>,
    wanted: &Wanted,
) -> Result<Row> {
    let of = |class| sums.of(class);
    let [hardware, training, sector_wide] =
        [of(Class::Hardware), of(Class::Training), of(Class::SectorWide)];
    let programme = Money::sum([hardware, training, sector_wide])?;
    let doubtful = of(Class::Mixed).plus(of(Class::Unclassified))?;
    let total = sums.total()?;
    let negative = sums.has_negative();
    let share = |part, whole| if negative { None } else { bps(part, whole) };
    let percents = if negative {
        None
    } else {
        whole_percents(&[hardware.cents(), training.cents(), sector_wide.cents()])
    };
    let percent = |place: usize| percents.as_ref().and_then(|p| p.get(place).copied());
    let with_doubt = programme.plus(doubtful)?;
    let in_scope = total.minus(of(Class::OutOfScope))?;
    let mut flags = Vec::new();
    if sums.is_assumed() {
        flags.push("ASSUMED");
    }
    if fund.is_some_and(|fund| !wanted.basis.fits(&fund.basis)) {
        flags.push("BASIS_MISMATCH");
    }
    if negative {
        flags.push("NEGATIVE_CLASS");
    }
    if sector_wide == Money::ZERO && hardware > Money::ZERO {
        flags.push("NO_GOVERNANCE");
    }
    Ok(Row {
        group: group.to_owned(),
        basis: wanted.basis.word(),
        hardware,
        training,
        sector_wide,
        support: of(Class::Support),
        out_of_scope: of(Class::OutOfScope),
        mixed: of(Class::Mixed),
        unclassified: of(Class::Unclassified),
        total,
        certified_bps: share(sums.certified, total),
        hardware_bps: share(hardware, programme),
        training_bps: share(training, programme),
        sector_wide_bps: share(sector_wide, programme),
        hardware_pct: percent(0),
        training_pct: percent(1),
        sector_wide_pct: percent(2),
        hardware_bps_min: share(hardware, with_doubt),
        hardware_bps_max: share(hardware.plus(doubtful)?, with_doubt),
        ssr_share_of_fund_bps: fund.and_then(|fund| bps(in_scope, fund.amount)),
        flags,
    })
}
