//go:build newest

package compat

import (
	"testing"

	packer "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/client/packer_service"
	models "github.com/hashicorp/hcp-sdk-go/clients/cloud-packer-service/stable/2023-01-01/models"
)

func TestTheRunTaskWarnsOrFailsAtArtifactsThatAreNotTracked(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	read := func() string {
		t.Helper()
		answer := must(t, s, s.PackerServiceGetRunTaskConfig, packer.PackerServiceGetRunTaskConfigParams{})
		return word(answer.OnUntrackedImage)
	}
	set := func(to models.HashicorpCloudPacker20230101RunTaskBehaviour) {
		t.Helper()
		must(t, s, s.PackerServiceUpdateRunTaskConfig, packer.PackerServiceUpdateRunTaskConfigParams{
			Body: &models.HashicorpCloudPacker20230101UpdateRunTaskConfigBody{OnUntrackedImage: &to},
		})
	}
	equal(t, "on_untracked_image at first", read(), "WARN")
	set(models.HashicorpCloudPacker20230101RunTaskBehaviourFAIL)
	equal(t, "on_untracked_image", read(), "FAIL")
	set(models.HashicorpCloudPacker20230101RunTaskBehaviourUNSET)
	equal(t, "on_untracked_image, unset keeps it", read(), "FAIL")
	set(models.HashicorpCloudPacker20230101RunTaskBehaviourWARN)
	equal(t, "on_untracked_image, set back", read(), "WARN")
	viewer := s.principal(t, "viewer", "")
	fail := models.HashicorpCloudPacker20230101RunTaskBehaviourFAIL
	refused(t, permissionDenied, viewer, viewer.PackerServiceUpdateRunTaskConfig, packer.PackerServiceUpdateRunTaskConfigParams{
		Body: &models.HashicorpCloudPacker20230101UpdateRunTaskConfigBody{OnUntrackedImage: &fail},
	})
}
