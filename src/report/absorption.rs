//! Absorption of support: spread over hardware, training and sector-wide work of the same
//! project, in proportion to their amounts, to the cent (D§6.4).

use std::collections::BTreeMap;

use crate::domain::{Class, Money, apportion};
use crate::error::Result;

use super::amounts::ClassAmounts;

/// The classes that take up support.
const TAKERS: [Class; 3] = [Class::Hardware, Class::Training, Class::SectorWide];

/// Stands between a group and a project in the name of a group.
const BETWEEN: char = '\u{1f}';

/// What became of support.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Absorbed {
    /// Spread over other classes.
    pub spread: Money,
    /// Left as support, because its project has no such class, or a negative one.
    pub left: Money,
}

/// The SQL of a grouping, told apart by project.
pub(super) fn by_project(group: &str) -> String {
    format!("({group}) || chr({}) || t.project_id", u32::from(BETWEEN))
}

/// Absorbs support in groups named by group and project, and adds the projects up.
pub(super) fn absorb(groups: &mut BTreeMap<String, ClassAmounts>) -> Result<Absorbed> {
    let mut told = Absorbed::default();
    let mut whole: BTreeMap<String, ClassAmounts> = BTreeMap::new();
    for (name, mut sums) in std::mem::take(groups) {
        let spread = spread(&mut sums)?;
        told.spread = told.spread.plus(spread)?;
        told.left = told.left.plus(sums.of(Class::Support))?;
        let group = name.split(BETWEEN).next().unwrap_or_default();
        whole.entry(group.to_owned()).or_default().add(&sums)?;
    }
    *groups = whole;
    Ok(told)
}

/// Spreads the support of one project; how much that was.
fn spread(sums: &mut ClassAmounts) -> Result<Money> {
    let support = sums.of(Class::Support);
    let takers: Vec<Class> =
        TAKERS.into_iter().filter(|class| sums.of(*class) != Money::ZERO).collect();
    let negative = takers.iter().any(|class| sums.of(*class) < Money::ZERO);
    if support == Money::ZERO || takers.is_empty() || negative {
        return Ok(Money::ZERO);
    }
    let weights: Vec<i128> = takers.iter().map(|class| sums.of(*class).cents()).collect();
    for (class, part) in takers.into_iter().zip(apportion(support, &weights)?) {
        let sum = sums.by_class.entry(class).or_default();
        *sum = sum.plus(part)?;
    }
    sums.by_class.insert(Class::Support, Money::ZERO);
    Ok(support)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(amounts: &[(Class, i128)]) -> ClassAmounts {
        let mut sums = ClassAmounts::default();
        for (class, cents) in amounts {
            sums.by_class.insert(*class, Money::from_cents(*cents));
        }
        sums
    }

    #[test]
    fn support_goes_to_the_work_of_its_own_project() {
        let all = [
            (
                "ML\u{1f}A",
                sums(&[
                    (Class::Hardware, 200),
                    (Class::SectorWide, 100),
                    (Class::Support, 100),
                ]),
            ),
            ("ML\u{1f}B", sums(&[(Class::Support, 55)])),
            ("ML\u{1f}C", sums(&[(Class::Mixed, 70), (Class::Support, 7)])),
            ("NE\u{1f}D", sums(&[(Class::Training, 1), (Class::Support, 9)])),
        ];
        let mut groups: BTreeMap<String, ClassAmounts> =
            all.into_iter().map(|(name, sums)| (name.to_owned(), sums)).collect();
        let told = absorb(&mut groups).unwrap();
        assert_eq!((told.spread.cents(), told.left.cents()), (109, 62));
        let of = |group: &str, class| groups[group].of(class).cents();
        assert_eq!(of("ML", Class::Hardware), 267);
        assert_eq!(of("ML", Class::SectorWide), 133);
        assert_eq!(of("ML", Class::Support), 62);
        assert_eq!(of("ML", Class::Mixed), 70);
        assert_eq!(of("NE", Class::Training), 10);
        assert_eq!(groups["ML"].total().unwrap().cents(), 532);
    }

    #[test]
    fn a_class_below_zero_takes_nothing_up() {
        let mut one =
            sums(&[(Class::Hardware, -5), (Class::Training, 9), (Class::Support, 3)]);
        assert_eq!(spread(&mut one).unwrap(), Money::ZERO);
        assert_eq!(one.of(Class::Support).cents(), 3);
    }
}
