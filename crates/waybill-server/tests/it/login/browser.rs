//! A browser as far as these pages need one: cookies, forms, and the fields that tell where a request comes from.

use std::collections::BTreeMap;

use reqwest::{
    Client, Method, RequestBuilder,
    header::{COOKIE, SET_COOKIE},
    redirect,
};

use super::form;
use crate::running::Registry;

/// Follows nothing by itself, so that a test sees every step.
pub(crate) struct Browser {
    client: Client,
    pub(crate) origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
    /// What a proxy between the two says whose requests these are.
    pub(crate) forwarded_for: Option<&'static str>,
}

/// What a browser got.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) html: String,
}

impl Browser {
    pub(crate) fn new(registry: &Registry) -> Self {
        let client =
            Client::builder().no_proxy().redirect(redirect::Policy::none()).build().expect("a client");
        let origin = format!("http://{}", registry.server.address());
        Self { client, origin, cookies: BTreeMap::new(), forwarded_for: None }
    }

    /// A request as a page of the registry makes it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let is_safe = method == Method::GET;
        let mut request = self.bare(method, path);
        if !is_safe {
            request = request.header("origin", &self.origin).header("sec-fetch-site", "same-origin");
        }
        request
    }

    /// A request with the cookies and nothing else.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.origin));
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some(client) = self.forwarded_for {
            request = request.header("x-forwarded-for", client);
        }
        request
    }

    /// Sends a request and keeps the cookies of the answer.
    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Page {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie");
            let (name, rest) = text.split_once('=').expect("a cookie has a value");
            let value = rest.split(';').next().unwrap_or_default();
            for needed in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
                assert!(text.contains(needed), "{needed} is missing: {text}");
            }
            assert!(name.starts_with("__Host-") && !text.contains("Domain"), "{text}");
            if text.ends_with("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page { status, headers, html: answer.text().await.expect("a text") }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, members: &[(&str, &str)]) -> Page {
        let request = self.request(Method::POST, path).header("content-type", FORM).body(form(members));
        self.send(request).await
    }

    /// Sends the first form of a page with its own fields, or those of a test.
    pub(crate) async fn submit(&mut self, page: &Page, members: &[(&str, &str)]) -> Page {
        let (action, fields) = page.form();
        let own = fields.iter().filter(|(name, _)| members.iter().all(|(other, _)| other != name));
        let all: Vec<_> =
            own.map(|(name, value)| (name.as_str(), value.as_str())).chain(members.iter().copied()).collect();
        self.post(&action, &all).await
    }

    /// Logs in with a password, which must work.
    pub(crate) async fn log_in(&mut self, email: &str, password: &str) {
        let page = self.get("/login").await;
        let answer = self.submit(&page, &[("email", email), ("password", password)]).await;
        assert_eq!((answer.status, answer.location().as_str()), (303, "/login"), "{}", answer.html);
    }

    /// The secret of the session.
    pub(crate) fn session(&self) -> Option<&String> {
        self.cookies.get("__Host-waybill-session")
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

impl Page {
    /// Where the answer leads.
    #[track_caller]
    pub(crate) fn location(&self) -> String {
        let location =
            self.headers.get("location").unwrap_or_else(|| panic!("{} {}", self.status, self.html));
        location.to_str().expect("an address").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// The address and the fields of the first form.
    #[track_caller]
    fn form(&self) -> (String, Vec<(String, String)>) {
        let from =
            self.html.find("<form").unwrap_or_else(|| panic!("no form: {} {}", self.status, self.html));
        let form = &self.html[from..];
        let form = &form[..form.find("</form>").expect("a form ends")];
        let inputs = form.split("<input").skip(1).map(|input| {
            let input = &input[..input.find('>').expect("a tag ends")];
            (
                attribute(input, "name").expect("a field has a name"),
                attribute(input, "value").unwrap_or_default(),
            )
        });
        (attribute(form, "action").expect("a form leads somewhere"), inputs.collect())
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[from..];
    let value = &value[..value.find('"')?];
    Some(
        value
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
            .replace("&#38;", "&"),
    )
}
