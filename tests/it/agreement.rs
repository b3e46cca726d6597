//! The examples of the classification rules hold, and what must never happen does not.

use ssrfund::classify::{Question, read_rules};
use ssrfund::domain::Class;
use ssrfund::engine::Library;

#[test]
fn every_example_of_the_rules_holds() {
    let (rules, _) = read_rules(&Library::new(None)).unwrap();
    assert!(rules.example_count() >= 20);
    assert_eq!(rules.test_examples(), Vec::<String>::new());
}

#[test]
fn vague_lines_stay_unclassified() {
    let (rules, _) = read_rules(&Library::new(None)).unwrap();
    for (text, lang) in [
        ("Workshop", "en"),
        ("Capacity building", "en"),
        ("Miscellaneous", "en"),
        ("Divers et imprévus", "fr"),
        ("Diversos", "pt"),
        ("Otros", "es"),
        ("Formation des comités locaux de sécurité", "fr"),
        ("", "en"),
    ] {
        let answer = rules.classify(&Question {
            description: text,
            lang: Some(lang),
            ..Question::default()
        });
        assert_eq!(answer.class, Class::Unclassified, "{text}");
        assert_eq!(answer.confidence_bps, 0, "{text}");
    }
}

#[test]
fn an_answer_shows_what_such_answers_were_worth() {
    let (rules, _) = read_rules(&Library::new(None)).unwrap();
    let ask = |description| {
        let question = Question { description, lang: Some("en"), ..Question::default() };
        rules.classify(&question)
    };
    let sure = ask("Vehicles for the police");
    let doubted = ask("Vehicles for the police reform commission");
    assert_eq!((sure.confidence_bps, doubted.confidence_bps), (9_000, 7_000));
    let worth =
        |answer: &ssrfund::classify::Answer| answer.measured.unwrap().at_least_bps;
    assert!(worth(&sure) > worth(&doubted));
    assert!(worth(&sure) <= sure.measured.unwrap().share_bps());
    let unnamed = ask("Vehicles");
    assert_eq!((sure.named, unnamed.named), (true, false));
    assert_eq!(unnamed.confidence_bps, sure.confidence_bps);
    assert!(worth(&sure) > worth(&unnamed));
    assert!(sure.measured_high() && !unnamed.measured_high());
    assert!(!doubted.measured_high());
    let nothing = ask("Workshop");
    assert_eq!((nothing.measured, nothing.measured_high()), (None, false));
}
