//! Workload identity providers: made, read, replaced and deleted as clients of HCP do it.

use serde_json::{Value, json};
use waybill_testkit::{Answer, Api, Scope};

use super::{audited, pick, principal};
use crate::running::Registry;

const BOT: &str = "/2019-12-10/iam/project/{project_id}/service-principal/bot";
const OWN: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}";

/// A registry with a service principal `bot` in its project.
async fn registry() -> (Registry, Api) {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    bot(&owner, "bot").await;
    (registry, owner)
}

/// Makes a principal without roles.
async fn bot(owner: &Api, name: &str) {
    let path = "/2019-12-10/iam/project/{project_id}/service-principals";
    owner.post(path, json!({ "name": name })).await.ok();
}

async fn create(caller: &Api, name: &str, provider: Value) -> Answer {
    let body = json!({ "name": name, "provider": provider });
    caller.post(&format!("{BOT}/workload-identity-providers"), body).await
}

fn one(name: &str) -> String {
    format!("{BOT}/workload-identity-provider/{name}")
}

fn oidc() -> Value {
    json!({
        "description": "CI of one repository",
        "conditional_access": "jwt_claims.sub == `repo:example/images:ref:refs/heads/main`",
        "oidc_config": {"issuer_uri": "https://issuer.example", "allowed_audiences": ["waybill"]},
    })
}

fn aws() -> Value {
    json!({
        "conditional_access": "aws.arn matches `^arn:aws:sts::123456789012:assumed-role/builder/`",
        "aws_config": {"account_id": "123456789012"},
    })
}

/// With one member set to something else, or taken out by `null`.
fn with(mut provider: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    let parent = provider.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    if value.is_null() {
        parent.remove(member);
    } else {
        parent.insert(member.to_owned(), value);
    }
    provider
}

#[tokio::test]
async fn a_provider_is_made_read_and_deleted() {
    let (registry, owner) = registry().await;
    let project = owner.project_id();
    for (name, wanted) in [("github", oidc()), ("aws", aws())] {
        let made = create(&owner, name, wanted.clone()).await.ok();
        let provider = &made["provider"];
        let resource =
            format!("iam/project/{project}/service-principal/bot/workload-identity-provider/{name}");
        assert_eq!(provider["resource_name"], resource);
        assert_eq!(provider["resource_id"].as_str().map(str::len), Some(26));
        assert_eq!(provider["created_at"], provider["updated_at"]);
        for (member, value) in wanted.as_object().expect("an object") {
            assert_eq!(provider[member], *value);
        }
        let kinds = ["oidc_config", "aws_config"].map(|kind| provider.get(kind).is_some());
        assert_eq!(kinds.iter().filter(|&&is_there| is_there).count(), 1, "{provider}");
        assert_eq!(owner.get(&one(name)).await.ok(), made);
        // As the SDK sends it: the whole name is one segment.
        let encoded = format!("/2019-12-10/{}", resource.replace('/', "%2F"));
        assert_eq!(owner.get(&encoded).await.ok(), made);
        create(&owner, name, oidc()).await.fails(409, 6);

        let gone = owner.delete(&encoded).await.ok();
        assert_eq!(gone, json!({"resource_id": provider["resource_id"], "resource_name": resource}));
        owner.get(&one(name)).await.fails(404, 5);
        owner.delete(&one(name)).await.fails(404, 5);
        let audited = audited(&registry).await;
        let has =
            |line: String| assert!(audited.iter().any(|row| row.starts_with(&line)), "{line}: {audited:#?}");
        has(format!("owner workload_identity_provider.create {resource} {{\""));
        has(format!("owner workload_identity_provider.delete {resource}"));
    }
}

#[tokio::test]
async fn a_change_without_a_mask_replaces_all_of_it() {
    let (registry, owner) = registry().await;
    let made = create(&owner, "github", oidc()).await.ok()["provider"].clone();
    registry.clock.advance(std::time::Duration::from_secs(5));
    // As Terraform sends it: flat, the description that was taken out is not there.
    let wanted = with(oidc(), "/description", Value::Null);
    let wanted = with(wanted, "/oidc_config/allowed_audiences", json!(["other", "third"]));
    let encoded =
        format!("/2019-12-10/{}", made["resource_name"].as_str().expect("a name").replace('/', "%2F"));
    let changed = owner.patch(&encoded, wanted.clone()).await.ok()["provider"].clone();
    for member in ["conditional_access", "oidc_config"] {
        assert_eq!(changed[member], wanted[member]);
    }
    assert_eq!(changed["description"].as_str().unwrap_or_default(), "");
    for member in ["resource_id", "resource_name", "created_at"] {
        assert_eq!(changed[member], made[member]);
    }
    assert_ne!(changed["updated_at"], made["updated_at"]);
    assert_eq!(owner.get(&one("github")).await.ok()["provider"], changed);

    // No audience is an audience: the provider's own name.
    let wanted = with(wanted, "/oidc_config/allowed_audiences", Value::Null);
    let changed = owner.patch(&one("github"), wanted.clone()).await.ok();
    assert_eq!(changed["provider"]["oidc_config"]["allowed_audiences"], json!([]));
    // What changes nothing leaves no trace.
    let before = audited(&registry).await.len();
    registry.clock.advance(std::time::Duration::from_secs(5));
    assert_eq!(owner.patch(&one("github"), wanted).await.ok(), changed);
    assert_eq!(audited(&registry).await.len(), before);
    let audited = audited(&registry).await;
    assert_eq!(audited.iter().filter(|row| row.contains("workload_identity_provider.update")).count(), 2);

    for wrong in [
        json!({}),
        with(oidc(), "/oidc_config", Value::Null),
        with(oidc(), "/conditional_access", Value::Null),
    ] {
        owner.patch(&one("github"), wrong).await.fails(400, 3);
    }
    owner.patch(&one("gitlab"), oidc()).await.fails(404, 5);
}

#[tokio::test]
async fn a_change_with_a_mask_is_about_what_it_names() {
    let (_registry, owner) = registry().await;
    create(&owner, "github", oidc()).await.ok();
    let change = async |mask: &str, body: Value| {
        owner.patch(&format!("{}?update_mask={mask}", one("github")), body).await
    };
    let changed = change("description", json!({"description": "new", "conditional_access": "x"})).await.ok();
    let expected = with(oidc(), "/description", json!("new"));
    for member in ["description", "conditional_access", "oidc_config"] {
        assert_eq!(changed["provider"][member], expected[member]);
    }
    let body = json!({"oidc_config": {"allowed_audiences": ["a"]}});
    let changed = change("oidcConfig.allowedAudiences", body).await.ok();
    let expected = json!({"issuer_uri": "https://issuer.example", "allowed_audiences": ["a"]});
    assert_eq!(changed["provider"]["oidc_config"], expected);
    // Masked and absent: its zero value.
    let changed = change("description,oidc_config.allowed_audiences", json!({})).await.ok();
    assert_eq!(changed["provider"]["oidc_config"]["allowed_audiences"], json!([]));
    assert_eq!(changed["provider"].get("description"), None);
    change("conditional_access", json!({})).await.fails(400, 3);
    change("aws_config", json!({"aws_config": {"account_id": "123456789012"}})).await.fails(400, 3);
    let message = change("colour", json!({})).await.fails(400, 3);
    assert!(message.contains("`colour`"), "{message}");
}

#[tokio::test]
async fn a_provider_never_becomes_one_of_another_kind() {
    let (_registry, owner) = registry().await;
    create(&owner, "github", oidc()).await.ok();
    create(&owner, "aws", aws()).await.ok();
    let message = owner.patch(&one("github"), aws()).await.fails(400, 3);
    assert!(message.contains("delete it, or make another one"), "{message}");
    owner.patch(&one("aws"), oidc()).await.fails(400, 3);
    owner.patch(&format!("{}?update_mask=aws_config,oidc_config", one("github")), aws()).await.fails(400, 3);
    assert!(owner.get(&one("github")).await.ok()["provider"].get("oidc_config").is_some());
}

#[tokio::test]
async fn what_no_provider_can_be_is_refused_with_what_is_wrong() {
    let (_registry, owner) = registry().await;
    let audiences = |audiences: Value| with(oidc(), "/oidc_config/allowed_audiences", audiences);
    let issuer = |issuer: &str| with(oidc(), "/oidc_config/issuer_uri", json!(issuer));
    let condition = |condition: &str| with(oidc(), "/conditional_access", json!(condition));
    for (name, provider, says) in [
        ("gh", oidc(), "3 to 36 characters"),
        ("-github", oidc(), "starts with a letter or a digit"),
        ("git/hub", oidc(), "`/`"),
        ("github", json!({}), "neither"),
        ("github", with(oidc(), "/aws_config", json!({"account_id": "123456789012"})), "both"),
        ("github", with(aws(), "/aws_config/account_id", json!("12345678901")), "12 digits"),
        ("github", with(aws(), "/aws_config/account_id", Value::Null), "12 digits"),
        ("github", issuer(""), "issuer_uri"),
        ("github", issuer("issuer.example"), "not a URL"),
        ("github", issuer("ftp://issuer.example"), "https://"),
        ("github", issuer("http://issuer.example"), "https://"),
        ("github", issuer("http://127.0.0.1:1"), "--egress-allow"),
        ("github", issuer("https://u:p@issuer.example"), "user"),
        ("github", issuer("https://issuer.example/?a=b"), "query"),
        ("github", issuer("https://issuer.example/#a"), "fragment"),
        ("github", issuer("https://10.1.2.3"), "--egress-allow"),
        ("github", issuer(&format!("https://issuer.example/{}", "x".repeat(500))), "511 characters"),
        ("github", audiences(json!(vec!["a"; 11])), "up to 10"),
        ("github", audiences(json!([""])), "1 to 255"),
        ("github", audiences(json!(["x".repeat(256)])), "1 to 255"),
        ("github", with(oidc(), "/description", json!("x".repeat(256))), "255 characters"),
        ("github", condition(""), "5 to 511"),
        ("github", condition("true"), "5 to 511"),
        ("github", condition(&format!("jwt_claims.sub == `{}`", "x".repeat(500))), "5 to 511"),
        ("github", condition("jwt_claims.sub =="), "column"),
        ("github", condition("jwt_claims.sub matches `(`"), "regular expression"),
        ("github", condition("aws.arn == `a`"), "jwt_claims"),
        ("github", condition("claims.sub == `a`"), "jwt_claims"),
        ("github", with(aws(), "/conditional_access", json!("jwt_claims.sub == `a`")), "aws.arn"),
    ] {
        let message = create(&owner, name, provider.clone()).await.fails(400, 3);
        assert!(message.contains(says), "{says}: {message} for {provider}");
    }
    owner.post(&format!("{BOT}/workload-identity-providers"), json!({})).await.fails(400, 3);
    assert_eq!(
        owner.get(&format!("{OWN}/workload-identity-providers")).await.ok(),
        json!({"workload_identity_providers": []})
    );
    // The longest that one can be.
    let mut longest = with(oidc(), "/description", json!("é".repeat(255)));
    longest = with(longest, "/oidc_config/allowed_audiences", json!(vec!["é".repeat(255); 10]));
    create(&owner, &"x".repeat(36), longest).await.ok();
}

#[tokio::test]
async fn a_principal_has_up_to_twenty() {
    let (_registry, owner) = registry().await;
    for number in 0..20 {
        create(&owner, &format!("provider-{number}"), aws()).await.ok();
    }
    let message = create(&owner, "provider-20", aws()).await.fails(429, 8);
    assert!(message.contains("20 workload identity providers"), "{message}");
    create(&owner, "provider-1", aws()).await.fails(409, 6);
    owner.delete(&one("provider-7")).await.ok();
    create(&owner, "provider-20", aws()).await.ok();
}

#[tokio::test]
async fn only_principals_of_a_project_have_them() {
    let (_registry, owner) = registry().await;
    let boss = "/2019-12-10/iam/organization/{organization_id}/service-principal/owner";
    let body = json!({"name": "github", "provider": oidc()});
    let message =
        owner.post(&format!("{boss}/workload-identity-providers"), body.clone()).await.fails(400, 3);
    assert!(message.contains("make one in a project"), "{message}");
    owner.get(&format!("{boss}/workload-identity-provider/github")).await.fails(400, 3);
    owner
        .with_token(None)
        .post(&format!("{boss}/workload-identity-providers"), body.clone())
        .await
        .fails(401, 16);
    owner
        .post(&format!("{}/workload-identity-providers", BOT.replace("bot", "cat")), body.clone())
        .await
        .fails(404, 5);
    let nowhere = "/2019-12-10/iam/project/nowhere/service-principal/bot/workload-identity-providers";
    owner.post(nowhere, body).await.fails(404, 5);
    for name in ["github", "a", "%00", "GITHUB"] {
        owner.get(&one(name)).await.fails(404, 5);
        owner.delete(&one(name)).await.fails(404, 5);
    }
}

#[tokio::test]
async fn nobody_makes_a_way_to_more_than_they_have() {
    let (registry, owner) = registry().await;
    let admin = principal(&registry, &owner, "admin", "admin", Scope::Project).await;
    let auditor = principal(&registry, &owner, "auditor", "auditor", Scope::Project).await;
    let publisher = principal(&registry, &owner, "publisher", "publisher", Scope::Project).await;
    principal(&registry, &owner, "boss", "owner", Scope::Project).await;
    let boss = BOT.replace("bot", "boss");
    let providers = format!("{boss}/workload-identity-providers");
    let body = json!({"name": "github", "provider": oidc()});
    owner.post(&providers, body.clone()).await.ok();
    let provider = format!("{boss}/workload-identity-provider/github");
    admin.post(&providers, body).await.fails(403, 7);
    admin.patch(&provider, oidc()).await.fails(403, 7);
    admin.delete(&provider).await.fails(403, 7);
    admin.get(&provider).await.ok();
    create(&admin, "github", oidc()).await.ok();
    admin.patch(&one("github"), oidc()).await.ok();

    for (reader, may_read) in [(&auditor, true), (&publisher, false)] {
        create(reader, "gitlab", oidc()).await.fails(403, 7);
        reader.patch(&one("github"), oidc()).await.fails(403, 7);
        reader.delete(&one("github")).await.fails(403, 7);
        for path in [one("github"), format!("{OWN}/workload-identity-providers")] {
            let answer = reader.get(&path).await;
            if may_read {
                answer.ok();
            } else {
                answer.fails(403, 7);
            }
        }
    }
    admin.delete(&one("github")).await.ok();
}

#[tokio::test]
async fn providers_are_listed() {
    let (_registry, owner) = registry().await;
    bot(&owner, "adam").await;
    create(&owner, "github", oidc()).await.ok();
    let made = create(&owner, "aws", aws()).await.ok()["provider"].clone();
    let of_adam = format!("{}/workload-identity-providers", BOT.replace("bot", "adam"));
    owner.post(&of_adam, json!({"name": "gitlab", "provider": oidc()})).await.ok();

    let all = format!("{OWN}/workload-identity-providers");
    let names = |answer: &Value| pick(answer, "workload_identity_providers", "name");
    let listed = owner.get(&all).await.ok();
    assert_eq!(names(&listed), ["gitlab", "github", "aws"], "by principal, then by age");
    assert_eq!(
        listed["workload_identity_providers"][2],
        json!({
            "id": made["resource_id"], "name": "aws", "resource_name": made["resource_name"],
            "service_principal": "bot", "description": "", "conditional_access": made["conditional_access"],
            "aws": made["aws_config"], "created_at": made["created_at"], "updated_at": made["updated_at"],
        })
    );
    assert_eq!(listed["workload_identity_providers"][0]["oidc"], oidc()["oidc_config"]);
    let first = owner.get(&format!("{all}?page_size=2")).await.ok();
    assert_eq!(names(&first), ["gitlab", "github"]);
    let token = first["next_page_token"].as_str().expect("there is more");
    let second = owner.get(&format!("{all}?page_size=2&page_token={token}")).await.ok();
    assert_eq!((names(&second), second.get("next_page_token")), (vec!["aws".to_owned()], None));
    owner.get(&format!("{all}?colour=red")).await.fails(400, 3);

    let of = |name: &str| format!("{OWN}/service-principals/{name}/workload-identity-providers");
    assert_eq!(names(&owner.get(&of("bot")).await.ok()), ["aws", "github"]);
    owner.get(&of("cat")).await.fails(404, 5);
    let second = owner.create_project("second").await;
    let elsewhere = owner.in_project(&second);
    assert_eq!(names(&elsewhere.get(&all).await.ok()), [""; 0]);
    elsewhere.get(&of("bot")).await.fails(404, 5);
}
