//! Where things are in a workspace folder, and how one is found or made.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::load::files::name_of;

use super::durable;

/// The file that makes a folder a workspace.
pub const SETTINGS: &str = "ssrfund.toml";

/// What `init` writes into the settings file.
const SETTINGS_TEXT: &str = "\
# Settings of this ssrfund workspace. Everything here is optional.

# The fund that shares are measured against (table `funds`).
# fund = \"PBF\"

# A folder of your own views, rules, metrics and policies; files in it take the place
# of the shipped ones of the same name. Default: `queries/` beside this file.
# queries = \"queries\"
";

/// Whether a folder holds more than an interrupted `init` leaves behind.
fn holds_other_files(root: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(root) else { return false };
    let is_empty = |folder: &Path| {
        std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
    };
    entries.filter_map(std::result::Result::ok).any(|entry| {
        let name = name_of(&entry.path());
        let begun =
            matches!(name.as_str(), "loads" | "reports") && is_empty(&entry.path());
        !begun && !name.starts_with(durable::ASIDE)
    })
}

/// A workspace folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Opens the workspace at `root`.
    ///
    /// # Errors
    /// The folder has no `ssrfund.toml`.
    pub fn at(root: &Path) -> Result<Self> {
        if root.join(SETTINGS).is_file() {
            return Ok(Self { root: root.to_owned() });
        }
        let shown = root.display();
        Err(Error::usage(format!("`{shown}` is no workspace: it has no `{SETTINGS}`"))
            .fix(format!("make one with `ssrfund init {shown}`")))
    }

    /// Finds the workspace that holds `folder`: itself or the nearest parent.
    ///
    /// # Errors
    /// No folder on the way up is a workspace.
    pub fn above(folder: &Path) -> Result<Self> {
        folder
            .ancestors()
            .find(|place| place.join(SETTINGS).is_file())
            .map(|place| Self { root: place.to_owned() })
            .ok_or_else(|| {
                Error::usage("there is no workspace here or in any folder above")
                    .fix("make one with `ssrfund init`, or name one with `--workspace`")
            })
    }

    /// Makes a workspace of `root`; true where it was one before and was left as it is.
    ///
    /// # Errors
    /// The folder holds something else, or cannot be written.
    pub fn init(root: &Path) -> Result<(Self, bool)> {
        if root.join(SETTINGS).is_file() {
            return Ok((Self { root: root.to_owned() }, true));
        }
        if holds_other_files(root) {
            let shown = root.display();
            return Err(Error::usage(format!("`{shown}` holds other files"))
                .fix("name an empty folder, or one that does not exist yet"));
        }
        let made = Self { root: root.to_owned() };
        for folder in [made.loads(), root.join("reports")] {
            std::fs::create_dir_all(&folder)
                .map_err(|error| Error::io("create", &folder, error))?;
        }
        durable::sweep(root);
        // This file makes the folder a workspace, so it comes last and whole.
        durable::create_file(&root.join(SETTINGS), SETTINGS_TEXT.as_bytes())?;
        Ok((made, false))
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of loads.
    #[must_use]
    pub fn loads(&self) -> PathBuf {
        self.root.join("loads")
    }

    /// The folder of caches, deletable at any time.
    #[must_use]
    pub fn derived(&self) -> PathBuf {
        self.root.join("derived")
    }

    /// The folder of queries that take the place of the shipped ones.
    #[must_use]
    pub fn queries(&self) -> PathBuf {
        self.root.join("queries")
    }
}
