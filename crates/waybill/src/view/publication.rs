//! What `publish` did.

use serde::Serialize;
use waybill_api::hcp;

use super::{VersionReference, version::build_status};
use crate::{printer::View, table::Table};

/// `publish`.
#[derive(Serialize)]
pub(crate) struct Publication {
    pub(crate) bucket: String,
    pub(crate) fingerprint: String,
    pub(crate) version: Option<VersionReference>,
    pub(crate) complete: bool,
    pub(crate) component: String,
    pub(crate) build_id: String,
    /// True when an earlier run had published this build already.
    pub(crate) already_published: bool,
    pub(crate) artifacts: Vec<PublishedArtifact>,
    pub(crate) sboms: Vec<PublishedSbom>,
    /// What an incomplete version still needs.
    pub(crate) waiting_for: Vec<WaitingFor>,
    pub(crate) channels: Vec<Assignment>,
}

#[derive(Serialize)]
pub(crate) struct PublishedArtifact {
    pub(crate) platform: String,
    pub(crate) region: Option<String>,
    pub(crate) external_identifier: String,
}

#[derive(Serialize)]
pub(crate) struct PublishedSbom {
    pub(crate) name: String,
    /// `cyclonedx` or `spdx`.
    pub(crate) format: String,
}

#[derive(Serialize)]
pub(crate) struct WaitingFor {
    component: String,
    status: String,
}

#[derive(Serialize)]
pub(crate) struct Assignment {
    pub(crate) channel: String,
    /// False while the version is incomplete.
    pub(crate) assigned: bool,
}

impl WaitingFor {
    pub(crate) fn of(build: &hcp::Build) -> Self {
        Self { component: build.component_type.clone(), status: build_status(build.status) }
    }
}

impl View for Publication {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("bucket", &self.bucket);
        let version = self.version.as_ref().map(ToString::to_string);
        fields.field("version", version.as_deref().unwrap_or(&self.fingerprint));
        fields.field("build", &self.component);
        for artifact in &self.artifacts {
            let region = artifact.region.as_deref().unwrap_or_default();
            let PublishedArtifact { platform, external_identifier, .. } = artifact;
            fields.field("artifact", &format!("{platform}:{region}:{external_identifier}"));
        }
        for sbom in &self.sboms {
            fields.field("sbom", &format!("{} ({})", sbom.name, sbom.format));
        }
        for open in &self.waiting_for {
            fields.field("waits for", &format!("{} ({})", open.component, open.status));
        }
        for Assignment { channel, assigned } in &self.channels {
            fields
                .field("channel", &if *assigned { channel.clone() } else { format!("{channel} (not yet)") });
        }
        fields.text()
    }
}
