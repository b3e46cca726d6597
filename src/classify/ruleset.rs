//! The rule set: lexicons, phrases, screens, category priors and the procedure, read
//! from files that an analyst can edit, and checked as a whole.

use std::collections::BTreeMap;

use serde::Deserialize;

#[path = "examples.rs"]
mod examples;

use examples::Example;

use super::answer::{Answer, Question};
use super::language::{self, Given, Grammar, LANGUAGES};
use super::lexicon::{Lexicon, Term, optional, read_phrases, read_rows, read_terms};
use super::measured::Calibration;
use super::parts::with_parts;
use super::procedure;
use super::safety::Safety;
use super::screens::Screens;
use super::sectors::Crosswalk;
use super::text::Folded;
use crate::domain::class::{Class, Subclass};
use crate::error::unreadable::Unreadable;
use crate::error::{Error, Problem, Result, visible};

/// The rules of the decision procedure, in the order in which they are tried.
const PROCEDURE: [&str; 14] = [
    "C1", "C2", "C3", "C4", "C5", "C5a", "C5b", "C5c", "C6", "C7", "C8", "C9", "C10",
    "C11",
];

/// What a guess of the data counts when the language is looked for: as two terms.
const GUESS: usize = 4;

/// A rule of the decision procedure, as it is written down.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: `C5a`.
    pub id: String,
    /// What it says, in a line.
    pub title: String,
    /// Why it is so.
    pub because: String,
    /// Where it comes from.
    pub reference: String,
    #[serde(default)]
    examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    version: String,
    #[serde(rename = "title")]
    _title: String,
    rule: Vec<Rule>,
    language: BTreeMap<String, Grammar>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriorRow {
    scheme: String,
    category: String,
    class: String,
    subclass: String,
    confidence_bps: i64,
}

/// What a budget category alone says.
#[derive(Debug, Clone, Copy)]
pub struct Prior {
    /// The class.
    pub class: Class,
    /// The detail.
    pub subclass: Option<Subclass>,
    /// How often it is right, in basis points.
    pub confidence_bps: i64,
}

/// Everything the classifier knows of one language.
#[derive(Debug)]
pub struct Tongue {
    /// The small words.
    pub grammar: Grammar,
    /// The terms.
    pub lexicon: Lexicon,
    /// The eligibility screens.
    pub screens: Screens,
}

/// A checked rule set.
#[derive(Debug)]
pub struct RuleSet {
    id: String,
    version: String,
    rules: Vec<Rule>,
    tongues: BTreeMap<&'static str, Tongue>,
    priors: BTreeMap<(String, String), Prior>,
    sectors: Crosswalk,
    pub(super) calibration: Calibration,
    strict_nature: bool,
    safety: Safety,
    exempt_safety: bool,
}

impl RuleSet {
    /// Reads a rule set from its files: the path below `queries/classification` and the
    /// text of each.
    ///
    /// # Errors
    /// Names every row and field that cannot be used, and every file that is missing.
    pub fn read(files: &[(String, String)]) -> Result<Self> {
        let mut problems = Vec::new();
        let rules = read_rule_file(files, &mut problems);
        let phrases = text_of(files, "phrases.csv", &mut problems)
            .map(|text| read_phrases("phrases.csv", text, &mut problems))
            .unwrap_or_default();
        let screens = text_of(files, "screens.csv", &mut problems)
            .map(|text| Screens::read("screens.csv", text, &mut problems))
            .unwrap_or_default();
        let priors = text_of(files, "category_prior.csv", &mut problems)
            .map(|text| read_priors("category_prior.csv", text, &mut problems))
            .unwrap_or_default();
        let sectors = text_of(files, "sectors.csv", &mut problems)
            .map(|text| Crosswalk::read("sectors.csv", text, &mut problems))
            .unwrap_or_default();
        // A rule set that nobody has measured yet has no such file.
        let measured = files.iter().find(|(name, _)| name == "measured.csv");
        let calibration = measured
            .map(|(name, text)| Calibration::read(name, text, &mut problems))
            .unwrap_or_default();
        let safety = text_of(files, "safety.csv", &mut problems)
            .map(|text| Safety::read("safety.csv", text, &mut problems))
            .unwrap_or_default();
        let mut terms = BTreeMap::new();
        for lang in LANGUAGES {
            let path = format!("lexicon/{lang}.csv");
            if let Some(text) = text_of(files, &path, &mut problems) {
                terms.insert(lang, read_terms(&path, text, &mut problems));
            }
        }
        for lang in phrases.keys().chain(screens.keys()) {
            if !LANGUAGES.contains(&lang.as_str()) {
                let what =
                    format!("`{}` is not a language of the lexicon", visible(lang));
                problems.push(Problem::of_file(
                    "phrases.csv or screens.csv",
                    what,
                    "use en, fr, es or pt",
                ));
            }
        }
        let Some(rules) = rules.filter(|_| problems.is_empty()) else {
            return Err(
                Error::rule("the classification rules cannot be used").problems(problems)
            );
        };
        let assembled = Self::assemble(rules, terms, phrases, screens, priors)?;
        Ok(Self { sectors, calibration, safety, ..assembled })
    }

    fn assemble(
        file: RuleFile,
        mut terms: BTreeMap<&'static str, Vec<Term>>,
        mut phrases: BTreeMap<String, Vec<Term>>,
        mut screens: BTreeMap<String, Screens>,
        priors: BTreeMap<(String, String), Prior>,
    ) -> Result<Self> {
        let mut tongues = BTreeMap::new();
        let mut grammars = file.language;
        for lang in LANGUAGES {
            let mut all = terms.remove(lang).unwrap_or_default();
            all.append(&mut phrases.remove(lang).unwrap_or_default());
            let grammar = grammars.remove(lang).ok_or_else(|| {
                Error::rule(format!("rules.toml has no [language.{lang}]"))
                    .fix("list its small words there")
            })?;
            let lexicon = Lexicon::build(all)?;
            let screens = screens.remove(lang).unwrap_or_default();
            tongues.insert(lang, Tongue { grammar, lexicon, screens });
        }
        Ok(Self {
            id: file.id,
            version: file.version,
            rules: file.rule,
            tongues,
            priors,
            sectors: Crosswalk::default(),
            calibration: Calibration::default(),
            strict_nature: false,
            safety: Safety::default(),
            exempt_safety: false,
        })
    }

    /// Sends capacity building of oversight bodies to training instead of sector-wide
    /// work (rule C6).
    #[must_use]
    pub fn strict_nature(mut self, strict: bool) -> Self {
        self.strict_nature = strict;
        self
    }

    /// Whether capacity building of oversight bodies counts as training.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.strict_nature
    }

    /// Takes safe storage, life safety and separate cells out of the software gate.
    #[must_use]
    pub fn exempt_safety(mut self, exempt: bool) -> Self {
        self.exempt_safety = exempt;
        self
    }

    /// Whether safe storage and life safety are exempt from the software gate.
    #[must_use]
    pub fn exempts_safety(&self) -> bool {
        self.exempt_safety
    }

    /// Whether a line of hardware is exempt for safety's sake: the switch is on, and all
    /// that the text buys is safe storage, fire and life safety, or separate cells.
    #[must_use]
    pub fn is_exempt_for_safety(&self, description: &str, answer: &Answer) -> bool {
        self.exempt_safety
            && answer.class == Class::Hardware
            && self.tongues.get(answer.lang.as_str()).is_some_and(|tongue| {
                self.safety.covers(description, &answer.lang, tongue)
            })
    }

    /// The name and version of the rule set.
    #[must_use]
    pub fn name(&self) -> (&str, &str) {
        (&self.id, &self.version)
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// How many terms a language has.
    #[must_use]
    pub fn term_count(&self, lang: &str) -> usize {
        self.tongues.get(lang).map_or(0, |tongue| tongue.lexicon.len())
    }

    /// What purpose codes say.
    #[must_use]
    pub fn sectors(&self) -> &Crosswalk {
        &self.sectors
    }

    /// What a category alone says.
    #[must_use]
    pub fn prior(&self, scheme: Option<&str>, category: Option<&str>) -> Option<Prior> {
        let scheme = scheme.unwrap_or_default().trim();
        let category = category.unwrap_or_default().trim();
        self.priors.get(&(scheme.to_owned(), category.to_owned())).copied()
    }

    /// Classifies a line.
    ///
    /// Deterministic: the same question gives the same answer, whatever was asked before.
    #[must_use]
    pub fn classify(&self, question: &Question<'_>) -> Answer {
        let folded = Folded::new(question.description);
        let (lang, detected) = match language::read_code(question.lang) {
            Given::Known(lang) => (lang, false),
            Given::Guessed(lang) => {
                (self.detect(question.description, &folded, Some(lang)), true)
            }
            Given::Nothing => (self.detect(question.description, &folded, None), true),
            Given::Unsupported(code) => return Answer::unsupported(&code, question),
        };
        match self.tongues.get(lang) {
            Some(tongue) => {
                let answer =
                    procedure::decide(self, tongue, question, &folded, (lang, detected));
                let answer = with_parts(self, tongue, question, answer);
                self.calibration.measure(answer)
            }
            None => Answer::unsupported(lang, question),
        }
    }

    /// Finds the language: small words, letters, letter groups, and how much of the text
    /// each lexicon covers, and the guess of the data. Ties go to the earlier language.
    fn detect(
        &self,
        text: &str,
        folded: &Folded,
        guess: Option<&'static str>,
    ) -> &'static str {
        let mut scores: Vec<(&'static str, usize)> = Vec::with_capacity(LANGUAGES.len());
        for (lang, tongue) in
            LANGUAGES.iter().filter_map(|l| self.tongues.get_key_value(l))
        {
            let small = tongue.grammar.votes(&folded.text);
            let covered: usize = tongue
                .lexicon
                .find(folded)
                .iter()
                .map(|hit| language::words(&hit.term.text).count())
                .sum();
            let score = small
                .saturating_add(language::marked_letters(text, lang))
                .saturating_mul(3)
                .saturating_add(covered.saturating_mul(2))
                .saturating_add(if guess == Some(*lang) { GUESS } else { 0 });
            scores.push((*lang, score));
        }
        if !language::is_settled(&scores)
            && let Some((by, sure)) = language::by_letters(text)
            && let Some(score) = scores.iter_mut().find(|(lang, _)| *lang == by)
        {
            let hint = if sure { language::SURE_LETTERS } else { 2 };
            score.1 = score.1.saturating_add(hint);
        }
        let mut best = ("en", 0);
        for (lang, score) in scores {
            if score > best.1 {
                best = (lang, score);
            }
        }
        best.0
    }

    /// How many examples the rules carry.
    #[must_use]
    pub fn example_count(&self) -> usize {
        self.rules.iter().map(|rule| rule.examples.len()).sum()
    }
}

fn text_of<'a>(
    files: &'a [(String, String)],
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<&'a str> {
    let found = files.iter().find(|(name, _)| name == path);
    if found.is_none() {
        problems.push(Problem::of_file(path, "is missing", "put it beside rules.toml"));
    }
    found.map(|(_, text)| text.as_str())
}

fn read_rule_file(
    files: &[(String, String)],
    problems: &mut Vec<Problem>,
) -> Option<RuleFile> {
    let text = text_of(files, "rules.toml", problems)?;
    let file = match toml::from_str::<RuleFile>(text) {
        Ok(file) => file,
        Err(error) => {
            let fault = Unreadable::of(text, &error);
            let fix = fault.fix_or("mend the rule");
            problems.push(Problem::at("rules.toml", fault.row, 0, fault.what, fix));
            return None;
        }
    };
    let ids: Vec<&str> = file.rule.iter().map(|rule| rule.id.as_str()).collect();
    if ids != PROCEDURE {
        let what = format!("has the rules {}", visible(&ids.join(", ")));
        let fix = format!("write {} in this order", PROCEDURE.join(", "));
        problems.push(Problem::of_file("rules.toml", what, fix));
    }
    Some(file)
}

fn read_priors(
    file: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> BTreeMap<(String, String), Prior> {
    let mut priors = BTreeMap::new();
    for (row, line) in read_rows::<PriorRow>(file, text, problems) {
        let read = optional(&line.class, Class::parse, "class").and_then(|class| {
            let subclass = optional(&line.subclass, Subclass::parse, "subclass")?;
            let empty = || ("class is empty".to_owned(), "name the class".to_owned());
            let class = class.ok_or_else(empty)?;
            Ok(Prior { class, subclass, confidence_bps: line.confidence_bps })
        });
        match read {
            Ok(prior) => {
                priors.insert((line.scheme, line.category), prior);
            }
            Err((what, fix)) => problems.push(Problem::at(file, row, 0, what, fix)),
        }
    }
    priors
}

#[cfg(test)]
#[path = "examples_test.rs"]
pub(crate) mod tests;
