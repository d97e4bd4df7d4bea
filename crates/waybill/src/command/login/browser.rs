//! Logging in with the browser of this machine: it is sent to the registry, and comes back with a code to a port that
//! listens here meanwhile.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use url::{Url, form_urlencoded};
use waybill_client::{Authorization, Login, SessionTokens};

use crate::{chance, context::Context, environment::Environment, error::CliError};

/// How long a person may take.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a browser may take to say what it wants; some open connections that they do not use.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);
/// Longest request that is read: cookies of other programs on this machine come along.
const REQUEST_BYTES: usize = 64 << 10;

const PATH: &str = "/callback";

/// What the browser has to bring.
#[derive(Clone)]
struct Expected {
    state: String,
    issuer: String,
}

/// What the browser brought.
type Brought = Result<String, CliError>;

pub(super) async fn log_in(
    login: &Login,
    issuer: &str,
    context: &Context,
) -> Result<SessionTokens, CliError> {
    let failed = |error: std::io::Error| {
        CliError::user(format!("cannot listen for the browser: {error}")).hint("log in with --device")
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let redirect_uri = format!("http://{}{PATH}", listener.local_addr().map_err(failed)?);
    let (state, verifier) = (chance::secret(), chance::secret());
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let url = login.authorization_url(Authorization {
        redirect_uri: &redirect_uri,
        state: &state,
        challenge: &challenge,
    });
    let opened = open(&url, &context.environment);
    // Whatever was opened: it may be the wrong browser, or none that anybody sees.
    context.printer.ask(&format!("Log in with your browser: {url}"));
    if !opened {
        context.printer.hint("without a browser on this machine, `waybill login --device` logs in");
    }
    let expected = Expected { state, issuer: issuer.to_owned() };
    let code = timeout(PATIENCE, listen(listener, expected)).await.map_err(|_| {
        let minutes = PATIENCE.as_secs() / 60;
        CliError::user(format!("nobody came back from the browser within {minutes} minutes"))
    })??;
    Ok(login.redeem(&code, &redirect_uri, &verifier).await?)
}

/// Waits for the browser to come back.
async fn listen(listener: TcpListener, expected: Expected) -> Brought {
    let (send, mut receive) = mpsc::channel(1);
    let accepting = async {
        loop {
            // A connection that fails is one of a browser that went away; it has others.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let (send, expected) = (send.clone(), expected.clone());
            tokio::spawn(async move {
                if let Some(brought) = serve(stream, &expected).await {
                    // Only the first counts.
                    let _too_late = send.try_send(brought);
                }
            });
        }
    };
    tokio::select! {
        brought = receive.recv() => brought.unwrap_or_else(|| Err(CliError::internal("nobody listens"))),
        never = accepting => never,
    }
}

/// Answers one request; tells what it brought if it was the one that is waited for.
async fn serve(mut stream: TcpStream, expected: &Expected) -> Option<Brought> {
    let target = timeout(REQUEST_LIMIT, read_target(&mut stream)).await.ok()??;
    let reaction = expected.judge(&target);
    let (status, title, text) = match &reaction {
        Reaction::Elsewhere => ("404 Not Found", "Not here", "There is nothing at this address.".to_owned()),
        Reaction::Foreign => (
            "400 Bad Request",
            "Not logged in",
            "This is not the login that waybill waits for. Open the address that it shows.".to_owned(),
        ),
        Reaction::Done(Ok(_)) => {
            ("200 OK", "Logged in", "The command line takes over. You can close this window.".to_owned())
        }
        Reaction::Done(Err(error)) => ("200 OK", "Not logged in", error.message.clone()),
    };
    let page = page(title, &text);
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: \
         no-store\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\nreferrer-policy: \
         no-referrer\r\nconnection: close\r\n\r\n",
        page.len()
    );
    // A browser that goes away has brought what it has to.
    let _gone = stream.write_all(format!("{head}{page}").as_bytes()).await;
    let _gone = stream.shutdown().await;
    match reaction {
        Reaction::Done(brought) => Some(brought),
        Reaction::Elsewhere | Reaction::Foreign => None,
    }
}

/// The target of the request, such as `/callback?code=…`; none for what is no request.
async fn read_target(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4096];
        let n_bytes = stream.read(&mut part).await.ok().filter(|&n| 0 < n)?;
        request.extend_from_slice(&part[..n_bytes]);
        if REQUEST_BYTES < request.len() {
            return None;
        }
    }
    let text = String::from_utf8_lossy(&request);
    let mut words = text.lines().next()?.split(' ');
    match (words.next()?, words.next()?) {
        ("GET", target) => Some(target.to_owned()),
        _ => None,
    }
}

/// What to make of a request.
#[derive(Debug)]
enum Reaction {
    /// Not where the browser is waited for.
    Elsewhere,
    /// Somebody else's login, or somebody's attempt to slip in their own.
    Foreign,
    Done(Brought),
}

impl Expected {
    fn judge(&self, target: &str) -> Reaction {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != PATH {
            return Reaction::Elsewhere;
        }
        let member = |wanted: &str| {
            let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
            found.next().map(|(_, value)| value.into_owned())
        };
        // RFC 9207: a code of another issuer is not for this one.
        if member("state").as_ref() != Some(&self.state)
            || member("iss").is_some_and(|iss| iss != self.issuer)
        {
            return Reaction::Foreign;
        }
        if let Some(error) = member("error") {
            let why = member("error_description").map_or(error.clone(), |text| format!("{error}: {text}"));
            return Reaction::Done(Err(CliError::registry(format!("you are not logged in: {why}"))));
        }
        Reaction::Done(member("code").filter(|code| !code.is_empty()).ok_or_else(|| {
            CliError::registry("the browser came back without a code: start again with `waybill login`")
        }))
    }
}

fn page(title: &str, text: &str) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, text) = (escaped(title), escaped(text));
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>body{{font:1.1rem \
         system-ui,sans-serif;margin:15vh auto;max-width:32rem;padding:0 1rem}}</style><h1>{title}</h1><p>{text}</p>"
    )
}

/// Opens the address in a browser, if this machine seems to have one that a person sees.
fn open(url: &Url, environment: &Environment) -> bool {
    let program = match environment.given("BROWSER") {
        Some(program) => program,
        None if cfg!(target_os = "macos") => "open",
        None if cfg!(windows) => "rundll32",
        None if ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment.given(name).is_some()) => {
            "xdg-open"
        }
        None => return false,
    };
    let mut command = Command::new(program);
    if cfg!(windows) && program == "rundll32" {
        command.arg("url.dll,FileProtocolHandler");
    }
    command.arg(url.as_str()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_brings() {
        let expected = Expected { state: "s1".into(), issuer: "https://registry.example".into() };
        let check = |target: &str| match expected.judge(target) {
            Reaction::Elsewhere => "elsewhere".to_owned(),
            Reaction::Foreign => "foreign".to_owned(),
            Reaction::Done(Ok(code)) => format!("code {code}"),
            Reaction::Done(Err(error)) => error.message,
        };
        let iss = "iss=https%3A%2F%2Fregistry.example";
        assert_eq!(check(&format!("/callback?code=c%2B1&state=s1&{iss}")), "code c+1");
        assert_eq!(check("/callback?code=c&state=s1"), "code c");
        assert_eq!(check("/favicon.ico"), "elsewhere");
        assert_eq!(check("/callback?code=c&state=s2"), "foreign");
        assert_eq!(check("/callback?code=c"), "foreign");
        assert_eq!(check("/callback?code=c&state=s1&iss=https%3A%2F%2Fevil.example"), "foreign");
        assert_eq!(
            check("/callback?error=access_denied&error_description=no+way&state=s1"),
            "you are not logged in: access_denied: no way"
        );
        assert!(check("/callback?state=s1").starts_with("the browser came back without a code"));
    }

    #[test]
    fn nothing_that_is_brought_becomes_part_of_the_page() {
        assert!(page("t", "<script>").contains("&lt;script&gt;"));
    }
}
