//! One writer at a time: an advisory lock on a file, freed by the kernel on any exit.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::{Error, Result};

use super::{Workspace, durable};

/// The right to write; given back when dropped.
#[derive(Debug)]
pub struct WriterLock {
    file: File,
    path: PathBuf,
}

/// How long a writer waits for another one: tries, and the pause between them.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl WriterLock {
    /// Takes the lock, waiting up to five seconds for another writer, and removes what
    /// dead writers left aside.
    ///
    /// # Errors
    /// Another writer keeps it; the message names its process and since when.
    pub fn take(workspace: &Workspace) -> Result<Self> {
        Self::take_in(&workspace.loads())
    }

    /// The same for a folder that has its own writers.
    ///
    /// # Errors
    /// As [`WriterLock::take`].
    pub fn take_in(folder: &Path) -> Result<Self> {
        let path = folder.join(".lock");
        for turn in 0..TRIES {
            if turn > 0 {
                std::thread::sleep(PAUSE);
            }
            refuse_link(&path)?;
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(|error| Error::io("open", &path, error))?;
            match file.try_lock() {
                Ok(()) => {
                    let mut lock = Self { file, path: path.clone() };
                    if lock.is_in_place() {
                        // A link put there meanwhile would have us write elsewhere.
                        refuse_link(&path)?;
                        lock.sign()?;
                        durable::sweep(folder);
                        return Ok(lock);
                    }
                    // The file was deleted meanwhile: the one that is there now counts.
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(Error::io("lock", &path, error));
                }
            }
        }
        Err(busy(&path))
    }

    /// Checks that nobody deleted the lock file: then another writer may be at work.
    ///
    /// # Errors
    /// The file is gone or is another one.
    pub fn still_holds(&self) -> Result<()> {
        if self.is_in_place() {
            return Ok(());
        }
        let what = format!(
            "`{}` was removed while this load was written; nothing was loaded",
            self.path.display()
        );
        Err(Error::environment(what).fix("leave the file there, and load again"))
    }

    /// Whether the locked file is the one that its path names.
    #[cfg(unix)]
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let (Ok(held), Ok(there)) = (self.file.metadata(), std::fs::metadata(&self.path))
        else {
            return false;
        };
        (held.dev(), held.ino()) == (there.dev(), there.ino())
    }

    /// Whether there is a file at the path of the locked one.
    #[cfg(not(unix))]
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.path.is_file()
    }

    fn sign(&mut self) -> Result<()> {
        let text = format!("process {}", std::process::id());
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| self.file.write_all(text.as_bytes()))
            .map_err(|error| Error::io("write", &self.path, error))
    }
}

/// Refuses a lock file that leads elsewhere: signing it would overwrite what is there.
fn refuse_link(path: &Path) -> Result<()> {
    if !path.is_symlink() {
        return Ok(());
    }
    let what = format!("`{}` is a link to another file", path.display());
    Err(Error::environment(what).fix("remove the link; the lock is a file of its own"))
}

/// Who writes, and since when: the holder signs the file when it takes the lock.
fn busy(path: &Path) -> Error {
    let signed = std::fs::read_to_string(path).unwrap_or_default();
    let who = match signed.trim() {
        "" => "another process",
        signed => signed,
    };
    let since = std::fs::metadata(path).and_then(|file| file.modified()).map_or_else(
        |_| String::new(),
        |at| {
            let at = DateTime::<Utc>::from(at).to_rfc3339_opts(SecondsFormat::Secs, true);
            format!(" since {at}")
        },
    );
    let who = crate::error::visible(who);
    Error::environment(format!("the workspace is being written by {who}{since}"))
        .fix("try again when it has finished")
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // The kernel frees the lock with the file; an error here changes nothing.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}
