//! The words of the field as types: money, ratios, dates, classes, evidence, verdicts.
//!
//! Nothing here reads a file, a clock or a table; neither arrow nor the SQL engine is
//! named. Read the files in this order: [`money`], [`ratio`], [`mod@apportion`], [`time`],
//! [`ids`], [`codes`], [`class`], [`dated`], [`exchange`], [`evidence`], [`verdict`].

pub mod apportion;
pub mod class;
pub mod codes;
pub mod dated;
pub mod evidence;
pub mod exchange;
pub mod ids;
pub mod money;
pub mod ratio;
pub mod time;
pub mod verdict;

pub use apportion::apportion;
pub use class::{Beneficiary, Class, GateTreatment};
pub use money::Money;
pub use ratio::{Bounds, Bps, Ratio};
pub use time::{AsOf, KnownAt};
