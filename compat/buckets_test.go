package compat

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	sharedmodels "github.com/hashicorp/hcp-sdk-go/clients/cloud-shared/v1/models"
)

func TestABucketIsCreatedOnceWithItsLatestChannel(t *testing.T) {
	t.Parallel()
	name := unique("bucket")
	labels := map[string]string{"team": "images", "os": "debian"}
	request := CreateBucket{Body: &NewBucket{Name: name, Description: "base images", Labels: labels}}
	created := must(t, owner, owner.PackerServiceCreateBucket, request).Bucket

	read := must(t, owner, owner.PackerServiceGetBucket, GetBucket{BucketName: name}).Bucket
	for what, b := range map[string]*Bucket{"created bucket": created, "read bucket": read} {
		wantULID(t, what+".id", b.ID)
		equal(t, what+".id", b.ID, created.ID)
		equal(t, what+".name", b.Name, name)
		equal(t, what+".description", b.Description, "base images")
		equal(t, what+".labels", b.Labels, labels)
		equal(t, what+".resource_name", b.ResourceName, fmt.Sprintf("packer/project/%s/bucket/%s", owner.project, name))
		if b.Location == nil {
			t.Fatalf("%s.location is absent: the Terraform provider dereferences it", what)
		}
		equal(t, what+".location.organization_id", b.Location.OrganizationID, owner.organization)
		equal(t, what+".location.project_id", b.Location.ProjectID, owner.project)
		equal(t, what+".latest_version", fingerprintOf(b.LatestVersion), "")
		equal(t, what+" counts versions", b.VersionCount == "" || b.VersionCount == "0", true)
		wantRecent(t, what+".created_at", b.CreatedAt)
		wantRecent(t, what+".updated_at", b.UpdatedAt)
	}

	latest := must(t, owner, owner.PackerServiceGetChannel, GetChannel{BucketName: name, ChannelName: "latest"}).Channel
	equal(t, "latest.managed", latest.Managed, true)
	equal(t, "latest.restricted", latest.Restricted, true)
	equal(t, "latest.version", fingerprintOf(latest.Version), "")

	refused(t, alreadyExists, owner, owner.PackerServiceCreateBucket, request)
}

func TestBucketNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "ab", strings.Repeat("a", 37), "with space", "under_score", "dot.ted", "sla/sh", "naïve-name", "line\nbreak",
	} {
		refused(t, invalidArgument, owner, owner.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: name}})
	}
	for _, name := range []string{"a1b", "UPPER-Case-" + unique("x")[2:], strings.Repeat("a", 36)} {
		b := must(t, owner, owner.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: name}}).Bucket
		equal(t, "bucket.name", b.Name, name)
	}
}

func TestAnUnknownBucketIsNotFound(t *testing.T) {
	t.Parallel()
	none := unique("bucket")
	refused(t, notFound, owner, owner.PackerServiceGetBucket, GetBucket{BucketName: none})
	refused(t, notFound, owner, owner.PackerServiceUpdateBucket, UpdateBucket{BucketName: none, Body: &BucketChanges{}})
	refused(t, notFound, owner, owner.PackerServiceDeleteBucket, DeleteBucket{BucketName: none})
	refused(t, notFound, owner, owner.PackerServiceListVersions, ListVersions{BucketName: none})
	refused(t, notFound, owner, owner.PackerServiceListChannels, ListChannels{BucketName: none})
	refused(t, notFound, owner, owner.PackerServiceListBucketAncestry, ListBucketAncestry{BucketName: none})
	refused(t, notFound, owner, owner.PackerServiceGetVersion, GetVersion{BucketName: none, Fingerprint: "fp-1"})
	refused(t, notFound, owner, owner.PackerServiceGetChannel, GetChannel{BucketName: none, ChannelName: "latest"})
	refused(t, notFound, owner, owner.PackerServiceCreateVersion, CreateVersion{
		BucketName: none, Body: &NewVersion{Fingerprint: "fp-1", TemplateType: to(hcl2)},
	})
	refused(t, notFound, owner, owner.PackerServiceCreateChannel, CreateChannel{
		BucketName: none, Body: &NewChannel{Name: "production"},
	})
	// A name that no bucket can have is no reason for another code: packer sends names unchecked.
	refused(t, either{notFound, invalidArgument}, owner, owner.PackerServiceGetBucket, GetBucket{BucketName: "not_a_name"})
}

func TestUpdatingABucketKeepsWhatTheRequestDoesNotName(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for _, step := range []struct {
		what        string
		changes     BucketChanges
		description string
		labels      map[string]string
	}{
		{"both", BucketChanges{Description: "one", Labels: map[string]string{"a": "1", "b": "2"}}, "one", map[string]string{"a": "1", "b": "2"}},
		{"nothing, as packer does without a block", BucketChanges{}, "one", map[string]string{"a": "1", "b": "2"}},
		{"the description", BucketChanges{Description: "two"}, "two", map[string]string{"a": "1", "b": "2"}},
		{"the labels, all of them", BucketChanges{Labels: map[string]string{"c": "3"}}, "two", map[string]string{"c": "3"}},
	} {
		answer := must(t, b.session, b.PackerServiceUpdateBucket, UpdateBucket{BucketName: b.name, Body: &step.changes}).Bucket
		equal(t, "description in the answer to "+step.what, answer.Description, step.description)
		read := b.get()
		equal(t, "description after "+step.what, read.Description, step.description)
		equal(t, "labels after "+step.what, read.Labels, step.labels)
	}
	refused(t, invalidArgument, b.session, b.PackerServiceUpdateBucket, UpdateBucket{
		BucketName: b.name, Body: &BucketChanges{Description: strings.Repeat("x", 256)},
	})
}

func TestABucketShowsItsLatestVersion(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.completeWith("fp-2", BuildChanges{
		Status: to(buildDone), Platform: "gcp", Artifacts: []*NewArtifact{{ExternalIdentifier: "image-2", Region: "europe-west4"}},
	})
	b.createVersion("fp-3")

	read := b.get()
	equal(t, "latest_version.fingerprint", fingerprintOf(read.LatestVersion), "fp-2")
	equal(t, "latest_version.name", read.LatestVersion.Name, "v2")
	equal(t, "version_count", read.VersionCount, "3")
	equal(t, "platforms", read.Platforms, []string{"gcp"})
}

func TestBucketsAreListedSortedAndInPages(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	made := []string{"delta", "alpha", "Echo", "charlie", "bravo"}
	for _, name := range made {
		must(t, s, s.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: name}})
	}

	for _, order := range []struct {
		by   []string
		want []string
	}{
		{nil, []string{"Echo", "alpha", "bravo", "charlie", "delta"}}, // by name; bytes are compared
		{[]string{"name"}, []string{"Echo", "alpha", "bravo", "charlie", "delta"}},
		{[]string{"name desc"}, []string{"delta", "charlie", "bravo", "alpha", "Echo"}},
		{[]string{"created_at"}, made},
		{[]string{"created_at desc,name"}, reversed(made)},
		{[]string{"created_at asc", "name"}, made},
	} {
		for _, size := range []int64{0, 1, 2, 5, 1000} {
			found := []string{}
			for _, page := range bucketPages(t, s, order.by, size) {
				if size != 0 && int(size) < len(page) {
					t.Errorf("page of %d buckets, want at most %d", len(page), size)
				}
				found = append(found, page...)
			}
			equal(t, fmt.Sprintf("buckets ordered by %q in pages of %d", order.by, size), found, order.want)
		}
	}

	first := must(t, s, s.PackerServiceListBuckets, ListBuckets{PaginationPageSize: to[int64](2)})
	second := must(t, s, s.PackerServiceListBuckets, ListBuckets{
		PaginationPageSize: to[int64](2), PaginationNextPageToken: &first.Pagination.NextPageToken,
	})
	back := must(t, s, s.PackerServiceListBuckets, ListBuckets{
		PaginationPageSize: to[int64](2), PaginationPreviousPageToken: &second.Pagination.PreviousPageToken,
	})
	equal(t, "buckets of the page before the second", bucketNames(back.Buckets), bucketNames(first.Buckets))

	token := first.Pagination.NextPageToken
	for what, request := range map[string]ListBuckets{
		"no token of ours":          {PaginationNextPageToken: to("nonsense")},
		"an altered token":          {PaginationNextPageToken: to(altered(token))},
		"both tokens":               {PaginationNextPageToken: &token, PaginationPreviousPageToken: &second.Pagination.PreviousPageToken},
		"a token of another order":  {PaginationNextPageToken: &token, SortingOrderBy: []string{"created_at"}},
		"an unknown column":         {SortingOrderBy: []string{"colour"}},
		"an unknown direction":      {SortingOrderBy: []string{"name sideways"}},
		"a page size below nothing": {PaginationPageSize: to[int64](-1)},
	} {
		t.Run(what, func(t *testing.T) {
			refused(t, invalidArgument, s, s.PackerServiceListBuckets, request)
		})
	}
}

func TestAPageHasAHundredBucketsUnlessTold(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	for i := range 101 {
		must(t, s, s.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: fmt.Sprintf("bucket-%03d", i)}})
	}
	pages := bucketPages(t, s, []string{"name"}, 0)
	equal(t, "number of pages", len(pages), 2)
	equal(t, "buckets on the first page", len(pages[0]), 100)
	equal(t, "buckets on the second page", pages[1], []string{"bucket-100"})
}

func TestDeletingABucketDeletesAllInIt(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.complete("fp-1")
	b.createChannel("production", "fp-1")

	must(t, b.session, b.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})
	refused(t, notFound, b.session, b.PackerServiceGetBucket, GetBucket{BucketName: b.name})
	refused(t, notFound, b.session, b.PackerServiceGetVersion, GetVersion{BucketName: b.name, Fingerprint: "fp-1"})
	refused(t, notFound, b.session, b.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "production"})
	refused(t, notFound, b.session, b.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})

	must(t, b.session, b.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: b.name}})
	refused(t, notFound, b.session, b.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "production"})
	equal(t, "name of the first version of the new bucket", b.complete("fp-1").Name, "v1")
}

// bucketPages follows next tokens until there is none.
func bucketPages(t *testing.T, s *session, orderBy []string, size int64) [][]string {
	t.Helper()
	var pages [][]string
	request := ListBuckets{SortingOrderBy: orderBy}
	if size != 0 {
		request.PaginationPageSize = &size
	}
	for {
		answer := must(t, s, s.PackerServiceListBuckets, request)
		pages = append(pages, bucketNames(answer.Buckets))
		next := nextToken(answer.Pagination)
		if next == "" {
			return pages
		}
		if 1000 < len(pages) {
			t.Fatalf("%d pages and no end", len(pages))
		}
		request.PaginationNextPageToken = &next
	}
}

func bucketNames(buckets []*Bucket) []string {
	names := []string{}
	for _, b := range buckets {
		names = append(names, b.Name)
	}
	return names
}

// nextToken is "" on the last page, where the whole member may be absent.
func nextToken(pagination *sharedmodels.HashicorpCloudCommonPaginationResponse) string {
	if pagination == nil {
		return ""
	}
	return pagination.NextPageToken
}

// altered is the text with a letter in its middle changed: no longer what the server signed.
func altered(token string) string {
	if token == "" {
		return "x"
	}
	letters := []byte(token)
	middle := len(letters) / 2
	if letters[middle] == 'A' {
		letters[middle] = 'B'
	} else {
		letters[middle] = 'A'
	}
	return string(letters)
}

func reversed(names []string) []string {
	other := slices.Clone(names)
	slices.Reverse(other)
	return other
}
