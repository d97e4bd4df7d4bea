//! Who is calling: a service principal's client id and secret.

use secrecy::{ExposeSecret, SecretString};

/// A service principal's key. The secret is not in `Debug`.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: SecretString,
}

impl Credentials {
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<SecretString>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into() }
    }

    /// True for a key that a Waybill registry has issued, which no other service should see.
    pub fn are_waybills(&self) -> bool {
        self.client_id.starts_with("wb-") || self.client_secret.expose_secret().starts_with("wbs_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waybills_own_are_known_by_their_beginning() {
        let check = |id: &str, secret: &str| Credentials::new(id, secret).are_waybills();
        assert!(check("wb-01jd", "x") && check("x", "wbs_x"));
        assert!(!check("id", "secret") && !check("WB-", "wb-"));
    }

    #[test]
    fn debug_hides_the_secret() {
        assert!(!format!("{:?}", Credentials::new("id", "hunter2")).contains("hunter2"));
    }
}
