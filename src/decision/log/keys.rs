//! Ed25519 keys: a private one in a file that only its owner reads, public ones by name.
//!
//! Nothing here shows a private key, not even for debugging.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::error::{Error, Result, visible};
use crate::load::files::{hex, name_of};
use crate::workspace::Workspace;
use crate::workspace::commit::sync_folder;
use crate::workspace::layout::SETTINGS;

use super::line::Person;

/// The first word of a private key's file.
const PRIVATE: &str = "ssrfund-private-key";
/// The first word of a public key's file.
const PUBLIC: &str = "ssrfund-public-key";

/// Makes a pair of keys: the private one at `path`, the public one beside it with `.pub`.
/// Returns the place and the hexadecimal text of the public one.
///
/// # Errors
/// A file is there already, the disk refuses, or the system gives no random numbers.
pub fn generate(path: &Path, owner: Option<&Person>) -> Result<(PathBuf, String)> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".pub");
    let public_path = path.with_file_name(name);
    for taken in [path, public_path.as_path()] {
        if taken.exists() {
            let what = format!("`{}` is there already", taken.display());
            return Err(
                Error::usage(what).fix("name another file: a key is never replaced")
            );
        }
    }
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        Error::environment(format!("the system gives no random numbers: {error}"))
    })?;
    let key = SigningKey::from_bytes(&seed);
    create_new(path, &format!("{PRIVATE} {}\n", hex(&seed)), true)?;
    seed.fill(0);
    let public = hex(key.verifying_key().as_bytes());
    let owner = owner.map(|person| format!(" {}", person.name)).unwrap_or_default();
    create_new(&public_path, &format!("{PUBLIC} {public}{owner}\n"), false)?;
    let folder = path.parent().filter(|parent| *parent != Path::new(""));
    sync_folder(folder.unwrap_or(Path::new(".")))?;
    Ok((public_path, public))
}

/// Writes a file that was not there; a private one for its owner alone.
fn create_new(path: &Path, text: &str, is_private: bool) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if is_private { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = is_private;
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .map_err(|error| Error::io("write", path, error))
}

/// A private key, read to sign.
pub struct Private(SigningKey);

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Private(…)")
    }
}

impl Private {
    /// Reads the file of a private key.
    ///
    /// # Errors
    /// It is none, or others may read it.
    pub fn read(path: &Path) -> Result<Self> {
        refuse_if_shared(path)?;
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::io("read", path, error))?;
        let mut words = text.split_whitespace();
        let seed = match (words.next(), words.next(), words.next()) {
            (Some(PRIVATE), Some(seed), None) => bytes::<32>(seed),
            _ => None,
        };
        let seed = seed.ok_or_else(|| {
            Error::usage(format!("`{}` is no private key", path.display()))
                .fix("make one with `ssrfund decision keygen -o FILE`")
        })?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The public key, in hexadecimal.
    #[must_use]
    pub fn public(&self) -> String {
        hex(self.0.verifying_key().as_bytes())
    }

    /// The signature of bytes, in hexadecimal.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        hex(&self.0.sign(bytes).to_bytes())
    }
}

#[cfg(unix)]
fn refuse_if_shared(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .map_err(|error| Error::io("read", path, error))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Error::usage(format!("others may read the private key `{shown}`"))
        .fix(format!("take that away: `chmod 600 {shown}`")))
}

#[cfg(not(unix))]
fn refuse_if_shared(_: &Path) -> Result<()> {
    Ok(())
}

/// Whether a signature in hexadecimal is that of these bytes by this public key.
#[must_use]
pub fn is_signed(public: &str, bytes: &[u8], signature: &str) -> bool {
    let key =
        self::bytes::<32>(public).and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let signature = self::bytes::<64>(signature).map(|raw| Signature::from_bytes(&raw));
    match (key, signature) {
        (Some(key), Some(signature)) => key.verify_strict(bytes, &signature).is_ok(),
        _ => false,
    }
}

/// Bytes of lower-case hexadecimal text of just their length.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte.checked_sub(b'a')?.checked_add(10),
        _ => None,
    };
    if text.len() != N.checked_mul(2)? {
        return None;
    }
    let mut out = [0_u8; N];
    for (place, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let (high, low) = (digit(*pair.first()?)?, digit(*pair.get(1)?)?);
        *place = high.checked_mul(16)?.checked_add(low)?;
    }
    Some(out)
}

/// The public keys that are trusted here: hexadecimal text, and whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<String, String>);

impl Known {
    /// Reads the table `[keys]` of `ssrfund.toml` (name = "hexadecimal text"), and the
    /// files `*.pub` of a folder.
    ///
    /// # Errors
    /// A file or an entry that is no public key.
    pub fn read(workspace: &Workspace, folder: Option<&Path>) -> Result<Self> {
        let mut known = Self::default();
        known.read_settings(&workspace.root().join(SETTINGS))?;
        if let Some(folder) = folder {
            known.read_folder(folder)?;
        }
        Ok(known)
    }

    /// Whose key it is: nothing where it is not known, an empty name where its file
    /// names no one.
    #[must_use]
    pub fn owner(&self, public: &str) -> Option<&str> {
        self.0.get(public).map(String::as_str)
    }

    fn read_settings(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::io("read", path, error))?;
        let unreadable = |what: &str| {
            Error::usage(format!("`{}`: {what}", path.display()))
                .fix("write `[keys]`, then a line `\"A. Diallo\" = \"…\"` for each key")
        };
        let settings: toml::Table =
            toml::from_str(&text).map_err(|error| unreadable(error.message()))?;
        let Some(keys) = settings.get("keys") else { return Ok(()) };
        let keys = keys.as_table().ok_or_else(|| unreadable("`keys` is no table"))?;
        for (name, key) in keys {
            let key = key.as_str().filter(|key| is_public(key)).ok_or_else(|| {
                unreadable(&format!("the key of `{}` is no public key", visible(name)))
            })?;
            self.0.insert(key.to_owned(), name.clone());
        }
        Ok(())
    }

    fn read_folder(&mut self, folder: &Path) -> Result<()> {
        let entries = std::fs::read_dir(folder)
            .map_err(|error| Error::io("read", folder, error))?;
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| name_of(path).ends_with(".pub"))
            .collect();
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Error::io("read", &path, error))?;
            let rest = text.trim().strip_prefix(PUBLIC).map(str::trim_start);
            let (key, owner) =
                rest.map_or(("", ""), |rest| rest.split_once(' ').unwrap_or((rest, "")));
            if !is_public(key) {
                let what = format!("`{}` is no public key", path.display());
                return Err(Error::usage(what).fix("keep only keys of `keygen` there"));
            }
            self.0.insert(key.to_owned(), owner.trim().to_owned());
        }
        Ok(())
    }
}

fn is_public(text: &str) -> bool {
    bytes::<32>(text).is_some_and(|key| VerifyingKey::from_bytes(&key).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_and_its_public_half_tells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("diallo.key");
        let owner = Person::parse("A. Diallo, head of office").unwrap();
        let (beside, public) = generate(&path, Some(&owner)).unwrap();
        assert_eq!(beside, folder.path().join("diallo.key.pub"));
        assert!(generate(&path, None).unwrap_err().to_string().contains("already"));
        let private = Private::read(&path).unwrap();
        assert_eq!(private.public(), public);
        assert_eq!(format!("{private:?}"), "Private(…)");
        let signature = private.sign(b"approved");
        assert!(is_signed(&public, b"approved", &signature));
        assert!(!is_signed(&public, b"approvee", &signature));
        for at in 0..signature.len() {
            let mut other: Vec<u8> = signature.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            assert!(!is_signed(&public, b"approved", &other), "digit {at}");
        }
        let mut known = Known::default();
        known.read_folder(folder.path()).unwrap();
        assert_eq!(known.owner(&public), Some("A. Diallo"));
        assert_eq!(known.owner("00"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_private_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        generate(&path, None).unwrap();
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, mode(0o640)).unwrap();
        let error = Private::read(&path).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        // A public key is no private one, and the message shows neither.
        let public = folder.path().join("k.pub");
        std::fs::set_permissions(&public, mode(0o600)).unwrap();
        let error = Private::read(&public).unwrap_err().to_string();
        assert!(
            error.contains("no private key") && !error.contains("ssrfund-p"),
            "{error}"
        );
    }

    #[test]
    fn hexadecimal_text_has_one_form() {
        assert_eq!(bytes::<2>("00ff"), Some([0, 255]));
        assert_eq!(bytes::<2>("00FF"), None);
        assert_eq!(bytes::<2>("00f"), None);
        assert_eq!(bytes::<2>("00fg"), None);
    }
}
