//! When to give up on a connection, decided from what moved on it since the last look.
//!
//! One timer per connection looks several times per limit; the path of a request only sets flags. So a limit holds
//! to within a fraction of itself, which is all that limits of many seconds need.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use super::ListenOptions;

/// Looks per header time, the shortest of the limits.
const LOOKS: u32 = 4;

/// What moved on a connection. Written by its stream and its requests, read by [`Patience`].
#[derive(Debug, Default)]
pub(super) struct Activity {
    requests_in_flight: AtomicU32,
    has_read: AtomicBool,
    has_written: AtomicBool,
}

/// A request that is being answered; ends when dropped.
pub(super) struct InFlight(Arc<Activity>);

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// No request, and nothing taken of earlier answers.
    Idle,
    /// A request began and did not get to the end of its header fields.
    SlowHeader,
    Old,
}

/// The looks so far, against the limits.
#[derive(Debug)]
pub(super) struct Patience {
    look_interval: Duration,
    limits: Looks,
    seen: Looks,
}

#[derive(Clone, Copy, Debug, Default)]
struct Looks {
    idle: u32,
    header: u32,
    age: u32,
}

impl Activity {
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.requests_in_flight.fetch_add(1, Relaxed);
        InFlight(self.clone())
    }

    pub(super) fn read(&self) {
        set(&self.has_read);
    }

    pub(super) fn wrote(&self) {
        set(&self.has_written);
    }
}

/// Mostly the flag is set already, and a load does not disturb other cores.
fn set(flag: &AtomicBool) {
    if !flag.load(Relaxed) {
        flag.store(true, Relaxed);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.requests_in_flight.fetch_sub(1, Relaxed);
    }
}

impl Patience {
    /// `is_http1`: whether what arrives outside a request can only be the beginning of the next one.
    pub(super) fn new(options: &ListenOptions, is_http1: bool) -> Self {
        let look_interval = (options.header_time / LOOKS).max(Duration::from_millis(1));
        let looks = |limit: Duration| {
            let looks = limit.as_nanos().div_ceil(look_interval.as_nanos());
            u32::try_from(looks).unwrap_or(u32::MAX)
        };
        let header = if is_http1 { looks(options.header_time) } else { u32::MAX };
        let limits = Looks { idle: looks(options.idle_time), header, age: looks(options.connection_age) };
        Self { look_interval, limits, seen: Looks::default() }
    }

    pub(super) fn look_interval(&self) -> Duration {
        self.look_interval
    }

    /// Looks at what moved since the last look; says if the connection should end.
    pub(super) fn look(&mut self, activity: &Activity) -> Option<Ending> {
        let has_read = activity.has_read.swap(false, Relaxed);
        let has_written = activity.has_written.swap(false, Relaxed);
        let seen = &mut self.seen;
        seen.age = seen.age.saturating_add(1);
        if activity.requests_in_flight.load(Relaxed) > 0 || has_written {
            (seen.idle, seen.header) = (0, 0);
        } else {
            // Reading alone does not count: a peer could send a byte now and then for ever.
            seen.idle = seen.idle.saturating_add(1);
            seen.header = if has_read || seen.header > 0 { seen.header.saturating_add(1) } else { 0 };
        }
        if seen.header >= self.limits.header {
            Some(Ending::SlowHeader)
        } else if seen.idle >= self.limits.idle {
            Some(Ending::Idle)
        } else if seen.age >= self.limits.age {
            Some(Ending::Old)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks once per letter: `r` read, `w` written, `b` busy with a request, `.` nothing. Returns the first ending.
    fn check(is_http1: bool, moves: &str) -> Option<(usize, Ending)> {
        let options = ListenOptions {
            header_time: Duration::from_secs(4),
            idle_time: Duration::from_secs(8),
            connection_age: Duration::from_secs(16),
            ..ListenOptions::default()
        };
        let activity = Arc::new(Activity::default());
        let mut patience = Patience::new(&options, is_http1);
        assert_eq!(patience.look_interval(), Duration::from_secs(1));
        moves.chars().enumerate().find_map(|(at, letter)| {
            let in_flight = (letter == 'b').then(|| activity.begin());
            match letter {
                'r' => activity.read(),
                'w' => activity.wrote(),
                _ => {}
            }
            let ending = patience.look(&activity);
            drop(in_flight);
            ending.map(|ending| (at + 1, ending))
        })
    }

    #[test]
    fn endings() {
        assert_eq!(check(true, "........"), Some((8, Ending::Idle)));
        assert_eq!(check(true, "...w....b......."), Some((16, Ending::Old)));
        assert_eq!(check(true, "w........"), Some((9, Ending::Idle)));
        assert_eq!(check(true, "bbbbbbbbbbbbbbb"), None);
        assert_eq!(check(true, "..r..."), Some((6, Ending::SlowHeader)));
        assert_eq!(check(true, "r..b...."), None);
        assert_eq!(check(false, "r......."), Some((8, Ending::Idle)));
        assert_eq!(check(false, "rrrrrrrr"), Some((8, Ending::Idle)));
    }
}
