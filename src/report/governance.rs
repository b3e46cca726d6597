//! REP2, hardware against governance: how much hardware stands beside each dollar of it.

use serde::Serialize;

use crate::domain::money::half_up;
use crate::domain::{Class, Money};
use crate::error::Result;

use super::Wanted;
use super::amounts::{Amounts, ClassAmounts, FundTotal};

/// One row of the report (`contract.md` G3). Ratios are decimal text with two places,
/// absent where they are undefined.
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
    /// Hardware divided by sector-wide.
    pub hardware_to_governance: Option<String>,
    /// Hardware divided by training and sector-wide.
    pub hardware_to_software_wide: Option<String>,
    /// Sector-wide for every 100 of hardware.
    pub governance_per_100_hardware: Option<String>,
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

/// `part * times / whole` with two places, half up.
fn ratio(part: Money, times: i128, whole: Money) -> Option<String> {
    let scaled = part.cents().checked_mul(100)?.checked_mul(times)?;
    half_up(scaled, whole.cents())
        .map(|hundredths| Money::from_cents(hundredths).to_string())
}

fn row(
    group: &str,
    sums: &ClassAmounts,
    fund: Option<&FundTotal>,
    wanted: &Wanted,
) -> Result<Row> {
    let hardware = sums.of(Class::Hardware);
    let training = sums.of(Class::Training);
    let sector_wide = sums.of(Class::SectorWide);
    let negative = sums.has_negative();
    let known = |text: Option<String>| if negative { None } else { text };
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
        hardware_to_governance: known(ratio(hardware, 1, sector_wide)),
        hardware_to_software_wide: known(ratio(hardware, 1, training.plus(sector_wide)?)),
        governance_per_100_hardware: known(ratio(sector_wide, 100, hardware)),
        flags,
    })
}
