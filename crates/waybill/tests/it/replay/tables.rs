//! What the client needs, and where our server answers otherwise than the mock of the recordings.

/// Members that the client reads without a check, or without which it does something else:
/// document, operation, paths (`[]`: in every element, `?`: if there is one).
pub(super) const NEEDED: &[(&str, &str, &[&str])] = &[
    ("platform", "OAuth2_Token", &["access_token", "token_type", "expires_in"]),
    ("platform", "OrganizationService_List", &["organizations", "organizations[]/id"]),
    (
        "platform",
        "ProjectService_List",
        &["projects", "projects[]/id", "projects[]/created_at", "projects[]/parent/id"],
    ),
    (
        HCP,
        "PackerService_GetRegistry",
        &["registry/id", "registry/config/activated", "registry/config/feature_tier"],
    ),
    (HCP, "PackerService_GetBucket", BUCKET),
    (HCP, "PackerService_CreateBucket", BUCKET),
    (HCP, "PackerService_UpdateBucket", BUCKET),
    (HCP, "PackerService_GetVersion", VERSION),
    (HCP, "PackerService_CreateVersion", VERSION),
    (
        HCP,
        "PackerService_ListBuilds",
        &["builds[]/id", "builds[]/component_type", "builds[]/status", "builds[]/version_id"],
    ),
    (HCP, "PackerService_CreateBuild", BUILD),
    (HCP, "PackerService_UpdateBuild", BUILD),
    (HCP, "PackerService_GetChannel", CHANNEL),
    (HCP, "PackerService_UpdateChannel", CHANNEL),
    (
        HCP,
        "PackerService_ListChannels",
        &[
            "channels[]/id",
            "channels[]/name",
            "channels[]/bucket_name",
            "channels[]/author_id",
            "channels[]/created_at",
            "channels[]/updated_at",
            "channels[]/managed",
        ],
    ),
    (HCP, "PackerService_CreateChannel", CHANNEL),
    (HCP, "PackerService_GetRegistryTFCRunTaskAPI", &["api_url", "hmac_key"]),
    (HCP, "PackerService_RegenerateTFCRunTaskHmacKey", &["hmac_key"]),
    ("platform", "ProjectService_Get", PROJECT),
    ("platform", "ProjectService_Create", PROJECT),
    ("platform", "ProjectService_Delete", &["operation"]),
    ("platform", "OperationService_Wait", &["operation/id", "operation/state"]),
    ("platform", "OrganizationService_Get", &["organization/id", "organization/name"]),
    ("platform", "ServicePrincipalsService_CreateServicePrincipal", PRINCIPAL),
    ("platform", "ServicePrincipalsService_GetServicePrincipal", PRINCIPAL),
    (
        "platform",
        "ServicePrincipalsService_CreateServicePrincipalKey",
        &["key/resource_name", "key/client_id", "client_secret"],
    ),
    ("platform", "ServicePrincipalsService_CreateWorkloadIdentityProvider", PROVIDER),
    ("platform", "ServicePrincipalsService_GetWorkloadIdentityProvider", PROVIDER),
    ("platform", "ServicePrincipalsService_UpdateWorkloadIdentityProvider", PROVIDER),
    ("platform", "ServicePrincipalsService_ExchangeWorkloadIdentityToken", &["access_token", "expires_in"]),
    ("platform", "IamService_BatchGetPrincipals", &["principals[]/id", "principals[]/type"]),
    ("platform", "ResourceService_GetIamPolicy", POLICY),
    ("platform", "ResourceService_SetIamPolicy", POLICY),
    ("platform", "WebhookService_CreateWebhook", WEBHOOK),
    ("platform", "WebhookService_GetWebhook", WEBHOOK),
    ("platform", "WebhookService_UpdateWebhook", WEBHOOK),
    ("platform", "WebhookService_UpdateWebhookName", WEBHOOK),
    (
        OLD,
        "PackerService_GetChannel",
        &[
            "channel/id",
            "channel/slug",
            "channel/bucket_slug",
            "channel/iteration?/id",
            "channel/iteration?/fingerprint",
            "channel/iteration?/incremental_version",
            "channel/iteration?/builds[]/images[]/image_id",
        ],
    ),
    (
        OLD,
        "PackerService_GetIteration",
        &[
            "iteration/id",
            "iteration/bucket_slug",
            "iteration/fingerprint",
            "iteration/incremental_version",
            "iteration/complete",
            "iteration/builds[]/status",
            "iteration/builds[]/cloud_provider",
        ],
    ),
];

const HCP: &str = "packer-2023-01-01";
const OLD: &str = "packer-2021-04-30";

const BUCKET: &[&str] = &[
    "bucket/id",
    "bucket/name",
    "bucket/created_at",
    "bucket/updated_at",
    "bucket/resource_name",
    "bucket/location/organization_id",
    "bucket/location/project_id",
    "bucket/version_count",
];

const VERSION: &[&str] = &[
    "version/id",
    "version/name",
    "version/status",
    "version/fingerprint",
    "version/template_type",
    "version/author_id",
    "version/created_at",
    "version/updated_at",
    "version/builds[]/id",
    "version/builds[]/status",
    "version/builds[]/version_id",
    "version/builds[]/artifacts[]/id",
];

const BUILD: &[&str] =
    &["build/id", "build/status", "build/component_type", "build/version_id", "build/created_at"];

const CHANNEL: &[&str] = &[
    "channel/id",
    "channel/name",
    "channel/bucket_name",
    "channel/author_id",
    "channel/created_at",
    "channel/updated_at",
    "channel/version?/id",
    "channel/version?/name",
    "channel/version?/status",
    "channel/version?/fingerprint",
    "channel/version?/builds[]/platform",
    "channel/version?/builds[]/artifacts[]/external_identifier",
];

const PROJECT: &[&str] = &["project/id", "project/name", "project/created_at", "project/parent/id"];

const PRINCIPAL: &[&str] = &[
    "service_principal/id",
    "service_principal/name",
    "service_principal/resource_name",
    "service_principal/organization_id",
    "service_principal/created_at",
    "keys[]/resource_name",
    "keys[]/client_id",
];

const PROVIDER: &[&str] = &["provider/resource_name", "provider/resource_id"];

/// A binding without the kind of a member crashes the client.
const POLICY: &[&str] = &[
    "policy/etag",
    "policy/bindings[]/role_id",
    "policy/bindings[]/members[]/member_id",
    "policy/bindings[]/members[]/member_type",
];

/// Without the destination the client crashes.
const WEBHOOK: &[&str] = &["webhook/resource_id", "webhook/resource_name", "webhook/config/url"];

/// Members of a request that stand unchanged in the answer: operation, object of the answer, members.
pub(super) const ECHOED: &[(&str, &str, &[&str])] = &[
    ("PackerService_CreateBucket", "bucket", &["name", "description", "labels"]),
    ("PackerService_UpdateBucket", "bucket", &["description", "labels"]),
    ("PackerService_CreateVersion", "version", &["fingerprint", "template_type"]),
    ("PackerService_CreateBuild", "build", &["component_type", "status", "packer_run_uuid"]),
    (
        "PackerService_UpdateBuild",
        "build",
        &[
            "status",
            "packer_run_uuid",
            "platform",
            "source_external_identifier",
            "labels",
            "metadata",
            "artifacts",
        ],
    ),
];

/// Operations that a client may ask for and that may be refused with code 12, HTTP 501, as long as they are
/// not there: the client goes on without them, or says so.
pub(super) const NOT_OFFERED: &[&str] = &["PackerService_GetEnforcedBlocksByBucket"];

/// An answer that is not the mock's, on purpose.
#[derive(Debug)]
pub(super) struct Deviation {
    pub(super) recording: &'static str,
    /// `None`: in every run.
    pub(super) run: Option<u32>,
    pub(super) method: &'static str,
    pub(super) path_end: &'static str,
    pub(super) status: u16,
    pub(super) code: Option<u64>,
    #[expect(dead_code, reason = "it is shown with `Debug` when the deviation does not occur")]
    pub(super) reason: &'static str,
}

pub(super) const DEVIATIONS: &[Deviation] = &[
    no_block(1),
    no_block(2),
    no_block(3),
    no_block(4),
    Deviation {
        recording: "k-cred-file",
        run: Some(11),
        method: "POST",
        path_end: "/exchange-token",
        status: 401,
        code: Some(16),
        reason: "the request to Amazon was signed for that day, and the provider is one of OpenID",
    },
];

/// The mock was told to refuse the list of enforced blocks in these runs; here there simply are none.
const fn no_block(run: u32) -> Deviation {
    Deviation {
        recording: "b-enforced-failures",
        run: Some(run),
        method: "GET",
        path_end: "/enforced_blocks/bucket/wb-enf",
        status: 200,
        code: None,
        reason: "the mock was told to refuse",
    }
}

/// How many answers of a recording are not compared with the mock's, because a fault was put in there or
/// earlier in the same version. Exact, so that nothing slips out of the comparison unseen.
pub(super) const LENIENT: &[(&str, usize)] = &[
    ("b-enforced-failures", 5),
    ("i-auth-errors", 25),
    ("j-org-project", 10),
    ("k-cred-file", 1),
    ("l-heartbeat", 2),
    ("m-sbom", 8),
    ("n-data-sources", 2),
    ("o-output", 2),
    ("s-step-failures", 122),
    ("t-response-shapes", 32),
];

/// What the mock was told to do before a run of the client.
pub(super) struct Step {
    pub(super) recording: &'static str,
    pub(super) before: u32,
    pub(super) method: &'static str,
    /// Below the project.
    pub(super) path: &'static str,
    pub(super) body: &'static str,
}

const PARENT: &str = "buckets/wb-parent/versions/01M864STFM1B55DDPBSA33QXB4";

pub(super) const SETUP: &[Step] = &[
    Step {
        recording: "n-data-sources",
        before: 16,
        method: "POST",
        path: "buckets/wb-parent/channels",
        body: r#"{"name": "prod"}"#,
    },
    Step { recording: "n-data-sources", before: 25, method: "PATCH", path: PARENT, body: SCHEDULE },
    Step { recording: "n-data-sources", before: 26, method: "PATCH", path: PARENT, body: RESTORE },
    Step { recording: "n-data-sources", before: 26, method: "PATCH", path: PARENT, body: REVOKE },
    Step { recording: "n-data-sources", before: 29, method: "PATCH", path: PARENT, body: RESTORE },
    Step { recording: "n-data-sources", before: 34, method: "PATCH", path: PARENT, body: REVOKE },
    Step { recording: "n-data-sources", before: 36, method: "PATCH", path: PARENT, body: RESTORE },
    Step { recording: "n-data-sources", before: 36, method: "PATCH", path: PARENT, body: SCHEDULE },
    Step {
        recording: "d-channels-bucket",
        before: 8,
        method: "POST",
        path: "buckets/wb-chan/channels",
        body: r#"{"name": "prod"}"#,
    },
];

const SCHEDULE: &str = r#"{"revoke_in": "30d"}"#;
const REVOKE: &str = r#"{"revoke_in": "0s"}"#;
const RESTORE: &str = r#"{"restore": true}"#;
