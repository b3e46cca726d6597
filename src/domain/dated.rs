//! Values that hold from a day until the next one, each with its reference.

use chrono::NaiveDate;

/// A value in force from a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// The first day on which it is in force.
    pub from: NaiveDate,
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub reference: String,
}

/// A history of values: strictly increasing days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History<T>(Vec<Dated<T>>);

impl<T> History<T> {
    /// Returns the history, or the first day that is not after the one before it.
    ///
    /// # Errors
    /// The day that is out of order or told twice.
    pub fn new(mut values: Vec<Dated<T>>) -> Result<Self, NaiveDate> {
        values.sort_by_key(|value| value.from);
        for pair in values.windows(2) {
            if let [before, after] = pair
                && before.from == after.from
            {
                return Err(after.from);
            }
        }
        Ok(Self(values))
    }

    /// The value in force on `day`, or nothing before the first one.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<&Dated<T>> {
        self.0.iter().rev().find(|value| value.from <= day)
    }

    /// All values, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Dated<T>] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_day;

    #[test]
    fn a_value_holds_from_its_day() {
        let day = |text: &str| parse_day(text).unwrap();
        let dated =
            |from, value| Dated { from: day(from), value, reference: String::new() };
        let limit =
            History::new(vec![dated("2018-01-01", 2000), dated("2000-01-01", 1500)])
                .unwrap();
        assert_eq!(limit.on(day("2017-12-31")).map(|d| d.value), Some(1500));
        assert_eq!(limit.on(day("2018-01-01")).map(|d| d.value), Some(2000));
        assert_eq!(limit.on(day("1999-12-31")), None);
        assert!(
            History::new(vec![dated("2018-01-01", 1), dated("2018-01-01", 2)]).is_err()
        );
    }
}
