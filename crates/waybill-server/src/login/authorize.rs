//! May this program act for you? The authorization endpoint (RFC 6749, section 4.1; RFC 7636; RFC 9207) and the page
//! that asks.
//!
//! What is asked comes in a query, is shown, and goes on as a signed ticket of this session: what the person saw is
//! what they decide on. An error goes to the program only where the program's address was found good; else to the
//! person, on a page.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use waybill_store::{GrantKind, NewLoginGrant};

use super::{
    clients::{self, Client, RedirectUri},
    form::Form,
    page::{Page, PageError, PageResult, leave},
    seal::Purpose,
    session::{check_lasts, csrf_token, digest, logged_in, random_secret},
    sign_in::{ask_to_log_in, host},
};
use crate::{
    api::{error::ApiError, extract::Pairs},
    app::App,
};

/// What a program asks for.
#[derive(Debug)]
struct Asked {
    client: &'static Client,
    redirect_uri: RedirectUri,
    state: String,
    challenge: String,
}

/// Why it is not even put to the person.
#[derive(Debug)]
enum Refused {
    /// Nobody knows whether the address is the program's.
    Person(String),
    Program {
        redirect_uri: Box<RedirectUri>,
        state: String,
        word: &'static str,
        description: String,
    },
}

/// What a person decides on: signed, for one session, for a while.
#[derive(Serialize, Deserialize)]
struct Ticket {
    session: String,
    client_id: String,
    redirect_uri: String,
    state: String,
    challenge: String,
    /// Microseconds since 1970.
    expires_at: i64,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    host: &'a str,
    csrf: &'a str,
    ticket: &'a str,
    client: &'a str,
    target: &'a str,
    who: &'a str,
    /// This page, for whoever logs in as somebody else.
    here: &'a str,
}

/// From the code in the browser's address to its exchange: programs do that at once.
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(2);

/// Time to decide.
const TICKET_LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// Longest `state`. It is a random text; some put an address into it.
const LONGEST_STATE: usize = 1024;

/// SHA-256 as base 64.
const CHALLENGE_CHARACTERS: usize = 43;

/// Asks the person, who logs in first if they are not.
pub async fn ask(State(app): State<App>, Pairs(query): Pairs, uri: Uri, headers: HeaderMap) -> PageResult {
    let asked = match Asked::read(&query) {
        Ok(asked) => asked,
        Err(refused) => return refused.answer(&app),
    };
    let here = uri.path_and_query().map_or("/", |here| here.as_str());
    let Some(who) = logged_in(&app, &headers).await? else { return Ok(ask_to_log_in(here)) };
    let expires_at = app.clock.now().checked_add(TICKET_LIFETIME).unwrap_or(Timestamp::MAX);
    let ticket = Ticket {
        session: who.session.uid.clone(),
        client_id: asked.client.id.to_owned(),
        redirect_uri: asked.redirect_uri.as_str().to_owned(),
        state: asked.state,
        challenge: asked.challenge,
        expires_at: expires_at.as_microsecond(),
    };
    let page = ConsentPage {
        host: &host(&app),
        csrf: &csrf_token(&app, &who.session),
        ticket: &app.logins.seals.seal(Purpose::Consent, &ticket),
        client: asked.client.name,
        target: &asked.redirect_uri.origin(),
        who: &who.person.email,
        here,
    };
    Ok(Page::new(&page)?.with_form_target(asked.redirect_uri.form_target()).into_response())
}

/// Takes the person's decision and leads the browser back to the program.
pub(super) async fn decide(State(app): State<App>, request: Request) -> PageResult {
    let form = Form::read(&app, request).await?;
    let who = logged_in(&app, &form.parts.headers).await?.ok_or_else(|| {
        ApiError::unauthenticated("you are not logged in any more: start again from the program that asked")
    })?;
    form.check_session(&app, &who)?;
    let now = app.clock.now();
    let ticket: Ticket = app
        .logins
        .seals
        .open(Purpose::Consent, form.get("ticket"))
        .filter(|ticket: &Ticket| {
            ticket.session == who.session.uid && now.as_microsecond() < ticket.expires_at
        })
        .ok_or_else(|| {
            ApiError::denied("this page was open for too long: start again from the program that asked")
        })?;
    let redirect_uri = RedirectUri::new(&ticket.redirect_uri)
        .map(Box::new)
        .ok_or_else(|| ApiError::internal("a ticket with an address that was never good"))?;
    if form.get("decision") != "allow" {
        let description = "the person did not allow it".to_owned();
        return Refused::Program { redirect_uri, state: ticket.state, word: "access_denied", description }
            .answer(&app);
    }
    let code = random_secret(&app);
    let new = NewLoginGrant {
        kind: GrantKind::Code,
        digest: digest(&code),
        user_code: None,
        principal: Some(who.person.principal),
        client_id: ticket.client_id,
        redirect_uri: ticket.redirect_uri,
        code_challenge: ticket.challenge,
        expires_at: now.checked_add(CODE_LIFETIME).unwrap_or(Timestamp::MAX),
    };
    let session = who.session.uid;
    app.store
        .write(move |tx| {
            check_lasts(tx, &session)?;
            tx.insert_login_grant(&new, now).map_err(PageError::from)
        })
        .await?;
    Ok(answer(&app, &redirect_uri, &ticket.state, &[("code", &code)]))
}

impl Asked {
    fn read(query: &[(String, String)]) -> Result<Self, Refused> {
        let member = |name: &str| {
            let mut values = query.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str());
            match (values.next(), values.next()) {
                (Some(_), Some(_)) => Err(name.to_owned()),
                (found, _) => Ok(found.filter(|value| !value.is_empty())),
            }
        };
        let twice = |name: String| Refused::Person(format!("`{name}` is in this address more than once"));
        let client_id = member("client_id").map_err(twice)?.unwrap_or_default();
        let client = clients::find(client_id).ok_or_else(|| {
            Refused::Person("the program that sent you here is none that this registry knows".to_owned())
        })?;
        let redirect_uri = member("redirect_uri").map_err(twice)?.unwrap_or_default();
        let redirect_uri = RedirectUri::new(redirect_uri).ok_or_else(|| {
            Refused::Person(
                "the program that sent you here wants the answer somewhere else than on your own machine, such as \
                 `http://localhost:8443/oidc/callback`: this registry answers nowhere else"
                    .to_owned(),
            )
        })?;
        let state = member("state").map_err(twice)?.unwrap_or_default().to_owned();
        let refuse = |word, description: String| {
            let redirect_uri = Box::new(redirect_uri.clone());
            let state = state.chars().take(LONGEST_STATE).collect();
            Refused::Program { redirect_uri, state, word, description }
        };
        let invalid = |description: &str| refuse("invalid_request", description.to_owned());
        let once =
            |name: &str| member(name).map_err(|name| refuse("invalid_request", format!("`{name}` twice")));
        if LONGEST_STATE < state.len() {
            return Err(invalid("`state` is too long"));
        }
        match once("response_type")? {
            Some("code") => {}
            None => return Err(invalid("`response_type` is missing: it is `code`")),
            Some(_) => {
                return Err(refuse(
                    "unsupported_response_type",
                    "`response_type` can only be `code`".to_owned(),
                ));
            }
        }
        let challenge = match (once("code_challenge")?, once("code_challenge_method")?) {
            (None, _) if client.needs_pkce => return Err(invalid("`code_challenge` is missing (RFC 7636)")),
            (None, _) => String::new(),
            (Some(challenge), Some("S256")) if is_challenge(challenge) => challenge.to_owned(),
            (Some(_), Some("S256")) => {
                return Err(invalid("`code_challenge` must be a SHA-256 as base64url"));
            }
            (Some(_), _) => return Err(invalid("`code_challenge_method` must be `S256`")),
        };
        if client.needs_pkce && state.is_empty() {
            return Err(invalid("`state` is missing"));
        }
        Ok(Self { client, redirect_uri, state, challenge })
    }
}

fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_CHARACTERS
        && BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

impl Refused {
    fn answer(self, app: &App) -> PageResult {
        match self {
            Self::Person(message) => Err(ApiError::invalid(message).into()),
            Self::Program { redirect_uri, state, word, description } => {
                let error = [("error", word), ("error_description", description.as_str())];
                Ok(answer(app, &redirect_uri, &state, &error))
            }
        }
    }
}

/// Leads the browser to the program with an answer, and says whose answer it is.
fn answer(app: &App, redirect_uri: &RedirectUri, state: &str, members: &[(&str, &str)]) -> Response {
    let state = (!state.is_empty()).then_some(("state", state));
    let issuer = ("iss", app.settings.public_url.as_str());
    leave(&redirect_uri.with(members.iter().copied().chain(state).chain([issuer])), [])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn check(query: &str) -> Result<String, String> {
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match Asked::read(&query) {
            Ok(asked) => Ok(format!("{} {} {}", asked.redirect_uri.as_str(), asked.state, asked.challenge)),
            Err(Refused::Person(message)) => Err(format!("page: {message}")),
            Err(Refused::Program { word, description, state, .. }) => {
                Err(format!("{word}: {description} {state}"))
            }
        }
    }

    #[test]
    fn a_program_of_hcps_sdk_needs_no_challenge() {
        let query = "response_type=code&client_id=4edd6521-6eb9-4d78-9039-7ce8569d667c\
                     &redirect_uri=http%3A%2F%2Flocalhost%3A8443%2Foidc%2Fcallback&scope=openid+offline_access\
                     &state=abc&audience=https%3A%2F%2Fapi.hashicorp.cloud&access_type=offline";
        assert_eq!(check(query).as_deref(), Ok("http://localhost:8443/oidc/callback abc "));
        let with = format!("{query}&code_challenge={CHALLENGE}&code_challenge_method=S256");
        assert!(check(&with).is_ok_and(|asked| asked.ends_with(CHALLENGE)));
    }

    #[test]
    fn ours_needs_a_challenge_and_a_state() {
        let base = "response_type=code&client_id=waybill&redirect_uri=http://127.0.0.1:1/cb";
        let pkce = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
        assert!(check(&format!("{base}&state=s{pkce}")).is_ok());
        let refused = |rest: &str| check(&format!("{base}{rest}")).unwrap_err();
        assert!(refused("&state=s").starts_with("invalid_request: `code_challenge` is missing"));
        assert!(refused(&pkce).starts_with("invalid_request: `state` is missing"));
        let plain = format!("&state=s&code_challenge={CHALLENGE}");
        assert!(refused(&plain).contains("must be `S256`"));
        assert!(refused(&format!("{plain}&code_challenge_method=plain")).contains("must be `S256`"));
        assert!(refused("&state=s&code_challenge=short&code_challenge_method=S256").contains("SHA-256"));
        assert!(refused(&format!("&state=s{pkce}{pkce}")).contains("twice"));
        assert!(refused(&format!("&state={}{pkce}", "x".repeat(1025))).contains("too long"));
        let token =
            format!("client_id=waybill&redirect_uri=http://127.0.0.1:1/cb&state=s{pkce}&response_type=");
        assert_eq!(
            check(&format!("{token}token")).unwrap_err(),
            "unsupported_response_type: `response_type` can only be `code` s"
        );
        assert!(check(&token).unwrap_err().contains("is missing"));
    }

    #[test]
    fn nothing_is_sent_where_nobody_knows_who_listens() {
        for query in [
            "",
            "response_type=code&client_id=other&redirect_uri=http://127.0.0.1:1/",
            "response_type=code&client_id=waybill",
            "response_type=code&client_id=waybill&redirect_uri=https://evil.example/",
            "response_type=code&client_id=waybill&client_id=waybill&redirect_uri=http://127.0.0.1:1/",
            "response_type=code&client_id=waybill&redirect_uri=http://127.0.0.1:1/&redirect_uri=http://127.0.0.1:1/",
        ] {
            assert!(check(query).is_err_and(|error| error.starts_with("page: ")), "{query}");
        }
    }

    #[test]
    fn the_form_is_posted_where_it_is_taken() {
        let html = ConsentPage { host: "", csrf: "", ticket: "", client: "", target: "", who: "", here: "" }
            .render();
        assert!(html.unwrap().contains(&format!("action=\"{}\"", super::super::CONSENT)));
    }
}
