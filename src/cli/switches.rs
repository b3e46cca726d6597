//! The switches of the policy, as they are told below what depends on them.

use crate::domain::AsOf;
use crate::domain::time::spoken;
use crate::gate::Policy;
use crate::gate::switches::{self, Stamp, Stamps};

/// Some switches of a policy as they stand on a day, and what was set for this run.
pub(super) fn told(policy: &Policy, as_of: AsOf, names: &[&str]) -> Stamps {
    let mut stamps = policy.stamps(as_of);
    stamps.retain(|name, _| names.contains(&name.as_str()));
    stamps
}

/// The same as a sentence.
pub(super) fn sentence(policy: &Policy, stamps: &Stamps) -> String {
    let all: Vec<String> = stamps.iter().map(|(name, stamp)| one(name, stamp)).collect();
    format!("Switches of policy {} {}: {}.", policy.id, policy.version, all.join("; "))
}

fn one(name: &str, stamp: &Stamp) -> String {
    let (name, value) = switches::spoken(name, stamp);
    if stamp.set_by == "param" {
        return format!("{name} {value}, set with --param for this run");
    }
    let mark = if stamp.verified { "" } else { ", unverified default" };
    format!("{name} {value} from {}{mark}", spoken(stamp.from))
}
