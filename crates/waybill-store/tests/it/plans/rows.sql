-- Enough rows that reading a whole table is never the cheapest way: some per project, bucket, version.
-- Identifiers are given by the databases, which count from one.

INSERT INTO organizations (uid, name, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
SELECT 'o-' || i, 'Organization', i FROM n;

INSERT INTO projects (uid, organization_id, name, description, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
SELECT 'p-' || i, i % 20 + 1, 'project-' || i, '', i FROM n;

INSERT INTO registries (project_id, uid, activated, feature_tier, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
SELECT i, 'r-' || i, TRUE, 'PLUS', i, i FROM n;

INSERT INTO principals (uid, organization_id, project_id, name, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
SELECT 'u-' || i, i % 20 + 1, CASE WHEN i % 3 = 0 THEN i % 100 + 1 END, 'principal-' || i, i FROM n;

INSERT INTO principal_keys (uid, principal_id, client_id, secret_digest, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
SELECT 'k-' || i, i, 'wb-' || i, '', i FROM n;

-- Four of ten principals are users, one of ten is a group.
UPDATE principals SET kind = 'user' WHERE id % 10 IN (1, 2, 3, 4);
UPDATE principals SET kind = 'group' WHERE id % 10 = 5;

INSERT INTO users (principal_id, full_name, issuer, subject, updated_at)
SELECT id, 'Name', CASE WHEN id % 2 = 0 THEN 'https://sso.example' ELSE '' END,
       CASE WHEN id % 2 = 0 THEN 's-' || id ELSE '' END, id FROM principals WHERE kind = 'user';

INSERT INTO user_groups (principal_id, display_name, description, external_name, policy_version, updated_at)
SELECT id, name, '', CASE WHEN id % 20 = 5 THEN name END, 0, id FROM principals WHERE kind = 'group';

INSERT INTO group_members (group_id, member_id, created_at)
SELECT g.id, u.id, u.id FROM principals u JOIN principals g ON g.id = u.id / 10 * 10 + 5 WHERE u.kind = 'user';

INSERT INTO sessions (uid, principal_id, kind, digest, rotated_at, client, created_at, expires_at)
SELECT 's-' || id, id, 'client', CAST('s-' || id AS BYTEA), id, 'waybill', id, id FROM principals WHERE kind = 'user';

INSERT INTO login_grants (digest, kind, user_code, state, principal_id, client_id, redirect_uri, code_challenge,
                          polled_at, created_at, expires_at)
SELECT CAST('g-' || id AS BYTEA), 'device', 'c-' || id, 'approved', id, 'waybill', '', '', id, id, id
  FROM principals WHERE kind = 'user';

INSERT INTO buckets (uid, project_id, name, description, labels, last_number, version_count, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
SELECT 'b-' || i, i % 100 + 1, 'bucket-' || i, '', '{}', 1, 2, i, i FROM n;

INSERT INTO role_bindings (principal_id, organization_id, project_id, bucket_id, role, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
SELECT i % 4000 + 1, CASE WHEN i % 3 = 0 THEN i % 20 + 1 END, CASE WHEN i % 3 = 1 THEN i % 100 + 1 END,
       CASE WHEN i % 3 = 2 THEN i % 5000 + 1 END, 'viewer', i FROM n;

INSERT INTO versions (uid, bucket_id, fingerprint, number, template_type, author, created_at, updated_at,
                      completed_at, revoke_at, revocation_message, revocation_author, revocation_from,
                      revocation_inheritable, revocation_done, has_parents, has_descendants)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT 'v-' || i, i % 5000 + 1, 'fp-' || i, CASE WHEN i % 4 > 0 THEN i / 5000 + 1 END, 'hcl2', 'author', i, i,
       i, CASE WHEN i % 7 = 0 THEN i END, '', '', CASE WHEN i % 14 = 0 THEN i / 2 END,
       TRUE, i % 70 > 0, i % 2 = 0, i % 2 = 1 FROM n;

INSERT INTO builds (uid, version_id, component_type, status, packer_run_uuid, platform,
                    source_external_identifier, parent_version_uid, parent_channel_uid, parent_version_id,
                    labels, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
SELECT 'd-' || i, i % 20000 + 1, 'null.' || i, CASE WHEN i % 50 = 0 THEN 'running' ELSE 'done' END, '', 'aws',
       '', '', '', CASE WHEN i % 2 = 0 THEN i % 19999 + 1 END, '{}', i, i FROM n;

INSERT INTO bucket_children (parent_id, child_id)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT i % 5000 + 1, (i * 7 + i / 5000) % 5000 + 1 FROM n;

INSERT INTO artifacts (uid, build_id, position, external_identifier, region, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
SELECT 'a-' || i, i % 40000 + 1, i / 40000, 'ami-' || i, 'eu', i FROM n;

INSERT INTO channels (uid, bucket_id, name, managed, restricted, version_id, author, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
SELECT 'c-' || i, i % 5000 + 1, CASE WHEN i <= 5000 THEN 'latest' ELSE 'prod' END, i <= 5000, FALSE, i, '', i, i FROM n;

INSERT INTO channel_assignments (channel_id, version_id, author, assigned_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
SELECT i % 10000 + 1, i % 20000 + 1, '', i FROM n;

INSERT INTO blobs (digest, content)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
SELECT 'digest-' || i, '' FROM n;

INSERT INTO sboms (uid, build_id, name, format, digest, size_bytes, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT 's-' || i, i % 40000 + 1, 'sbom-' || i, 'spdx', 'digest-' || (i % 10000 + 1), 1, i FROM n;

INSERT INTO audit (at, organization_id, principal, action, resource, detail)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT i, i % 20 + 1, '', '', '', '' FROM n;

INSERT INTO events (uid, at, project_id, kind, payload)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT 'e-' || i, i, i % 100 + 1, '', '' FROM n;

INSERT INTO workload_identity_providers (uid, principal_id, name, description, issuer_uri, allowed_audiences,
                                         aws_account_id, conditional_access, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
SELECT 'w-' || i, i % 4000 + 1, 'provider-' || i, '', 'https://issuer', '[]', '', '', i, i FROM n;

INSERT INTO exchanged_tokens (digest, provider_id, first_at, expires_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT CAST('digest-' || i AS BYTEA), i % 4000 + 1, i, i FROM n;

INSERT INTO webhooks (uid, project_id, name, description, enabled, url, hmac_key, subscriptions, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
SELECT 'h-' || i, i % 100 + 1, 'webhook-' || i, '', TRUE, 'https://receiver', '', '[]', i, i FROM n;
