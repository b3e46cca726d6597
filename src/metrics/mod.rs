//! Named numbers with bounds and evidence, each one SQL file under `queries/metrics`.
//!
//! [`mod@file`] reads a metric's header and statements, [`mod@measure`] runs them in one pass over
//! all requests and returns [`facts`], [`plan`] gathers what a tranche is planned to pay.
//! [`mod@column`] reads numbers of any exact type out of an answer;
//! [`lint`] says what in the SQL could make a number wrong without anybody seeing it.
//!
//! The planner keeps the order that the SQL is written in, and a statement runs over a whole
//! portfolio. So the few rows of a `CROSS JOIN` stand first (each row of the first side makes
//! a batch of its own); a list that is sorted where it is read has no `ORDER BY` inside
//! `STRING_AGG`, and the newest row is found by `MAX(…) OVER`, not by `ROW_NUMBER` (both
//! make state, or a batch, for each group).

pub mod column;
pub mod facts;
pub mod file;
pub mod lint;
pub mod measure;
pub mod plan;

pub use facts::{Fact, Facts, Item, Plan, PlannedShare, RecipientRequest};
pub use file::Metric;
pub use measure::{ask, measure, measure_all};
