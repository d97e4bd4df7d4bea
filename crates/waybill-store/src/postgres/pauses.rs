//! Pauses that grow and differ, so that those who met once do not meet again in step.

use std::{collections::hash_map::RandomState, hash::BuildHasher, time::Duration};

/// A series of pauses: each is between half and all of a length that doubles up to a limit.
pub(super) struct Pauses {
    first: Duration,
    longest: Duration,
    taken: u32,
}

impl Pauses {
    pub(super) fn between((first, longest): (Duration, Duration)) -> Self {
        Self { first, longest, taken: 0 }
    }

    pub(super) fn next(&mut self) -> Duration {
        let length = self.first.saturating_mul(2_u32.saturating_pow(self.taken)).min(self.longest);
        self.taken = self.taken.saturating_add(1);
        length / 2 + (length / 2).mul_f64(chance())
    }

    /// Starts again with the shortest.
    pub(super) fn reset(&mut self) {
        self.taken = 0;
    }
}

/// From 0 to 1. The standard library's hashers have random keys, each another one; nothing here is secret.
fn chance() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or_default();
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_differ() {
        let limits = (Duration::from_millis(2), Duration::from_millis(128));
        let mut lengths = Vec::new();
        for _ in 0..50 {
            let mut pauses = Pauses::between(limits);
            for most in [2, 4, 8, 16, 32, 64, 128, 128, 128] {
                let pause = pauses.next();
                let most = Duration::from_millis(most);
                assert!(most / 2 <= pause && pause <= most, "{pause:?} of {most:?}");
                lengths.push(pause);
            }
            pauses.reset();
            assert!(pauses.next() <= limits.0);
        }
        lengths.sort();
        lengths.dedup();
        assert!(lengths.len() > 400, "only {} of 450 pauses differ", lengths.len());
        let mut pauses = Pauses { taken: u32::MAX, ..Pauses::between(limits) };
        assert!(pauses.next() <= limits.1);
    }
}
