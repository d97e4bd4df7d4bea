package compat

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

func TestABuildIsCreatedOncePerComponent(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.createVersion("fp-1")
	created := b.createBuild("fp-1", "amazon-ebs.base")
	for what, build := range map[string]*Build{"created build": created, "read build": b.build("fp-1", created.ID)} {
		wantULID(t, what+".id", build.ID)
		equal(t, what+".component_type", build.ComponentType, "amazon-ebs.base")
		equal(t, what+".status", word(build.Status), "BUILD_UNSET")
		equal(t, what+".version_id", build.VersionID, v.ID)
		equal(t, what+".packer_run_uuid", build.PackerRunUUID, runUUID)
		equal(t, what+" has artifacts", len(build.Artifacts), 0)
		wantRecent(t, what+".created_at", build.CreatedAt)
		wantRecent(t, what+".updated_at", build.UpdatedAt)
	}
	create := func(body NewBuild) CreateBuild {
		return CreateBuild{BucketName: b.name, Fingerprint: "fp-1", Body: &body}
	}
	refused(t, alreadyExists, b.session, b.PackerServiceCreateBuild, create(NewBuild{
		ComponentType: "amazon-ebs.base", PackerRunUUID: otherRunUUID, Status: to(buildUnset),
	}))
	refused(t, invalidArgument, b.session, b.PackerServiceCreateBuild, create(NewBuild{
		PackerRunUUID: runUUID, Status: to(buildUnset),
	}))

	running := must(t, b.session, b.PackerServiceCreateBuild, create(NewBuild{
		ComponentType: "docker.base", Status: to(buildRunning), Platform: "docker", PackerRunUUID: runUUID,
		SourceExternalIdentifier: "debian:13", Labels: map[string]string{"arch": "amd64"},
	})).Build
	equal(t, "status of a build that starts at once", word(running.Status), "BUILD_RUNNING")
	equal(t, "its platform", running.Platform, "docker")
	equal(t, "its source", running.SourceExternalIdentifier, "debian:13")
	equal(t, "its labels", running.Labels, map[string]string{"arch": "amd64"})

	refused(t, notFound, b.session, b.PackerServiceGetBuild, GetBuild{BucketName: b.name, Fingerprint: "fp-1", BuildID: v.ID})
	refused(t, notFound, b.session, b.PackerServiceUpdateBuild, UpdateBuild{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: v.ID, Body: &BuildChanges{Status: to(buildRunning)},
	})
}

// The Terraform provider cannot store a build without one.
func TestABuildAlwaysHasARunUUID(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	answer, err := call(b.session, b.PackerServiceCreateBuild, CreateBuild{
		BucketName: b.name, Fingerprint: "fp-1", Body: &NewBuild{ComponentType: "null.base", Status: to(buildRunning)},
	})
	if err != nil {
		wantCode(t, err, invalidArgument)
	} else if !uuid.MatchString(answer.Build.PackerRunUUID) {
		t.Errorf("packer_run_uuid is %q, want a UUID", answer.Build.PackerRunUUID)
	}
}

func TestBuildsOfOtherVersionsAreNotFound(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	b.createVersion("fp-2")
	build := b.createBuild("fp-1", "null.base")
	refused(t, notFound, b.session, b.PackerServiceGetBuild, GetBuild{BucketName: b.name, Fingerprint: "fp-2", BuildID: build.ID})
}

func TestBuildsAreListedOnOnePage(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	want := []string{}
	for i := range 100 {
		component := fmt.Sprintf("null.n%03d", i)
		want = append(want, component)
		b.createBuild("fp-1", component)
	}
	answer := must(t, b.session, b.PackerServiceListBuilds, ListBuilds{
		BucketName: b.name, Fingerprint: "fp-1", SortingOrderBy: []string{"component_type"},
	})
	equal(t, "components", components(answer.Builds), want)
	equal(t, "next token", nextToken(answer.Pagination), "")
	if answer.Location == nil {
		t.Error("location is absent")
	}
	equal(t, "builds without an order", len(b.builds("fp-1")), len(want))

	first := must(t, b.session, b.PackerServiceListBuilds, ListBuilds{
		BucketName: b.name, Fingerprint: "fp-1", SortingOrderBy: []string{"component_type"}, PaginationPageSize: to[int64](60),
	})
	second := must(t, b.session, b.PackerServiceListBuilds, ListBuilds{
		BucketName: b.name, Fingerprint: "fp-1", SortingOrderBy: []string{"component_type"}, PaginationPageSize: to[int64](60),
		PaginationNextPageToken: to(nextToken(first.Pagination)),
	})
	equal(t, "components of two pages", append(components(first.Builds), components(second.Builds)...), want)
}

func TestBuildTransitions(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	b.createBuild("fp-1", "null.guard") // stays UNSET, so that the version stays open
	open := []BuildStatus{buildRunning, buildDone, buildFailed, buildCancelled}
	for _, from := range []BuildStatus{buildUnset, buildRunning, buildFailed, buildCancelled} {
		for _, next := range open {
			build := b.createBuild("fp-1", fmt.Sprintf("null.%s-%s", from, next))
			if from != buildUnset {
				b.setStatus("fp-1", build.ID, from)
			}
			answer := b.setStatus("fp-1", build.ID, next)
			equal(t, fmt.Sprintf("status after %s and %s", from, next), word(answer.Status), string(next))
			equal(t, "status when read", word(b.build("fp-1", build.ID).Status), string(next))
		}
	}
}

func TestDoneIsFinal(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	b.createBuild("fp-1", "null.guard")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	last := done("ami-1", "ami-2")
	last.Labels = map[string]string{"a": "1"}
	b.changeBuild("fp-1", build.ID, last)

	other, label := done("ami-3"), done("ami-1", "ami-2")
	label.Labels = map[string]string{"a": "2"}
	for _, changes := range []BuildChanges{
		{Status: to(buildRunning), PackerRunUUID: runUUID},
		{Status: to(buildFailed), PackerRunUUID: runUUID},
		{Status: to(buildCancelled), PackerRunUUID: runUUID},
		other,
		label,
	} {
		refused(t, failedPrecondition, b.session, b.PackerServiceUpdateBuild, UpdateBuild{
			BucketName: b.name, Fingerprint: "fp-1", BuildID: build.ID, Body: &changes,
		})
	}
	before := b.build("fp-1", build.ID)
	repeated := b.changeBuild("fp-1", build.ID, last) // a client whose answer was lost
	equal(t, "the build after the same request again", repeated, before)
	equal(t, "external identifiers", externalIdentifiers(repeated), []string{"ami-1", "ami-2"})
}

func TestAHeartbeatChangesNothingElse(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	before := b.changeBuild("fp-1", build.ID, BuildChanges{
		Status: to(buildRunning), PackerRunUUID: runUUID, Platform: "aws", SourceExternalIdentifier: "ami-source",
		Labels: map[string]string{"a": "1"}, Metadata: &BuildMetadata{Packer: map[string]any{"version": "1.14.3"}},
	})
	time.Sleep(5 * time.Millisecond) // so that a later moment is another millisecond
	after := b.changeBuild("fp-1", build.ID, BuildChanges{Status: to(buildRunning), PackerRunUUID: runUUID})

	if !time.Time(before.UpdatedAt).Before(time.Time(after.UpdatedAt)) {
		t.Errorf("updated_at went from %s to %s, want a later one", before.UpdatedAt, after.UpdatedAt)
	}
	after.UpdatedAt = before.UpdatedAt
	equal(t, "the build after a heartbeat", after, before)
}

func TestUnsetIsNoChangeOfStatus(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	b.setStatus("fp-1", build.ID, buildRunning)
	for _, status := range []*BuildStatus{nil, to(buildUnset)} {
		answer := b.changeBuild("fp-1", build.ID, BuildChanges{Status: status, Platform: "aws"})
		equal(t, "status", word(answer.Status), "BUILD_RUNNING")
	}
}

func TestAFailedBuildIsResumedByAnotherRun(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	for _, status := range []BuildStatus{buildRunning, buildFailed} {
		b.setStatus("fp-1", build.ID, status)
	}
	resumed := b.changeBuild("fp-1", build.ID, BuildChanges{Status: to(buildRunning), PackerRunUUID: otherRunUUID})
	equal(t, "status", word(resumed.Status), "BUILD_RUNNING")
	equal(t, "packer_run_uuid", resumed.PackerRunUUID, otherRunUUID)
	equal(t, "id", resumed.ID, build.ID)
	equal(t, "status of the version", word(b.version("fp-1").Status), "VERSION_RUNNING")

	last := done("ami-2")
	last.PackerRunUUID = otherRunUUID
	b.changeBuild("fp-1", build.ID, last)
	equal(t, "name of the version", b.version("fp-1").Name, "v1")
}

func TestDoneReplacesArtifactsOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	b.createBuild("fp-1", "null.guard")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	attempt := done("ami-old")
	attempt.Status = to(buildRunning)
	b.changeBuild("fp-1", build.ID, attempt)
	for _, listed := range b.builds("fp-1") {
		// packer takes any listed build with an artifact for a finished one
		equal(t, "artifacts shown before DONE", len(listed.Artifacts), 0)
	}
	b.setStatus("fp-1", build.ID, buildFailed)

	answer := b.changeBuild("fp-1", build.ID, done("ami-new-1", "ami-new-2"))
	equal(t, "external identifiers", externalIdentifiers(answer), []string{"ami-new-1", "ami-new-2"})
	for _, artifact := range answer.Artifacts {
		wantULID(t, "artifact.id", artifact.ID)
		wantRecent(t, "artifact.created_at", artifact.CreatedAt)
		equal(t, "artifact.region", artifact.Region, "eu-west-1")
	}
}

func TestDoneNeedsAPlatformAndAnArtifact(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	b.createBuild("fp-1", "null.guard")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	for _, changes := range []BuildChanges{
		{Status: to(buildDone), PackerRunUUID: runUUID, Platform: "aws"},
		{Status: to(buildDone), PackerRunUUID: runUUID, Artifacts: []*NewArtifact{{ExternalIdentifier: "ami-1"}}},
		{Status: to(buildDone), PackerRunUUID: runUUID, Platform: "aws", Artifacts: []*NewArtifact{{}}},
	} {
		refused(t, invalidArgument, b.session, b.PackerServiceUpdateBuild, UpdateBuild{
			BucketName: b.name, Fingerprint: "fp-1", BuildID: build.ID, Body: &changes,
		})
	}
	equal(t, "status after the refusals", word(b.build("fp-1", build.ID).Status), "BUILD_UNSET")

	// Both may have come before.
	b.changeBuild("fp-1", build.ID, BuildChanges{
		Status: to(buildRunning), Platform: "aws", Artifacts: []*NewArtifact{{ExternalIdentifier: "ami-1", Region: "eu-west-1"}},
	})
	answer := b.changeBuild("fp-1", build.ID, BuildChanges{Status: to(buildDone), PackerRunUUID: runUUID})
	equal(t, "status", word(answer.Status), "BUILD_DONE")
	equal(t, "external identifiers", externalIdentifiers(answer), []string{"ami-1"})
}

func TestArtifactsMayLackARegionOrAnIdentifierAndRepeatARegion(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.completeWith("fp-1", BuildChanges{
		Status: to(buildDone), Platform: "aws", PackerRunUUID: runUUID,
		Artifacts: []*NewArtifact{
			{ExternalIdentifier: "ami-1", Region: "eu-west-1"},
			{ExternalIdentifier: "ami-2", Region: "eu-west-1"},
			{ExternalIdentifier: "file.iso"},
			{Region: "us-east-1"},
		},
	})
	found := []string{}
	for _, artifact := range v.Builds[0].Artifacts {
		found = append(found, artifact.ExternalIdentifier+"@"+artifact.Region)
	}
	equal(t, "artifacts", found, []string{"ami-1@eu-west-1", "ami-2@eu-west-1", "file.iso@", "@us-east-1"})
}

func TestMetadataComesBackAsItWasSent(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	build := b.createBuild("fp-1", "amazon-ebs.base")
	metadata := &BuildMetadata{
		Packer: map[string]any{
			"version": "1.14.3", "plugins": []any{map[string]any{"name": "amazon", "version": "v1.3.9"}},
			"options": map[string]any{"debug": false, "only": nil, "path": "naïve/✓"}, "os": map[string]any{"details": nil},
			"number": json.Number("12345678901234567890"),
		},
		Vcs: map[string]any{"type": "git", "details": map[string]any{"commit": "0123abc", "has_uncommitted_changes": true}},
	}
	last := done("ami-1")
	last.Metadata = metadata
	last.Labels = map[string]string{"version": "13", "empty": ""}
	answer := b.changeBuild("fp-1", build.ID, last)
	equal(t, "metadata in the answer", answer.Metadata, metadata)
	equal(t, "labels in the answer", answer.Labels, last.Labels)
	equal(t, "metadata of the build", b.build("fp-1", build.ID).Metadata, metadata)
	equal(t, "metadata in the version", b.version("fp-1").Builds[0].Metadata, metadata)
}

func TestOnlyBuildsOfOpenVersionsAreAddedChangedAndDeleted(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	finished, extra := b.createBuild("fp-1", "null.finished"), b.createBuild("fp-1", "null.extra")
	b.setStatus("fp-1", finished.ID, buildDone)

	must(t, b.session, b.PackerServiceDeleteBuild, DeleteBuild{BucketName: b.name, Fingerprint: "fp-1", BuildID: extra.ID})
	refused(t, notFound, b.session, b.PackerServiceGetBuild, GetBuild{BucketName: b.name, Fingerprint: "fp-1", BuildID: extra.ID})
	refused(t, notFound, b.session, b.PackerServiceDeleteBuild, DeleteBuild{BucketName: b.name, Fingerprint: "fp-1", BuildID: extra.ID})
	equal(t, "name after the last open build went", b.version("fp-1").Name, "v0")

	b.changeVersion("fp-1", VersionChanges{Complete: true})
	refused(t, failedPrecondition, b.session, b.PackerServiceDeleteBuild, DeleteBuild{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: finished.ID,
	})
	refused(t, failedPrecondition, b.session, b.PackerServiceCreateBuild, CreateBuild{
		BucketName: b.name, Fingerprint: "fp-1", Body: &NewBuild{ComponentType: "null.late", PackerRunUUID: runUUID, Status: to(buildUnset)},
	})
	refused(t, failedPrecondition, b.session, b.PackerServiceUpdateBuild, UpdateBuild{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: finished.ID, Body: &BuildChanges{Status: to(buildFailed)},
	})
}

func components(builds []*Build) []string {
	found := []string{}
	for _, build := range builds {
		found = append(found, build.ComponentType)
	}
	return found
}

func externalIdentifiers(build *Build) []string {
	found := []string{}
	for _, artifact := range build.Artifacts {
		found = append(found, artifact.ExternalIdentifier)
	}
	return found
}
