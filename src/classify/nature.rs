//! Where the head of a text is, and what is made of a text without one.

use super::{Class, Finding, Hit, Key, Link, Reading, Subclass};
use crate::domain::class::Beneficiary;

impl<'a> Reading<'a> {
    /// Finds the nature of the line.
    pub(super) fn nature(&mut self) -> Finding {
        if let Some(hit) = self.in_title(|key| key == Key::Review) {
            let words = self.quote(hit);
            return if hit.term.class == Some(Class::Mixed) {
                Finding::new(
                    Class::Mixed,
                    None,
                    "C4",
                    format!("{words} names two natures"),
                )
            } else {
                Finding::unclear(format!("{words} can be read in two ways"))
            };
        }
        let mut at = 0;
        let mut sure_path = true;
        while at < self.title().len() {
            let end = self.end_of_list(at);
            if (at..end).any(|clause| self.noun(clause).is_some()) {
                return self.against_field(self.at_head(at, end, sure_path));
            }
            let carries = self.carries(at, end);
            sure_path &= carries || self.is_heading(at, end);
            if carries {
                self.features
                    .push(format!("passed over clause {}", at.saturating_add(1)));
            }
            at = end;
        }
        self.without_noun(sure_path)
    }

    /// Nothing names a nature: a carrier may still serve an oversight body (rule C6).
    fn without_noun(&self, sure_path: bool) -> Finding {
        if let Some(hit) = self.lesson() {
            let because = format!("{} on a subject, for a provider", self.quote(hit));
            return Finding::new(Class::Training, self.topic_or_skills(), "C7", because);
        }
        let named = self.in_title(|key| matches!(key, Key::Org(_)));
        if let Some(hit) = named
            && sure_path_to_body(sure_path, self)
            && self.receiver == Beneficiary::OversightFormal
        {
            let because = format!("support to an oversight body, {}", self.quote(hit));
            return self.building_of_body(because);
        }
        let vague =
            self.in_title(|key| matches!(key, Key::Vague | Key::Format | Key::Carrier));
        Finding::unclear(vague.map_or_else(
            || "no word of the lexicon says what is bought".to_owned(),
            |hit| format!("{} does not say what is bought", self.quote(hit)),
        ))
    }

    /// A workshop or session *for* people of a provider *on* a subject teaches them; one
    /// that works on a policy or law has a noun of the sector and does not come here.
    fn lesson(&self) -> Option<&Hit<'a>> {
        let (first, rest) = self.title().split_first()?;
        let hit = self.hits_in(first).find(|hit| hit.term.key == Key::Format)?;
        let people = |key| matches!(key, Key::Who(_) | Key::Context);
        let learners = self.named
            || rest.iter().any(|clause| {
                clause.link == Link::Object
                    && self.hits_in(clause).any(|hit| people(hit.term.key))
            });
        let subject = rest.iter().any(|clause| clause.link == Link::Topic);
        (learners && subject && self.is_provider()).then_some(hit)
    }

    /// Capacity building of an oversight or civil body (rule C6).
    pub(super) fn building_of_body(&self, because: String) -> Finding {
        if self.strict {
            return Finding::new(Class::Training, Some(Subclass::T2), "C6", because);
        }
        let subclass = match self.receiver {
            Beneficiary::ManagementCivil => Subclass::S3,
            _ => Subclass::S2,
        };
        Finding::new(Class::SectorWide, Some(subclass), "C6", because)
    }
}

/// A body is the complement of a carrier, or stands in the clause of the carrier.
fn sure_path_to_body(sure_path: bool, reading: &Reading<'_>) -> bool {
    sure_path || reading.carries(0, reading.end_of_list(0))
}
