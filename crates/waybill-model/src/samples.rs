//! Ordinary values for tests, from which a test takes what does not matter to it.

use std::fmt;

use jiff::Timestamp;

use crate::{
    build::{Artifact, Build, BuildStatus},
    channel::Channel,
    ids::{BucketId, BuildId, ChannelId, Uid, VersionId},
    labels::Labels,
    version::{Revocation, RevocationKind, TemplateType, Version},
};

/// A moment, in seconds of a clock that begins at 1970.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a test uses small numbers")
}

/// Parses a constant.
pub(crate) fn parse<T: std::str::FromStr<Err: fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a test uses good names")
}

pub(crate) fn uid(n: u32) -> Uid {
    parse(&format!("{n:026}"))
}

/// Version `fp-ID`: open if `number` is 0, else complete under that number.
pub(crate) fn version(id: i64, number: u32) -> Version {
    Version {
        id: VersionId(id),
        uid: uid(1),
        bucket_id: BucketId(1),
        fingerprint: parse(&format!("fp-{id}")),
        number: (number != 0).then_some(number),
        template_type: TemplateType::Hcl2,
        author: "ci".to_owned(),
        created_at: at(0),
        updated_at: at(0),
        completed_at: (number != 0).then(|| at(1)),
        revocation: None,
        tally: crate::version::Tally { done: u32::from(number != 0), ..Default::default() },
        has_descendants: false,
        has_parents: false,
    }
}

pub(crate) fn revocation(second: i64) -> Revocation {
    Revocation {
        at: at(second),
        message: "old kernel".to_owned(),
        author: "eve".to_owned(),
        kind: RevocationKind::Manual,
        inheritable: true,
    }
}

/// Build `null.base` of version 1, which has said nothing yet.
pub(crate) fn build(status: BuildStatus) -> Build {
    Build {
        id: BuildId(1),
        uid: uid(7),
        version_id: VersionId(1),
        component_type: parse("null.base"),
        status,
        packer_run_uuid: String::new(),
        platform: String::new(),
        source_external_identifier: String::new(),
        parent_version_uid: String::new(),
        parent_channel_uid: String::new(),
        labels: Labels::default(),
        metadata: None,
        artifacts: Vec::new(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn artifact(external_identifier: &str, region: &str) -> Artifact {
    Artifact {
        uid: uid(8),
        external_identifier: external_identifier.to_owned(),
        region: region.to_owned(),
        created_at: at(0),
    }
}

/// An unassigned channel of bucket 1.
pub(crate) fn channel(name: &str) -> Channel {
    Channel {
        id: ChannelId(1),
        uid: uid(9),
        bucket_id: BucketId(1),
        name: parse(name),
        managed: name == "latest",
        restricted: false,
        version_id: None,
        author: "ci".to_owned(),
        created_at: at(0),
        updated_at: at(0),
    }
}
