# Sourced by ./run and ./test: installs what is missing, with the machine's own package manager.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need COMMAND PACKAGE...: makes sure that a command exists.
need() {
    local command=$1
    shift
    command -v "$command" >/dev/null 2>&1 && return
    install_packages "$command" "$@"
    command -v "$command" >/dev/null 2>&1 || die "\`$command\` is still missing after installing $*"
}

# install_packages WHAT PACKAGE...: installs what is missing.
install_packages() {
    local what=$1
    shift
    command -v apt-get >/dev/null 2>&1 || die "\`$what\` is missing, and there is no apt-get: install $* and run this again"
    local root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "\`$what\` is missing: install $* as root and run this again"
        root=(sudo)
    fi
    say "Installing $*"
    if [ -z "${WAYBILL_APT_UPDATED:-}" ]; then
        "${root[@]}" apt-get update -qq
        export WAYBILL_APT_UPDATED=1
    fi
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

need_rust() {
    [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
    command -v cargo >/dev/null 2>&1 || die "Rust 1.95 or newer is needed: https://rustup.rs says how to install it"
    need cc gcc libc6-dev
    need git git ca-certificates
}

# A target folder that outlives the clone makes a second run quick.
use_cache() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/waybill
    if [ -z "${CARGO_TARGET_DIR:-}" ] && mkdir -p "$cache" 2>/dev/null; then
        export CARGO_TARGET_DIR=$cache/target
    fi
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
}
