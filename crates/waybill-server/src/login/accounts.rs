//! Guessing the password of one account takes time, from one address and from all of them together.
//!
//! Failures are counted by account and address, so that whoever fails on purpose keeps nobody but themselves waiting.
//! Against those who have many addresses each account has a count of its own as well: it is high, and its pauses are
//! short, because its owner waits with everybody else.

use jiff::{SignedDuration, Timestamp};

use super::throttle::{Throttle, Wait};

/// Counts the failures of accounts, whether they exist or not.
pub struct Accounts {
    from_one_address: Throttle,
    from_anywhere: Throttle,
}

/// Failures at one account from one address that cost nothing.
const FREE_FROM_ONE_ADDRESS: u32 = 5;

/// Failures at one account that cost nothing, wherever they come from.
const FREE_FROM_ANYWHERE: u32 = 100;

/// Some 1500 guesses in a day, however many addresses they come from.
const LONGEST_FROM_ANYWHERE: SignedDuration = SignedDuration::from_mins(1);

impl Default for Accounts {
    fn default() -> Self {
        Self {
            from_one_address: Throttle::new(FREE_FROM_ONE_ADDRESS),
            from_anywhere: Throttle::new(FREE_FROM_ANYWHERE).with_longest(LONGEST_FROM_ANYWHERE),
        }
    }
}

impl Accounts {
    /// Begins an attempt at an account, which counts as failed until [`succeed`](Self::succeed).
    ///
    /// What has to wait for the others counts as well for its address: asking all the time gets nobody a turn.
    pub fn begin(&self, email: &str, from: &str, now: Timestamp) -> Result<(), Wait> {
        self.from_one_address.begin(&pair(email, from), now)?;
        self.from_anywhere.begin(email, now)
    }

    /// The attempt was good: what failed before from this address is forgotten, and what failed from all together.
    pub fn succeed(&self, email: &str, from: &str) {
        self.from_one_address.succeed(&pair(email, from));
        self.from_anywhere.succeed(email);
    }
}

/// No e-mail address has a line's end in it.
fn pair(email: &str, from: &str) -> String {
    format!("{email}\n{from}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn who_fails_keeps_nobody_else_waiting() {
        let accounts = Accounts::default();
        for _ in 0..5 {
            assert_eq!(accounts.begin("ada", "evil", at(0)), Ok(()));
        }
        assert_eq!(accounts.begin("ada", "evil", at(0)).unwrap_err().seconds(), 1);
        assert_eq!(accounts.begin("ada", "home", at(0)), Ok(()));
        assert_eq!(accounts.begin("bob", "evil", at(0)), Ok(()), "that is for the throttle of addresses");
    }

    #[test]
    fn one_address_never_fills_the_count_of_all() {
        let accounts = Accounts::default();
        let tried =
            (0..24 * 3600).filter(|&second| accounts.begin("ada", "evil", at(second)).is_ok()).count();
        assert!((100..110).contains(&tried), "{tried} in a day");
        assert_eq!(accounts.begin("ada", "home", at(24 * 3600 + 60)), Ok(()), "a minute at most");
    }

    #[test]
    fn many_addresses_wait_for_each_other() {
        let accounts = Accounts::default();
        let from_all = |second| {
            let addresses = (0..50).map(|number| format!("{second}.{number}"));
            addresses.filter(|from| accounts.begin("ada", from, at(second)).is_ok()).count()
        };
        assert_eq!((from_all(0), from_all(0)), (50, 50));
        assert_eq!(accounts.begin("ada", "home", at(0)).unwrap_err().seconds(), 1);
        let let_in: usize = (1..=3600).map(from_all).sum();
        assert!((60..70).contains(&let_in), "{let_in} in an hour");
        assert_eq!(accounts.begin("bob", "home", at(3600)), Ok(()));
    }

    #[test]
    fn success_forgets_what_others_did() {
        let accounts = Accounts::default();
        for number in 0..100 {
            assert_eq!(accounts.begin("ada", &number.to_string(), at(0)), Ok(()));
        }
        assert!(accounts.begin("ada", "home", at(0)).is_err());
        assert_eq!(accounts.begin("ada", "home", at(1)), Ok(()));
        accounts.succeed("ada", "home");
        assert_eq!(accounts.begin("ada", "other", at(1)), Ok(()));
    }
}
