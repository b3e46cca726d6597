//! A policy on a day, or for one run: its switches and numbers as they stand, and as a
//! caller sets them.

use crate::domain::AsOf;
use crate::domain::dated::{Dated, History};
use crate::error::{Error, Result, did_you_mean};

use super::policy::{OverrideLimits, ParamValue, Parameter, Policy, SoftwareScope};
use super::switches::{self, SET_FOR_THIS_RUN, Stamp, Stamps, first_day, set_by};

/// The number below which a class counts as not known (Q39).
const LOW_CONFIDENCE: &str = "low_confidence_bps";

impl Policy {
    /// The policy with its switches as they stand on a day.
    #[must_use]
    pub fn on(self, as_of: AsOf) -> Self {
        let switches = self.switches.clone();
        self.switched(|name| Some(&switches.on(name, as_of)?.value.value))
    }

    /// The policy with its switches as they were told last.
    pub(super) fn with_newest(self) -> Self {
        let switches = self.switches.clone();
        self.switched(|name| switches.newest(name))
    }

    fn switched<'s>(mut self, value: impl Fn(&str) -> Option<&'s ParamValue>) -> Self {
        let is_on = |name: &str| value(name) == Some(&ParamValue::Flag(true));
        let number = |name: &str| match value(name) {
            Some(ParamValue::Number(number)) => Some(*number),
            _ => None,
        };
        self.absorb_support = is_on("absorb_support");
        self.exempt_safety = is_on("exempt_safety");
        self.gate_doubtful = is_on("gate_doubtful");
        self.strict_nature = is_on("strict_nature");
        self.strict = is_on("strict");
        if let Some(ParamValue::Text(word)) = value("software_scope")
            && let Some(scope) = SoftwareScope::parse(word)
        {
            self.software_scope = scope;
        }
        let approvals = number("approvals").and_then(|n| u32::try_from(n).ok());
        self.approvals = approvals.unwrap_or(1);
        self.recorder_may_approve = is_on("recorder_may_approve");
        let usual = OverrideLimits::default();
        let months = number("override_months").and_then(|n| u32::try_from(n).ok());
        let letters = number("override_justification").and_then(|n| n.try_into().ok());
        self.overrides = OverrideLimits {
            months: months.unwrap_or(usual.months),
            justification: letters.unwrap_or(usual.justification),
            risk_marker: number("override_risk_marker").unwrap_or(usual.risk_marker),
        };
        for rule in &mut self.rules {
            rule.take_effect(self.strict);
        }
        self
    }

    /// Whether [`Policy::set`] knows a parameter of that name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        let asked = name.to_ascii_lowercase();
        switches::is_named(&asked)
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
        if switches::is_named(&asked) {
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
        let known: Vec<&str> =
            of_rules.map(String::as_str).chain(switches::names()).collect();
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
