//! What `upload`, `status` and `plan` share: where the service is, which key it gets, whom to trust, and where
//! the journal is. Which key that is, `keys` decides.

use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use metricsheet_upload::{Client, Environment, Journal, Options, Place};

use crate::keys::{KeyArguments, SystemKeyring};

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

    #[command(flatten)]
    pub(crate) key: KeyArguments,

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
        let place = self.place()?;
        let key = self.key.find(&place, &SystemKeyring)?;
        Ok(Client::new(place, key, Options { more_roots, ..Options::default() })?)
    }
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
