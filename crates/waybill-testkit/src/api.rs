//! JSON over HTTP with the expectations of a test.

use std::{borrow::Cow, fmt};

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

/// A caller of one server: where, as whom, in which project.
///
/// A path that starts with `/` is taken from the root of the server, with `{organization_id}` and
/// `{project_id}` filled in. Any other path is below
/// `/packer/2023-01-01/organizations/{organization_id}/projects/{project_id}/`.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    origin: String,
    token: Option<String>,
    organization_id: String,
    project_id: String,
}

/// What the server said, and to what.
#[derive(Clone)]
pub struct Answer {
    request: String,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Api {
    pub fn new(
        client: Client,
        origin: String,
        token: Option<String>,
        organization_id: &str,
        project_id: &str,
    ) -> Self {
        let (organization_id, project_id) = (organization_id.to_owned(), project_id.to_owned());
        Self { client, origin, token, organization_id, project_id }
    }

    pub fn organization_id(&self) -> &str {
        &self.organization_id
    }

    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The access token that every request carries; empty without one.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// The same caller in another project.
    #[must_use]
    pub fn in_project(&self, project_id: &str) -> Self {
        Self { project_id: project_id.to_owned(), ..self.clone() }
    }

    /// The same place in another organization.
    #[must_use]
    pub fn in_organization(&self, organization_id: &str) -> Self {
        Self { organization_id: organization_id.to_owned(), ..self.clone() }
    }

    /// The same place with another token, or with none.
    #[must_use]
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    /// The same caller at another address, for example the one without TLS.
    #[must_use]
    pub fn at(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(&body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(&body)).await
    }

    /// Sends one request with the caller's token and a JSON body, if any.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request).await
    }

    /// The request with the caller's token, for a test that wants to add something else.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.url(path)).header("accept", "application/json");
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The address that a path stands for.
    pub fn url(&self, path: &str) -> String {
        format!("{}{}", self.origin, self.path(path))
    }

    /// The absolute path that a path stands for.
    pub fn path(&self, path: &str) -> String {
        let (organization, project) = (&self.organization_id, &self.project_id);
        match path.strip_prefix('/') {
            Some(_) => path.replace("{organization_id}", organization).replace("{project_id}", project),
            None => format!("/packer/2023-01-01/organizations/{organization}/projects/{project}/{path}"),
        }
    }
}

impl Answer {
    /// Sends a request that a test made by hand.
    pub async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a test's request can be built");
        let body = request.body().and_then(|body| body.as_bytes()).map(excerpt).unwrap_or_default();
        let described = format!("{} {} {body}", request.method(), request.url());
        let answer = match client.execute(request).await {
            Ok(answer) => answer,
            Err(error) => panic!("no answer to {described}: {error:?}"),
        };
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = match answer.bytes().await {
            Ok(body) => body.to_vec(),
            Err(error) => panic!("the answer to {described} broke off: {error:?}"),
        };
        Self { request: described, status, headers, body }
    }

    /// The body of a success, which is 200 with a JSON object, as every client of the API wants it.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "expected a success: {self:?}");
        let body = self.json();
        assert!(body.is_object(), "a success is a JSON object: {self:?}");
        body
    }

    /// The message of an error with that HTTP status and that code, in the envelope of the API.
    #[track_caller]
    pub fn fails(&self, status: u16, code: u64) -> String {
        assert_eq!((self.status, self.code()), (status, Some(code)), "expected {status}/{code}: {self:?}");
        let body = self.json();
        assert!(body["details"].is_array(), "an error has `details`: {self:?}");
        match body["message"].as_str() {
            Some(message) if !message.is_empty() => message.to_owned(),
            _ => panic!("an error has a `message`: {self:?}"),
        }
    }

    /// The body as JSON, which must be declared as such.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert!(self.is_json(), "expected the content type application/json: {self:?}");
        match serde_json::from_slice(&self.body) {
            Ok(body) => body,
            Err(error) => panic!("{error}: {self:?}"),
        }
    }

    /// Whether the answer says that it is JSON.
    pub fn is_json(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    /// The `code` of an error, if the body has one that is a number.
    pub fn code(&self) -> Option<u64> {
        serde_json::from_slice::<Value>(&self.body).ok()?["code"].as_u64()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.header("content-type").unwrap_or("no content type");
        write!(f, "\n  > {}\n  < {} ({kind}) {}", self.request, self.status, excerpt(&self.body))
    }
}

/// The beginning of a body: enough to understand, not enough to drown in.
fn excerpt(body: &[u8]) -> String {
    const LIMIT: usize = 2000;
    let text = String::from_utf8_lossy(&body[..body.len().min(LIMIT)]);
    if body.len() <= LIMIT { text.into_owned() } else { format!("{text}… ({} bytes)", body.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, kind: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().expect("a header value"));
        Answer { request: "GET /x".to_owned(), status, headers, body: body.into() }
    }

    #[test]
    fn paths_are_below_the_project_or_the_root() {
        crate::server::use_ring();
        let api = Api::new(Client::new(), "https://h:1".to_owned(), None, "O", "P");
        assert_eq!(
            api.url("buckets/b"),
            "https://h:1/packer/2023-01-01/organizations/O/projects/P/buckets/b"
        );
        assert_eq!(api.in_project("Q").url("/x/{organization_id}/{project_id}?y"), "https://h:1/x/O/Q?y");
    }

    #[test]
    fn success_and_failure_are_told_apart() {
        let good = answer(200, "application/json; charset=utf-8", r#"{"a":1}"#);
        assert_eq!(good.ok()["a"], 1);
        let bad = answer(404, "application/json", r#"{"code":5,"message":"none","details":[]}"#);
        assert_eq!(bad.fails(404, 5), "none");
        let refused = |answer: Answer| std::panic::catch_unwind(move || answer.ok()).is_err();
        assert!(refused(answer(201, "application/json", "{}")));
        assert!(refused(answer(200, "text/plain", "{}")));
        assert!(refused(answer(200, "application/json", "[]")));
        assert!(refused(bad));
    }
}
