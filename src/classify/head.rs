//! From the head of a text to its class.

use super::{Class, Finding, Hit, Key, Link, Reading, RunnerUp, Subclass};
use crate::domain::class::Beneficiary;

/// The class that a noun speaks for, with the rule that says so.
type Nature = (Class, Option<Subclass>, &'static str);

impl Reading<'_> {
    /// Decides on the list of clauses `from..to`, the first that names a nature.
    pub(super) fn at_head(&self, from: usize, to: usize, sure_path: bool) -> Finding {
        let finding = self.of_list(from, to);
        if finding.rule == "C2"
            && let Some(hit) = self.body_beside_scope(from)
        {
            let because = format!("{}, but {} too", finding.because, self.quote(hit));
            return Finding::unclear(because);
        }
        if finding.class == Class::Unclassified {
            return self.unclear_in_scope(finding);
        }
        let rival = self.rival(from, to, finding.class);
        if !sure_path && let Some((_, hit)) = rival {
            let words = self.quote(hit);
            let because =
                format!("the head is not in the lexicon, and {words} may be it");
            return Finding::unclear(because);
        }
        if !sure_path && self.is_doubtful_complement(from, &finding) {
            return Finding::unclear("the head is not in the lexicon");
        }
        if let Some((_, hit)) = rival
            && self.is_long()
        {
            let because = format!("a long text that also names {}", self.quote(hit));
            return Finding::unclear(because);
        }
        if let Some(hit) = self.second_nature(from, to, finding.class) {
            let because =
                format!("{}; {} joins another", finding.because, self.quote(hit));
            return Finding::new(Class::Mixed, None, "C4", because);
        }
        let rival = rival
            .map(|(class, hit)| RunnerUp { class, why: self.quote(hit) })
            .or_else(|| self.body_of_description(&finding))
            .or_else(|| self.faint_security(&finding));
        self.against_scope(Finding { rival: finding.rival.clone().or(rival), ..finding })
    }

    /// The class of a list of clauses: one nature, or several (rule C4).
    fn of_list(&self, from: usize, to: usize) -> Finding {
        let nouns: Vec<&Hit<'_>> = (from..to)
            .chain(self.complement_of_list(from, to))
            .filter_map(|at| self.noun(at))
            .collect();
        let weighty: Vec<&Hit<'_>> =
            nouns.iter().filter(|hit| hit.term.key != Key::Acc).copied().collect();
        let Some(first) = weighty.first() else { return self.accessory(from, to) };
        let mut found: Option<Finding> = None;
        for hit in &weighty {
            let nature = match self.resolve(hit) {
                Ok(nature) => nature,
                Err(_) if hit.term.key == Key::Running && found.is_some() => continue,
                Err(because) => return Finding::unclear(because),
            };
            let (class, subclass, rule) = nature;
            match &found {
                None => {
                    let because = self.sentence(hit, nature);
                    found = Some(Finding::new(class, subclass, rule, because));
                }
                Some(before) if before.class != class => {
                    let words = (self.quote(first), self.quote(hit));
                    let because =
                        format!("{} and {} are joined without amounts", words.0, words.1);
                    return Finding::new(Class::Mixed, None, "C4", because);
                }
                Some(_) => {}
            }
        }
        let mut finding = found.unwrap_or_else(|| Finding::unclear("nothing decides"));
        // "Fuel and tyres" is first of all fuel.
        if let Some(hit) = nouns.first()
            && hit.term.key == Key::Acc
            && finding.class == Class::Hardware
        {
            finding.subclass = hit.term.subclass;
        }
        finding
    }

    /// The clause that completes a list which ends in a carrier: "stipends, training and
    /// provision | of vehicles".
    fn complement_of_list(&self, from: usize, to: usize) -> Option<usize> {
        let last = to.checked_sub(1).filter(|last| *last > from)?;
        let object = self.title().get(to)?.link == Link::Object;
        (object && self.noun(last).is_none() && self.carries(last, to)).then_some(to)
    }

    fn sentence(&self, hit: &Hit<'_>, (class, _, rule): Nature) -> String {
        let words = self.quote(hit);
        match rule {
            "C1" => format!("{words} is a cost of the project"),
            "C2" => format!("{words} belongs to another focus area"),
            "C5b" => format!("{words} of a body that is not a provider"),
            "C5c" => format!("{words} follows the works that it serves"),
            "C6" => format!("{words} for an oversight or civil body"),
            _ => format!("the head {words} is {class}"),
        }
    }

    /// What a noun speaks for here; an error says why it cannot be told.
    fn resolve(&self, hit: &Hit<'_>) -> Result<Nature, String> {
        let term = hit.term;
        let words = || self.quote(hit);
        match term.key {
            Key::Support => Ok((Class::Support, term.subclass, "C1")),
            Key::Scope => Ok((Class::OutOfScope, None, "C2")),
            Key::Infra | Key::Place | Key::Equip | Key::Ops | Key::Acc => {
                Ok((Class::Hardware, term.subclass, "C5"))
            }
            Key::Running => self.running(hit),
            Key::WorksService => self
                .in_title(|key| matches!(key, Key::Infra | Key::Place))
                .map(|_| (Class::Hardware, Some(Subclass::H1), "C5c"))
                .ok_or_else(|| format!("{} of what is not said", words())),
            Key::Train => self.learning(hit),
            Key::Capacity => {
                if self.receiver.is_oversight() {
                    self.learning(hit)
                } else if self.is_provider() {
                    Ok((Class::Training, term.subclass, "C7"))
                } else {
                    Err(format!("{} of whom is not said", words()))
                }
            }
            Key::Sector => self.governing(hit),
            Key::Eval => self.evaluating(hit),
            _ => Err(format!("{} says nothing about what is bought", words())),
        }
    }

    /// Running costs: of a provider they are operations, of a civil body sector work.
    fn running(&self, hit: &Hit<'_>) -> Result<Nature, String> {
        match self.receiver {
            Beneficiary::OversightFormal | Beneficiary::OversightNonState => {
                Ok((Class::SectorWide, Some(Subclass::S2), "C5b"))
            }
            Beneficiary::ManagementCivil => {
                Ok((Class::SectorWide, Some(Subclass::S8), "C5b"))
            }
            _ if self.is_provider() => Ok((Class::Hardware, Some(Subclass::H3), "C5")),
            _ => Err(format!("{} of whom is not said", self.quote(hit))),
        }
    }

    /// Training: of a provider training, of an oversight or civil body sector work.
    fn learning(&self, hit: &Hit<'_>) -> Result<Nature, String> {
        let at_hand = hit.term.key != Key::Train || !self.is_distant_ministry();
        if self.receiver.is_oversight() && at_hand {
            if !self.is_about_security() {
                return Err(format!("{} is not about security", self.quote(hit)));
            }
            let finding = self.building_of_body(String::new());
            return Ok((finding.class, finding.subclass, "C6"));
        }
        let detail = match hit.term.subclass {
            Some(Subclass::T1) | None => self.topic().or(hit.term.subclass),
            sure => sure,
        };
        Ok((Class::Training, detail, "C7"))
    }

    /// The detail that the topic of a course gives, else skills.
    pub(super) fn topic_or_skills(&self) -> Option<Subclass> {
        self.topic().or(Some(Subclass::T1))
    }

    /// The detail that the topic of a course gives.
    fn topic(&self) -> Option<Subclass> {
        [Subclass::T3, Subclass::T4, Subclass::T6, Subclass::T2, Subclass::T5]
            .into_iter()
            .find(|wanted| {
                let title = self.title().last().map_or(0, |clause| clause.end);
                self.hits.iter().any(|hit| {
                    hit.start < title
                        && matches!(hit.term.key, Key::Topic | Key::Train)
                        && hit.term.subclass == Some(*wanted)
                })
            })
    }

    /// A noun of the sector counts only in a text about security (rule C8).
    fn governing(&self, hit: &Hit<'_>) -> Result<Nature, String> {
        if self.in_title(|key| key == Key::WorksService).is_some() {
            return Err(format!("{} may belong to works", self.quote(hit)));
        }
        let costs = |key| matches!(key, Key::Support | Key::Eval);
        let project = self.in_title(|key| key == Key::Project).is_some();
        if project && self.in_title(costs).is_some() && !self.is_about_reform() {
            return Ok((Class::Support, Some(Subclass::X3), "C1"));
        }
        if !self.is_about_security() {
            return Err(format!("{} is not about security", self.quote(hit)));
        }
        let named = |hit: &Hit<'_>| {
            (hit.term.key == Key::Sector).then_some(hit.term.subclass).flatten()
        };
        let oversight = self.receiver == Beneficiary::OversightFormal;
        let detail = hit
            .term
            .subclass
            .or_else(|| self.hits.iter().find_map(named))
            .or_else(|| oversight.then_some(Subclass::S2));
        Ok((Class::SectorWide, detail, "C8"))
    }

    /// An evaluation or audit: of the project, or of the reform?
    fn evaluating(&self, hit: &Hit<'_>) -> Result<Nature, String> {
        let project = self.in_title(|key| key == Key::Project).is_some();
        let security = self.in_title(|key| key == Key::Context).is_some();
        match (project, self.is_about_reform()) {
            (true, false) => Ok((Class::Support, hit.term.subclass, "C1")),
            (false, reform) if reform || security => {
                let audit = hit.term.subclass == Some(Subclass::X4);
                let detail = if audit { Subclass::S3 } else { Subclass::S9 };
                Ok((Class::SectorWide, Some(detail), "C8"))
            }
            _ => Err(format!("{} of what is not said", self.quote(hit))),
        }
    }

    /// Whether the title names a body, or something that a reform makes.
    fn is_about_reform(&self) -> bool {
        const MADE: [Subclass; 5] =
            [Subclass::S1, Subclass::S2, Subclass::S6, Subclass::S7, Subclass::S10];
        let end = self.title().last().map_or(0, |clause| clause.end);
        self.hits.iter().filter(|hit| hit.start < end).any(|hit| match hit.term.key {
            Key::Who(_) | Key::Org(_) => true,
            Key::Sector => hit.term.subclass.is_some_and(|made| MADE.contains(&made)),
            _ => false,
        })
    }

    /// A consumable or rental follows the course or survey it serves (rule C5a).
    fn accessory(&self, from: usize, to: usize) -> Finding {
        let Some(first) = (from..to).find_map(|at| self.noun(at)) else {
            return Finding::unclear("nothing decides");
        };
        let words = self.quote(first);
        let served = (0..self.title)
            .filter(|at| *at < from || *at >= to)
            .filter_map(|at| self.noun(at))
            .find(|hit| is_event(hit));
        if let Some(event) = served {
            let because = format!("{words} serves {}", self.quote(event));
            return match self.resolve(event) {
                Ok((class, subclass, _)) => Finding::new(class, subclass, "C5a", because),
                Err(unclear) => Finding::unclear(format!("{because}; {unclear}")),
            };
        }
        let held = self.in_title(|key| matches!(key, Key::Format));
        if first.term.class != Some(Class::Hardware) || held.is_some() {
            return Finding::unclear(format!(
                "{words} serves something that is not said"
            ));
        }
        let because = format!("the head {words} is hardware");
        Finding::new(Class::Hardware, first.term.subclass, "C5", because)
    }

    /// Another nature anywhere after the head, and the word for it.
    fn rival(&self, from: usize, to: usize, class: Class) -> Option<(Class, &Hit<'_>)> {
        (0..self.title)
            .filter(|at| *at < from || *at >= to)
            .filter_map(|at| self.noun(at))
            .filter_map(|hit| Some((plain_class(hit)?, hit)))
            .find(|(other, _)| *other != class)
    }

    /// A second nature that is joined to the head rather than to its topic (rule C4).
    fn second_nature(&self, from: usize, to: usize, class: Class) -> Option<&Hit<'_>> {
        if !matches!(class, Class::Hardware | Class::Training | Class::SectorWide) {
            return None;
        }
        let follows_event =
            |hit: &&Hit<'_>| !matches!(hit.term.key, Key::Acc | Key::Scope);
        (to..self.title).filter(|at| *at > from).find_map(|at| {
            let clause = self.title().get(at)?;
            if clause.bracketed {
                return self.listed_in_bracket(at, class);
            }
            if !clause.is_joined() {
                return None;
            }
            let hit = self.joined_noun(at).filter(follows_event)?;
            let other = plain_class(hit)?;
            let topic = self
                .list_before(at)
                .any(|earlier| self.noun(earlier).and_then(plain_class) == Some(other));
            (other != class && !topic).then_some(hit)
        })
    }

    /// The clauses of the list that a clause continues.
    fn list_before(&self, at: usize) -> impl Iterator<Item = usize> {
        let back = self.title().get(..at).unwrap_or_default();
        let joined = back.iter().rev().take_while(|clause| clause.is_joined()).count();
        at.saturating_sub(joined).saturating_sub(1)..at
    }

    /// The noun of a joined clause that is an act of its own: "and repair of …", "and
    /// provision of vehicles".
    fn joined_noun(&self, at: usize) -> Option<&Hit<'_>> {
        let clause = self.title().get(at)?;
        let next = self.title().get(at.saturating_add(1));
        let acts = next.is_some_and(|next| next.link == Link::Object);
        let leads = |hit: &Hit<'_>| {
            let lead = self.text.text.get(clause.start..hit.start).unwrap_or_default();
            lead.split_whitespace().count() < 2
        };
        match self.noun(at) {
            Some(hit) => {
                (acts && leads(hit) || clause.link == Link::Comma).then_some(hit)
            }
            None if acts => {
                let carrier =
                    self.hits_in(clause).find(|hit| hit.term.key == Key::Carrier);
                carrier.filter(|hit| leads(hit))?;
                self.noun(at.saturating_add(1))
            }
            None => None,
        }
    }

    /// A list in brackets names the parts of a line.
    fn listed_in_bracket(&self, at: usize, class: Class) -> Option<&Hit<'_>> {
        let listed = self.title().iter().filter(|clause| clause.bracketed).count() > 1;
        let hit = self.noun(at).filter(|hit| hit.term.key != Key::Acc)?;
        (listed && plain_class(hit)? != class).then_some(hit)
    }

    /// What cannot be told by itself may still belong to another focus area.
    fn unclear_in_scope(&self, finding: Finding) -> Finding {
        let known = self.in_title(|key| matches!(key, Key::Who(_) | Key::Org(_)));
        match self.in_title(|key| key == Key::Scope) {
            Some(hit) if known.is_none() && !self.is_provider() => {
                let because =
                    format!("{} belongs to another focus area", self.quote(hit));
                Finding::new(Class::OutOfScope, None, "C2", because)
            }
            _ => finding,
        }
    }

    /// Another focus area anywhere in the title takes the line along, unless a provider
    /// of security gets it (rule C2).
    fn against_scope(&self, finding: Finding) -> Finding {
        if matches!(finding.class, Class::OutOfScope | Class::Support) {
            return finding;
        }
        let Some(hit) = self.in_title(|key| key == Key::Scope) else { return finding };
        let words = self.quote(hit);
        if self.is_provider() || self.in_title(|key| matches!(key, Key::Who(_))).is_some()
        {
            let rival = RunnerUp { class: Class::OutOfScope, why: words };
            return Finding { rival: finding.rival.or(Some(rival)), ..finding };
        }
        let why = finding.because;
        Finding {
            rival: Some(RunnerUp { class: finding.class, why }),
            ..Finding::new(
                Class::OutOfScope,
                None,
                "C2",
                format!("{words} belongs to another focus area"),
            )
        }
    }
}

/// A course or survey, which its accessories follow.
fn is_event(hit: &Hit<'_>) -> bool {
    let surveys = [Subclass::S9, Subclass::S4, Subclass::S5];
    match hit.term.key {
        Key::Train => true,
        Key::Sector => hit.term.subclass.is_some_and(|s| surveys.contains(&s)),
        _ => false,
    }
}

/// The class that a noun speaks for by itself.
fn plain_class(hit: &Hit<'_>) -> Option<Class> {
    match hit.term.key {
        Key::Acc | Key::Place | Key::Running => None,
        Key::Scope => Some(Class::OutOfScope),
        Key::Eval => Some(Class::SectorWide),
        _ => hit.term.class,
    }
}
