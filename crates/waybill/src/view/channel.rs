//! Channels and what they pointed to.

use serde::Serialize;
use waybill_api::{hcp, time::DateTime};

use super::{Version, VersionReference};
use crate::{
    printer::View,
    table::{Table, moment},
};

/// `channel list`.
#[derive(Serialize)]
pub(crate) struct Channels {
    pub(crate) channels: Vec<Channel>,
}

/// `channel show`, `create`, `assign`, `unassign`.
#[derive(Serialize)]
pub(crate) struct Channel {
    name: String,
    id: String,
    bucket: String,
    /// Moved by the registry itself.
    managed: bool,
    restricted: bool,
    /// With its builds and artifacts; null when unassigned.
    version: Option<Version>,
    /// The same in few words, for the text.
    #[serde(skip)]
    reference: Option<VersionReference>,
    author: String,
    created_at: DateTime,
    updated_at: DateTime,
}

/// `channel history`.
#[derive(Serialize)]
pub(crate) struct History {
    /// Newest first.
    pub(crate) history: Vec<Entry>,
}

#[derive(Serialize)]
pub(crate) struct Entry {
    /// Null where the channel was unassigned.
    version: Option<VersionReference>,
    author: String,
    assigned_at: DateTime,
}

impl From<hcp::Channel> for Channel {
    fn from(channel: hcp::Channel) -> Self {
        let reference = channel.version.as_ref().and_then(VersionReference::of);
        Self {
            name: channel.name,
            id: channel.id,
            bucket: channel.bucket_name,
            managed: channel.managed,
            restricted: channel.restricted,
            version: channel.version.filter(|_| reference.is_some()).map(Version::from),
            reference,
            author: channel.author_id,
            created_at: channel.created_at,
            updated_at: channel.updated_at,
        }
    }
}

impl From<hcp::ChannelAssignment> for Entry {
    fn from(assignment: hcp::ChannelAssignment) -> Self {
        Self {
            version: assignment.version.as_ref().and_then(VersionReference::of),
            author: assignment.author_id,
            assigned_at: assignment.assigned_at,
        }
    }
}

impl Channel {
    fn kind(&self) -> &'static str {
        match (self.managed, self.restricted) {
            (true, true) => "managed, restricted",
            (true, false) => "managed",
            (false, true) => "restricted",
            (false, false) => "",
        }
    }
}

impl View for Channels {
    fn text(&self) -> String {
        let mut table = Table::new(["CHANNEL", "VERSION", "FINGERPRINT", "KIND", "UPDATED"]);
        for channel in &self.channels {
            let version = channel.reference.as_ref();
            table.row([
                &channel.name,
                version.map(|version| version.name.as_str()).unwrap_or_default(),
                version.map(|version| version.fingerprint.as_str()).unwrap_or_default(),
                channel.kind(),
                &moment(channel.updated_at),
            ]);
        }
        table.text()
    }
}

impl View for Channel {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("bucket", &self.bucket);
        fields.field("channel", &self.name);
        fields.field("kind", self.kind());
        let version = self.reference.as_ref().map(ToString::to_string);
        fields.field("version", version.as_deref().unwrap_or("none"));
        fields.field("author", &self.author);
        fields.field("created", &moment(self.created_at));
        fields.field("updated", &moment(self.updated_at));
        format!("{}{}", fields.text(), self.version.as_ref().map(Version::builds_text).unwrap_or_default())
    }
}

impl View for History {
    fn text(&self) -> String {
        let mut table = Table::new(["ASSIGNED", "VERSION", "FINGERPRINT", "AUTHOR"]);
        for entry in &self.history {
            let version = entry.version.as_ref();
            table.row([
                &moment(entry.assigned_at),
                version.map(|version| version.name.as_str()).unwrap_or_default(),
                version.map(|version| version.fingerprint.as_str()).unwrap_or_default(),
                &entry.author,
            ]);
        }
        table.text()
    }
}
