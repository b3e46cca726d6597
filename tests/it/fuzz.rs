//! The corpus of the fuzz targets, replayed without a fuzzer.

#[path = "../fuzz/entries.rs"]
#[expect(clippy::expect_used, reason = "in a test every surprise is a failure")]
mod entries;

use std::path::Path;

#[test]
fn every_input_of_the_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    // The readers catch panics of decoders; their text would only be noise.
    for (target, entry) in entries::TARGETS {
        let folder = corpus.join(target);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(files.len() >= 5, "{target} has {} inputs", files.len());
        for file in files {
            let data = std::fs::read(&file).unwrap();
            let held = std::panic::catch_unwind(|| entry(&data));
            assert!(held.is_ok(), "{} does not hold", file.display());
        }
    }
}
