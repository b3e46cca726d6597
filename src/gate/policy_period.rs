//! A period of a parameter in a policy file, and what a share may be.

use serde::Deserialize;

/// All of something, in basis points.
const WHOLE: i64 = 10_000;

/// A period of a parameter, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPeriod {
    from: toml::value::Datetime,
    bps: Option<toml::Value>,
    #[serde(default)]
    above_whole: bool,
    days: Option<i64>,
    months: Option<i64>,
    cents: Option<i64>,
    count: Option<i64>,
    year: Option<i64>,
    reference: String,
    verified: bool,
}

/// A period of a parameter, with a share that is one.
#[derive(Deserialize)]
#[serde(try_from = "WrittenPeriod")]
pub(super) struct RawPeriod {
    pub(super) from: toml::value::Datetime,
    pub(super) bps: Option<i64>,
    pub(super) days: Option<i64>,
    pub(super) months: Option<i64>,
    pub(super) cents: Option<i64>,
    pub(super) count: Option<i64>,
    pub(super) year: Option<i64>,
    pub(super) reference: String,
    pub(super) verified: bool,
}

impl TryFrom<WrittenPeriod> for RawPeriod {
    type Error = String;

    /// A share is a whole number of basis points, and above the whole only where that is
    /// said: `bps = 75000` for 75% is a slip that would hold every tranche for ever.
    fn try_from(written: WrittenPeriod) -> Result<Self, String> {
        let bps = match written.bps {
            None => None,
            Some(toml::Value::Integer(bps)) if bps > WHOLE && !written.above_whole => {
                return Err(format!(
                    "`bps = {bps}` is more than the whole, which is {WHOLE}; write 7500 \
                     for 75%, or add `above_whole = true` if it is no share of a whole"
                ));
            }
            Some(toml::Value::Integer(bps)) => Some(bps),
            Some(other) => {
                return Err(format!(
                    "`bps = {other}` is no whole number of basis points; write 7500 for 75%"
                ));
            }
        };
        let WrittenPeriod { from, days, months, cents, count, year, .. } = written;
        let WrittenPeriod { reference, verified, .. } = written;
        Ok(Self { from, bps, days, months, cents, count, year, reference, verified })
    }
}
