//! What makes an answer doubtful: unknown heads, headings, distant bodies, faint security.

use super::{
    Class, Clause, Finding, Hit, Key, Link, Reading, RunnerUp, Subclass,
    is_said_elsewhere,
};
use crate::domain::class::Beneficiary;

/// A title with more words than this tells what is hoped for rather than what is bought.
const LONG_TITLE: usize = 24;

impl Reading<'_> {
    /// Who learns is open where only the description names the civil body.
    pub(super) fn body_of_description(&self, finding: &Finding) -> Option<RunnerUp> {
        let title = self.title().last().map_or(0, |clause| clause.end);
        let mut bodies =
            self.hits.iter().filter(|hit| matches!(hit.term.key, Key::Org(_)));
        let apart = bodies.clone().all(|hit| hit.start >= title);
        let class = match finding.rule {
            "C6" if apart => Class::Training,
            "C7" if self.is_distant_ministry() => Class::SectorWide,
            _ => return None,
        };
        bodies.next().map(|hit| RunnerUp { class, why: self.quote(hit) })
    }

    /// Whether only the description names the ministry: its people may be of the force.
    pub(super) fn is_distant_ministry(&self) -> bool {
        self.receiver == Beneficiary::ManagementCivil
            && !self.named
            && self.in_title(|key| matches!(key, Key::Org(_))).is_none()
    }

    /// Whether the list stands behind a heading: "boards: election of members".
    fn follows_heading(&self, from: usize) -> bool {
        from > 0
            && self.title().get(from).is_some_and(|clause| clause.link == Link::Break)
    }

    /// Governance of the sector whose title names no security body, or courts alone, may
    /// belong to another field.
    pub(super) fn faint_security(&self, finding: &Finding) -> Option<RunnerUp> {
        let title = self.title().last().map_or(0, |clause| clause.end);
        let plain = self.hits.iter().filter(|hit| hit.start < title).any(|hit| {
            match hit.term.key {
                Key::Who(who) => who != Beneficiary::Justice,
                Key::Org(who) => who != Beneficiary::OversightNonState,
                // "Rule of law" and "crime" are said in other fields too.
                Key::Context => !is_said_elsewhere(hit),
                _ => false,
            }
        });
        let known = self.security || self.named || plain;
        let faint = finding.class == Class::SectorWide && !known;
        let why = "the title names no security body".to_owned();
        faint.then_some(RunnerUp { class: Class::OutOfScope, why })
    }

    /// Works, goods and courses of a title that names another field and nothing of
    /// security may be anybody's: water supply of a village, or of a barracks.
    pub(super) fn against_field(&self, finding: Finding) -> Finding {
        let bought = matches!(
            finding.class,
            Class::Hardware | Class::Training | Class::SectorWide | Class::Mixed
        );
        if !bought || self.names_security() {
            return finding;
        }
        let outsiders = Key::Org(Beneficiary::OversightNonState);
        let elsewhere = |key| {
            key == Key::Field || finding.class == Class::Hardware && key == outsiders
        };
        let Some(hit) = self.in_title(elsewhere) else { return finding };
        let because = format!(
            "{}, but {} is of another field, unless a security body gets it",
            finding.because,
            self.quote(hit)
        );
        Finding::unclear(because)
    }

    /// Whether the data or the text say that it is about the security sector.
    fn names_security(&self) -> bool {
        self.security
            || self.named
            || self.hits.iter().any(|hit| match hit.term.key {
                Key::Who(_) => true,
                Key::Org(who) => {
                    who != Beneficiary::OversightNonState && !is_said_elsewhere(hit)
                }
                Key::Context => !is_said_elsewhere(hit),
                _ => false,
            })
    }

    /// Whether the data, the sector or a word of the text name a body of security. Words
    /// that are only about security ("disposal of weapons"), parliaments and ministries
    /// do not: on labelled lines they told right answers from wrong ones no better.
    pub(super) fn names_body(&self) -> bool {
        self.security
            || self.named && self.receiver != Beneficiary::Unknown
            || self.hits.iter().any(|hit| matches!(hit.term.key, Key::Who(_)))
    }

    /// A provider of security that stands beside another field: "justice and police",
    /// or is the heading of its list.
    pub(super) fn body_beside_scope(&self, from: usize) -> Option<&Hit<'_>> {
        let end = self.title().last().map_or(0, |clause| clause.end);
        let heading = self.follows_heading(from);
        self.hits.iter().find(|hit| {
            let body = hit.start < end && matches!(hit.term.key, Key::Who(_));
            body && (heading || self.is_joined_body(hit))
        })
    }

    /// Whether a provider is joined to what stands before it: "justice and police".
    fn is_joined_body(&self, hit: &Hit<'_>) -> bool {
        let police = !matches!(hit.term.key, Key::Who(Beneficiary::Justice));
        let clause = self.title().iter().find(|clause| clause.holds(hit.start));
        police && clause.is_some_and(Clause::is_joined)
    }

    /// Whether what follows an unknown head says too little: "register of the buildings"
    /// is no building, and "boards: election of members" is no election.
    pub(super) fn is_doubtful_complement(&self, from: usize, finding: &Finding) -> bool {
        let link = self.title().get(from).map_or(Link::Start, |clause| clause.link);
        let complement = matches!(link, Link::Object | Link::Topic);
        match finding.class {
            Class::OutOfScope => {
                self.in_title(|key| matches!(key, Key::Who(_))).is_some()
            }
            Class::SectorWide => {
                complement && matches!(finding.subclass, None | Some(Subclass::S5))
            }
            Class::Hardware | Class::Training => complement,
            _ => false,
        }
    }

    /// Whether the title is rather a paragraph, whose head says less.
    pub(super) fn is_long(&self) -> bool {
        self.title().iter().map(|clause| clause.words).sum::<usize>() > LONG_TITLE
    }
}
