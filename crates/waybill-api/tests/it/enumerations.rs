//! Enumerations have the words of the descriptions, in their order.

use std::collections::BTreeSet;

use serde_json::json;
use waybill_api::{hcp, hcp21, own, platform};

use crate::description::{Description, PACKER_2021, PACKER_2023, PLATFORM};

/// The words of an enumeration, after a look at how each is written and read.
macro_rules! words {
    ($enumeration:ty) => {{
        for &member in <$enumeration>::ALL {
            assert_eq!(serde_json::to_value(member).unwrap(), json!(member.as_str()));
            assert_eq!(serde_json::from_value::<$enumeration>(json!(member.as_str())).unwrap(), member);
        }
        <$enumeration>::ALL.iter().map(|member| member.as_str()).collect::<Vec<_>>()
    }};
}

#[test]
fn every_enumeration_of_2023_is_spelled_as_described() {
    let enumerations = [
        ("AncestryStatus", words!(hcp::AncestryStatus)),
        ("BucketAncestryType", words!(hcp::BucketAncestryType)),
        ("BuildStatus", words!(hcp::BuildStatus)),
        ("RegistryBillingDeprovision.Reason", words!(hcp::RegistryBillingDeprovisionReason)),
        ("RegistryConfig.Tier", words!(hcp::RegistryConfigTier)),
        ("RevocationType", words!(hcp::RevocationType)),
        ("RunTaskBehaviour", words!(hcp::RunTaskBehaviour)),
        ("SbomFormat", words!(hcp::SbomFormat)),
        ("TemplateType", words!(hcp::TemplateType)),
        ("VersionStatus", words!(hcp::VersionStatus)),
        ("operation.Operation.State", words!(hcp::OperationState)),
    ];
    let description = Description::read(PACKER_2023);
    let described = description.schemas().iter().filter(|(_, schema)| schema.get("enum").is_some());
    let described: BTreeSet<_> = described.map(|(name, _)| name.as_str()).collect();
    assert_eq!(described, enumerations.iter().map(|(name, _)| *name).collect());
    for (name, words) in enumerations {
        assert_eq!(words, description.words(name), "{name}");
    }
}

#[test]
fn the_enumerations_of_2021_are_spelled_as_described() {
    let description = Description::read(PACKER_2021);
    assert_eq!(words!(hcp21::BuildStatus), description.words("BuildStatus"));
    assert_eq!(words!(hcp21::IterationRevocationType), description.words("Iteration.RevocationType"));
    assert_eq!(words!(hcp::TemplateType), description.words("Iteration.TemplateType"));
}

#[test]
fn the_enumerations_of_the_platform_are_spelled_as_described() {
    let description = Description::read(PLATFORM);
    let parameters =
        &description.document["paths"]["/iam/2019-12-10/organizations/{organization_id}/principals"]["get"];
    let views = parameters["parameters"][2]["schema"]["enum"].as_array().unwrap();
    assert_eq!(words!(platform::PrincipalView), views.iter().filter_map(|w| w.as_str()).collect::<Vec<_>>());
    let check = |name: &str, words: Vec<&str>| assert_eq!(words, description.words(name), "{name}");
    check("iam.PrincipalType", words!(platform::PrincipalType));
    check("iam.GroupMemberPrincipalType", words!(platform::GroupMemberPrincipalType));
    check("iam.ServicePrincipal.Key.State", words!(platform::ServicePrincipalKeyState));
    check("iam.UserPrincipal.IdentityType", words!(platform::UserIdentityType));
    check("resourcemanager.Organization.OrganizationState", words!(platform::OrganizationState));
    check("resourcemanager.PolicyBindingMemberType", words!(platform::PolicyBindingMemberType));
    check("resourcemanager.Project.ProjectState", words!(platform::ProjectState));
    check("resourcemanager.ResourceID.ResourceType", words!(platform::ResourceType));
}

#[test]
fn our_own_enumerations_are_lower_case_words() {
    assert_eq!(
        words!(own::Role),
        [
            "viewer",
            "contributor",
            "admin",
            "owner",
            "publisher",
            "promoter",
            "revoker",
            "auditor",
            "group-manager"
        ]
    );
    assert_eq!(words!(own::PrincipalKind), ["service", "user", "group"]);
    assert!(own::Role::Contributor < own::Role::Admin);
}
