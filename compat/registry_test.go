package compat

import (
	"testing"

	operations "github.com/hashicorp/hcp-sdk-go/clients/cloud-operation/stable/2020-05-05/client/operation_service"
	sharedmodels "github.com/hashicorp/hcp-sdk-go/clients/cloud-shared/v1/models"
)

func TestTheDefaultProjectHasAnActiveRegistry(t *testing.T) {
	t.Parallel()
	registry := must(t, owner, owner.PackerServiceGetRegistry, GetRegistry{}).Registry
	wantULID(t, "registry.id", registry.ID)
	equal(t, "registry.location.organization_id", registry.Location.OrganizationID, owner.organization)
	equal(t, "registry.location.project_id", registry.Location.ProjectID, owner.project)
	equal(t, "registry.config.activated", registry.Config.Activated, true)
	if registry.Config.FeatureTier == nil {
		t.Error("registry.config.feature_tier is absent: clients dereference it")
	}
	refused(t, alreadyExists, owner, owner.PackerServiceCreateRegistry, CreateRegistry{Body: &NewRegistry{}})
}

func TestAnUnknownProjectHasNoRegistry(t *testing.T) {
	t.Parallel()
	s := owner.in("00000000-0000-4000-8000-000000000000")
	refused(t, notFound, s, s.PackerServiceGetRegistry, GetRegistry{})
}

func TestARegistryIsCreatedOnce(t *testing.T) {
	t.Parallel()
	s := newEmptyProject(t)
	refused(t, notFound, s, s.PackerServiceGetRegistry, GetRegistry{})

	// Not code 5, which would tell packer to go on and create the bucket.
	refused(t, either{failedPrecondition, permissionDenied}, s, s.PackerServiceGetBucket, GetBucket{BucketName: "bucket"})

	created := must(t, s, s.PackerServiceCreateRegistry, CreateRegistry{Body: &NewRegistry{FeatureTier: to(plus)}})
	wantDone(t, s, created.Operation)
	wantULID(t, "registry.id", created.Registry.ID)
	equal(t, "registry.config.activated", created.Registry.Config.Activated, true)
	equal(t, "registry.config.feature_tier", word(created.Registry.Config.FeatureTier), "PLUS")
	wantRecent(t, "registry.created_at", created.Registry.CreatedAt)

	refused(t, alreadyExists, s, s.PackerServiceCreateRegistry, CreateRegistry{Body: &NewRegistry{FeatureTier: to(plus)}})
	s.newBucket(t)
}

func TestADeactivatedRegistryRefusesAllButItsOwnSettings(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	b := s.newBucket(t)
	b.complete("fp-1")

	off := must(t, s, s.PackerServiceUpdateRegistry, UpdateRegistry{Body: &RegistryChanges{UpdateMask: "activated"}})
	wantDone(t, s, off.Operation)
	equal(t, "registry.config.activated", registryOf(t, s).Config.Activated, false)

	refused(t, failedPrecondition, s, s.PackerServiceListBuckets, ListBuckets{})
	refused(t, failedPrecondition, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})
	refused(t, failedPrecondition, s, s.PackerServiceGetBucket, GetBucket{BucketName: "no-such-bucket"})
	refused(t, failedPrecondition, s, s.PackerServiceGetVersion, GetVersion{BucketName: b.name, Fingerprint: "fp-1"})
	refused(t, failedPrecondition, s, s.PackerServiceGetChannel, GetChannel{BucketName: b.name, ChannelName: "latest"})
	refused(t, failedPrecondition, s, s.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: unique("bucket")}})
	refused(t, failedPrecondition, s, s.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})
	refused(t, alreadyExists, s, s.PackerServiceCreateRegistry, CreateRegistry{Body: &NewRegistry{}})

	on := must(t, s, s.PackerServiceUpdateRegistry, UpdateRegistry{
		Body: &RegistryChanges{UpdateMask: "activated", Activated: true},
	})
	wantDone(t, s, on.Operation)
	equal(t, "version.name after activation", b.version("fp-1").Name, "v1")
}

func TestARegistryChangesWhatTheMaskSays(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	for _, step := range []struct {
		mask      string
		activated bool
		tier      *Tier
		wantOn    bool
		wantTier  string
	}{
		{"featureTier", false, to(standard), true, "STANDARD"},
		{"activated", false, to(plus), false, "STANDARD"},
		{"config.activated", true, nil, true, "STANDARD"},
		{"feature_tier,activated", false, to(plus), false, "PLUS"},
		{"config.featureTier,config.activated", true, to(standard), true, "STANDARD"},
		{"", false, to(plus), true, "PLUS"}, // without a mask a tier counts, `activated` does not
	} {
		must(t, s, s.PackerServiceUpdateRegistry, UpdateRegistry{
			Body: &RegistryChanges{UpdateMask: step.mask, Activated: step.activated, FeatureTier: step.tier},
		})
		config := registryOf(t, s).Config
		equal(t, "activated after mask `"+step.mask+"`", config.Activated, step.wantOn)
		equal(t, "feature_tier after mask `"+step.mask+"`", word(config.FeatureTier), step.wantTier)
	}
	refused(t, invalidArgument, s, s.PackerServiceUpdateRegistry, UpdateRegistry{
		Body: &RegistryChanges{UpdateMask: "featureTier,colour"},
	})
}

func TestOnlyADeactivatedRegistryIsDeleted(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	b := s.newBucket(t)
	b.complete("fp-1")

	refused(t, failedPrecondition, s, s.PackerServiceDeleteRegistry, DeleteRegistry{})
	equal(t, "version.name after a refused deletion", b.version("fp-1").Name, "v1")

	must(t, s, s.PackerServiceUpdateRegistry, UpdateRegistry{Body: &RegistryChanges{UpdateMask: "activated"}})
	wantDone(t, s, must(t, s, s.PackerServiceDeleteRegistry, DeleteRegistry{}).Operation)
	refused(t, notFound, s, s.PackerServiceGetRegistry, GetRegistry{})
	refused(t, notFound, s, s.PackerServiceDeleteRegistry, DeleteRegistry{})

	must(t, s, s.PackerServiceCreateRegistry, CreateRegistry{Body: &NewRegistry{FeatureTier: to(standard)}})
	refused(t, notFound, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})
}

func registryOf(t *testing.T, s *session) *Registry {
	t.Helper()
	return must(t, s, s.PackerServiceGetRegistry, GetRegistry{}).Registry
}

// wantDone checks that an operation in an answer is finished, and that waiting for it says the same.
func wantDone(t *testing.T, s *session, operation *sharedmodels.HashicorpCloudOperationOperation) {
	t.Helper()
	if operation == nil {
		t.Error("operation is absent: clients dereference it")
		return
	}
	equal(t, "operation.state", word(operation.State), "DONE")
	if operation.Error != nil {
		t.Errorf("operation.error is %s, want none", compact(operation.Error))
	}
	waited := must(t, s, s.operations.Wait, operations.WaitParams{ID: operation.ID, Timeout: to("5s")})
	equal(t, "operation.state after waiting", word(waited.Operation.State), "DONE")
	equal(t, "operation.id after waiting", waited.Operation.ID, operation.ID)
}
