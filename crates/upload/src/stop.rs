//! A wish to stop, shared by all that wait. It refuses to cut a request short: what is being sent is sent to
//! its end, and what was learnt is recorded; only waiting ends.

use std::sync::Arc;

use tokio::sync::watch;

/// A wish to stop. Clones share it.
#[derive(Debug, Clone)]
pub struct Stop {
    wish: Arc<watch::Sender<bool>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { wish: Arc::new(watch::Sender::new(false)) }
    }
}

impl Stop {
    /// Makes all waiting end.
    pub fn request(&self) {
        self.wish.send_replace(true);
    }

    /// Whether to stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.wish.borrow()
    }

    /// Waits until somebody wants to stop.
    pub async fn requested(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.wish.subscribe().wait_for(|wish| *wish).await;
    }
}
