//! Cookies: reading one of a request's, writing ours.
//!
//! All of ours are bound to this very host and to https (`__Host-`), are out of reach of scripts, and do not come
//! along with what another site sends, except when a person follows a link.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use jiff::SignedDuration;

/// Who is logged in, in this browser.
pub const SESSION: &str = "__Host-waybill-session";
/// Ties forms to a browser in which nobody is logged in.
pub const FORM: &str = "__Host-waybill-form";
/// Ties the login provider's answer to the browser that asked.
pub const PROVIDER: &str = "__Host-waybill-provider";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The value of the first cookie of that name.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    // HTTP/2 may send each cookie in a field of its own.
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut cookies = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.split_once('='));
    cookies.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim())
}

/// Sets a cookie for so long. The value is of characters that a cookie may have.
pub fn set(name: &str, value: &str, lifetime: SignedDuration) -> HeaderValue {
    let text = format!("{name}={value}; {ATTRIBUTES}; Max-Age={}", lifetime.as_secs());
    HeaderValue::from_str(&text).expect("our values are base 64")
}

/// Forgets a cookie.
pub fn remove(name: &str) -> HeaderValue {
    let text = format!("{name}=; {ATTRIBUTES}; Max-Age=0");
    HeaderValue::from_str(&text).expect("our names are plain")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let check = |fields: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(COOKIE, HeaderValue::from_static(field));
            }
            read(&headers, "b").map(str::to_owned)
        };
        assert_eq!(check(&["a=1; b=2; c=3"]).as_deref(), Some("2"));
        assert_eq!(check(&["a=1", "b=2=3"]).as_deref(), Some("2=3"));
        assert_eq!(check(&["b=1; b=2"]).as_deref(), Some("1"));
        assert_eq!(check(&["b="]).as_deref(), Some(""));
        assert_eq!(check(&["ab=1; bb=2; b"]), None);
        assert_eq!(check(&[]), None);
    }

    #[test]
    fn ours_are_for_this_host_only() {
        let text = set(SESSION, "abc", SignedDuration::from_hours(12));
        assert_eq!(
            text.to_str().unwrap(),
            "__Host-waybill-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200"
        );
        assert!(remove(FORM).to_str().unwrap().ends_with("Max-Age=0"));
    }
}
