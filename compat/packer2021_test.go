package compat

import (
	"testing"

	packer2021 "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2021-04-30/client/packer_service"
	models2021 "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2021-04-30/models"
)

// The two operations of the older API that packer's deprecated data sources still use.

func TestTheOlderAPIShowsTheSameChannel(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.complete("fp-1")
	c := b.createChannel("production", "fp-1")

	channel := must(t, b.session, b.packer2021.PackerServiceGetChannel, packer2021.PackerServiceGetChannelParams{
		BucketSlug: b.name, Slug: "production",
	}).Channel
	equal(t, "channel.id", channel.ID, c.ID)
	equal(t, "channel.slug", channel.Slug, "production")
	equal(t, "channel.bucket_slug", channel.BucketSlug, b.name)
	if channel.Pointer == nil || channel.Iteration == nil {
		t.Fatalf("channel.pointer or channel.iteration is absent: %s", compact(channel))
	}
	wantIteration(t, "channel.iteration", channel.Iteration, v)

	b.createChannel("staging", "")
	empty := must(t, b.session, b.packer2021.PackerServiceGetChannel, packer2021.PackerServiceGetChannelParams{
		BucketSlug: b.name, Slug: "staging",
	}).Channel
	equal(t, "iteration of an unassigned channel is absent", empty.Iteration == nil, true)

	refused(t, notFound, b.session, b.packer2021.PackerServiceGetChannel, packer2021.PackerServiceGetChannelParams{
		BucketSlug: b.name, Slug: "no-such-channel",
	})
}

func TestTheOlderAPIShowsTheSameVersion(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.complete("fp-1")
	open := b.createVersion("fp-2")
	for what, request := range map[string]packer2021.PackerServiceGetIterationParams{
		"by id":          {IterationID: &v.ID},
		"by fingerprint": {Fingerprint: to("fp-1")},
		"by number":      {IncrementalVersion: to[int32](1)},
	} {
		request.BucketSlug = b.name
		iteration := must(t, b.session, b.packer2021.PackerServiceGetIteration, request).Iteration
		wantIteration(t, "iteration "+what, iteration, v)
	}

	iteration := must(t, b.session, b.packer2021.PackerServiceGetIteration, packer2021.PackerServiceGetIterationParams{
		BucketSlug: b.name, IterationID: &open.ID,
	}).Iteration
	equal(t, "complete of an open iteration", iteration.Complete, false)
	equal(t, "incremental_version of an open iteration", iteration.IncrementalVersion, 0)

	b.changeVersion("fp-1", VersionChanges{RevokeIn: "0s"})
	iteration = must(t, b.session, b.packer2021.PackerServiceGetIteration, packer2021.PackerServiceGetIterationParams{
		BucketSlug: b.name, IterationID: &v.ID,
	}).Iteration
	equal(t, "revoke_at of a revoked iteration is set", isSet(iteration.RevokeAt), true)

	for what, c := range map[string]struct {
		request packer2021.PackerServiceGetIterationParams
		want    code
	}{
		"an unknown fingerprint": {packer2021.PackerServiceGetIterationParams{Fingerprint: to("fp-3")}, aborted},
		"an unknown id":          {packer2021.PackerServiceGetIterationParams{IterationID: to("01JG5YSPYCEK4TGHB8M2Z6XE7Q")}, notFound},
		"an unknown number":      {packer2021.PackerServiceGetIterationParams{IncrementalVersion: to[int32](9)}, notFound},
		"nothing":                {packer2021.PackerServiceGetIterationParams{}, invalidArgument},
		"two at once":            {packer2021.PackerServiceGetIterationParams{IterationID: &v.ID, Fingerprint: to("fp-1")}, invalidArgument},
	} {
		c.request.BucketSlug = b.name
		t.Run(what, func(t *testing.T) {
			refused(t, c.want, b.session, b.packer2021.PackerServiceGetIteration, c.request)
		})
	}
}

func wantIteration(t *testing.T, what string, got *models2021.HashicorpCloudPackerIteration, want *Version) {
	t.Helper()
	equal(t, what+".id", got.ID, want.ID)
	equal(t, what+".fingerprint", got.Fingerprint, want.Fingerprint)
	equal(t, what+".bucket_slug", got.BucketSlug, want.BucketName)
	equal(t, what+".complete", got.Complete, true)
	equal(t, what+".incremental_version", got.IncrementalVersion, 1)
	equal(t, what+".revoke_at is set", isSet(got.RevokeAt), false)
	equal(t, what+" has an author", got.AuthorID != "", true)
	equal(t, "number of builds in "+what, len(got.Builds), len(want.Builds))
	for i, build := range got.Builds {
		equal(t, what+".builds.id", build.ID, want.Builds[i].ID)
		equal(t, what+".builds.iteration_id", build.IterationID, want.ID)
		equal(t, what+".builds.cloud_provider", build.CloudProvider, want.Builds[i].Platform)
		equal(t, what+".builds.status", word(build.Status), "DONE")
		equal(t, "number of images in "+what, len(build.Images), len(want.Builds[i].Artifacts))
		for j, image := range build.Images {
			equal(t, what+".builds.images.id", image.ID, want.Builds[i].Artifacts[j].ID)
			equal(t, what+".builds.images.image_id", image.ImageID, want.Builds[i].Artifacts[j].ExternalIdentifier)
			equal(t, what+".builds.images.region", image.Region, want.Builds[i].Artifacts[j].Region)
		}
	}
}
