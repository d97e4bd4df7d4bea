//! Buckets.

use std::collections::BTreeMap;

use serde::Serialize;
use waybill_api::{hcp, time::DateTime};

use super::{VersionReference, given, word};
use crate::{
    printer::View,
    table::{Table, moment, pairs},
};

/// `bucket list`.
#[derive(Serialize)]
pub(crate) struct Buckets {
    pub(crate) buckets: Vec<Bucket>,
}

/// `bucket show`.
#[derive(Serialize)]
pub(crate) struct Bucket {
    name: String,
    id: String,
    resource_name: String,
    description: Option<String>,
    labels: BTreeMap<String, String>,
    /// Of the latest complete version.
    platforms: Vec<String>,
    latest_version: Option<VersionReference>,
    version_count: i64,
    /// Whether what it was built from is the newest: `up_to_date`, `out_of_date`, `undetermined`; null
    /// without parents.
    parents_status: Option<String>,
    /// The same for what was built from it.
    children_status: Option<String>,
    created_at: DateTime,
    updated_at: DateTime,
}

impl From<hcp::Bucket> for Bucket {
    fn from(bucket: hcp::Bucket) -> Self {
        Self {
            name: bucket.name,
            id: bucket.id,
            resource_name: bucket.resource_name,
            description: given(bucket.description),
            labels: bucket.labels,
            platforms: bucket.platforms,
            latest_version: bucket.latest_version.and_then(|version| VersionReference::of(&version)),
            version_count: bucket.version_count,
            parents_status: bucket.parents.map(|parents| word(parents.status.as_str(), "")),
            children_status: bucket.children.map(|children| word(children.status.as_str(), "")),
            created_at: bucket.created_at,
            updated_at: bucket.updated_at,
        }
    }
}

impl View for Buckets {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "LATEST", "VERSIONS", "PLATFORMS", "UPDATED"]);
        for bucket in &self.buckets {
            let latest = bucket.latest_version.as_ref().map(|version| version.name.as_str());
            table.row([
                &bucket.name,
                latest.unwrap_or_default(),
                &bucket.version_count.to_string(),
                &bucket.platforms.join(", "),
                &moment(bucket.updated_at),
            ]);
        }
        table.text()
    }
}

impl View for Bucket {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.name);
        fields.field("description", self.description.as_deref().unwrap_or_default());
        fields.field("labels", &pairs(&self.labels));
        let latest = self.latest_version.as_ref().map(ToString::to_string);
        fields.field("latest", latest.as_deref().unwrap_or("none"));
        fields.field("versions", &self.version_count.to_string());
        fields.field("platforms", &self.platforms.join(", "));
        fields.field("parents", self.parents_status.as_deref().unwrap_or_default());
        fields.field("children", self.children_status.as_deref().unwrap_or_default());
        fields.field("created", &moment(self.created_at));
        fields.field("updated", &moment(self.updated_at));
        fields.text()
    }
}
