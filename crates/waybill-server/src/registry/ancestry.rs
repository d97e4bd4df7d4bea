//! What a bucket was made from and what was made from it.

use std::collections::{BTreeSet, HashSet};

use waybill_model::{
    ancestry::AncestryStatus,
    names::{BucketName, ChannelName, Fingerprint},
    role::Permission,
};
use waybill_store::{ChildRow, ParentRow, Tx};

use crate::{
    api::error::ApiError,
    auth::Scope,
    registry::{versions, view::status_of},
};

/// Which relations are asked for.
#[derive(Clone, Debug, Default)]
pub struct AncestryQuery {
    pub parents: bool,
    pub children: bool,
    /// Only children that were made through this channel.
    pub channel: Option<ChannelName>,
    /// Whose parents; otherwise those of the latest version.
    pub fingerprint: Option<Fingerprint>,
}

/// One relation, both ends of it.
#[derive(Clone, Debug)]
pub struct Relation {
    pub child: End,
    pub parent: ParentRow,
    pub status: AncestryStatus,
}

/// The made end of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct End {
    pub bucket: String,
    pub version_uid: String,
    pub version_name: String,
    pub fingerprint: String,
}

/// Parents first, then children; each relation once, however many builds share it.
pub fn list(tx: &mut Tx<'_>, scope: &Scope, query: &AncestryQuery) -> Result<Vec<Relation>, ApiError> {
    let bucket = scope.bucket()?;
    let sight = Sight::of(tx, scope)?;
    let mut relations = Relations::default();
    if query.parents {
        let version = match &query.fingerprint {
            Some(fingerprint) => Some(versions::find(tx, scope, fingerprint)?),
            None => match tx.managed_channel(bucket)?.and_then(|latest| latest.version_id) {
                Some(latest) => tx.version_by_id(latest)?,
                None => None,
            },
        };
        if let Some(version) = version {
            let child = End {
                bucket: scope.bucket_name()?.to_string(),
                version_uid: version.uid.as_str().to_owned(),
                version_name: version.name(),
                fingerprint: version.fingerprint.to_string(),
            };
            for parent in tx.parents(version.id)? {
                relations.add(&sight, &parent.bucket.clone(), child.clone(), parent);
            }
        }
    }
    if query.children {
        for ChildRow { bucket, version_uid, fingerprint, version_number, parent } in tx.children(bucket)? {
            let through = parent.channel.as_ref().filter(|_| sight.reads(&parent)).map(|(_, name)| name);
            if query.channel.as_ref().is_some_and(|wanted| through != Some(wanted)) {
                continue;
            }
            let child = End {
                bucket: bucket.to_string(),
                version_uid,
                version_name: format!("v{version_number}"),
                fingerprint: fingerprint.to_string(),
            };
            relations.add(&sight, &bucket, child, parent);
        }
    }
    Ok(relations.all)
}

/// What of other buckets a caller sees.
struct Sight {
    /// The buckets the caller has a role on; `None` for whoever sees the whole project.
    buckets: Option<BTreeSet<BucketName>>,
    reads_restricted: bool,
}

impl Sight {
    fn of(tx: &mut Tx<'_>, scope: &Scope) -> Result<Self, ApiError> {
        let buckets = if scope.may(Permission::ListBuckets) {
            None
        } else {
            let own = tx.buckets_of_principal(scope.project()?, scope.principal)?;
            Some(own.into_iter().map(|bucket| bucket.name).collect())
        };
        Ok(Self { buckets, reads_restricted: scope.may_everywhere(Permission::ReadRestrictedChannel) })
    }

    fn sees(&self, bucket: &BucketName) -> bool {
        self.buckets.as_ref().is_none_or(|own| own.contains(bucket))
    }

    /// Whether the channel that a relation is judged by may be shown.
    fn reads(&self, parent: &ParentRow) -> bool {
        !parent.restricted || self.reads_restricted
    }
}

/// Relations in the order they were added, each once.
#[derive(Default)]
struct Relations {
    all: Vec<Relation>,
    known: HashSet<(End, ParentRow)>,
}

impl Relations {
    /// Adds a relation, as far as the caller sees it: not at all if the other end is in a bucket of others, and
    /// without the channel if that is restricted.
    fn add(&mut self, sight: &Sight, other_end: &BucketName, child: End, mut parent: ParentRow) {
        if !sight.sees(other_end) {
            return;
        }
        if !sight.reads(&parent) {
            parent.channel = None;
            parent.current = None;
        }
        if self.known.insert((child.clone(), parent.clone())) {
            self.all.push(Relation { status: status_of(&parent), child, parent });
        }
    }
}
