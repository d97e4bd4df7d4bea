//go:build newest

package compat

import (
	"testing"

	packer "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/client/packer_service"
	models "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/models"
)

// What Waybill does not offer yet is refused with code 12 and a JSON body: an unmodified client can tell that
// from an empty list or a missing thing.

func TestEnforcedBlocksAreNotAdministeredYet(t *testing.T) {
	t.Parallel()
	const block, version = "01JG5YSPYCEK4TGHB8M2Z6XE7Q", "01JG5YSPYCEK4TGHB8M2Z6XE7R"
	s := owner
	refused(t, unimplemented, s, s.PackerServiceListEnforcedBlocks, packer.PackerServiceListEnforcedBlocksParams{})
	refused(t, unimplemented, s, s.PackerServiceCreateEnforcedBlock, packer.PackerServiceCreateEnforcedBlockParams{
		Body: &models.HashicorpCloudPacker20230101CreateEnforcedBlockBody{
			Name: "hardening", Version: "1", BlockContent: "provisioner \"shell\" {}", TemplateType: to(hcl2),
		},
	})
	refused(t, unimplemented, s, s.PackerServiceGetEnforcedBlock, packer.PackerServiceGetEnforcedBlockParams{EnforcedBlockID: block})
	refused(t, unimplemented, s, s.PackerServiceUpdateEnforcedBlock, packer.PackerServiceUpdateEnforcedBlockParams{
		EnforcedBlockID: block,
		Body:            &models.HashicorpCloudPacker20230101UpdateEnforcedBlockBody{Name: "other", UpdateMask: "name"},
	})
	refused(t, unimplemented, s, s.PackerServiceDeleteEnforcedBlock, packer.PackerServiceDeleteEnforcedBlockParams{EnforcedBlockID: block})
	refused(t, unimplemented, s, s.PackerServiceGetEnforcedBlockVersions, packer.PackerServiceGetEnforcedBlockVersionsParams{
		EnforcedBlockID: block,
	})
	refused(t, unimplemented, s, s.PackerServiceCreateEnforcedBlockVersion, packer.PackerServiceCreateEnforcedBlockVersionParams{
		EnforcedBlockID: block,
		Body:            &models.HashicorpCloudPacker20230101CreateEnforcedBlockVersionBody{Version: "2", TemplateType: to(hcl2)},
	})
	refused(t, unimplemented, s, s.PackerServiceUpdateEnforcedBlockVersion, packer.PackerServiceUpdateEnforcedBlockVersionParams{
		EnforcedBlockID: block, EnforcedBlockVersionID: version,
		Body: &models.HashicorpCloudPacker20230101UpdateEnforcedBlockVersionBody{
			AdditionalDescription: "x", UpdateMask: "additionalDescription",
		},
	})
	refused(t, unimplemented, s, s.PackerServiceDeleteEnforcedBlockVersion, packer.PackerServiceDeleteEnforcedBlockVersionParams{
		EnforcedBlockID: block, EnforcedBlockVersionID: version,
	})
	refused(t, unimplemented, s, s.PackerServiceGetEnforcedBlockLinkedBuckets, packer.PackerServiceGetEnforcedBlockLinkedBucketsParams{
		EnforcedBlockID: block, EnforcedBlockVersionID: version,
	})
	refused(t, unimplemented, s, s.PackerServiceManageEnforcedBlockLinkedBuckets, packer.PackerServiceManageEnforcedBlockLinkedBucketsParams{
		EnforcedBlockID: block, EnforcedBlockVersionID: version,
		Body: &models.HashicorpCloudPacker20230101ManageEnforcedBlockLinkedBucketsBody{BucketNames: []string{"some-bucket"}},
	})
}

func TestPackagesAndVulnerabilitiesAreNotOfferedYet(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.createVersion("fp-1")
	build := b.createBuild("fp-1", "null.base")
	s := b.session
	refused(t, unimplemented, s, s.PackerServiceListBuildPackages, packer.PackerServiceListBuildPackagesParams{
		BucketName: b.name, Fingerprint: "fp-1", BuildID: build.ID,
	})
	refused(t, unimplemented, s, s.PackerServiceListBucketPackages, packer.PackerServiceListBucketPackagesParams{BucketName: b.name})
	refused(t, unimplemented, s, s.PackerServiceListBucketPackagesWithVulnerabilities,
		packer.PackerServiceListBucketPackagesWithVulnerabilitiesParams{BucketName: b.name})
	refused(t, unimplemented, s, s.PackerServiceListBucketPackagesVulnerabilitySummary,
		packer.PackerServiceListBucketPackagesVulnerabilitySummaryParams{BucketName: b.name})
	refused(t, unimplemented, s, s.PackerServiceListBucketVulnerabilities,
		packer.PackerServiceListBucketVulnerabilitiesParams{BucketName: b.name})
}
