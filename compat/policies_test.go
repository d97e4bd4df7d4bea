package compat

import (
	"fmt"
	"slices"
	"testing"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	organizations "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/organization_service"
	projects "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/project_service"
	resourceservice "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/client/resource_service"
	resources "github.com/hashicorp/hcp-sdk-go/clients/cloud-resource-manager/stable/2019-12-10/models"
)

// A policyOf reads and writes the policy of one thing.
type policyOf struct {
	what string
	get  func() (*Policy, error)
	set  func(*Policy) (*Policy, error)
}

func (s *session) organizationPolicy() policyOf {
	return policyOf{
		what: "organization",
		get: func() (*Policy, error) {
			answer, err := call(s, s.organizations.OrganizationServiceGetIamPolicy,
				organizations.OrganizationServiceGetIamPolicyParams{ID: s.organization})
			if err != nil {
				return nil, err
			}
			return answer.Policy, nil
		},
		set: func(policy *Policy) (*Policy, error) {
			answer, err := call(s, s.organizations.OrganizationServiceSetIamPolicy,
				organizations.OrganizationServiceSetIamPolicyParams{ID: s.organization, Body: organizationPolicy(policy)})
			if err != nil {
				return nil, err
			}
			return answer.Policy, nil
		},
	}
}

func (s *session) projectPolicy() policyOf {
	return policyOf{
		what: "project",
		get: func() (*Policy, error) {
			answer, err := call(s, s.projects.ProjectServiceGetIamPolicy, projects.ProjectServiceGetIamPolicyParams{ID: s.project})
			if err != nil {
				return nil, err
			}
			return answer.Policy, nil
		},
		set: func(policy *Policy) (*Policy, error) {
			answer, err := call(s, s.projects.ProjectServiceSetIamPolicy,
				projects.ProjectServiceSetIamPolicyParams{ID: s.project, Body: projectPolicy(policy)})
			if err != nil {
				return nil, err
			}
			return answer.Policy, nil
		},
	}
}

// resourcePolicy is the policy of a bucket or a group.
func (s *session) resourcePolicy(resourceName string) policyOf {
	return policyOf{
		what: resourceName,
		get: func() (*Policy, error) {
			answer, err := call(s, s.resources.ResourceServiceGetIamPolicy,
				resourceservice.ResourceServiceGetIamPolicyParams{ResourceName: &resourceName})
			if err != nil {
				return nil, err
			}
			return answer.Policy, nil
		},
		set: func(policy *Policy) (*Policy, error) {
			answer, err := call(s, s.resources.ResourceServiceSetIamPolicy, resourceservice.ResourceServiceSetIamPolicyParams{
				Body: &resources.HashicorpCloudResourcemanagerResourceSetIamPolicyRequest{Policy: policy, ResourceName: resourceName},
			})
			if err != nil {
				return nil, err
			}
			return answer.Policy, nil
		},
	}
}

func (b *bucket) policy() policyOf {
	return b.resourcePolicy(fmt.Sprintf("packer/project/%s/bucket/%s", b.project, b.name))
}

func TestAPolicyIsReadChangedAndEmptied(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	member := createPrincipal(t, "organization/"+owner.organization)
	for _, p := range []policyOf{s.projectPolicy(), s.newBucket(t).policy()} {
		t.Run(p.what, func(t *testing.T) { changeAndEmpty(t, p, member.ID) })
	}
}

// The organization is that of everything else, so that it needs a server of its own.
func TestThePolicyOfTheOrganizationIsReadAndChanged(t *testing.T) {
	t.Parallel()
	own := startForTest(t, t.TempDir()+"/data")
	s := own.session(t)
	p := s.organizationPolicy()
	first := readPolicy(t, p)
	me := callerID(t, s)
	equal(t, "the owner's binding", pairs(first), []string{"roles/owner SERVICE_PRINCIPAL " + me})

	member := s.createPrincipal(t, "organization/"+s.organization)
	wanted := append(pairs(first), "roles/viewer SERVICE_PRINCIPAL "+member.ID)
	slices.Sort(wanted)
	second := setPolicy(t, p, &Policy{Etag: first.Etag, Bindings: append(first.Bindings, binding("viewer", member.ID))})
	equal(t, "bindings when written", pairs(second), wanted)
	equal(t, "bindings when read", pairs(readPolicy(t, p)), wanted)
	conflict(t, p, &Policy{Etag: first.Etag, Bindings: first.Bindings})
	third := setPolicy(t, p, &Policy{Etag: second.Etag, Bindings: first.Bindings})
	equal(t, "bindings as at first", pairs(third), pairs(first))
	if err := own.stop(); err != nil {
		t.Error(err)
	}
}

func changeAndEmpty(t *testing.T, p policyOf, member string) {
	first := readPolicy(t, p)
	equal(t, "bindings at first", pairs(first), []string{})

	second := setPolicy(t, p, &Policy{Etag: first.Etag, Bindings: []*Binding{binding("contributor", member)}})
	equal(t, "bindings when written", pairs(second), []string{"roles/contributor SERVICE_PRINCIPAL " + member})
	equal(t, "etag has changed", second.Etag != first.Etag, true)
	read := readPolicy(t, p)
	equal(t, "bindings when read", pairs(read), pairs(second))
	equal(t, "etag when read", read.Etag, second.Etag)

	// Whoever read the policy before that has not seen the change.
	conflict(t, p, &Policy{Etag: first.Etag, Bindings: []*Binding{binding("viewer", member)}})
	equal(t, "bindings after the conflict", pairs(readPolicy(t, p)), pairs(second))

	third := setPolicy(t, p, &Policy{Etag: second.Etag, Bindings: []*Binding{binding("viewer", member), binding("admin", member)}})
	equal(t, "two roles", pairs(third), []string{"roles/admin SERVICE_PRINCIPAL " + member, "roles/viewer SERVICE_PRINCIPAL " + member})
	fourth := setPolicy(t, p, &Policy{Etag: third.Etag})
	equal(t, "bindings, emptied", pairs(fourth), []string{})
	for i, etags := range [][2]string{{first.Etag, second.Etag}, {second.Etag, third.Etag}, {third.Etag, fourth.Etag}} {
		equal(t, fmt.Sprintf("etag of write %d is another one", i+1), etags[0] != etags[1], true)
	}
}

func TestAPolicyOfNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	member := createPrincipal(t, "organization/"+owner.organization).ID
	p := b.policy()
	etag := readPolicy(t, p).Etag
	for what, bindings := range map[string][]*Binding{
		"an unknown role":           {{RoleID: "roles/nonsense", Members: []*Member{{MemberID: member, MemberType: to(aServicePrincipal)}}}},
		"no role":                   {{Members: []*Member{{MemberID: member, MemberType: to(aServicePrincipal)}}}},
		"an unknown member":         {binding("viewer", "nobody")},
		"a member of another kind":  {{RoleID: "roles/viewer", Members: []*Member{{MemberID: member, MemberType: to(aUser)}}}},
		"a group that is no group":  {{RoleID: "roles/viewer", Members: []*Member{{MemberID: member, MemberType: to(aGroup)}}}},
		"one good and one bad role": {binding("viewer", member), {RoleID: "roles/", Members: []*Member{{MemberID: member, MemberType: to(aServicePrincipal)}}}},
	} {
		_, err := p.set(&Policy{Etag: etag, Bindings: bindings})
		if err == nil {
			t.Errorf("%s was accepted", what)
			continue
		}
		wantCode(t, err, either{invalidArgument, notFound})
	}
	read := readPolicy(t, p)
	equal(t, "bindings after the refusals", pairs(read), []string{})
	equal(t, "etag after the refusals", read.Etag, etag)

	absent := b.resourcePolicy(fmt.Sprintf("packer/project/%s/bucket/%s", b.project, unique("bucket")))
	_, err := absent.set(&Policy{Bindings: []*Binding{binding("viewer", member)}})
	wantCode(t, err, notFound)
	_, err = b.resourcePolicy("nonsense").get()
	wantCode(t, err, either{invalidArgument, notFound})
}

func TestARoleOfAPolicyCountsFromThenOn(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	made := createPrincipal(t, "project/"+b.project)
	_, s := createKey(t, made)
	seen, none := b.as(s), either{permissionDenied, notFound}
	refused(t, none, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})

	p := b.policy()
	etag := setPolicy(t, p, &Policy{Etag: readPolicy(t, p).Etag, Bindings: []*Binding{binding("viewer", made.ID)}}).Etag
	equal(t, "bucket, as a viewer", seen.get().Name, b.name)
	refused(t, permissionDenied, s, s.PackerServiceUpdateBucket, UpdateBucket{BucketName: b.name, Body: &BucketChanges{Description: "x"}})

	etag = setPolicy(t, p, &Policy{Etag: etag, Bindings: []*Binding{binding("contributor", made.ID)}}).Etag
	equal(t, "version, as a contributor", seen.complete("fp-1").Name, "v1")
	refused(t, permissionDenied, s, s.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})

	setPolicy(t, p, &Policy{Etag: etag})
	refused(t, none, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})
}

func TestRolesOfProjectAndBucketAddUp(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	b, other := s.newBucket(t), s.newBucket(t)
	made := createPrincipal(t, "project/"+s.project)
	_, member := createKey(t, made)
	member = member.in(s.project)
	ofProject, ofBucket := s.projectPolicy(), b.policy()
	setPolicy(t, ofProject, &Policy{Etag: readPolicy(t, ofProject).Etag, Bindings: []*Binding{binding("viewer", made.ID)}})
	setPolicy(t, ofBucket, &Policy{Etag: readPolicy(t, ofBucket).Etag, Bindings: []*Binding{binding("contributor", made.ID)}})

	equal(t, "the other bucket, read", other.as(member).get().Name, other.name)
	refused(t, permissionDenied, member, member.PackerServiceUpdateBucket, UpdateBucket{
		BucketName: other.name, Body: &BucketChanges{Description: "x"},
	})
	must(t, member, member.PackerServiceUpdateBucket, UpdateBucket{BucketName: b.name, Body: &BucketChanges{Description: "x"}})
	// A policy holds what was set on it and nothing inherited.
	equal(t, "bindings of the bucket", pairs(readPolicy(t, ofBucket)), []string{"roles/contributor SERVICE_PRINCIPAL " + made.ID})
}

func TestOnlyWhoMayManagesPolicies(t *testing.T) {
	t.Parallel()
	s := newProject(t)
	b := s.newBucket(t)
	member := createPrincipal(t, "organization/"+owner.organization).ID
	contributor := s.principal(t, "contributor", "")
	for _, p := range []policyOf{contributor.projectPolicy(), b.as(contributor).policy(), contributor.organizationPolicy()} {
		_, err := p.set(&Policy{Bindings: []*Binding{binding("admin", member)}})
		wantCode(t, err, permissionDenied)
	}
	admin := b.as(s.principal(t, "admin", ""))
	p := admin.policy()
	setPolicy(t, p, &Policy{Etag: readPolicy(t, p).Etag, Bindings: []*Binding{binding("contributor", member)}})
	// Nobody gives what he has not got himself.
	_, err := admin.projectPolicy().set(&Policy{
		Etag: readPolicy(t, admin.projectPolicy()).Etag, Bindings: []*Binding{binding("owner", member)},
	})
	wantCode(t, err, permissionDenied)
}

func TestAPolicyOfADeletedBucketDoesNotComeBack(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	member := createPrincipal(t, "organization/"+owner.organization).ID
	p := b.policy()
	setPolicy(t, p, &Policy{Etag: readPolicy(t, p).Etag, Bindings: []*Binding{binding("admin", member)}})
	must(t, b.session, b.PackerServiceDeleteBucket, DeleteBucket{BucketName: b.name})
	must(t, b.session, b.PackerServiceCreateBucket, CreateBucket{Body: &NewBucket{Name: b.name}})
	equal(t, "bindings of the new bucket", pairs(readPolicy(t, p)), []string{})
}

func TestPrincipalsAreLookedUpByTheirIds(t *testing.T) {
	t.Parallel()
	one := createPrincipal(t, "organization/"+owner.organization)
	other := createPrincipal(t, "project/"+owner.project)
	me := callerID(t, owner)
	answer := must(t, owner, owner.iam.IamServiceBatchGetPrincipals, BatchGetPrincipals{
		OrganizationID: owner.organization, PrincipalIds: []string{one.ID, other.ID, me}, View: to("PRINCIPAL_VIEW_BASIC"),
	})
	kinds := map[string]string{}
	for _, principal := range answer.Principals {
		kinds[principal.ID] = word(principal.Type)
	}
	service := "PRINCIPAL_TYPE_SERVICE"
	equal(t, "kinds by id", kinds, map[string]string{one.ID: service, other.ID: service, me: service})

	// With an id missing from a good answer the provider crashes.
	refused(t, notFound, owner, owner.iam.IamServiceBatchGetPrincipals, iam.IamServiceBatchGetPrincipalsParams{
		OrganizationID: owner.organization, PrincipalIds: []string{one.ID, "01JG5YSPYCEK4TGHB8M2Z6XE7Q"},
	})
}

func binding(role string, members ...string) *Binding {
	b := &Binding{RoleID: "roles/" + role}
	for _, member := range members {
		b.Members = append(b.Members, &Member{MemberID: member, MemberType: to(aServicePrincipal)})
	}
	return b
}

// pairs is a policy as sorted lines of role, kind and id: the order of bindings says nothing.
func pairs(policy *Policy) []string {
	lines := []string{}
	for _, b := range policy.Bindings {
		for _, member := range b.Members {
			lines = append(lines, fmt.Sprintf("%s %s %s", b.RoleID, word(member.MemberType), member.MemberID))
		}
	}
	slices.Sort(lines)
	return lines
}

func readPolicy(t *testing.T, p policyOf) *Policy {
	t.Helper()
	policy, err := p.get()
	if err != nil {
		t.Fatalf("policy of %s: %v", p.what, err)
	}
	return checked(t, p, policy)
}

func setPolicy(t *testing.T, p policyOf, policy *Policy) *Policy {
	t.Helper()
	answer, err := p.set(policy)
	if err != nil {
		t.Fatalf("policy of %s: %v", p.what, err)
	}
	return checked(t, p, answer)
}

func checked(t *testing.T, p policyOf, policy *Policy) *Policy {
	t.Helper()
	if policy == nil {
		t.Fatalf("policy of %s is absent", p.what)
	}
	equal(t, "policy of "+p.what+" has an etag", policy.Etag != "", true)
	return policy
}

// conflict wants the refusal of a policy that was read before somebody else wrote one.
func conflict(t *testing.T, p policyOf, policy *Policy) {
	t.Helper()
	_, err := p.set(policy)
	if err == nil {
		t.Fatalf("policy of %s: an old etag was accepted", p.what)
	}
	wantCode(t, err, aborted)
}
