package compat

import (
	"strings"
	"testing"

	operations "github.com/hashicorp/hcp-sdk-go/clients/cloud-operation/stable/2020-05-05/client/operation_service"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
)

func TestAProjectIsRenamedAndDescribed(t *testing.T) {
	t.Parallel()
	s := newEmptyProject(t)
	name := unique("renamed-")
	must(t, s, s.projects.ProjectServiceSetName, projects.ProjectServiceSetNameParams{ID: s.project, Body: projectName(name)})
	must(t, s, s.projects.ProjectServiceSetDescription, projects.ProjectServiceSetDescriptionParams{
		ID: s.project, Body: projectDescription("what it is for"),
	})
	read := must(t, s, s.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: s.project}).Project
	equal(t, "project.name", read.Name, name)
	equal(t, "project.description", read.Description, "what it is for")

	// Absent from the body is empty.
	must(t, s, s.projects.ProjectServiceSetDescription, projects.ProjectServiceSetDescriptionParams{
		ID: s.project, Body: projectDescription(""),
	})
	read = must(t, s, s.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: s.project}).Project
	equal(t, "project.description, emptied", read.Description, "")
	equal(t, "project.name after that", read.Name, name)
}

func TestAProjectIsNotRenamedToJustAnything(t *testing.T) {
	t.Parallel()
	s, other := newEmptyProject(t), newEmptyProject(t)
	taken := must(t, other, other.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: other.project}).Project.Name
	for name, want := range map[string]code{
		"": invalidArgument, strings.Repeat("a", 41): invalidArgument, "semi;colon": invalidArgument, taken: alreadyExists,
	} {
		refused(t, want, s, s.projects.ProjectServiceSetName, projects.ProjectServiceSetNameParams{
			ID: s.project, Body: projectName(name),
		})
	}
	refused(t, invalidArgument, s, s.projects.ProjectServiceSetDescription, projects.ProjectServiceSetDescriptionParams{
		ID: s.project, Body: projectDescription(strings.Repeat("a", 257)),
	})
	refused(t, notFound, s, s.projects.ProjectServiceSetName, projects.ProjectServiceSetNameParams{
		ID: noSuchID, Body: projectName(unique("project-")),
	})
}

func TestADeletedProjectIsGoneAndItsOperationIsDone(t *testing.T) {
	t.Parallel()
	s := newEmptyProject(t)
	deleted := must(t, s, s.projects.ProjectServiceDelete, projects.ProjectServiceDeleteParams{ID: s.project})
	if deleted.Operation == nil {
		t.Fatal("operation is absent: clients dereference it")
	}
	if deleted.Operation.ID != "" { // the project is gone, so clients wait in none
		waited := must(t, s, s.operations.Wait, operations.WaitParams{
			ID: deleted.Operation.ID, LocationProjectID: "-", Timeout: to("5s"),
		})
		equal(t, "operation.state", word(waited.Operation.State), "DONE")
	}
	refused(t, notFound, s, s.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: s.project})
	refused(t, notFound, s, s.projects.ProjectServiceDelete, projects.ProjectServiceDeleteParams{ID: s.project})
	for _, project := range listProjects(t, owner) {
		if project.ID == s.project {
			t.Errorf("the deleted project %s is still listed", s.project)
		}
	}
}

func TestAProjectThatHoldsABucketStays(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	b := s.newBucket(t)
	refused(t, failedPrecondition, s, s.projects.ProjectServiceDelete, projects.ProjectServiceDeleteParams{ID: s.project})
	equal(t, "bucket after the refusal", b.get().Name, b.name)
}

func TestAViewerDoesNotChangeTheProject(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	viewer := s.principal(t, "viewer", "")
	refused(t, permissionDenied, viewer, viewer.projects.ProjectServiceSetName, projects.ProjectServiceSetNameParams{
		ID: s.project, Body: projectName(unique("project-")),
	})
	refused(t, permissionDenied, viewer, viewer.projects.ProjectServiceSetDescription, projects.ProjectServiceSetDescriptionParams{
		ID: s.project, Body: projectDescription("x"),
	})
	refused(t, permissionDenied, viewer, viewer.projects.ProjectServiceDelete, projects.ProjectServiceDeleteParams{ID: s.project})
}

// An id that nothing has.
const noSuchID = "00000000-0000-4000-8000-000000000000"
