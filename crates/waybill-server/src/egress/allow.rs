//! What an operator allows the registry to connect to besides public addresses.

use std::{fmt, net::IpAddr, str::FromStr};

use thiserror::Error;
use url::Host;

use super::address::plain;

/// One thing that is allowed: an address, a range of them, or a host by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// All addresses that have the first `prefix` bits of `address`.
    Range { address: IpAddr, prefix: u8 },
    /// That name, and then whatever it resolves to. In lower case, without a dot at the end.
    Host(String),
}

/// Why a text is not something to allow.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is neither an address, such as 10.1.2.3, nor a range, such as 10.0.0.0/8, nor the name of a host, such as \
     vault.internal"
)]
pub struct AllowError(String);

impl Allow {
    /// True when a target of that name, or of no name, may be reached under that address.
    pub(crate) fn covers(&self, host: Option<&str>, target: IpAddr) -> bool {
        match self {
            Self::Host(name) => host == Some(name),
            Self::Range { address, prefix } => {
                is_in(target, *address, *prefix) || is_in(plain(target), *address, *prefix)
            }
        }
    }
}

fn is_in(target: IpAddr, network: IpAddr, prefix: u8) -> bool {
    let (target, network, width) = match (target, network) {
        (IpAddr::V4(target), IpAddr::V4(network)) => {
            (u128::from(target.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(target), IpAddr::V6(network)) => (target.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    // A prefix of nothing would shift by the whole width of an IPv6 address.
    (target ^ network).checked_shr(width - u32::from(prefix)).unwrap_or(0) == 0
}

impl FromStr for Allow {
    type Err = AllowError;

    fn from_str(text: &str) -> Result<Self, AllowError> {
        let wrong = || AllowError(text.to_owned());
        let bare = |text: &str| {
            let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
            inside.unwrap_or(text).parse::<IpAddr>().ok()
        };
        let width = |address: IpAddr| if address.is_ipv4() { 32 } else { 128 };
        if let Some((address, prefix)) = text.split_once('/') {
            let address = bare(address).ok_or_else(wrong)?;
            let prefix = prefix.parse().ok().filter(|&prefix| prefix <= width(address)).ok_or_else(wrong)?;
            return Ok(Self::Range { address, prefix });
        }
        if let Some(address) = bare(text) {
            return Ok(Self::Range { address, prefix: width(address) });
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) if !name.contains('*') => {
                Ok(Self::Host(name.trim_end_matches('.').to_owned()))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => f.write_str(name),
            Self::Range { address, prefix } => write!(f, "{address}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let shown = |text: &str| text.parse::<Allow>().map(|allow| allow.to_string()).ok();
        assert_eq!(shown("10.1.2.3").as_deref(), Some("10.1.2.3/32"));
        assert_eq!(shown("10.0.0.0/8").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(shown("::1").as_deref(), Some("::1/128"));
        assert_eq!(shown("[fd00::]/8").as_deref(), Some("fd00::/8"));
        assert_eq!(shown("Vault.Internal.").as_deref(), Some("vault.internal"));
        for wrong in
            ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "*.internal", "a b", "a/8", "1.2.3.4:80"]
        {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_they_cover() {
        let covers = |allow: &str, host: Option<&str>, address: &str| {
            allow.parse::<Allow>().unwrap().covers(host, address.parse().unwrap())
        };
        assert!(covers("10.0.0.0/8", None, "10.255.0.1"));
        assert!(!covers("10.0.0.0/8", None, "11.0.0.1"));
        assert!(covers("10.1.2.3", Some("any.name"), "10.1.2.3") && !covers("10.1.2.3", None, "10.1.2.4"));
        assert!(
            covers("10.0.0.0/8", None, "::ffff:10.0.0.1") && covers("10.0.0.0/8", None, "64:ff9b::a00:1")
        );
        assert!(covers("0.0.0.0/0", None, "192.168.0.1") && !covers("0.0.0.0/0", None, "::1"));
        assert!(covers("::/0", None, "fd00::1") && covers("fd00::/8", None, "fdff::1"));
        assert!(!covers("fd00::/8", None, "fc00::1"));
        assert!(covers("vault.internal", Some("vault.internal"), "10.0.0.1"));
        assert!(!covers("vault.internal", Some("other.internal"), "10.0.0.1"));
        assert!(!covers("vault.internal", None, "10.0.0.1"));
    }
}
