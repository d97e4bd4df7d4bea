//! As much of a browser as the pages of a login need: cookies, forms, and no redirect that a test does not see.

use std::collections::BTreeMap;

use reqwest::{
    Client, RequestBuilder,
    header::{COOKIE, SET_COOKIE},
    redirect,
};
use url::{Url, form_urlencoded};

pub(super) struct Browser {
    client: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// What it got.
pub(super) struct Page {
    pub(super) status: u16,
    /// Where the answer leads.
    pub(super) location: Option<String>,
    pub(super) html: String,
}

impl Browser {
    /// A browser of a person who has clicked the warning about the certificate away.
    pub(super) fn new(origin: &str) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .tls_danger_accept_invalid_certs(true)
            .build()
            .expect("a client");
        Self { client, origin: origin.to_owned(), cookies: BTreeMap::new() }
    }

    pub(super) async fn get(&mut self, address: &str) -> Page {
        let request = self.client.get(self.full(address));
        self.send(request).await
    }

    /// Follows an answer to where it leads.
    pub(super) async fn follow(&mut self, page: &Page) -> Page {
        let location = page.location.clone().unwrap_or_else(|| panic!("{} {}", page.status, page.html));
        self.get(&location).await
    }

    /// Sends the first form of a page with these fields and its hidden ones.
    pub(super) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let (action, hidden) = page.form();
        let hidden = hidden.iter().filter(|(name, _)| fields.iter().all(|(other, _)| other != name));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(hidden).extend_pairs(fields);
        let request = self
            .client
            .post(self.full(&action))
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        self.send(request).await
    }

    fn full(&self, address: &str) -> Url {
        Url::parse(&self.origin).and_then(|origin| origin.join(address)).expect("an address")
    }

    async fn send(&mut self, request: RequestBuilder) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie").split(';').next().unwrap_or_default();
            let (name, value) = text.split_once('=').expect("a cookie has a value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = headers.get("location").map(|it| it.to_str().expect("an address").to_owned());
        Page { status, location, html: answer.text().await.expect("a text") }
    }
}

impl Page {
    /// The address and the fields of the first form.
    fn form(&self) -> (String, Vec<(String, String)>) {
        let from =
            self.html.find("<form").unwrap_or_else(|| panic!("no form: {} {}", self.status, self.html));
        let form = &self.html[from..];
        let form = &form[..form.find("</form>").expect("a form ends")];
        let fields = form.split("<input").skip(1).map(|input| {
            let input = &input[..input.find('>').expect("a tag ends")];
            (
                attribute(input, "name").expect("a field has a name"),
                attribute(input, "value").unwrap_or_default(),
            )
        });
        (attribute(form, "action").expect("a form leads somewhere"), fields.collect())
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[from..];
    let value = &value[..value.find('"')?];
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}
