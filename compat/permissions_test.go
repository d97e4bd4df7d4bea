package compat

import (
	"slices"
	"testing"
)

func TestAViewerReadsAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.complete("fp-1")
	b.createVersion("fp-open")
	build := b.createBuild("fp-open", "null.base")
	b.createChannel("production", "fp-1")
	viewer := b.as(owner.principal(t, "viewer", ""))

	equal(t, "bucket.name", viewer.get().Name, b.name)
	equal(t, "version.id", viewer.version("fp-1").ID, v.ID)
	equal(t, "channel", viewer.pointsAt("production"), "fp-1")

	no, s := permissionDenied, viewer.session
	refused(t, no, s, s.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: unique("bucket")}})
	refused(t, no, s, s.PackerServiceUpdateBucket, UpdateBucket{BucketName: b.name, Body: &BucketChanges{Description: "x"}})
	refused(t, no, s, s.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})
	refused(t, no, s, s.PackerServiceCreateVersion, CreateVersion{
		BucketName: b.name, Body: &NewVersion{Fingerprint: "fp-2", TemplateType: to(hcl2)},
	})
	refused(t, no, s, s.PackerServiceUpdateVersion, UpdateVersion{
		BucketName: b.name, Fingerprint: "fp-1", Body: &VersionChanges{RevokeIn: "0s"},
	})
	refused(t, no, s, s.PackerServiceDeleteVersion, DeleteVersion{BucketName: b.name, Fingerprint: "fp-open"})
	refused(t, no, s, s.PackerServiceCreateBuild, CreateBuild{
		BucketName: b.name, Fingerprint: "fp-open",
		Body: &NewBuild{ComponentType: "null.two", PackerRunUUID: runUUID, Status: to(buildUnset)},
	})
	refused(t, no, s, s.PackerServiceUpdateBuild, UpdateBuild{
		BucketName: b.name, Fingerprint: "fp-open", BuildID: build.ID, Body: &BuildChanges{Status: to(buildRunning)},
	})
	refused(t, no, s, s.PackerServiceDeleteBuild, DeleteBuild{BucketName: b.name, Fingerprint: "fp-open", BuildID: build.ID})
	refused(t, no, s, s.PackerServiceUploadSbom, UploadSbom{
		BucketName: b.name, Fingerprint: "fp-open", BuildID: build.ID,
		Body: &NewSbom{Name: "syft", Format: to(cycloneDX), CompressedSbom: compressed(t, cycloneDXDocument("a", "1"))},
	})
	refused(t, no, s, s.PackerServiceCreateChannel, CreateChannel{BucketName: b.name, Body: &NewChannel{Name: "staging"}})
	refused(t, no, s, s.PackerServiceUpdateChannel, UpdateChannel{
		BucketName: b.name, ChannelName: "production", Body: &ChannelChanges{UpdateMask: "versionFingerprint"},
	})
	refused(t, no, s, s.PackerServiceDeleteChannel, DeleteChannel{BucketName: b.name, ChannelName: "production"})
	refused(t, no, s, s.PackerServiceUpdateRegistry, UpdateRegistry{
		Body: &RegistryChanges{UpdateMask: "featureTier", FeatureTier: to(standard)}, // harmless if accepted
	})
	equal(t, "status of the version", word(b.version("fp-1").Status), "VERSION_ACTIVE")
}

func TestARestrictedChannelIsHiddenFromViewers(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.createChannel("production", "fp-1")
	b.createChannel("secret", "fp-1")
	b.changeChannel("secret", ChannelChanges{UpdateMask: "restricted", Restricted: true})
	b.changeChannel("latest", ChannelChanges{UpdateMask: "restricted", Restricted: false})

	viewer := b.as(owner.principal(t, "viewer", ""))
	refused(t, notFound, viewer.session, viewer.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "secret"})
	equal(t, "channels a viewer sees", viewer.channelNames(), []string{"latest", "production"})

	contributor := b.as(owner.principal(t, "contributor", ""))
	equal(t, "channel", contributor.pointsAt("secret"), "fp-1")
	equal(t, "channels a contributor sees", contributor.channelNames(), []string{"latest", "production", "secret"})
}

func TestAContributorPublishesButDoesNotDelete(t *testing.T) {
	t.Parallel()
	contributor := owner.principal(t, "contributor", "")
	b := contributor.newBucket(t)
	equal(t, "name", b.complete("fp-1").Name, "v1")
	b.createChannel("production", "fp-1")
	refused(t, permissionDenied, contributor, contributor.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})
	refused(t, permissionDenied, contributor, contributor.PackerServiceUpdateRegistry, UpdateRegistry{
		Body: &RegistryChanges{UpdateMask: "featureTier", FeatureTier: to(standard)}, // harmless if accepted
	})
	refused(t, permissionDenied, contributor, contributor.PackerServiceDeleteRegistry, DeleteRegistry{})
}

func TestABucketsContributorPublishesThere(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	other := newBucket(t)
	contributor := b.as(owner.principal(t, "contributor", b.name))

	// What packer does in a build: the bucket exists, so it is read and updated, never created.
	contributor.get()
	must(t, contributor.session, contributor.PackerServiceUpdateBucket, UpdateBucket{BucketName: b.name, Body: &BucketChanges{}})
	equal(t, "name", contributor.complete("fp-1").Name, "v1")

	refused(t, permissionDenied, contributor.session, contributor.PackerServiceCreateBucket, CreateBucket{
		Body: &NewBucket{Name: unique("bucket")},
	})
	// Not code 5, which would send packer on to create the bucket.
	refused(t, permissionDenied, contributor.session, contributor.PackerServiceGetBucket, GetBucket{BucketName: other.name})
	refused(t, permissionDenied, contributor.session, contributor.PackerServiceGetBucket, GetBucket{BucketName: unique("bucket")})
	listed := must(t, contributor.session, contributor.PackerServiceListBuckets, ListBuckets{})
	equal(t, "buckets it sees", bucketNames(listed.Buckets), []string{b.name})
}

func TestAPrincipalOfAnotherProjectSeesNothing(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	stranger := newProject(t).principal(t, "admin", "").in(owner.project)
	hidden := either{permissionDenied, notFound}
	refused(t, hidden, stranger, stranger.PackerServiceGetBucket, GetBucket{BucketName: b.name})
	refused(t, hidden, stranger, stranger.PackerServiceListBuckets, ListBuckets{})
	refused(t, hidden, stranger, stranger.PackerServiceGetRegistry, GetRegistry{})
}

func (b *bucket) channelNames() []string {
	b.t.Helper()
	names := []string{}
	for _, c := range must(b.t, b.session, b.PackerServiceListChannels, ListChannels{BucketName: b.name}).Channels {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}
