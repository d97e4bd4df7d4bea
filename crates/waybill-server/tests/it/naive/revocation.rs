//! Completion, revocation, and where channels go.

use super::{
    operation::{Revoke, When, Who},
    world::{Code, DENIED, PRECONDITION, Revocation, VersionId, World},
};

/// Seconds ahead of us that count as now.
const TOLERANCE: i64 = 5;

impl World {
    /// Completes a version whose builds are all done.
    pub(crate) fn complete_if_done(&mut self, id: VersionId, author: &str) {
        let builds = &self.version(id).builds;
        if !builds.is_empty() && builds.iter().all(|build| build.says.status == "BUILD_DONE") {
            self.complete(id, author);
        }
    }

    fn complete(&mut self, id: VersionId, author: &str) {
        let bucket = self.bucket_of(id);
        self.buckets[bucket].last_number += 1;
        self.version_mut(id).number = Some(self.buckets[bucket].last_number);
        self.version_mut(id).revocation = self.inherited(id);
        self.follow(bucket, author);
    }

    /// By hand: what was not started is dropped, and everything else must be done.
    pub(crate) fn complete_by_hand(&mut self, who: Who, id: VersionId) -> Result<(), Code> {
        let version = self.version(id);
        if version.is_complete() {
            return if version.is_revoked(self.now) { Err(PRECONDITION) } else { Ok(()) };
        }
        let started: Vec<_> =
            version.builds.iter().filter(|build| build.says.status != "BUILD_UNSET").cloned().collect();
        if started.is_empty() || started.iter().any(|build| build.says.status != "BUILD_DONE") {
            return Err(PRECONDITION);
        }
        self.version_mut(id).builds = started;
        self.complete(id, &self.name_of(who));
        Ok(())
    }

    pub(crate) fn revoke(&mut self, who: Who, revoke: &Revoke) -> Result<VersionId, Code> {
        let id = self.enter_version(who, 2, revoke.at)?;
        let version = self.version(id);
        if !version.is_complete() || version.is_revoked(self.now) {
            return Err(PRECONDITION);
        }
        let (When::In(seconds) | When::At(seconds)) = revoke.when;
        let at_once = seconds <= TOLERANCE;
        if at_once && revoke.keep_channels && self.is_served(id) {
            return Err(PRECONDITION);
        }
        // Whoever has a role on this bucket only reaches no further than this bucket.
        let narrow = self.is_narrow(who);
        let bucket = self.bucket_of(id);
        if narrow
            && !revoke.alone
            && self.descendants(id).iter().any(|other| self.bucket_of(*other) != bucket)
        {
            return Err(DENIED);
        }
        // A schedule is replaced, with all that was inherited from it.
        let mut touched = self.lift(id);
        let revocation = Revocation {
            at: self.now + if at_once { seconds.min(0) } else { seconds },
            message: revoke.message,
            author: self.name_of(who),
            from: None,
            inheritable: !revoke.alone && !narrow,
            followed: at_once,
        };
        self.version_mut(id).revocation = Some(revocation.clone());
        let mut revoked = vec![id];
        for descendant in if revoke.alone { Vec::new() } else { self.descendants(id) } {
            let inherits = Revocation { from: Some(id), ..revocation.clone() };
            if wins(&inherits, self.version(descendant).revocation.as_ref()) {
                self.version_mut(descendant).revocation = Some(inherits);
                revoked.push(descendant);
            }
        }
        if at_once && !revoke.keep_channels {
            for id in &revoked {
                self.roll_back(*id, &self.name_of(who));
            }
        }
        touched.extend(revoked.into_iter().map(|id| self.bucket_of(id)));
        self.follow_all(touched, who);
        Ok(id)
    }

    pub(crate) fn restore(&mut self, who: Who, id: VersionId) -> Result<(), Code> {
        let version = self.version(id);
        // An ancestor that inherited from this version (they are each other's) comes back together with it.
        let is_held = self.ancestors(id).into_iter().map(|ancestor| self.version(ancestor)).any(|ancestor| {
            let from = ancestor.revocation.as_ref().and_then(|revocation| revocation.from);
            ancestor.is_revoked(self.now) && from != Some(id)
        });
        let is_own = version.revocation.as_ref().is_some_and(|revocation| revocation.from.is_none());
        if !version.is_complete() || !is_own || is_held {
            return Err(PRECONDITION);
        }
        let touched = self.lift(id);
        self.follow_all(touched, who);
        Ok(())
    }

    /// Takes a version's revocation away, and from all who inherited it; who has another revoked ancestor inherits
    /// from that. Tells which buckets saw a change.
    fn lift(&mut self, id: VersionId) -> Vec<usize> {
        let is_affected = |revocation: &Revocation| revocation.from == Some(id);
        let inheritors =
            self.versions().filter(|version| version.revocation.as_ref().is_some_and(is_affected));
        let mut affected: Vec<VersionId> = inheritors.map(|version| version.id).collect();
        affected.push(id);
        for id in &affected {
            self.version_mut(*id).revocation = None;
        }
        for id in &affected {
            self.version_mut(*id).revocation = self.inherited(*id);
        }
        affected.into_iter().map(|id| self.bucket_of(id)).collect()
    }

    /// What a version inherits from its ancestors as they are now.
    fn inherited(&self, id: VersionId) -> Option<Revocation> {
        let mut earliest: Option<Revocation> = None;
        for ancestor in self.ancestors(id) {
            let Some(revocation) = self.version(ancestor).revocation.clone() else { continue };
            if revocation.from.is_some() || !revocation.inheritable {
                continue;
            }
            let followed = revocation.at <= self.now;
            let candidate = Revocation { from: Some(ancestor), followed, ..revocation };
            if wins(&candidate, earliest.as_ref()) {
                earliest = Some(candidate);
            }
        }
        earliest
    }

    /// Whether a channel of people points at a version.
    pub(crate) fn is_served(&self, id: VersionId) -> bool {
        let channels = self.buckets.iter().flat_map(|bucket| &bucket.channels);
        channels.into_iter().any(|channel| !channel.is_managed() && channel.version == Some(id))
    }

    /// Moves the channels of people that point at a version to the newest valid version that they had before.
    pub(crate) fn roll_back(&mut self, leaving: VersionId, author: &str) {
        let bucket = self.bucket_of(leaving);
        for index in 0..self.buckets[bucket].channels.len() {
            let channel = &self.buckets[bucket].channels[index];
            if channel.is_managed() || channel.version != Some(leaving) {
                continue;
            }
            let had = channel.history.iter().filter_map(|(version, _)| *version).filter(|id| *id != leaving);
            let mut valid = had.filter(|id| self.find(*id).is_some_and(|version| version.is_valid(self.now)));
            let target = valid.next();
            self.buckets[bucket].channels[index].point(target, author);
        }
    }

    fn follow_all(&mut self, buckets: Vec<usize>, who: Who) {
        for bucket in buckets {
            self.follow(bucket, &self.name_of(who));
        }
    }

    /// Points `latest` at the newest valid version.
    pub(crate) fn follow(&mut self, bucket: usize, author: &str) {
        let now = self.now;
        let bucket = &mut self.buckets[bucket];
        let valid = bucket.versions.iter().filter(|version| version.is_valid(now));
        let newest = valid.max_by_key(|version| version.number).map(|version| version.id);
        bucket.channel_mut("latest").expect("every bucket has it").point(newest, author);
    }

    /// What the registry does by itself: revocations whose time has come, builds that went silent.
    pub(crate) fn run_jobs(&mut self) {
        let now = self.now;
        for bucket in 0..self.buckets.len() {
            let mut is_due = false;
            for version in &mut self.buckets[bucket].versions {
                if let Some(revocation) = &mut version.revocation {
                    is_due |= !revocation.followed && revocation.at <= now;
                    revocation.followed |= revocation.at <= now;
                }
                for build in &mut version.builds {
                    if build.says.status == "BUILD_RUNNING" && 600 < now - build.updated {
                        build.says.status = "BUILD_CANCELLED";
                        build.updated = now;
                    }
                }
            }
            if is_due {
                self.follow(bucket, "waybill");
            }
        }
    }
}

/// Whether an inherited revocation replaces what there is: an explicit one never, of inherited ones the earliest
/// stays.
fn wins(candidate: &Revocation, current: Option<&Revocation>) -> bool {
    current.is_none_or(|current| {
        current.from.is_some() && (candidate.at, candidate.from) < (current.at, current.from)
    })
}
