//! Requests that a template makes: one at a time, within limits.

use std::time::Duration;

use reqwest::{Method, header::HeaderMap};
use tokio::runtime;
use waybill_template::world::WorldError;

/// A request, from connecting to the last byte.
const LIMIT: Duration = Duration::from_mins(1);
/// A larger answer is refused.
const MAX_BODY: usize = 64 << 20;
/// What the program calls itself.
pub(super) const AGENT: &str = concat!("waybill/", env!("CARGO_PKG_VERSION"));

/// What a server said.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// What is asked.
#[derive(Default)]
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request<'_> {
    /// Sends it and waits for the whole answer.
    pub(super) fn send(self) -> Result<Answer, WorldError> {
        wait(async move {
            let client = waybill_client::general_client(AGENT, LIMIT).map_err(|error| other(&error))?;
            let mut request = client.request(self.method, self.url).body(self.body);
            for (name, value) in self.headers {
                request = request.header(name, value);
            }
            let failed = |error: reqwest::Error| WorldError::Other(root_cause(&error.without_url()));
            let mut answer = request.send().await.map_err(failed)?;
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(failed)? {
                if body.len() + chunk.len() > MAX_BODY {
                    return Err(WorldError::Other(format!(
                        "the answer has more than {MAX_BODY} bytes, which is the limit"
                    )));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
        })
    }
}

/// Runs something that waits, where nothing else runs.
pub(super) fn wait<T>(work: impl Future<Output = Result<T, WorldError>>) -> Result<T, WorldError> {
    let runtime =
        runtime::Builder::new_current_thread().enable_all().build().map_err(|error| other(&error))?;
    runtime.block_on(work)
}

pub(super) fn other(error: &dyn std::fmt::Display) -> WorldError {
    WorldError::Other(error.to_string())
}

/// The innermost cause, which is the one that says something.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
