//! Logging in a program that has no browser (RFC 8628): it shows a code, a person types it here and decides.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use waybill_api::{error::Code, platform::DeviceAuthorization};
use waybill_store::{GrantKind, GrantState, LoginGrant, NewLoginGrant};

use super::{
    DEVICE, address_name, clients,
    form::Form,
    page::{Page, PageError, PageResult},
    session::{LoggedIn, check_lasts, csrf_token, digest, random_secret},
    sign_in::{ask_to_log_in, host, too_many},
};
use crate::{
    api::{
        error::ApiError,
        extract::Query,
        platform::oauth::{self, Failure},
    },
    app::App,
    listen::Peer,
    login::session::logged_in,
};

/// What a person types: eight letters, none of which is read as another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct UserCode(String);

#[derive(Default, Deserialize)]
pub(super) struct DeviceQuery {
    user_code: Option<String>,
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage<'a> {
    csrf: &'a str,
    who: &'a str,
    code: &'a str,
    /// Why the last code was none.
    refused: Option<&'a str>,
    here: &'a str,
}

#[derive(Template)]
#[template(path = "device_consent.html")]
struct DeviceConsentPage<'a> {
    host: &'a str,
    csrf: &'a str,
    who: &'a str,
    code: &'a str,
    client: &'a str,
    /// How long ago it asked.
    minutes: i64,
    here: &'a str,
}

/// Time to find a browser and type.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Between two questions of the program whether somebody has decided.
pub(super) const INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// Consonants: no word is made by accident, and none of them looks like a digit (RFC 8628, section 6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS: usize = 8;

/// Gives a program a code to show. Anybody may ask; few times.
pub(super) async fn start(State(app): State<App>, request: Request) -> Response {
    oauth::answer(start_for(&app, request).await)
}

async fn start_for(app: &App, request: Request) -> Result<DeviceAuthorization, Failure> {
    let address = request.extensions().get::<Peer>().map(|peer| address_name(peer.client));
    let (parts, form) = oauth::read_form(request).await?;
    let client = oauth::public_client(&parts.headers, &form)?;
    let now = app.clock.now();
    app.logins.devices.begin(&address.unwrap_or_default(), now).map_err(|wait| {
        Failure::slow(format!(
            "too many device logins were begun from this address: wait {wait} and try again"
        ))
    })?;
    let (device_code, user_code) = (random_secret(app), UserCode::random(app));
    let new = NewLoginGrant {
        kind: GrantKind::Device,
        digest: digest(&device_code),
        user_code: Some(user_code.0.clone()),
        principal: None,
        client_id: client.id.to_owned(),
        redirect_uri: String::new(),
        code_challenge: String::new(),
        expires_at: now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX),
    };
    app.store.write(move |tx| tx.insert_login_grant(&new, now).map_err(ApiError::from)).await?;
    let verification_uri = format!("{}{DEVICE}", app.settings.public_url);
    let seconds = |duration: SignedDuration| i32::try_from(duration.as_secs()).unwrap_or(i32::MAX);
    Ok(DeviceAuthorization {
        device_code: device_code.into(),
        user_code: user_code.to_string(),
        verification_uri_complete: Some(format!("{verification_uri}?user_code={user_code}")),
        verification_uri,
        expires_in: seconds(LIFETIME),
        interval: Some(seconds(INTERVAL)),
    })
}

/// Asks for the code; whoever is not logged in does that first.
///
/// A code in the address is only filled in: that somebody sent a link is not that the person has the device.
pub(super) async fn show(
    State(app): State<App>,
    Query(query): Query<DeviceQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> PageResult {
    let here = uri.path_and_query().map_or(DEVICE, |here| here.as_str());
    let Some(who) = logged_in(&app, &headers).await? else { return Ok(ask_to_log_in(here)) };
    let code = query.user_code.as_deref().and_then(UserCode::read).map(|code| code.to_string());
    Ok(code_page(&app, &who, &code.unwrap_or_default(), None)?.into_response())
}

fn code_page(app: &App, who: &LoggedIn, code: &str, refused: Option<&str>) -> Result<Page, ApiError> {
    Page::new(&DevicePage {
        csrf: &csrf_token(app, &who.session),
        who: &who.person.email,
        code,
        refused,
        here: DEVICE,
    })
}

/// Takes a code and shows what it is for, or takes the decision about it.
pub(super) async fn decide(State(app): State<App>, request: Request) -> PageResult {
    let form = Form::read(&app, request).await?;
    let who = logged_in(&app, &form.parts.headers)
        .await?
        .ok_or_else(|| ApiError::unauthenticated("you are not logged in any more: open this page again"))?;
    form.check_session(&app, &who)?;
    let typed = form.get("user_code").trim();
    let (grant, code) = match pending(&app, &who, typed).await {
        Ok(found) => found,
        Err(error) if matches!(error.code, Code::NotFound | Code::ResourceExhausted) => {
            let shown: String = typed.chars().take(LETTERS + 1).collect();
            let page = code_page(&app, &who, &shown, Some(&error.message))?;
            return Ok(page.with_code(error.code).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let client = clients::find(&grant.client_id).map_or("an unknown program", |client| client.name);
    let is_approved = match form.get("decision") {
        "allow" => true,
        "deny" => false,
        _ => {
            let page = DeviceConsentPage {
                host: &host(&app),
                csrf: &csrf_token(&app, &who.session),
                who: &who.person.email,
                code: &code.to_string(),
                client,
                minutes: app.clock.now().duration_since(grant.created_at).as_mins(),
                here: DEVICE,
            };
            return Ok(Page::new(&page)?.into_response());
        }
    };
    let (principal, session) = (who.person.principal, who.session.uid.clone());
    let decided = app
        .store
        .write(move |tx| {
            check_lasts(tx, &session)?;
            tx.decide_login_grant(&grant, is_approved, principal).map_err(PageError::from)
        })
        .await?;
    if !decided {
        return Err(ApiError::precondition("somebody has decided about this code already").into());
    }
    let page = if is_approved {
        let message = format!(
            "You let {client} log in as {}. It goes on by itself in a moment; you can close this page.",
            who.person.email
        );
        Page::message("Done", &message, None)?
    } else {
        Page::message(
            "Refused",
            "The program was told that you did not allow it. You can close this page.",
            None,
        )?
    };
    Ok(page.into_response())
}

/// The device that waits under a code.
async fn pending(app: &App, who: &LoggedIn, typed: &str) -> Result<(LoginGrant, UserCode), ApiError> {
    let unknown = || {
        ApiError::not_found(
            "no program waits under this code: compare it with what the program shows, or start the program's login \
             again; a code is good for 10 minutes",
        )
    };
    let now = app.clock.now();
    app.logins.codes.begin(&who.person.uid, now).map_err(too_many)?;
    let code = UserCode::read(typed).ok_or_else(unknown)?;
    let text = code.0.clone();
    let found = app.store.read(move |tx| tx.login_grant_by_user_code(&text).map_err(ApiError::from)).await?;
    let found = found.filter(|grant| grant.state == GrantState::Pending && now < grant.expires_at);
    let found = found.ok_or_else(unknown)?;
    app.logins.codes.succeed(&who.person.uid);
    Ok((found, code))
}

impl UserCode {
    fn random(app: &App) -> Self {
        let mut random = [0; 16];
        app.ids.random(&mut random);
        Self::of(u128::from_be_bytes(random))
    }

    /// The code of a number, all of them equally often for random numbers of 128 bits, as far as anybody could tell.
    fn of(mut number: u128) -> Self {
        let letters = (0..LETTERS).map(|_| {
            let letter = usize::try_from(number % 20).map_or('B', |at| char::from(ALPHABET[at]));
            number /= 20;
            letter
        });
        Self(letters.collect())
    }

    /// Reads what a person typed: in any case, with whatever between the letters.
    fn read(typed: &str) -> Option<Self> {
        let letters = typed.chars().filter(|c| !matches!(c, '-' | ' ' | '.' | '_')).take(LETTERS + 1);
        let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        let is_code = code.len() == LETTERS && code.bytes().all(|letter| ALPHABET.contains(&letter));
        is_code.then_some(Self(code))
    }
}

/// In two halves, which is easier to copy.
impl std::fmt::Display for UserCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, second) = self.0.split_at(LETTERS / 2);
        write!(f, "{first}-{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let read = |typed: &str| UserCode::read(typed).map(|code| code.to_string());
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "BCDF.GHJK"] {
            assert_eq!(read(typed).as_deref(), Some("BCDF-GHJK"), "{typed}");
        }
        for typed in ["", "BCDF", "BCDFGHJKL", "ABCDEFGH", "BCDF-GHJ1", "ÄÖÜßÄÖÜß", "BCDF\0GHJK"] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }

    #[test]
    fn every_code_can_be_read() {
        for number in [0, 1, 19, 20, 25_599_999_999, u128::MAX] {
            let code = UserCode::of(number);
            assert_eq!(UserCode::read(&code.to_string()), Some(code));
        }
        assert_eq!(UserCode::of(0).to_string(), "BBBB-BBBB");
        assert_eq!(UserCode::of(20 * 20).to_string(), "BBCB-BBBB");
    }
}
