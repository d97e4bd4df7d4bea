//! When a call is tried again, and after how long.
//!
//! What may be repeated:
//! - a call that never left this machine (no connection), or that the registry turned away (429), whatever it
//!   is;
//! - an idempotent call whose answer got lost, or was 502, 503 or 504.
//!
//! The pause doubles from [`Backoff::first`] to [`Backoff::longest`]. `Retry-After` overrides it; a wait that
//! would pass the call's deadline is not begun.

use std::time::Duration;

use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, RETRY_AFTER},
};

/// How often and how fast to repeat.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Attempts in all, the first included.
    pub attempts: u32,
    pub first: Duration,
    pub longest: Duration,
    /// Gives a number from 0 to 1 that spreads the pauses of many clients; the default gives always 1.
    pub jitter: fn() -> f64,
}

/// Whether sending a call a second time does no more than sending it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Safe,
    Unsafe,
}

/// How an attempt failed, as far as repeating is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection: the request was not sent.
    NotSent,
    /// Sent, and no answer came.
    NoAnswer,
    Status(StatusCode),
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_millis(250),
            longest: Duration::from_secs(10),
            jitter: || 1.0,
        }
    }
}

impl Backoff {
    /// A policy that never repeats.
    pub fn none() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// The pause before the next attempt, or none when `failed` attempts are enough.
    pub(crate) fn pause(&self, failed: u32, retry_after: Option<Duration>) -> Option<Duration> {
        if self.attempts <= failed {
            return None;
        }
        if let Some(wanted) = retry_after {
            return Some(wanted);
        }
        let doubled = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16));
        let spread = 0.5 + (self.jitter)().clamp(0.0, 1.0) / 2.0;
        Some(doubled.min(self.longest).mul_f64(spread))
    }
}

impl Backoff {
    /// The pause of one of several who want to change the same thing and were too late `failed` times. Shorter than
    /// that for a server in trouble, and spread wider, so that they do not meet again.
    pub(crate) fn pause_of_conflict(&self, failed: u32) -> Duration {
        let longest = (self.first / 8).saturating_mul(1 << failed.min(16)).min(self.longest / 8);
        longest.mul_f64(0.1 + 0.9 * (self.jitter)().clamp(0.0, 1.0))
    }
}

impl Failure {
    pub(crate) fn may_be_repeated(self, repeat: Repeat) -> bool {
        match self {
            Failure::NotSent | Failure::Status(StatusCode::TOO_MANY_REQUESTS) => true,
            Failure::NoAnswer
            | Failure::Status(
                StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT,
            ) => repeat == Repeat::Safe,
            Failure::Status(_) => false,
        }
    }
}

/// What the answer asks the client to wait: seconds, or a date measured against the answer's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let wanted = text(RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = |text| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let wait = at(wanted)?.duration_since(at(text(DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_then_end() {
        let backoff = Backoff { attempts: 5, longest: Duration::from_secs(1), ..Backoff::default() };
        let pauses: Vec<_> =
            (1..=5).map(|failed| backoff.pause(failed, None).map(|p| p.as_millis())).collect();
        assert_eq!(pauses, [Some(250), Some(500), Some(1000), Some(1000), None]);
    }

    #[test]
    fn jitter_takes_away_at_most_half() {
        let backoff = Backoff { jitter: || 0.0, ..Backoff::default() };
        assert_eq!(backoff.pause(1, None), Some(Duration::from_millis(125)));
        let wild = Backoff { jitter: || f64::MAX, ..Backoff::default() };
        assert_eq!(wild.pause(1, None), Some(Duration::from_millis(250)));
    }

    #[test]
    fn who_was_too_late_waits_a_little_and_never_as_long_as_the_others() {
        let longest = Backoff::default();
        let pauses = [1, 2, 6, 30].map(|failed| longest.pause_of_conflict(failed).as_micros());
        assert_eq!(pauses, [62_500, 125_000, 1_250_000, 1_250_000]);
        let shortest = Backoff { jitter: || 0.0, ..longest };
        assert_eq!(shortest.pause_of_conflict(1), Duration::from_micros(6_250));
    }

    #[test]
    fn the_registry_can_say_how_long() {
        let backoff = Backoff::default();
        assert_eq!(backoff.pause(1, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(backoff.pause(5, Some(Duration::from_secs(7))), None);
    }

    #[test]
    fn what_may_be_repeated() {
        use Failure::{NoAnswer, NotSent, Status};
        let check = |failure: Failure| {
            (failure.may_be_repeated(Repeat::Safe), failure.may_be_repeated(Repeat::Unsafe))
        };
        assert_eq!(check(NotSent), (true, true));
        assert_eq!(check(Status(StatusCode::TOO_MANY_REQUESTS)), (true, true));
        assert_eq!(check(NoAnswer), (true, false));
        assert_eq!(check(Status(StatusCode::SERVICE_UNAVAILABLE)), (true, false));
        assert_eq!(check(Status(StatusCode::INTERNAL_SERVER_ERROR)), (false, false));
        assert_eq!(check(Status(StatusCode::CONFLICT)), (false, false));
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let check = |wanted: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(wanted));
            date.map(|date| headers.insert(DATE, HeaderValue::from_static(date)));
            retry_after(&headers)
        };
        let now = Some("Tue, 24 Nov 2026 10:00:00 GMT");
        assert_eq!(check("3", None), Some(Duration::from_secs(3)));
        assert_eq!(check("Tue, 24 Nov 2026 10:00:20 GMT", now), Some(Duration::from_secs(20)));
        assert_eq!(check("Tue, 24 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(check("Tue, 24 Nov 2026 10:00:20 GMT", None), None);
        assert_eq!(check("soon", now), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
