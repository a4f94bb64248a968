//! Where the API key comes from: a file that nobody else can read, an environment variable, or the system
//! keyring; never an argument, which every user of the machine can read. No error repeats the key.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use metricsheet_upload::{ApiKey, Place};

/// The variable that is read unless another is named.
const USUAL_VARIABLE: &str = "ACHIEVEIT_API_KEY";

/// The longest key file that is read, in bytes; a longer one holds something else.
const LONGEST_KEY_FILE: u64 = 4096;

/// Which key.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct KeyArguments {
    /// The environment variable that holds the API key [default: `ACHIEVEIT_API_KEY`, then the system keyring]
    #[arg(long, value_name = "NAME")]
    api_key_env: Option<String>,

    /// A file that holds the API key and that only you can read
    #[arg(long, value_name = "FILE", conflicts_with = "api_key_env")]
    api_key_file: Option<PathBuf>,
}

/// A place that keeps keys.
pub(crate) trait Keyring {
    /// The text kept for a place, if there is one.
    fn get(&self, place: &Place) -> anyhow::Result<Option<String>>;

    /// Keeps a text for a place.
    fn set(&self, place: &Place, key: &str) -> anyhow::Result<()>;
}

/// The keyring of the system: Keychain, Credential Manager, or the Secret Service.
#[derive(Debug)]
pub(crate) struct SystemKeyring;

#[cfg(feature = "keyring")]
impl SystemKeyring {
    fn entry(place: &Place) -> anyhow::Result<keyring::Entry> {
        if let Err(error) = keyring::Entry::store_status() {
            bail!("the system keyring cannot be reached: {error}");
        }
        keyring::Entry::new("metricsheet", &place.to_string()).context("the system keyring cannot be used")
    }
}

#[cfg(feature = "keyring")]
impl Keyring for SystemKeyring {
    fn get(&self, place: &Place) -> anyhow::Result<Option<String>> {
        match Self::entry(place)?.get_password() {
            Ok(text) => Ok(Some(text)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => bail!("the system keyring cannot be read: {}", without_secrets(&error)),
        }
    }

    fn set(&self, place: &Place, key: &str) -> anyhow::Result<()> {
        let kept = Self::entry(place)?.set_password(key);
        kept.map_err(|error| {
            anyhow::anyhow!("the system keyring cannot be written: {}", without_secrets(&error))
        })
    }
}

/// In a build without the feature there is no keyring to look in.
#[cfg(not(feature = "keyring"))]
impl Keyring for SystemKeyring {
    fn get(&self, _: &Place) -> anyhow::Result<Option<String>> {
        Ok(None)
    }

    fn set(&self, _: &Place, _: &str) -> anyhow::Result<()> {
        bail!("this metricsheet was built without the system keyring")
    }
}

/// The words of an error without the bytes that some of them carry.
#[cfg(feature = "keyring")]
fn without_secrets(error: &keyring::Error) -> String {
    match error {
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => "it holds no text".to_owned(),
        other => other.to_string(),
    }
}

impl KeyArguments {
    /// The key for a place: what was named, else the usual variable, else the keyring.
    pub(crate) fn find(&self, place: &Place, keyring: &impl Keyring) -> anyhow::Result<ApiKey> {
        if let Some(found) = self.named()? {
            return found.key();
        }
        let advice = format!(
            "set the environment variable `{USUAL_VARIABLE}`, name another with `--api-key-env` or a file with \
             `--api-key-file`, or keep one in the system keyring with `metricsheet upload --save-key`"
        );
        match keyring.get(place) {
            Ok(Some(text)) => Found { text, source: "the system keyring".to_owned() }.key(),
            Ok(None) => bail!("there is no API key: {advice}"),
            Err(error) => bail!("there is no API key: {advice} ({error:#})"),
        }
    }

    /// Keeps the key that was named, or that of the usual variable, in the keyring.
    pub(crate) fn save(&self, place: &Place, keyring: &impl Keyring) -> anyhow::Result<()> {
        let Some(found) = self.named()? else {
            bail!(
                "there is no API key to keep: set the environment variable `{USUAL_VARIABLE}`, or name a file"
            );
        };
        found.key()?;
        keyring.set(place, found.text.trim())
    }

    /// What a file or a variable holds; `None` if nothing was named and the usual variable is not set.
    fn named(&self) -> anyhow::Result<Option<Found>> {
        if let Some(path) = &self.api_key_file {
            let text = text_of_file(path)
                .with_context(|| format!("no API key can be taken from the file `{}`", path.display()))?;
            return Ok(Some(Found { text, source: format!("the file `{}`", path.display()) }));
        }
        let name = self.api_key_env.as_deref().unwrap_or(USUAL_VARIABLE);
        let source = format!("the environment variable `{name}`");
        match std::env::var(name) {
            Ok(text) => Ok(Some(Found { text, source })),
            Err(std::env::VarError::NotPresent) if self.api_key_env.is_none() => Ok(None),
            Err(std::env::VarError::NotPresent) => bail!("there is no API key: {source} is not set"),
            Err(std::env::VarError::NotUnicode(_)) => bail!("{source} holds no text"),
        }
    }
}

/// A text that should be a key. It has no `Debug`, so that it cannot print.
struct Found {
    text: String,
    source: String,
}

impl Found {
    fn key(&self) -> anyhow::Result<ApiKey> {
        ApiKey::new(&self.text).with_context(|| format!("no API key can be taken from {}", self.source))
    }
}

fn text_of_file(path: &Path) -> anyhow::Result<String> {
    let file = File::open(path)?;
    refuse_if_others_can_read(&file)?;
    let mut text = String::new();
    file.take(LONGEST_KEY_FILE).read_to_string(&mut text).context("it cannot be read as text")?;
    Ok(text)
}

/// Asks the open file, not its path, so that nobody can exchange it in between.
#[cfg(unix)]
fn refuse_if_others_can_read(file: &File) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        bail!("others can read it (its mode is {mode:03o}); make it yours alone with `chmod 600`");
    }
    Ok(())
}

/// On other systems a file in the user's profile is readable for the user alone unless it was shared.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
fn refuse_if_others_can_read(_: &File) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use metricsheet_upload::Environment;

    use super::*;

    /// A keyring in memory, or one that is out of order.
    #[derive(Default)]
    struct TestKeyring {
        kept: RefCell<HashMap<String, String>>,
        broken: bool,
    }

    impl Keyring for TestKeyring {
        fn get(&self, place: &Place) -> anyhow::Result<Option<String>> {
            anyhow::ensure!(!self.broken, "the system keyring is locked");
            Ok(self.kept.borrow().get(&place.to_string()).cloned())
        }

        fn set(&self, place: &Place, key: &str) -> anyhow::Result<()> {
            anyhow::ensure!(!self.broken, "the system keyring is locked");
            self.kept.borrow_mut().insert(place.to_string(), key.to_owned());
            Ok(())
        }
    }

    /// Arguments that name a variable of which nobody knows; the usual one may be set where tests run.
    fn file(directory: &Path, text: &str) -> KeyArguments {
        let path = directory.join("key");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        KeyArguments { api_key_file: Some(path), ..KeyArguments::default() }
    }

    #[test]
    fn a_kept_key_is_found_again_for_its_place_and_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let keyring = TestKeyring::default();
        let (home, other) = (Place::from(Environment::Commercial), Place::from(Environment::Government));
        file(directory.path(), " s3cret\n").save(&home, &keyring).unwrap();
        assert_eq!(keyring.get(&home).unwrap().as_deref(), Some("s3cret"));
        assert_eq!(keyring.get(&other).unwrap(), None);
    }

    #[test]
    fn what_is_no_key_is_not_kept_and_a_broken_keyring_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let home = Place::from(Environment::Commercial);
        let keyring = TestKeyring::default();
        for text in ["", "s3cret one", "s3cr\u{e9}t"] {
            let error = file(directory.path(), text).save(&home, &keyring).unwrap_err();
            assert!(!format!("{error:#}").contains("s3cr"), "{error:#}");
        }
        assert!(keyring.kept.borrow().is_empty());
        let broken = TestKeyring { broken: true, ..TestKeyring::default() };
        let error = file(directory.path(), "s3cret").save(&home, &broken).unwrap_err();
        assert_eq!(error.to_string(), "the system keyring is locked");
    }

    #[test]
    fn what_is_named_comes_before_the_keyring() {
        let directory = tempfile::tempdir().unwrap();
        let home = Place::from(Environment::Commercial);
        let broken = TestKeyring { broken: true, ..TestKeyring::default() };
        assert!(file(directory.path(), "s3cret").find(&home, &broken).is_ok());
        let unset =
            KeyArguments { api_key_env: Some("METRICSHEET_NOBODY_SETS_THIS".to_owned()), api_key_file: None };
        let error = unset.find(&home, &TestKeyring::default()).unwrap_err();
        assert!(error.to_string().contains("`METRICSHEET_NOBODY_SETS_THIS` is not set"), "{error:#}");
    }
}
