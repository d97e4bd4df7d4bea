//go:build newest

package compat

import (
	"fmt"
	"slices"
	"testing"

	packer "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/client/packer_service"
	models "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/models"
)

// What only the newest release of the SDK can ask.

func TestAChannelTakesTheVersionOfAnother(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("staging", "fp-2")
	b.createChannel("production", "fp-1")
	b.createChannel("empty", "")
	assign := func(source, target string) packer.PackerServiceAssignChannelVersionParams {
		return packer.PackerServiceAssignChannelVersionParams{
			BucketName: b.name,
			Body:       &models.HashicorpCloudPacker20230101AssignChannelVersionBody{SourceChannel: source, TargetChannel: target},
		}
	}

	answer := must(t, b.session, b.PackerServiceAssignChannelVersion, assign("staging", "production"))
	equal(t, "fingerprint", answer.Fingerprint, "fp-2")
	equal(t, "version", fingerprintOf(answer.Version), "fp-2")
	equal(t, "source_channel.name", answer.SourceChannel.Name, "staging")
	equal(t, "target_channel.name", answer.TargetChannel.Name, "production")
	equal(t, "target_channel.version", fingerprintOf(answer.TargetChannel.Version), "fp-2")
	equal(t, "history", fingerprints(b.history("production")), []string{"fp-2", "fp-1"})

	must(t, b.session, b.PackerServiceAssignChannelVersion, assign("latest", "empty"))
	equal(t, "channel that took latest", b.pointsAt("empty"), "fp-2")

	b.createChannel("nothing", "")
	for _, c := range []struct {
		source, target string
		want           code
	}{
		{"no-such-channel", "production", notFound},
		{"staging", "no-such-channel", notFound},
		{"staging", "latest", failedPrecondition},
		{"nothing", "production", failedPrecondition},
	} {
		refused(t, c.want, b.session, b.PackerServiceAssignChannelVersion, assign(c.source, c.target))
	}
	equal(t, "channel after the refusals", b.pointsAt("production"), "fp-2")
}

func TestArtifactsAreFoundByTheirExternalIdentifier(t *testing.T) {
	t.Parallel()
	b, other := newBucket(t), newBucket(t)
	wanted := unique("ami")
	v := b.completeWith("fp-1", BuildChanges{
		Status: to(buildDone), PackerRunUUID: runUUID, Platform: "aws",
		Artifacts: []*NewArtifact{
			{ExternalIdentifier: wanted, Region: "eu-west-1"}, {ExternalIdentifier: wanted + "-longer", Region: "eu-west-1"},
		},
	})
	other.completeWith("fp-other", BuildChanges{
		Status: to(buildDone), PackerRunUUID: runUUID, Platform: "gcp",
		Artifacts: []*NewArtifact{{ExternalIdentifier: wanted, Region: "us-east-1"}},
	})
	b.changeVersion("fp-1", VersionChanges{RevokeIn: "0s"}) // found all the same

	for _, c := range []struct {
		identifier, platform, region string
		want                         []string
	}{
		{wanted, "", "", []string{b.name, other.name}},
		{wanted, "aws", "", []string{b.name}},
		{wanted, "", "us-east-1", []string{other.name}},
		{wanted, "gcp", "us-east-1", []string{other.name}},
		{wanted, "gcp", "eu-west-1", nil},
		{wanted[:len(wanted)-1], "", "", nil},
	} {
		found := []string{}
		for _, hit := range search(t, c.identifier, c.platform, c.region) {
			found = append(found, hit.Bucket.Name)
		}
		slices.Sort(found)
		want := append([]string{}, c.want...)
		slices.Sort(want)
		equal(t, fmt.Sprintf("buckets found by %q, %q, %q", c.identifier, c.platform, c.region), found, want)
	}

	hit := search(t, wanted, "aws", "")[0]
	equal(t, "version.id", hit.Version.ID, v.ID)
	equal(t, "version.fingerprint", hit.Version.Fingerprint, "fp-1")
	equal(t, "version.name", hit.Version.Name, "v1")
	equal(t, "version.status", word(hit.Version.Status), "VERSION_REVOKED")
	equal(t, "build.id", hit.Build.ID, v.Builds[0].ID)
	equal(t, "build.platform", hit.Build.Platform, "aws")
	wantULID(t, "bucket.id", hit.Bucket.ID)

	refused(t, invalidArgument, owner, owner.PackerServiceSearchExternalArtifact, searchRequest("", "aws", ""))
}

func TestFoundArtifactsComeInPages(t *testing.T) {
	t.Parallel()
	wanted := unique("ami")
	want := []string{}
	for range 3 {
		b := newBucket(t)
		b.completeWith("fp-1", done(wanted))
		want = append(want, b.name)
	}
	found := []string{}
	request := searchRequest(wanted, "", "")
	request.PaginationPageSize = to[int64](1)
	for range 10 {
		answer := must(t, owner, owner.PackerServiceSearchExternalArtifact, request)
		for _, hit := range answer.Artifacts {
			found = append(found, hit.Bucket.Name)
		}
		next := nextToken(answer.Pagination)
		if next == "" {
			break
		}
		request.PaginationNextPageToken = &next
	}
	slices.Sort(found)
	slices.Sort(want)
	equal(t, "buckets found", found, want)
	request.PaginationNextPageToken = to("nonsense")
	refused(t, invalidArgument, owner, owner.PackerServiceSearchExternalArtifact, request)
}

func searchRequest(identifier, platform, region string) packer.PackerServiceSearchExternalArtifactParams {
	return packer.PackerServiceSearchExternalArtifactParams{
		Body: &models.HashicorpCloudPacker20230101SearchExternalArtifactRequestBody{
			ExternalIdentifier: identifier, Platform: platform, Region: region,
		},
	}
}

func search(t *testing.T, identifier, platform, region string) []*models.HashicorpCloudPacker20230101ExternalArtifact {
	t.Helper()
	return must(t, owner, owner.PackerServiceSearchExternalArtifact, searchRequest(identifier, platform, region)).Artifacts
}

// Packer after 1.14.3 asks this in every build.
func TestNoBlocksAreEnforcedOnABucket(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	answer := must(t, b.session, b.PackerServiceGetEnforcedBlocksByBucket, packer.PackerServiceGetEnforcedBlocksByBucketParams{
		BucketName: b.name,
	})
	equal(t, "number of enforced blocks", len(answer.EnforcedBlockDetail), 0)
}
