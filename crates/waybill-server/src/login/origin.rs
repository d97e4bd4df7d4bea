//! Where a browser says that a request comes from: only our own pages may change something with a cookie.

use axum::http::{HeaderMap, HeaderValue, header, request::Parts};

use crate::{api::error::ApiError, listen::Peer};

const FETCH_SITE: &str = "sec-fetch-site";

/// Refuses a request that another site's page made, or that does not say which page did.
///
/// Every browser of these years sends at least one of the two fields with what can change something.
pub fn check(parts: &Parts, public_url: &str) -> Result<(), ApiError> {
    let foreign = || {
        ApiError::denied(
            "this request did not come from a page of this registry: with a cookie only those may change something \
             (programs use an access token)",
        )
    };
    let fetch_site = one(&parts.headers, FETCH_SITE).map_err(|()| foreign())?;
    let origin = one(&parts.headers, header::ORIGIN.as_str()).map_err(|()| foreign())?;
    let is_ours = |origin: &str| origin == public_url || is_own_host(parts, origin);
    match (fetch_site, origin) {
        (Some("same-origin"), None) => Ok(()),
        (Some("same-origin") | None, Some(origin)) if is_ours(origin) => Ok(()),
        _ => Err(foreign()),
    }
}

/// Whether an origin is the host that the request itself went to.
fn is_own_host(parts: &Parts, origin: &str) -> bool {
    let host = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    let host = host.or_else(|| parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()));
    let is_tls = parts.extensions.get::<Peer>().is_some_and(|peer| peer.is_tls);
    let (Some(host), Some((scheme, authority))) = (host, origin.split_once("://")) else { return false };
    // Behind something that ends TLS, https pages come in as http.
    (scheme == "https" || scheme == "http" && !is_tls) && authority.eq_ignore_ascii_case(host)
}

/// A field that is there at most once.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => HeaderValue::to_str(value).map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn check_with(is_tls: bool, fields: &[(&str, &str)]) -> bool {
        let mut request = Request::post("/login").header("host", "registry.internal:7080");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let client = "127.0.0.1".parse().unwrap();
        parts.extensions.insert(Peer { address: "127.0.0.1:1".parse().unwrap(), is_tls, client });
        check(&parts, "https://registry.example").is_ok()
    }

    #[test]
    fn our_own_pages_may() {
        for fields in [
            [("origin", "https://registry.example")].as_slice(),
            &[("origin", "https://registry.internal:7080")],
            &[("origin", "https://REGISTRY.internal:7080")],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://registry.example")],
        ] {
            assert!(check_with(true, fields), "{fields:?}");
        }
        assert!(check_with(false, &[("origin", "http://registry.internal:7080")]));
    }

    #[test]
    fn others_may_not() {
        for fields in [
            [].as_slice(),
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://registry.example.evil")],
            &[("origin", "http://registry.example")],
            &[("origin", "http://registry.internal:7080")],
            &[("origin", "https://registry.internal")],
            &[("origin", "https://registry.example"), ("origin", "https://registry.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://registry.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        ] {
            assert!(!check_with(true, fields), "{fields:?}");
        }
    }
}
