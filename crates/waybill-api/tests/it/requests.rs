//! What clients send is understood, and what cannot be is refused with words that help.

use serde::de::DeserializeOwned;
use serde_json::{from_str, to_string};
use waybill_api::{
    hcp::{
        BucketAncestryType, BuildMetadata, BuildStatus, CreateBuildBody, CreateVersionBody, OrderBy,
        PageQuery, SbomFormat, TemplateType, UpdateBucketBody, UpdateBuildBody, UpdateVersionBody,
        UploadSbomBody,
    },
    own::{CreatePrincipalBody, DeleteVersionQuery, Role},
    platform::{
        CreateWorkloadIdentityProviderBody, ExchangeWorkloadIdentityTokenBody, ProjectListQuery,
        ResourceType, Token, TokenRequest, UpdateWorkloadIdentityProviderBody,
    },
    secret::Secret,
};

#[test]
fn null_is_absent_and_unknown_members_are_ignored() {
    let check =
        |text: &str| assert_eq!(from_str::<UpdateBuildBody>(text).unwrap(), UpdateBuildBody::default());
    check("{}");
    check(r#"{"from_the_future": {"a": [1]}}"#);
    check(
        r#"{"status": null, "packer_run_uuid": null, "platform": null, "source_external_identifier": null,
            "parent_version_id": null, "parent_channel_id": null, "labels": null, "metadata": null,
            "artifacts": null}"#,
    );
    let body: UpdateBucketBody = from_str(r#"{"platforms":null}"#).unwrap();
    assert_eq!(body, UpdateBucketBody::default());
}

#[test]
fn packer_s_bodies_are_read() {
    let body: CreateBuildBody = from_str(
        r#"{"artifacts":null,"component_type":"null.alpha","packer_run_uuid":"6a3b","status":"BUILD_UNSET"}"#,
    )
    .unwrap();
    assert_eq!(body.component_type.as_deref(), Some("null.alpha"));
    assert_eq!(body.status, Some(BuildStatus::Unset));
    assert_eq!(body.artifacts, None);

    let body: UpdateBuildBody = from_str(
        r#"{"artifacts":[{"external_identifier":"ami-1","region":"eu-west-1"},{"region":"eu-west-2"}],
            "labels":{"os":"linux"},"metadata":{"cicd":null,"packer":{"version":"1.14.3"},"vcs":null},
            "packer_run_uuid":"6a3b","platform":"aws","status":"BUILD_DONE"}"#,
    )
    .unwrap();
    let artifacts = body.artifacts.unwrap();
    assert_eq!(artifacts[0].external_identifier.as_deref(), Some("ami-1"));
    assert_eq!(artifacts[1].external_identifier, None);
    assert_eq!(body.labels.unwrap()["os"], "linux");

    let body: CreateVersionBody = from_str(r#"{"fingerprint":"01J","template_type":"HCL2"}"#).unwrap();
    assert_eq!(body.template_type, Some(TemplateType::Hcl2));
    let body: UploadSbomBody = from_str(r#"{"compressed_sbom":"KLUv","format":"CYCLONEDX"}"#).unwrap();
    assert_eq!((body.name, body.format), (None, Some(SbomFormat::CycloneDx)));
}

#[test]
fn metadata_comes_back_as_it_was_sent() {
    let sent = r#"{"vcs": null,  "packer":{"z":1.0,"a":[null,"é\u00e9"]}, "later": 7}"#;
    let body: UpdateBuildBody = from_str(&format!(r#"{{"metadata": {sent} }}"#)).unwrap();
    let metadata = body.metadata.unwrap();
    assert_eq!(metadata.as_str(), sent);
    assert_eq!(to_string(&metadata).unwrap(), sent);
    assert_eq!(BuildMetadata::from_json(sent.to_owned()).unwrap(), metadata);
}

#[test]
fn a_refusal_names_the_member_and_says_what_it_may_be() {
    fn check<T: DeserializeOwned>(text: &str) -> String {
        let error = from_str::<T>(text).err().expect("refused").to_string();
        error.split(" at line ").next().unwrap_or_default().to_owned()
    }
    assert_eq!(
        check::<UpdateBuildBody>(r#"{"status": "BUILD_PAUSED"}"#),
        "`status` cannot be `BUILD_PAUSED`, it is one of BUILD_UNSET, BUILD_RUNNING, BUILD_DONE, \
         BUILD_CANCELLED, BUILD_FAILED"
    );
    assert_eq!(
        check::<UploadSbomBody>(r#"{"format": "spdx"}"#),
        "`format` cannot be `spdx`, it is one of CYCLONEDX, SPDX"
    );
    assert_eq!(
        check::<CreateVersionBody>(r#"{"template_type": 1}"#),
        "invalid type: integer `1`, expected `template_type` as a string"
    );
    assert_eq!(
        check::<UpdateVersionBody>(r#"{"revoke_at": "tomorrow"}"#),
        "invalid value: string \"tomorrow\", expected an RFC 3339 date-time such as `2026-02-03T04:05:06Z`"
    );
    assert_eq!(check::<UpdateBuildBody>(r#"{"metadata": []}"#), "`metadata` is a JSON object");
    assert_eq!(
        check::<UpdateBuildBody>(r#"{"metadata": {"vcs": "git"}}"#),
        "`metadata.vcs` is a JSON object or null"
    );
}

#[test]
fn a_date_time_may_have_any_offset_and_year_1_is_none() {
    let check = |time: &str| {
        let body = format!(r#"{{"revoke_at": {time}}}"#);
        from_str::<UpdateVersionBody>(&body).unwrap().revoke_at.map(|time| time.to_string())
    };
    assert_eq!(check("null"), None);
    assert_eq!(check(r#""""#), None);
    assert_eq!(check(r#""0001-01-01T00:00:00.000Z""#), None);
    assert_eq!(check(r#""0001-01-01T00:00:00+14:00""#), None);
    assert_eq!(check(r#""2026-02-03T04:05:06Z""#).as_deref(), Some("2026-02-03T04:05:06.000000Z"));
    assert_eq!(check(r#""2026-02-03T04:05:06.5-03:30""#).as_deref(), Some("2026-02-03T07:35:06.500000Z"));
    assert_eq!(check(r#""2026-02-03t04:05:06.123456789z""#).as_deref(), Some("2026-02-03T04:05:06.123456Z"));
    assert_eq!(from_str::<UpdateVersionBody>("{}").unwrap().revoke_at, None);
}

#[test]
fn a_page_is_picked_out_of_any_query() {
    let check = |query: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        PageQuery::from_pairs(pairs).map(|page| page.to_pairs()).map_err(|e| e.to_string())
    };
    assert_eq!(check("location.region.region=&pagination.page_size=0"), Ok(vec![]));
    assert_eq!(
        check("sorting.order_by=name,created_at DESC&pagination.page_size=20&sorting.order_by=id asc"),
        Ok(vec![
            ("pagination.page_size", "20".to_owned()),
            ("sorting.order_by", "name".to_owned()),
            ("sorting.order_by", "created_at desc".to_owned()),
            ("sorting.order_by", "id".to_owned()),
        ])
    );
    assert_eq!(
        check("pagination.next_page_token=a&pagination.previous_page_token=b"),
        Err("`pagination.next_page_token` and `pagination.previous_page_token` exclude each other".to_owned())
    );
    assert_eq!(
        check("pagination.page_size=-1"),
        Err("`pagination.page_size` is a number from 0 to 4294967295, not `-1`".to_owned())
    );
    assert_eq!(
        check("sorting.order_by=name up"),
        Err("`sorting.order_by` is a column, perhaps with `asc` or `desc`, not `name up`".to_owned())
    );
    let page = PageQuery::from_pairs([("sorting.order_by", "name desc")]).unwrap();
    assert_eq!(page.order_by, [OrderBy { column: "name".to_owned(), descending: true }]);
}

#[test]
fn a_scope_is_written_with_dots() {
    let query: ProjectListQuery = from_str(r#"{"scope.id": "o", "scope.type": "ORGANIZATION"}"#).unwrap();
    assert_eq!((query.scope_id.as_deref(), query.scope_type), (Some("o"), Some(ResourceType::Organization)));
    assert_eq!("ANCESTRY_TYPE_CHILDREN".parse(), Ok(BucketAncestryType::Children));
}

#[test]
fn secrets_are_sent_and_not_shown() {
    let form: TokenRequest = from_str(r#"{"client_id": "wb-1", "client_secret": "wbs_1"}"#).unwrap();
    assert_eq!(form.client_secret.as_ref().map(Secret::expose), Some("wbs_1"));
    assert!(!format!("{form:?}").contains("wbs_1"));
    let token: Token =
        from_str(r#"{"access_token": "t", "token_type": "bearer", "expires_in": 60}"#).unwrap();
    assert_eq!(to_string(&token).unwrap(), r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#);
}

#[test]
fn our_own_api_refuses_what_it_does_not_know() {
    let body: CreatePrincipalBody = from_str(r#"{"name": "ci", "role": "contributor"}"#).unwrap();
    assert_eq!(body.role, Role::Contributor);
    let check = |text: &str| from_str::<CreatePrincipalBody>(text).unwrap_err().to_string();
    assert!(
        check(r#"{"name": "ci", "role": "admin", "projectid": ""}"#).starts_with("unknown field `projectid`")
    );
    assert!(check(r#"{"name": "ci"}"#).starts_with("missing field `role`"));
    assert!(check(r#"{"name": "ci", "role": "root"}"#).starts_with("`role` cannot be `root`"));
    assert!(from_str::<DeleteVersionQuery>(r#"{"forced": true}"#).is_err());
}

#[test]
fn providers_are_read_as_terraform_and_the_sdk_write_them() {
    let body: CreateWorkloadIdentityProviderBody = from_str(
        r#"{"name": "aws", "provider": {"aws_config": {"account_id": "123456789012"}, "oidc_config": null,
            "conditional_access": "aws.arn == `a`", "created_at": "0001-01-01T00:00:00.000Z", "updated_at": null}}"#,
    )
    .unwrap();
    let provider = body.provider.unwrap();
    assert_eq!(provider.aws_config.unwrap().account_id, "123456789012");
    assert_eq!((provider.oidc_config, provider.created_at, provider.updated_at), (None, None, None));
    assert_eq!(provider.description, "");

    let body: UpdateWorkloadIdentityProviderBody = from_str(
        r#"{"oidc_config": {"issuer_uri": "https://i.test", "allowed_audiences": null}, "description": null}"#,
    )
    .unwrap();
    assert_eq!(body.oidc_config.unwrap().allowed_audiences, [""; 0]);
    assert_eq!(body.description, None);
}

#[test]
fn a_workload_s_token_is_not_shown() {
    let text = r#"{"jwt_token": "ey-secret", "aws_get_caller_id_token": {"headers": {"a": "signature"}}}"#;
    let body: ExchangeWorkloadIdentityTokenBody = from_str(text).unwrap();
    assert_eq!(body.jwt_token.as_ref().map(Secret::expose), Some("ey-secret"));
    let shown = format!("{body:?}");
    assert!(!shown.contains("ey-secret") && !shown.contains("signature"), "{shown}");
}
