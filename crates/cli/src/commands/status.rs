//! `metricsheet status`: what the journal knows of submissions, brought up to date by asking the service once
//! for each job that is still open. It asks only the place it was told; jobs of other places are listed as
//! they are, because the key is for this one.

use std::time::SystemTime;

use metricsheet_upload::{Entry, JobId, Journal, State, Stop, Updates, Uploader, Which};

use crate::connection::{ConnectionArguments, JournalArguments};
use crate::deliveries::{Delivery, DeliveryFormat};
use crate::exit::ExitStatus;
use crate::say::say;
use crate::sending::uploader;
use crate::settings_arguments::TemplateName;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// IDs of jobs [default: all that the journal knows as open]
    #[arg(value_name = "JOB", value_parser = JobId::parse)]
    jobs: Vec<JobId>,

    /// Also list what is settled
    #[arg(long, conflicts_with = "jobs")]
    all: bool,

    /// List without asking the service
    #[arg(long)]
    offline: bool,

    /// The template of the file that made a job the journal does not know
    #[arg(long, value_enum, value_name = "NAME", default_value = "metric-updates")]
    template: TemplateName,

    /// The form of the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: DeliveryFormat,

    #[command(flatten)]
    connection: ConnectionArguments,

    #[command(flatten)]
    journal: JournalArguments,
}

/// A job to report on.
enum Subject {
    /// The journal knows it.
    Known(Box<Entry>),
    /// It was named, and the journal does not know it.
    Stranger(JobId),
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let place = arguments.connection.place()?;
    let journal = arguments.journal.open()?;
    let subjects = subjects(arguments, &journal)?;
    let here = place.to_string();
    let can_be_asked = |subject: &Subject| match subject {
        Subject::Known(entry) => entry.place == here && entry.report.job.is_some() && is_open(entry),
        Subject::Stranger(_) => true,
    };
    // The key is only needed if somebody is asked.
    let asking = !arguments.offline && subjects.iter().any(can_be_asked);
    let uploader = if asking {
        Some(uploader(arguments.connection.client()?, journal, None, Stop::default()))
    } else {
        None
    };

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut worst = ExitStatus::Clean;
    for subject in &subjects {
        let uploader = uploader.as_ref().filter(|_| can_be_asked(subject));
        let delivery = runtime.block_on(report_on(subject, uploader, arguments.template.into(), &here));
        // What was settled before is listed, not judged again.
        if !matches!(subject, Subject::Known(entry) if arguments.all && !is_open(entry)) {
            worst = worst.or_worse(delivery.exit);
        }
        delivery.show(arguments.output_format)?;
    }
    if subjects.is_empty() {
        say("no submission is open; `--all` lists those that are settled");
    }
    Ok(worst)
}

fn subjects(arguments: &Arguments, journal: &Journal) -> anyhow::Result<Vec<Subject>> {
    if arguments.jobs.is_empty() {
        let which = if arguments.all { Which::All } else { Which::Open };
        let entries = journal.entries(which)?;
        return entries
            .into_iter()
            .map(|entry| Ok(Subject::Known(Box::new(journal.caught_up(entry, SystemTime::now())?))))
            .collect();
    }
    let place = arguments.connection.place()?;
    arguments
        .jobs
        .iter()
        .map(|job| {
            let entry = journal.job(&place, job)?;
            Ok(entry.map_or_else(|| Subject::Stranger(job.clone()), |entry| Subject::Known(Box::new(entry))))
        })
        .collect()
}

async fn report_on(
    subject: &Subject,
    uploader: Option<&Uploader>,
    template: Updates,
    here: &str,
) -> Delivery {
    match (subject, uploader) {
        (Subject::Stranger(job), Some(uploader)) => {
            Delivery::of_job(uploader.look(None, template, job, State::Unknown).await)
        }
        (Subject::Known(entry), Some(uploader)) => {
            let known = entry.report.clone();
            let report = match known.job.as_ref() {
                Some(job) => uploader.look(Some(entry.id), entry.updates, job, known.state).await,
                None => known,
            };
            Delivery::of_entry(entry, report)
        }
        (Subject::Known(entry), None) => {
            let mut report = entry.report.clone();
            if entry.place != here {
                report.message = format!("{}; it is at `{}`", report.message, entry.place);
            }
            Delivery::of_entry(entry, report)
        }
        (Subject::Stranger(job), None) => Delivery::of_job(metricsheet_upload::Report {
            state: State::Unknown,
            job: Some(job.clone()),
            http_status: None,
            attempts: 0,
            message: "the journal does not know this job, and the service was not asked".to_owned(),
        }),
    }
}

/// Whether there may be news of it.
fn is_open(entry: &Entry) -> bool {
    match entry.report.state {
        State::Queued | State::Processing | State::Unknown => true,
        State::Processed | State::Failed | State::NotSent => false,
    }
}
