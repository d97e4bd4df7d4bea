-- Identities as users expect them: people and groups beside service principals, policies with finer roles,
-- workload identities, sessions, webhooks, run tasks.
-- The previous release cannot run on it: it would make principals of every kind look like service principals.

ALTER TABLE principals ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'service' CHECK (kind IN ('service', 'user', 'group'));
DROP INDEX principals_by_name;
CREATE UNIQUE INDEX principals_by_name ON principals (organization_id, COALESCE(project_id, 0), kind, name);
CREATE INDEX principals_by_project ON principals (project_id) WHERE project_id IS NOT NULL;

-- What a person has beyond a principal; the principal's name is the e-mail address in lower case.
CREATE TABLE users (
    principal_id  BIGINT  PRIMARY KEY REFERENCES principals (id) ON DELETE CASCADE,
    full_name     TEXT COLLATE "C" NOT NULL,
    -- Who vouches for them at login, and under which name; both empty for a local user.
    issuer        TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    -- Argon2id in PHC form; null for whoever logs in elsewhere.
    password_hash TEXT COLLATE "C",
    updated_at    BIGINT  NOT NULL
);
CREATE UNIQUE INDEX users_by_subject ON users (issuer, subject) WHERE subject <> '';

-- What a group has beyond a principal; the principal's name is the last part of the resource's name.
CREATE TABLE user_groups (
    principal_id   BIGINT  PRIMARY KEY REFERENCES principals (id) ON DELETE CASCADE,
    display_name   TEXT COLLATE "C" NOT NULL,
    description    TEXT COLLATE "C" NOT NULL,
    -- The login provider's group whose members are this group's members; null for one that is kept by hand.
    external_name  TEXT COLLATE "C",
    policy_version BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL
);
CREATE INDEX user_groups_by_external_name ON user_groups (external_name) WHERE external_name IS NOT NULL;

-- In the order of their rows, which is the order they were added in: clients compare lists with what they sent.
CREATE TABLE group_members (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id   BIGINT  NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    member_id  BIGINT  NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    created_at BIGINT  NOT NULL,
    UNIQUE (group_id, member_id)
);
CREATE INDEX group_members_by_group ON group_members (group_id, id);
CREATE INDEX group_members_by_member ON group_members (member_id, group_id);

-- A role on the organization, on one project, on one bucket, or on one group.
ALTER TABLE role_bindings ADD COLUMN group_id BIGINT REFERENCES principals (id) ON DELETE CASCADE;
ALTER TABLE role_bindings DROP CONSTRAINT role_bindings_role_check;
ALTER TABLE role_bindings ADD CONSTRAINT role_bindings_role_check
    CHECK (role IN ('viewer', 'contributor', 'admin', 'owner', 'publisher', 'promoter', 'revoker', 'auditor',
                    'group-manager'));
ALTER TABLE role_bindings DROP CONSTRAINT role_bindings_check;
ALTER TABLE role_bindings ADD CONSTRAINT role_bindings_check
    CHECK (num_nonnulls(organization_id, project_id, bucket_id, group_id) = 1);
CREATE INDEX role_bindings_by_organization ON role_bindings (organization_id) WHERE organization_id IS NOT NULL;
CREATE INDEX role_bindings_by_project ON role_bindings (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX role_bindings_by_group ON role_bindings (group_id) WHERE group_id IS NOT NULL;

-- Counts the changes of a policy, so that its etag never comes again.
ALTER TABLE organizations ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE projects ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE buckets ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;

-- Whose tokens a service principal can be had for: an OpenID Connect issuer's or an AWS account's.
CREATE TABLE workload_identity_providers (
    id                 BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid                TEXT COLLATE "C" NOT NULL UNIQUE,
    principal_id       BIGINT  NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    name               TEXT COLLATE "C" NOT NULL,
    description        TEXT COLLATE "C" NOT NULL,
    -- Empty for AWS.
    issuer_uri         TEXT COLLATE "C" NOT NULL,
    -- A JSON list.
    allowed_audiences  TEXT COLLATE "C" NOT NULL,
    -- Empty for OpenID Connect.
    aws_account_id     TEXT COLLATE "C" NOT NULL,
    conditional_access TEXT COLLATE "C" NOT NULL,
    created_at         BIGINT  NOT NULL,
    updated_at         BIGINT  NOT NULL,
    UNIQUE (principal_id, name)
);

-- Tokens of others that were exchanged, by digest, until they expire: none is taken again much later.
CREATE TABLE exchanged_tokens (
    digest      BYTEA    NOT NULL,
    provider_id BIGINT  NOT NULL REFERENCES workload_identity_providers (id) ON DELETE CASCADE,
    first_at    BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL,
    PRIMARY KEY (provider_id, digest)
);
CREATE INDEX exchanged_tokens_by_expiry ON exchanged_tokens (expires_at);

-- A person who is logged in, in a browser or on a command line, until they log out.
CREATE TABLE sessions (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid             TEXT COLLATE "C" NOT NULL UNIQUE,
    principal_id    BIGINT  NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    kind            TEXT COLLATE "C" NOT NULL CHECK (kind IN ('browser', 'client')),
    -- Of the cookie's secret or of the refresh token.
    digest          BYTEA    NOT NULL UNIQUE,
    -- Of the refresh token before, which is good for a moment longer.
    previous_digest BYTEA,
    rotated_at      BIGINT  NOT NULL,
    -- The program that logged in, as it calls itself.
    client          TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL
);
CREATE INDEX sessions_by_principal ON sessions (principal_id, id);
CREATE INDEX sessions_by_previous ON sessions (previous_digest) WHERE previous_digest IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- What a person has been asked to let a program do, or has: authorization codes and device codes, for minutes.
CREATE TABLE login_grants (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest         BYTEA    NOT NULL UNIQUE,
    kind           TEXT COLLATE "C" NOT NULL CHECK (kind IN ('code', 'device')),
    -- What a person types where the program has no browser; null for an authorization code.
    user_code      TEXT COLLATE "C" UNIQUE,
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'used')),
    -- Who approved.
    principal_id   BIGINT  REFERENCES principals (id) ON DELETE CASCADE,
    client_id      TEXT COLLATE "C" NOT NULL,
    redirect_uri   TEXT COLLATE "C" NOT NULL,
    -- Of PKCE (S256); empty for clients that have none.
    code_challenge TEXT COLLATE "C" NOT NULL,
    -- The session that it was exchanged for, which ends when it is used again.
    session_id     BIGINT  REFERENCES sessions (id) ON DELETE CASCADE,
    polled_at      BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL
);
CREATE INDEX login_grants_by_principal ON login_grants (principal_id) WHERE principal_id IS NOT NULL;
CREATE INDEX login_grants_by_session ON login_grants (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX login_grants_by_expiry ON login_grants (expires_at);

CREATE TABLE webhooks (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           TEXT COLLATE "C" NOT NULL UNIQUE,
    project_id    BIGINT  NOT NULL REFERENCES projects (id),
    name          TEXT COLLATE "C" NOT NULL,
    description   TEXT COLLATE "C" NOT NULL,
    enabled       BOOLEAN NOT NULL,
    url           TEXT COLLATE "C" NOT NULL,
    -- Signs deliveries; empty for none.
    hmac_key      TEXT COLLATE "C" NOT NULL,
    -- A JSON list.
    subscriptions TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    UNIQUE (project_id, name)
);

-- What HCP Terraform's run task needs; empty until somebody asks for it.
ALTER TABLE registries ADD COLUMN run_task_uid TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE registries ADD COLUMN run_task_hmac_key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE registries ADD COLUMN on_untracked_image TEXT COLLATE "C" NOT NULL DEFAULT 'warn'
    CHECK (on_untracked_image IN ('warn', 'fail'));
