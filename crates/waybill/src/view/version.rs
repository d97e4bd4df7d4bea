//! Versions with their builds and artifacts.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::value::RawValue;
use waybill_api::{
    hcp::{self, BuildStatus, RevocationType, TemplateType},
    time::DateTime,
};

use super::{given, word};
use crate::{
    printer::View,
    table::{Table, moment, pairs},
};

/// `version list`.
#[derive(Serialize)]
pub(crate) struct Versions {
    pub(crate) versions: Vec<Version>,
}

/// `version show`, and what a channel points to.
#[derive(Serialize)]
pub(crate) struct Version {
    /// `v0` while incomplete.
    name: String,
    fingerprint: String,
    id: String,
    bucket: String,
    status: String,
    complete: bool,
    template_type: Option<String>,
    author: String,
    has_descendants: bool,
    parents_status: Option<String>,
    revocation: Option<Revocation>,
    builds: Vec<Build>,
    created_at: DateTime,
    updated_at: DateTime,
}

/// A version in few words.
#[derive(Serialize)]
pub(crate) struct VersionReference {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    status: String,
}

#[derive(Serialize)]
struct Revocation {
    /// In the future: scheduled.
    at: DateTime,
    message: Option<String>,
    author: Option<String>,
    /// `manual` or `inherited`.
    kind: String,
    inherited_from: Option<Ancestor>,
}

#[derive(Serialize)]
struct Ancestor {
    bucket: String,
    version: String,
    fingerprint: String,
}

#[derive(Serialize)]
struct Build {
    component: String,
    id: String,
    status: String,
    platform: Option<String>,
    source_external_identifier: Option<String>,
    run_uuid: Option<String>,
    labels: BTreeMap<String, String>,
    artifacts: Vec<Artifact>,
    /// As it was published; null in lists.
    metadata: Option<Box<RawValue>>,
    created_at: DateTime,
    updated_at: DateTime,
}

#[derive(Serialize)]
struct Artifact {
    external_identifier: String,
    region: Option<String>,
    id: String,
    created_at: DateTime,
}

/// The name that a version has until it is complete.
pub(crate) const INCOMPLETE: &str = "v0";

impl From<hcp::Version> for Version {
    fn from(version: hcp::Version) -> Self {
        let template_type = Some(version.template_type).filter(|&kind| kind != TemplateType::Unset);
        Self {
            status: word(version.status.as_str(), "VERSION_"),
            complete: version.name != INCOMPLETE,
            template_type: template_type.map(|kind| word(kind.as_str(), "")),
            revocation: Revocation::of(&version),
            name: version.name,
            fingerprint: version.fingerprint,
            id: version.id,
            bucket: version.bucket_name,
            author: version.author_id,
            has_descendants: version.has_descendants,
            parents_status: version.parents.map(|parents| word(parents.status.as_str(), "")),
            builds: version.builds.into_iter().map(Build::from).collect(),
            created_at: version.created_at,
            updated_at: version.updated_at,
        }
    }
}

impl VersionReference {
    /// None for the empty version that some answers hold instead of none.
    pub(crate) fn of(version: &hcp::Version) -> Option<Self> {
        (!version.fingerprint.is_empty()).then(|| Self {
            name: version.name.clone(),
            fingerprint: version.fingerprint.clone(),
            status: word(version.status.as_str(), "VERSION_"),
        })
    }
}

/// `v3 (01J…, active)`.
impl fmt::Display for VersionReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.fingerprint, self.status)
    }
}

impl Revocation {
    fn of(version: &hcp::Version) -> Option<Self> {
        let at = version.revoke_at?;
        let kind = version.revocation_type;
        Some(Self {
            at,
            message: given(version.revocation_message.clone()),
            author: given(version.revocation_author.clone()),
            kind: word(if kind == RevocationType::Unset { "MANUAL" } else { kind.as_str() }, ""),
            inherited_from: version.revocation_inherited_from.clone().map(|ancestor| Ancestor {
                bucket: ancestor.bucket_name,
                version: ancestor.version_name,
                fingerprint: ancestor.version_fingerprint,
            }),
        })
    }

    fn text(&self) -> String {
        let author = self.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
        let ancestor = self.inherited_from.as_ref();
        let ancestor = ancestor
            .map(|Ancestor { bucket, version, .. }| format!(", inherited from {version} of {bucket}"))
            .unwrap_or_default();
        let message = self.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        format!("{}{author}{ancestor}{message}", moment(self.at))
    }
}

impl From<hcp::Build> for Build {
    fn from(build: hcp::Build) -> Self {
        let metadata =
            build.metadata.and_then(|metadata| RawValue::from_string(metadata.as_str().to_owned()).ok());
        Self {
            component: build.component_type,
            id: build.id,
            status: build_status(build.status),
            platform: given(build.platform),
            source_external_identifier: given(build.source_external_identifier),
            run_uuid: given(build.packer_run_uuid),
            labels: build.labels,
            artifacts: build.artifacts.into_iter().map(Artifact::from).collect(),
            metadata,
            created_at: build.created_at,
            updated_at: build.updated_at,
        }
    }
}

impl From<hcp::Artifact> for Artifact {
    fn from(artifact: hcp::Artifact) -> Self {
        Self {
            external_identifier: artifact.external_identifier,
            region: given(artifact.region),
            id: artifact.id,
            created_at: artifact.created_at,
        }
    }
}

/// The word for a build's status.
pub(super) fn build_status(status: BuildStatus) -> String {
    word(status.as_str(), "BUILD_")
}

impl View for Versions {
    fn text(&self) -> String {
        let mut table = Table::new(["VERSION", "FINGERPRINT", "STATUS", "BUILDS", "AUTHOR", "CREATED"]);
        for version in &self.versions {
            let done = version.builds.iter().filter(|build| build.status == "done").count();
            table.row([
                &version.name,
                &version.fingerprint,
                &version.status,
                &format!("{done}/{}", version.builds.len()),
                &version.author,
                &moment(version.created_at),
            ]);
        }
        table.text()
    }
}

impl View for Version {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("bucket", &self.bucket);
        fields.field("version", &self.name);
        fields.field("fingerprint", &self.fingerprint);
        fields.field("status", &self.status);
        let revocation = self.revocation.as_ref().map(Revocation::text);
        fields.field("revocation", revocation.as_deref().unwrap_or_default());
        fields.field("template", self.template_type.as_deref().unwrap_or_default());
        fields.field("parents", self.parents_status.as_deref().unwrap_or_default());
        fields.field("descendants", if self.has_descendants { "yes" } else { "" });
        fields.field("author", &self.author);
        fields.field("created", &moment(self.created_at));
        fields.field("updated", &moment(self.updated_at));
        format!("{}{}", fields.text(), self.builds_text())
    }
}

impl Version {
    /// Tables of builds and artifacts, each after an empty line.
    pub(super) fn builds_text(&self) -> String {
        if self.builds.is_empty() {
            return String::new();
        }
        let mut builds = Table::new(["BUILD", "STATUS", "PLATFORM", "SOURCE", "LABELS"]);
        let mut artifacts = Table::new(["ARTIFACT", "REGION", "BUILD"]);
        for build in &self.builds {
            builds.row([
                &build.component,
                &build.status,
                build.platform.as_deref().unwrap_or_default(),
                build.source_external_identifier.as_deref().unwrap_or_default(),
                &pairs(&build.labels),
            ]);
            for artifact in &build.artifacts {
                let region = artifact.region.as_deref().unwrap_or_default();
                artifacts.row([&artifact.external_identifier, region, &build.component]);
            }
        }
        if self.builds.iter().all(|build| build.artifacts.is_empty()) {
            return format!("\n{}", builds.text());
        }
        format!("\n{}\n{}", builds.text(), artifacts.text())
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn version() -> Version {
        let wire: hcp::Version = serde_json::from_value(json!({
            "id": "01J0", "bucket_name": "ubuntu", "name": "v3", "fingerprint": "f3",
            "status": "VERSION_REVOKED", "template_type": "HCL2", "author_id": "ci", "has_descendants": true,
            "parents": {"href": "/x", "status": "UP_TO_DATE"},
            "revoke_at": "2026-11-25T10:00:00Z", "revocation_message": "broken\u{1b}[0m",
            "revocation_author": "ada", "revocation_type": "INHERITED",
            "revocation_inherited_from":
                {"bucket_name": "base", "version_name": "v1", "version_fingerprint": "f1"},
            "created_at": "2026-11-24T10:00:00.5Z", "updated_at": "2026-11-24T10:01:00Z",
            "builds": [
                {"id": "01J1", "component_type": "amazon-ebs.base", "status": "BUILD_DONE", "platform": "aws",
                 "source_external_identifier": "ami-0", "labels": {"os": "ubuntu"}, "metadata": {"vcs": null},
                 "artifacts": [{"id": "01J2", "external_identifier": "ami-1", "region": "eu-1",
                                "created_at": "2026-11-24T10:01:00Z"}],
                 "created_at": "2026-11-24T10:00:01Z", "updated_at": "2026-11-24T10:01:00Z"},
                {"id": "01J3", "component_type": "docker.base", "status": "BUILD_UNSET"}
            ]
        }))
        .expect("a version");
        wire.into()
    }

    #[test]
    fn a_version_for_people() {
        assert_snapshot!(version().text(), @r"
        bucket       ubuntu
        version      v3
        fingerprint  f3
        status       revoked
        revocation   2026-11-25 10:00:00Z by ada, inherited from v1 of base: broken\u{1b}[0m
        template     hcl2
        parents      up_to_date
        descendants  yes
        author       ci
        created      2026-11-24 10:00:00Z
        updated      2026-11-24 10:01:00Z

        BUILD            STATUS  PLATFORM  SOURCE  LABELS
        amazon-ebs.base  done    aws       ami-0   os=ubuntu
        docker.base      unset   -         -       -

        ARTIFACT  REGION  BUILD
        ami-1     eu-1    amazon-ebs.base
        ");
    }

    #[test]
    fn a_version_for_programs() {
        let text = serde_json::to_string_pretty(&version()).expect("JSON");
        assert_snapshot!(text, @r#"
        {
          "name": "v3",
          "fingerprint": "f3",
          "id": "01J0",
          "bucket": "ubuntu",
          "status": "revoked",
          "complete": true,
          "template_type": "hcl2",
          "author": "ci",
          "has_descendants": true,
          "parents_status": "up_to_date",
          "revocation": {
            "at": "2026-11-25T10:00:00.000000Z",
            "message": "broken\u001b[0m",
            "author": "ada",
            "kind": "inherited",
            "inherited_from": {
              "bucket": "base",
              "version": "v1",
              "fingerprint": "f1"
            }
          },
          "builds": [
            {
              "component": "amazon-ebs.base",
              "id": "01J1",
              "status": "done",
              "platform": "aws",
              "source_external_identifier": "ami-0",
              "run_uuid": null,
              "labels": {
                "os": "ubuntu"
              },
              "artifacts": [
                {
                  "external_identifier": "ami-1",
                  "region": "eu-1",
                  "id": "01J2",
                  "created_at": "2026-11-24T10:01:00.000000Z"
                }
              ],
              "metadata": {"vcs":null},
              "created_at": "2026-11-24T10:00:01.000000Z",
              "updated_at": "2026-11-24T10:01:00.000000Z"
            },
            {
              "component": "docker.base",
              "id": "01J3",
              "status": "unset",
              "platform": null,
              "source_external_identifier": null,
              "run_uuid": null,
              "labels": {},
              "artifacts": [],
              "metadata": null,
              "created_at": "1970-01-01T00:00:00.000000Z",
              "updated_at": "1970-01-01T00:00:00.000000Z"
            }
          ],
          "created_at": "2026-11-24T10:00:00.500000Z",
          "updated_at": "2026-11-24T10:01:00.000000Z"
        }
        "#);
    }

    #[test]
    fn versions_in_a_list() {
        assert_snapshot!(Versions { versions: vec![version()] }.text(), @r"
        VERSION  FINGERPRINT  STATUS   BUILDS  AUTHOR  CREATED
        v3       f3           revoked  1/2     ci      2026-11-24 10:00:00Z
        ");
    }

    #[test]
    fn an_empty_version_is_none() {
        assert!(VersionReference::of(&hcp::Version::default()).is_none());
    }
}
