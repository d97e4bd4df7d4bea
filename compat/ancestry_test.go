package compat

import (
	"slices"
	"testing"
)

// A family is a child bucket whose version fp-child was built from channel `production` of a parent bucket.
type family struct {
	parent, child *bucket
	used          *Version // parent's fp-1
	channel       *Channel // parent's production
	built         *Version // child's fp-child
}

func newFamily(t *testing.T) family {
	t.Helper()
	f := family{parent: newBucket(t), child: newBucket(t)}
	f.used = f.parent.complete("fp-1")
	f.channel = f.parent.createChannel("production", "fp-1")
	f.built = f.child.completeWith("fp-child", doneFrom("ami-fp-1", f.used.ID, f.channel.ID, "ami-child"))
	return f
}

func TestAChildKnowsItsParentAndTheParentItsChild(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	up := f.child.ancestry(ListBucketAncestry{Type: to(parents)})
	down := f.parent.ancestry(ListBucketAncestry{Type: to(children)})
	equal(t, "number of parents", len(up), 1)
	equal(t, "number of children", len(down), 1)
	for what, relation := range map[string]*BucketAncestry{"from the child": up[0], "from the parent": down[0]} {
		equal(t, "status "+what, word(relation.Status), "UP_TO_DATE")
		equal(t, "parent.bucket_name "+what, relation.Parent.BucketName, f.parent.name)
		equal(t, "parent.version_id "+what, relation.Parent.VersionID, f.used.ID)
		equal(t, "parent.version_fingerprint "+what, relation.Parent.VersionFingerprint, "fp-1")
		equal(t, "parent.version_name "+what, relation.Parent.VersionName, "v1")
		equal(t, "parent.channel_name "+what, relation.Parent.ChannelName, "production")
		if relation.Parent.ChannelVersion == nil {
			t.Errorf("parent.channel_version %s is absent", what)
		} else {
			equal(t, "parent.channel_version.fingerprint "+what, relation.Parent.ChannelVersion.Fingerprint, "fp-1")
			equal(t, "parent.channel_version.name "+what, relation.Parent.ChannelVersion.Name, "v1")
		}
		equal(t, "child.bucket_name "+what, relation.Child.BucketName, f.child.name)
		equal(t, "child.version_id "+what, relation.Child.VersionID, f.built.ID)
		equal(t, "child.version_fingerprint "+what, relation.Child.VersionFingerprint, "fp-child")
		equal(t, "child.version_name "+what, relation.Child.VersionName, "v1")
	}
	equal(t, "parents of the parent", len(f.parent.ancestry(ListBucketAncestry{Type: to(parents)})), 0)
	equal(t, "children of the child", len(f.child.ancestry(ListBucketAncestry{Type: to(children)})), 0)
	equal(t, "has_descendants of the parent's version", f.parent.version("fp-1").HasDescendants, true)
	equal(t, "has_descendants of the child's version", f.child.version("fp-child").HasDescendants, false)

	bucket, version := f.child.get(), f.child.version("fp-child")
	if bucket.Parents == nil || version.Parents == nil || f.parent.get().Children == nil {
		t.Fatal("bucket.parents, version.parents or bucket.children is absent")
	}
	equal(t, "bucket.parents.status", word(bucket.Parents.Status), "UP_TO_DATE")
	equal(t, "version.parents.status", word(version.Parents.Status), "UP_TO_DATE")
	equal(t, "bucket.children.status of the parent", word(f.parent.get().Children.Status), "UP_TO_DATE")
	equal(t, "bucket.parents.href is set", bucket.Parents.Href != "", true)
}

func TestAChildIsOutOfDateWhenTheChannelMoves(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.parent.complete("fp-2")
	status := func() string {
		return word(f.child.ancestry(ListBucketAncestry{Type: to(parents)})[0].Status)
	}
	equal(t, "status before the channel moves", status(), "UP_TO_DATE")

	f.parent.assign("production", "fp-2")
	equal(t, "status from the child", status(), "OUT_OF_DATE")
	down := f.parent.ancestry(ListBucketAncestry{Type: to(children)})[0]
	equal(t, "status from the parent", word(down.Status), "OUT_OF_DATE")
	equal(t, "the version used", down.Parent.VersionFingerprint, "fp-1")
	equal(t, "the version of the channel now", down.Parent.ChannelVersion.Fingerprint, "fp-2")
	equal(t, "bucket.parents.status", word(f.child.get().Parents.Status), "OUT_OF_DATE")
	equal(t, "version.parents.status", word(f.child.version("fp-child").Parents.Status), "OUT_OF_DATE")
	equal(t, "bucket.children.status", word(f.parent.get().Children.Status), "OUT_OF_DATE")

	f.parent.assign("production", "fp-1")
	equal(t, "status when the channel is back", status(), "UP_TO_DATE")
}

func TestWithoutAChannelTheLatestVersionCounts(t *testing.T) {
	t.Parallel()
	parent, child := newBucket(t), newBucket(t)
	used := parent.complete("fp-1")
	child.completeWith("fp-child", doneFrom("ami-fp-1", used.ID, "", "ami-child"))
	status := func() string {
		return word(child.ancestry(ListBucketAncestry{Type: to(parents)})[0].Status)
	}
	equal(t, "status", status(), "UP_TO_DATE")
	parent.complete("fp-2")
	equal(t, "status after a new version of the parent", status(), "OUT_OF_DATE")
}

func TestAParentIsFoundByItsArtifact(t *testing.T) {
	t.Parallel()
	parent, child := newBucket(t), newBucket(t)
	artifact := unique("ami")
	used := parent.completeWith("fp-1", done(artifact))
	child.completeWith("fp-child", doneFrom(artifact, "", "", "ami-child"))

	eventually(t, "the parent is found", func() (bool, string) {
		found := child.ancestry(ListBucketAncestry{Type: to(parents)})
		return len(found) == 1, compact(found)
	})
	relation := child.ancestry(ListBucketAncestry{Type: to(parents)})[0]
	equal(t, "parent.bucket_name", relation.Parent.BucketName, parent.name)
	equal(t, "parent.version_id", relation.Parent.VersionID, used.ID)
	equal(t, "status", word(relation.Status), "UP_TO_DATE")
}

func TestAnUnknownParentIsStoredAndUndetermined(t *testing.T) {
	t.Parallel()
	child := newBucket(t)
	v := child.completeWith("fp-child", doneFrom("ami-of-nobody", "01JG5YSPYCEK4TGHB8M2Z6XE7Q", "", "ami-child"))
	equal(t, "name", v.Name, "v1")
	equal(t, "source_external_identifier", v.Builds[0].SourceExternalIdentifier, "ami-of-nobody")
	for _, relation := range child.ancestry(ListBucketAncestry{Type: to(parents)}) {
		equal(t, "status", word(relation.Status), "UNDETERMINED")
	}
	if read := child.get(); read.Parents != nil && read.Parents.Status != nil {
		equal(t, "bucket.parents.status", word(read.Parents.Status), "UNDETERMINED")
	}
}

func TestAncestryIsFiltered(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	other := newBucket(t)
	v := other.complete("fp-other")
	f.child.completeWith("fp-child-2", doneFrom("ami-fp-other", v.ID, "", "ami-child-2"))

	parentsOf := func(request ListBucketAncestry) []string {
		request.Type = to(parents)
		found := []string{}
		for _, relation := range f.child.ancestry(request) {
			found = append(found, relation.Parent.BucketName)
		}
		return found
	}
	equal(t, "parents of the latest version", parentsOf(ListBucketAncestry{}), []string{other.name})
	equal(t, "parents of an older version", parentsOf(ListBucketAncestry{VersionFingerprint: to("fp-child")}), []string{f.parent.name})
	// Children are buckets whose latest complete version was built from this one: that is no longer so.
	equal(t, "children of the old parent", len(f.parent.ancestry(ListBucketAncestry{Type: to(children)})), 0)

	second := newBucket(t)
	second.completeWith("fp-second", doneFrom("ami-fp-1", f.used.ID, f.channel.ID, "ami-second"))
	third := newBucket(t)
	third.completeWith("fp-third", doneFrom("ami-fp-1", f.used.ID, "", "ami-third"))
	childrenOf := func(request ListBucketAncestry) []string {
		request.Type = to(children)
		found := []string{}
		for _, relation := range f.parent.ancestry(request) {
			found = append(found, relation.Child.BucketName)
		}
		slices.Sort(found)
		return found
	}
	both := []string{second.name, third.name}
	slices.Sort(both)
	equal(t, "children", childrenOf(ListBucketAncestry{}), both)
	equal(t, "children by channel", childrenOf(ListBucketAncestry{ChannelName: to("production")}), []string{second.name})
}

func TestAncestryOfBothKindsComesInPages(t *testing.T) {
	t.Parallel()
	grandparent, middle := newBucket(t), newBucket(t)
	top := grandparent.complete("fp-top")
	v := middle.completeWith("fp-middle", doneFrom("ami-fp-top", top.ID, "", "ami-middle"))
	want := []string{middle.name}
	for range 3 {
		child := newBucket(t)
		child.completeWith("fp-child", doneFrom("ami-middle", v.ID, "", "ami-"+child.name))
		want = append(want, child.name)
	}
	slices.Sort(want)

	found := []string{}
	request := ListBucketAncestry{BucketName: middle.name, PaginationPageSize: to[int64](1)}
	for range 10 {
		answer := must(t, middle.session, middle.PackerServiceListBucketAncestry, request)
		equal(t, "total_count on each page", answer.TotalCount, int32(4))
		for _, relation := range answer.Relations {
			found = append(found, relation.Child.BucketName)
		}
		next := nextToken(answer.Pagination)
		if next == "" {
			break
		}
		request.PaginationNextPageToken = &next
	}
	slices.Sort(found)
	equal(t, "children of all relations", found, want)

	refused(t, invalidArgument, middle.session, middle.PackerServiceListBucketAncestry, ListBucketAncestry{
		BucketName: middle.name, PaginationNextPageToken: to("nonsense"),
	})
}

// ancestry lists relations of the bucket on one page.
func (b *bucket) ancestry(request ListBucketAncestry) []*BucketAncestry {
	b.t.Helper()
	request.BucketName = b.name
	answer := must(b.t, b.session, b.PackerServiceListBucketAncestry, request)
	equal(b.t, "total_count", answer.TotalCount, int32(len(answer.Relations)))
	return answer.Relations
}
