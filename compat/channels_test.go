package compat

import (
	"strings"
	"testing"
)

func TestAChannelIsCreatedOnce(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.complete("fp-1")
	create := func(body NewChannel) CreateChannel { return CreateChannel{BucketName: b.name, Body: &body} }

	empty := b.createChannel("staging", "")
	equal(t, "version of an unassigned channel", empty.Version, nil)
	equal(t, "restricted", empty.Restricted, false)

	restricted := must(t, b.session, b.PackerServiceCreateChannel, create(NewChannel{Name: "secret", Restricted: true})).Channel
	equal(t, "restricted", restricted.Restricted, true)

	created := b.createChannel("production", "fp-1")
	for what, c := range map[string]*Channel{"created channel": created, "read channel": b.channel("production")} {
		wantULID(t, what+".id", c.ID)
		equal(t, what+".id", c.ID, created.ID)
		equal(t, what+".name", c.Name, "production")
		equal(t, what+".bucket_name", c.BucketName, b.name)
		equal(t, what+".managed", c.Managed, false)
		equal(t, what+" has an author", c.AuthorID != "", true)
		wantRecent(t, what+".created_at", c.CreatedAt)
		wantRecent(t, what+".updated_at", c.UpdatedAt)
		wantWholeVersion(t, what, c.Version, v)
	}

	refused(t, alreadyExists, b.session, b.PackerServiceCreateChannel, create(NewChannel{Name: "production"}))
	refused(t, alreadyExists, b.session, b.PackerServiceCreateChannel, create(NewChannel{Name: "latest"}))
}

func TestChannelNames(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for _, name := range []string{"", "ab", strings.Repeat("a", 37), "with space", "under_score", "sla/sh", "naïve"} {
		refused(t, invalidArgument, b.session, b.PackerServiceCreateChannel, CreateChannel{
			BucketName: b.name, Body: &NewChannel{Name: name},
		})
	}
	// `assign` is also the last part of another operation's path.
	for _, name := range []string{"abc", "UPPER-1", strings.Repeat("a", 36), "assign"} {
		b.createChannel(name, "")
		equal(t, "name", b.channel(name).Name, name)
		b.changeChannel(name, ChannelChanges{UpdateMask: "restricted", Restricted: true})
		must(t, b.session, b.PackerServiceDeleteChannel, DeleteChannel{BucketName: b.name, ChannelName: name})
	}
}

func TestAnUnknownChannelIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	refused(t, notFound, b.session, b.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "production"})
	refused(t, notFound, b.session, b.PackerServiceUpdateChannel, UpdateChannel{
		BucketName: b.name, ChannelName: "production", Body: &ChannelChanges{UpdateMask: "restricted"},
	})
	refused(t, notFound, b.session, b.PackerServiceDeleteChannel, DeleteChannel{BucketName: b.name, ChannelName: "production"})
	refused(t, notFound, b.session, b.PackerServiceListChannelAssignmentHistory, ListChannelAssignmentHistory{
		BucketName: b.name, ChannelName: "production",
	})
}

func TestAllChannelsAreListedWithTheirVersions(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.complete("fp-1")
	b.createChannel("production", "fp-1")
	b.createChannel("staging", "")

	listed := map[string]*Channel{}
	for _, c := range must(t, b.session, b.PackerServiceListChannels, ListChannels{BucketName: b.name}).Channels {
		listed[c.Name] = c
	}
	equal(t, "number of channels", len(listed), 3)
	for _, name := range []string{"latest", "production", "staging"} {
		if listed[name] == nil {
			t.Fatalf("channel %s is not listed", name)
		}
		equal(t, "managed of "+name, listed[name].Managed, name == "latest")
	}
	wantWholeVersion(t, "latest", listed["latest"].Version, v)
	wantWholeVersion(t, "production", listed["production"].Version, v)
	equal(t, "version of staging", listed["staging"].Version, nil)
}

func TestAChannelChangesWhatTheMaskSays(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("production", "")
	for _, step := range []struct {
		changes        ChannelChanges
		wantVersion    string
		wantRestricted bool
	}{
		{ChannelChanges{UpdateMask: "versionFingerprint", VersionFingerprint: "fp-1", Restricted: true}, "fp-1", false},
		{ChannelChanges{UpdateMask: "restricted", VersionFingerprint: "fp-2", Restricted: true}, "fp-1", true},
		{ChannelChanges{UpdateMask: "version_fingerprint", VersionFingerprint: "fp-2"}, "fp-2", true},
		{ChannelChanges{UpdateMask: "restricted"}, "fp-2", false},
		{ChannelChanges{UpdateMask: "versionFingerprint,restricted", Restricted: true}, "", true},
		{ChannelChanges{UpdateMask: "versionFingerprint"}, "", true}, // nothing to take away is fine
		{ChannelChanges{UpdateMask: "restricted,versionFingerprint", VersionFingerprint: "fp-1"}, "fp-1", false},
	} {
		answer := b.changeChannel("production", step.changes)
		read := b.channel("production")
		for where, c := range map[string]*Channel{"the answer": answer, "the channel": read} {
			what := " in " + where + " after " + compact(step.changes)
			equal(t, "version"+what, fingerprintOf(c.Version), step.wantVersion)
			equal(t, "restricted"+what, c.Restricted, step.wantRestricted)
		}
	}
	for _, mask := range []string{"", "colour", "versionFingerprint,colour"} {
		refused(t, invalidArgument, b.session, b.PackerServiceUpdateChannel, UpdateChannel{
			BucketName: b.name, ChannelName: "production",
			Body: &ChannelChanges{UpdateMask: mask, VersionFingerprint: "fp-2"},
		})
	}
	equal(t, "version after the refusals", b.pointsAt("production"), "fp-1")
}

func TestAssigningDoesNotTouchTheVersion(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	before := b.complete("fp-1")
	b.createChannel("production", "")
	b.assign("production", "fp-1")
	equal(t, "updated_at of the version", b.version("fp-1").UpdatedAt, before.UpdatedAt)
}

func TestOnlyACompleteValidVersionIsAssigned(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-complete")
	b.createVersion("fp-incomplete")
	b.complete("fp-revoked")
	b.changeVersion("fp-revoked", VersionChanges{RevokeIn: "0s"})
	b.createChannel("production", "fp-complete")

	for _, c := range []struct {
		fingerprint string
		want        code
	}{
		{"fp-incomplete", failedPrecondition}, {"fp-revoked", failedPrecondition}, {"fp-unknown", notFound},
	} {
		messages := []string{
			refused(t, c.want, b.session, b.PackerServiceUpdateChannel, UpdateChannel{
				BucketName: b.name, ChannelName: "production",
				Body: &ChannelChanges{UpdateMask: "versionFingerprint", VersionFingerprint: c.fingerprint},
			}),
			refused(t, c.want, b.session, b.PackerServiceCreateChannel, CreateChannel{
				BucketName: b.name, Body: &NewChannel{Name: "new-channel", VersionFingerprint: c.fingerprint},
			}),
		}
		if c.want != notFound {
			continue
		}
		for _, message := range messages {
			if want := "version with fingerprint (fingerprint: fp-unknown) does not exist"; !strings.Contains(message, want) {
				t.Errorf("the message is %q, want %q in it, which clients' tests match", message, want)
			}
		}
	}
	equal(t, "version after the refusals", b.pointsAt("production"), "fp-complete")
	refused(t, notFound, b.session, b.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "new-channel"})
}

func TestTheManagedChannelIsOnlyRestricted(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	for _, changes := range []ChannelChanges{
		{UpdateMask: "versionFingerprint", VersionFingerprint: "fp-1"},
		{UpdateMask: "versionFingerprint"},
	} {
		refused(t, failedPrecondition, b.session, b.PackerServiceUpdateChannel, UpdateChannel{
			BucketName: b.name, ChannelName: "latest", Body: &changes,
		})
	}
	refused(t, failedPrecondition, b.session, b.PackerServiceDeleteChannel, DeleteChannel{BucketName: b.name, ChannelName: "latest"})
	equal(t, "latest", b.pointsAt("latest"), "fp-2")

	for _, restricted := range []bool{false, true} {
		answer := b.changeChannel("latest", ChannelChanges{UpdateMask: "restricted", Restricted: restricted})
		equal(t, "restricted", answer.Restricted, restricted)
		equal(t, "managed", answer.Managed, true)
		equal(t, "version", fingerprintOf(answer.Version), "fp-2")
	}
}

func TestADeletedChannelTakesItsHistoryAlong(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	first := b.createChannel("production", "fp-1")
	must(t, b.session, b.PackerServiceDeleteChannel, DeleteChannel{BucketName: b.name, ChannelName: "production"})
	refused(t, notFound, b.session, b.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "production"})
	refused(t, notFound, b.session, b.PackerServiceDeleteChannel, DeleteChannel{BucketName: b.name, ChannelName: "production"})

	second := b.createChannel("production", "")
	equal(t, "a new channel has the old id", second.ID == first.ID, false)
	equal(t, "its history", fingerprints(b.history("production")), []string{})
}

func TestAChannelHasAHistory(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("production", "fp-1")
	b.assign("production", "fp-2")
	b.assign("production", "fp-2") // the same again is no event
	b.changeChannel("production", ChannelChanges{UpdateMask: "restricted", Restricted: true})
	b.changeChannel("production", ChannelChanges{UpdateMask: "versionFingerprint"})
	b.assign("production", "fp-1")

	want := []string{"fp-1", "", "fp-2", "fp-1"}
	request := ListChannelAssignmentHistory{BucketName: b.name, ChannelName: "production"}
	answer := must(t, b.session, b.PackerServiceListChannelAssignmentHistory, request)
	equal(t, "history", fingerprints(answer.History), want)
	equal(t, "count", answer.Count, int32(len(want)))
	for _, entry := range answer.History {
		equal(t, "the entry has an author", entry.AuthorID != "", true)
		wantRecent(t, "assigned_at", entry.AssignedAt)
	}

	request.PaginationPageSize = to[int64](3)
	found := []string{}
	for range len(want) {
		answer := must(t, b.session, b.PackerServiceListChannelAssignmentHistory, request)
		equal(t, "count on each page", answer.Count, int32(len(want)))
		found = append(found, fingerprints(answer.History)...)
		next := nextToken(answer.Pagination)
		if next == "" {
			break
		}
		request.PaginationNextPageToken = &next
	}
	equal(t, "history in pages", found, want)
	request.PaginationNextPageToken = to("nonsense")
	refused(t, invalidArgument, b.session, b.PackerServiceListChannelAssignmentHistory, request)
}

// wantWholeVersion checks that a version inside another answer is all that packer's data sources need.
func wantWholeVersion(t *testing.T, where string, got, want *Version) {
	t.Helper()
	if got == nil {
		t.Errorf("version in %s is absent, want %s", where, want.Fingerprint)
		return
	}
	equal(t, "version.id in "+where, got.ID, want.ID)
	equal(t, "version.name in "+where, got.Name, want.Name)
	equal(t, "version.fingerprint in "+where, got.Fingerprint, want.Fingerprint)
	equal(t, "version.status in "+where, word(got.Status), word(want.Status))
	equal(t, "version.bucket_name in "+where, got.BucketName, want.BucketName)
	equal(t, "number of builds in "+where, len(got.Builds), len(want.Builds))
	for i, build := range got.Builds {
		equal(t, "build.id in "+where, build.ID, want.Builds[i].ID)
		equal(t, "build.version_id in "+where, build.VersionID, want.ID)
		equal(t, "build.platform in "+where, build.Platform, want.Builds[i].Platform)
		equal(t, "build.artifacts in "+where, build.Artifacts, want.Builds[i].Artifacts)
	}
}
