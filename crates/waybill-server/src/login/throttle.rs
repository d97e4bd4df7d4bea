//! Guessing takes time: whoever fails often waits, longer each time.
//!
//! An attempt counts as failed when it begins, so that a hundred at once are not a hundred free ones. What is counted
//! is in memory: with several servers each counts for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// Counts the failures of each name: an account, an address.
pub struct Throttle {
    /// Failures that cost nothing: people mistype.
    free: u32,
    longest: SignedDuration,
    failures: Mutex<HashMap<Box<str>, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// Somebody must wait for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub SignedDuration);

/// The longest pause, unless a throttle has another: nobody is locked out for a day.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// After so long without a failure all is forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);

/// Names that are remembered, some 100 bytes each.
const NAMES: usize = 20_000;

impl Throttle {
    pub fn new(free: u32) -> Self {
        Self { free, longest: LONGEST, failures: Mutex::default() }
    }

    /// Makes no pause longer than this.
    #[must_use]
    pub fn with_longest(self, longest: SignedDuration) -> Self {
        Self { longest, ..self }
    }

    /// Begins an attempt, which counts as failed until [`succeed`](Self::succeed) or [`forgive`](Self::forgive).
    pub fn begin(&self, name: &str, now: Timestamp) -> Result<(), Wait> {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(name).copied().filter(|known| known.is_remembered(now));
        if let Some(known) = known {
            let until = known.last.checked_add(self.pause(known.count)).unwrap_or(Timestamp::MAX);
            if now < until {
                return Err(Wait(until.duration_since(now)));
            }
        }
        if NAMES <= all.len() && !all.contains_key(name) {
            make_room(&mut all, now);
        }
        let count = known.map_or(0, |known| known.count).saturating_add(1);
        all.insert(name.into(), Failures { count, last: now });
        Ok(())
    }

    /// The attempt was good, and so is whoever made it.
    pub fn succeed(&self, name: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// The attempt was good; what failed before still counts.
    pub fn forgive(&self, name: &str) {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get_mut(name) {
            known.count = known.count.saturating_sub(1);
        }
    }

    /// 1 s after the last free failure, then twice as long each time.
    fn pause(&self, count: u32) -> SignedDuration {
        match count.checked_sub(self.free) {
            None => SignedDuration::ZERO,
            Some(more) => SignedDuration::from_secs(1_i64 << more.min(20)).min(self.longest),
        }
    }
}

impl Failures {
    fn is_remembered(&self, now: Timestamp) -> bool {
        now.duration_since(self.last) < FORGOTTEN
    }
}

/// Forgets what is old; if nothing is, those who failed least: somebody is making names up.
fn make_room(all: &mut HashMap<Box<str>, Failures>, now: Timestamp) {
    all.retain(|_, known| known.is_remembered(now));
    let mut least = 1;
    while NAMES <= all.len() {
        all.retain(|_, known| least < known.count);
        least = least.saturating_mul(2);
    }
}

impl std::fmt::Display for Wait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.seconds() {
            1 => f.write_str("1 second"),
            seconds @ 2..=99 => write!(f, "{seconds} seconds"),
            seconds => write!(f, "{} minutes", seconds.div_ceil(60)),
        }
    }
}

impl Wait {
    /// Whole seconds, never too few.
    pub fn seconds(self) -> u64 {
        let seconds = u64::try_from(self.0.as_millis()).unwrap_or(0).div_ceil(1000);
        seconds.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn wait(throttle: &Throttle, name: &str, second: i64) -> u64 {
        throttle.begin(name, at(second)).err().map_or(0, Wait::seconds)
    }

    #[test]
    fn pauses_grow_and_end() {
        let throttle = Throttle::new(3);
        assert_eq!([0, 0, 0].map(|second| wait(&throttle, "ada", second)), [0, 0, 0]);
        assert_eq!(wait(&throttle, "ada", 0), 1);
        assert_eq!(wait(&throttle, "bob", 0), 0, "others are not concerned");
        let mut now = 1;
        for pause in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(wait(&throttle, "ada", now), 0);
            assert_eq!(wait(&throttle, "ada", now), pause);
            now += i64::try_from(pause).unwrap();
        }
        assert_eq!(wait(&throttle, "ada", now + 3600), 0);
        assert_eq!(wait(&throttle, "ada", now + 3600), 0, "after an hour all is forgotten");
    }

    #[test]
    fn the_longest_pause_can_be_a_shorter_one() {
        let throttle = Throttle::new(1).with_longest(SignedDuration::from_secs(5));
        let mut now = 0;
        for pause in [1, 2, 4, 5, 5] {
            assert_eq!(wait(&throttle, "ada", now), 0);
            assert_eq!(wait(&throttle, "ada", now), pause);
            now += i64::try_from(pause).unwrap();
        }
    }

    #[test]
    fn attempts_at_once_count_all() {
        let throttle = Throttle::new(3);
        let let_in = (0..100).filter(|_| throttle.begin("ada", at(0)).is_ok()).count();
        assert_eq!(let_in, 3);
    }

    #[test]
    fn success_forgets_and_forgiveness_takes_one_back() {
        let throttle = Throttle::new(2);
        let begin = || throttle.begin("ada", at(0)).is_ok();
        assert!(begin() && begin() && !begin());
        throttle.forgive("ada");
        assert!(begin() && !begin());
        throttle.succeed("ada");
        assert!(begin() && begin() && !begin());
        throttle.forgive("nobody");
    }

    #[test]
    fn it_does_not_grow_without_end_and_keeps_the_worst() {
        let throttle = Throttle::new(2);
        for _ in 0..2 {
            assert!(throttle.begin("ada", at(0)).is_ok());
        }
        for number in 0..3 * NAMES {
            assert!(throttle.begin(&number.to_string(), at(1)).is_ok());
        }
        assert!(throttle.failures.lock().unwrap().len() <= NAMES);
        assert_eq!(wait(&throttle, "ada", 0), 1);
    }

    #[test]
    fn a_wait_is_told_in_words() {
        let text = |milliseconds| Wait(SignedDuration::from_millis(milliseconds)).to_string();
        assert_eq!(text(1), "1 second");
        assert_eq!(text(1001), "2 seconds");
        assert_eq!(text(99_000), "99 seconds");
        assert_eq!(text(100_000), "2 minutes");
        assert_eq!(text(900_000), "15 minutes");
    }
}
