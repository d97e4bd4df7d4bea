//! Identifiers of long-running operations.
//!
//! Everything here is finished before it is answered, so an operation has no row: its identifier is a UUID whose
//! second half signs the first. Whoever waits for one that this installation gave out learns that it is done, and
//! one that it did not is unknown.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::clock::Ids;

/// Makes and recognises identifiers of operations.
#[derive(Clone)]
pub struct OperationIds {
    key: Vec<u8>,
}

impl OperationIds {
    pub fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    pub fn new_id(&self, ids: &dyn Ids) -> String {
        let mut random = [0; 8];
        ids.random(&mut random);
        self.id(random)
    }

    /// Whether an operation of that identifier was given out.
    pub fn knows(&self, id: &str) -> bool {
        let hex: String = id.chars().filter(|c| *c != '-').collect();
        let Some(random) = hex.get(..16).and_then(|half| u64::from_str_radix(half, 16).ok()) else {
            return false;
        };
        let genuine = self.id(random.to_be_bytes());
        subtle::ConstantTimeEq::ct_eq(genuine.as_bytes(), id.to_ascii_lowercase().as_bytes()).into()
    }

    fn id(&self, mut random: [u8; 8]) -> String {
        // The bits that make it a UUID of version 8, whose meaning is its maker's.
        random[6] = random[6] & 0x0f | 0x80;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(b"operation\0");
        mac.update(&random);
        let tag = mac.finalize().into_bytes();
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&random);
        bytes[8..].copy_from_slice(&tag[..8]);
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemIds;

    #[test]
    fn only_what_was_given_out_is_known() {
        let operations = OperationIds::new(vec![3; 32]);
        let id = operations.new_id(&SystemIds);
        assert!(operations.knows(&id) && operations.knows(&id.to_uppercase()));
        let altered = id.replace(|c: char| c == id.chars().last().unwrap_or('0'), "e");
        for other in [altered.as_str(), "", "00000000-0000-4000-8000-000000000000", "ü", &id[1..]] {
            assert!(other == id || !operations.knows(other), "{other}");
        }
        assert!(!OperationIds::new(vec![4; 32]).knows(&id));
    }
}
