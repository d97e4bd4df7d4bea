package compat

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

func TestTheLastDoneCompletesTheVersion(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	v := b.createVersion("fp-1")
	first, second := b.createBuild("fp-1", "amazon-ebs.base"), b.createBuild("fp-1", "docker.base")

	b.setStatus("fp-1", first.ID, buildDone)
	equal(t, "name after the first DONE", b.version("fp-1").Name, "v0")
	equal(t, "latest after the first DONE", b.pointsAt("latest"), "")

	b.setStatus("fp-1", second.ID, buildDone)
	completed := b.version("fp-1")
	equal(t, "name", completed.Name, "v1")
	equal(t, "status", word(completed.Status), "VERSION_ACTIVE")
	equal(t, "id", completed.ID, v.ID)

	latest := b.channel("latest")
	equal(t, "latest", fingerprintOf(latest.Version), "fp-1")
	equal(t, "latest has an author", latest.AuthorID != "", true)
	equal(t, "builds in the channel", len(latest.Version.Builds), 2)
	for _, build := range latest.Version.Builds {
		equal(t, "artifacts in the channel", externalIdentifiers(build), []string{"ami-" + build.ID})
	}
	equal(t, "history of latest", fingerprints(b.history("latest")), []string{"fp-1"})
}

func TestVersionsAreNumberedAsTheyComplete(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	created := []string{"fp-a", "fp-b", "fp-c"}
	builds := map[string]string{}
	for _, fingerprint := range created {
		b.createVersion(fingerprint)
		builds[fingerprint] = b.createBuild(fingerprint, "null.base").ID
	}
	for i, fingerprint := range []string{"fp-c", "fp-a", "fp-b"} {
		b.setStatus(fingerprint, builds[fingerprint], buildDone)
		equal(t, "name of "+fingerprint, b.version(fingerprint).Name, fmt.Sprintf("v%d", i+1))
		equal(t, "latest after "+fingerprint, b.pointsAt("latest"), fingerprint)
	}
	equal(t, "history of latest", fingerprints(b.history("latest")), []string{"fp-b", "fp-a", "fp-c"})
}

func TestABuildAddedLaterIsNeededToo(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	first := b.createBuild("fp-1", "null.first")
	b.setStatus("fp-1", first.ID, buildFailed)
	second := b.createBuild("fp-1", "null.second")
	b.setStatus("fp-1", first.ID, buildDone)
	equal(t, "name with one build left", b.version("fp-1").Name, "v0")
	b.setStatus("fp-1", second.ID, buildDone)
	equal(t, "name", b.version("fp-1").Name, "v1")
}

func TestParallelLastDonesCompleteExactlyOnce(t *testing.T) {
	t.Parallel()
	const clients = 32
	b := newBucket(t)
	b.complete("fp-before")
	b.createVersion("fp-1")

	// Build 0 and its fellows are registered, started and finished side by side, as packer does.
	ids := make([]string, clients)
	together(t, clients, func(i int) error {
		answer, err := call(b.session, b.PackerServiceCreateBuild, CreateBuild{
			BucketName: b.name, Fingerprint: "fp-1",
			Body: &NewBuild{ComponentType: fmt.Sprintf("null.n%02d", i), PackerRunUUID: runUUID, Status: to(buildUnset)},
		})
		if err == nil {
			ids[i] = answer.Build.ID
		}
		return err
	})
	equal(t, "builds registered", len(b.builds("fp-1")), clients)
	for _, changes := range []func(i int) BuildChanges{
		func(int) BuildChanges { return BuildChanges{Status: to(buildRunning), PackerRunUUID: runUUID} },
		func(i int) BuildChanges { return done(fmt.Sprintf("ami-%d", i)) },
	} {
		together(t, clients, func(i int) error {
			body := changes(i)
			_, err := call(b.session, b.PackerServiceUpdateBuild, UpdateBuild{
				BucketName: b.name, Fingerprint: "fp-1", BuildID: ids[i], Body: &body,
			})
			return err
		})
	}

	equal(t, "name", b.version("fp-1").Name, "v2")
	equal(t, "history of latest", fingerprints(b.history("latest")), []string{"fp-1", "fp-before"})
	equal(t, "name of the next version", b.complete("fp-after").Name, "v3")
}

func TestParallelVersionsGetNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	const clients = 32
	b := newBucket(t)
	want := make([]string, clients)
	builds := make([]string, clients)
	for i := range clients {
		b.createVersion(fmt.Sprintf("fp-%d", i))
		builds[i] = b.createBuild(fmt.Sprintf("fp-%d", i), "null.base").ID
		want[i] = fmt.Sprintf("v%d", i+1)
	}
	together(t, clients, func(i int) error {
		body := done(fmt.Sprintf("ami-%d", i))
		_, err := call(b.session, b.PackerServiceUpdateBuild, UpdateBuild{
			BucketName: b.name, Fingerprint: fmt.Sprintf("fp-%d", i), BuildID: builds[i], Body: &body,
		})
		return err
	})
	names := make([]string, clients)
	newest := ""
	for i := range clients {
		v := b.version(fmt.Sprintf("fp-%d", i))
		names[i] = v.Name
		if v.Name == want[clients-1] {
			newest = v.Fingerprint
		}
	}
	slices.Sort(names)
	slices.Sort(want)
	equal(t, "names", names, want)
	equal(t, "latest", b.pointsAt("latest"), newest)
}

// together runs n clients that start at the same moment and reports the errors of all.
func together(t *testing.T, n int, client func(i int) error) {
	t.Helper()
	var clients sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, n)
	for i := range n {
		clients.Go(func() {
			<-start
			errs[i] = client(i)
		})
	}
	close(start)
	clients.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}
