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
