//! People log in: in a browser for the pages, and on a command line through a browser.
//!
//! ```text
//! password ─┐                          ┌─ cookie: a browser's session (12 h)
//!           ├─ a person is known here ─┤
//! provider ─┘                          └─ consent ─ code or device code ─ tokens: a program's session (30 days)
//! ```
//!
//! A session is a row; what it is used with (a cookie, access tokens) names the row and is refused when it is gone.
//! [`passwords`] and [`provider`] tell who somebody is, [`session`] keeps them logged in, [`authorize`] and [`device`]
//! ask whether a program may act for them, [`exchange`] gives the program its tokens.
//!
//! The pages are forms without scripts ([`page`]). What changes something with a cookie must come from one of them:
//! see [`origin`] and [`form`].

pub mod accounts;
pub mod authorize;
pub mod clients;
pub mod cookie;
pub mod device;
pub mod exchange;
pub mod form;
pub mod metadata;
pub mod origin;
pub mod page;
pub mod passwords;
pub mod provider;
pub mod refresh_token;
pub mod return_to;
pub mod seal;
pub mod session;
pub mod sign_in;
pub mod throttle;

use std::net::IpAddr;

use axum::{
    Router,
    http::Method,
    routing::{get, post},
};

pub use self::provider::ProviderOptions;
use self::{accounts::Accounts, passwords::Passwords, seal::Seals, throttle::Throttle};
use crate::app::App;

/// What logging in needs besides the store.
pub struct Logins {
    pub(crate) seals: Seals,
    pub(crate) passwords: Passwords,
    /// Failed attempts by account, whether it exists or not.
    accounts: Accounts,
    /// Failed attempts by address.
    addresses: Throttle,
    /// Wrong device codes by person.
    codes: Throttle,
    /// Device codes asked for by address; nobody who asks has to say who they are.
    devices: Throttle,
    provider: Option<ProviderOptions>,
}

/// Failures from one address that cost nothing: behind it may be an office, or a proxy.
const FREE_PER_ADDRESS: u32 = 30;
/// Wrong device codes of one person that cost nothing. With 20^8 codes nobody guesses one.
const FREE_CODES: u32 = 5;
/// Device codes that one address may ask for in an hour.
const DEVICES_PER_ADDRESS: u32 = 60;

const LOGIN: &str = "/login";
const LOGOUT: &str = "/logout";
const PROVIDER: &str = "/login/provider";
const CALLBACK: &str = "/login/callback";
const CONSENT: &str = "/oauth2/consent";
const DEVICE_AUTHORIZATION: &str = "/oauth2/device_authorization";
const DEVICE: &str = "/device";
const METADATA: &str = "/.well-known/oauth-authorization-server";
const STYLE: &str = "/assets/login.css";

impl Logins {
    pub fn new(installation_secret: &[u8]) -> Self {
        Self {
            seals: Seals::new(installation_secret),
            passwords: Passwords::default(),
            accounts: Accounts::default(),
            addresses: Throttle::new(FREE_PER_ADDRESS),
            codes: Throttle::new(FREE_CODES),
            devices: Throttle::new(DEVICES_PER_ADDRESS),
            provider: None,
        }
    }

    /// What people know the login provider as, if there is one.
    pub fn provider_name(&self) -> Option<&str> {
        self.provider.as_ref().map(|provider| provider.name.as_str())
    }
}

/// The pages and what programs ask, except what is in the table of operations.
pub fn routes() -> Router<App> {
    Router::new()
        .route(LOGIN, get(sign_in::show).post(sign_in::submit))
        .route(LOGOUT, post(sign_in::logout))
        .route(PROVIDER, get(provider::begin))
        .route(CALLBACK, get(provider::end))
        .route(CONSENT, post(authorize::decide))
        .route(DEVICE_AUTHORIZATION, post(device::start))
        .route(DEVICE, get(device::show).post(device::decide))
        .route(METADATA, get(metadata::get))
        .route(STYLE, get(page::style))
}

/// Method, path and name of each of them, for logs and metrics.
pub fn operations() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    [
        (Method::GET, LOGIN, "LoginPage"),
        (Method::POST, LOGIN, "Login"),
        (Method::POST, LOGOUT, "Logout"),
        (Method::GET, PROVIDER, "BeginProviderLogin"),
        (Method::GET, CALLBACK, "EndProviderLogin"),
        (Method::POST, CONSENT, "Consent"),
        (Method::POST, DEVICE_AUTHORIZATION, "DeviceAuthorization"),
        (Method::GET, DEVICE, "DevicePage"),
        (Method::POST, DEVICE, "DecideDevice"),
        (Method::GET, METADATA, "AuthorizationServerMetadata"),
        (Method::GET, STYLE, "Style"),
    ]
    .into_iter()
}

/// What failures from an address are counted under. Whoever has one IPv6 address has a whole /64.
fn address_name(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_counted_with_its_network() {
        let check = |text: &str| address_name(text.parse().unwrap());
        assert_eq!(check("10.1.2.3"), "10.1.2.3");
        assert_eq!(check("::ffff:10.1.2.3"), "10.1.2.3");
        assert_eq!(check("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    }
}
