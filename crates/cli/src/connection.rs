//! What `upload`, `status` and `plan` share: where the service is, which key it gets, whom to trust, and where
//! the journal is. The key comes from the environment or from a file that nobody else can read, never from an
//! argument, which every user of the machine can.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use metricsheet_upload::{ApiKey, Client, Environment, Journal, Options, Place};

/// Where to send, and with which key.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArguments {
    /// Which of the service's two hosts
    #[arg(long, value_enum, default_value_t, value_name = "NAME", conflicts_with = "base_url")]
    pub(crate) environment: EnvironmentChoice,

    /// Another base URL (https; http only on a loopback address)
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The environment variable that holds the API key
    #[arg(long, value_name = "NAME", default_value = "ACHIEVEIT_API_KEY")]
    pub(crate) api_key_env: String,

    /// A file that holds the API key and that only you can read
    #[arg(long, value_name = "FILE", conflicts_with = "api_key_env")]
    pub(crate) api_key_file: Option<PathBuf>,

    /// A PEM file of certificate authorities to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
}

/// Where submissions are recorded.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct JournalArguments {
    /// The journal of submissions [default: metricsheet/journal.sqlite in your state directory]
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
}

/// The hosts by name.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum EnvironmentChoice {
    /// api.achieveit.com
    #[default]
    Commercial,
    /// gov-api.achieveit.com
    Government,
}

impl ConnectionArguments {
    /// The place the arguments name.
    pub(crate) fn place(&self) -> anyhow::Result<Place> {
        match &self.base_url {
            Some(url) => Ok(Place::parse(url)?),
            None => Ok(match self.environment {
                EnvironmentChoice::Commercial => Environment::Commercial,
                EnvironmentChoice::Government => Environment::Government,
            }
            .into()),
        }
    }

    /// A client for that place with the key the arguments name.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let more_roots = match &self.ca_file {
            Some(path) => {
                Some(std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?)
            }
            None => None,
        };
        Ok(Client::new(self.place()?, self.key()?, Options { more_roots, ..Options::default() })?)
    }

    fn key(&self) -> anyhow::Result<ApiKey> {
        match &self.api_key_file {
            Some(path) => key_of_file(path)
                .with_context(|| format!("no API key can be taken from the file `{}`", path.display())),
            None => key_of_environment(&self.api_key_env),
        }
    }
}

/// Neither error repeats the value.
fn key_of_environment(name: &str) -> anyhow::Result<ApiKey> {
    match std::env::var(name) {
        Ok(text) => ApiKey::new(&text)
            .with_context(|| format!("no API key can be taken from the environment variable `{name}`")),
        Err(std::env::VarError::NotPresent) => bail!(
            "there is no API key: set the environment variable `{name}`, or name another with `--api-key-env`, \
             or a file with `--api-key-file`"
        ),
        Err(std::env::VarError::NotUnicode(_)) => bail!("the environment variable `{name}` holds no text"),
    }
}

/// The longest key file that is read, in bytes; a longer one holds something else.
const LONGEST_KEY_FILE: u64 = 4096;

fn key_of_file(path: &Path) -> anyhow::Result<ApiKey> {
    let file = File::open(path)?;
    refuse_if_others_can_read(&file)?;
    let mut text = String::new();
    file.take(LONGEST_KEY_FILE).read_to_string(&mut text).context("it cannot be read as text")?;
    Ok(ApiKey::new(&text)?)
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

impl JournalArguments {
    /// The journal, made if there is none.
    pub(crate) fn open(&self) -> anyhow::Result<Journal> {
        let path = match &self.journal {
            Some(path) => path.clone(),
            None => default_journal()
                .context("your state directory is not known; name a file with `--journal`")?,
        };
        Journal::open(&path).with_context(|| format!("cannot open the journal `{}`", path.display()))
    }
}

/// `metricsheet/journal.sqlite` below the directory where the system keeps what programs remember.
fn default_journal() -> Option<PathBuf> {
    // An empty or relative value is as good as none, by the XDG specification.
    let directory = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || directory("HOME");
    let state = if cfg!(windows) {
        directory("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        directory("XDG_STATE_HOME").or_else(|| home().map(|home| home.join(".local/state")))
    };
    Some(state?.join("metricsheet").join("journal.sqlite"))
}
