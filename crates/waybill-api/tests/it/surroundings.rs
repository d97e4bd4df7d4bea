//! Bodies of the 2021 interface and of the platform with every member set have exactly the described members.

use waybill_api::{hcp, hcp21, platform};

use crate::{
    description::{Description, PACKER_2021, PLATFORM},
    samples::{labels, operation, page, text, time},
};

#[test]
fn the_bodies_of_2021_have_the_described_members() {
    let description = Description::read(PACKER_2021);
    let iteration = || hcp21::Iteration {
        id: "i".to_owned(),
        bucket_slug: "b".to_owned(),
        incremental_version: 1,
        complete: true,
        fingerprint: "f".to_owned(),
        template_type: hcp::TemplateType::Json,
        author_id: "a".to_owned(),
        has_descendants: true,
        iteration_ancestor_id: "i".to_owned(),
        builds: vec![hcp21::Build {
            id: "b".to_owned(),
            iteration_id: "i".to_owned(),
            component_type: "c".to_owned(),
            status: hcp21::BuildStatus::Done,
            packer_run_uuid: "u".to_owned(),
            cloud_provider: "aws".to_owned(),
            source_image_id: "s".to_owned(),
            source_build_ulid: "s".to_owned(),
            labels: labels(),
            images: vec![hcp21::Image {
                id: "i".to_owned(),
                image_id: "ami-1".to_owned(),
                region: "r".to_owned(),
                created_at: time(),
            }],
            created_at: time(),
            updated_at: time(),
        }],
        revoke_at: Some(time()),
        revocation_message: "m".to_owned(),
        revocation_author: "a".to_owned(),
        revocation_type: hcp21::IterationRevocationType::Inherited,
        revocation_inherited_from: Some(hcp21::RevokedAncestor {
            bucket_slug: "b".to_owned(),
            iteration_id: "i".to_owned(),
            iteration_fingerprint: "f".to_owned(),
            iteration_incremental_version: 1,
            href: "h".to_owned(),
        }),
        created_at: time(),
        updated_at: time(),
    };
    description.check("GetIterationResponse", &hcp21::GetIterationResponse { iteration: iteration() });
    let channel = hcp21::Channel {
        id: "c".to_owned(),
        slug: "s".to_owned(),
        bucket_slug: "b".to_owned(),
        managed: true,
        restricted: true,
        iteration: Some(iteration()),
        pointer: Some(hcp21::ChannelIterationPointer {
            iteration: iteration(),
            author_id: "a".to_owned(),
            created_at: time(),
        }),
        author_id: "a".to_owned(),
        created_at: time(),
        updated_at: time(),
    };
    description.check("GetChannelResponse", &hcp21::GetChannelResponse { channel });
}

#[test]
fn the_bodies_of_the_platform_have_the_described_members() {
    let description = Description::read(PLATFORM);
    let token = platform::Token {
        access_token: "t".into(),
        token_type: "bearer".to_owned(),
        expires_in: 3600,
        refresh_token: Some("r".into()),
        scope: text("openid"),
        id_token: Some("i".into()),
    };
    description.check("oauth2.Token", &token);
    let error = platform::TokenError {
        error: "invalid_client".to_owned(),
        error_description: "d".to_owned(),
        error_uri: "u".to_owned(),
    };
    description.check("oauth2.Error", &error);
    let grant = platform::TokenRequest {
        grant_type: text("client_credentials"),
        audience: text("https://api.hashicorp.cloud"),
        client_id: text("c"),
        client_secret: Some("s".into()),
        ..platform::TokenRequest::default()
    };
    description.check("oauth2.ClientCredentialsGrant", &grant);
    let grant = platform::TokenRequest {
        grant_type: text("authorization_code"),
        client_id: text("c"),
        code: Some("x".into()),
        redirect_uri: text("http://localhost:8443/oidc/callback"),
        ..platform::TokenRequest::default()
    };
    description.check("oauth2.AuthorizationCodeGrant", &grant);
    let grant = platform::TokenRequest {
        grant_type: text("refresh_token"),
        client_id: text("c"),
        refresh_token: Some("r".into()),
        ..platform::TokenRequest::default()
    };
    description.check("oauth2.RefreshTokenGrant", &grant);

    let organization = || platform::Organization {
        id: "o".to_owned(),
        name: "n".to_owned(),
        state: platform::OrganizationState::Active,
        owner: Some(platform::OrganizationOwner { user: "u".to_owned() }),
        tfc_synced: true,
        created_at: time(),
    };
    description.check(
        "resourcemanager.OrganizationListResponse",
        &platform::OrganizationListResponse { organizations: vec![organization()], pagination: Some(page()) },
    );
    description.check(
        "resourcemanager.OrganizationGetResponse",
        &platform::OrganizationGetResponse { organization: organization() },
    );

    let parent = || platform::ResourceId { id: "o".to_owned(), r#type: platform::ResourceType::Organization };
    let project = || platform::Project {
        id: "p".to_owned(),
        name: "n".to_owned(),
        description: "d".to_owned(),
        parent: parent(),
        state: platform::ProjectState::Active,
        created_at: time(),
    };
    description.check(
        "resourcemanager.ProjectListResponse",
        &platform::ProjectListResponse { projects: vec![project()], pagination: Some(page()) },
    );
    description
        .check("resourcemanager.ProjectGetResponse", &platform::ProjectGetResponse { project: project() });
    description.check(
        "resourcemanager.ProjectCreateRequest",
        &platform::ProjectCreateRequest { name: text("n"), description: text("d"), parent: Some(parent()) },
    );
    description.check(
        "resourcemanager.ProjectCreateResponse",
        &platform::ProjectCreateResponse { project: project(), operation_id: "o".to_owned() },
    );
    description.check("operation.WaitResponse", &platform::WaitResponse { operation: operation() });

    let service = || platform::ServicePrincipal {
        id: "s".to_owned(),
        name: "n".to_owned(),
        resource_name: "r".to_owned(),
        organization_id: "o".to_owned(),
        project_id: "p".to_owned(),
        managed_by: "m".to_owned(),
        created_at: time(),
    };
    let key = || platform::ServicePrincipalKey {
        client_id: "c".to_owned(),
        resource_name: "r".to_owned(),
        state: platform::ServicePrincipalKeyState::Active,
        created_at: time(),
    };
    let principal = || platform::Principal {
        id: "p".to_owned(),
        r#type: platform::PrincipalType::Service,
        service: Some(service()),
        user: Some(user()),
        group: Some(group()),
        group_ids: vec!["g".to_owned()],
    };
    description.check(
        "iam.GetCallerIdentityResponse",
        &platform::GetCallerIdentityResponse { principal: principal() },
    );
    description.check(
        "iam.BatchGetPrincipalsResponse",
        &platform::BatchGetPrincipalsResponse { principals: vec![principal()] },
    );
    description
        .check("iam.CreateServicePrincipalBody", &platform::CreateServicePrincipalBody { name: text("n") });
    description.check(
        "iam.CreateServicePrincipalResponse",
        &platform::CreateServicePrincipalResponse { service_principal: service() },
    );
    description.check(
        "iam.GetServicePrincipalResponse",
        &platform::GetServicePrincipalResponse { service_principal: service(), keys: vec![key()] },
    );
    description.check(
        "iam.CreateServicePrincipalKeyResponse",
        &platform::CreateServicePrincipalKeyResponse { key: key(), client_secret: "s".into() },
    );
    description.check("iam.DeleteServicePrincipalResponse", &platform::DeleteServicePrincipalResponse {});
    description
        .check("iam.DeleteServicePrincipalKeyResponse", &platform::DeleteServicePrincipalKeyResponse {});
}

#[test]
fn the_bodies_of_workload_identity_have_the_described_members() {
    let description = Description::read(PLATFORM);
    let oidc = || platform::OIDCWorkloadIdentityProviderConfig {
        issuer_uri: "https://issuer.test".to_owned(),
        allowed_audiences: vec!["a".to_owned()],
    };
    let aws = || platform::AWSWorkloadIdentityProviderConfig { account_id: "123456789012".to_owned() };
    let provider = || platform::WorkloadIdentityProvider {
        resource_id: "i".to_owned(),
        resource_name: "r".to_owned(),
        description: "d".to_owned(),
        conditional_access: "jwt_claims.sub == `s`".to_owned(),
        oidc_config: Some(oidc()),
        aws_config: Some(aws()),
        system_managed: true,
        created_at: Some(time()),
        updated_at: Some(time()),
    };
    description.check(
        "iam.CreateWorkloadIdentityProviderBody",
        &platform::CreateWorkloadIdentityProviderBody { name: text("n"), provider: Some(provider()) },
    );
    description.check(
        "iam.CreateWorkloadIdentityProviderResponse",
        &platform::CreateWorkloadIdentityProviderResponse { provider: provider() },
    );
    description.check(
        "iam.GetWorkloadIdentityProviderResponse",
        &platform::GetWorkloadIdentityProviderResponse { provider: provider() },
    );
    description.check(
        "iam.UpdateWorkloadIdentityProviderBody",
        &platform::UpdateWorkloadIdentityProviderBody {
            resource_id: text("i"),
            description: text("d"),
            conditional_access: text("c"),
            oidc_config: Some(oidc()),
            aws_config: Some(aws()),
            system_managed: Some(true),
            created_at: Some(time()),
            updated_at: Some(time()),
        },
    );
    description.check(
        "iam.UpdateWorkloadIdentityProviderResponse",
        &platform::UpdateWorkloadIdentityProviderResponse { provider: provider() },
    );
    description.check(
        "iam.DeleteWorkloadIdentityProviderResponse",
        &platform::DeleteWorkloadIdentityProviderResponse {
            resource_id: "i".to_owned(),
            resource_name: "r".to_owned(),
        },
    );
    description.check(
        "iam.ExchangeWorkloadIdentityTokenRequest.Token",
        &platform::ExchangeWorkloadIdentityTokenBody {
            jwt_token: Some("t".into()),
            aws_get_caller_id_token: Some(platform::AWS4Request {
                method: text("POST"),
                url: text("https://sts.eu-west-1.amazonaws.com"),
                headers: [("authorization".to_owned(), "s".into())].into(),
                body: text("Action=GetCallerIdentity"),
            }),
        },
    );
    description.check(
        "iam.ExchangeWorkloadIdentityTokenResponse",
        &platform::ExchangeWorkloadIdentityTokenResponse { access_token: "t".into(), expires_in: 3600 },
    );
}

fn user() -> platform::UserPrincipal {
    platform::UserPrincipal {
        id: "u".to_owned(),
        email: "e".to_owned(),
        full_name: "f".to_owned(),
        subject: "s".to_owned(),
        identity_type: platform::UserIdentityType::Samlp,
        identity_types: vec![platform::UserIdentityType::Samlp],
        scim_synchronized: true,
        tfc_synchronized_at: Some(time()),
    }
}

fn group() -> platform::Group {
    platform::Group {
        resource_id: "r".to_owned(),
        resource_name: "r".to_owned(),
        display_name: "d".to_owned(),
        description: "d".to_owned(),
        member_count: 1,
        scim_synchronized: true,
        created_at: Some(time()),
        updated_at: Some(time()),
    }
}

#[test]
fn the_bodies_of_people_and_groups_have_the_described_members() {
    let description = Description::read(PLATFORM);
    let operation_id = || "o".to_owned();
    description
        .check("iam.UserPrincipalResponse", &platform::UserPrincipalResponse { user_principal: user() });
    description.check(
        "iam.ListUserPrincipalsForOrganizationByEmailBody",
        &platform::ListUserPrincipalsForOrganizationByEmailBody { email: text("e") },
    );
    description.check(
        "iam.ListUserPrincipalsForOrganizationByEmailResponse",
        &platform::ListUserPrincipalsForOrganizationByEmailResponse { user_principals: vec![user()] },
    );
    description.check(
        "iam.CreateGroupBody",
        &platform::CreateGroupBody {
            name: text("n"),
            description: text("d"),
            member_principal_ids: vec!["m".to_owned()],
        },
    );
    description.check(
        "iam.CreateGroupResponse",
        &platform::CreateGroupResponse { group: group(), operation_id: operation_id() },
    );
    description.check("iam.GetGroupResponse", &platform::GetGroupResponse { group: group() });
    description
        .check("iam.UpdateGroupResponse", &platform::UpdateGroupResponse { operation_id: operation_id() });
    description
        .check("iam.DeleteGroupResponse", &platform::DeleteGroupResponse { operation_id: operation_id() });
    let member = platform::GroupMember {
        id: "m".to_owned(),
        name: "n".to_owned(),
        email: "e".to_owned(),
        principal_type: platform::GroupMemberPrincipalType::User,
    };
    description.check(
        "iam.ListGroupMembersResponse",
        &platform::ListGroupMembersResponse {
            group: group(),
            members: vec![member],
            pagination: Some(page()),
        },
    );
    description.check(
        "iam.UpdateGroupMembersBody",
        &platform::UpdateGroupMembersBody {
            member_principal_ids_to_add: vec!["a".to_owned()],
            member_principal_ids_to_remove: vec!["r".to_owned()],
        },
    );
    description.check(
        "iam.UpdateGroupMembersResponse",
        &platform::UpdateGroupMembersResponse { operation_id: operation_id() },
    );
}

#[test]
fn the_bodies_that_change_projects_have_the_described_members() {
    let description = Description::read(PLATFORM);
    let operation_id = || "o".to_owned();
    description.check(
        "resourcemanager.ProjectService.SetNameBody",
        &platform::ProjectSetNameBody { name: text("n") },
    );
    description.check(
        "resourcemanager.ProjectSetNameResponse",
        &platform::ProjectSetNameResponse { operation_id: operation_id() },
    );
    description.check(
        "resourcemanager.ProjectService.SetDescriptionBody",
        &platform::ProjectSetDescriptionBody { description: text("d") },
    );
    description.check(
        "resourcemanager.ProjectSetDescriptionResponse",
        &platform::ProjectSetDescriptionResponse { operation_id: operation_id() },
    );
    description.check(
        "resourcemanager.ProjectDeleteResponse",
        &platform::ProjectDeleteResponse { operation: operation() },
    );
}

/// Clients of a group's change send it whole, with times that say nothing.
#[test]
fn a_group_with_times_of_year_1_has_none() {
    let body = r#"{"created_at": "0001-01-01T00:00:00.000Z", "description": "d", "display_name": "n",
                   "updated_at": "0001-01-01T00:00:00.000Z"}"#;
    let group: platform::Group = serde_json::from_str(body).unwrap();
    assert_eq!((group.created_at, group.updated_at), (None, None));
    assert_eq!((group.display_name.as_str(), group.description.as_str()), ("n", "d"));
    let nulls = r#"{"name": "n", "member_principal_ids": null}"#;
    let body: platform::CreateGroupBody = serde_json::from_str(nulls).unwrap();
    assert!(body.member_principal_ids.is_empty());
}
