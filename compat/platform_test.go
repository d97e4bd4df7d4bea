package compat

import (
	"strings"
	"testing"
	"time"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	operations "github.com/hashicorp/hcp-sdk-go/clients/cloud-operation/stable/2020-05-05/client/operation_service"
	organizations "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/organization_service"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
	resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/models"
)

func TestThereIsOneOrganization(t *testing.T) {
	t.Parallel()
	listed := must(t, owner, owner.organizations.OrganizationServiceList, organizations.OrganizationServiceListParams{})
	equal(t, "number of organizations, of which packer wants one", len(listed.Organizations), 1)
	equal(t, "organization.id", listed.Organizations[0].ID, owner.organization)
	if !uuid.MatchString(owner.organization) {
		t.Errorf("organization.id is %q, want a UUID", owner.organization)
	}

	read := must(t, owner, owner.organizations.OrganizationServiceGet, organizations.OrganizationServiceGetParams{ID: owner.organization})
	equal(t, "organization.id when read", read.Organization.ID, owner.organization)
	equal(t, "organization has a name", read.Organization.Name != "", true)
	refused(t, notFound, owner, owner.organizations.OrganizationServiceGet, organizations.OrganizationServiceGetParams{
		ID: "00000000-0000-4000-8000-000000000000",
	})
}

func TestTheOldestProjectIsTheDefaultOne(t *testing.T) {
	t.Parallel()
	newEmptyProject(t)
	var oldest *resources.HashicorpCloudResourcemanagerProject
	for _, project := range listProjects(t, owner) {
		wantParent(t, project)
		if !time.Time(project.CreatedAt).Before(time.Now()) {
			t.Errorf("project.created_at is %s, want a moment in the past: packer skips others", project.CreatedAt)
		}
		if oldest == nil || time.Time(project.CreatedAt).Before(time.Time(oldest.CreatedAt)) {
			oldest = project
		}
	}
	equal(t, "id of the oldest project", oldest.ID, owner.project)
	equal(t, "name of the oldest project", oldest.Name, "default")
}

func TestAProjectIsCreatedAndRead(t *testing.T) {
	t.Parallel()
	name := unique("My Project_")
	request := projects.ProjectServiceCreateParams{Body: &resources.HashicorpCloudResourcemanagerProjectCreateRequest{
		Name: name, Description: "for tests", Parent: organizationParent(owner.organization),
	}}
	created := must(t, owner, owner.projects.ProjectServiceCreate, request).Project
	read := must(t, owner, owner.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: created.ID}).Project
	for what, project := range map[string]*resources.HashicorpCloudResourcemanagerProject{"created": created, "read": read} {
		equal(t, what+" project.id", project.ID, created.ID)
		equal(t, what+" project.name", project.Name, name)
		equal(t, what+" project.description", project.Description, "for tests")
		wantParent(t, project)
		wantRecent(t, what+" project.created_at", project.CreatedAt)
	}
	if !uuid.MatchString(created.ID) {
		t.Errorf("project.id is %q, want a UUID", created.ID)
	}
	refused(t, alreadyExists, owner, owner.projects.ProjectServiceCreate, request)
	refused(t, notFound, owner, owner.projects.ProjectServiceGet, projects.ProjectServiceGetParams{
		ID: "00000000-0000-4000-8000-000000000000",
	})
}

func TestProjectNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", strings.Repeat("a", 41), "line\nbreak", "semi;colon"} {
		refused(t, invalidArgument, owner, owner.projects.ProjectServiceCreate, projects.ProjectServiceCreateParams{
			Body: &resources.HashicorpCloudResourcemanagerProjectCreateRequest{
				Name: name, Parent: organizationParent(owner.organization),
			},
		})
	}
}

func TestProjectsAreListedInPages(t *testing.T) {
	t.Parallel()
	mine := newEmptyProject(t).project
	seen := map[string]bool{}
	request := projects.ProjectServiceListParams{
		ScopeID: &owner.organization, ScopeType: to("ORGANIZATION"), PaginationPageSize: to[int64](1),
	}
	for range 1000 {
		answer := must(t, owner, owner.projects.ProjectServiceList, request)
		for _, project := range answer.Projects {
			seen[project.ID] = true
		}
		next := nextToken(answer.Pagination)
		if next == "" {
			break
		}
		request.PaginationNextPageToken = &next
	}
	equal(t, "the default project was seen", seen[owner.project], true)
	equal(t, "the new project was seen", seen[mine], true)
}

func TestTheCallerIsToldWhoItIs(t *testing.T) {
	t.Parallel()
	caller := must(t, owner, owner.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{}).Principal
	equal(t, "principal.type", word(caller.Type), "PRINCIPAL_TYPE_SERVICE")
	equal(t, "principal has an id", caller.ID != "", true)
	if caller.Service == nil {
		t.Fatal("principal.service is absent")
	}
	equal(t, "principal.service.organization_id", caller.Service.OrganizationID, owner.organization)
	equal(t, "principal.service has a name", caller.Service.Name != "", true)
	equal(t, "principal.service.project_id of an organization's principal", caller.Service.ProjectID, "")
}

func TestAnUnknownOperationIsNotFound(t *testing.T) {
	t.Parallel()
	for _, project := range []string{owner.project, "-"} {
		refused(t, notFound, owner, owner.operations.Wait, operations.WaitParams{
			ID: "00000000-0000-4000-8000-000000000000", LocationProjectID: project, Timeout: to("1s"),
		})
	}
}

func listProjects(t *testing.T, s *session) []*resources.HashicorpCloudResourcemanagerProject {
	t.Helper()
	return must(t, s, s.projects.ProjectServiceList, projects.ProjectServiceListParams{
		ScopeID: &s.organization, ScopeType: to("ORGANIZATION"),
	}).Projects
}

// wantParent checks the member from which clients take the organization.
func wantParent(t *testing.T, project *resources.HashicorpCloudResourcemanagerProject) {
	t.Helper()
	if project.Parent == nil {
		t.Fatalf("parent of project %s is absent: clients dereference it", project.ID)
	}
	equal(t, "project.parent.id", project.Parent.ID, owner.organization)
	equal(t, "project.parent.type", word(project.Parent.Type), "ORGANIZATION")
}
