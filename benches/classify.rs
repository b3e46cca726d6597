//! Classification of texts: `cargo bench --bench classify -- generate FILE COUNT` writes
//! made-up descriptions, `cargo bench --bench classify -- FILE [WORDS]` classifies them.
//! WORDS are `given` (the language is told), `detected` (it is not), `repeated` (ten
//! million rows over 50,000 of the texts).

#![expect(
    clippy::arithmetic_side_effects,
    reason = "counts and times, not money; an overflow stops the program"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ssrfund::classify::{Question, RuleSet};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 5;
/// Rows and distinct texts of the repeated case.
const ROWS: usize = 10_000_000;
const DISTINCT: usize = 50_000;
const LANGUAGES: [&str; 4] = ["en", "fr", "es", "pt"];

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["generate", file, count] => generate(Path::new(file), count.parse()?),
        [file, asked @ ..] => classify(Path::new(file), asked),
        [] => {
            writeln!(
                std::io::stdout(),
                "usage: cargo bench --bench classify -- generate FILE COUNT | FILE [WORDS]"
            )?;
            Ok(())
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/classification")
}

fn rules() -> Result<RuleSet, Failure> {
    let mut files = Vec::new();
    for inside in [
        "category_prior.csv",
        "lexicon/en.csv",
        "lexicon/es.csv",
        "lexicon/fr.csv",
        "lexicon/pt.csv",
        "phrases.csv",
        "rules.toml",
        "safety.csv",
        "screens.csv",
        "sectors.csv",
    ] {
        let text = std::fs::read_to_string(folder().join(inside))?;
        files.push((inside.to_owned(), text));
    }
    Ok(RuleSet::read(&files)?)
}

/// The texts of a file of `id,lang,description`, with their languages.
fn read(file: &Path) -> Result<Vec<(String, String)>, Failure> {
    let mut reader = csv::Reader::from_path(file)?;
    let mut texts = Vec::new();
    for row in reader.records() {
        let row = row?;
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        texts.push((cell(1), cell(2)));
    }
    Ok(texts)
}

/// Classifies texts on all cores; how many had each class.
fn count(
    rules: &RuleSet,
    texts: &[(String, String)],
    given: bool,
) -> BTreeMap<&'static str, usize> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = texts.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let running: Vec<_> = texts
            .chunks(part)
            .map(|texts| {
                scope.spawn(move || {
                    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
                    for (lang, description) in texts {
                        let lang = given.then_some(lang.as_str());
                        let question =
                            Question { description, lang, ..Question::default() };
                        let class = rules.classify(&question).class.code();
                        *counts.entry(class).or_default() += 1;
                    }
                    counts
                })
            })
            .collect();
        let mut all = BTreeMap::new();
        for counts in running.into_iter().filter_map(|thread| thread.join().ok()) {
            for (class, count) in counts {
                *all.entry(class).or_default() += count;
            }
        }
        all
    })
}

fn classify(file: &Path, asked: &[&str]) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let texts = read(file)?;
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let began = Instant::now();
    let rules = rules()?;
    writeln!(out, "rules read in {:.1?}", began.elapsed())?;
    writeln!(out, "{} texts, {bytes} bytes", texts.len())?;
    let wants = |word: &str| asked.is_empty() || asked.contains(&word);
    for (word, given) in [("given", true), ("detected", false)] {
        if !wants(word) {
            continue;
        }
        let mut times = Vec::new();
        let mut counts = BTreeMap::new();
        for _ in 0..RUNS {
            let began = Instant::now();
            counts = count(&rules, &texts, given);
            times.push(began.elapsed());
        }
        times.sort();
        let median = times.get(RUNS / 2).copied().unwrap_or_default();
        writeln!(out, "language {word}: median {median:.3?}; {counts:?}")?;
    }
    if wants("repeated") {
        repeated(&rules, &texts)?;
    }
    Ok(())
}

/// Ten million rows: each distinct text is classified once, each row looks it up.
fn repeated(rules: &RuleSet, texts: &[(String, String)]) -> Result<(), Failure> {
    let distinct = texts.get(..DISTINCT.min(texts.len())).unwrap_or_default();
    let rows: Vec<&str> =
        distinct.iter().map(|(_, text)| text.as_str()).cycle().take(ROWS).collect();
    let began = Instant::now();
    let mut answers = std::collections::HashMap::new();
    for (_, text) in distinct {
        let question = Question { description: text, ..Question::default() };
        answers.insert(text.as_str(), rules.classify(&question).class);
    }
    let classified = began.elapsed();
    let began = Instant::now();
    let found = rows.iter().filter(|row| answers.contains_key(**row)).count();
    let looked_up = began.elapsed();
    writeln!(
        std::io::stdout(),
        "{found} rows over {} texts: {classified:.3?} to classify on one core, \
         {looked_up:.3?} to look up",
        distinct.len()
    )?;
    Ok(())
}

/// A small generator of numbers; the same seed, the same texts.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % most.max(1)
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

/// Terms of the lexicons with small words and invented names between them; every text
/// ends in a number of its own, so that no two are the same.
fn generate(file: &Path, count: usize) -> Result<(), Failure> {
    const JOINS: [&[&str]; 4] = [
        &["of", "for the", "and", "in", "to", ","],
        &["de", "pour la", "et", "à", "des", ","],
        &["de", "para la", "y", "en", "del", ","],
        &["de", "para a", "e", "em", "da", ","],
    ];
    const SYLLABLES: [&str; 16] = [
        "ba", "ko", "li", "nam", "sor", "ti", "wen", "gu", "mar", "dé", "ña", "zo", "fi",
        "ra", "lu", "cam",
    ];
    let mut terms: Vec<Vec<String>> = Vec::new();
    for lang in LANGUAGES {
        let mut reader =
            csv::Reader::from_path(folder().join(format!("lexicon/{lang}.csv")))?;
        let mut own = Vec::new();
        for row in reader.records() {
            own.push(row?.get(1).unwrap_or_default().trim_end_matches('*').to_owned());
        }
        terms.push(own);
    }
    let mut writer = csv::Writer::from_path(file)?;
    writer.write_record(["id", "lang", "description"])?;
    let mut numbers = Numbers(0x5eed_0f7e_a123_4567);
    for id in 0..count {
        // Four of ten English, three French, the rest in halves.
        let lang =
            [0, 0, 0, 0, 1, 1, 1, 2, 2, 3].get(numbers.below(10)).copied().unwrap_or(0);
        let (own, joins) = (terms.get(lang), JOINS.get(lang));
        let (Some(own), Some(joins)) = (own, joins) else { continue };
        let mut text = String::new();
        for nth in 0..2 + numbers.below(3) {
            if nth > 0 {
                text.push(' ');
                text.push_str(numbers.pick(joins).copied().unwrap_or_default());
                text.push(' ');
            }
            if numbers.below(4) == 0 {
                for _ in 0..2 + numbers.below(3) {
                    text.push_str(numbers.pick(&SYLLABLES).copied().unwrap_or_default());
                }
            } else {
                text.push_str(numbers.pick(own).map_or("", String::as_str));
            }
        }
        text.push_str(&format!(" {id}"));
        let code = LANGUAGES.get(lang).copied().unwrap_or_default();
        writer.write_record([id.to_string().as_str(), code, &text])?;
    }
    writer.flush()?;
    Ok(())
}
