//! Sentences for people: one for each finding, filled from the policy's own words.

use std::cmp::Ordering;

use crate::domain::money::{grouped, half_up};
use crate::domain::verdict::RuleResult;
use crate::domain::{AsOf, Bounds, Bps, Money, Ratio};
use crate::metrics::facts::Item;

use super::compare::{Fraction, fractions};
use super::evaluate::{
    EVALUATORS_DISAGREE, Judged, NO_FACTS, NOT_BUILT, OVERFLOW, number_of,
    threshold_parameter,
};
use super::outcome::whole_cents;
use super::policy::{Threshold, Unit};

/// How many names a sentence lists.
const NAMED: usize = 3;

/// The sentence of a finding.
pub(super) fn sentence(judged: &Judged<'_>, as_of: AsOf) -> String {
    if judged.codes.contains(EVALUATORS_DISAGREE) {
        return "Two independent evaluators came to different numbers for this rule, so \
                nobody knows which is right."
            .to_owned();
    }
    if judged.codes.contains(NOT_BUILT) {
        return "This rule is not evaluated yet.".to_owned();
    }
    if let (RuleResult::Waived, Some(waiver)) = (judged.result, &judged.waiver) {
        let by = list(waiver.by.iter().cloned()).unwrap_or_default();
        let mut before = judged.clone();
        before.result = waiver.was;
        let before = sentence(&before, as_of);
        return format!("Set aside by override {by}. Without it: {before}");
    }
    if judged.codes.contains("NO_PARAMETER") {
        return "No parameter of this rule is in force on this day.".to_owned();
    }
    if judged.codes.contains(NO_FACTS) && !judged.doubted {
        return "The facts for this rule were not measured.".to_owned();
    }
    if judged.codes.contains(OVERFLOW) {
        return "The amounts of this rule are too large to compare.".to_owned();
    }
    keys(judged)
        .iter()
        .filter_map(|key| judged.rule.says.get(key))
        .find_map(|template| filled(template, judged, as_of))
        .unwrap_or_else(|| plain(judged))
}

/// The keys of sentences that fit, the most telling first.
fn keys(judged: &Judged<'_>) -> Vec<String> {
    let word = judged.result.word();
    let mut keys = Vec::new();
    if judged.doubted {
        // Doubt comes from outside: what the fact itself says is not the reason.
        let doubt = ["STALE", "LOW_COVERAGE"];
        let codes = judged.codes.iter().filter(|code| doubt.contains(&code.as_str()));
        keys.extend(codes.map(|code| format!("{word} {code}")));
    }
    if judged.critical {
        keys.push(format!("{word} CRITICAL"));
    }
    keys.extend(judged.codes.iter().map(|code| format!("{word} {code}")));
    keys.push(word.to_owned());
    keys
}

/// What can be said without numbers.
fn plain(judged: &Judged<'_>) -> String {
    let missing = list(judged.missing.iter().cloned());
    match (judged.result, missing) {
        (RuleResult::Pass | RuleResult::Waived, _) => "This condition is met.".to_owned(),
        (RuleResult::Fail, _) => "This condition is not met.".to_owned(),
        (RuleResult::Unknown, Some(missing)) => {
            format!("This cannot be decided; not known: {missing}.")
        }
        (RuleResult::Unknown, None) => {
            "This cannot be decided on what is loaded.".to_owned()
        }
        (RuleResult::NotApplicable, _) => {
            "This rule does not concern this tranche.".to_owned()
        }
    }
}

/// Fills a template; nothing where a placeholder has nothing to stand for.
fn filled(template: &str, judged: &Judged<'_>, as_of: AsOf) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&value(name, judged, as_of)?);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

fn value(name: &str, judged: &Judged<'_>, as_of: AsOf) -> Option<String> {
    let fact = judged.fact?;
    let unit = judged.rule.measured.as_ref()?.unit;
    match name {
        "observed" => {
            let (low, high) = fractions(fact.numerator?, fact.denominator?)?;
            let edges = [judged.threshold];
            Some(range(&percent(low, &edges), &percent(high, &edges)))
        }
        "threshold" => threshold(judged, as_of),
        "numerator" => Some(amount(fact.numerator?, unit)),
        "denominator" => Some(amount(fact.denominator?, unit)),
        "items" => open_items(judged),
        "critical" => {
            let open =
                fact.items.iter().filter(|item| item.flag == "critical" && is_open(item));
            list(open.map(|item| item.id.clone()))
        }
        "missing" => list(judged.missing.iter().cloned()).or_else(|| open_items(judged)),
        _ => match name.strip_prefix("money:") {
            Some(kind) => Some(grouped(Money::from_cents(number_of(fact, kind)?))),
            None => Some(number_of(fact, name.strip_prefix("number:")?)?.to_string()),
        },
    }
}

/// The threshold, with a mark where no source for it was read.
fn threshold(judged: &Judged<'_>, as_of: AsOf) -> Option<String> {
    let measured = judged.rule.measured.as_ref()?;
    match measured.threshold.as_ref()? {
        Threshold::Item(_) => Some(judged.threshold?.percent()),
        Threshold::Parameter(_) | Threshold::Named(_) => {
            let dated = threshold_parameter(judged.rule, judged.fact, as_of)?;
            let mark = if dated.value.verified { "" } else { " (unverified default)" };
            Some(format!("{}{mark}", Bps(dated.value.value).percent()))
        }
    }
}

fn is_open(item: &Item) -> bool {
    matches!(item.result.as_str(), "FAIL" | "UNKNOWN")
}

/// Names what fails, else what is unknown, else the codes.
fn open_items(judged: &Judged<'_>) -> Option<String> {
    let items = &judged.fact?.items;
    let named = |word: &str| {
        list(items.iter().filter(|item| item.result == word).map(named_item))
    };
    named(judged.result.word())
        .or_else(|| list(items.iter().filter(|item| is_open(item)).map(named_item)))
        .or_else(|| list(judged.codes.iter().cloned()))
}

fn named_item(item: &Item) -> String {
    match item.kind.as_str() {
        "line" if !item.flag.is_empty() => {
            format!("{} ({})", item.id, spoken(&item.flag))
        }
        "code" | "date" | "category" | "dsr" if !item.text.is_empty() => {
            item.text.clone()
        }
        _ => item.id.clone(),
    }
}

/// A code in words; an eligibility flag stays as it is.
fn spoken(flag: &str) -> String {
    if flag.len() > 3 { flag.to_lowercase().replace('_', " ") } else { flag.to_owned() }
}

/// A few names, and how many more; nothing where there is none.
pub(super) fn list(names: impl IntoIterator<Item = String>) -> Option<String> {
    let mut names: Vec<String> =
        names.into_iter().filter(|name| !name.is_empty()).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    match (names.len(), more) {
        (0, _) => None,
        (_, 0) => Some(names.join(", ")),
        (_, more) => Some(format!("{} and {more} more", names.join(", "))),
    }
}

fn amount(bounds: Bounds, unit: Unit) -> String {
    let text = |value: i128| match unit {
        Unit::Cents => grouped(Money::from_cents(value)),
        Unit::FineCents => grouped(whole_cents(value)),
        _ => value.to_string(),
    };
    range(&text(bounds.low), &text(bounds.high))
}

fn range(low: &str, high: &str) -> String {
    if low == high { low.to_owned() } else { format!("{low} to {high}") }
}

/// A share in percent with one decimal, or as many more as it needs to stand on the same
/// side of every edge (the threshold, nothing, the whole) as the exact number.
pub(super) fn percent(fraction: Fraction, thresholds: &[Option<Bps>]) -> String {
    const MOST_DECIMALS: u32 = 12;
    let edges = || thresholds.iter().flatten().copied().chain([Bps(0), Bps::WHOLE]);
    for decimals in 1..=MOST_DECIMALS {
        let Some(shown) = rounded(fraction, decimals) else {
            break;
        };
        if edges().all(|edge| same_side(fraction, shown, decimals, edge)) {
            return decimal(shown, decimals);
        }
    }
    let ordering =
        |edge| Ratio::new(fraction.0, fraction.1).and_then(|r| r.compare(edge));
    let nearest = edges().next().unwrap_or(Bps::WHOLE);
    match ordering(nearest) {
        Some(Ordering::Less) => format!("just below {}", nearest.percent()),
        Some(Ordering::Greater) => format!("just above {}", nearest.percent()),
        _ => nearest.percent(),
    }
}

/// The percentage times 10 to the `decimals`, half up.
fn rounded((numerator, denominator): Fraction, decimals: u32) -> Option<i128> {
    let scale = 10_i128.checked_pow(decimals)?.checked_mul(100)?;
    half_up(numerator.checked_mul(scale)?, denominator)
}

fn same_side(fraction: Fraction, shown: i128, decimals: u32, edge: Bps) -> bool {
    let exact = Ratio::new(fraction.0, fraction.1).and_then(|ratio| ratio.compare(edge));
    let scale = 10_i128.checked_pow(decimals);
    let left = shown.checked_mul(100);
    let right = scale.and_then(|scale| i128::from(edge.0).checked_mul(scale));
    match (exact, left, right) {
        (Some(exact), Some(left), Some(right)) => left.cmp(&right) == exact,
        _ => false,
    }
}

fn decimal(shown: i128, decimals: u32) -> String {
    let sign = if shown < 0 { "-" } else { "" };
    let width = usize::try_from(decimals).unwrap_or(0).saturating_add(1);
    let digits = format!("{:0>width$}", shown.unsigned_abs().to_string());
    let (units, rest) =
        digits.split_at(digits.len().saturating_sub(width.saturating_sub(1)));
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{units}{point}{rest}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGE: [Option<Bps>; 1] = [Some(Bps(7500))];

    #[test]
    fn golden_g05_a_failing_share_never_looks_like_its_threshold() {
        assert_eq!(percent((74_999_999, 100_000_000), &EDGE), "74.999999%");
        assert_eq!(percent((74_996, 100_000), &EDGE), "74.996%");
        assert_eq!(percent((75, 100), &EDGE), "75%");
        assert_eq!(percent((75_000_001, 100_000_000), &EDGE), "75.000001%");
        let hair = (74_999_999_999_999_999, 100_000_000_000_000_000);
        assert_eq!(percent(hair, &EDGE), "just below 75%");
    }

    #[test]
    fn shares_have_one_decimal_where_that_is_enough() {
        assert_eq!(percent((320_531_600, 741_412_700), &EDGE), "43.2%");
        assert_eq!(percent((6, 10), &EDGE), "60%");
        assert_eq!(percent((1, 3), &EDGE), "33.3%");
        assert_eq!(percent((-1, 3), &EDGE), "-33.3%");
        assert_eq!(percent((1, 100_000), &EDGE), "0.001%");
        assert_eq!(percent((99_999, 100_000), &EDGE), "99.999%");
    }

    #[test]
    fn long_lists_are_cut() {
        let names = |n: usize| (1..=n).map(|i| format!("M{i}"));
        assert_eq!(list(names(0)), None);
        assert_eq!(list(names(3)).unwrap(), "M1, M2, M3");
        assert_eq!(list(names(5)).unwrap(), "M1, M2, M3 and 2 more");
    }
}
