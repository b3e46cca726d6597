//! The SQL engine: Arrow tables in one DataFusion session, opened read-only.
//!
//! [`session`] runs statements and is the only place that talks to DataFusion's planner;
//! [`library`] finds the SQL and rule files of `queries/`; [`ledger`] derives the tables
//! that need money split or periods compared (which SQL cannot do exactly); [`levels`]
//! says whose money another activity tells as well; [`tables`] registers a workspace's
//! snapshot; [`rates`] converts to US dollars; [`statements`] splits and bounds SQL text;
//! [`profile`] says how a session plans.

mod explain;
pub mod ledger;
pub mod levels;
pub mod library;
pub mod profile;
pub mod rates;
pub mod session;
mod shared;
pub mod statements;
pub mod tables;

pub use library::Library;
pub use session::{Answer, Engine, Params, Profile, Space, Value};
