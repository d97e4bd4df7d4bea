//! Which addresses lead into networks that are nobody's business but the operator's.
//!
//! Public is what the registries of special-purpose addresses (RFC 6890 and its successors) leave: of IPv6, global
//! unicast alone. An address that carries another one inside (IPv4-mapped, NAT64) is judged by that one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const METADATA: &str = "the address of a cloud's metadata service";

/// Returns what an address is if it is not a public one: "a loopback address".
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    match plain(address) {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => special_v6(v6),
    }
}

/// Returns the address that packets to `address` arrive at: the one inside of it, if there is one.
pub(super) fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [.., a, b] = v6.segments();
    let is_nat64 = v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    if is_nat64 {
        let [a, b, c, d] = (u32::from(a) << 16 | u32::from(b)).to_be_bytes();
        return IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    }
    address.to_canonical()
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, d] = address.octets();
    Some(match (a, b, c, d) {
        (127, ..) => "a loopback address",
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) => "a private address",
        // The third is Azure's, for services that each of its machines can reach.
        (169, 254, 169, 254) | (169, 254, 170, 2) | (168, 63, 129, 16) => METADATA,
        (169, 254, ..) => "a link-local address",
        (100, 64..=127, ..) => "an address of a carrier's network",
        (0, ..) => "no address of a machine",
        (224..=239, ..) => "a multicast address",
        (192, 0, 2, _) | (198, 51, 100, _) | (203, 0, 113, _) => "an address for documentation",
        (198, 18..=19, ..) => "an address for benchmarks",
        (192, 0, 0, _)
        | (192, 88, 99, _)
        | (192, 31, 196, _)
        | (192, 52, 193, _)
        | (192, 175, 48, _)
        | (240.., ..) => "a reserved address",
        _ => return None,
    })
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [a, b, ..] = address.segments();
    Some(match (a, b) {
        _ if address.is_loopback() => "a loopback address",
        _ if address.is_unspecified() => "no address of a machine",
        (0xfd00, 0x0ec2) | (0xfd20, 0x00ce) => METADATA,
        (0xfc00..=0xfdff | 0xfec0..=0xfeff, _) => "a private address",
        (0xfe80..=0xfebf, _) => "a link-local address",
        (0xff00.., _) => "a multicast address",
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) => "an address for documentation",
        // Of 2001::/23 (Teredo, benchmarks, ORCHID and more) nothing is an ordinary server. 6to4 wraps an IPv4
        // address and hands it to whoever relays.
        (0x2001, 0..=0x01ff) | (0x2002 | ..=0x1fff | 0x4000.., _) => "a reserved address",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(addresses: &[&str], expected: Option<&str>) {
        for address in addresses {
            assert_eq!(special(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn public_addresses() {
        check(
            &["1.1.1.1", "52.94.133.131", "126.255.255.255", "128.0.0.1", "172.15.0.1", "172.32.0.1"],
            None,
        );
        check(
            &["100.63.255.255", "100.128.0.0", "192.167.0.1", "192.169.0.1", "198.17.0.1", "198.20.0.1"],
            None,
        );
        check(
            &["223.255.255.255", "169.253.0.1", "169.255.0.1", "168.63.129.17", "11.0.0.0", "9.9.9.9"],
            None,
        );
        check(&["2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2000::1", "3ffe::1"], None);
        check(&["::ffff:8.8.8.8", "64:ff9b::8.8.8.8"], None);
    }

    #[test]
    fn addresses_that_are_not() {
        check(
            &["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"],
            Some("a loopback address"),
        );
        check(
            &[
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "::ffff:10.1.2.3",
                "64:ff9b::10.1.2.3",
            ],
            Some("a private address"),
        );
        check(&["fc00::1", "fd12:3456::1", "fec0::1"], Some("a private address"));
        check(
            &[
                "169.254.169.254",
                "::ffff:169.254.169.254",
                "64:ff9b::a9fe:a9fe",
                "169.254.170.2",
                "fd00:ec2::254",
            ],
            Some("the address of a cloud's metadata service"),
        );
        check(&["168.63.129.16", "fd20:ce::254"], Some("the address of a cloud's metadata service"));
        check(&["169.254.0.1", "fe80::1", "febf::1"], Some("a link-local address"));
        check(&["100.64.0.1", "100.127.255.255"], Some("an address of a carrier's network"));
        check(&["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"], Some("no address of a machine"));
        check(&["224.0.0.1", "239.255.255.255", "ff02::1"], Some("a multicast address"));
        check(
            &["192.0.2.1", "198.51.100.1", "203.0.113.9", "2001:db8::1", "3fff::1"],
            Some("an address for documentation"),
        );
        check(&["198.18.0.1", "198.19.255.255"], Some("an address for benchmarks"));
        check(&["192.0.0.1", "192.88.99.1", "240.0.0.1", "255.255.255.255"], Some("a reserved address"));
        check(
            &[
                "::7f00:1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2002:7f00:1::1",
                "5f00::1",
                "4000::1",
                "1::1",
            ],
            Some("a reserved address"),
        );
    }
}
