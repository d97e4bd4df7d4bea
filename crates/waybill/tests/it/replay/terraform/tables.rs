//! Where our server answers otherwise than the mock of the recordings, and why.

use crate::replay::tables::Deviation;

/// Answers with another status.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        recording: "registry-inactive",
        run: Some(1),
        method: "GET",
        path_end: "/buckets",
        status: 400,
        code: Some(9),
        reason: "a project without a registry is told apart from a bucket that is not there, as the service does",
    },
    Deviation {
        recording: "error-500-on-bucket-read",
        run: Some(2),
        method: "GET",
        path_end: "/buckets/tf-bucket-500",
        status: 200,
        code: None,
        reason: "the mock was told to fail; the registry has the bucket",
    },
    Deviation {
        recording: "error-503-at-configure",
        run: Some(1),
        method: "GET",
        path_end: "/projects/22222222-2222-4222-8222-222222222222",
        status: 200,
        code: None,
        reason: "the mock was told to fail; the registry has the project",
    },
];

/// Members of the mock's answers that say nothing about ours, by name or by place.
pub(super) const IGNORED: &[(&str, &str)] = &[
    ("template_type", "the mock's versions have none, ours must have one"),
    ("previous_page_token", "the provider does not go back"),
    ("/organization/name", "every installation has its own"),
    ("/organizations[]/name", "every installation has its own"),
    ("owner", "the provider does not read who owns the organization"),
    ("service", "the client asks for the basic view of a principal, which is its id and type"),
    ("access_token", "a placeholder"),
    ("client_secret", "a placeholder; that the client gets one is judged by what it needs"),
    ("hmac_key", "a placeholder; the run task's is judged by itself"),
    ("api_url", "the mock's own address; that there is one is judged by what the client needs"),
];

/// What stands in our answer where the mock's is something else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ours {
    Nothing,
    True,
    Anything,
}

/// Members that are something else in one recording: its name, the place, our value, why.
pub(super) const DIFFERENT: &[(&str, &str, Ours, &str)] = &[
    (
        "project-argument",
        "/channels[]/restricted",
        Ours::True,
        "`latest` is restricted at first, as the service documents it",
    ),
    ("res-project", "/operation_id", Ours::Nothing, "what is done at once needs no operation"),
    (
        "res-project",
        "/operation/created_at",
        Ours::Anything,
        "an operation that is done is not kept, only known",
    ),
    (
        "res-project",
        "/operation/updated_at",
        Ours::Anything,
        "an operation that is done is not kept, only known",
    ),
    ("res-project", "/operation/location/project_id", Ours::Anything, "the client asks below `-`"),
    ("res-webhook", "/webhook/updated_at", Ours::Anything, "another name is a change too"),
];

/// Members that say who did something.
pub(super) const AUTHORS: &[&str] = &["author_id", "revocation_author"];

/// Members besides the ids that the client sends back as it got them.
pub(super) const TOKENS: &[&str] = &["next_page_token"];

/// Secrets that are written and never read: operation and place in the answer.
pub(super) const NEVER_TOLD: &[(&str, &str)] = &[
    ("WebhookService_CreateWebhook", "webhook/config/hmac_key"),
    ("WebhookService_GetWebhook", "webhook/config/hmac_key"),
    ("WebhookService_UpdateWebhook", "webhook/config/hmac_key"),
    ("WebhookService_UpdateWebhookName", "webhook/config/hmac_key"),
];

/// How messages begin that users of the provider know.
pub(super) const MESSAGES: &[&str] = &[
    "version with fingerprint (fingerprint: doesNotExist) does not exist",
    "Error verifying webhook configuration",
];

/// How the buckets are called that fill the first page, because the mock's page had two.
pub(super) const FILLER: &str = "filler-";
