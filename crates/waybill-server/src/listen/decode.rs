//! Resource names in paths: where a client's pattern takes a whole name as one placeholder, its slashes arrive as
//! `%2F`, and the same path with plain slashes means the same.
//!
//! Only the platform's paths hold such names. In the others `%2F` stays what it is, part of one name, and is
//! refused as such.

use std::task::{Context, Poll};

use axum::http::{Request, Uri, uri::PathAndQuery};
use tower::Service;

/// Where names are resource names.
const PREFIXES: [&str; 3] = ["/2019-12-10/", "/2023-05-31/", "/iam/2019-12-10/"];

/// A service that sees plain slashes.
#[derive(Clone, Debug)]
pub(super) struct Decoded<S>(pub(super) S);

impl<S, B> Service<Request<B>> for Decoded<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(uri) = decoded(request.uri()) {
            *request.uri_mut() = uri;
        }
        self.0.call(request)
    }
}

fn decoded(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !path.contains('%') || !PREFIXES.iter().any(|prefix| path.starts_with(prefix)) {
        return None;
    }
    let plain = path.replace("%2F", "/").replace("%2f", "/");
    let target = match uri.query() {
        Some(query) => format!("{plain}?{query}"),
        None => plain,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_of_resource_names_are_plain() {
        let check = |path: &str| decoded(&path.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(
            check("/2019-12-10/iam%2Fproject%2fp/x?a=%2F"),
            Some("/2019-12-10/iam/project/p/x?a=%2F".into())
        );
        assert_eq!(check("/packer/2023-01-01/buckets/a%2Fb"), None);
        assert_eq!(check("/2019-12-10/iam/project"), None);
    }
}
