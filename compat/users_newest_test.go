//go:build newest

package compat

import (
	"strings"
	"testing"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
)

func TestAPersonIsFoundByTheirAddress(t *testing.T) {
	t.Parallel()
	p := owner.person(t, "")
	find := func(email string) []string {
		t.Helper()
		answer := must(t, owner, owner.iam.IamServiceListUserPrincipalsForOrganizationByEmail,
			iam.IamServiceListUserPrincipalsForOrganizationByEmailParams{
				OrganizationID: owner.organization,
				Body:           iam.IamServiceListUserPrincipalsForOrganizationByEmailBody{Email: email},
			})
		found := []string{}
		for _, user := range answer.UserPrincipals {
			found = append(found, user.ID)
		}
		return found
	}
	equal(t, "found by the address", find(p.email), []string{p.id})
	equal(t, "found by the address in capitals", find(strings.ToUpper(p.email)), []string{p.id})
	equal(t, "found by another address", find("nobody-"+p.email), []string{})
	refused(t, invalidArgument, owner, owner.iam.IamServiceListUserPrincipalsForOrganizationByEmail,
		iam.IamServiceListUserPrincipalsForOrganizationByEmailParams{
			OrganizationID: owner.organization,
			Body:           iam.IamServiceListUserPrincipalsForOrganizationByEmailBody{Email: "no address"},
		})
}
