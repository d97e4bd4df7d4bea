//! Pages: forms without scripts, with one style sheet, that show nothing of themselves to other sites.

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use waybill_api::error::Code;

use super::return_to::ReturnTo;
use crate::api::error::ApiError;

/// An answer for a person.
pub struct Page {
    html: String,
    code: Code,
    /// Where its forms may lead besides this registry.
    form_target: Option<String>,
    cookies: Vec<HeaderValue>,
}

/// Why there is no page, said on one.
pub struct PageError(ApiError);

pub type PageResult = Result<Response, PageError>;

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    sentence: &'a str,
    is_error: bool,
    /// A way on: where to, and what it is called.
    link: Option<(&'a str, &'a str)>,
}

const STYLE: &str = include_str!("../../templates/login.css");

impl Page {
    pub fn new(template: &impl Template) -> Result<Self, ApiError> {
        let html = template.render().map_err(|error| ApiError::internal(format!("a page: {error}")))?;
        Ok(Self { html, code: Code::Ok, form_target: None, cookies: Vec::new() })
    }

    /// A page with one sentence.
    pub fn message(title: &str, message: &str, link: Option<(&str, &str)>) -> Result<Self, ApiError> {
        Self::new(&Message { title, sentence: message, is_error: false, link })
    }

    /// Says with the status that something is wrong.
    #[must_use]
    pub fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// Lets the browser follow where a form leads, which is another site.
    #[must_use]
    pub fn with_form_target(mut self, target: String) -> Self {
        self.form_target = Some(target);
        self
    }

    #[must_use]
    pub fn with_cookie(mut self, cookie: impl IntoIterator<Item = HeaderValue>) -> Self {
        self.cookies.extend(cookie);
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.html));
        *response.status_mut() =
            StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let target = self.form_target.map(|target| format!(" {target}")).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'self'{target}"
        );
        let policy = HeaderValue::from_str(&policy)
            .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        protect(&mut response);
        add_cookies(&mut response, self.cookies);
        response
    }
}

/// Leads to one of our own pages.
pub fn go(to: &ReturnTo, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    leave(to.as_str(), cookies)
}

/// Leads elsewhere; who calls this has checked where.
pub fn leave(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut response = Redirect::to(to).into_response();
    protect(&mut response);
    add_cookies(&mut response, cookies);
    response
}

/// What is true of every answer to a browser here: kept by nobody, taken for what it says it is, in no frame, and
/// with its address told to nobody else.
fn protect(response: &mut Response) {
    const FIELDS: [(HeaderName, &str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in FIELDS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

fn add_cookies(response: &mut Response, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<waybill_store::Error> for PageError {
    fn from(error: waybill_store::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let ApiError { code, message, cause } = self.0;
        if let Some(cause) = cause {
            tracing::error!(error = %cause, code = code.number(), "A page failed");
        }
        let page = Page::new(&Message {
            title: "That did not work",
            sentence: &message,
            is_error: true,
            link: Some(("/login", "To the login")),
        });
        match page {
            Ok(page) => page.with_code(code).into_response(),
            Err(error) => error.into_response(),
        }
    }
}

/// The style sheet of these pages.
pub(super) async fn style() -> impl IntoResponse {
    const FIELDS: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (FIELDS, STYLE)
}
