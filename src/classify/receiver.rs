//! Who gets what a line buys, and the terms found, as the answer shows them.

use super::{Class, HeadNoun, Hit, Key, Link, MatchedTerm, Reading};
use crate::domain::class::Beneficiary;

impl Reading<'_> {
    /// The first body that is named as object or receiver; one that is only a topic, a
    /// place or an author counts if there is no other. Bodies joined to it count too.
    pub(super) fn receiver_in_text(&self) -> Beneficiary {
        let mut topic = false;
        let mut fallback = None;
        for (at, clause) in self.clauses.iter().enumerate() {
            topic = match clause.link {
                Link::Topic => true,
                Link::And | Link::Comma => topic,
                _ => false,
            };
            let Some(body) = self.body(at) else { continue };
            let joined = self.with_joined(at, body);
            if at >= self.title {
                return fallback.unwrap_or(joined);
            }
            if !topic && !clause.bracketed {
                return joined;
            }
            fallback = fallback.or(Some(joined));
        }
        fallback.unwrap_or(Beneficiary::Unknown)
    }

    /// The body that a clause names.
    fn body(&self, at: usize) -> Option<Beneficiary> {
        let clause = self.clauses.get(at)?;
        let mut bodies = self.hits_in(clause).filter_map(|hit| body_of(hit));
        match self.head {
            HeadNoun::First => bodies.next(),
            HeadNoun::Last => bodies.next_back(),
        }
    }

    /// Adds the bodies of the clauses joined to one.
    fn with_joined(&self, at: usize, body: Beneficiary) -> Beneficiary {
        self.clauses
            .iter()
            .enumerate()
            .skip(at.saturating_add(1))
            .take_while(|(_, clause)| clause.is_joined())
            .filter_map(|(at, _)| self.body(at))
            .fold(body, join)
    }

    /// Whether operations are, or may be, among what the line buys.
    pub(super) fn runs_operations(&self, class: Class) -> bool {
        let buys = matches!(class, Class::Hardware | Class::Mixed | Class::Unclassified);
        let head = (0..self.title).find(|at| self.noun(*at).is_some());
        buys && head.is_some_and(|at| {
            (at..self.end_of_list(at)).any(|at| {
                self.noun(at).is_some_and(|hit| match hit.term.key {
                    Key::Ops | Key::Running => true,
                    Key::Acc => hit.term.class == Some(Class::Hardware),
                    _ => false,
                })
            })
        })
    }

    /// The terms found, in order of place.
    pub(super) fn matched(&self) -> Vec<MatchedTerm> {
        self.hits
            .iter()
            .map(|hit| {
                let (start, _, text) = self.text.original(hit.start, hit.end);
                MatchedTerm {
                    text,
                    start,
                    key: hit.term.key_name.clone(),
                    term: hit.term.text.clone(),
                }
            })
            .collect()
    }
}

fn body_of(hit: &Hit<'_>) -> Option<Beneficiary> {
    match hit.term.key {
        Key::Who(body) | Key::Org(body) => Some(body),
        _ => None,
    }
}

/// Two bodies: the same, two civil ones as the first, else several.
fn join(a: Beneficiary, b: Beneficiary) -> Beneficiary {
    if a == b || (a.is_oversight() && b.is_oversight()) { a } else { Beneficiary::Mixed }
}
