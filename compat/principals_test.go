package compat

import (
	"fmt"
	"strings"
	"testing"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	principals "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/service_principals_service"
	iammodels "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/models"
	organizations "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/organization_service"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
	resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/models"
	"github.com/hashicorp/hcp-sdk-go/config"
)

func TestAServicePrincipalLogsInWithItsKeyUntilTheKeyIsDeleted(t *testing.T) {
	t.Parallel()
	made := createPrincipal(t, "organization/"+owner.organization)
	equal(t, "organization_id", made.OrganizationID, owner.organization)
	equal(t, "project_id", made.ProjectID, "")
	equal(t, "resource_name", made.ResourceName,
		fmt.Sprintf("iam/organization/%s/service-principal/%s", owner.organization, made.Name))
	wantRecent(t, "created_at", made.CreatedAt)

	key, s := createKey(t, made)
	equal(t, "the key belongs to the principal", strings.HasPrefix(key.ResourceName, made.ResourceName+"/key/"), true)
	equal(t, "client_id begins like ours", strings.HasPrefix(key.ClientID, "wb-"), true)
	equal(t, "id of the caller", callerID(t, s), made.ID)

	read := must(t, owner, owner.principals.ServicePrincipalsServiceGetServicePrincipal,
		principals.ServicePrincipalsServiceGetServicePrincipalParams{ResourceName: made.ResourceName})
	equal(t, "id when read", read.ServicePrincipal.ID, made.ID)
	equal(t, "number of keys", len(read.Keys), 1)
	equal(t, "client_id when read", read.Keys[0].ClientID, key.ClientID)
	equal(t, "resource_name of the key when read", read.Keys[0].ResourceName, key.ResourceName)

	must(t, owner, owner.principals.ServicePrincipalsServiceDeleteServicePrincipalKey,
		principals.ServicePrincipalsServiceDeleteServicePrincipalKeyParams{ResourceName2: key.ResourceName})
	refused(t, unauthenticated, s, s.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{})
}

func TestAPrincipalHasAtMostTwoKeys(t *testing.T) {
	t.Parallel()
	made := createPrincipal(t, "organization/"+owner.organization)
	createKey(t, made)
	createKey(t, made)
	refused(t, either{resourceExhausted, failedPrecondition}, owner, owner.principals.ServicePrincipalsServiceCreateServicePrincipalKey,
		principals.ServicePrincipalsServiceCreateServicePrincipalKeyParams{ParentResourceName: made.ResourceName})
}

func TestADeletedPrincipalIsLoggedOut(t *testing.T) {
	t.Parallel()
	made := createPrincipal(t, "organization/"+owner.organization)
	_, s := createKey(t, made)
	equal(t, "id of the caller", callerID(t, s), made.ID)

	must(t, owner, owner.principals.ServicePrincipalsServiceDeleteServicePrincipal,
		principals.ServicePrincipalsServiceDeleteServicePrincipalParams{ResourceName: made.ResourceName})
	refused(t, unauthenticated, s, s.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{})
	refused(t, notFound, owner, owner.principals.ServicePrincipalsServiceGetServicePrincipal,
		principals.ServicePrincipalsServiceGetServicePrincipalParams{ResourceName: made.ResourceName})
}

func TestAPrincipalIsCreatedOnce(t *testing.T) {
	t.Parallel()
	made := createPrincipal(t, "organization/"+owner.organization)
	for name, want := range map[string]code{made.Name: alreadyExists, "": invalidArgument, "a b": invalidArgument} {
		refused(t, want, owner, owner.principals.ServicePrincipalsServiceCreateServicePrincipal,
			principals.ServicePrincipalsServiceCreateServicePrincipalParams{
				ParentResourceName: "organization/" + owner.organization,
				Body:               principals.ServicePrincipalsServiceCreateServicePrincipalBody{Name: name},
			})
	}
}

func TestAProjectsPrincipalIsNamedAfterTheProject(t *testing.T) {
	t.Parallel()
	made := createPrincipal(t, "project/"+owner.project)
	equal(t, "organization_id", made.OrganizationID, owner.organization)
	equal(t, "project_id", made.ProjectID, owner.project)
	equal(t, "resource_name", made.ResourceName, fmt.Sprintf("iam/project/%s/service-principal/%s", owner.project, made.Name))
	_, s := createKey(t, made)
	equal(t, "id of the caller", callerID(t, s), made.ID)
}

func TestAProjectsPrincipalSeesItsOwnProjectOnly(t *testing.T) {
	t.Parallel()
	other := newEmptyProject(t)
	s := owner.principal(t, "viewer", "")
	listed := must(t, s, s.organizations.OrganizationServiceList, organizations.OrganizationServiceListParams{})
	equal(t, "number of organizations", len(listed.Organizations), 1)
	seen := listProjects(t, s)
	equal(t, "number of projects", len(seen), 1)
	equal(t, "id of the project", seen[0].ID, owner.project)

	must(t, s, s.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: owner.project})
	refused(t, either{permissionDenied, notFound}, s, s.projects.ProjectServiceGet, projects.ProjectServiceGetParams{ID: other.project})
	refused(t, permissionDenied, s, s.projects.ProjectServiceCreate, projects.ProjectServiceCreateParams{
		Body: &resources.HashicorpCloudResourcemanagerProjectCreateRequest{
			Name: unique("project"), Parent: organizationParent(owner.organization),
		},
	})
}

func createPrincipal(t *testing.T, parent string) *ServicePrincipal {
	t.Helper()
	return owner.createPrincipal(t, parent)
}

func (s *session) createPrincipal(t *testing.T, parent string) *ServicePrincipal {
	t.Helper()
	name := unique("principal")
	made := must(t, s, s.principals.ServicePrincipalsServiceCreateServicePrincipal,
		principals.ServicePrincipalsServiceCreateServicePrincipalParams{
			ParentResourceName: parent,
			Body:               principals.ServicePrincipalsServiceCreateServicePrincipalBody{Name: name},
		}).ServicePrincipal
	equal(t, "name", made.Name, name)
	return made
}

// createKey makes a key and logs in with it.
func createKey(t *testing.T, of *ServicePrincipal) (*iammodels.HashicorpCloudIamServicePrincipalKey, *session) {
	t.Helper()
	key, secret := newKey(t, of)
	return key, with(t, config.WithClientCredentials(key.ClientID, secret))
}

// newKey makes a key, which is a request without a body.
func newKey(t *testing.T, of *ServicePrincipal) (*iammodels.HashicorpCloudIamServicePrincipalKey, string) {
	t.Helper()
	answer := must(t, owner, owner.principals.ServicePrincipalsServiceCreateServicePrincipalKey,
		principals.ServicePrincipalsServiceCreateServicePrincipalKeyParams{ParentResourceName: of.ResourceName})
	return answer.Key, answer.ClientSecret
}

func callerID(t *testing.T, s *session) string {
	t.Helper()
	return must(t, s, s.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{}).Principal.ID
}
