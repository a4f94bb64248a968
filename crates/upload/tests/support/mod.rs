//! What the tests of this crate share: a clock that waits without waiting, and a runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use metricsheet_upload::Clock;

/// Time passes only in `sleep`, and at once.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    slept: Mutex<Duration>,
}

impl TestClock {
    /// How long was waited, all in all.
    pub(crate) fn slept(&self) -> Duration {
        *self.slept.lock().unwrap()
    }
}

impl Clock for TestClock {
    fn elapsed(&self) -> Duration {
        self.slept()
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + self.slept()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        *self.slept.lock().unwrap() += duration;
        Box::pin(tokio::task::yield_now())
    }
}

/// Runs a future to its end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
