//! Time and chance, handed in: nothing below the edges reads a clock or makes randomness by itself.

use std::time::SystemTime;

use jiff::Timestamp;
use waybill_model::ids::Uid;

/// Tells the time. Answers have microseconds, as the database keeps them.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Makes identifiers and secrets.
pub trait Ids: Send + Sync {
    /// Fills a buffer with random bytes, good enough for secrets.
    fn random(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH);
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl Ids for SystemIds {
    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

impl dyn Ids + '_ {
    /// An identifier for something made now: identifiers sort by time.
    pub fn uid(&self, now: Timestamp) -> Uid {
        let mut random = [0; 16];
        self.random(&mut random[6..]);
        let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let ulid = ulid::Ulid::from_parts(milliseconds, u128::from_be_bytes(random));
        ulid.to_string().parse().expect("a ULID is an identifier")
    }

    /// A random UUID (version 4), for organizations and projects.
    pub fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.random(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Ids for Ones {
        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }

    #[test]
    fn identifiers_are_well_formed_and_sort_by_time() {
        let ids: &dyn Ids = &Ones;
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
        assert!(ids.uid(at(1)) < ids.uid(at(2)));
        assert_eq!(ids.uuid(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
