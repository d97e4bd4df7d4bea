//! Which signed requests are sent on, and what of them.

use bytes::Bytes;
use hyper::{
    HeaderMap, Method,
    header::{HeaderName, HeaderValue},
};
use url::{Host, Url};

use super::{AwsError, PROVIDER_HEADER, SignedRequest};
use crate::auth::federation::error::quoted;

/// What is sent on. The host is one of AWS's.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) method: Method,
    pub(super) host: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

const HEADERS: usize = 32;
/// Session tokens have up to 2 KiB or so.
const HEADER_BYTES: usize = 16 << 10;
const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";
const FORM: &str = "application/x-www-form-urlencoded";

/// Checks a request that was signed for `provider`.
pub(super) fn check(request: &SignedRequest, provider: &str) -> Result<Checked, AwsError> {
    let wrong = |reason: String| AwsError::Request(reason);
    let method = match request.method.as_str() {
        "POST" => Method::POST,
        "GET" => Method::GET,
        other => return Err(wrong(format!("its method must be POST or GET, not {}", quoted(other)))),
    };
    let (host, query) = target(&request.url)?;
    let is_asked_in_query = query.as_deref().is_some_and(is_question);
    let is_asked_in_body = method == Method::POST && is_question(&request.body);
    let is_one = match (query.is_some(), request.body.is_empty()) {
        (true, true) => is_asked_in_query,
        (false, false) => is_asked_in_body,
        _ => false,
    };
    if !is_one {
        return Err(wrong(
            "it must ask for Action=GetCallerIdentity&Version=2011-06-15 and nothing else, in the query or in the \
             body of a POST"
                .to_owned(),
        ));
    }
    let headers = headers(request, &host, provider)?;
    Ok(Checked { method, host, query, headers, body: Bytes::from(request.body.clone()) })
}

fn is_question(text: &str) -> bool {
    let mut pairs: Vec<&str> = text.split('&').collect();
    pairs.sort_unstable();
    pairs == ["Action=GetCallerIdentity", "Version=2011-06-15"]
}

/// The host, if it is one of the service's, and the query.
fn target(text: &str) -> Result<(String, Option<String>), AwsError> {
    let wrong = || {
        AwsError::Request(format!(
            "its URL must be https://sts.REGION.amazonaws.com/ or https://sts.amazonaws.com/, not {}",
            quoted(text.split('?').next().unwrap_or(""))
        ))
    };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let Some(Host::Domain(host)) = url.host() else { return Err(wrong()) };
    let is_bare = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.fragment().is_none();
    if !is_bare || !is_service(host) {
        return Err(wrong());
    }
    Ok((host.to_owned(), url.query().filter(|query| !query.is_empty()).map(str::to_owned)))
}

/// `sts.amazonaws.com`, `sts.REGION.amazonaws.com`, `sts-fips.REGION.amazonaws.com` and the same with `.cn`.
fn is_service(host: &str) -> bool {
    let is_region = |text: &str| {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        2 < text.split('-').count() && text.split('-').all(is_word)
    };
    if host == "sts.amazonaws.com" {
        return true;
    }
    let Some((service, rest)) = host.split_once('.') else { return false };
    let region = rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn"));
    matches!(service, "sts" | "sts-fips") && region.is_some_and(is_region)
}

/// The headers to send: those that are signed, and the signature.
fn headers(request: &SignedRequest, host: &str, provider: &str) -> Result<HeaderMap, AwsError> {
    let wrong = |reason: String| AwsError::Request(reason);
    let size: usize = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if HEADERS < request.headers.len() || HEADER_BYTES < size {
        return Err(wrong(format!(
            "it has more than {HEADERS} headers, or more than {HEADER_BYTES} bytes of them"
        )));
    }
    let mut given = HeaderMap::new();
    for (name, value) in &request.headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
            return Err(wrong(format!("its header {} cannot be sent", quoted(name))));
        };
        if given.insert(&name, value).is_some() {
            return Err(wrong(format!("it has the header {} twice", quoted(name.as_str()))));
        }
    }
    let text = |name: &str| given.get(name).and_then(|value| value.to_str().ok());
    let signed = signed_headers(text("authorization").unwrap_or(""))?;
    if !signed.contains(&"host") {
        return Err(wrong("`host` must be among the signed headers".to_owned()));
    }
    match text(PROVIDER_HEADER) {
        Some(found) if found == provider && signed.contains(&PROVIDER_HEADER) => {}
        Some(found) if found == provider => {
            return Err(wrong(format!("`{PROVIDER_HEADER}` must be among the signed headers")));
        }
        found => {
            let found = found.map_or("nothing".to_owned(), quoted);
            return Err(wrong(format!(
                "its header `{PROVIDER_HEADER}` must be {}, not {found}",
                quoted(provider)
            )));
        }
    }
    if text("host").is_some_and(|found| found != host) {
        return Err(wrong("its header `host` is not the host of its URL".to_owned()));
    }
    let length = request.body.len().to_string();
    if text("content-length").is_some_and(|found| found != length) {
        return Err(wrong("its header `content-length` is not the length of its body".to_owned()));
    }
    let mut headers = HeaderMap::new();
    for name in signed.into_iter().chain(["authorization"]) {
        let Ok(name) = name.parse::<HeaderName>() else {
            return Err(wrong("its signed headers are no names of headers".to_owned()));
        };
        if !may_be_sent(name.as_str()) {
            return Err(wrong(format!("the header {} cannot be sent on", quoted(name.as_str()))));
        }
        // Both are set where the request is sent, to what was just checked.
        if matches!(name.as_str(), "host" | "content-length") {
            continue;
        }
        let Some(value) = given.get(&name) else {
            return Err(wrong(format!("the header {} is signed and not there", quoted(name.as_str()))));
        };
        headers.insert(name, value.clone());
    }
    if !request.body.is_empty() {
        headers.entry(hyper::header::CONTENT_TYPE).or_insert(HeaderValue::from_static(FORM));
    }
    Ok(headers)
}

/// What signatures of AWS's SDKs cover. Nothing in here changes how a request is transported.
fn may_be_sent(name: &str) -> bool {
    let is_listed = matches!(
        name,
        "authorization"
            | "host"
            | "content-length"
            | "content-type"
            | "accept"
            | "user-agent"
            | PROVIDER_HEADER
    );
    is_listed || name.starts_with("x-amz-") || name.starts_with("amz-sdk-")
}

/// Reads the list of signed headers in `Authorization`.
fn signed_headers(authorization: &str) -> Result<Vec<&str>, AwsError> {
    let wrong = || {
        AwsError::Request(
            "its header `authorization` must be a signature of version 4 (AWS4-HMAC-SHA256)".to_owned(),
        )
    };
    let parts = authorization.strip_prefix(ALGORITHM).ok_or_else(wrong)?;
    let mut lists = parts.split(',').filter_map(|part| part.trim().strip_prefix("SignedHeaders="));
    let (Some(list), None) = (lists.next(), lists.next()) else { return Err(wrong()) };
    let names: Vec<&str> = list.split(';').collect();
    let is_sorted = names.windows(2).all(|pair| pair[0] < pair[1]);
    let is_lower = |name: &&str| !name.is_empty() && !name.bytes().any(|b| b.is_ascii_uppercase());
    if is_sorted && names.iter().all(is_lower) { Ok(names) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_the_service() {
        for host in [
            "sts.amazonaws.com",
            "sts.eu-central-1.amazonaws.com",
            "sts.us-gov-west-1.amazonaws.com",
            "sts-fips.us-east-1.amazonaws.com",
            "sts.cn-north-1.amazonaws.com.cn",
        ] {
            assert!(is_service(host), "{host}");
        }
        for host in [
            "amazonaws.com",
            "sts.amazonaws.com.cn",
            "sts.amazonaws.com.evil.example",
            "sts.evil.example",
            "evil-sts.eu-central-1.amazonaws.com",
            "sts.evil.eu-central-1.amazonaws.com",
            "sts.bucket.amazonaws.com",
            "sts.eu-central-1.amazonaws.com.evil",
            "sts.eu--1.amazonaws.com",
            "sts..amazonaws.com",
            "s3.eu-central-1.amazonaws.com",
            "sts.eu-central-1.amazonaws.com.",
            "",
        ] {
            assert!(!is_service(host), "{host}");
        }
    }

    #[test]
    fn urls() {
        let check = |url: &str| target(url).map(|(host, _)| host).ok();
        let host = Some("sts.eu-central-1.amazonaws.com".to_owned());
        assert_eq!(check("https://sts.eu-central-1.amazonaws.com?Action=x"), host);
        assert_eq!(check("https://STS.eu-central-1.amazonaws.com:443/"), host);
        for wrong in [
            "",
            "sts.eu-central-1.amazonaws.com",
            "http://sts.eu-central-1.amazonaws.com/",
            "https://sts.eu-central-1.amazonaws.com:8443/",
            "https://sts.eu-central-1.amazonaws.com/path",
            "https://sts.eu-central-1.amazonaws.com/#x",
            "https://sts.eu-central-1.amazonaws.com@evil.example/",
            "https://evil@sts.eu-central-1.amazonaws.com/",
            "https://evil.example/?sts.eu-central-1.amazonaws.com",
            "https://evil.example\\@sts.eu-central-1.amazonaws.com/",
            "https://127.0.0.1/",
        ] {
            assert_eq!(check(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_question_is_the_only_one() {
        assert!(is_question("Action=GetCallerIdentity&Version=2011-06-15"));
        assert!(is_question("Version=2011-06-15&Action=GetCallerIdentity"));
        for wrong in [
            "",
            "Action=GetCallerIdentity",
            "Action=AssumeRole&Version=2011-06-15",
            "Action=GetCallerIdentity&Version=2011-06-15&RoleArn=x",
            "Action=GetCallerIdentity&Action=GetCallerIdentity&Version=2011-06-15",
            "Action=GetCallerIdentity&Version=2011-06-15&",
            "Action=GetCallerIdentit%79&Version=2011-06-15",
        ] {
            assert!(!is_question(wrong), "{wrong}");
        }
    }
}
