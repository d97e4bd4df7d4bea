//! Aiming: requests about what is there, as most of them are in life.

use super::{
    operation::{Ask, At, Point, Revoke, Step, Word},
    world::{Version, World},
};

impl World {
    /// The step, about something that exists now if it is aimed and there is something.
    pub(crate) fn aimed(&self, step: &Step) -> Step {
        let mut step = step.clone();
        if let Ask::CreateBuild { says, .. } | Ask::UpdateBuild { says, .. } = &mut step.ask
            && let Some((parent, n)) = says.parent.as_mut().zip(says.parent_aim)
        {
            self.aim_version(n, parent, |_| true);
        }
        let Some(n) = step.aim else { return step };
        match &mut step.ask {
            Ask::ReadVersion { at } | Ask::DeleteVersion { at, .. } => self.aim_version(n, at, |_| true),
            Ask::Complete { at } => self.aim_version(n, at, |version| !version.is_complete()),
            Ask::Revoke(Revoke { at, .. }) => self.aim_version(n, at, |version| version.is_valid(self.now)),
            Ask::Restore { at } => self.aim_version(n, at, |version| version.revocation.is_some()),
            Ask::CreateBuild { at, .. } => self.aim_version(n, at, |version| !version.is_complete()),
            Ask::UpdateBuild { at, component, .. } | Ask::DeleteBuild { at, component } => {
                self.aim_build(n, at, component);
            }
            Ask::UpdateBucket { bucket, .. }
            | Ask::DeleteBucket { bucket }
            | Ask::ListChannels { bucket } => {
                self.aim_bucket(n, bucket);
            }
            Ask::Admit { bucket, .. } => self.aim_bucket(n, bucket),
            Ask::CreateChannel { bucket, fingerprint, .. } => {
                self.aim_bucket(n, bucket);
                if let Some(fingerprint) = fingerprint {
                    self.aim_fingerprint(n / 3, bucket, fingerprint);
                }
            }
            Ask::UpdateChannel { bucket, channel, point, .. } => {
                self.aim_channel(n, bucket, channel);
                if let Point::At(fingerprint) = point {
                    self.aim_fingerprint(n / 7, bucket, fingerprint);
                }
            }
            Ask::DeleteChannel { bucket, channel } | Ask::ReadChannel { bucket, channel } => {
                self.aim_channel(n, bucket, channel);
            }
            Ask::CopyChannel { bucket, to, .. } => self.aim_channel(n, bucket, to),
            Ask::CreateBucket { .. }
            | Ask::ListBuckets
            | Ask::CreateVersion { .. }
            | Ask::SetActive(_)
            | Ask::Dismiss { .. }
            | Ask::Wait { .. }
            | Ask::RunJobs => {}
        }
        step
    }

    fn aim_bucket(&self, n: usize, bucket: &mut Word) {
        aim(n, bucket, self.buckets.iter().map(|bucket| bucket.name));
    }

    fn aim_version(&self, n: usize, at: &mut At, is_meant: impl Fn(&Version) -> bool) {
        aim(n, at, self.places().filter(|(_, version)| is_meant(version)).map(|(at, _)| at));
    }

    fn aim_build(&self, n: usize, at: &mut At, component: &mut Word) {
        let open = self.places().filter(|(_, version)| !version.is_complete());
        let builds =
            open.flat_map(|(at, version)| version.builds.iter().map(move |build| (at, build.says.component)));
        let mut target = (*at, *component);
        aim(n, &mut target, builds);
        (*at, *component) = target;
    }

    fn aim_channel(&self, n: usize, bucket: &mut Word, channel: &mut Word) {
        let mut target = (*bucket, *channel);
        let all = self.buckets.iter().flat_map(|bucket| {
            let own = bucket.channels.iter().filter(|channel| !channel.is_managed());
            own.map(|channel| (bucket.name, channel.name))
        });
        aim(n, &mut target, all);
        (*bucket, *channel) = target;
    }

    fn aim_fingerprint(&self, n: usize, bucket: Word, fingerprint: &mut Word) {
        let here = self.places().filter(|(at, version)| at.bucket == bucket && version.is_complete());
        aim(n, fingerprint, here.map(|(at, _)| at.fingerprint));
    }

    fn places(&self) -> impl Iterator<Item = (At, &Version)> {
        self.buckets.iter().flat_map(|bucket| {
            let at = |version: &Version| At { bucket: bucket.name, fingerprint: version.fingerprint };
            bucket.versions.iter().map(move |version| (at(version), version))
        })
    }
}

fn aim<T>(n: usize, target: &mut T, existing: impl Iterator<Item = T>) {
    let mut existing: Vec<T> = existing.collect();
    if !existing.is_empty() {
        *target = existing.swap_remove(n % existing.len());
    }
}
