//! `metricsheet plan`: pulls the items of a plan into a file, and shows what a plan file knows of each: its
//! External ID and the unit of its metric.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use metricsheet_upload::{Clock, PlanError, RetryPolicy, SystemClock, pull_plan, shown};

use crate::before_sending::counted;
use crate::connection::ConnectionArguments;
use crate::deliveries::DeliveryFormat;
use crate::exit::ExitStatus;
use crate::output::harmless;
use crate::plan_file::{KnownItem, PlanFile};
use crate::say::say;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Pull the items of a plan from the service into a file
    Pull(Box<PullArguments>),
    /// Show what a plan file knows of the plan's items
    Show(ShowArguments),
}

#[derive(Debug, clap::Args)]
struct PullArguments {
    /// The plan's ID
    plan: String,

    /// The file to write; - for standard output
    #[arg(short, long, value_name = "FILE", default_value = "plan.json")]
    output: PathBuf,

    /// Replace the file if there is one
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, clap::Args)]
struct ShowArguments {
    /// A file that `plan pull` wrote
    #[arg(default_value = "plan.json")]
    file: PathBuf,

    /// The form of the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: DeliveryFormat,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    match &arguments.action {
        Action::Pull(arguments) => pull(arguments),
        Action::Show(arguments) => show(arguments),
    }
}

fn pull(arguments: &PullArguments) -> anyhow::Result<ExitStatus> {
    let to_stdout = arguments.output.as_os_str() == "-";
    if !to_stdout && !arguments.force && arguments.output.exists() {
        bail!("`{}` exists; `--force` replaces it", arguments.output.display());
    }
    let client = arguments.connection.client()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let clock = SystemClock::start();
    let pulled =
        runtime.block_on(pull_plan(&client, &clock, &RetryPolicy::default(), &arguments.plan, |came, of| {
            if came < of {
                say(&format!("{came} of {of} items"));
            }
        }));
    let items = match pulled {
        Ok(items) => items,
        Err(error) => {
            let exit = match error {
                PlanError::KeyRefused { .. } => ExitStatus::KeyRefused,
                PlanError::NotGiven { .. } | PlanError::NoAnswer(_) | PlanError::Incomplete { .. } => {
                    ExitStatus::NotSent
                }
                PlanError::NoSuchPlan { .. } | PlanError::Unreadable(_) | PlanError::NotAPlanId(_) => {
                    ExitStatus::Unusable
                }
            };
            say(&format!("error: {error}"));
            return Ok(exit);
        }
    };
    let place = client.place().to_string();
    let file = PlanFile::new(arguments.plan.clone(), place, shown(clock.now()), items);
    let text = file.text()?;
    if to_stdout {
        std::io::stdout().lock().write_all(text.as_bytes())?;
    } else {
        write_whole(&arguments.output, &text)?;
    }
    say(&counts(&file.known()));
    Ok(ExitStatus::Clean)
}

/// Writes the file beside its place and moves it there, so that a plan file is always a whole one.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let cannot = || format!("cannot write `{}`", path.display());
    let mut file =
        tempfile::Builder::new().prefix(".metricsheet-").tempfile_in(directory).with_context(cannot)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).with_context(cannot)?;
    file.persist(path).map_err(|error| error.error).with_context(cannot)?;
    Ok(())
}

fn show(arguments: &ShowArguments) -> anyhow::Result<ExitStatus> {
    let shown_name = arguments.file.display();
    let text =
        std::fs::read_to_string(&arguments.file).with_context(|| format!("cannot read `{shown_name}`"))?;
    let file = PlanFile::parse(&text).with_context(|| format!("cannot use `{shown_name}`"))?;
    let items = file.known();
    let mut out = anstream::stdout().lock();
    for item in &items {
        match arguments.output_format {
            DeliveryFormat::Full => {
                let id = item.external_id.as_deref().unwrap_or("(no External ID)");
                let unit = item.unit.as_ref().map_or("(no unit)", metricsheet_core::Unit::sign);
                let name = item.name.as_deref().unwrap_or_default();
                writeln!(out, "{}", harmless(format!("{id}  {unit}  {name}").trim_end()))?;
            }
            DeliveryFormat::Json => {
                serde_json::to_writer(&mut out, item)?;
                writeln!(out)?;
            }
        }
    }
    say(&format!("plan `{}` of {}, pulled {}: {}", file.plan, file.place, file.pulled, counts(&items)));
    Ok(ExitStatus::Clean)
}

fn counts(items: &[KnownItem]) -> String {
    let with_id = items.iter().filter(|item| item.external_id.is_some()).count();
    let with_unit = items.iter().filter(|item| item.unit.is_some()).count();
    format!("{}, {with_id} with an External ID, {with_unit} with a unit", counted(items.len(), "item"))
}
