//! What a scenario states, beside what was found.

use serde_json::Value;

use crate::domain::Money;
use crate::error::{Error, Result};
use crate::gate::Decision;

/// What differs, so that one run shows all of it. Only what is stated is compared; that
/// cents are conserved always is.
pub(super) fn differences(
    expected: &toml::Table,
    found: &Decision,
) -> Result<Vec<String>> {
    let value = super::super::to_value(found)?;
    let mut out = Differences(Vec::new());
    for (key, wanted) in expected {
        compare(key, wanted, &value, found, &mut out)?;
    }
    if !expected.contains_key("scope") && expected.contains_key("verdict") {
        out.expect("scope", &Value::Null, at(&value, "scope"));
    }
    let sum = Money::sum([found.payable, found.held])?;
    if sum != found.requested {
        out.0.push("payable and held do not sum to the request".to_owned());
    }
    Ok(out.0)
}

struct Differences(Vec<String>);

impl Differences {
    fn expect(&mut self, what: &str, wanted: &Value, found: &Value) {
        if wanted != found {
            self.0.push(format!("{what}: expected {wanted}, found {found}"));
        }
    }

    fn lacks(&mut self, what: &str, wanted: &impl std::fmt::Display, found: &Value) {
        self.0.push(format!("{what}: {wanted} is not in {found}"));
    }
}

fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.get(key).unwrap_or(&Value::Null)
}

fn json(value: &toml::Value) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| {
        Error::internal("a stated value cannot be read").caused_by(error)
    })
}

/// One key of `[expect]`.
fn compare(
    key: &str,
    wanted: &toml::Value,
    value: &Value,
    found: &Decision,
    out: &mut Differences,
) -> Result<()> {
    match key {
        "exit" => {
            out.expect(key, &json(wanted)?, &Value::from(found.verdict.exit_code()));
        }
        "rules" => {
            for (id, wanted) in wanted.as_table().into_iter().flatten() {
                let rules = at(value, "rules").as_array().into_iter().flatten();
                let rule =
                    rules.into_iter().find(|rule| at(rule, "rule_id") == id.as_str());
                match (rule, wanted.as_table()) {
                    (Some(rule), Some(wanted)) => compare_rule(id, wanted, rule, out)?,
                    _ => out.0.push(format!("there is no rule {id}")),
                }
            }
        }
        "by_class" => {
            for (class, amount) in wanted.as_table().into_iter().flatten() {
                let is = at(at(at(value, "by_class"), class), "payable");
                out.expect(&format!("by_class.{class}"), &json(amount)?, is);
            }
        }
        "recipients" | "blocked_lines" | "lines" => {
            for one in wanted.as_array().into_iter().flatten() {
                if !any_fits(at(value, key), one)? {
                    out.lacks(key, one, at(value, key));
                }
            }
        }
        _ => out.expect(key, &json(wanted)?, at(value, key)),
    }
    Ok(())
}

/// Whether an object of a list has every stated value.
fn any_fits(list: &Value, wanted: &toml::Value) -> Result<bool> {
    let Value::Object(wanted) = json(wanted)? else { return Ok(false) };
    let fits =
        |one: &Value| wanted.iter().all(|(key, value)| one.get(key) == Some(value));
    Ok(list.as_array().is_some_and(|list| list.iter().any(fits)))
}

/// One rule's stated values.
fn compare_rule(
    id: &str,
    wanted: &toml::Table,
    found: &Value,
    out: &mut Differences,
) -> Result<()> {
    for (key, value) in wanted {
        let what = format!("{id}.{key}");
        match key.as_str() {
            "codes" => {
                let has = at(found, "codes");
                for code in value.as_array().into_iter().flatten() {
                    let wanted = json(code)?;
                    if !has.as_array().is_some_and(|all| all.contains(&wanted)) {
                        out.lacks(&what, code, has);
                    }
                }
            }
            "lever" => {
                if !any_fits(at(found, "levers"), value)? {
                    out.lacks(&what, value, at(found, "levers"));
                }
            }
            other => {
                let bound = ["low", "high"].iter().find_map(|bound| {
                    Some((other.strip_suffix(bound)?.strip_suffix('_')?, *bound))
                });
                let is = match bound {
                    Some((number, bound)) => at(at(found, number), bound),
                    None => at(found, other),
                };
                out.expect(&what, &json(value)?, is);
            }
        }
    }
    Ok(())
}
