//! A policy on a day, or for one run: its switches and numbers as they stand, and as a
//! caller sets them.

use crate::domain::AsOf;
use crate::domain::dated::{Dated, History};
use crate::error::{Error, Result, did_you_mean};

use super::policy::{ParamValue, Parameter, Policy, SoftwareScope};
use super::switches::{SET_FOR_THIS_RUN, Stamp, Stamps, first_day, set_by};

/// The switches, in the order of their names.
const NAMED: [&str; 5] = [
    "absorb_support",
    "exempt_safety",
    "gate_doubtful",
    "software_scope",
    "strict_nature",
];

/// The number below which a class counts as not known (Q39).
const LOW_CONFIDENCE: &str = "low_confidence_bps";

impl Policy {
    /// The policy with its switches as they stand on a day.
    #[must_use]
    pub fn on(self, as_of: AsOf) -> Self {
        let value = |name: &str| Some(&self.switches.on(name, as_of)?.value.value);
        let values = NAMED.map(|name| value(name).cloned());
        self.switched(values)
    }

    /// The policy with its switches as they were told last.
    pub(super) fn with_newest(self) -> Self {
        let values = NAMED.map(|name| self.switches.newest(name).cloned());
        self.switched(values)
    }

    fn switched(mut self, values: [Option<ParamValue>; 5]) -> Self {
        let is_on = |value: &Option<ParamValue>| *value == Some(ParamValue::Flag(true));
        let [absorb, safety, doubtful, scope, strict] = values;
        self.absorb_support = is_on(&absorb);
        self.exempt_safety = is_on(&safety);
        self.gate_doubtful = is_on(&doubtful);
        self.strict_nature = is_on(&strict);
        if let Some(ParamValue::Text(word)) = scope
            && let Some(scope) = SoftwareScope::parse(&word)
        {
            self.software_scope = scope;
        }
        self
    }

    /// Whether [`Policy::set`] knows a parameter of that name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        let asked = name.to_ascii_lowercase();
        NAMED.contains(&asked.as_str())
            || self.rules.iter().any(|rule| rule.parameters.contains_key(&asked))
    }

    /// Sets a switch or a number for one run, whatever the day; the name in any case.
    ///
    /// # Errors
    /// There is no such parameter, or it cannot have that value.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let asked = name.to_ascii_lowercase();
        let refused = |fix: String| {
            Error::usage(format!("`--param {name}={text}` cannot be used")).fix(fix)
        };
        if NAMED.contains(&asked.as_str()) {
            self.switches.set(&asked, text).map_err(refused)?;
            *self = self.clone().with_newest();
            return Ok(());
        }
        let mut homes = self.rules.iter_mut().map(|rule| &mut rule.parameters);
        if let Some(home) = homes.find(|parameters| parameters.contains_key(&asked)) {
            let number = text.parse::<i64>().ok().filter(|number| *number >= 0);
            let value = number
                .ok_or_else(|| refused("write a whole number of zero or more".into()))?;
            let dated = first_day().map(|from| Dated {
                from,
                value: Parameter { value, verified: false },
                reference: SET_FOR_THIS_RUN.to_owned(),
            });
            if let Ok(history) = History::new(dated.into_iter().collect()) {
                home.insert(asked, history);
            }
            return Ok(());
        }
        let of_rules = self.rules.iter().flat_map(|rule| rule.parameters.keys());
        let known = of_rules.map(String::as_str).chain(NAMED);
        let fix = did_you_mean(&asked, known, "`ssrfund rules show R01` lists numbers");
        Err(Error::usage(format!("the policy has no parameter `{name}`")).fix(fix))
    }

    /// The switches as they stand on a day, and every number that decides about classes
    /// or that the caller set.
    #[must_use]
    pub fn stamps(&self, as_of: AsOf) -> Stamps {
        let mut stamps = self.switches.stamps(as_of);
        for rule in &self.rules {
            for (name, history) in &rule.parameters {
                let Some(dated) = history.on(as_of.0) else { continue };
                let set_by = set_by(&dated.reference);
                if name == LOW_CONFIDENCE || set_by == "param" {
                    let stamp = Stamp {
                        value: ParamValue::Number(dated.value.value),
                        from: dated.from,
                        reference: dated.reference.clone(),
                        verified: dated.value.verified,
                        set_by,
                    };
                    stamps.insert(name.clone(), stamp);
                }
            }
        }
        stamps
    }
}
