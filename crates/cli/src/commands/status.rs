//! `metricsheet status`: asks the service for the state of jobs, once each.

use metricsheet_upload::{JobId, State, SystemClock, Uploader};

use crate::connection::{ConnectionArguments, TemplateChoice};
use crate::deliveries::{Delivery, DeliveryFormat};
use crate::exit::ExitStatus;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// IDs of jobs, as `metricsheet upload` printed them
    #[arg(required = true, value_name = "JOB", value_parser = JobId::parse)]
    jobs: Vec<JobId>,

    /// The template of the file that made the job
    #[arg(long, value_enum, value_name = "NAME", default_value = "metric-updates")]
    template: TemplateChoice,

    /// The form of the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: DeliveryFormat,

    #[command(flatten)]
    connection: ConnectionArguments,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let client = arguments.connection.client()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let clock = SystemClock::start();
    let uploader = Uploader::new(&client, &clock);
    let mut worst = ExitStatus::Clean;
    for job in &arguments.jobs {
        let report = runtime.block_on(uploader.look(arguments.template.into(), job, State::Queued));
        let delivery = Delivery::of(None, report);
        delivery.show(arguments.output_format)?;
        worst = worst.or_worse(delivery.exit);
    }
    Ok(worst)
}
