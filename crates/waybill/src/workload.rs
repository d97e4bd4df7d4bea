//! What a workload has to show instead of a secret: where a credential file says that it is.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::SecretString;
use url::Url;
use waybill_client::{AwsCredentials, AwsMachine, Proof, TokenSource, Workload, WorkloadFile};

use crate::{chance, environment::Environment, error::CliError};

/// The workload of a credential file. Files and variables are looked at when a token is needed, since tokens are
/// replaced while a program runs.
pub(crate) fn workload(
    file: WorkloadFile,
    environment: &Environment,
    folder: &Path,
) -> Result<Workload, CliError> {
    let proof = match file.source {
        TokenSource::File(path) => {
            let path = folder.join(path);
            Proof::Token(Arc::new(move || read(path.clone())))
        }
        TokenSource::Env(name) => {
            let value = environment.given(&name).map(SecretString::from);
            Proof::Token(Arc::new(move || value.clone().ok_or_else(|| format!("{name} is not set"))))
        }
        TokenSource::Token(token) => Proof::Token(Arc::new(move || Ok(token.clone()))),
        TokenSource::Url { url, headers } => Proof::Url { url, headers },
        TokenSource::Aws => Proof::Aws(aws(environment)?),
    };
    Ok(Workload { provider: file.provider, proof, pointer: file.pointer })
}

fn read(path: PathBuf) -> Result<SecretString, String> {
    fs_err::read_to_string(path).map(SecretString::from).map_err(|error| error.to_string())
}

/// The machine as AWS's own variables describe it.
pub(crate) fn aws(environment: &Environment) -> Result<AwsMachine, CliError> {
    let given = |name: &str| environment.given(name).map(str::to_owned);
    let credentials = match (given("AWS_ACCESS_KEY_ID"), given("AWS_SECRET_ACCESS_KEY")) {
        (Some(access_key_id), Some(secret)) => Some(AwsCredentials {
            access_key_id,
            secret_access_key: secret.into(),
            session_token: given("AWS_SESSION_TOKEN").map(SecretString::from),
        }),
        _ => None,
    };
    let region = given("AWS_REGION").or(given("AWS_DEFAULT_REGION"));
    let mut machine = AwsMachine::new(credentials, region, chance::aws_date);
    if let Some(address) = given(METADATA) {
        machine.metadata = Url::parse(&address).map_err(|error| {
            CliError::usage(format!("{METADATA} is `{address}`, which is no address: {error}"))
        })?;
    }
    Ok(machine)
}

const METADATA: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
