//! JSON in one form only: keys sorted at every level, no spaces, whole numbers alone.
//!
//! Two texts that say the same are the same bytes, so a hash of the text is a hash of what
//! it says. Amounts are decimal text; a number with a fraction is refused.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// Writes a value in its one form.
///
/// # Errors
/// An internal error where a number is not whole.
pub fn text(value: &Value) -> Result<String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

/// Writes an object without some of its keys.
///
/// # Errors
/// As [`text`].
pub fn text_without(object: &Map<String, Value>, left_out: &[&str]) -> Result<String> {
    let mut out = String::new();
    let kept = object.iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
    write_object(kept, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            out.push_str(&number.to_string());
        }
        Value::Number(number) => {
            return Err(Error::internal(format!(
                "`{number}` is not whole and has no place in the decision log"
            )));
        }
        Value::String(text) => write_text(text, out)?,
        Value::Array(values) => {
            out.push('[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(value, out)?;
            }
            out.push(']');
        }
        Value::Object(object) => write_object(object.iter(), out)?,
    }
    Ok(())
}

fn write_object<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
    out: &mut String,
) -> Result<()> {
    let mut entries: Vec<(&String, &Value)> = entries.collect();
    entries.sort_by_key(|(key, _)| *key);
    out.push('{');
    for (place, (key, value)) in entries.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_text(key, out)?;
        out.push(':');
        write(value, out)?;
    }
    out.push('}');
    Ok(())
}

fn write_text(text: &str, out: &mut String) -> Result<()> {
    let quoted = serde_json::to_string(text)
        .map_err(|error| Error::internal("cannot write text").caused_by(error))?;
    out.push_str(&quoted);
    Ok(())
}

/// Reads one object that is written in its one form.
///
/// # Errors
/// What is wrong, as a few words that follow "the line".
pub fn object(line: &[u8]) -> Result<Map<String, Value>, &'static str> {
    let line = std::str::from_utf8(line).map_err(|_| "is not UTF-8")?;
    let value: Value = serde_json::from_str(line).map_err(|_| "is not JSON")?;
    let Value::Object(object) = &value else { return Err("is not a JSON object") };
    match text(&value) {
        Ok(again) if again == line => Ok(object.clone()),
        _ => Err("is not written as ssrfund writes it"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_at_every_level() {
        let value = json!({"b": {"z": 1, "a": ["é", null]}, "a": -5});
        assert_eq!(text(&value).unwrap(), r#"{"a":-5,"b":{"a":["é",null],"z":1}}"#);
        let Value::Object(object) = &value else { panic!() };
        assert_eq!(text_without(object, &["b"]).unwrap(), r#"{"a":-5}"#);
    }

    #[test]
    fn another_spelling_of_the_same_is_refused() {
        let spellings = [
            r#"{"a":1,"b":2}"#,
            r#"{"b":2,"a":1}"#,
            r#"{"a": 1,"b":2}"#,
            r#"{"a":1,"a":1,"b":2}"#,
            r#"{"a":1,"b":2} "#,
            r#"{"\u0061":1,"b":2}"#,
            r#"{"a":1.0,"b":2}"#,
            r#"{"a":1,"b":2e0}"#,
            r#"[1,2]"#,
        ];
        let read: Vec<bool> =
            spellings.iter().map(|line| object(line.as_bytes()).is_ok()).collect();
        assert_eq!(read, [true, false, false, false, false, false, false, false, false]);
        assert_eq!(object(b"{\"a\":\"\xff\"}"), Err("is not UTF-8"));
        assert!(text(&json!({"a": 0.5})).is_err());
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\"\\\\/\u{0}-\u{1f}\u{2028}é]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().rev().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn what_is_written_reads_as_it_was(
            value in proptest::collection::btree_map(any::<String>(), values(), 0..6),
        ) {
            let object: Map<String, Value> = value.into_iter().rev().collect();
            let line = text(&Value::Object(object.clone())).unwrap();
            prop_assert!(!line.contains('\n'));
            let read = super::object(line.as_bytes()).unwrap();
            prop_assert_eq!(&read, &object);
            prop_assert_eq!(text(&Value::Object(read)).unwrap(), line);
        }
    }
}
