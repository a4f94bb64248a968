//! `metricsheet upload`: check, submit, wait for the verdict. A file that cannot be read or has no rows is
//! kept back; the others go on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use metricsheet_upload::{Client, Format, Intervals, Parcel, SystemClock, Uploader, Wait};

use crate::before_sending::{Checked, checked};
use crate::connection::{ConnectionArguments, TemplateChoice};
use crate::deliveries::{Delivery, DeliveryFormat};
use crate::exit::ExitStatus;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// CSV files to submit
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// The template of the files [default: told by the header, else metric-updates]
    #[arg(long, value_enum, value_name = "NAME")]
    template: Option<TemplateChoice>,

    /// How long to wait for the verdict, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    timeout: u64,

    /// Do not wait for the verdict; the exit status is then 5
    #[arg(long, conflicts_with = "timeout")]
    no_wait: bool,

    /// Do all but send
    #[arg(long)]
    dry_run: bool,

    /// The form of the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: DeliveryFormat,

    #[command(flatten)]
    connection: ConnectionArguments,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let place = arguments.connection.place()?;
    let client = if arguments.dry_run { None } else { Some(arguments.connection.client()?) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut worst = ExitStatus::Clean;
    for file in &arguments.files {
        let delivery = match ready(file, arguments.template) {
            Ok((parcel, rows)) => {
                let sha256 = Some(parcel.sha256());
                let delivery = match &client {
                    Some(client) => runtime.block_on(send(client, file, &parcel, arguments)),
                    None => Delivery::kept_back(
                        file.display().to_string(),
                        ExitStatus::Clean,
                        format!("would go to `{}`", parcel.address(&place)),
                    ),
                };
                Delivery { sha256, rows: Some(rows), ..delivery }
            }
            Err(error) => {
                Delivery::kept_back(file.display().to_string(), ExitStatus::Unusable, format!("{error:#}"))
            }
        };
        delivery.show(arguments.output_format)?;
        worst = worst.or_worse(delivery.exit);
    }
    Ok(worst)
}

/// Reads and checks a file.
fn ready(file: &Path, template: Option<TemplateChoice>) -> anyhow::Result<(Parcel, usize)> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let Checked { bytes, template, rows } = checked(bytes, template)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok((Parcel::new(template.into(), Format::Csv, &name, bytes)?, rows))
}

async fn send(client: &Client, file: &Path, parcel: &Parcel, arguments: &Arguments) -> Delivery {
    let wait = if arguments.no_wait {
        Wait::No
    } else {
        Wait::UpTo(Duration::from_secs(arguments.timeout), Intervals::default())
    };
    let clock = SystemClock::start();
    let report = Uploader::new(client, &clock).deliver(parcel, &wait).await;
    Delivery::of(Some(file.display().to_string()), report)
}
