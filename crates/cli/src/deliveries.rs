//! How the fate of files and jobs is shown: a line for each, or a JSON object for each.

use std::io::{self, Write};

use clap::ValueEnum;
use metricsheet_upload::{Report, State};
use serde::Serialize;

use crate::exit::ExitStatus;

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
    pub(crate) file: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) rows: Option<usize>,
    pub(crate) job_id: Option<String>,
    /// One of the six words of the uploader.
    pub(crate) state: &'static str,
    pub(crate) http_status: Option<u16>,
    pub(crate) attempts: u32,
    pub(crate) message: String,
    #[serde(skip)]
    pub(crate) exit: ExitStatus,
}

impl Delivery {
    /// What the service made of it.
    pub(crate) fn of(file: Option<String>, report: Report) -> Self {
        Self {
            file,
            sha256: None,
            rows: None,
            job_id: report.job.as_ref().map(ToString::to_string),
            state: report.state.word(),
            http_status: report.http_status,
            attempts: report.attempts,
            exit: exit_status(&report),
            message: report.message,
        }
    }

    /// A file that did not get as far as the service.
    pub(crate) fn kept_back(file: String, exit: ExitStatus, message: String) -> Self {
        Self {
            file: Some(file),
            sha256: None,
            rows: None,
            job_id: None,
            state: State::NotSent.word(),
            http_status: None,
            attempts: 0,
            message,
            exit,
        }
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
                write!(out, "{subject}: {}", self.state)?;
                let rows =
                    self.rows.map(|rows| if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") });
                let job =
                    self.job_id.as_ref().filter(|_| self.file.is_some()).map(|job| format!("job {job}"));
                let facts: Vec<String> = [rows, job].into_iter().flatten().collect();
                if !facts.is_empty() {
                    write!(out, " ({})", facts.join(", "))?;
                }
                if self.message != self.state {
                    write!(out, ": {}", self.message)?;
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
