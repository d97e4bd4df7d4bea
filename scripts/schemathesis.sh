#!/usr/bin/env bash
# Property tests of every documented operation: schemathesis makes requests from the OpenAPI documents, good ones
# and bad ones, and sends them to a real `waybill serve`. No answer may be a 5xx or something that the document
# does not say. The requests are the same in every run.
#
#   scripts/schemathesis.sh PROGRAM [DOCUMENT...]
#
# SCHEMATHESIS_EXAMPLES is the number of requests that are made up for an operation (15).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

version=4.32.5
program=$(realpath "${1:?usage: scripts/schemathesis.sh PROGRAM [DOCUMENT...]}")
shift
[ $# -gt 0 ] || set -- docs/openapi.json crates/waybill-api/tests/openapi/platform.yaml \
    crates/waybill-api/tests/openapi/packer-2023-01-01.yaml

need python3 python3
cache=${XDG_CACHE_HOME:-$HOME/.cache}/waybill/schemathesis-$version
if [ ! -x "$cache/bin/schemathesis" ]; then
    python3 -c 'import ensurepip' 2>/dev/null || install_packages venv python3-venv
    say "Installing schemathesis $version"
    rm -rf "$cache"
    python3 -m venv "$cache"
    "$cache/bin/pip" install -q --disable-pip-version-check "schemathesis==$version"
fi

folder=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }
    rm -rf "$folder"
}
trap stop EXIT
"$program" serve --data "$folder/data" --listen 127.0.0.1:0 >"$folder/ready" 2>"$folder/log" &
server=$!
for _ in $(seq 300); do
    grep -q '^ready at ' "$folder/ready" && break
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; die "the registry did not start"; }
    sleep 0.1
done
origin=http://$(sed -n 's,^ready at https://,,p' "$folder/ready")
[ "$origin" != http:// ] || { cat "$folder/log" >&2; die "the registry did not answer within 30 s"; }

# What the requests need to get past the door: a token, and the places that exist. One bucket with a complete
# version stands there, so that more than refusals is answered.
"$program" env --data "$folder/data" --format json >"$folder/env.json"
python3 scripts/schemathesis_world.py "$origin" "$folder/env.json" "$folder"

failed=()
# check NAME ARGUMENT...: asks for the operations that the arguments select.
check() {
    local name=$1
    shift
    (cd "$folder" && "$cache/bin/schemathesis" --config-file "$folder/schemathesis.toml" --no-color run "$folder/$name" "$@" \
        --url "$origin" --header "Authorization: Bearer $(cat "$folder/token")" \
        --generation-deterministic --max-examples "${SCHEMATHESIS_EXAMPLES:-15}" --phases coverage,fuzzing \
        --workers 1 --continue-on-failure --suppress-health-check all --warnings off --request-timeout 30) ||
        failed+=("$name")
    kill -0 "$server" 2>/dev/null || { tail -50 "$folder/log" >&2; die "the registry has ended"; }
}
for document in "$@"; do
    # It cannot fill in a part of a path whose name has a dot.
    sed -E 's/location\.(organization_id|project_id)/\1/g' "$document" >"$folder/$(basename "$document")"
done
for document in "$@"; do
    say "$document"
    check "$(basename "$document")" --exclude-method DELETE --exclude-operation-id PackerService_UpdateRegistry
done
python3 scripts/schemathesis_world.py "$origin" "$folder/env.json" # what everything was about is still there
for document in "$@"; do
    say "$document, what deletes"
    check "$(basename "$document")" --include-method DELETE
done
if grep -i panicked "$folder/log" >&2; then die "something in the registry panicked"; fi
[ ${#failed[@]} -eq 0 ] || die "schemathesis found something in: ${failed[*]}"
