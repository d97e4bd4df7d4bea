//! What every answer in JSON says about itself: nobody keeps it, and it is taken for nothing but JSON.
//!
//! Answers are for whoever asked, with their token: a browser or a proxy that kept one could give it to somebody else.
//! What a handler has said about keeping its answer stays, and so do files that are handed out as they are.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
};

/// Completes the fields of an answer.
pub(super) fn protect(headers: &mut HeaderMap) {
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(JSON));
    if !is_json || headers.contains_key(CONTENT_DISPOSITION) {
        return;
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

const JSON: &[u8] = b"application/json";

#[cfg(test)]
mod tests {
    use super::*;

    /// `Cache-Control` and `X-Content-Type-Options` of an answer with these fields.
    fn check(fields: &[(&'static str, &'static str)]) -> (String, String) {
        let mut headers = HeaderMap::new();
        for &(name, value) in fields {
            headers.insert(name, HeaderValue::from_static(value));
        }
        protect(&mut headers);
        let text = |name| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        (text(CACHE_CONTROL), text(X_CONTENT_TYPE_OPTIONS))
    }

    #[test]
    fn json_is_kept_by_nobody() {
        let answer = |control: &str, options: &str| (control.to_owned(), options.to_owned());
        let json = ("content-type", "application/json");
        assert_eq!(check(&[json]), answer("no-store", "nosniff"));
        assert_eq!(
            check(&[("content-type", "application/json; charset=utf-8")]),
            answer("no-store", "nosniff")
        );
        assert_eq!(check(&[json, ("cache-control", "max-age=60")]), answer("max-age=60", "nosniff"));
        let file = [json, ("cache-control", "private, no-store"), ("content-disposition", "attachment")];
        assert_eq!(check(&file), answer("private, no-store", ""));
        assert_eq!(check(&[("content-type", "text/css")]), answer("", ""));
        assert_eq!(check(&[]), answer("", ""));
    }
}
