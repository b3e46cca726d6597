//! One writer at a time: an advisory lock on a file, freed by the kernel on any exit.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use crate::error::{Error, Result};

use super::Workspace;

/// The right to write; given back when dropped.
#[derive(Debug)]
pub struct WriterLock {
    file: File,
}

/// How long a writer waits for another one: tries, and the pause between them.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl WriterLock {
    /// Takes the lock, waiting up to five seconds for another writer.
    ///
    /// # Errors
    /// Another writer keeps it; the message names its process.
    pub fn take(workspace: &Workspace) -> Result<Self> {
        let path = workspace.loads().join(".lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::io("open", &path, error))?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Self::sign(file, &path),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => {
                    return Err(Error::io("lock", &path, error));
                }
            }
        }
        let mut holder = String::new();
        let named = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
        let who = if named { holder.trim().to_owned() } else { "another process".into() };
        Err(Error::environment(format!("the workspace is being written by {who}"))
            .fix("try again when it has finished"))
    }

    fn sign(mut file: File, path: &Path) -> Result<Self> {
        let text = format!("process {}", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(|error| Error::io("write", path, error))?;
        Ok(Self { file })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // The kernel frees the lock with the file; an error here changes nothing.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}
