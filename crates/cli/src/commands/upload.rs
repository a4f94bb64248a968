//! `metricsheet upload`: check, record, submit, wait for the verdict. A file with errors is kept back; the
//! others go on.

use std::collections::{BTreeMap, VecDeque};
use std::io::IsTerminal;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::{ArgAction, ValueEnum};
use metricsheet_core::{Destination, Field};
use metricsheet_lint::Options;
use metricsheet_upload::{
    Format, Intervals, Journal, Parcel, Place, Resubmit, SentValue, Shipment, Stop, Updates, Wait,
};

use crate::before_sending::{Checked, KeptBack, Repair, SentRow, checked, counted, summary};
use crate::comparison;
use crate::connection::{ConnectionArguments, JournalArguments};
use crate::deliveries::{Delivery, DeliveryFormat};
use crate::exit::ExitStatus;
use crate::inputs::Input;
use crate::json_body::json_body;
use crate::keys::SystemKeyring;
use crate::say::say;
use crate::sending::{Manner, Outgoing, listen_for_ctrl_c, send_all, uploader};
use crate::settings::Sources;
use crate::settings_arguments::SettingsArguments;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of the command line are independent of each other")]
pub(crate) struct Arguments {
    /// CSV files to submit
    #[arg(required_unless_present = "save_key")]
    files: Vec<PathBuf>,

    /// Keep the API key in the system keyring, for this place; later runs find it there
    #[arg(long, conflicts_with = "dry_run")]
    save_key: bool,

    /// The form in which rows are sent
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: FormatChoice,

    /// Send a copy that is repaired with the fixes that are certain; the file stays as it is
    #[arg(long)]
    fix: bool,

    /// Do all but send
    #[arg(long)]
    dry_run: bool,

    /// Show what the files change, by the journal's record of what was sent last
    #[arg(long)]
    compare: bool,

    /// Send content that went to the same place before, or may have
    #[arg(long)]
    resubmit: bool,

    /// How long to wait for the verdict, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    timeout: u64,

    /// Do not wait for the verdict; the exit status is then 5
    #[arg(long, conflicts_with = "timeout")]
    no_wait: bool,

    /// How many files go at a time
    #[arg(long, value_name = "FILES", default_value = "4")]
    concurrency: NonZeroUsize,

    /// How many requests a minute are made at most, all files together
    #[arg(long, value_name = "REQUESTS")]
    rate: Option<NonZeroU32>,

    /// The form of the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: DeliveryFormat,

    /// Tell each step on standard error, as is done on a terminal anyway
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,

    #[command(flatten)]
    connection: ConnectionArguments,

    #[command(flatten)]
    journal: JournalArguments,

    #[command(flatten)]
    settings: SettingsArguments,
}

/// The forms of a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum FormatChoice {
    /// The file's bytes
    #[default]
    Csv,
    /// A JSON array of objects
    Json,
}

/// A file that passed its check.
struct Ready {
    shipment: Shipment,
    rows: Vec<SentRow>,
    summary: String,
}

/// What the result says of a file: all there is to say, or the beginning of it.
enum Fate {
    Settled(Delivery),
    OnItsWay(Delivery),
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let place = arguments.connection.place()?;
    let sources = arguments.settings.sources()?;
    if arguments.save_key {
        arguments.connection.key.save(&place, &SystemKeyring)?;
        say(&format!("the key for `{place}` is in the system keyring"));
        if arguments.files.is_empty() {
            return Ok(ExitStatus::Clean);
        }
    }
    // The key first: without one nothing else is worth doing.
    let client = if arguments.dry_run { None } else { Some(arguments.connection.client()?) };
    let journal =
        if arguments.dry_run && !arguments.compare { None } else { Some(arguments.journal.open()?) };

    let mut fates = VecDeque::new();
    let mut outgoing = Vec::new();
    for file in &arguments.files {
        let name = file.display().to_string();
        match ready(file, arguments, &sources) {
            Ok(ready) => {
                announce(&name, &ready, arguments, journal.as_ref(), &place)?;
                let delivery = Delivery::about(&name, &ready.shipment);
                if arguments.dry_run {
                    let address = ready.shipment.parcel.address(&place);
                    fates.push_back(Fate::Settled(delivery.would_go_to(&address)));
                } else {
                    fates.push_back(Fate::OnItsWay(delivery));
                    outgoing.push(Outgoing { file: name, shipment: ready.shipment });
                }
            }
            Err(error) => {
                let exit = match error.downcast_ref() {
                    Some(KeptBack::Errors { .. }) => ExitStatus::Findings,
                    Some(KeptBack::Unreadable(_)) | None => ExitStatus::Unusable,
                };
                fates.push_back(Fate::Settled(Delivery::kept_back(&name, exit, format!("{error:#}"))));
            }
        }
    }

    let mut worst = ExitStatus::Clean;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    // If the result cannot be written, the files still go; what was wrong is said in the end.
    let mut written = Ok(());
    let mut show = |delivery: Delivery| {
        worst = worst.or_worse(delivery.exit);
        *counts.entry(delivery.state).or_default() += 1;
        let outcome = delivery.show(arguments.output_format);
        written = std::mem::replace(&mut written, Ok(())).and(outcome);
    };
    if let (Some(client), Some(journal)) = (client, journal) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let stop = Stop::default();
            listen_for_ctrl_c(stop.clone());
            let uploader = uploader(client, journal, arguments.rate, stop);
            let told = |outcome| {
                // Those that were kept back before this one are shown before it.
                loop {
                    match fates.pop_front() {
                        Some(Fate::Settled(delivery)) => show(delivery),
                        Some(Fate::OnItsWay(delivery)) => return show(delivery.with(outcome)),
                        None => return,
                    }
                }
            };
            send_all(&uploader, outgoing, &arguments.manner(), told).await;
        });
    }
    for fate in fates {
        let (Fate::Settled(delivery) | Fate::OnItsWay(delivery)) = fate;
        show(delivery);
    }
    written.context("cannot write the result")?;
    if arguments.files.len() > 1 {
        let states: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        say(&format!("{}: {}", counted(arguments.files.len(), "file"), states.join(", ")));
    }
    Ok(worst)
}

impl Arguments {
    fn manner(&self) -> Manner {
        let wait = if self.no_wait {
            Wait::No
        } else {
            Wait::UpTo(Duration::from_secs(self.timeout), Intervals::default())
        };
        Manner { wait, concurrency: self.concurrency, verbose: self.is_verbose() }
    }

    fn is_verbose(&self) -> bool {
        self.verbose > 0 || std::io::stderr().is_terminal()
    }
}

/// Reads and checks a file and packs it.
fn ready(file: &Path, arguments: &Arguments, sources: &Sources) -> anyhow::Result<Ready> {
    let in_force = sources.of_path(file)?;
    let options = Options {
        // What is repaired goes to the service and nowhere else.
        settings: in_force.settings(Destination::NewFile),
        template: in_force.template(),
        selection: in_force.selection(&Input::File(file.to_owned()))?,
        encoding: in_force.encoding(),
        file_name: None,
    };
    let bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let repair = if arguments.fix { Repair::Safe } else { Repair::No };
    let Checked { bytes, fixes, template, rows } = checked(bytes, &options, repair)?;
    let updates =
        if template.position(Field::Status).is_some() { Updates::Progress } else { Updates::Metric };
    let (format, name, bytes) = match arguments.format {
        FormatChoice::Csv => (Format::Csv, file.to_owned(), bytes),
        FormatChoice::Json => (Format::Json, file.with_extension("json"), json_body(&rows)),
    };
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut summary = summary(&rows, &options);
    if fixes > 0 {
        summary = format!(
            "{summary}, after {}",
            if fixes == 1 { "1 fix".to_owned() } else { format!("{fixes} fixes") }
        );
    }
    let values = rows.iter().map(|row| SentValue {
        external_id: row.external_id.clone(),
        value: row.value.clone(),
        as_of_date: row.as_of_date.clone(),
    });
    let shipment = Shipment {
        parcel: Parcel::new(updates, format, &name, bytes)?,
        rows: rows.len(),
        values: values.collect(),
        resubmit: if arguments.resubmit { Resubmit::Yes } else { Resubmit::No },
    };
    Ok(Ready { shipment, rows, summary })
}

/// Says on standard error what is about to go, and what it changes if that is wanted.
fn announce(
    name: &str,
    ready: &Ready,
    arguments: &Arguments,
    journal: Option<&Journal>,
    place: &Place,
) -> anyhow::Result<()> {
    if arguments.dry_run || arguments.compare || arguments.is_verbose() {
        say(&format!("{name}: {}", ready.summary));
    }
    if let (true, Some(journal)) = (arguments.compare, journal) {
        let ids: Vec<&str> = ready.rows.iter().map(|row| row.external_id.as_str()).collect();
        let last = journal.last_sent(place, ready.shipment.parcel.updates(), &ids)?;
        let mut shown = Vec::new();
        comparison::write(&ready.rows, &last, &mut shown)?;
        String::from_utf8_lossy(&shown).lines().for_each(say);
    }
    Ok(())
}
