package compat

import (
	"testing"
	"time"

	"github.com/go-openapi/strfmt"
)

func TestRevokingNowRollsChannelsBack(t *testing.T) {
	t.Parallel()
	for what, changes := range map[string]VersionChanges{
		"in no time":        {RevokeIn: "0s", RevocationMessage: "has a backdoor"},
		"at this moment":    {RevokeAt: strfmt.DateTime(time.Now()), RevocationMessage: "has a backdoor"},
		"by a clock ahead":  {RevokeAt: strfmt.DateTime(time.Now().Add(2 * time.Second)), RevocationMessage: "has a backdoor"},
		"at a past instant": {RevokeAt: strfmt.DateTime(time.Now().Add(-time.Hour)), RevocationMessage: "has a backdoor"},
	} {
		b := newBucket(t)
		b.complete("fp-1")
		b.complete("fp-2")
		b.createChannel("production", "fp-1")
		b.assign("production", "fp-2")
		b.createChannel("first-time", "fp-2")
		b.createChannel("elsewhere", "fp-1")

		answer := b.changeVersion("fp-2", changes)
		wantDone(t, b.session, answer.Operation)
		for where, v := range map[string]*Version{"in the answer": answer.Version, "when read": b.version("fp-2")} {
			where = "revoked " + what + ", " + where
			equal(t, "status "+where, word(v.Status), "VERSION_REVOKED")
			equal(t, "revocation_message "+where, v.RevocationMessage, "has a backdoor")
			equal(t, "revocation_type "+where, word(v.RevocationType), "MANUAL")
			equal(t, "revocation_author is there "+where, v.RevocationAuthor != "", true)
			equal(t, "revoke_at is set "+where, isSet(v.RevokeAt), true)
			equal(t, "name "+where, v.Name, "v2")
		}
		equal(t, "channel with another version before, "+what, b.pointsAt("production"), "fp-1")
		equal(t, "its history, "+what, fingerprints(b.history("production")), []string{"fp-1", "fp-2", "fp-1"})
		equal(t, "channel with none before, "+what, b.pointsAt("first-time"), "")
		equal(t, "channel of another version, "+what, b.pointsAt("elsewhere"), "fp-1")
		equal(t, "its history, "+what, fingerprints(b.history("elsewhere")), []string{"fp-1"})
		equal(t, "latest, "+what, b.pointsAt("latest"), "fp-1")
		equal(t, "latest_version of the bucket, "+what, fingerprintOf(b.get().LatestVersion), "fp-1")
	}
}

func TestRevokingTheOnlyVersionLeavesNothingToUse(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.changeVersion("fp-1", VersionChanges{RevokeIn: "0s"})
	equal(t, "latest", b.pointsAt("latest"), "")
	equal(t, "latest_version of the bucket", fingerprintOf(b.get().LatestVersion), "")
	equal(t, "name of the next version", b.complete("fp-2").Name, "v2")
}

func TestAnAssignedVersionIsNotRevokedWithoutRollback(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.createChannel("production", "fp-1")
	revoke := UpdateVersion{
		BucketName: b.name, Fingerprint: "fp-1", Body: &VersionChanges{RevokeIn: "0s", DisableRollbackChannels: true},
	}
	refused(t, failedPrecondition, b.session, b.PackerServiceUpdateVersion, revoke)
	equal(t, "status after the refusal", word(b.version("fp-1").Status), "VERSION_ACTIVE")

	b.changeChannel("production", ChannelChanges{UpdateMask: "versionFingerprint"})
	must(t, b.session, b.PackerServiceUpdateVersion, revoke)
	equal(t, "status", word(b.version("fp-1").Status), "VERSION_REVOKED")
}

func TestARevokedVersionIsOnlyRestored(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("production", "fp-1")
	b.assign("production", "fp-2")
	b.changeVersion("fp-2", VersionChanges{RevokeIn: "0s", RevocationMessage: "a mistake"})

	for _, changes := range []VersionChanges{{Complete: true}, {RevokeIn: "30d"}, {RevokeIn: "0s"}} {
		refused(t, failedPrecondition, b.session, b.PackerServiceUpdateVersion, UpdateVersion{
			BucketName: b.name, Fingerprint: "fp-2", Body: &changes,
		})
	}
	refused(t, failedPrecondition, b.session, b.PackerServiceUpdateChannel, UpdateChannel{
		BucketName: b.name, ChannelName: "production",
		Body: &ChannelChanges{UpdateMask: "versionFingerprint", VersionFingerprint: "fp-2"},
	})

	v := b.changeVersion("fp-2", VersionChanges{Restore: true}).Version
	equal(t, "status", word(v.Status), "VERSION_ACTIVE")
	equal(t, "revoke_at is set", isSet(v.RevokeAt), false)
	equal(t, "revocation_message", v.RevocationMessage, "")
	equal(t, "channel, which is not put back", b.pointsAt("production"), "fp-1")
	equal(t, "latest", b.pointsAt("latest"), "fp-2")
	b.assign("production", "fp-2")
}

func TestAScheduledRevocationChangesNothingYet(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("production", "fp-2")

	v := b.changeVersion("fp-2", VersionChanges{RevokeIn: "30d", RevocationMessage: "end of support"}).Version
	equal(t, "status", word(v.Status), "VERSION_REVOCATION_SCHEDULED")
	equal(t, "revocation_message", v.RevocationMessage, "end of support")
	ahead := time.Until(time.Time(v.RevokeAt))
	equal(t, "revoke_at is 30 days ahead", ahead < 30*24*time.Hour+time.Minute && 30*24*time.Hour-time.Minute < ahead, true)
	equal(t, "channel", b.pointsAt("production"), "fp-2")
	equal(t, "latest", b.pointsAt("latest"), "fp-2")
	b.createChannel("another", "fp-2") // still assignable

	v = b.changeVersion("fp-2", VersionChanges{Restore: true}).Version
	equal(t, "status after cancelling", word(v.Status), "VERSION_ACTIVE")
	equal(t, "revoke_at is set after cancelling", isSet(v.RevokeAt), false)
	equal(t, "channel after cancelling", b.pointsAt("production"), "fp-2")

	at := strfmt.DateTime(time.Now().Add(2*time.Hour + 45*time.Minute).UTC().Truncate(time.Millisecond))
	v = b.changeVersion("fp-2", VersionChanges{RevokeAt: at}).Version
	equal(t, "status with revoke_at", word(v.Status), "VERSION_REVOCATION_SCHEDULED")
	equal(t, "revoke_at, to the millisecond", v.RevokeAt.String(), at.String())
}

func TestAScheduledRevocationComes(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("production", "fp-2")
	v := b.changeVersion("fp-2", VersionChanges{RevokeIn: "8s"}).Version
	equal(t, "status", word(v.Status), "VERSION_REVOCATION_SCHEDULED")

	eventually(t, "the version is revoked", func() (bool, string) {
		now := word(b.version("fp-2").Status)
		return now == "VERSION_REVOKED", now
	})
	eventually(t, "latest follows", func() (bool, string) {
		now := b.pointsAt("latest")
		return now == "fp-1", now
	})
	channel := b.channel("production")
	equal(t, "channel, which a schedule leaves alone", fingerprintOf(channel.Version), "fp-2")
	equal(t, "status of the channel's version", word(channel.Version.Status), "VERSION_REVOKED")
}

func TestAnUpdateHasOneIntent(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	soon := strfmt.DateTime(time.Now().Add(time.Hour))
	for _, changes := range []VersionChanges{
		{Complete: true, Restore: true},
		{Complete: true, RevokeIn: "0s"},
		{Restore: true, RevokeIn: "30d"},
		{Restore: true, RevokeAt: soon},
		{RevokeAt: soon, RevokeIn: "1h"},
		{RevokeIn: "soon"},
		{RevokeIn: "10"},
		{RevokeIn: "2h45"},
		{RevokeIn: "1w"},
	} {
		refused(t, invalidArgument, b.session, b.PackerServiceUpdateVersion, UpdateVersion{
			BucketName: b.name, Fingerprint: "fp-1", Body: &changes,
		})
	}
	equal(t, "status afterwards", word(b.version("fp-1").Status), "VERSION_ACTIVE")
}

func TestAnIncompleteVersionIsNotRevoked(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	for _, changes := range []VersionChanges{{RevokeIn: "0s"}, {RevokeIn: "30d"}} {
		refused(t, failedPrecondition, b.session, b.PackerServiceUpdateVersion, UpdateVersion{
			BucketName: b.name, Fingerprint: "fp-1", Body: &changes,
		})
	}
}

func TestDescendantsInheritARevocation(t *testing.T) {
	t.Parallel()
	parent, child, grandchild := newBucket(t), newBucket(t), newBucket(t)
	top := parent.complete("fp-top")
	middle := child.completeWith("fp-middle", doneFrom("ami-fp-top", top.ID, "", "ami-middle"))
	grandchild.completeWith("fp-leaf", doneFrom("ami-middle", middle.ID, "", "ami-leaf"))

	parent.changeVersion("fp-top", VersionChanges{RevokeIn: "0s", RevocationMessage: "bad kernel"})
	for _, c := range []struct {
		bucket      *bucket
		fingerprint string
	}{{child, "fp-middle"}, {grandchild, "fp-leaf"}} {
		eventually(t, c.fingerprint+" inherits", func() (bool, string) {
			now := word(c.bucket.version(c.fingerprint).Status)
			return now == "VERSION_REVOKED", now
		})
		v := c.bucket.version(c.fingerprint)
		equal(t, "revocation_type of "+c.fingerprint, word(v.RevocationType), "INHERITED")
		if v.RevocationInheritedFrom == nil {
			t.Fatalf("revocation_inherited_from of %s is absent", c.fingerprint)
		}
		equal(t, "ancestor's bucket", v.RevocationInheritedFrom.BucketName, parent.name)
		equal(t, "ancestor's fingerprint", v.RevocationInheritedFrom.VersionFingerprint, "fp-top")
		equal(t, "ancestor's version", v.RevocationInheritedFrom.VersionID, top.ID)
		equal(t, "latest of "+c.fingerprint, c.bucket.pointsAt("latest"), "")
	}

	refused(t, failedPrecondition, child.session, child.PackerServiceUpdateVersion, UpdateVersion{
		BucketName: child.name, Fingerprint: "fp-middle", Body: &VersionChanges{Restore: true},
	})

	parent.changeVersion("fp-top", VersionChanges{Restore: true})
	for _, c := range []struct {
		bucket      *bucket
		fingerprint string
	}{{child, "fp-middle"}, {grandchild, "fp-leaf"}} {
		eventually(t, c.fingerprint+" is restored", func() (bool, string) {
			now := word(c.bucket.version(c.fingerprint).Status)
			return now == "VERSION_ACTIVE", now
		})
	}
}

func TestDescendantsCanBeSpared(t *testing.T) {
	t.Parallel()
	parent, child := newBucket(t), newBucket(t)
	top := parent.complete("fp-top")
	child.completeWith("fp-child", doneFrom("ami-fp-top", top.ID, "", "ami-child"))

	parent.changeVersion("fp-top", VersionChanges{RevokeIn: "0s", SkipDescendantsRevocation: true})
	equal(t, "status of the parent", word(parent.version("fp-top").Status), "VERSION_REVOKED")
	equal(t, "status of the child", word(child.version("fp-child").Status), "VERSION_ACTIVE")
}

func TestAnExplicitRevocationOutlivesAnInheritedOne(t *testing.T) {
	t.Parallel()
	parent, child := newBucket(t), newBucket(t)
	top := parent.complete("fp-top")
	child.completeWith("fp-child", doneFrom("ami-fp-top", top.ID, "", "ami-child"))

	child.changeVersion("fp-child", VersionChanges{RevokeIn: "0s", RevocationMessage: "its own fault"})
	parent.changeVersion("fp-top", VersionChanges{RevokeIn: "0s", RevocationMessage: "bad kernel"})
	v := child.version("fp-child")
	equal(t, "revocation_type", word(v.RevocationType), "MANUAL")
	equal(t, "revocation_message", v.RevocationMessage, "its own fault")

	parent.changeVersion("fp-top", VersionChanges{Restore: true})
	equal(t, "status after the parent is back", word(child.version("fp-child").Status), "VERSION_REVOKED")
}
