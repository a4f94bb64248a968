//! How the fate of files and jobs is shown: a line for each, or a JSON object for each.

use std::io::{self, Write};

use clap::ValueEnum;
use metricsheet_upload::{Entry, Report, Shipment, State, shown};
use serde::Serialize;

use crate::before_sending::counted;
use crate::exit::ExitStatus;
use crate::output::{harmless, harmless_line};

/// The forms of the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeliveryFormat {
    /// One line for each file
    #[default]
    Full,
    /// One JSON object for each file, each on a line
    Json,
}

/// What became of one file or job.
#[derive(Debug, Serialize)]
pub(crate) struct Delivery {
    /// The file as it was named; none for a job that was asked about by its ID.
    file: Option<String>,
    /// Of what was or would be sent, which may be a repaired copy of the file.
    sha256: Option<String>,
    rows: Option<usize>,
    job_id: Option<String>,
    /// One of the six words of the uploader.
    pub(crate) state: &'static str,
    http_status: Option<u16>,
    /// How often it was tried to be sent, by this run or, in a listing, by the run that sent it.
    attempts: u32,
    message: String,
    /// When the journal recorded it.
    #[serde(skip)]
    when: Option<String>,
    #[serde(skip)]
    pub(crate) exit: ExitStatus,
}

impl Delivery {
    /// A file that is about to be sent.
    pub(crate) fn about(file: &str, shipment: &Shipment) -> Self {
        Self {
            sha256: Some(shipment.parcel.sha256()),
            rows: Some(shipment.rows),
            ..Self::kept_back(file, ExitStatus::NotSent, String::new())
        }
    }

    /// A file that does not get as far as the service.
    pub(crate) fn kept_back(file: &str, exit: ExitStatus, message: String) -> Self {
        let report = Report { state: State::NotSent, job: None, http_status: None, attempts: 0, message };
        Self { file: Some(file.to_owned()), exit, ..Self::of_job(report) }
    }

    /// A job that was asked about by its ID.
    pub(crate) fn of_job(report: Report) -> Self {
        Self {
            file: None,
            sha256: None,
            rows: None,
            job_id: report.job.as_ref().map(ToString::to_string),
            state: report.state.word(),
            http_status: report.http_status,
            attempts: report.attempts,
            when: None,
            exit: exit_status(&report),
            message: report.message,
        }
    }

    /// A submission of the journal, with what is known of it now.
    pub(crate) fn of_entry(entry: &Entry, report: Report) -> Self {
        Self {
            file: Some(entry.file.clone()),
            sha256: Some(entry.sha256.clone()),
            rows: Some(entry.rows),
            attempts: entry.report.attempts,
            when: Some(shown(entry.recorded_at)),
            ..Self::of_job(report)
        }
    }

    /// The file after its journey, or after the journal's failure, which kept it from being sent.
    pub(crate) fn with(self, outcome: anyhow::Result<Report>) -> Self {
        match outcome {
            Ok(report) => Self {
                file: self.file,
                sha256: self.sha256,
                rows: self.rows,
                when: self.when,
                ..Self::of_job(report)
            },
            Err(error) => Self { message: format!("{error:#}"), exit: ExitStatus::Unusable, ..self },
        }
    }

    /// The file in a dry run.
    pub(crate) fn would_go_to(self, address: &str) -> Self {
        Self { message: format!("would go to `{address}`"), exit: ExitStatus::Clean, ..self }
    }

    /// Writes it to standard output. A closed pipe is no reason to leave files unsent.
    pub(crate) fn show(&self, format: DeliveryFormat) -> io::Result<()> {
        match self.write(format, &mut anstream::stdout().lock()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }

    fn write(&self, format: DeliveryFormat, out: &mut impl Write) -> io::Result<()> {
        match format {
            DeliveryFormat::Json => {
                serde_json::to_writer(&mut *out, self)?;
                writeln!(out)
            }
            DeliveryFormat::Full => {
                let subject = self.file.as_deref().or(self.job_id.as_deref()).unwrap_or("-");
                write!(out, "{}: {}", harmless_line(subject), self.state)?;
                let rows = self.rows.map(|rows| counted(rows, "row"));
                let job =
                    self.job_id.as_ref().filter(|_| self.file.is_some()).map(|job| format!("job {job}"));
                let when = self.when.as_ref().map(|when| format!("sent {when}"));
                let facts: Vec<String> = [rows, when, job].into_iter().flatten().collect();
                if !facts.is_empty() {
                    write!(out, " ({})", facts.join(", "))?;
                }
                if self.message != self.state {
                    write!(out, ": {}", harmless(&self.message))?;
                }
                writeln!(out)
            }
        }
    }
}

fn exit_status(report: &Report) -> ExitStatus {
    if report.key_refused() {
        return ExitStatus::KeyRefused;
    }
    match report.state {
        State::Processed => ExitStatus::Clean,
        State::Failed => ExitStatus::Findings,
        State::NotSent | State::Unknown => ExitStatus::NotSent,
        State::Queued | State::Processing => ExitStatus::InProcess,
    }
}
