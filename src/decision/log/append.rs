//! Writing to the log: one writer, all of its lines or none, on disk before it is told.
//!
//! The writer holds a lock of its own, reads the whole log, writes its lines with one
//! call, syncs them, reads them back, and syncs the folder where the file is new. If any
//! of that fails the lines are taken back. Several lines of one call say how many belong
//! together, so that half of them is known as torn.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::workspace::Workspace;
use crate::workspace::commit::sync_folder;
use crate::workspace::lock::WriterLock;

use super::chain::{self, Chain, Torn};
use super::copies::write_aside;
use super::line::{Record, Tail};

/// The right to write to the log, and the log as it is while nobody else writes.
#[derive(Debug)]
pub struct Writer {
    lock: WriterLock,
    path: PathBuf,
    root: PathBuf,
    folder: PathBuf,
    chain: Chain,
}

impl Writer {
    /// Takes the lock and reads the log.
    ///
    /// # Errors
    /// Another writer keeps the lock, the log was changed, or the disk.
    pub fn open(workspace: &Workspace) -> Result<Self> {
        let folder = chain::folder(workspace);
        if !folder.is_dir() {
            std::fs::create_dir_all(&folder)
                .map_err(|error| Error::io("create", &folder, error))?;
            sync_folder(workspace.root())?;
        }
        let lock = WriterLock::take_in(&folder)?;
        Ok(Self {
            lock,
            path: chain::path(workspace),
            root: workspace.root().to_owned(),
            folder,
            chain: chain::read(workspace)?,
        })
    }

    /// The log as it is.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The folder of copies.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// What the next line follows.
    #[must_use]
    pub fn tail(&self) -> Tail {
        self.chain.tail()
    }

    /// What the first new line must say: which bytes it takes the place of.
    pub fn tell_torn(&self, object: &mut Map<String, Value>) {
        if let Some(torn) = &self.chain.torn {
            object.insert("torn_sha256".to_owned(), Value::from(torn.sha256()));
        }
    }

    /// Writes records that [`Tail::seal`] made after [`Writer::tail`], and waits until
    /// they are on disk.
    ///
    /// # Errors
    /// The disk; then no line was added, or the message says otherwise.
    pub fn append(self, records: &[Record]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for record in records {
            text.push_str(record.canonical());
            text.push('\n');
        }
        if !self.lock.is_in_place() {
            let shown = self.folder.join(".lock");
            let what = format!("`{}` was removed: nothing was recorded", shown.display());
            return Err(Error::environment(what).fix("leave it there, and try again"));
        }
        if let Some(torn) = &self.chain.torn {
            self.put_aside(torn)?;
        }
        let failed = |error| Error::io("write", &self.path, error);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&self.path)
            .map_err(failed)?;
        file.set_len(self.chain.length).map_err(failed)?;
        let Err(error) = self.write(&mut file, text.as_bytes()) else { return Ok(()) };
        // Nobody knows what of it is on disk: take it back.
        let undone = file.set_len(self.chain.length).and_then(|()| file.sync_all());
        Err(error.fix(match undone {
            Ok(()) => "nothing was recorded; check the disk, then try again",
            Err(_) => {
                "check the disk, then ask `ssrfund decision verify` whether it was recorded"
            }
        }))
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> Result<()> {
        let failed = |error| Error::io("write", &self.path, error);
        file.write_all(bytes).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let mut found = Vec::new();
        file.seek(SeekFrom::Start(self.chain.length))
            .and_then(|_| file.read_to_end(&mut found))
            .map_err(failed)?;
        if found != bytes {
            let shown = self.path.display();
            let what = format!("`{shown}` reads otherwise than it was written");
            return Err(Error::environment(what));
        }
        if self.chain.length == 0 { sync_folder(&self.root) } else { Ok(()) }
    }

    /// Keeps bytes that were never finished under their hash.
    fn put_aside(&self, torn: &Torn) -> Result<()> {
        write_aside(&torn_path(&self.folder, &torn.sha256()), &torn.bytes)?;
        sync_folder(&self.folder)
    }
}

/// Where torn bytes are kept.
#[must_use]
pub fn torn_path(folder: &std::path::Path, hash: &str) -> PathBuf {
    folder.join(format!("torn-{hash}"))
}
