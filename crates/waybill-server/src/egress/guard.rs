//! Decides which addresses a connection may go to, at the moment of connecting.
//!
//! The HTTP client resolves every name through the guard and connects to what it returns, so a name that resolves
//! to something else a moment later gains nothing. Addresses that are written in a URL do not pass a resolver: those
//! are checked before.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::{Allow, EgressError, address, error::Forbidden};

#[derive(Clone, Debug)]
pub(super) struct Guard {
    allow: Vec<Allow>,
    /// Nothing but this very machine: what is sent is not encrypted.
    is_plain: bool,
}

impl Guard {
    pub(super) fn new(allow: Vec<Allow>, is_plain: bool) -> Self {
        Self { allow, is_plain }
    }

    /// Judges a URL by its host, as far as it is an address.
    pub(super) fn check(&self, url: &Url) -> Result<(), EgressError> {
        let address = match url.host() {
            None => return Err(EgressError::url(url, "it has no host")),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        self.judge(None, address).map_err(|forbidden| EgressError::forbidden(url, forbidden))
    }

    fn judge(&self, host: Option<&str>, address: IpAddr) -> Result<(), Forbidden> {
        let is_loopback = address::plain(address).is_loopback();
        if self.is_plain && !is_loopback {
            return Err(Forbidden::Plain { address });
        }
        match address::special(address) {
            Some(kind) if !self.allow.iter().any(|allow| allow.covers(host, address)) => {
                Err(Forbidden::Special { host: host.map(str::to_owned), address, kind })
            }
            _ => Ok(()),
        }
    }

    /// Returns those of a name's addresses that may be connected to; the first reason when there is none.
    pub(super) fn filter(&self, host: &str, addresses: &[SocketAddr]) -> Result<Vec<SocketAddr>, Forbidden> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let mut refusal = None;
        let mut allowed = Vec::new();
        for address in addresses {
            match self.judge(Some(&host), address.ip()) {
                Ok(()) => allowed.push(*address),
                Err(forbidden) => refusal = refusal.or(Some(forbidden)),
            }
        }
        match refusal {
            Some(forbidden) if allowed.is_empty() => Err(forbidden),
            _ if allowed.is_empty() => Err(Forbidden::NoAddress),
            _ => Ok(allowed),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = super::lookup(name.as_str()).await.map_err(Forbidden::Unknown)?;
            let allowed = guard.filter(name.as_str(), &found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn filter(allow: &[&str], is_plain: bool, found: &[&str]) -> Result<Vec<String>, String> {
        let guard = Guard::new(allow.iter().map(|text| text.parse().unwrap()).collect(), is_plain);
        let found: Vec<SocketAddr> =
            found.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
        guard
            .filter("Name.Example.", &found)
            .map(|allowed| allowed.iter().map(|address| address.ip().to_string()).collect())
            .map_err(|forbidden| forbidden.to_string())
    }

    #[test]
    fn of_several_addresses_the_allowed_ones_are_left() {
        assert_eq!(filter(&[], false, &["10.0.0.1", "1.1.1.1", "::1"]), Ok(vec!["1.1.1.1".to_owned()]));
        let refused = filter(&[], false, &["10.0.0.1", "127.0.0.1"]).unwrap_err();
        assert_eq!(
            refused,
            "`name.example` is 10.0.0.1, a private address; the registry's operator can allow that with \
             `--egress-allow name.example`"
        );
        assert_eq!(filter(&["name.example"], false, &["10.0.0.1"]), Ok(vec!["10.0.0.1".to_owned()]));
        assert_eq!(
            filter(&["127.0.0.0/8"], false, &["10.0.0.1", "127.0.0.1"]),
            Ok(vec!["127.0.0.1".to_owned()])
        );
        assert_eq!(
            filter(&[], false, &[]).unwrap_err(),
            "the name has no address; correct it, or the registry's DNS"
        );
    }

    #[test]
    fn what_is_not_encrypted_stays_on_the_machine() {
        let local = ["127.0.0.1/32"];
        assert_eq!(filter(&local, true, &["127.0.0.1"]), Ok(vec!["127.0.0.1".to_owned()]));
        assert!(filter(&[], true, &["127.0.0.1"]).is_err());
        for elsewhere in ["1.1.1.1", "10.0.0.1"] {
            let refused = filter(&["0.0.0.0/0", "name.example"], true, &[elsewhere]).unwrap_err();
            assert!(refused.contains("use https"), "{refused}");
        }
    }
}
