//! The programs that may ask a person to log in: public clients (RFC 8252), which have no secret and are therefore
//! answered on the person's own machine only.

use url::{Host, Url};

/// A program.
#[derive(Debug, PartialEq, Eq)]
pub struct Client {
    pub id: &'static str,
    /// What people know it as.
    pub name: &'static str,
    /// Whether it must prove that the one who asked is the one who exchanges the code (RFC 7636).
    pub needs_pkce: bool,
}

/// An address on the person's own machine, as the program wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// Ours, and those that HCP's Go SDK has for its two geographies; it knows nothing of PKCE.
const CLIENTS: [Client; 3] = [
    Client { id: "waybill", name: "the waybill command line", needs_pkce: true },
    Client {
        id: "4edd6521-6eb9-4d78-9039-7ce8569d667c",
        name: "a program with HCP's SDK, such as Terraform",
        needs_pkce: false,
    },
    Client {
        id: "16c79e87-4ec6-4a01-86a0-5693f42a907f",
        name: "a program with HCP's SDK (EU), such as Terraform",
        needs_pkce: false,
    },
];

const LONGEST_REDIRECT: usize = 1024;

/// The program of that id.
pub fn find(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}

impl RedirectUri {
    /// Accepts `http` to this machine's own addresses, with any port and path.
    pub fn new(text: &str) -> Option<Self> {
        if LONGEST_REDIRECT < text.len() {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let is_own_machine = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let is_plain = url.scheme() == "http"
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        (is_own_machine && is_plain).then(|| Self { text: text.to_owned(), url })
    }

    /// As the program wrote it, to be compared with what it writes later.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// What a page's policy must allow forms to lead to; it has no way to name an IPv6 address.
    pub fn form_target(&self) -> String {
        if let Some(Host::Ipv6(_)) = self.url.host() { "http:".to_owned() } else { self.origin() }
    }

    /// The address with an answer in its query.
    pub fn with<'a>(&self, answer: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(answer);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_to_the_persons_own_machine_only() {
        for good in [
            "http://localhost:8443/oidc/callback",
            "http://127.0.0.1:49152/",
            "http://127.0.0.1",
            "http://[::1]:1/a?b=c",
            "http://LOCALHOST:1/",
        ] {
            assert_eq!(RedirectUri::new(good).map(|uri| uri.as_str().to_owned()).as_deref(), Some(good));
        }
        let long = format!("http://localhost/{}", "x".repeat(LONGEST_REDIRECT));
        for bad in [
            "",
            "localhost:8443/",
            "https://localhost:8443/",
            "http://localhost.evil.example/",
            "http://evil.example/",
            "http://evil.example#@localhost/",
            "http://localhost@evil.example/",
            "http://evil.example\\@localhost/",
            "http://user@localhost/",
            "http://user:password@localhost/",
            "http://localhost/#fragment",
            "http://10.0.0.1/",
            "http://[::]/",
            "http://0.0.0.0/",
            "javascript:alert(1)//localhost",
            "//localhost/",
            "custom://localhost/",
            &long,
        ] {
            assert_eq!(RedirectUri::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_answer_is_added_to_the_query() {
        let uri = RedirectUri::new("http://localhost:8443/oidc/callback?a=b").unwrap();
        assert_eq!(
            uri.with([("code", "x"), ("state", "ü &#")]),
            "http://localhost:8443/oidc/callback?a=b&code=x&state=%C3%BC+%26%23"
        );
        assert_eq!(uri.form_target(), "http://localhost:8443");
        assert_eq!(RedirectUri::new("http://[::1]:7/").unwrap().form_target(), "http:");
    }

    #[test]
    fn programs_are_known_by_id() {
        assert!(find("waybill").is_some_and(|client| client.needs_pkce));
        assert!(find("16c79e87-4ec6-4a01-86a0-5693f42a907f").is_some_and(|client| !client.needs_pkce));
        assert_eq!(find("wb-01m8643ymkb2tb3hdpzaskcpr0"), None);
        assert_eq!(find(""), None);
    }
}
