//! Policies as they are described, and as clients send them.

use serde_json::json;
use waybill_api::platform::{
    IamPolicyResponse, Policy, PolicyBinding, PolicyBindingMember, PolicyBindingMemberType,
    ResourceSetIamPolicyRequest, SetIamPolicyBody,
};

use crate::{
    description::{Description, PLATFORM},
    samples::text,
};

fn policy() -> Policy {
    Policy {
        bindings: vec![PolicyBinding {
            role_id: "roles/viewer".to_owned(),
            members: vec![PolicyBindingMember {
                member_id: "m".to_owned(),
                member_type: PolicyBindingMemberType::Group,
            }],
        }],
        etag: "e".to_owned(),
    }
}

#[test]
fn policies_have_the_described_members() {
    let description = Description::read(PLATFORM);
    let response = IamPolicyResponse { policy: policy() };
    for schema in [
        "resourcemanager.OrganizationGetIamPolicyResponse",
        "resourcemanager.OrganizationSetIamPolicyResponse",
        "resourcemanager.ProjectGetIamPolicyResponse",
        "resourcemanager.ProjectSetIamPolicyResponse",
        "resourcemanager.ResourceGetIamPolicyResponse",
        "resourcemanager.ResourceSetIamPolicyResponse",
    ] {
        description.check(schema, &response);
    }
    let body = SetIamPolicyBody { policy: Some(policy()) };
    for schema in [
        "resourcemanager.OrganizationService.SetIamPolicyBody",
        "resourcemanager.ProjectService.SetIamPolicyBody",
    ] {
        description.check(schema, &body);
    }
    let request = ResourceSetIamPolicyRequest {
        policy: Some(policy()),
        resource_id: text("i"),
        resource_name: text("n"),
    };
    description.check("resourcemanager.ResourceSetIamPolicyRequest", &request);
}

#[test]
fn what_clients_leave_out_or_send_as_null_is_empty() {
    let read = |value| serde_json::from_value::<SetIamPolicyBody>(value).expect("a body").policy;
    assert_eq!(read(json!({})), None);
    assert_eq!(read(json!({"policy": {"bindings": null}})), Some(Policy::default()));
    let binding = json!({"policy": {"bindings": [{"role_id": "roles/admin", "members": null}], "etag": "e"}});
    let expected = PolicyBinding { role_id: "roles/admin".to_owned(), members: vec![] };
    assert_eq!(read(binding), Some(Policy { bindings: vec![expected], etag: "e".to_owned() }));
}
