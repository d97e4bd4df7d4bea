package compat

import (
	"fmt"
	"strings"
	"testing"
)

func TestANewVersionIsV0AndHasNoBuilds(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	created := b.createVersion("fp-1")
	read := b.version("fp-1")
	for what, v := range map[string]*Version{"created version": created, "read version": read} {
		wantULID(t, what+".id", v.ID)
		equal(t, what+".id", v.ID, created.ID)
		equal(t, what+".name", v.Name, "v0")
		equal(t, what+".status", word(v.Status), "VERSION_RUNNING")
		equal(t, what+".template_type", word(v.TemplateType), "HCL2")
		equal(t, what+".fingerprint", v.Fingerprint, "fp-1")
		equal(t, what+".bucket_name", v.BucketName, b.name)
		equal(t, what+" has builds", len(v.Builds), 0)
		equal(t, what+" has an author", v.AuthorID != "", true)
		equal(t, what+" has revoke_at", isSet(v.RevokeAt), false)
		wantRecent(t, what+".created_at", v.CreatedAt)
		wantRecent(t, what+".updated_at", v.UpdatedAt)
	}
	equal(t, "latest", b.pointsAt("latest"), "")
}

func TestAnUnknownVersionIsAborted(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	refused(t, aborted, b.session, b.PackerServiceGetVersion, GetVersion{BucketName: b.name, Fingerprint: "fp-1"})

	missing := either{notFound, aborted}
	refused(t, missing, b.session, b.PackerServiceUpdateVersion, UpdateVersion{
		BucketName: b.name, Fingerprint: "fp-1", Body: &VersionChanges{Complete: true},
	})
	refused(t, missing, b.session, b.PackerServiceDeleteVersion, DeleteVersion{BucketName: b.name, Fingerprint: "fp-1"})
	refused(t, missing, b.session, b.PackerServiceListBuilds, ListBuilds{BucketName: b.name, Fingerprint: "fp-1"})
	refused(t, missing, b.session, b.PackerServiceCreateBuild, CreateBuild{
		BucketName: b.name, Fingerprint: "fp-1",
		Body: &NewBuild{ComponentType: "null.base", PackerRunUUID: runUUID, Status: to(buildUnset)},
	})
}

func TestAFingerprintIsUsedOnce(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	first := b.createVersion("fp-1")
	create := func(kind TemplateType) CreateVersion {
		return CreateVersion{BucketName: b.name, Body: &NewVersion{Fingerprint: "fp-1", TemplateType: &kind}}
	}

	// Two jobs that start together both get the version, if they mean the same.
	second := must(t, b.session, b.PackerServiceCreateVersion, create(hcl2)).Version
	equal(t, "id of the version created again", second.ID, first.ID)
	refused(t, alreadyExists, b.session, b.PackerServiceCreateVersion, create(jsonTemplate))

	build := b.createBuild("fp-1", "null.base")
	b.setStatus("fp-1", build.ID, buildDone)
	refused(t, alreadyExists, b.session, b.PackerServiceCreateVersion, create(hcl2))

	other := newBucket(t)
	other.createVersion("fp-1") // another bucket, another version
}

func TestFingerprints(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for _, fingerprint := range []string{
		"", strings.Repeat("a", 41), "-leading", "trailing-", ".leading", "trailing_", "white space", "sla/sh", "naïve", "per%cent",
	} {
		refused(t, invalidArgument, b.session, b.PackerServiceCreateVersion, CreateVersion{
			BucketName: b.name, Body: &NewVersion{Fingerprint: fingerprint, TemplateType: to(hcl2)},
		})
	}
	for _, fingerprint := range []string{"1", "a.b_c-d", "UPPER", strings.Repeat("a", 40), "01JG5YSPYCEK4TGHB8M2Z6XE7Q"} {
		b.createVersion(fingerprint)
		equal(t, "fingerprint", b.version(fingerprint).Fingerprint, fingerprint)
	}
}

func TestAVersionMayComeWithoutATemplateType(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := must(t, b.session, b.PackerServiceCreateVersion, CreateVersion{
		BucketName: b.name, Body: &NewVersion{Fingerprint: "fp-1"},
	}).Version
	equal(t, "name", v.Name, "v0")
}

func TestTheStatusOfAnIncompleteVersionFollowsItsBuilds(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for i, c := range []struct {
		builds []BuildStatus
		want   string
	}{
		{nil, "VERSION_RUNNING"},
		{[]BuildStatus{buildUnset}, "VERSION_RUNNING"},
		{[]BuildStatus{buildRunning}, "VERSION_RUNNING"},
		{[]BuildStatus{buildRunning, buildFailed}, "VERSION_RUNNING"},
		{[]BuildStatus{buildRunning, buildDone}, "VERSION_RUNNING"},
		{[]BuildStatus{buildUnset, buildDone}, "VERSION_RUNNING"},
		{[]BuildStatus{buildUnset, buildFailed}, "VERSION_FAILED"},
		{[]BuildStatus{buildDone, buildFailed}, "VERSION_FAILED"},
		{[]BuildStatus{buildCancelled, buildFailed}, "VERSION_FAILED"},
		{[]BuildStatus{buildCancelled}, "VERSION_CANCELLED"},
		{[]BuildStatus{buildDone, buildCancelled}, "VERSION_CANCELLED"},
	} {
		fingerprint := fmt.Sprintf("fp-%d", i)
		b.createVersion(fingerprint)
		ids := make([]string, len(c.builds))
		for j := range c.builds {
			ids[j] = b.createBuild(fingerprint, fmt.Sprintf("null.n%d", j)).ID
		}
		for j, status := range c.builds {
			if status != buildUnset {
				b.setStatus(fingerprint, ids[j], status)
			}
		}
		v := b.version(fingerprint)
		equal(t, fmt.Sprintf("status with builds %v", c.builds), word(v.Status), c.want)
		equal(t, fmt.Sprintf("name with builds %v", c.builds), v.Name, "v0")
	}
}

func TestCompletingByHandDropsBuildsThatNeverStarted(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	complete := UpdateVersion{BucketName: b.name, Fingerprint: "fp-1", Body: &VersionChanges{Complete: true}}
	refused(t, failedPrecondition, b.session, b.PackerServiceUpdateVersion, complete) // no build at all

	started, left := b.createBuild("fp-1", "null.started"), b.createBuild("fp-1", "null.left")
	refused(t, failedPrecondition, b.session, b.PackerServiceUpdateVersion, complete)
	for _, status := range []BuildStatus{buildRunning, buildFailed, buildCancelled} {
		b.setStatus("fp-1", started.ID, status)
		refused(t, failedPrecondition, b.session, b.PackerServiceUpdateVersion, complete)
	}
	b.setStatus("fp-1", started.ID, buildDone)
	equal(t, "name before completing", b.version("fp-1").Name, "v0")

	answer := must(t, b.session, b.PackerServiceUpdateVersion, complete)
	wantDone(t, b.session, answer.Operation)
	equal(t, "name in the answer", answer.Version.Name, "v1")
	equal(t, "status in the answer", word(answer.Version.Status), "VERSION_ACTIVE")
	equal(t, "latest", b.pointsAt("latest"), "fp-1")
	builds := b.builds("fp-1")
	equal(t, "number of builds left", len(builds), 1)
	equal(t, "the build left", builds[0].ID, started.ID)
	refused(t, notFound, b.session, b.PackerServiceGetBuild, GetBuild{BucketName: b.name, Fingerprint: "fp-1", BuildID: left.ID})
}

func TestVersionsAreListedNewestFirstAndInPages(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for _, fingerprint := range []string{"fp-1", "fp-2", "fp-3", "fp-4", "fp-5"} {
		b.createVersion(fingerprint)
	}
	for _, order := range []struct {
		by   []string
		want []string
	}{
		{nil, []string{"fp-5", "fp-4", "fp-3", "fp-2", "fp-1"}},
		{[]string{"created_at"}, []string{"fp-1", "fp-2", "fp-3", "fp-4", "fp-5"}},
		{[]string{"created_at desc"}, []string{"fp-5", "fp-4", "fp-3", "fp-2", "fp-1"}},
	} {
		found := []string{}
		request := ListVersions{BucketName: b.name, PaginationPageSize: to[int64](2), SortingOrderBy: order.by}
		for range 10 {
			answer := must(t, b.session, b.PackerServiceListVersions, request)
			for _, v := range answer.Versions {
				found = append(found, v.Fingerprint)
			}
			next := nextToken(answer.Pagination)
			if next == "" {
				break
			}
			request.PaginationNextPageToken = &next
		}
		equal(t, fmt.Sprintf("versions ordered by %q", order.by), found, order.want)
	}
	refused(t, invalidArgument, b.session, b.PackerServiceListVersions, ListVersions{
		BucketName: b.name, PaginationNextPageToken: to("nonsense"),
	})
	refused(t, invalidArgument, b.session, b.PackerServiceListVersions, ListVersions{
		BucketName: b.name, SortingOrderBy: []string{"colour"},
	})
}

func TestListedVersionsShowTheirBuilds(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	versions := must(t, b.session, b.PackerServiceListVersions, ListVersions{BucketName: b.name}).Versions
	equal(t, "number of versions", len(versions), 1)
	equal(t, "name", versions[0].Name, "v1")
	equal(t, "number of builds", len(versions[0].Builds), 1)
	equal(t, "build status", word(versions[0].Builds[0].Status), "BUILD_DONE")
}

func TestDeletingAVersion(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for _, fingerprint := range []string{"fp-1", "fp-2"} {
		b.complete(fingerprint)
	}
	b.createVersion("fp-open")
	b.createBuild("fp-open", "null.base")
	for _, fingerprint := range []string{"fp-open", "fp-2"} {
		must(t, b.session, b.PackerServiceDeleteVersion, DeleteVersion{BucketName: b.name, Fingerprint: fingerprint})
		refused(t, aborted, b.session, b.PackerServiceGetVersion, GetVersion{BucketName: b.name, Fingerprint: fingerprint})
	}
	equal(t, "latest after the newest version went", b.pointsAt("latest"), "fp-1")
	equal(t, "name of the next version, as numbers are not used again", b.complete("fp-3").Name, "v3")
	equal(t, "latest", b.pointsAt("latest"), "fp-3")
}

func TestAVersionInAChannelIsDeletedOnlyWithRollback(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.complete("fp-2")
	b.createChannel("production", "fp-1")
	b.assign("production", "fp-2")
	b.createChannel("first-time", "fp-2")

	request := DeleteVersion{BucketName: b.name, Fingerprint: "fp-2"}
	message := refused(t, failedPrecondition, b.session, b.PackerServiceDeleteVersion, request)
	for _, name := range []string{"production", "first-time"} {
		if !strings.Contains(message, name) {
			t.Errorf("the message is %q, want the channel %q in it", message, name)
		}
	}
	equal(t, "name after the refusal", b.version("fp-2").Name, "v2")

	request.RollbackChannels = to(true)
	must(t, b.session, b.PackerServiceDeleteVersion, request)
	refused(t, aborted, b.session, b.PackerServiceGetVersion, GetVersion{BucketName: b.name, Fingerprint: "fp-2"})
	equal(t, "channel that had another version before", b.pointsAt("production"), "fp-1")
	equal(t, "channel that had none before", b.pointsAt("first-time"), "")
	equal(t, "latest", b.pointsAt("latest"), "fp-1")
}

func TestAVersionWithChildrenIsNotDeleted(t *testing.T) {
	t.Parallel()
	parent, child := newBucket(t), newBucket(t)
	v := parent.complete("fp-1")
	child.completeWith("fp-1", doneFrom("ami-fp-1", v.ID, "", "ami-child"))
	message := refused(t, failedPrecondition, parent.session, parent.PackerServiceDeleteVersion, DeleteVersion{
		BucketName: parent.name, Fingerprint: "fp-1",
	})
	if !strings.Contains(message, child.name) {
		t.Errorf("the message is %q, want the bucket %q in it", message, child.name)
	}
}
