//! Splits by stated amounts, by hand and at random.

use proptest::prelude::*;

use super::*;
use crate::classify::ruleset::tests::rules;

fn ask(text: &str, lang: &str) -> Answer {
    rules().classify(&Question {
        description: text,
        lang: Some(lang),
        ..Question::default()
    })
}

fn shares(text: &str, cents: i128) -> Option<Vec<(Class, i128, i64)>> {
    match divide(&ask(text, "en").parts, Money::from_cents(cents)).unwrap() {
        Division::Shares(shares) if !shares.is_empty() => {
            Some(shares.iter().map(|s| (s.class, s.weight, s.share_bps)).collect())
        }
        _ => None,
    }
}

#[test]
fn stated_amounts_split_a_line_to_the_cent() {
    let text = "Vehicles 40,000.01 and training of officers 9,999.98";
    let (hardware, training) = (Class::Hardware, Class::Training);
    assert_eq!(
        shares(text, 4_999_999),
        Some(vec![(hardware, 4_000_001, 8000), (training, 999_998, 2000)])
    );
    assert_eq!(shares(text, -4_999_999), shares(text, 4_999_999));
    assert_eq!(shares(text, 5_000_000), None);
    let answer = ask(text, "en");
    assert_eq!((answer.class, answer.rule_id.as_str()), (Class::Mixed, "C3"));
    assert!(answer.because.contains("40000.01"), "{}", answer.because);
}

#[test]
fn what_cannot_be_attributed_is_not_split() {
    for text in [
        // An item that is not known.
        "Vehicles 40,000 and gadgetry 10,000",
        // One amount for two natures.
        "Vehicles and training of officers 50,000",
        // Nobody knows which amount is for the equipment in front.
        "Equipment 40,000 for vehicles and 10,000 for training",
        // The training may be what the fuel is for.
        "Vehicles 40,000 for training of drivers and fuel 10,000",
        // A stated total that is another.
        "Vehicles 40,000 and training of officers 10,000, total 60,000",
        // Indirect cost is no part of a split.
        "Vehicles 40,000 and indirect costs 2,800",
        // Without a mark `k` may mean anything.
        "Vehicles 40k and training of officers 10k",
    ] {
        let answer = ask(text, "en");
        assert_eq!(answer.parts, [], "{text}: {}", answer.because);
        assert_ne!(answer.rule_id, "C3", "{text}");
    }
}

#[test]
fn items_of_one_class_need_no_split() {
    let answer = ask("Vehicles 40,000 and radios 10,000 for the police", "en");
    assert_eq!((answer.class, answer.parts.len()), (Class::Hardware, 0));
}

#[test]
fn a_body_named_once_is_meant_for_every_item() {
    let answer = ask("Ombudsman: laptops 40,000, training 10,000", "en");
    let classes: Vec<Class> = answer.parts.iter().map(|part| part.class).collect();
    assert_eq!(classes, [Class::Hardware, Class::SectorWide]);
}

#[test]
fn a_screen_that_one_item_trips_stands_for_the_line() {
    let answer =
        ask("Assault rifles for the army 40,000 and training of officers 10,000", "en");
    assert_eq!(answer.parts.len(), 2, "{:?}", answer.features);
    assert!(answer.flag_text().split(';').any(|flag| flag == "E1"), "{answer:?}");
}

/// Writes cents the way people do.
fn written(cents: i128, style: usize) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    let digits = whole.to_string();
    let group = |mark: &str| {
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(mark);
            }
            out.push(digit);
        }
        out
    };
    match style {
        0 => format!("{}.{rest:02}", group(",")),
        1 => format!("{},{rest:02}", group(".")),
        2 => format!("{},{rest:02}", group(" ")),
        3 => format!("USD {}.{rest:02}", group("’")),
        _ => format!("US${whole}.{rest:02}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_split_keeps_every_cent(
        items in prop::collection::vec((0_usize..6, 100_000_i128..99_999_999_999), 2..6),
        style in 0_usize..5,
        after in any::<bool>(),
    ) {
        let names = [
            "vehicles", "training of officers", "radios", "rehabilitation of the barracks",
            "national security policy", "forensics course for police",
        ];
        let texts: Vec<String> = items
            .iter()
            .map(|(name, cents)| {
                let amount = written(*cents, style);
                if after { format!("{amount} for {}", names[*name]) }
                else { format!("{} {amount}", names[*name]) }
            })
            .collect();
        let sum: i128 = items.iter().map(|(_, cents)| cents).sum();
        let answer = ask(&texts.join("; "), "en");
        let mut classes: Vec<Class> = answer.parts.iter().map(|part| part.class).collect();
        classes.dedup();
        let kinds = |name: &usize| match name { 1 | 5 => 1, 4 => 2, _ => 0 };
        let alike = items.iter().all(|(name, _)| kinds(name) == kinds(&items[0].0));
        prop_assert_eq!(answer.parts.is_empty(), alike, "{:?}", answer.features);
        let Division::Shares(shares) =
            divide(&answer.parts, Money::from_cents(sum)).unwrap() else {
            return Err(TestCaseError::fail("does not add up"));
        };
        if !alike {
            prop_assert_eq!(shares.iter().map(|s| s.weight).sum::<i128>(), sum);
            prop_assert_eq!(shares.iter().map(|s| s.share_bps).sum::<i64>(), 10_000);
            // Of any other amount of the line, a tranche say, no cent is lost either.
            let weights: Vec<i128> = shares.iter().map(|s| s.weight).collect();
            let part = apportion(Money::from_cents(sum / 3), &weights).unwrap();
            prop_assert_eq!(part.iter().map(|p| p.cents()).sum::<i128>(), sum / 3);
            let off = divide(&answer.parts, Money::from_cents(sum + 1)).unwrap();
            prop_assert_eq!(off, Division::Other(Money::from_cents(sum)));
        }
    }
}
