//! Who sent a request, by the token it carries or by the session of the browser it comes from.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use waybill_store::AccessQuery;

use super::Place;
use crate::{api::error::ApiError, app::App, login::session, request_log::RequestLog};

/// The principal of a request and what its token was got with.
///
/// As a handler's argument it refuses requests without a good token.
/// Whether the two still exist, and what they may, is decided in the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The principal's identifier.
    pub principal: String,
    /// A key's client id, or the identifier of a workload identity provider or of a session.
    pub credential: String,
}

impl Caller {
    /// The question that every transaction on behalf of this caller begins with.
    pub fn query(&self, place: &Place) -> AccessQuery {
        AccessQuery {
            principal: self.principal.clone(),
            credential: self.credential.clone(),
            organization: known(&place.organization),
            project: known(&place.project),
            bucket: place.bucket.as_ref().map(ToString::to_string).unwrap_or_default(),
            group: known(&place.group),
        }
    }
}

/// A name from a path as far as it can name anything: PostgreSQL refuses to be asked for a text with a zero in it.
fn known(name: &str) -> String {
    if name.contains('\0') { String::new() } else { name.to_owned() }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // A token says more about who means to act than a cookie, which comes along by itself.
        let by_cookie = if parts.headers.contains_key(AUTHORIZATION) {
            None
        } else {
            session::caller(app, parts).await?
        };
        let caller = match by_cookie {
            Some(caller) => caller,
            None => app.tokens.verify(&app.store, bearer(&parts.headers)?, app.clock.now()).await?,
        };
        if let Some(log) = parts.extensions.get::<RequestLog>() {
            log.set_principal(caller.principal.as_str());
        }
        Ok(caller)
    }
}

/// Takes the token out of the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or_else(|| {
        ApiError::unauthenticated(
            "this request needs an access token: get one from POST /oauth2/token with a client id and secret, and \
             send it as `Authorization: Bearer TOKEN`",
        )
    })?;
    let malformed =
        || ApiError::unauthenticated("the `Authorization` header must be once `Bearer` and an access token");
    if values.next().is_some() {
        return Err(malformed());
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(malformed)?;
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(malformed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&'static str]) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().expect("a header"));
        }
        bearer(&headers).map(str::to_owned).map_err(|error| error.message)
    }

    #[test]
    fn the_database_is_asked_only_for_what_it_can_hold() {
        let caller = Caller { principal: "p".to_owned(), credential: "c".to_owned() };
        let place = Place { organization: "o\0".to_owned(), project: "j".to_owned(), ..Place::default() };
        let query = caller.query(&place);
        assert_eq!(
            (query.organization.as_str(), query.project.as_str(), query.bucket.as_str()),
            ("", "j", "")
        );
    }

    #[test]
    fn the_token_is_taken_from_the_header() {
        for good in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            assert_eq!(check(&[good]), Ok("abc".to_owned()), "{good:?}");
        }
        assert!(check(&[]).is_err_and(|message| message.contains("POST /oauth2/token")));
        for bad in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
            assert!(check(&[bad]).is_err_and(|message| message.contains("must be once")), "{bad:?}");
        }
        assert!(check(&["Bearer abc", "Bearer abc"]).is_err());
    }
}
