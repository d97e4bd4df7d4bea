//! Which source wins, and what is wrong with the others.

use tempfile::TempDir;

use super::*;

/// A folder that may hold a data folder, a home and credential files.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn write(self, path: &str, text: &str) -> Self {
        let path = self.0.path().join(path);
        fs_err::create_dir_all(path.parent().expect("below the folder")).expect("created");
        fs_err::write(path, text).expect("written");
        self
    }

    fn data(self, folder: &str) -> Self {
        let owner =
            r#"{"client_id": "wb-owner", "client_secret": "s", "organization_id": "OO", "project_id": "PP"}"#;
        self.write(&format!("{folder}/owner.json"), owner)
            .write(&format!("{folder}/server.json"), r#"{"url": "https://127.0.0.1:7080", "pid": 1}"#)
            .write(&format!("{folder}/tls/bundle.pem"), "the authority")
    }

    fn credential_file(self, path: &str, id: &str) -> Self {
        let key = format!(r#"{{"client_id": "{id}", "client_secret": "s"}}"#);
        let text = format!(r#"{{"scheme": "service_principal_creds", "oauth": {key}}}"#);
        self.write(path, &text)
    }

    /// Client id, address of the API, organization, project; or the error.
    fn check(&self, variables: &[(&str, &str)]) -> Result<(String, String, String, String), String> {
        let home = self.0.path().join("home").display().to_string();
        let mut all = vec![("HOME", home.as_str())];
        all.extend(variables);
        let found = Connection::find(&Environment::from_pairs(&all), self.0.path()).map_err(|e| e.message)?;
        let who = match found.identity {
            Identity::Key(credentials) => credentials.client_id,
            Identity::Session(_) => found.source.to_string(),
            Identity::Workload(workload) => workload.provider.name,
        };
        Ok((
            who,
            found.api.to_string(),
            found.organization_id.unwrap_or_default(),
            found.project_id.unwrap_or_default(),
        ))
    }

    fn winner(&self, variables: &[(&str, &str)]) -> String {
        self.check(variables).map_or_else(|error| error, |found| found.0)
    }
}

/// A file of logins at these registries, of which the first is the current one.
fn logins(servers: &[&str]) -> String {
    let login = r#"{"user": "ada", "organization_id": "OL", "access_token": "a", "refresh_token": "r"}"#;
    let logins: Vec<String> = servers.iter().map(|server| format!(r#""{server}": {login}"#)).collect();
    format!(r#"{{"current": "{}", "logins": {{{}}}}}"#, servers[0], logins.join(","))
}

const LOGINS: &str = "home/.config/waybill/profiles.json";
const HOME_FILE: &str = "home/.config/hcp/cred_file.json";

#[test]
fn the_first_source_that_there_is_wins() {
    let all = || Place::new().credential_file("named.json", "named").credential_file(HOME_FILE, "home");
    let both = all().data("waybill-data").data("other");
    let keys = [("HCP_CLIENT_ID", "id"), ("HCP_CLIENT_SECRET", "secret")];
    let file = ("HCP_CRED_FILE", "named.json");
    let data = ("WAYBILL_DATA", "other");
    assert_eq!(both.winner(&[keys[0], keys[1], file, data]), "id");
    assert_eq!(both.winner(&[keys[0], file, data]), "named", "half a key is no key");
    assert_eq!(both.winner(&[file, data]), "named");
    assert_eq!(both.winner(&[data]), "wb-owner");
    assert_eq!(both.winner(&[]), "home");
    assert_eq!(Place::new().data("waybill-data").winner(&[]), "wb-owner");
}

#[test]
fn a_login_comes_after_what_is_named_and_before_what_is_found() {
    let all = Place::new().credential_file("named.json", "named").credential_file(HOME_FILE, "home");
    let all = all.data("waybill-data").data("other").write(LOGINS, &logins(&["https://a:1", "https://b"]));
    let keys = [("HCP_CLIENT_ID", "id"), ("HCP_CLIENT_SECRET", "secret")];
    assert_eq!(all.winner(&keys), "id");
    assert_eq!(all.winner(&[("HCP_CRED_FILE", "named.json")]), "named");
    assert_eq!(all.winner(&[("WAYBILL_DATA", "other")]), "wb-owner");
    assert_eq!(all.winner(&[]), "the login of ada at https://a:1");
    let found = all.check(&[("HCP_PROJECT_ID", "PL")]).expect("a login");
    assert_eq!((found.1.as_str(), found.2.as_str(), found.3.as_str()), ("https://a:1", "OL", "PL"));
}

#[test]
fn a_workload_works_in_the_project_of_its_provider() {
    let name = "iam/project/PW/service-principal/image-ci/workload-identity-provider/github";
    let workload = format!(r#"{{"provider_resource_name": "{name}", "env": {{"var": "TOKEN"}}}}"#);
    let place = Place::new().write("w.json", &format!(r#"{{"scheme": "workload", "workload": {workload}}}"#));
    let check = |more: &[(&str, &str)]| {
        place.check(&[&[("HCP_CRED_FILE", "w.json")], more].concat()).map(|found| (found.0, found.3))
    };
    assert_eq!(check(&[]), Ok(("github".into(), "PW".into())));
    assert_eq!(check(&[("HCP_PROJECT_ID", "other")]), Ok(("github".into(), "other".into())));
}

#[test]
fn variables_choose_among_logins() {
    let place = Place::new().write(LOGINS, &logins(&["https://a:1", "https://b"]));
    let b = "the login of ada at https://b";
    assert_eq!(place.winner(&[("HCP_API_ADDRESS", "b:443")]), b);
    assert_eq!(place.winner(&[("HCP_AUTH_URL", "https://b"), ("HCP_API_ADDRESS", "b")]), b);
    let nothing = "no credentials for a registry were found";
    assert_eq!(place.winner(&[("HCP_AUTH_URL", "https://c")]), nothing);
    assert_eq!(place.winner(&[("HCP_AUTH_URL", "https://a:1"), ("HCP_API_ADDRESS", "b")]), nothing);
    assert_eq!(place.winner(&[("HCP_API_ADDRESS", "::")]), nothing);
}

#[test]
fn a_data_folder_brings_its_own_address() {
    let place = Place::new().data("waybill-data");
    let found = |organization: &str, project: &str| {
        Ok(("wb-owner".into(), "https://127.0.0.1:7080".into(), organization.into(), project.into()))
    };
    assert_eq!(place.check(&[]), found("OO", "PP"));
    assert_eq!(place.check(&[("HCP_PROJECT_ID", "mine")]), found("OO", "mine"));
}

#[test]
fn a_data_folder_is_not_meant_when_an_address_is_given() {
    let place = Place::new().data("waybill-data");
    let error = place.check(&[("HCP_API_ADDRESS", "registry.example")]).expect_err("no credentials for it");
    assert_eq!(error, "no credentials for a registry were found");
}

#[test]
fn addresses_come_from_variables_and_default_to_hcp() {
    let place = Place::new();
    let check = |more: &[(&str, &str)]| {
        let mut variables = vec![("HCP_CLIENT_ID", "id"), ("HCP_CLIENT_SECRET", "secret")];
        variables.extend(more);
        place.check(&variables).map(|found| found.1)
    };
    assert_eq!(check(&[]), Ok("https://api.cloud.hashicorp.com".into()));
    assert_eq!(check(&[("HCP_GEOGRAPHY", "eu")]), Ok("https://api.cloud.eu.hashicorp.com".into()));
    assert_eq!(
        check(&[("HCP_GEOGRAPHY", "mars")]),
        Err("HCP_GEOGRAPHY is `mars`: it is `us` or `eu`".into())
    );
    assert_eq!(check(&[("HCP_API_ADDRESS", "a:1")]), Ok("https://a:1".into()));
    assert_eq!(
        check(&[("HCP_API_ADDRESS", "a:1"), ("HCP_API_HOST", "https://b:2")]),
        Ok("https://b:2".into()),
        "the older name wins"
    );
    assert_eq!(check(&[("HCP_API_ADDRESS", "a:1"), ("HCP_API_TLS", "disabled")]), Ok("http://a:1".into()));
    assert_eq!(
        check(&[("HCP_AUTH_URL", "http://a:1")]),
        Err("HCP_AUTH_URL is `http://a:1`: its scheme must be https".into())
    );
    let missing = check(&[("SSL_CERT_FILE", "absent.pem")]).expect_err("no such file");
    assert!(missing.starts_with("root certificates: ") && missing.contains("absent.pem"), "{missing}");
}

#[test]
fn a_named_credential_file_must_be_there_and_be_one() {
    let place = Place::new().credential_file(HOME_FILE, "home").write("broken.json", r#"{"scheme": "x"}"#);
    let missing = place.check(&[("HCP_CRED_FILE", "absent.json")]).expect_err("no fallback");
    assert!(missing.starts_with("HCP_CRED_FILE names `") && missing.ends_with("and there is no such file"));
    let broken = place.check(&[("HCP_CRED_FILE", "broken.json")]).expect_err("broken");
    assert!(
        broken.ends_with("has the scheme `x`, which is none of `service_principal_creds` and `workload`")
    );
}

#[test]
fn an_empty_id_beside_a_given_one_is_a_mistake() {
    let place = Place::new().data("waybill-data");
    let check = |organization, project| {
        place
            .check(&[("HCP_ORGANIZATION_ID", organization), ("HCP_PROJECT_ID", project)])
            .map(|found| found.3)
    };
    assert_eq!(check("", "P"), Err("HCP_ORGANIZATION_ID is set but empty".into()));
    assert_eq!(check("O", ""), Err("HCP_PROJECT_ID is set but empty".into()));
    assert_eq!(check("", ""), Ok("PP".into()));
}

#[test]
fn waybills_credentials_never_go_to_hcp() {
    let place = Place::new().credential_file("named.json", "wb-named");
    let auth = ("HCP_AUTH_URL", "https://registry.example");
    let api = ("HCP_API_ADDRESS", "registry.example");
    let keys = [("HCP_CLIENT_ID", "wb-01jd"), ("HCP_CLIENT_SECRET", "wbs_x")];
    for sources in [&keys[..], &[keys[0], ("HCP_CLIENT_SECRET", "x")], &[("HCP_CRED_FILE", "named.json")]] {
        let check = |more: &[(&str, &str)]| place.check(&[sources, more].concat()).map(|found| found.1);
        let refused =
            |text: &str| Err(format!("{text}, and the credentials are Waybill's, which HCP must not see"));
        assert_eq!(check(&[]), refused("HCP_AUTH_URL is not set"));
        assert_eq!(check(&[api]), refused("HCP_AUTH_URL is not set"));
        assert_eq!(check(&[auth]), refused("HCP_API_ADDRESS is not set"));
        assert_eq!(check(&[auth, ("HCP_API_ADDRESS", "")]), refused("HCP_API_ADDRESS is not set"));
        let hcp = "api.cloud.HashiCorp.com:443";
        assert_eq!(check(&[auth, ("HCP_API_ADDRESS", hcp)]), refused(&format!("HCP_API_ADDRESS is `{hcp}`")));
        assert_eq!(check(&[auth, api]), Ok("https://registry.example".into()));
        assert_eq!(check(&[auth, ("HCP_API_HOST", "b")]), Ok("https://b".into()));
    }
}

#[test]
fn a_named_data_folder_must_be_one() {
    let place = Place::new().data("waybill-data").credential_file(HOME_FILE, "home");
    let error = place.winner(&[("WAYBILL_DATA", "absent")]);
    assert!(error.starts_with("WAYBILL_DATA names `"), "{error}");
    assert!(error.ends_with("absent`, which is not the data folder of a registry"), "{error}");
}

#[test]
fn a_data_folder_that_is_passed_over_is_told() {
    let place = Place::new().data("waybill-data");
    let variables = Environment::from_pairs(&[("HCP_AUTH_URL", "https://registry.example")]);
    let error = Connection::find(&variables, place.0.path()).expect_err("no credentials for it");
    let hint = error.hints.last().expect("hints");
    assert!(hint.contains("was passed over because HCP_AUTH_URL is set"), "{hint}");
}

#[test]
fn half_a_key_is_told() {
    assert_eq!(
        Place::new().winner(&[("HCP_CLIENT_SECRET", "s")]),
        "HCP_CLIENT_SECRET is set, but HCP_CLIENT_ID and HCP_CLIENT_SECRET are needed together"
    );
}
