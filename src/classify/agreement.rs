//! How far labels and answers agree: by line, by money, by language; exact, in basis
//! points.

use std::collections::BTreeMap;

use crate::domain::Class;
use crate::domain::money::half_up;

/// What was answered for what was labelled, in lines or in cents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confusion {
    cells: BTreeMap<(Class, Class), i128>,
}

impl Confusion {
    /// Adds a line, or its cents.
    pub fn add(&mut self, label: Class, answer: Class, weight: i128) {
        let cell = self.cells.entry((label, answer)).or_default();
        *cell = cell.saturating_add(weight);
    }

    /// The cells that are not empty: label, answer, weight.
    pub fn cells(&self) -> impl Iterator<Item = (Class, Class, i128)> {
        self.cells.iter().map(|((label, answer), weight)| (*label, *answer, *weight))
    }

    fn sum(&self, wanted: impl Fn(Class, Class) -> bool) -> i128 {
        self.cells()
            .filter(|(label, answer, _)| wanted(*label, *answer))
            .fold(0, |sum, (_, _, weight)| sum.saturating_add(weight))
    }

    /// Everything.
    #[must_use]
    pub fn total(&self) -> i128 {
        self.sum(|_, _| true)
    }

    /// Where label and answer are the same.
    #[must_use]
    pub fn right(&self) -> i128 {
        self.sum(|label, answer| label == answer)
    }

    /// Unclassified although the label is not.
    #[must_use]
    pub fn abstained(&self) -> i128 {
        self.sum(|label, answer| answer == Class::Unclassified && label != answer)
    }

    /// Answered otherwise than labelled.
    #[must_use]
    pub fn wrong(&self) -> i128 {
        self.sum(|label, answer| answer != Class::Unclassified && label != answer)
    }

    /// Of what was answered as a class, the share that is labelled so.
    #[must_use]
    pub fn precision(&self, class: Class) -> Option<i64> {
        share(
            self.sum(|label, answer| label == class && answer == class),
            self.sum(|_, answer| answer == class),
        )
    }

    /// Of what is labelled as a class, the share that was answered so.
    #[must_use]
    pub fn recall(&self, class: Class) -> Option<i64> {
        share(
            self.sum(|label, answer| label == class && answer == class),
            self.sum(|label, _| label == class),
        )
    }

    /// The share of abstentions.
    #[must_use]
    pub fn abstention(&self) -> Option<i64> {
        share(self.abstained(), self.total())
    }

    /// Cohen's kappa: agreement beyond chance, in basis points; nothing where chance
    /// alone would agree everywhere.
    #[must_use]
    pub fn kappa(&self) -> Option<i64> {
        let total = self.total();
        let mut chance: i128 = 0;
        for class in Class::ALL {
            let labels = self.sum(|label, _| label == *class);
            let answers = self.sum(|_, answer| answer == *class);
            chance = chance.checked_add(labels.checked_mul(answers)?)?;
        }
        let agreed = total.checked_mul(self.right())?.checked_sub(chance)?;
        let room = total.checked_mul(total)?.checked_sub(chance)?;
        share(agreed, room)
    }
}

/// A share in basis points, half up; nothing of nothing.
fn share(part: i128, whole: i128) -> Option<i64> {
    if whole == 0 {
        return None;
    }
    i64::try_from(half_up(part.checked_mul(10_000)?, whole)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion(cells: &[(Class, Class, i128)]) -> Confusion {
        let mut made = Confusion::default();
        for (label, answer, weight) in cells {
            made.add(*label, *answer, *weight);
        }
        made
    }

    #[test]
    fn counts_what_is_right_wrong_and_open() {
        let (h, t, u) = (Class::Hardware, Class::Training, Class::Unclassified);
        let made = confusion(&[(h, h, 6), (t, t, 2), (t, h, 1), (h, u, 1), (u, u, 2)]);
        assert_eq!((made.total(), made.right()), (12, 10));
        assert_eq!((made.abstained(), made.wrong()), (1, 1));
        assert_eq!(made.precision(h), Some(8571));
        assert_eq!(made.recall(h), Some(8571));
        assert_eq!(made.recall(t), Some(6667));
        assert_eq!(made.precision(Class::Support), None);
        assert_eq!(made.abstention(), Some(833));
        // Chance: 7 x 7 + 3 x 2 + 2 x 3 = 61 of 144; (120 - 61) / (144 - 61).
        assert_eq!(made.kappa(), Some(7108));
    }

    #[test]
    fn kappa_is_zero_by_chance_and_undefined_without_choice() {
        let (h, t) = (Class::Hardware, Class::Training);
        let even = confusion(&[(h, h, 1), (h, t, 1), (t, h, 1), (t, t, 1)]);
        assert_eq!(even.kappa(), Some(0));
        assert_eq!(confusion(&[(h, h, 3)]).kappa(), None);
        let against = confusion(&[(h, t, 1), (t, h, 1)]);
        assert_eq!(against.kappa(), Some(-10_000));
    }
}
