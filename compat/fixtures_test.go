package compat

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/go-openapi/strfmt"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
	resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/models"
)

// A bucket of one test. Its methods do one operation each and end the test when that fails.
type bucket struct {
	*session
	t    *testing.T
	name string
}

// newBucket makes a bucket in the default project.
func newBucket(t *testing.T) *bucket {
	t.Helper()
	return owner.newBucket(t)
}

func (s *session) newBucket(t *testing.T) *bucket {
	t.Helper()
	b := &bucket{session: s, t: t, name: unique("bucket")}
	must(t, s, s.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: b.name}})
	return b
}

// newProject makes a project with an active registry: a place to be alone in.
func newProject(t *testing.T) *session {
	t.Helper()
	s := newEmptyProject(t)
	if _, err := call(s, s.PackerServiceGetRegistry, GetRegistry{}); err != nil {
		wantCode(t, err, notFound)
		must(t, s, s.PackerServiceCreateRegistry, CreateRegistry{Body: &NewRegistry{FeatureTier: to(plus)}})
	}
	return s
}

func newEmptyProject(t *testing.T) *session {
	t.Helper()
	answer := must(t, owner, owner.projects.ProjectServiceCreate, projects.ProjectServiceCreateParams{
		Body: &resources.HashicorpCloudResourcemanagerProjectCreateRequest{
			Name:   unique("project"),
			Parent: organizationParent(owner.organization),
		},
	})
	s := owner.in(answer.Project.ID)
	// A new project comes with an active registry.
	must(t, s, s.PackerServiceUpdateRegistry, UpdateRegistry{
		Body: &RegistryChanges{UpdateMask: "activated", Activated: false},
	})
	must(t, s, s.PackerServiceDeleteRegistry, DeleteRegistry{})
	return s
}

func organizationParent(id string) *resources.HashicorpCloudResourcemanagerResourceID {
	kind := resources.HashicorpCloudResourcemanagerResourceIDResourceTypeORGANIZATION
	return &resources.HashicorpCloudResourcemanagerResourceID{ID: id, Type: &kind}
}

// as is the same bucket seen by another principal.
func (b *bucket) as(s *session) *bucket {
	return &bucket{session: s, t: b.t, name: b.name}
}

func (b *bucket) get() *Bucket {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceGetBucket, GetBucket{BucketName: b.name}).Bucket
}

func (b *bucket) createVersion(fingerprint string) *Version {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceCreateVersion, CreateVersion{
		BucketName: b.name, Body: &NewVersion{Fingerprint: fingerprint, TemplateType: to(hcl2)},
	}).Version
}

func (b *bucket) version(fingerprint string) *Version {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceGetVersion, GetVersion{BucketName: b.name, Fingerprint: fingerprint}).Version
}

func (b *bucket) changeVersion(fingerprint string, changes VersionChanges) *VersionOperation {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceUpdateVersion, UpdateVersion{
		BucketName: b.name, Fingerprint: fingerprint, Body: &changes,
	})
}

// createBuild registers a build as packer does before it runs.
func (b *bucket) createBuild(fingerprint, component string) *Build {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceCreateBuild, CreateBuild{
		BucketName: b.name, Fingerprint: fingerprint,
		Body: &NewBuild{ComponentType: component, PackerRunUUID: runUUID, Status: to(buildUnset)},
	}).Build
}

func (b *bucket) build(fingerprint, id string) *Build {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceGetBuild, GetBuild{
		BucketName: b.name, Fingerprint: fingerprint, BuildID: id,
	}).Build
}

func (b *bucket) builds(fingerprint string) []*Build {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceListBuilds, ListBuilds{
		BucketName: b.name, Fingerprint: fingerprint,
	}).Builds
}

func (b *bucket) changeBuild(fingerprint, id string, changes BuildChanges) *Build {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceUpdateBuild, UpdateBuild{
		BucketName: b.name, Fingerprint: fingerprint, BuildID: id, Body: &changes,
	}).Build
}

func (b *bucket) setStatus(fingerprint, id string, status BuildStatus) *Build {
	b.t.Helper()
	changes := BuildChanges{Status: &status, PackerRunUUID: runUUID}
	if status == buildDone {
		changes = done("ami-" + id)
	}
	return b.changeBuild(fingerprint, id, changes)
}

// complete makes a version with one finished build, which completes it.
func (b *bucket) complete(fingerprint string) *Version {
	b.t.Helper()
	return b.completeWith(fingerprint, done("ami-"+fingerprint))
}

func (b *bucket) completeWith(fingerprint string, last BuildChanges) *Version {
	b.t.Helper()
	b.createVersion(fingerprint)
	build := b.createBuild(fingerprint, "amazon-ebs.base")
	b.changeBuild(fingerprint, build.ID, last)
	return b.version(fingerprint)
}

// done is what packer sends at the end of a successful build.
func done(externalIdentifiers ...string) BuildChanges {
	changes := BuildChanges{Status: to(buildDone), PackerRunUUID: runUUID, Platform: "aws"}
	for _, id := range externalIdentifiers {
		changes.Artifacts = append(changes.Artifacts, &NewArtifact{ExternalIdentifier: id, Region: "eu-west-1"})
	}
	return changes
}

// doneFrom is done for a build that names its parent.
func doneFrom(sourceExternalIdentifier, parentVersionID, parentChannelID, externalIdentifier string) BuildChanges {
	changes := done(externalIdentifier)
	changes.SourceExternalIdentifier = sourceExternalIdentifier
	changes.ParentVersionID = parentVersionID
	changes.ParentChannelID = parentChannelID
	return changes
}

func (b *bucket) createChannel(name, fingerprint string) *Channel {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceCreateChannel, CreateChannel{
		BucketName: b.name, Body: &NewChannel{Name: name, VersionFingerprint: fingerprint},
	}).Channel
}

func (b *bucket) channel(name string) *Channel {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: name}).Channel
}

func (b *bucket) changeChannel(name string, changes ChannelChanges) *Channel {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceUpdateChannel, UpdateChannel{
		BucketName: b.name, ChannelName: name, Body: &changes,
	}).Channel
}

func (b *bucket) assign(channel, fingerprint string) *Channel {
	b.t.Helper()
	return b.changeChannel(channel, ChannelChanges{UpdateMask: "versionFingerprint", VersionFingerprint: fingerprint})
}

func (b *bucket) history(channel string) []*Assignment {
	b.t.Helper()
	return must(b.t, b.session, b.PackerServiceListChannelAssignmentHistory, ListChannelAssignmentHistory{
		BucketName: b.name, ChannelName: channel,
	}).History
}

// pointsAt is the fingerprint that a channel points at, or "" for none.
func (b *bucket) pointsAt(channel string) string {
	b.t.Helper()
	return fingerprintOf(b.channel(channel).Version)
}

// fingerprintOf is "" for a version that is absent.
func fingerprintOf(v *Version) string {
	if v == nil {
		return ""
	}
	return v.Fingerprint
}

// fingerprints of an assignment history, in its order; "" is an unassignment.
func fingerprints(history []*Assignment) []string {
	found := []string{}
	for _, entry := range history {
		found = append(found, fingerprintOf(entry.Version))
	}
	return found
}

const (
	runUUID      = "a1b2c3d4-0001-0002-0003-0123456789ab"
	otherRunUUID = "a1b2c3d4-0001-0002-0003-0123456789ac"
)

// unique is a valid name of a bucket, channel, project or principal that nobody else has.
func unique(kind string) string {
	random := make([]byte, 6)
	rand.Read(random)
	return fmt.Sprintf("%s-%s", kind, hex.EncodeToString(random))
}

var (
	ulid = regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`)
	uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// wantULID checks an identifier: the Terraform provider refuses to store others.
func wantULID(t *testing.T, what, id string) {
	t.Helper()
	if !ulid.MatchString(id) {
		t.Errorf("%s is %q, want a ULID", what, id)
	}
}

// wantRecent checks a timestamp that the server has set during this run. It allows for coarse clocks.
func wantRecent(t *testing.T, what string, at strfmt.DateTime) {
	t.Helper()
	if age := time.Since(time.Time(at)); age < -10*time.Second || time.Hour < age {
		t.Errorf("%s is %s, want a moment of this run", what, at)
	}
}

// isSet is false for a timestamp that the answer did not contain.
func isSet(at strfmt.DateTime) bool {
	return !time.Time(at).IsZero()
}
