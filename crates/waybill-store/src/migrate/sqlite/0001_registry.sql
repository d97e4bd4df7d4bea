-- The registry: who, what was built, which channel serves it, and what happened.
-- Times are microseconds since 1970, UTC. `uid` is what clients see (ULID; UUID for organizations and projects).

CREATE TABLE organizations (
    id          INTEGER PRIMARY KEY,
    uid         TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL
);

CREATE TABLE projects (
    id              INTEGER PRIMARY KEY,
    uid             TEXT    NOT NULL UNIQUE,
    organization_id BIGINT  NOT NULL REFERENCES organizations (id),
    name            TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    UNIQUE (organization_id, name)
);

CREATE TABLE registries (
    project_id   BIGINT  PRIMARY KEY REFERENCES projects (id),
    uid          TEXT    NOT NULL,
    activated    BOOLEAN NOT NULL,
    feature_tier TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL
);

-- A service principal of an organization, or of one project of it.
CREATE TABLE principals (
    id              INTEGER PRIMARY KEY,
    uid             TEXT    NOT NULL UNIQUE,
    organization_id BIGINT  NOT NULL REFERENCES organizations (id),
    project_id      BIGINT  REFERENCES projects (id),
    name            TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL
);
CREATE INDEX principals_by_organization ON principals (organization_id, id);
CREATE UNIQUE INDEX principals_by_name ON principals (organization_id, COALESCE(project_id, 0), name);

CREATE TABLE principal_keys (
    id            INTEGER PRIMARY KEY,
    uid           TEXT    NOT NULL UNIQUE,
    principal_id  BIGINT  NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    client_id     TEXT    NOT NULL UNIQUE,
    secret_digest BLOB    NOT NULL,
    created_at    BIGINT  NOT NULL
);
CREATE INDEX principal_keys_by_principal ON principal_keys (principal_id);

CREATE TABLE buckets (
    id            INTEGER PRIMARY KEY,
    uid           TEXT    NOT NULL UNIQUE,
    project_id    BIGINT  NOT NULL REFERENCES projects (id),
    name          TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    labels        TEXT    NOT NULL,
    -- The highest number given to a version, which is never given again.
    last_number   BIGINT  NOT NULL,
    version_count BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    UNIQUE (project_id, name)
);
CREATE INDEX buckets_by_creation ON buckets (project_id, created_at, id);
CREATE INDEX buckets_by_update ON buckets (project_id, updated_at, id);

-- A role on the organization, on one project, or on one bucket.
CREATE TABLE role_bindings (
    id              INTEGER PRIMARY KEY,
    principal_id    BIGINT  NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    organization_id BIGINT  REFERENCES organizations (id),
    project_id      BIGINT  REFERENCES projects (id),
    bucket_id       BIGINT  REFERENCES buckets (id) ON DELETE CASCADE,
    role            TEXT    NOT NULL CHECK (role IN ('viewer', 'contributor', 'admin', 'owner')),
    created_at      BIGINT  NOT NULL,
    CHECK ((organization_id IS NOT NULL) + (project_id IS NOT NULL) + (bucket_id IS NOT NULL) = 1)
);
CREATE INDEX role_bindings_by_principal ON role_bindings (principal_id);
CREATE INDEX role_bindings_by_bucket ON role_bindings (bucket_id);

-- AUTOINCREMENT: histories may name a version that is gone; its id must never mean another.
CREATE TABLE versions (
    id                     INTEGER PRIMARY KEY AUTOINCREMENT,
    uid                    TEXT    NOT NULL UNIQUE,
    bucket_id              BIGINT  NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    fingerprint            TEXT    NOT NULL,
    -- Null until complete.
    number                 BIGINT,
    template_type          TEXT    NOT NULL CHECK (template_type IN ('unset', 'hcl2', 'json')),
    author                 TEXT    NOT NULL,
    created_at             BIGINT  NOT NULL,
    updated_at             BIGINT  NOT NULL,
    completed_at           BIGINT,
    revoke_at              BIGINT,
    revocation_message     TEXT    NOT NULL,
    revocation_author      TEXT    NOT NULL,
    -- The version whose revocation this one inherited.
    revocation_from        BIGINT,
    -- Whether descendants inherit this revocation.
    revocation_inheritable BOOLEAN NOT NULL,
    -- Whether the moment of a scheduled revocation was acted upon.
    revocation_done        BOOLEAN NOT NULL,
    has_parents            BOOLEAN NOT NULL,
    has_descendants        BOOLEAN NOT NULL,
    UNIQUE (bucket_id, fingerprint)
);
CREATE UNIQUE INDEX versions_by_number ON versions (bucket_id, number) WHERE number IS NOT NULL;
-- A version's name is its number, `v0` while incomplete.
CREATE INDEX versions_by_name ON versions (bucket_id, COALESCE(number, 0), id);
CREATE INDEX versions_by_creation ON versions (bucket_id, created_at, id);
CREATE INDEX versions_by_update ON versions (bucket_id, updated_at, id);
CREATE INDEX versions_to_revoke ON versions (revoke_at) WHERE revoke_at IS NOT NULL AND NOT revocation_done;
CREATE INDEX versions_by_revocation ON versions (revocation_from) WHERE revocation_from IS NOT NULL;

CREATE TABLE builds (
    id                         INTEGER PRIMARY KEY,
    uid                        TEXT    NOT NULL UNIQUE,
    version_id                 BIGINT  NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    component_type             TEXT    NOT NULL,
    status                     TEXT    NOT NULL CHECK (status IN ('unset', 'running', 'done', 'failed', 'cancelled')),
    packer_run_uuid            TEXT    NOT NULL,
    platform                   TEXT    NOT NULL,
    source_external_identifier TEXT    NOT NULL,
    -- As the client said; they may name what does not exist.
    parent_version_uid         TEXT    NOT NULL,
    parent_channel_uid         TEXT    NOT NULL,
    -- The version it was made from, if the registry knows it.
    parent_version_id          BIGINT,
    labels                     TEXT    NOT NULL,
    metadata                   TEXT,
    created_at                 BIGINT  NOT NULL,
    updated_at                 BIGINT  NOT NULL,
    UNIQUE (version_id, component_type)
);
CREATE INDEX builds_by_parent ON builds (parent_version_id) WHERE parent_version_id IS NOT NULL;
CREATE INDEX builds_running ON builds (updated_at) WHERE status = 'running';

CREATE TABLE artifacts (
    id                  INTEGER PRIMARY KEY,
    uid                 TEXT    NOT NULL UNIQUE,
    build_id            BIGINT  NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position            BIGINT  NOT NULL,
    external_identifier TEXT    NOT NULL,
    region              TEXT    NOT NULL,
    created_at          BIGINT  NOT NULL
);
CREATE INDEX artifacts_by_build ON artifacts (build_id, position);
CREATE INDEX artifacts_by_identifier ON artifacts (external_identifier, id);

CREATE TABLE channels (
    id         INTEGER PRIMARY KEY,
    uid        TEXT    NOT NULL UNIQUE,
    bucket_id  BIGINT  NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    managed    BOOLEAN NOT NULL,
    restricted BOOLEAN NOT NULL,
    version_id BIGINT,
    author     TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    UNIQUE (bucket_id, name)
);
CREATE INDEX channels_by_version ON channels (version_id) WHERE version_id IS NOT NULL;

-- One row for each assignment and, with a null version, each unassignment.
CREATE TABLE channel_assignments (
    id          INTEGER PRIMARY KEY,
    channel_id  BIGINT  NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    version_id  BIGINT,
    author      TEXT    NOT NULL,
    assigned_at BIGINT  NOT NULL
);
CREATE INDEX channel_assignments_by_channel ON channel_assignments (channel_id, id);
CREATE INDEX channel_assignments_by_version ON channel_assignments (version_id) WHERE version_id IS NOT NULL;

-- Documents by the SHA-256 of their stored (compressed) bytes.
CREATE TABLE blobs (
    digest  TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL
);

CREATE TABLE sboms (
    id                 INTEGER PRIMARY KEY,
    uid                TEXT    NOT NULL UNIQUE,
    build_id           BIGINT  NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    name               TEXT    NOT NULL,
    format             TEXT    NOT NULL CHECK (format IN ('cyclonedx', 'spdx')),
    digest             TEXT    NOT NULL REFERENCES blobs (digest),
    size_bytes         BIGINT  NOT NULL,
    created_at         BIGINT  NOT NULL,
    UNIQUE (build_id, name)
);
CREATE INDEX sboms_by_digest ON sboms (digest);

-- Who did what. Kept for good; names instead of references, because what they name may be deleted.
CREATE TABLE audit (
    id              INTEGER PRIMARY KEY,
    at              BIGINT  NOT NULL,
    organization_id BIGINT  NOT NULL,
    principal       TEXT    NOT NULL,
    action          TEXT    NOT NULL,
    resource        TEXT    NOT NULL,
    detail          TEXT    NOT NULL
);
CREATE INDEX audit_by_time ON audit (organization_id, at);

-- The outbox: written with the change it tells of, delivered at least once.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    uid        TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    project_id BIGINT  NOT NULL,
    kind       TEXT    NOT NULL,
    payload    TEXT    NOT NULL
);
CREATE INDEX events_by_time ON events (at);

-- Keys of this installation: the token signing keys (newest signs, all verify) and the page token key.
CREATE TABLE secrets (
    id         INTEGER PRIMARY KEY,
    uid        TEXT    NOT NULL UNIQUE,
    purpose    TEXT    NOT NULL,
    value      BLOB    NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE INDEX secrets_by_purpose ON secrets (purpose, id);
