//! What `upload` and `status` share: where the service is and which key it gets. The key comes from the
//! environment and never from an argument, which every user of the machine can read.

use anyhow::Context;
use clap::ValueEnum;
use metricsheet_upload::{ApiKey, Client, Environment, Options, Place, Updates};

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

/// The templates the service knows, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemplateChoice {
    /// External ID, Current Metric Value, As Of Date, Comment
    MetricUpdates,
    /// External ID, Status, Current Metric Value, As Of Date, Comment
    ProgressUpdates,
}

impl From<TemplateChoice> for Updates {
    fn from(choice: TemplateChoice) -> Self {
        match choice {
            TemplateChoice::MetricUpdates => Self::Metric,
            TemplateChoice::ProgressUpdates => Self::Progress,
        }
    }
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
        Ok(Client::new(self.place()?, self.key()?, Options::default())?)
    }

    fn key(&self) -> anyhow::Result<ApiKey> {
        let name = &self.api_key_env;
        // The value is not UTF-8 or not there; neither error repeats it.
        let text = std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => {
                anyhow::anyhow!("there is no API key: set the environment variable `{name}`, or name another with `--api-key-env`")
            }
            std::env::VarError::NotUnicode(_) => anyhow::anyhow!("the environment variable `{name}` holds no text"),
        })?;
        ApiKey::new(&text)
            .with_context(|| format!("the environment variable `{name}` holds no usable API key"))
    }
}
