//! Whether to send a file again, and when. Pure: what went wrong, the time and chance come in, a decision goes
//! out. It refuses a second try wherever the first may have arrived: two submissions are worse than none.

use std::time::{Duration, SystemTime};

/// What went wrong with one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No connection, or it broke before the body was touched.
    NothingSent,
    /// No connection that could be trusted. It will not be more trustworthy in a minute.
    NotTrusted,
    /// 429, or the documented 500: the service says that it did not take the file.
    NotTaken {
        /// The text of `Retry-After`, if it came.
        retry_after: Option<String>,
    },
    /// The body may have arrived.
    MayHaveArrived,
    /// The service refused the file, the key or the address.
    Refused,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send again after this pause.
    Again(Duration),
    /// Do not.
    GiveUp,
}

/// How patient to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first counted; 1 means no retry.
    pub most_tries: u32,
    /// The pause after the first try; it doubles with each.
    pub first_pause: Duration,
    /// No pause of our own is longer.
    pub longest_pause: Duration,
    /// If the service asks for a longer pause than this, it is not waited for.
    pub longest_asked: Duration,
}

impl Default for RetryPolicy {
    /// Five tries, after about 1, 2, 4 and 8 seconds; up to five minutes if the service asks for them.
    fn default() -> Self {
        Self {
            most_tries: 5,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
            longest_asked: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// Decides after try number `tries` (from 1) at the time `now`. `chance` is a random number from 0 to 1: it
    /// spreads the pauses between half and the whole, so that many clients do not come back at once.
    #[must_use]
    pub fn decide(&self, tries: u32, trouble: &Trouble, now: SystemTime, chance: f64) -> Decision {
        if tries >= self.most_tries {
            return Decision::GiveUp;
        }
        let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
        let whole = self.first_pause.saturating_mul(doubled).min(self.longest_pause);
        let own = whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        match trouble {
            Trouble::NothingSent => Decision::Again(own),
            Trouble::NotTaken { retry_after } => {
                match retry_after.as_deref().and_then(|text| asked_pause(text, now)) {
                    Some(asked) if asked > self.longest_asked => Decision::GiveUp,
                    Some(asked) => Decision::Again(asked.max(own)),
                    None => Decision::Again(own),
                }
            }
            Trouble::NotTrusted | Trouble::MayHaveArrived | Trouble::Refused => Decision::GiveUp,
        }
    }
}

/// The pause that `Retry-After` asks for, in either of its forms: seconds, or a date. A date that has passed
/// asks for none; a text that is neither says nothing.
pub(crate) fn asked_pause(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds is a pause that nobody waits for.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: u64 = 784_111_777;

    fn taken_back(retry_after: &str) -> Trouble {
        Trouble::NotTaken { retry_after: (!retry_after.is_empty()).then(|| retry_after.to_owned()) }
    }

    #[test]
    fn only_what_cannot_have_arrived_is_sent_again_and_not_too_soon() {
        let again = |milliseconds| Decision::Again(Duration::from_millis(milliseconds));
        let no = Decision::GiveUp;
        // try, what went wrong, chance, decision
        let cases = [
            (1, Trouble::NothingSent, 1.0, again(1000)),
            (1, Trouble::NothingSent, 0.0, again(500)),
            (1, Trouble::NothingSent, 0.5, again(750)),
            (2, Trouble::NothingSent, 1.0, again(2000)),
            (3, Trouble::NothingSent, 0.0, again(2000)),
            (4, Trouble::NothingSent, 1.0, again(8000)),
            (5, Trouble::NothingSent, 1.0, no),
            (6, Trouble::NothingSent, 1.0, no),
            (1, Trouble::NothingSent, 7.0, again(1000)),
            (1, Trouble::NothingSent, f64::NEG_INFINITY, again(500)),
            (1, taken_back(""), 1.0, again(1000)),
            (4, taken_back(""), 0.0, again(4000)),
            (5, taken_back("1"), 1.0, no),
            (1, taken_back("7"), 1.0, again(7000)),
            (1, taken_back(" 7 "), 1.0, again(7000)),
            (1, taken_back("0"), 1.0, again(1000)),
            (1, taken_back("300"), 1.0, again(300_000)),
            (1, taken_back("301"), 1.0, no),
            (1, taken_back("99999999999999999999999"), 1.0, no),
            (1, taken_back("Sun, 06 Nov 1994 08:49:47 GMT"), 1.0, again(10_000)),
            (1, taken_back("Sunday, 06-Nov-94 08:49:47 GMT"), 1.0, again(10_000)),
            (1, taken_back("Sun Nov  6 08:49:47 1994"), 1.0, again(10_000)),
            (1, taken_back("Sun, 06 Nov 1994 08:49:30 GMT"), 1.0, again(1000)),
            (1, taken_back("Sun, 06 Nov 1994 09:49:37 GMT"), 1.0, no),
            (1, taken_back("soon"), 1.0, again(1000)),
            (1, taken_back("-5"), 1.0, again(1000)),
            (1, taken_back("1.5"), 1.0, again(1000)),
            (1, Trouble::NotTrusted, 1.0, no),
            (1, Trouble::MayHaveArrived, 1.0, no),
            (1, Trouble::Refused, 1.0, no),
        ];
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        for (tries, trouble, chance, expected) in cases {
            let decision = RetryPolicy::default().decide(tries, &trouble, now, chance);
            assert_eq!(decision, expected, "try {tries}, {trouble:?}, chance {chance}");
        }
    }

    #[test]
    fn pauses_of_our_own_never_pass_the_longest() {
        let policy = RetryPolicy { most_tries: u32::MAX, ..RetryPolicy::default() };
        for tries in [7, 8, 33, 1_000_000] {
            let decision = policy.decide(tries, &Trouble::NothingSent, SystemTime::UNIX_EPOCH, 1.0);
            assert_eq!(decision, Decision::Again(Duration::from_secs(60)), "try {tries}");
        }
    }
}
