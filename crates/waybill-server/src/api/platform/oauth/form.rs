//! The form of a request for tokens, and who sends it.

use std::fmt;

use axum::{
    extract::Request,
    http::{HeaderMap, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;
use waybill_api::{platform::TokenRequest, secret::Secret};

use super::{Failure, invalid};
use crate::{
    api::extract::collect,
    limits,
    login::clients::{self, Client},
};

/// A client's id and secret.
pub(super) struct Credentials {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
}

/// Reads a form as it is sent to the endpoints that programs ask for tokens.
pub(crate) async fn read_form(request: Request) -> Result<(Parts, TokenRequest), Failure> {
    let (parts, body) = request.into_parts();
    check_type(&parts.headers)?;
    let body = collect(Request::new(body), limits::TOKEN_BODY_BYTES).await;
    let form = form(&body.map_err(|error| invalid(error.message))?)?;
    Ok((parts, form))
}

/// Anything but a form is refused; saying nothing is not.
fn check_type(headers: &HeaderMap) -> Result<(), Failure> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(invalid("the body must be `application/x-www-form-urlencoded`"))
}

/// Reads the members that matter. What is empty counts as absent, what is unknown is ignored, nothing comes twice.
fn form(body: &[u8]) -> Result<TokenRequest, Failure> {
    let mut form = TokenRequest::default();
    for (name, value) in form_urlencoded::parse(body).filter(|(_, value)| !value.is_empty()) {
        let value = value.into_owned();
        let is_repeated = match &*name {
            "grant_type" => form.grant_type.replace(value).is_some(),
            "audience" => form.audience.replace(value).is_some(),
            "client_id" => form.client_id.replace(value).is_some(),
            "redirect_uri" => form.redirect_uri.replace(value).is_some(),
            "client_secret" => form.client_secret.replace(value.into()).is_some(),
            "code" => form.code.replace(value.into()).is_some(),
            "code_verifier" => form.code_verifier.replace(value.into()).is_some(),
            "refresh_token" => form.refresh_token.replace(value.into()).is_some(),
            "device_code" => form.device_code.replace(value.into()).is_some(),
            _ => false,
        };
        if is_repeated {
            return Err(invalid(format!("`{name}` occurs more than once")));
        }
    }
    Ok(form)
}

/// Takes a service principal's credentials from the header or from the form.
pub(super) fn credentials(headers: &HeaderMap, form: TokenRequest) -> Result<Credentials, Failure> {
    let TokenRequest { client_id, client_secret, .. } = form;
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        let missing = || {
            Failure::Client(
                "no client id and secret: send them by HTTP Basic or as `client_id` and `client_secret`"
                    .to_owned(),
            )
        };
        let client_secret = client_secret.ok_or_else(missing)?.expose().into();
        return Ok(Credentials { client_id: client_id.ok_or_else(missing)?, client_secret });
    };
    let basic = header.to_str().ok().and_then(basic).ok_or_else(not_basic)?;
    if client_secret.is_some() || client_id.is_some_and(|id| id != basic.client_id) {
        return Err(invalid(
            "the client's credentials are in the `Authorization` header and in the body: send them once",
        ));
    }
    Ok(basic)
}

/// Which of the programs without a secret sends this: by its id in the form or, as HCP's SDK has it, in the header
/// with an empty secret.
pub(crate) fn public_client(headers: &HeaderMap, form: &TokenRequest) -> Result<&'static Client, Failure> {
    let header = match headers.get(header::AUTHORIZATION) {
        None => None,
        Some(header) => Some(header.to_str().ok().and_then(basic).ok_or_else(not_basic)?),
    };
    let id = match (&header, &form.client_id) {
        (Some(basic), Some(id)) if basic.client_id != *id => {
            return Err(invalid("the client ids in the `Authorization` header and in the body differ"));
        }
        (Some(basic), _) => Some(basic.client_id.as_str()),
        (None, id) => id.as_deref(),
    };
    let has_secret = form.client_secret.is_some()
        || header.as_ref().is_some_and(|basic| !basic.client_secret.expose_secret().is_empty());
    let id = id.ok_or_else(|| invalid("`client_id` is missing"))?;
    match clients::find(id) {
        Some(_) if has_secret => Err(Failure::Client("this client has no secret: send none".to_owned())),
        Some(client) => Ok(client),
        None => Err(Failure::Client("people log in by no such client here: `waybill` is one".to_owned())),
    }
}

/// A member that the grant cannot be without.
pub(crate) fn needed<'f>(member: Option<&'f Secret>, name: &str) -> Result<&'f str, Failure> {
    member.map(Secret::expose).ok_or_else(|| invalid(format!("`{name}` is missing")))
}

fn not_basic() -> Failure {
    Failure::Client("the `Authorization` header must be `Basic` with client id and secret".to_owned())
}

/// Nothing of it is for a log.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Reads HTTP Basic. Both halves are form-encoded inside, as the RFC wants it.
fn basic(header: &str) -> Option<Credentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim_matches(' ')).ok()?).ok()?;
    let (client_id, client_secret) = pair.split_once(':')?;
    Some(Credentials { client_id: decode(client_id)?, client_secret: decode(client_secret)?.into() })
}

/// Undoes the encoding of one value of a form.
fn decode(text: &str) -> Option<String> {
    // As the value of a nameless member; only `&` could end it.
    let member = format!("={text}");
    let mut members = form_urlencoded::parse(member.as_bytes());
    match (members.next(), members.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(failure: Failure) -> String {
        match failure {
            Failure::Refused { word, description, .. } => format!("{word}: {description}"),
            Failure::Client(description) => format!("invalid_client: {description}"),
            Failure::Registry(error) => error.message,
        }
    }

    fn check(header: Option<&str>, body: &str) -> Result<String, String> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(header::AUTHORIZATION, header.parse().expect("a header"));
        }
        let found = form(body.as_bytes()).and_then(|form| credentials(&headers, form)).map_err(refused)?;
        Ok(format!("{} {}", found.client_id, found.client_secret.expose_secret()))
    }

    fn header(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn credentials_come_in_the_header_or_in_the_form() {
        assert_eq!(check(Some(&header("id:secret")), ""), Ok("id secret".to_owned()));
        assert_eq!(
            check(Some(&header("id:secret").replace("Basic", "basic")), ""),
            Ok("id secret".to_owned())
        );
        assert_eq!(check(Some(&header("i%2Fd:a+b%3Ac:d=e%25")), ""), Ok("i/d a b:c:d=e%".to_owned()));
        assert_eq!(check(Some(&header("id:secret")), "client_id=id"), Ok("id secret".to_owned()));
        assert_eq!(check(None, "client_id=i%2Fd&client_secret=a+b&x=y"), Ok("i/d a b".to_owned()));
    }

    #[test]
    fn other_credentials_are_refused_by_the_words_of_the_rfc() {
        let word = |header: Option<&str>, body: &str| {
            check(header, body).map_err(|text| text.split(':').next().unwrap_or_default().to_owned())
        };
        let (client, request) = (Err("invalid_client".to_owned()), Err("invalid_request".to_owned()));
        for body in ["", "client_id=a", "client_secret=b", "client_id=&client_secret=b"] {
            assert_eq!(word(None, body), client, "{body}");
        }
        for bad in ["Bearer abc", "Basic", "Basic !", &header("no-colon"), &header("a&b:c"), &header("")] {
            assert_eq!(word(Some(bad), ""), client, "{bad}");
        }
        assert_eq!(word(Some(&header("id:secret")), "client_id=id&client_secret=secret"), request);
        assert_eq!(word(Some(&header("id:secret")), "client_id=other"), request);
        assert_eq!(word(None, "client_id=a&client_id=b&client_secret=c"), request);
    }

    #[test]
    fn a_program_without_a_secret_is_known_by_its_id() {
        const SDK: &str = "4edd6521-6eb9-4d78-9039-7ce8569d667c";
        let check = |header: Option<&str>, body: &str| {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(header::AUTHORIZATION, header.parse().expect("a header"));
            }
            form(body.as_bytes())
                .and_then(|form| public_client(&headers, &form))
                .map(|client| client.id)
                .map_err(|failure| refused(failure).split(':').next().unwrap_or_default().to_owned())
        };
        let empty = header(&format!("{SDK}:"));
        assert_eq!(check(None, "client_id=waybill"), Ok("waybill"));
        assert_eq!(check(Some(&empty), ""), Ok(SDK));
        assert_eq!(check(Some(&empty), &format!("client_id={SDK}")), Ok(SDK));
        let (client, request) = (Err("invalid_client".to_owned()), Err("invalid_request".to_owned()));
        assert_eq!(check(Some(&empty), "client_id=waybill"), request);
        assert_eq!(check(None, ""), request);
        assert_eq!(check(None, "client_id=other"), client);
        assert_eq!(check(None, "client_id=waybill&client_secret=x"), client);
        assert_eq!(check(Some(&header("waybill:secret")), ""), client);
        assert_eq!(check(Some("Bearer x"), "client_id=waybill"), client);
    }
}
