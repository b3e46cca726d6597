//! Transactions too many to hold are checked, kept and refused as a few are.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ssrfund::error::Result;
use ssrfund::load::{Known, Loaded, Options, Reads, check, read_files};
use ssrfund::workspace::lock::WriterLock;
use ssrfund::workspace::{self, Commit, LoadRef, Snapshot, Workspace, commit};

use crate::workspaces::{instant, options};

const NOW: &str = "2024-07-05T00:00:00Z";
const ROWS: u64 = 130_000;
const HEADER: &str = "transaction_id,project_id,kind,date,amount,currency,recipient,\
                      period_start,description\n";

/// A row of about 90 bytes.
fn row(name: &str, number: u64) -> String {
    let project = 10_000_001 + number % 3;
    let (day, cents) = (1 + number % 28, number % 100);
    format!(
        "{name}{number:07},{project},disbursement,2024-02-{day:02},{number}.{cents:02},\
         USD,UNDP,,\"lot {number}, delivered\"\n"
    )
}

fn text(name: &str, change: impl Fn(u64, String) -> String) -> String {
    let mut text = HEADER.to_owned();
    for number in 0..ROWS {
        text.write_str(&change(number, row(name, number))).unwrap();
    }
    assert!(text.len() > 8 << 20, "it would be held");
    text
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn base(folder: &Path) -> Vec<PathBuf> {
    let mut projects = "project_id,title,currency\n".to_owned();
    let mut recipients = "project_id,recipient,commitment_basis\n".to_owned();
    for project in 10_000_001..10_000_004 {
        writeln!(projects, "{project},Synthetic,USD").unwrap();
        writeln!(recipients, "{project},UNDP,gross").unwrap();
    }
    vec![
        write(folder, "projects.csv", &projects),
        write(folder, "recipients.csv", &recipients),
    ]
}

struct Place {
    folder: tempfile::TempDir,
    workspace: Workspace,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (workspace, _) = Workspace::init(&folder.path().join("fund")).unwrap();
        Self { folder, workspace }
    }

    fn check(
        &self,
        source: &str,
        files: &[PathBuf],
        options: &Options,
    ) -> Result<Loaded> {
        self.read(source, files, options).map(|(loaded, _)| loaded)
    }

    fn read(
        &self,
        source: &str,
        files: &[PathBuf],
        options: &Options,
    ) -> Result<(Loaded, Vec<ssrfund::load::SourceFile>)> {
        let loads = self.workspace.loads();
        let how = Reads { folder: &loads, keeps_originals: true, progress: &|_| {} };
        let mut files = read_files(files, options, &how)?;
        let known = match workspace::open(&self.workspace, None) {
            Ok(snapshot) => snapshot.known(source)?,
            Err(_) => Known::default(),
        };
        Ok((check(&mut files, &known, options)?, files))
    }

    fn load(
        &self,
        source: &str,
        files: &[PathBuf],
        options: &Options,
    ) -> Result<LoadRef> {
        let (loaded, files) = self.read(source, files, options)?;
        let lock = WriterLock::take(&self.workspace)?;
        let how = Commit {
            source,
            append: false,
            drop_tables: false,
            originals: true,
            now: instant(NOW),
            expected: Vec::new(),
        };
        commit(&self.workspace, &lock, &loaded, &files, &how)
    }

    fn snapshot(&self) -> Snapshot {
        workspace::open(&self.workspace, None).unwrap()
    }

    /// What is in the folder of loads, the lock left out.
    fn loads(&self) -> usize {
        let entries = std::fs::read_dir(self.workspace.loads()).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().file_name() != ".lock").count()
    }
}

fn told(outcome: Result<Loaded>) -> (Vec<String>, String) {
    let error = outcome.map(|loaded| loaded.tally).unwrap_err();
    let places = error.places().iter().map(ToString::to_string).collect();
    (places, error.what().to_owned())
}

#[test]
fn every_row_is_kept_with_its_line_and_the_original() {
    let place = Place::new();
    let mut files = base(place.folder.path());
    let text = text("T", |_, row| row);
    files.push(write(place.folder.path(), "transactions.csv", &text));
    let load = place.load("hq", &files, &options(instant(NOW))).unwrap();
    let entry = load.manifest.tables.iter().find(|one| one.table == "transactions");
    assert_eq!(entry.unwrap().rows, ROWS);
    assert_eq!(load.manifest.money[0].count, ROWS);
    workspace::open::verify(&place.workspace).unwrap();

    let (mut line, mut cents) = (2, 0);
    place
        .snapshot()
        .scan("transactions", |kept| {
            for group in kept {
                assert_eq!(group.rows.file, "transactions.csv");
                assert!(
                    group.rows.rows.iter().zip(line..).all(|(row, at)| row.row == at)
                );
                line += group.rows.len();
                cents += group.rows.cents().unwrap();
            }
            Ok(())
        })
        .unwrap();
    let expected = (0..i128::from(ROWS)).map(|n| n * 100 + n % 100).sum::<i128>();
    assert_eq!((line, cents), (ROWS + 2, expected));

    let source = load.manifest.sources.iter().find(|one| one.file == "transactions.csv");
    let original = load.folder.join(source.unwrap().original.as_ref().unwrap());
    let kept = zstd::decode_all(std::fs::File::open(original).unwrap()).unwrap();
    assert!(kept == text.as_bytes(), "the original is kept to the byte");
    // The same file again gives the same table.
    let again = place.load("hq", &files, &options(instant(NOW))).unwrap();
    assert_eq!(again.manifest.tables, load.manifest.tables);
}

#[test]
fn a_large_parquet_file_is_set_aside_with_every_row_and_its_hash() {
    let first = Place::new();
    let mut files = base(first.folder.path());
    // Noise, so that it stays large when it is compressed.
    let noise = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let text = text("T", |number, row| {
        row.replace("delivered", &format!("{:016x}", noise(number + 1)))
    });
    files.push(write(first.folder.path(), "transactions.csv", &text));
    let written = first.load("hq", &files, &options(instant(NOW))).unwrap();
    let parquet = written.folder.join("transactions.parquet");
    let bytes = std::fs::read(&parquet).unwrap();
    assert!(bytes.len() > 1 << 20, "it would be held: {}", bytes.len());

    let second = Place::new();
    let mut files = base(second.folder.path());
    files.push(parquet);
    let (loaded, read) = second.read("hq", &files, &options(instant(NOW))).unwrap();
    let rows = loaded.tables.iter().find(|rows| rows.table.name == "transactions");
    let rows = rows.unwrap();
    assert!(rows.rows.is_empty() && rows.packed.is_some(), "it was held");
    let expected = (0..i128::from(ROWS)).map(|n| n * 100 + n % 100).sum::<i128>();
    assert_eq!((rows.len(), rows.cents()), (ROWS, Some(expected)));
    assert_eq!(read[2].sha256, ssrfund::load::files::sha256(&bytes));
    let load = second.load("hq", &files, &options(instant(NOW))).unwrap();
    assert_eq!(load.manifest.money, written.manifest.money);
    let (mut at, mut cents) = (1, 0);
    second
        .snapshot()
        .scan("transactions", |kept| {
            for group in kept {
                assert!(group.rows.rows.iter().zip(at..).all(|(row, at)| row.row == at));
                at += group.rows.len();
                cents += group.rows.cents().unwrap();
            }
            Ok(())
        })
        .unwrap();
    assert_eq!((at, cents), (ROWS + 1, expected));
}

#[test]
fn rows_that_break_rules_are_told_with_their_places() {
    let place = Place::new();
    let mut files = base(place.folder.path());
    let text = text("T", |number, row| match number {
        90_000 => row.replace("T0090000", "T0000003"),
        100_000 => row.replace(",UNDP,", ",ILO,"),
        110_000 => row.replace(",10000003,", ",10000009,"),
        120_000 => row.replace(",,\"", ",2024-06-01,\""),
        _ => row,
    });
    files.push(write(place.folder.path(), "transactions.csv", &text));
    let strict = options(instant(NOW));
    let (problems, what) = told(place.check("hq", &files, &strict));
    assert_eq!(what, "nothing was loaded: 5 problems in 1 file");
    assert_eq!(
        problems,
        [
            "transactions.csv:90002:1: `T0000003` is already told by \
             transactions.csv:5; give every row of a table its own key",
            "transactions.csv:100002:57: `ILO` is not a recipient of project \
             `10000002`; list it in `recipients`",
            "transactions.csv:110002:10: `10000009` is not in table `projects`; did you \
             mean `10000001` or `10000002` or `10000003`?",
            "transactions.csv:110002:57: `UNDP` is not a recipient of project \
             `10000009`; list it in `recipients`",
            "transactions.csv:120002:32: `date` (2024-02-21) is before `period_start` \
             (2024-06-01); correct one of them",
        ]
    );
    assert_eq!(place.loads(), 0, "a refused load leaves no trace");

    let lenient = Options { quarantine: true, ..strict };
    let load = place.load("hq", &files, &lenient).unwrap();
    let rows = |name: &str| {
        load.manifest.tables.iter().find(|one| one.table == name).unwrap().rows
    };
    assert_eq!((rows("transactions"), rows("rejects")), (ROWS - 4, 5));
    workspace::open::verify(&place.workspace).unwrap();
    let mut kept = 0;
    let snapshot = place.snapshot();
    let count = |groups: &[workspace::KeptRows]| {
        for row in groups.iter().flat_map(|group| &group.rows.rows) {
            assert!(![90_002, 100_002, 110_002, 120_002].contains(&row.row));
            kept += 1;
        }
        Ok(())
    };
    snapshot.scan("transactions", count).unwrap();
    assert_eq!(kept, ROWS - 4);
}

#[test]
fn other_sources_are_seen_without_being_held() {
    let place = Place::new();
    let mut files = base(place.folder.path());
    files.push(write(place.folder.path(), "transactions.csv", &text("T", |_, row| row)));
    let strict = options(instant(NOW));
    place.load("hq", &files, &strict).unwrap();

    let few = format!("{HEADER}{}{}", row("T", 77_777), row("N", 5));
    let aside = tempfile::tempdir().unwrap();
    let few = [write(aside.path(), "transactions.csv", &few)];
    let (problems, _) = told(place.check("iati", &few, &strict));
    assert_eq!(
        problems,
        ["transactions.csv:2:1: `T0077777` is already told by source `hq`, \
          transactions.csv:77779; leave it out here, or replace all that the source says"]
    );

    let (problems, _) = told(place.check("copy", &files[2..], &strict));
    assert_eq!(
        problems[99],
        "transactions.csv:101:1: `T0000099` is already told by source `hq`, \
         transactions.csv:101; leave it out here, or replace all that the source says"
    );

    // The same payment under another id, and a sector of a transaction of the other source.
    let twin = row("T", 77_777).replace("T0077777", "N0000001");
    let sector = "owner_kind,owner_id,vocabulary,code,share_bps\n\
                  transaction,T0000009,1,15210,10000\ntransaction,T9,1,15210,10000\n";
    let other = [
        write(aside.path(), "transactions.csv", &format!("{HEADER}{twin}")),
        write(aside.path(), "sectors.csv", sector),
    ];
    let lenient = Options { quarantine: true, ..options(instant(NOW)) };
    let loaded = place.check("iati", &other, &lenient).unwrap();
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["transactions.csv:2: DOUBLE_TOLD: the same project, kind, date and amount is \
          told by source `hq`, transactions.csv:77779; keep it in one source if it is \
          one payment"]
    );
    assert_eq!(loaded.rejects.len(), 1);
    assert!(loaded.rejects[0].problem.what.starts_with("`T9` is not a transaction"));
}

#[test]
fn what_other_sources_refer_to_may_not_be_taken_away() {
    let aside = tempfile::tempdir().unwrap();
    let fewer = "project_id,title,currency\n10000001,Synthetic,USD\n";
    let large = write(
        aside.path(),
        "transactions.csv",
        &text("X", |_, row| {
            row.replace(",10000002,", ",10000001,").replace(",10000003,", ",10000001,")
        }),
    );
    let recipients = "project_id,recipient,commitment_basis\n10000001,UNDP,gross\n";
    let base = tempfile::tempdir().unwrap();
    let split = Place::new();
    let both = [
        write(
            base.path(),
            "projects.csv",
            "project_id,title,currency\n10000001,A,USD\n10000002,B,USD\n",
        ),
        write(
            base.path(),
            "recipients.csv",
            "project_id,recipient,commitment_basis\n10000001,UNDP,gross\n10000002,UNDP,gross\n",
        ),
    ];
    split.load("hq", &both, &options(instant(NOW))).unwrap();
    split.load("books", &[large], &options(instant(NOW))).unwrap();
    let less = [
        write(base.path(), "projects.csv", &fewer.replace("10000001", "10000002")),
        write(base.path(), "recipients.csv", &recipients.replace("10000001", "10000002")),
    ];
    let (problems, what) = told(split.check("hq", &less, &options(instant(NOW))));
    assert_eq!(
        what,
        "nothing was loaded: at least 200000 problems in 1 file (the first 100 are listed)"
    );
    assert_eq!(
        problems[0],
        "transactions.csv:2: source `books` still needs this: `10000001` is not in table \
         `projects`; keep it, or replace that source as well"
    );
}
