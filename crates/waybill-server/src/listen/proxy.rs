//! Whose request it is that a proxy passes on.
//!
//! Anybody can write `X-Forwarded-For`, so it counts only as far as proxies of the operator's wrote it: from the right,
//! where each of them adds the address that it was asked from, up to the first address that is none of theirs. What
//! stands left of that came from outside.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::http::HeaderMap;
use thiserror::Error;

use crate::egress::Allow;

/// Addresses of proxies that tell the truth about who asks them. Invariant: a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedProxy(Allow);

/// Why a text is no such addresses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is neither an address, such as 10.1.2.3, nor a range, such as 10.0.0.0/8")]
pub struct TrustedProxyError(String);

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Returns the address that a request comes from: the peer's, unless that is a proxy which says something else.
pub(super) fn client(proxies: &[TrustedProxy], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_proxy = |address| proxies.iter().any(|proxy| proxy.0.covers(None, address));
    if !is_proxy(peer) {
        return peer;
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let entries = lines.flat_map(|line| line.as_bytes().rsplit(|&byte| byte == b','));
    // Whatever is no address ends the search as an unknown one.
    let mut addresses = entries.map(address);
    addresses.find(|found| !found.is_some_and(is_proxy)).flatten().unwrap_or(peer)
}

/// Some proxies write the port as well.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry).ok()?.trim();
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    entry.parse().ok().or_else(with_port)
}

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, TrustedProxyError> {
        match text.parse() {
            Ok(range @ Allow::Range { .. }) => Ok(Self(range)),
            Ok(Allow::Host(_)) | Err(_) => Err(TrustedProxyError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The client of a request from `peer` with these lines, behind proxies in `10.0.0.0/8` and at `fd00::1`.
    fn check(peer: &str, lines: &[&[u8]]) -> String {
        let proxies = ["10.0.0.0/8", "fd00::1"].map(|text| text.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        }
        client(&proxies, peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        for (line, client) in [
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("203.0.113.7,10.0.0.2 , fd00::1", "203.0.113.7"),
            ("nonsense, 203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:4711, 10.0.0.2:80", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
        ] {
            assert_eq!(check("10.0.0.1", &[line.as_bytes()]), client, "{line}");
        }
        assert_eq!(check("fd00::1", &[b"203.0.113.7"]), "203.0.113.7");
        assert_eq!(check("::ffff:10.0.0.1", &[b"203.0.113.7"]), "203.0.113.7", "a socket for both families");
    }

    #[test]
    fn lines_are_one_list() {
        assert_eq!(
            check("10.0.0.1", &[b"198.51.100.1", b"203.0.113.7, 10.0.0.3", b"10.0.0.2"]),
            "203.0.113.7"
        );
        assert_eq!(check("10.0.0.1", &[b"\xff", b"203.0.113.7"]), "203.0.113.7");
        assert_eq!(check("10.0.0.1", &[b"\xff, 203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn others_are_not_believed() {
        for peer in ["11.0.0.1", "fd00::2", "203.0.113.9"] {
            assert_eq!(check(peer, &[b"203.0.113.7"]), peer);
        }
        let headers =
            HeaderMap::from_iter([(FORWARDED_FOR.parse().unwrap(), "203.0.113.7".parse().unwrap())]);
        assert_eq!(client(&[], "10.0.0.1".parse().unwrap(), &headers).to_string(), "10.0.0.1");
    }

    #[test]
    fn without_an_answer_it_is_the_proxy() {
        for line in [
            "",
            ",",
            "unknown",
            "203.0.113.7, unknown",
            "203.0.113.7,",
            "10.0.0.2, 10.0.0.3",
            "203.0.113.7 x",
        ] {
            assert_eq!(check("10.0.0.1", &[line.as_bytes()]), "10.0.0.1", "{line}");
        }
        assert_eq!(check("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(check("10.0.0.1", &[b"203.0.113.7, \xff"]), "10.0.0.1");
    }

    #[test]
    fn proxies_are_named_by_address() {
        let check = |text: &str| text.parse::<TrustedProxy>().map_err(|error| error.to_string()).err();
        assert_eq!([check("10.1.2.3"), check("10.0.0.0/8"), check("fd00::/8")], [None, None, None]);
        for wrong in ["", "proxy.internal", "10.0.0.0/33", "*"] {
            assert!(check(wrong).is_some_and(|message| message.contains("nor a range")), "{wrong}");
        }
    }
}
