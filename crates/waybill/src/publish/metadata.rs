//! The circumstances of a build, as they are stored with it.

use serde_json::{Value, json};
use waybill_api::hcp::BuildMetadata;

use super::{ci, git::Repository};
use crate::environment::Environment;

/// The metadata of a build that is published from here: what packer says about its own, as far as it applies.
pub(crate) fn gather(environment: &Environment, repository: Option<&Repository>) -> BuildMetadata {
    let metadata = json!({
        "packer": {
            "version": concat!("waybill ", env!("CARGO_PKG_VERSION")),
            "plugins": null,
            "os": operating_system(),
        },
        "vcs": repository.map(Repository::metadata),
        "cicd": ci::metadata(environment),
    });
    BuildMetadata::from_json(metadata.to_string()).expect("three objects or nulls, as above")
}

/// The system by the names that Go programs use, since builds of packer stand beside ours.
fn operating_system() -> Value {
    let kind = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    json!({ "type": kind, "details": { "arch": arch, "version": kernel_release() } })
}

/// The kernel's release; empty where there is no such thing.
fn kernel_release() -> String {
    fs_err::read_to_string("/proc/sys/kernel/osrelease")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_git_and_ci_there_are_nulls() {
        let gathered = gather(&Environment::default(), None);
        let value: Value = serde_json::from_str(gathered.as_str()).expect("JSON");
        assert_eq!(value["vcs"], Value::Null);
        assert_eq!(value["cicd"], Value::Null);
        assert_eq!(value["packer"]["plugins"], Value::Null);
        assert!(value["packer"]["os"]["details"]["arch"].is_string());
    }
}
