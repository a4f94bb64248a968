//! What the tests share: an uploader with a journal of its own, and a clock that waits without waiting.

use std::future::Future;
use std::num::NonZeroU32;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use metricsheet_local_service::{Service, Settings};
use metricsheet_upload::{
    ApiKey, Client, Clock, Format, Intervals, Journal, Means, Options, Pace, Parcel, Place, Report, Resubmit,
    RetryPolicy, SentValue, Shipment, Stop, Timeouts, Updates, Uploader, Wait,
};
use tempfile::TempDir;

pub(crate) const GOOD: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n";
pub(crate) const BAD: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,03/31/2024\n";

/// Time passes only in `sleep`, and at once.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    pauses: Mutex<Vec<Duration>>,
}

impl TestClock {
    /// Every pause so far.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }

    /// How long was waited, all in all.
    pub(crate) fn slept(&self) -> Duration {
        self.pauses().iter().sum()
    }
}

impl Clock for TestClock {
    fn elapsed(&self) -> Duration {
        self.slept()
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + self.slept()
    }

    fn chance(&self) -> f64 {
        1.0
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.pauses.lock().unwrap().push(duration);
        Box::pin(tokio::task::yield_now())
    }
}

/// An uploader and all that it works with.
pub(crate) struct Bench {
    /// Kept as long as the journal in it is used; none if somebody else keeps it.
    _directory: Option<TempDir>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) stop: Stop,
    pub(crate) uploader: Uploader,
}

impl Bench {
    pub(crate) fn new(base_url: &str) -> Self {
        Self::with(base_url, "local-key", options(), None)
    }

    pub(crate) fn with(base_url: &str, key: &str, options: Options, a_minute: Option<u32>) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().to_owned();
        Self { _directory: Some(directory), ..Self::open(&path, base_url, key, options, a_minute) }
    }

    /// With the journal of another uploader, which may have been killed.
    pub(crate) fn open(
        directory: &Path,
        base_url: &str,
        key: &str,
        options: Options,
        a_minute: Option<u32>,
    ) -> Self {
        let journal = Arc::new(Journal::open(&directory.join("journal.sqlite")).unwrap());
        let (clock, stop) = (Arc::new(TestClock::default()), Stop::default());
        let place = Place::parse(base_url).unwrap();
        let means = Means {
            client: Client::new(place, ApiKey::new(key).unwrap(), options).unwrap(),
            journal: Arc::clone(&journal),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            retry: RetryPolicy::default(),
            pace: Arc::new(
                a_minute
                    .map_or_else(Pace::unlimited, |rate| Pace::per_minute(NonZeroU32::new(rate).unwrap())),
            ),
            stop: stop.clone(),
        };
        Self { _directory: None, journal, clock, stop, uploader: Uploader::new(means) }
    }

    /// Delivers a file of one row and waits for its verdict.
    pub(crate) fn deliver(&self, text: &str) -> Report {
        run(self.uploader.deliver(&shipment(text), &patience())).unwrap()
    }
}

/// Short limits: nothing on loopback takes long unless it takes for ever.
pub(crate) fn options() -> Options {
    let limit = Duration::from_secs(10);
    Options { timeouts: Timeouts { connect: limit, send: limit, answer: limit }, ..Options::default() }
}

pub(crate) fn shipment(text: &str) -> Shipment {
    Shipment {
        parcel: Parcel::new(Updates::Metric, Format::Csv, "a.csv", text.to_owned()).unwrap(),
        rows: 1,
        values: vec![SentValue {
            external_id: "KPI-1".to_owned(),
            value: ".2".to_owned(),
            as_of_date: "03/31/2024".to_owned(),
        }],
        resubmit: Resubmit::No,
    }
}

pub(crate) fn patience() -> Wait {
    Wait::UpTo(Duration::from_secs(900), Intervals::default())
}

pub(crate) fn service() -> Service {
    Service::start(Settings::default()).unwrap()
}

/// Runs a future to its end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
