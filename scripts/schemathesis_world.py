"""Fills a new registry for scripts/schemathesis.sh and writes what its requests need.

    schemathesis_world.py ORIGIN ENV.JSON FOLDER   # makes it
    schemathesis_world.py ORIGIN ENV.JSON          # fails unless it is still there

Writes FOLDER/token and FOLDER/schemathesis.toml: the owner's token, and the values of path parameters that exist.
"""

import base64
import json
import sys
import urllib.request
from pathlib import Path

origin, environment = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
organization, project = environment["HCP_ORGANIZATION_ID"], environment["HCP_PROJECT_ID"]


def send(method, path, body=None, kind="application/json", authorization=None):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else None
    request = urllib.request.Request(origin + path, data, {"Content-Type": kind}, method=method)
    request.add_header("Authorization", authorization or f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


pair = f"{environment['HCP_CLIENT_ID']}:{environment['HCP_CLIENT_SECRET']}"
token = send(
    "POST",
    "/oauth2/token",
    "grant_type=client_credentials&audience=https%3A%2F%2Fapi.hashicorp.cloud",
    "application/x-www-form-urlencoded",
    "Basic " + base64.b64encode(pair.encode()).decode(),
)["access_token"]

registry = f"/packer/2023-01-01/organizations/{organization}/projects/{project}"
bucket = "schemathesis"
if len(sys.argv) < 4:
    send("GET", f"{registry}/buckets/{bucket}/versions/fp-1")
    send("GET", f"{registry}/buckets/{bucket}/channels/production")
    send("GET", f"/2019-12-10/iam/project/{project}/service-principal/builder")
    send("GET", f"/api/v1/organizations/{organization}/principals")
    sys.exit()
folder = Path(sys.argv[3])
send("PUT", f"{registry}/buckets", {"name": bucket})
versions = f"{registry}/buckets/{bucket}/versions"
send("POST", versions, {"fingerprint": "fp-1", "template_type": "HCL2"})
run = "a6b3dd51-9944-21a2-32fa-3f0ad21f7e4e"
build = send(
    "POST", f"{versions}/fp-1/builds", {"component_type": "null.base", "packer_run_uuid": run, "status": "BUILD_RUNNING"}
)["build"]["id"]
send(
    "PATCH",
    f"{versions}/fp-1/builds/{build}",
    {
        "packer_run_uuid": run,
        "status": "BUILD_DONE",
        "platform": "aws",
        "artifacts": [{"external_identifier": "ami-1", "region": "eu-central-1"}],
    },
)
send("POST", f"{registry}/buckets/{bucket}/channels", {"name": "production", "version_fingerprint": "fp-1"})
iam = f"/2019-12-10/iam/project/{project}"
principal = send("POST", f"{iam}/service-principals", {"name": "builder"})["service_principal"]
key = send("POST", f"{iam}/service-principal/builder/keys", {})["key"]
provider = {
    "conditional_access": "jwt_claims.sub == `a`",
    "oidc_config": {"issuer_uri": "https://issuer.invalid", "allowed_audiences": ["waybill"]},
}
send("POST", f"{iam}/service-principal/builder/workload-identity-providers", {"name": "github", "provider": provider})
users = f"/api/v1/organizations/{organization}/users"
user = send("POST", users, {"email": "ada@example.com", "full_name": "Ada"})["user"]
group = send(
    "POST",
    f"/iam/2019-12-10/iam/organization/{organization}/groups",
    {"name": "Operators", "member_principal_ids": [user["id"]]},
)["group"]
webhook = send(
    "POST",
    f"/2023-05-31/webhook/project/{project}/webhooks",
    {"name": "events", "enabled": False, "config": {"url": "https://receiver.invalid/"}},
)["webhook"]

# Most requests are for what exists. The organization of its own policy is left to chance: an owner who takes the
# role away from himself sees nothing any more.
parameters = {
    "organization_id": organization,
    "project_id": project,
    "bucket_name": bucket,
    "bucket": bucket,
    "fingerprint": "fp-1",
    "build_id": build,
    "channel_name": "production",
    "channel": "production",
    "service_principal": principal["name"],
    "key": key["resource_name"].rsplit("/", 1)[1],
    "workload_identity_provider": "github",
    "principal_id": principal["id"],
    "user_id": user["id"],
    "user_principal_id": user["id"],
    "group": group["resource_name"].rsplit("/", 1)[1],
    "group_id": group["resource_id"],
    "geo": "us",
    "webhook": "events",
    "webhook_id": webhook["resource_id"],
    "task_type": "validation",
    "scope": "project",
    "scope_id": project,
}
settings = """
# 501 is the answer to what is not offered: some operations that only the web interface of HCP uses, and methods
# that a path does not have.
[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 501]
# What the documents do not say: no member is marked as required, and clients send more than they should.
negative_data_rejection.enabled = false
positive_data_acceptance.enabled = false
missing_required_header.enabled = false
unsupported_method.enabled = false
allow_header_conformance.enabled = false
use_after_free.enabled = false
ensure_resource_availability.enabled = false
ignored_auth.enabled = false
object_level_authorization.enabled = false

# A program that the registry does not know gets a page for the person in front of it.
[[operations]]
include-operation-id = "OAuth2_Authorize"
checks.status_code_conformance.enabled = false

[phases]
coverage.unexpected-methods = []
"""
lines = [settings, "[parameters]", *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in parameters.items())]
(folder / "schemathesis.toml").write_text("\n".join(lines) + "\n")
(folder / "token").write_text(token)
