//! Options of the connection to what is built: SSH, WinRM or none.

use std::path::Path;

use super::{Context, given::Given};
use crate::world::FileKind;

pub(super) const COMMON: &str = "communicator:s pause_before_connecting:s";

pub(super) const SSH: &str = "ssh_host:s ssh_port:n ssh_username:s ssh_password:s ssh_keypair_name:s \
    temporary_key_pair_name:s temporary_key_pair_type:s temporary_key_pair_bits:n ssh_ciphers:l \
    ssh_clear_authorized_keys:b ssh_key_exchange_algorithms:l ssh_private_key_file:s ssh_certificate_file:s ssh_pty:b \
    ssh_timeout:s ssh_wait_timeout:s ssh_agent_auth:b ssh_disable_agent_forwarding:b ssh_handshake_attempts:n \
    ssh_bastion_host:s ssh_bastion_port:n ssh_bastion_agent_auth:b ssh_bastion_username:s ssh_bastion_password:s \
    ssh_bastion_interactive:b ssh_bastion_private_key_file:s ssh_bastion_certificate_file:s \
    ssh_file_transfer_method:s ssh_proxy_host:s ssh_proxy_port:n ssh_proxy_username:s ssh_proxy_password:s \
    ssh_keep_alive_interval:s ssh_read_write_timeout:s ssh_remote_tunnels:l ssh_local_tunnels:l ssh_public_key:i \
    ssh_private_key:i";

pub(super) const WINRM: &str = "winrm_username:s winrm_password:s winrm_host:s winrm_no_proxy:b winrm_port:n \
    winrm_timeout:s winrm_use_ssl:b winrm_insecure:b winrm_use_ntlm:b";

/// The kind of connection that is asked for.
pub(super) fn kind(given: &Given) -> &str {
    match given.text("communicator") {
        "" => "ssh",
        kind => kind,
    }
}

/// Checks what all builders check.
pub(super) fn check(given: &mut Given, context: &Context<'_>) {
    given.check_durations(&[
        "pause_before_connecting",
        "ssh_timeout",
        "ssh_wait_timeout",
        "ssh_keep_alive_interval",
        "ssh_read_write_timeout",
        "winrm_timeout",
    ]);
    match kind(given).to_owned().as_str() {
        "ssh" => check_ssh(given, context),
        "winrm" if given.text("winrm_username").is_empty() => {
            given.error("`winrm_username` must be set: whom to log in as");
        }
        "winrm" | "none" | "docker" | "dockerWindowsContainer" => {}
        other => given.error(format!("`communicator` must be `ssh`, `winrm` or `none`, and it is `{other}`")),
    }
}

fn check_ssh(given: &mut Given, context: &Context<'_>) {
    if given.text("ssh_username").is_empty() {
        given.error("`ssh_username` must be set: whom to log in as");
    }
    for name in ["ssh_private_key_file", "ssh_bastion_private_key_file"] {
        check_key(given, name, context);
    }
    for (key, certificate) in [
        ("ssh_private_key_file", "ssh_certificate_file"),
        ("ssh_bastion_private_key_file", "ssh_bastion_certificate_file"),
    ] {
        if !given.text(certificate).is_empty() && given.text(key).is_empty() {
            given.error(format!("`{certificate}` needs `{key}`: a certificate belongs to a key"));
        }
    }
    check_bastion(given);
    check_choice(given, "ssh_file_transfer_method", &["scp", "sftp"]);
    check_choice(given, "temporary_key_pair_type", &["rsa", "dsa", "ecdsa", "ed25519"]);
    for name in ["ssh_local_tunnels", "ssh_remote_tunnels"] {
        let broken: Vec<String> =
            given.texts(name).into_iter().filter(|tunnel| !is_tunnel(tunnel)).map(str::to_owned).collect();
        for tunnel in broken {
            given.error(format!("`{name}` has `{tunnel}`: a tunnel is written PORT:HOST:PORT"));
        }
    }
}

fn check_bastion(given: &mut Given) {
    let has = |name: &str| !given.text(name).is_empty();
    if !has("ssh_bastion_host") {
        return;
    }
    let has_secret = has("ssh_bastion_password")
        || has("ssh_bastion_private_key_file")
        || has("ssh_private_key_file")
        || given.flag("ssh_bastion_agent_auth")
        || given.flag("ssh_bastion_interactive");
    let is_proxied = has("ssh_proxy_host");
    if !has_secret {
        given.error("`ssh_bastion_host` needs `ssh_bastion_password`, `ssh_bastion_private_key_file` or `ssh_bastion_agent_auth`");
    }
    if is_proxied {
        given.error("only one of `ssh_bastion_host` and `ssh_proxy_host` can be set");
    }
}

fn check_choice(given: &mut Given, name: &str, choices: &[&str]) {
    let text = given.text(name);
    if text.is_empty() || choices.contains(&text) || !given.is_known(name) {
        return;
    }
    let error = format!("`{name}` must be one of {}, and it is `{text}`", choices.join(", "));
    given.error(error);
}

/// `8080:localhost:80`
fn is_tunnel(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    matches!(parts.as_slice(), [from, host, to] if is_port(from) && !host.is_empty() && is_port(to))
}

fn check_key(given: &mut Given, name: &str, context: &Context<'_>) {
    let path = given.text(name);
    if path.is_empty() || !given.is_known(name) {
        return;
    }
    let full = match (path.strip_prefix("~/"), context.world.home()) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    };
    let full = Path::new(&full);
    let fault = match context.world.kind(full) {
        Err(error) => Some(error.to_string()),
        Ok(FileKind::Folder) => Some(format!("{path} is a folder")),
        Ok(_) => match context.world.read(full) {
            Err(error) => Some(error.to_string()),
            Ok(text) if !text.windows(11).any(|part| part == b"PRIVATE KEY") => {
                Some(format!("{path} holds no private key in PEM or OpenSSH form"))
            }
            Ok(_) => None,
        },
    };
    if let Some(fault) = fault {
        given.error(format!("`{name}` cannot be used: {fault}"));
    }
}
