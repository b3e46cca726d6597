//! The files of `queries/`: embedded in the binary, overridable by a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::error::{Error, Result};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// The SQL and rule files that the engine works with.
///
/// A file of the overlay folder takes the place of the shipped file of the same path.
#[derive(Debug, Clone, Default)]
pub struct Library {
    overlay: Option<PathBuf>,
    /// Texts that are all there is, whatever is shipped.
    texts: Option<Arc<BTreeMap<String, String>>>,
}

impl Library {
    /// Returns the shipped files, overlaid by those of `overlay` where it exists.
    #[must_use]
    pub fn new(overlay: Option<PathBuf>) -> Self {
        Self { overlay: overlay.filter(|folder| folder.is_dir()), texts: None }
    }

    /// Returns a library of these texts by path and of no other.
    #[must_use]
    pub fn of_texts(texts: BTreeMap<String, String>) -> Self {
        Self { overlay: None, texts: Some(Arc::new(texts)) }
    }

    /// The text of a file such as `policies/pbf.toml`.
    ///
    /// # Errors
    /// There is no such file, or it is not text.
    pub fn text(&self, path: &str) -> Result<String> {
        if let Some(texts) = &self.texts {
            return texts.get(path).cloned().ok_or_else(|| missing(path));
        }
        if let Some(folder) = &self.overlay {
            let place = folder.join(path);
            if place.is_file() {
                return std::fs::read_to_string(&place)
                    .map_err(|error| Error::io("read", &place, error));
            }
        }
        EMBEDDED
            .get_file(path)
            .and_then(|file| file.contents_utf8())
            .map(str::to_owned)
            .ok_or_else(|| missing(path))
    }

    /// The files of a folder such as `views` and below it, as paths, sorted.
    #[must_use]
    pub fn list(&self, folder: &str) -> Vec<String> {
        if let Some(texts) = &self.texts {
            let inside = |path: &&String| Path::new(path.as_str()).starts_with(folder);
            return texts.keys().filter(inside).cloned().collect();
        }
        let mut found = BTreeSet::new();
        if let Some(dir) = EMBEDDED.get_dir(folder) {
            embedded_files(dir, &mut found);
        }
        if let Some(overlay) = &self.overlay {
            overlay_files(overlay, &overlay.join(folder), &mut found);
        }
        found.into_iter().collect()
    }

    /// All files, as paths, sorted.
    #[must_use]
    pub fn list_all(&self) -> Vec<String> {
        if let Some(texts) = &self.texts {
            return texts.keys().cloned().collect();
        }
        let mut found = BTreeSet::new();
        embedded_files(&EMBEDDED, &mut found);
        if let Some(overlay) = &self.overlay {
            overlay_files(overlay, overlay, &mut found);
        }
        found.into_iter().collect()
    }
}

fn missing(path: &str) -> Error {
    Error::rule(format!("there is no file `{path}` in queries"))
}

fn embedded_files(dir: &Dir<'_>, found: &mut BTreeSet<String>) {
    for file in dir.files() {
        found.insert(file.path().to_string_lossy().into_owned());
    }
    for inner in dir.dirs() {
        embedded_files(inner, found);
    }
}

fn overlay_files(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            overlay_files(root, &path, found);
        } else if let Ok(inside) = path.strip_prefix(root) {
            found.insert(inside.to_string_lossy().into_owned());
        }
    }
}
