//! Switches: the choices of a policy that are a word, or yes or no, each dated and sourced.
//!
//! They stand under `[parameters]` of a policy file. A switch holds from its first day
//! until the next entry; together the entries cover all days from [`FIRST_DAY`] on. What
//! a caller sets for one run takes the place of the policy's own value and says so.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Serialize, Serializer};

use crate::domain::dated::{Dated, History};
use crate::domain::time::parse_day;
use crate::domain::{AsOf, Bps};
use crate::error::did_you_mean;

use super::policy::{ParamValue, SoftwareScope};
use super::policy_checks::Faults;

/// The day from which every switch must be told.
const FIRST_DAY: &str = "2000-01-01";

/// What is said of a value that a caller sets for one run.
pub const SET_FOR_THIS_RUN: &str = "set with --param for this run";

/// The switches, whether a policy must tell them, and what they are where it does not.
static NAMES: [(&str, bool, ParamValue); 11] = [
    ("absorb_support", false, ParamValue::Flag(false)),
    ("approvals", false, ParamValue::Number(1)),
    ("exempt_safety", true, ParamValue::Flag(false)),
    ("gate_doubtful", true, ParamValue::Flag(true)),
    ("override_justification", false, ParamValue::Number(20)),
    ("override_months", false, ParamValue::Number(6)),
    ("override_risk_marker", false, ParamValue::Number(2)),
    ("recorder_may_approve", false, ParamValue::Flag(false)),
    ("software_scope", true, ParamValue::Text(String::new())),
    ("strict", false, ParamValue::Flag(false)),
    ("strict_nature", false, ParamValue::Flag(false)),
];

/// The names of the switches, in order.
pub(super) fn names<'n>() -> impl Iterator<Item = &'n str> {
    NAMES.iter().map(|(name, _, _)| *name)
}

/// Whether there is a switch of that name.
pub(super) fn is_named(name: &str) -> bool {
    names().any(|known| known == name)
}

/// What a switch is where a policy does not tell it; its kind is that of its values.
fn usual(name: &str) -> Option<&'static ParamValue> {
    NAMES.iter().find(|(known, _, _)| *known == name).map(|(_, _, usual)| usual)
}

/// A value of a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The value.
    pub value: ParamValue,
    /// Whether a source for it has been read.
    pub verified: bool,
}

/// The switches of a policy, each with its history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches(BTreeMap<String, History<Setting>>);

/// A switch as it stood for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// Its value.
    pub value: ParamValue,
    /// The first day on which it is in force.
    pub from: NaiveDate,
    /// Where it comes from.
    pub reference: String,
    /// Whether a source for it has been read.
    pub verified: bool,
    /// `policy`, or `param` where the caller set it.
    pub set_by: &'static str,
}

/// Switches by name, as they stood for an answer.
pub type Stamps = BTreeMap<String, Stamp>;

/// A switch and its value for people: shares in percent.
#[must_use]
pub fn spoken(name: &str, stamp: &Stamp) -> (String, String) {
    match (&stamp.value, name.strip_suffix("_bps")) {
        (ParamValue::Number(share), Some(name)) => {
            (name.to_owned(), Bps(*share).percent())
        }
        (value, _) => (name.to_owned(), value.to_string()),
    }
}

impl Serialize for ParamValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.pad(text),
            Self::Flag(flag) => f.pad(if *flag { "on" } else { "off" }),
        }
    }
}

impl Switches {
    /// Reads the table `[parameters]` of a policy; what is wrong goes to `faults`.
    pub(super) fn read(raw: &toml::Table, faults: &mut Faults<'_>) -> Self {
        let mut found = BTreeMap::new();
        for (name, value) in raw {
            if !is_named(name) {
                let fix = did_you_mean(name, names(), "the shipped policy lists them");
                faults.add(format!("`{name}` is no switch of a policy"), fix);
                continue;
            }
            let settings: Vec<Dated<Setting>> = match value {
                toml::Value::Array(entries) => {
                    read_entries(name, entries, faults).into_iter().flatten().collect()
                }
                plain => read_plain(name, plain, faults).into_iter().collect(),
            };
            match History::new(settings) {
                Ok(history) if history.all().is_empty() => {}
                Ok(history) => {
                    begins_in_time(name, &history, faults);
                    found.insert(name.clone(), history);
                }
                Err(day) => faults.add(
                    format!("`{name}` is told twice from {day}"),
                    "keep one of the two",
                ),
            }
        }
        for (name, needed, usual) in &NAMES {
            if *needed && !raw.contains_key(*name) {
                let fix =
                    format!("add `[[parameters.{name}]]` as the shipped policy has it");
                faults.add(format!("the policy does not tell `{name}`"), fix);
            } else if !raw.contains_key(*name) {
                let reference = format!("not told by this policy: {usual}");
                let value = Setting { value: usual.clone(), verified: false };
                let usual = first_day().map(|from| Dated { from, value, reference });
                if let Ok(history) = History::new(usual.into_iter().collect()) {
                    found.insert((*name).to_owned(), history);
                }
            }
        }
        Self(found)
    }

    /// The value of a switch on a day; the first one before all.
    #[must_use]
    pub fn on(&self, name: &str, as_of: AsOf) -> Option<&Dated<Setting>> {
        let history = self.0.get(name)?;
        history.on(as_of.0).or_else(|| history.all().first())
    }

    /// The newest value of a switch.
    #[must_use]
    pub fn newest(&self, name: &str) -> Option<&ParamValue> {
        Some(&self.0.get(name)?.all().last()?.value.value)
    }

    /// The names of the switches.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Sets a switch for one run.
    ///
    /// # Errors
    /// Says what values it may have.
    pub(super) fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        let value = value_of(name, text)?;
        let Some(from) = first_day() else { return Ok(()) };
        let value = Setting { value, verified: false };
        let reference = SET_FOR_THIS_RUN.to_owned();
        if let Ok(history) = History::new(vec![Dated { from, value, reference }]) {
            self.0.insert(name.to_owned(), history);
        }
        Ok(())
    }

    /// The switches as they stand on a day.
    #[must_use]
    pub fn stamps(&self, as_of: AsOf) -> Stamps {
        let stamp = |name: &String| {
            let dated = self.on(name, as_of)?;
            let stamp = Stamp {
                value: dated.value.value.clone(),
                from: dated.from,
                reference: dated.reference.clone(),
                verified: dated.value.verified,
                set_by: set_by(&dated.reference),
            };
            Some((name.clone(), stamp))
        };
        self.0.keys().filter_map(stamp).collect()
    }
}

/// Who set a value, by what is said of where it comes from.
pub(super) fn set_by(reference: &str) -> &'static str {
    if reference == SET_FOR_THIS_RUN { "param" } else { "policy" }
}

pub(super) fn first_day() -> Option<NaiveDate> {
    parse_day(FIRST_DAY)
}

/// The value of a switch from its text.
fn value_of(name: &str, text: &str) -> Result<ParamValue, String> {
    if name == "software_scope" {
        return SoftwareScope::parse(text)
            .map(|scope| ParamValue::Text(scope.to_string()))
            .ok_or_else(|| "write `strict` or `wide`".to_owned());
    }
    if let Some(ParamValue::Number(_)) = usual(name) {
        let least = i64::from(name == "approvals");
        let number = text.parse::<i64>().ok().filter(|number| *number >= least);
        return number
            .map(ParamValue::Number)
            .ok_or_else(|| format!("write a whole number of {least} or more"));
    }
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(ParamValue::Flag(true)),
        "false" | "no" | "off" | "0" => Ok(ParamValue::Flag(false)),
        _ => Err("write `true` or `false`".to_owned()),
    }
}

/// A value in a policy file: a word or a truth, never a number or a text for a truth.
fn read_value(
    name: &str,
    value: &toml::Value,
    faults: &mut Faults<'_>,
) -> Option<ParamValue> {
    let read = match (value, usual(name)) {
        (toml::Value::String(text), Some(ParamValue::Text(_))) => value_of(name, text),
        (toml::Value::Boolean(flag), Some(ParamValue::Flag(_))) => {
            Ok(ParamValue::Flag(*flag))
        }
        (toml::Value::Integer(number), Some(ParamValue::Number(_))) => {
            value_of(name, &number.to_string())
        }
        _ => value_of(name, ""),
    };
    read.map_err(|fix| faults.add(format!("`{name}` has the value {value}"), fix)).ok()
}

/// A value without a day: in force always, and without a source.
fn read_plain(
    name: &str,
    value: &toml::Value,
    faults: &mut Faults<'_>,
) -> Option<Dated<Setting>> {
    let setting = Setting { value: read_value(name, value, faults)?, verified: false };
    let reference = "the policy names no source".to_owned();
    Some(Dated { from: first_day()?, value: setting, reference })
}

/// The entries of a switch: each with its day, the next one beginning where it ends.
fn read_entries(
    name: &str,
    entries: &[toml::Value],
    faults: &mut Faults<'_>,
) -> Vec<Option<Dated<Setting>>> {
    const KEYS: [&str; 5] = ["from", "until", "value", "reference", "verified"];
    if entries.is_empty() {
        faults.add(format!("`{name}` has no entry"), "add one");
    }
    let mut ends: Vec<(NaiveDate, Option<NaiveDate>)> = Vec::new();
    let mut read = Vec::new();
    for entry in entries {
        let Some(table) = entry.as_table() else {
            faults.add(
                format!("`{name}` has an entry that is no table"),
                "see the shipped policy",
            );
            continue;
        };
        for key in table.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let fix =
                did_you_mean(key, KEYS, "use from, until, value, reference, verified");
            faults.add(format!("`{key}` is no key of an entry of `{name}`"), fix);
        }
        let day = |key: &str| {
            let told = table.get(key)?.as_datetime()?.to_string();
            parse_day(&told)
        };
        let from = day("from");
        if from.is_none() || (table.contains_key("until") && day("until").is_none()) {
            faults.add(
                format!("an entry of `{name}` has no day from which it holds"),
                "write `from = 2000-01-01`",
            );
        }
        let reference = table.get("reference").and_then(toml::Value::as_str);
        let verified = table.get("verified").and_then(toml::Value::as_bool);
        let (Some(reference), Some(verified)) = (reference, verified) else {
            faults.add(
                format!("an entry of `{name}` does not say where it comes from"),
                "give `reference` (text) and `verified` (true or false)",
            );
            continue;
        };
        let value = table.get("value").and_then(|value| read_value(name, value, faults));
        if !table.contains_key("value") {
            faults.add(format!("an entry of `{name}` has no `value`"), "give it one");
        }
        if let Some(from) = from {
            ends.push((from, day("until")));
        }
        read.push(from.zip(value).map(|(from, value)| Dated {
            from,
            value: Setting { value, verified },
            reference: reference.to_owned(),
        }));
    }
    check_gaps(name, ends, faults);
    read
}

/// An entry that ends must end on the day before the next one begins.
fn check_gaps(
    name: &str,
    mut ends: Vec<(NaiveDate, Option<NaiveDate>)>,
    faults: &mut Faults<'_>,
) {
    ends.sort();
    let next = ends.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
    for ((from, until), next) in ends.iter().zip(next) {
        let Some(until) = until else { continue };
        if next.is_none() || until.succ_opt() != next {
            let after = next.map_or("nothing follows it".to_owned(), |day| {
                format!("the next one begins on {day}")
            });
            faults.add(
                format!("`{name}` of {from} ends on {until}, and {after}"),
                "leave `until` out, or let the next entry begin on the day after",
            );
        }
    }
}

/// The first entry covers the first day on which a policy may be asked.
fn begins_in_time(name: &str, history: &History<Setting>, faults: &mut Faults<'_>) {
    let begins = history.all().first().map(|dated| dated.from);
    if begins.is_some_and(|day| day.year() >= 2000 && Some(day) != first_day()) {
        let day = begins.map(|day| day.to_string()).unwrap_or_default();
        faults.add(
            format!("`{name}` is not told before {day}"),
            format!("let its first entry begin on {FIRST_DAY}"),
        );
    }
}

#[cfg(test)]
#[path = "tests/switches.rs"]
mod tests;
