//! What a handler is given of a request: the path, the query and the body as types, or an error in our envelope.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::{
    api::error::ApiError,
    app::App,
    limits,
    listen::body::{self, BodyError},
};

/// The placeholders of a path, decoded.
pub struct Route<T>(pub T);

/// The query, by name. Unknown names are ignored.
pub struct Query<T>(pub T);

/// A JSON body of ordinary size. No body counts as `{}`: every member of every request is optional.
pub struct Body<T>(pub T);

/// The query as pairs, for what repeats.
pub struct Pairs(pub Vec<(String, String)>);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Route<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(path)) => Ok(Self(path)),
            Err(rejection) => {
                Err(ApiError::invalid(format!("the path cannot be read: {}", rejection.body_text())))
            }
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        // An empty value is an absent one.
        let given = pairs(parts).into_iter().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(reader).map(Self).map_err(|error| {
            ApiError::invalid(format!("the query cannot be read at `{}`: {}", error.path(), error.inner()))
        })
    }
}

impl FromRequestParts<App> for Pairs {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        Ok(Self(pairs(parts)))
    }
}

fn pairs(parts: &Parts) -> Vec<(String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        check_type(request.headers())?;
        json(&collect(request, limits::BODY_BYTES).await?).map(Self)
    }
}

/// Anything but JSON is refused; saying nothing is not.
pub(crate) fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") || media.ends_with("+json") {
        return Ok(());
    }
    Err(ApiError::invalid(format!("the body must be `application/json`, not `{media}`")))
}

/// Reads a whole body, up to a limit.
pub async fn collect(request: Request, limit_bytes: usize) -> Result<Bytes, ApiError> {
    let too_large = |limit_bytes| ApiError::invalid(BodyError::TooLarge { limit_bytes }.to_string());
    collect_or(request, limit_bytes, too_large).await
}

/// Reads a whole body, up to a limit that has an error of its own, made of the limit.
pub(crate) async fn collect_or(
    request: Request,
    limit_bytes: usize,
    too_large: impl FnOnce(usize) -> ApiError,
) -> Result<Bytes, ApiError> {
    body::read(request.into_body(), limit_bytes).await.map_err(|error| match error {
        BodyError::TooLarge { limit_bytes } => too_large(limit_bytes),
        BodyError::Broken(_) => ApiError::invalid("the request body ended before its end"),
        slow @ BodyError::TooSlow => ApiError::invalid(slow.to_string()),
    })
}

/// Reads a body as JSON; an empty one as `{}`.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    // The quick reading first; only a body that fails is read again to name the member.
    serde_json::from_slice(bytes).map_err(|_| {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Ok(_) => ApiError::invalid("the body is not one JSON value: something follows it"),
            Err(error) if error.path().iter().next().is_none() => {
                ApiError::invalid(format!("the body cannot be read: {}", error.inner()))
            }
            Err(error) => {
                ApiError::invalid(format!("the body cannot be read at `{}`: {}", error.path(), error.inner()))
            }
        }
    })
}
