//! What is money in a text and what is not.

use std::collections::BTreeSet;

use super::*;
use crate::classify::language::HeadNoun;

fn words(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn grammar() -> Grammar {
    Grammar {
        head: HeadNoun::Last,
        prepositions: words(&["for", "of", "pour", "de", "para"]),
        topic_prepositions: words(&["in", "on", "en"]),
        conjunctions: words(&["and", "et", "y", "e"]),
        articles: words(&["the", "le", "la"]),
        marks: BTreeSet::new(),
    }
}

fn read(text: &str) -> Vec<String> {
    stated(text, &grammar())
        .unwrap()
        .iter()
        .map(|found| found.amount.to_string())
        .collect()
}

#[test]
fn reads_every_way_of_writing_an_amount() {
    for (text, amount) in [
        ("vehicles 40,000", "40000.00"),
        ("véhicules 40 000", "40000.00"),
        ("véhicules 40\u{202f}000,50", "40000.50"),
        ("vehículos 40.000", "40000.00"),
        ("vehículos 1.240.000,75", "1240000.75"),
        ("Fahrzeuge 40'000.05", "40000.05"),
        ("vehicles 40’000", "40000.00"),
        ("vehicles 40000", "40000.00"),
        ("vehicles 40000.50", "40000.50"),
        ("vehicles US$ 850", "850.00"),
        ("vehicles USD850.5", "850.50"),
        ("vehicles $850", "850.00"),
        ("vehicles 850 USD", "850.00"),
        ("vehículos 850 dólares", "850.00"),
        ("veículos 850 dolares", "850.00"),
        ("vehicles USD 40k", "40000.00"),
        ("vehicles $1.2m", "1200000.00"),
        ("vehicles US$ 1.25 million", "1250000.00"),
        ("vehicles (40,000)", "40000.00"),
        ("vehicles = 40,000.", "40000.00"),
    ] {
        assert_eq!(read(text), [amount], "{text}");
    }
}

#[test]
fn what_is_counted_dated_or_numbered_is_no_money() {
    for text in [
        "3 vehicles and 40 officers",
        "1,500 boots",
        "10 000 habitants",
        "resolution 1325 (2000)",
        "resolution 2151",
        "plan 2012-2016",
        "from 01/02/2015 to 12.03.2015",
        "40% of the posts, 12,5 %",
        "article 12, law 10/2013",
        "tel. +224622334455",
        "phone 0622334455",
        "phase 2, lot 4",
        "10,000-20,000",
        "PBF/GIN/A-12345",
        "MPTF-00123456",
        "camp 40th",
        "1.2.3",
        "5m of fence, 40 m wide",
        "2,000 km",
        "50000m",
    ] {
        assert_eq!(read(text), [""; 0], "{text}");
    }
}

#[test]
fn what_may_be_money_but_is_not_certain_is_told() {
    for (text, words) in [
        ("vehicles 40k and training 10k", "`40k`"),
        ("vehicles EUR 40,000", "`EUR 40,000`"),
        ("véhicules 40 000 FCFA", "`40 000 FCFA`"),
        ("vehicles 40,000 XOF", "`40,000 XOF`"),
        ("vehicles 40,000 €", "`40,000 €`"),
        ("vehicles C$ 40,000", "`C$ 40,000`"),
        ("vehicles $1.234m", "`$1.234m`"),
    ] {
        let unclear = stated(text, &grammar()).unwrap_err();
        assert!(unclear.starts_with(words), "{text}: {unclear}");
    }
}

#[test]
fn an_amount_knows_its_place() {
    let text = "USD 40,000 for cars, radios US$10,000.50 each";
    let found = stated(text, &grammar()).unwrap();
    let places: Vec<&str> =
        found.iter().map(|found| &text[found.start..found.end]).collect();
    assert_eq!(places, ["USD 40,000", "US$10,000.50"]);
}
