package compat

import (
	"slices"
	"strings"
	"testing"
)

func TestAGroupIsMadeReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	name := unique("Site Reliability ")
	made := createGroup(t, NewGroup{Name: name, Description: "on call"})
	equal(t, "display_name", made.DisplayName, name)
	equal(t, "description", made.Description, "on call")
	equal(t, "resource_id is there", made.ResourceID != "", true)
	slug := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), " ", "-"), "--", "-")
	equal(t, "resource_name", made.ResourceName, "iam/organization/"+owner.organization+"/group/"+slug)
	wantRecent(t, "created_at", made.CreatedAt)
	read := getGroup(t, made.ResourceName)
	equal(t, "resource_id when read", read.ResourceID, made.ResourceID)
	equal(t, "display_name when read", read.DisplayName, name)
	refused(t, alreadyExists, owner, owner.groups.GroupsServiceCreateGroup, CreateGroup{
		ParentResourceName: "organization/" + owner.organization, Body: NewGroup{Name: name},
	})

	// The provider sends a whole group with times of the year 1; the mask in the query says what counts.
	other := unique("Other ")
	update := func(mask string, changes Group) {
		t.Helper()
		must(t, owner, owner.groups.GroupsServiceUpdateGroup2, UpdateGroup{
			ResourceName: made.ResourceName, UpdateMask: to(mask), Group: &changes,
		})
	}
	update("description", Group{Description: "not on call", DisplayName: "not applied"})
	read = getGroup(t, made.ResourceName)
	equal(t, "description, changed", read.Description, "not on call")
	equal(t, "display_name after that", read.DisplayName, name)
	update("display_name", Group{DisplayName: other})
	read = getGroup(t, made.ResourceName)
	equal(t, "display_name, changed", read.DisplayName, other)
	equal(t, "description after that", read.Description, "not on call")
	equal(t, "resource_name stays", read.ResourceName, made.ResourceName)
	refused(t, invalidArgument, owner, owner.groups.GroupsServiceUpdateGroup2, UpdateGroup{
		ResourceName: made.ResourceName, UpdateMask: to("nonsense"), Group: &Group{},
	})

	must(t, owner, owner.groups.GroupsServiceDeleteGroup, DeleteGroup{ResourceName: made.ResourceName})
	refused(t, notFound, owner, owner.groups.GroupsServiceGetGroup, GetGroup{ResourceName: made.ResourceName})
	refused(t, notFound, owner, owner.groups.GroupsServiceDeleteGroup, DeleteGroup{ResourceName: made.ResourceName})
}

func TestPeopleJoinAndLeaveAGroup(t *testing.T) {
	t.Parallel()
	one, two, three := owner.person(t, ""), owner.person(t, ""), owner.person(t, "")
	group := createGroup(t, NewGroup{Name: unique("Group "), MemberPrincipalIds: []string{one.id}})
	equal(t, "members at first", membersOf(t, group), emails(one))
	change := func(add, remove []string) {
		t.Helper()
		must(t, owner, owner.groups.GroupsServiceUpdateGroupMembers, UpdateGroupMembers{
			ResourceName: group.ResourceName,
			Body:         GroupMembers{MemberPrincipalIdsToAdd: add, MemberPrincipalIdsToRemove: remove},
		})
	}
	change([]string{two.id, three.id}, nil)
	equal(t, "members, two joined", membersOf(t, group), emails(one, two, three))
	equal(t, "member_count", getGroup(t, group.ResourceName).MemberCount, int32(3))
	change([]string{two.id}, []string{one.id}) // two is there already
	equal(t, "members, one left", membersOf(t, group), emails(two, three))
	change(nil, []string{one.id, three.id}) // one is gone already
	equal(t, "members, another left", membersOf(t, group), emails(two))

	principal := createPrincipal(t, "organization/"+owner.organization)
	for _, id := range []string{"nobody", principal.ID} {
		refused(t, either{invalidArgument, notFound}, owner, owner.groups.GroupsServiceUpdateGroupMembers, UpdateGroupMembers{
			ResourceName: group.ResourceName, Body: GroupMembers{MemberPrincipalIdsToAdd: []string{id}},
		})
	}
}

func TestAGroupsRolesAreItsMembers(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	p := owner.person(t, "")
	group := createGroup(t, NewGroup{Name: unique("Group ")})
	policy := b.policy()
	setPolicy(t, policy, &Policy{Etag: readPolicy(t, policy).Etag, Bindings: []*Binding{
		{RoleID: "roles/contributor", Members: []*Member{{MemberID: group.ResourceID, MemberType: to(aGroup)}}},
	}})
	equal(t, "bindings when read", pairs(readPolicy(t, policy)), []string{"roles/contributor GROUP " + group.ResourceID})

	s := owner.logIn(t, p)
	none := either{permissionDenied, notFound}
	refused(t, none, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})
	members := func(add, remove []string) {
		t.Helper()
		must(t, owner, owner.groups.GroupsServiceUpdateGroupMembers, UpdateGroupMembers{
			ResourceName: group.ResourceName,
			Body:         GroupMembers{MemberPrincipalIdsToAdd: add, MemberPrincipalIdsToRemove: remove},
		})
	}
	members([]string{p.id}, nil)
	equal(t, "version of a member", b.as(s).complete("fp-1").Name, "v1")
	members(nil, []string{p.id})
	refused(t, none, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})

	members([]string{p.id}, nil)
	must(t, owner, owner.groups.GroupsServiceDeleteGroup, DeleteGroup{ResourceName: group.ResourceName})
	refused(t, none, s, s.PackerServiceGetBucket, GetBucket{BucketName: b.name})
	equal(t, "bindings after the group", pairs(readPolicy(t, policy)), []string{})
}

func TestAGroupHasManagers(t *testing.T) {
	t.Parallel()
	manager, member := owner.person(t, ""), owner.person(t, "")
	group, other := createGroup(t, NewGroup{Name: unique("Group ")}), createGroup(t, NewGroup{Name: unique("Group ")})
	policy := owner.resourcePolicy(group.ResourceName)
	bindings := []*Binding{{RoleID: "roles/iam.group-manager", Members: []*Member{{MemberID: manager.id, MemberType: to(aUser)}}}}
	setPolicy(t, policy, &Policy{Etag: readPolicy(t, policy).Etag, Bindings: bindings})
	equal(t, "managers when read", pairs(readPolicy(t, policy)), []string{"roles/iam.group-manager USER " + manager.id})

	s := owner.logIn(t, manager)
	join := func(g *Group) UpdateGroupMembers {
		return UpdateGroupMembers{ResourceName: g.ResourceName, Body: GroupMembers{MemberPrincipalIdsToAdd: []string{member.id}}}
	}
	must(t, s, s.groups.GroupsServiceUpdateGroupMembers, join(group))
	equal(t, "members", membersOf(t, group), emails(member))
	refused(t, either{permissionDenied, notFound}, s, s.groups.GroupsServiceUpdateGroupMembers, join(other))
	refused(t, permissionDenied, s, s.groups.GroupsServiceCreateGroup, CreateGroup{
		ParentResourceName: "organization/" + owner.organization, Body: NewGroup{Name: unique("Group ")},
	})
}

func createGroup(t *testing.T, body NewGroup) *Group {
	t.Helper()
	made := must(t, owner, owner.groups.GroupsServiceCreateGroup, CreateGroup{
		ParentResourceName: "organization/" + owner.organization, Body: body,
	}).Group
	if made == nil {
		t.Fatal("group is absent")
	}
	return made
}

func getGroup(t *testing.T, resourceName string) *Group {
	t.Helper()
	return must(t, owner, owner.groups.GroupsServiceGetGroup, GetGroup{ResourceName: resourceName}).Group
}

// membersOf are the members' addresses, read in pages of one.
func membersOf(t *testing.T, group *Group) []string {
	t.Helper()
	found := []string{}
	request := ListGroupMembers{ResourceName: group.ResourceName, PaginationPageSize: to[int64](1)}
	for range 100 {
		answer := must(t, owner, owner.groups.GroupsServiceListGroupMembers, request)
		for _, member := range answer.Members {
			equal(t, "principal_type of "+member.Email, word(member.PrincipalType), "GROUP_MEMBER_PRINCIPAL_TYPE_USER")
			found = append(found, member.Email)
		}
		next := nextToken(answer.Pagination)
		if next == "" {
			break
		}
		request.PaginationNextPageToken = &next
	}
	slices.Sort(found)
	return found
}

func emails(people ...person) []string {
	found := []string{}
	for _, p := range people {
		found = append(found, p.email)
	}
	slices.Sort(found)
	return found
}
