//! What an issuer says about itself (OpenID Connect Discovery 1.0).

use serde_json::Value;
use url::Url;

use super::{
    FederationError,
    error::{quoted, shown},
};
use crate::{egress::Egress, limits};

/// The part of an issuer's configuration that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// Equal to the configured issuer.
    pub issuer: String,
    pub jwks_uri: Url,
    /// Where browsers are sent to log in. Issuers that sign for machines have none.
    pub authorization_endpoint: Option<Url>,
    /// Where a code becomes a token.
    pub token_endpoint: Option<Url>,
    /// How clients name themselves there, such as `client_secret_basic`, which it is when the issuer says nothing.
    pub token_auth_methods: Vec<String>,
}

const PATH: &str = "/.well-known/openid-configuration";

/// Returns where an issuer's configuration is, if the registry may go there.
pub(super) fn address(egress: &Egress, issuer: &str) -> Result<Url, FederationError> {
    let wrong = |reason: &str| FederationError::issuer(issuer, reason);
    let url = Url::parse(issuer).map_err(|_| {
        wrong("it is not a URL; https:// and a host are expected, such as https://issuer.example")
    })?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it must have no query and no fragment"));
    }
    egress.check(&url).map_err(|error| wrong(&error.to_string()))?;
    let mut address = url.clone();
    address.set_path(&format!("{}{PATH}", url.path().trim_end_matches('/')));
    Ok(address)
}

impl Discovery {
    pub(super) async fn fetch(egress: &Egress, issuer: &str) -> Result<Self, FederationError> {
        let address = address(egress, issuer)?;
        let document = egress.get_json(&address, limits::DISCOVERY_BYTES).await;
        Self::read(egress, issuer, &document.map_err(|error| FederationError::egress(issuer, &error))?)
    }

    fn read(egress: &Egress, issuer: &str, document: &Value) -> Result<Self, FederationError> {
        let wrong =
            |reason: String| FederationError::unavailable(issuer, format!("its configuration {reason}"));
        let found = document["issuer"].as_str().ok_or_else(|| wrong("has no `issuer`".to_owned()))?;
        if found != issuer {
            return Err(wrong(format!(
                "says that it is {}; configure it like that, to the letter",
                quoted(found)
            )));
        }
        let endpoint = |name: &'static str| -> Result<Option<Url>, FederationError> {
            let Some(text) = document[name].as_str() else { return Ok(None) };
            let url = Url::parse(text)
                .map_err(|_| wrong(format!("has a `{name}` that is not a URL: {}", shown(text))))?;
            egress
                .check(&url)
                .map_err(|error| wrong(format!("has a `{name}` that cannot be used: {error}")))?;
            Ok(Some(url))
        };
        let methods = document["token_endpoint_auth_methods_supported"].as_array();
        let methods = methods.map_or_else(
            || vec!["client_secret_basic".to_owned()],
            |methods| methods.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        );
        Ok(Self {
            issuer: issuer.to_owned(),
            jwks_uri: endpoint("jwks_uri")?.ok_or_else(|| wrong("has no `jwks_uri`".to_owned()))?,
            authorization_endpoint: endpoint("authorization_endpoint")?,
            token_endpoint: endpoint("token_endpoint")?,
            token_auth_methods: methods,
        })
    }

    /// Returns where people log in and where codes become tokens, of an issuer that has both.
    pub fn login(&self) -> Result<(&Url, &Url), FederationError> {
        match (&self.authorization_endpoint, &self.token_endpoint) {
            (Some(authorization), Some(token)) => Ok((authorization, token)),
            _ => Err(FederationError::issuer(
                &self.issuer,
                "nobody can log in there: it has no authorization and token endpoints",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn where_the_configuration_is() {
        let egress = Egress::default();
        let check = |issuer: &str| {
            address(&egress, issuer).map(|url| url.to_string()).map_err(|error| error.to_string())
        };
        let well_known = "/.well-known/openid-configuration";
        assert_eq!(check("https://a.example"), Ok(format!("https://a.example{well_known}")));
        assert_eq!(check("https://a.example/"), Ok(format!("https://a.example{well_known}")));
        assert_eq!(
            check("https://a.example/realms/x/"),
            Ok(format!("https://a.example/realms/x{well_known}"))
        );
        for wrong in ["", "a.example", "https://a.example?x", "https://a.example#x", "https://u:p@a.example"]
        {
            assert!(check(wrong).unwrap_err().contains("cannot be an issuer"), "{wrong}");
        }
        assert!(check("http://a.example").is_ok(), "where the name leads is known when it is resolved");
        assert!(check("https://169.254.169.254").unwrap_err().contains("metadata service"));
    }

    #[test]
    fn what_a_configuration_must_hold() {
        let egress = Egress::default();
        let check = |document: Value| {
            Discovery::read(&egress, "https://a.example", &document).map_err(|error| error.to_string())
        };
        let full = json!({
            "issuer": "https://a.example",
            "jwks_uri": "https://keys.example/a",
            "authorization_endpoint": "https://a.example/authorize",
            "token_endpoint": "https://a.example/token",
        });
        let discovery = check(full.clone()).unwrap();
        assert_eq!(discovery.jwks_uri.as_str(), "https://keys.example/a");
        assert_eq!(discovery.token_auth_methods, ["client_secret_basic"]);
        assert_eq!(discovery.login().unwrap().1.as_str(), "https://a.example/token");
        let with = |name: &str, value: Value| {
            let mut document = full.clone();
            document[name] = value;
            check(document)
        };
        assert!(with("issuer", json!("https://a.example/")).unwrap_err().contains("`https://a.example/`"));
        assert!(with("issuer", json!(null)).unwrap_err().contains("has no `issuer`"));
        assert!(with("jwks_uri", json!(null)).unwrap_err().contains("has no `jwks_uri`"));
        assert!(with("jwks_uri", json!("/keys")).unwrap_err().contains("not a URL"));
        assert!(with("jwks_uri", json!("https://10.0.0.1/")).unwrap_err().contains("a private address"));
        assert!(with("jwks_uri", json!("http://1.1.1.1/")).unwrap_err().contains("use https"));
        assert!(with("authorization_endpoint", json!("javascript:alert(1)")).is_err());
        assert!(with("token_endpoint", json!(null)).unwrap().login().is_err());
        assert!(check(json!([])).is_err());
    }
}
