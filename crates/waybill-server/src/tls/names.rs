//! The names a server certificate is for.

use std::net::IpAddr;

use rcgen::SanType;
use rustls::pki_types::ServerName;
use url::{Host, Url};

/// Addresses and DNS names under which clients reach the server, without repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<ServerName<'static>>);

impl Names {
    /// Returns this machine's loopback names, and the address, host name and public name of the server.
    /// `listen` is left out if it means every address. What cannot be a DNS name (host names of some machines)
    /// cannot be asked for by a client and is left out too.
    pub fn new(listen: IpAddr, host_name: Option<&str>, public_url: Option<&Url>) -> Self {
        let public = public_url.and_then(Url::host).map(|host| match host {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        });
        let fixed = ["127.0.0.1", "::1", "localhost"].map(str::to_owned);
        let listen = (!listen.is_unspecified()).then(|| listen.to_canonical().to_string());
        let host_name = host_name.map(str::to_owned);
        let mut names = Vec::new();
        for text in fixed.into_iter().chain(listen).chain(host_name).chain(public) {
            let text = text.trim_end_matches('.').to_ascii_lowercase();
            if let Ok(name) = ServerName::try_from(text)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        Self(names)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &ServerName<'static>> {
        self.0.iter()
    }

    pub(super) fn subject_alternatives(&self) -> Vec<SanType> {
        let alternative = |name: &ServerName<'static>| match name {
            ServerName::DnsName(name) => name.as_ref().try_into().ok().map(SanType::DnsName),
            ServerName::IpAddress(address) => Some(SanType::IpAddress((*address).into())),
            _ => None,
        };
        self.0.iter().filter_map(alternative).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |listen: &str, host: Option<&str>, url: Option<&str>| {
            let url = url.map(|url| Url::parse(url).expect("a test's URL"));
            let names = Names::new(listen.parse().expect("a test's address"), host, url.as_ref());
            names.iter().map(|name| name.to_str().into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(check("127.0.0.1", None, None), "127.0.0.1 ::1 localhost");
        assert_eq!(check("0.0.0.0", Some("Build-7."), None), "127.0.0.1 ::1 localhost build-7");
        assert_eq!(check("10.0.0.7", Some("not a name"), None), "127.0.0.1 ::1 localhost 10.0.0.7");
        assert_eq!(check("::ffff:10.0.0.7", None, None), "127.0.0.1 ::1 localhost 10.0.0.7");
        assert_eq!(
            check("::", Some("a"), Some("https://Waybill.example:8443/x")),
            "127.0.0.1 ::1 localhost a waybill.example"
        );
        assert_eq!(check("::", None, Some("https://[2001:db8::1]/")), "127.0.0.1 ::1 localhost 2001:db8::1");
    }
}
