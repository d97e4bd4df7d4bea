package compat

import (
	"testing"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
)

func TestAPersonIsReadByTheirId(t *testing.T) {
	t.Parallel()
	p := owner.person(t, "viewer")
	read := must(t, owner, owner.iam.IamServiceGetUserPrincipalByIDInOrganization, GetUser{
		OrganizationID: owner.organization, UserPrincipalID: p.id,
	}).UserPrincipal
	if read == nil {
		t.Fatal("user_principal is absent")
	}
	equal(t, "id", read.ID, p.id)
	equal(t, "email", read.Email, p.email)
	equal(t, "full_name", read.FullName, p.name)
	for _, id := range []string{"nobody", createPrincipal(t, "organization/"+owner.organization).ID} {
		refused(t, notFound, owner, owner.iam.IamServiceGetUserPrincipalByIDInOrganization, GetUser{
			OrganizationID: owner.organization, UserPrincipalID: id,
		})
	}
}

func TestPeopleGroupsAndServicesAreLookedUpTogether(t *testing.T) {
	t.Parallel()
	p, group := owner.person(t, ""), createGroup(t, NewGroup{Name: unique("Group ")})
	service := createPrincipal(t, "project/"+owner.project)
	answer := must(t, owner, owner.iam.IamServiceBatchGetPrincipals, BatchGetPrincipals{
		OrganizationID: owner.organization, PrincipalIds: []string{p.id, group.ResourceID, service.ID},
	})
	kinds := map[string]string{}
	for _, principal := range answer.Principals {
		kinds[principal.ID] = word(principal.Type)
	}
	equal(t, "kinds by id", kinds, map[string]string{
		p.id: "PRINCIPAL_TYPE_USER", group.ResourceID: "PRINCIPAL_TYPE_GROUP", service.ID: "PRINCIPAL_TYPE_SERVICE",
	})
}

func TestAPersonWithoutARoleMayOnlyAskWhoTheyAre(t *testing.T) {
	t.Parallel()
	p := owner.person(t, "")
	s := owner.logIn(t, p)
	caller := must(t, s, s.iam.IamServiceGetCallerIdentity, iam.IamServiceGetCallerIdentityParams{}).Principal
	equal(t, "principal.id", caller.ID, p.id)
	equal(t, "principal.type", word(caller.Type), "PRINCIPAL_TYPE_USER")
	none := either{permissionDenied, notFound}
	refused(t, none, s, s.PackerServiceListBuckets, ListBuckets{})
	refused(t, none, s, s.groups.GroupsServiceCreateGroup, CreateGroup{
		ParentResourceName: "organization/" + owner.organization, Body: NewGroup{Name: unique("Group ")},
	})
}
