//! Webhooks and the run task.

use std::sync::{Arc, Mutex};

use axum::{Router, http::HeaderMap};
use insta::assert_snapshot;
use tokio::net::TcpListener;

use super::Scene;

#[test]
fn webhooks_are_made_changed_and_deleted() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("webhook list"), @r"
    exit 0
    --- stderr
    there are no webhooks in this project
    ");
    assert_snapshot!(scene.run("webhook create deploy --url https://127.0.0.1:1/hook"), @r"
    exit 1
    --- stderr
    error: Error verifying webhook configuration: the registry does not connect to https://127.0.0.1:PORT: it is 127.0.0.1, a loopback address; the registry's operator can allow that with `--egress-allow 127.0.0.1`
    hint: a disabled webhook is not verified: --disabled, --disable
    ");
    assert_snapshot!(scene.run("webhook create deploy --url https://deploy.example/hook --event complete --event revoke --disabled --description 'Rolls out'"), @r"
    exit 0
    --- stdout
    name           deploy
    state          disabled
    url            https://deploy.example/hook
    description    Rolls out
    events         hashicorp.packer.version complete, hashicorp.packer.version revoke
    signed         no
    id             01ULIDULIDULIDULIDULIDULID
    resource name  webhook/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/geo/us/webhook/deploy
    created        YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("webhook create deploy --url https://deploy.example/hook --disabled"), @r"
    exit 1
    --- stderr
    error: webhook `deploy` exists already in project `uuiduuid-uuid-uuid-uuid-uuiduuiduuid`
    ");
    assert_snapshot!(scene.run("webhook create deploy --url https://deploy.example/hook --event finish"), @r"
    exit 2
    --- stderr
    error: invalid value 'finish' for '--event <EVENT>': an event is SOURCE:ACTION, or one of *, create, complete, revoke, restore, delete, schedule-revocation, cancel-revocation, assign

    For more information, try '--help'.
    ");
    scene.write("key.txt", "a key of some length\n");
    assert_snapshot!(scene.run("webhook update deploy --event '*' --key-file key.txt --json"), @r#"
    exit 0
    --- stdout
    {
      "id": "01ULIDULIDULIDULIDULIDULID",
      "name": "deploy",
      "resource_name": "webhook/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/geo/us/webhook/deploy",
      "description": "Rolls out",
      "enabled": false,
      "url": "https://deploy.example/hook",
      "signed": true,
      "hmac_key": null,
      "subscriptions": [
        {
          "resource_id": null,
          "events": [
            {
              "source": "hashicorp.packer.version",
              "action": "*"
            }
          ]
        }
      ],
      "created_at": "TIME",
      "updated_at": "TIME"
    }
    "#);
    assert_snapshot!(scene.run("webhook update deploy"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--url <URL>|--description <TEXT>|--event <EVENT>|--enable|--disable|--no-key|--key-stdin|--key-file <FILE>|--generate-key>

    Usage: waybill webhook update <--url <URL>|--description <TEXT>|--event <EVENT>|--enable|--disable|--no-key|--key-stdin|--key-file <FILE>|--generate-key> <WEBHOOK>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("webhook update deploy --no-key --generate-key"), @r"
    exit 2
    --- stderr
    error: the argument '--no-key' cannot be used with:
      --key-stdin
      --key-file <FILE>
      --generate-key

    Usage: waybill webhook update <--url <URL>|--description <TEXT>|--event <EVENT>|--enable|--disable|--no-key|--key-stdin|--key-file <FILE>|--generate-key> <WEBHOOK>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("webhook update deploy --no-key --description ''"), @r"
    exit 0
    --- stdout
    name           deploy
    state          disabled
    url            https://deploy.example/hook
    events         hashicorp.packer.version *
    signed         no
    id             01ULIDULIDULIDULIDULIDULID
    resource name  webhook/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/geo/us/webhook/deploy
    created        YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("webhook rename deploy rollout"), @r"
    exit 0
    --- stdout
    name           rollout
    state          disabled
    url            https://deploy.example/hook
    events         hashicorp.packer.version *
    signed         no
    id             01ULIDULIDULIDULIDULIDULID
    resource name  webhook/project/uuiduuid-uuid-uuid-uuid-uuiduuiduuid/geo/us/webhook/rollout
    created        YYYY-MM-DD hh:mm:ssZ
    ");
    assert_snapshot!(scene.run("webhook list"), @r"
    exit 0
    --- stdout
    NAME     STATE     SIGNED  URL                          EVENTS
    rollout  disabled  no      https://deploy.example/hook  hashicorp.packer.version *
    ");
    assert_snapshot!(scene.run("webhook show deploy"), @r"
    exit 1
    --- stderr
    error: there is no webhook `deploy` in this project
    hint: `waybill webhook list` shows them all
    ");
    assert_snapshot!(scene.run("webhook delete rollout"), @r"
    exit 2
    --- stderr
    This will happen:
      webhook rollout is deleted: https://deploy.example/hook is sent nothing any more
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    assert_snapshot!(scene.run("webhook delete rollout --yes"), @r"
    exit 0
    --- stdout
    deleted rollout
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_accepts_or_does_not() {
    let scene = Scene::with_registry_that_reaches_here(&[]);
    let signatures: Arc<Mutex<Vec<bool>>> = Arc::default();
    let seen = signatures.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let receiver = Router::new().fallback(move |headers: HeaderMap| async move {
        seen.lock().expect("nobody panics with it").push(headers.contains_key("x-hcp-webhook-signature"));
    });
    tokio::spawn(async move { axum::serve(listener, receiver).await });
    let made = scene.json(&format!("webhook create deploy --url http://{address}/hook --generate-key"));
    assert_eq!(made["hmac_key"].as_str().map(str::len), Some(43), "{made}");
    assert_eq!((&made["signed"], &made["enabled"]), (&true.into(), &true.into()));
    assert_snapshot!(scene.run("webhook verify deploy"), @r"
    exit 0
    --- stdout
    webhook   deploy
    accepted  yes
    status    200
    ");
    assert_eq!(*signatures.lock().expect("nobody panics with it"), [true, true]);
    assert!(scene.json("webhook show deploy")["hmac_key"].is_null(), "it is shown once");
    assert_snapshot!(scene.run("webhook create nobody --url http://127.0.0.1:1/"), @r"
    exit 1
    --- stderr
    error: Error verifying webhook configuration: http://127.0.0.1:PORT could not be reached: Connection refused (os error 111)
    hint: a disabled webhook is not verified: --disabled, --disable
    ");
    scene.run("webhook create nobody --url http://127.0.0.1:1/ --disabled");
    assert_snapshot!(scene.run("webhook verify nobody"), @r"
    exit 1
    --- stdout
    webhook   nobody
    accepted  no
    --- stderr
    error: http://127.0.0.1:PORT could not be reached: Connection refused (os error 111)
    ");
}

#[test]
fn the_run_task_is_set_up() {
    let scene = Scene::with_registry();
    assert_snapshot!(scene.run("run-task show"), @r"
    exit 0
    --- stdout
    url           https://127.0.0.1:PORT/packer/2021-04-30/terraform-cloud/validation/01ULIDULIDULIDULIDULIDULID
    on untracked  warn
    ");
    assert_snapshot!(scene.run("run-task set --on-untracked fail"), @r"
    exit 0
    --- stdout
    url           https://127.0.0.1:PORT/packer/2021-04-30/terraform-cloud/validation/01ULIDULIDULIDULIDULIDULID
    on untracked  fail
    ");
    let before = scene.json("run-task show --key");
    assert_snapshot!(scene.run("run-task regenerate-key"), @r"
    exit 2
    --- stderr
    This will happen:
      HCP Terraform is refused until it has the new key
    error: nothing was done: it needs a confirmation
    hint: say it again with --yes
    ");
    let after = scene.json("run-task regenerate-key --yes");
    assert_eq!(before["url"], after["url"]);
    assert_ne!(before["hmac_key"], after["hmac_key"]);
    assert!(after["hmac_key"].is_string());
    assert_snapshot!(scene.run("run-task set --on-untracked maybe"), @r"
    exit 2
    --- stderr
    error: invalid value 'maybe' for '--on-untracked <BEHAVIOUR>'
      [possible values: warn, fail]

    For more information, try '--help'.
    ");
}
