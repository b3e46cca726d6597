//! Two decisions, field by field.

use std::collections::BTreeMap;

use serde_json::Value;

/// A field that is not the same in two decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `rules[R02].result`.
    pub field: String,
    /// What the first one says; nothing where it has no such field.
    pub before: Option<String>,
    /// What the second one says.
    pub after: Option<String>,
}

/// The keys by which the objects of a list are told apart, the first that each has.
const NAMES: [&[&str]; 8] = [
    &["rule_id", "line_id"],
    &["rule_id"],
    &["table", "key", "file", "row"],
    &["lever", "id"],
    &["load_id"],
    &["recipient"],
    &["line_id"],
    &["id"],
];

/// Every field that differs, in the order of their names.
#[must_use]
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(field: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let whole = || Difference {
        field: field.to_owned(),
        before: Some(shown(before)),
        after: Some(shown(after)),
    };
    match (parts(before), parts(after)) {
        (Some(one), Some(other)) => {
            let told = found.len();
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let inner = match name.strip_prefix('[') {
                    Some(_) => format!("{field}{name}"),
                    None if field.is_empty() => name.clone(),
                    None => format!("{field}.{name}"),
                };
                match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => compare(&inner, one, other, found),
                    (one, other) => found.push(Difference {
                        field: inner,
                        before: one.map(|value| shown(value)),
                        after: other.map(|value| shown(value)),
                    }),
                }
            }
            // The same parts in another order.
            if found.len() == told {
                found.push(whole());
            }
        }
        _ => found.push(whole()),
    }
}

/// The parts of a value by name: the keys of an object, the entries of a list.
fn parts(value: &Value) -> Option<BTreeMap<String, &Value>> {
    match value {
        Value::Object(object) => {
            Some(object.iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        Value::Array(values) => {
            let named: BTreeMap<String, &Value> = values
                .iter()
                .map(|value| (format!("[{}]", name(value)), value))
                .collect();
            if named.len() == values.len() {
                return Some(named);
            }
            // Two of one name: their places tell them apart.
            let places = values.iter().enumerate();
            Some(places.map(|(place, value)| (format!("[{place:03}]"), value)).collect())
        }
        _ => None,
    }
}

fn name(value: &Value) -> String {
    for keys in NAMES {
        let words: Option<Vec<String>> =
            keys.iter().map(|key| value.get(key).map(shown)).collect();
        if let Some(words) = words {
            return words.join(" ");
        }
    }
    shown(value)
}

/// A value as one line: text as it is, the rest as JSON.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_named_by_what_they_are_about() {
        let one = json!({"verdict": "HOLD", "held": "5.00",
            "rules": [{"rule_id": "R01", "result": "FAIL"}, {"rule_id": "R02"}],
            "codes": ["A", "B"]});
        let other = json!({"verdict": "RELEASE", "held": "5.00",
            "rules": [{"rule_id": "R01", "result": "PASS"}],
            "codes": ["A", "C"]});
        let told: Vec<(String, Option<String>, Option<String>)> =
            differences(&one, &other)
                .into_iter()
                .map(|one| (one.field, one.before, one.after))
                .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("codes[B]".to_owned(), some("B"), None),
                ("codes[C]".to_owned(), None, some("C")),
                ("rules[R01].result".to_owned(), some("FAIL"), some("PASS")),
                ("rules[R02]".to_owned(), some(r#"{"rule_id":"R02"}"#), None),
                ("verdict".to_owned(), some("HOLD"), some("RELEASE")),
            ]
        );
        assert_eq!(differences(&one, &one), []);
    }

    #[test]
    fn nothing_is_lost_where_names_repeat() {
        let one = json!([{"line_id": "L1", "a": 1}, {"line_id": "L1", "a": 2}]);
        let other = json!([{"line_id": "L1", "a": 1}, {"line_id": "L1", "a": 3}]);
        let told = differences(&one, &other);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].field, "[001].a");
        // The order of a list is a difference too.
        let told = differences(&json!(["x", "y"]), &json!(["y", "x"]));
        assert!(!told.is_empty());
    }
}
