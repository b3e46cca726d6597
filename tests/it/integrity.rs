//! Damage: every flipped bit and every truncation of every file of a small workspace is
//! refused or changes nothing.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use ssrfund::error::{Kind, Result};
use ssrfund::workspace::derived::Cache;
use ssrfund::workspace::{self, Snapshot, Workspace, open::verify};

use crate::workspaces::{decide, instant, load_with, open_to_ask};

/// A row of `projects` is rejected, so that there is a table of rejects.
const FILES: [(&str, &str); 3] = [
    ("projects.csv", "project_id,title,currency\n00000001,Radios,USD\n00000002,,USD\n"),
    (
        "tranches.csv",
        "project_id,tranche,recipient,share_bps,amount\n\
         00000001,1,UNDP,6000,60.00\n00000001,2,UNDP,4000,40.00\n",
    ),
    ("recipients.csv", "project_id,recipient,commitment_basis\n00000001,UNDP,gross\n"),
];

/// A workspace of one load with originals and rejects.
fn small(root: &Path) -> Workspace {
    let (workspace, _) = Workspace::init(&root.join("fund")).unwrap();
    let files: Vec<PathBuf> = FILES
        .iter()
        .map(|(name, text)| {
            let path = root.join(name);
            std::fs::write(&path, text).unwrap();
            path
        })
        .collect();
    load_with(&workspace, "hq", &files, instant("2026-07-01T00:00:00Z"), |o, how| {
        o.quarantine = true;
        how.originals = true;
    })
    .unwrap();
    workspace
}

/// Every file below a folder, sorted.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The rows of these tables: all that questions and verdicts are made from.
fn rows(root: &Path, tables: &[&str]) -> Result<Vec<RecordBatch>> {
    let snapshot = workspace::open(&Workspace::at(root)?, None)?;
    let mut all = Vec::new();
    for table in tables {
        all.extend(snapshot.read(table)?);
    }
    Ok(all)
}

const TABLES: [&str; 4] = ["projects", "recipients", "rejects", "tranches"];

/// What `sql` and `gate check` answer.
fn answers(workspace: &Workspace) -> String {
    let (_, engine, _) = open_to_ask(workspace);
    let sql = "SELECT * FROM projects, tranches, rejects ORDER BY tranche";
    let told = engine.run(sql, &Vec::new()).unwrap().batches;
    let asked = [("00000001".to_owned(), 2)];
    format!("{told:?} {:?}", decide(workspace, &asked, "2024-06-30", None))
}

/// What a damaged file may still do.
#[derive(Clone, Copy)]
enum Expected {
    /// The check refuses, and nothing opens.
    Closed,
    /// Both the check and the reading of this table refuse.
    Refused(&'static str),
    /// The check refuses; it is not read for answers.
    Unread,
    /// Nothing depends on what stands in it.
    NoEffect,
}

/// What file is it, and what does its damage do?
fn expected(name: &str, inside: &str) -> Expected {
    match name {
        "load.json" => Expected::Closed,
        "projects.parquet" => Expected::Refused("projects"),
        "recipients.parquet" => Expected::Refused("recipients"),
        "rejects.parquet" => Expected::Refused("rejects"),
        "tranches.parquet" => Expected::Refused("tranches"),
        ".lock" | "ssrfund.toml" => Expected::NoEffect,
        _ if inside.contains("originals") => Expected::Unread,
        _ => panic!("a file of a kind that this test does not know: {inside}"),
    }
}

/// Damages one file of a workspace in every way and checks after each.
fn damage_all(workspace: &Workspace, path: &Path, sound: &[RecordBatch]) -> usize {
    let name = path.file_name().unwrap().to_str().unwrap();
    let expected = expected(name, path.to_str().unwrap());
    let whole = std::fs::read(path).unwrap();
    let snapshot = workspace::open(workspace, None).unwrap();
    let look = |what: String| {
        let checked = verify(workspace).map_err(|error| error.kind());
        match expected {
            Expected::Closed => {
                assert_eq!(checked.unwrap_err(), Kind::Data, "{what}");
                let opened = workspace::open(workspace, None);
                assert_eq!(opened.unwrap_err().kind(), Kind::Data, "{what}");
            }
            Expected::Refused(table) => {
                assert_eq!(checked.unwrap_err(), Kind::Data, "{what}");
                let read = snapshot.read(table);
                assert_eq!(read.unwrap_err().kind(), Kind::Data, "{what}");
            }
            Expected::Unread => assert_eq!(checked.unwrap_err(), Kind::Data, "{what}"),
            Expected::NoEffect => {
                assert_eq!(checked.unwrap().len(), 1, "{what}");
            }
        }
    };
    // Byte by byte in place: a file that is cut and written anew waits for the disk.
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    for (at, byte) in whole.iter().enumerate() {
        for bit in 0..8 {
            put(at, byte ^ (1 << bit));
            look(format!("{name}: byte {at}, bit {bit}"));
        }
        put(at, *byte);
    }
    for end in (0..whole.len()).rev() {
        file.set_len(end as u64).unwrap();
        look(format!("{name}: cut at {end}"));
    }
    if matches!(expected, Expected::Unread | Expected::NoEffect) {
        // Not a matter of single bits: the last damage is the greatest, nothing is left.
        assert_eq!(rows(workspace.root(), &TABLES).unwrap(), sound, "{name}");
    }
    std::fs::write(path, &whole).unwrap();
    whole.len() * 9
}

#[test]
fn every_flipped_bit_and_every_truncation_is_refused_or_changes_nothing() {
    let first = tempfile::tempdir().unwrap();
    let count = files_below(small(first.path()).root()).len();
    assert_eq!(count, 10, "four tables, three originals, load.json, lock and settings");
    let sound = rows(&first.path().join("fund"), &TABLES).unwrap();
    assert_eq!(sound.iter().map(RecordBatch::num_rows).sum::<usize>(), 5);
    // Each thread damages files of a workspace of its own.
    let done: usize = std::thread::scope(|scope| {
        let work = |half: usize| {
            let folder = tempfile::tempdir().unwrap();
            let workspace = small(folder.path());
            let files = files_below(workspace.root());
            let own = files.iter().skip(half).step_by(2);
            own.map(|path| damage_all(&workspace, path, &sound)).sum::<usize>()
        };
        let halves = [0, 1].map(|half| scope.spawn(move || work(half)));
        halves.map(|half| half.join().unwrap()).iter().sum()
    });
    assert!(done > 50_000, "{done} damaged files");
}

#[test]
fn damage_that_is_not_refused_changes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = small(folder.path());
    let sound = answers(&workspace);
    for path in files_below(workspace.root()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = expected(name, path.to_str().unwrap());
        if matches!(expected, Expected::Closed | Expected::Refused(_)) {
            continue;
        }
        let whole = std::fs::read(&path).unwrap();
        let inverted: Vec<u8> = whole.iter().map(|byte| !byte).collect();
        for bytes in [&inverted[..], &[]] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(answers(&workspace), sound, "{name}");
        }
        std::fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn a_missing_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = small(folder.path());
    for path in files_below(&workspace.loads()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == ".lock" {
            continue;
        }
        let whole = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let error = verify(&workspace).unwrap_err();
        assert_eq!(error.kind(), Kind::Data, "{name}");
        assert!(error.to_string().contains("missing"), "{name}: {error}");
        std::fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn a_table_that_is_read_piece_by_piece_is_checked_first() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = small(folder.path());
    let snapshot = workspace::open(&workspace, None).unwrap();
    let path = snapshot.files("tranches")[0].path.clone();
    let whole = std::fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let fresh = workspace::open(&workspace, None).unwrap();
        let error = fresh.scan("tranches", |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("was changed after"), "byte {at}: {error}");
        assert!(fresh.check("tranches").is_err(), "byte {at}");
    }
    std::fs::write(&path, &whole).unwrap();
    let mut rows = 0;
    let count = |kept: &[workspace::KeptRows]| {
        rows += kept.iter().map(|group| group.rows.rows.len()).sum::<usize>();
        Ok(())
    };
    snapshot.scan("tranches", count).unwrap();
    assert_eq!(rows, 2);
}

/// Writes the tranches of the snapshot as a cache.
fn fill(cache: &Cache, snapshot: &Snapshot) -> PathBuf {
    let batches = snapshot.read("tranches").unwrap();
    cache
        .write(&batches[0].schema(), |sink| batches.into_iter().try_for_each(sink))
        .unwrap()
}

#[test]
fn a_damaged_cache_is_not_used_and_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = small(folder.path());
    let snapshot = workspace::open(&workspace, None).unwrap();
    let cache = Cache::of(&workspace, &snapshot, "classified", "rules");
    assert_eq!(cache.found(), None);
    let path = fill(&cache, &snapshot);
    assert_eq!(cache.found().as_ref(), Some(&path));
    // Other rules have another cache.
    assert_eq!(Cache::of(&workspace, &snapshot, "classified", "other").found(), None);
    let whole = std::fs::read(&path).unwrap();
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    for (at, byte) in whole.iter().enumerate() {
        for bit in 0..8 {
            put(at, byte ^ (1 << bit));
            assert_eq!(cache.found(), None, "byte {at}, bit {bit}");
        }
        put(at, *byte);
    }
    assert_eq!(cache.found().as_ref(), Some(&path));
    for end in (0..whole.len()).rev() {
        file.set_len(end as u64).unwrap();
        assert_eq!(cache.found(), None, "cut at {end}");
    }
    assert_eq!(fill(&cache, &snapshot), path);
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    assert_eq!(cache.found(), Some(path));
}

#[test]
fn a_cache_writer_removes_what_dead_writers_left_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = small(folder.path());
    let snapshot = workspace::open(&workspace, None).unwrap();
    let derived = workspace.derived();
    std::fs::create_dir(&derived).unwrap();
    std::fs::write(derived.join(".writing-dead"), b"PAR1").unwrap();
    let alive = std::fs::File::create(derived.join(".writing-alive")).unwrap();
    alive.lock().unwrap();
    let cache = Cache::of(&workspace, &snapshot, "classified", "rules");
    let path = fill(&cache, &snapshot);
    assert_eq!(files_below(&derived), [derived.join(".writing-alive"), path]);
}
