//! What provisioners that run scripts have in common.

use std::path::Path;

use crate::component::{Context, given::Given};

pub(in crate::component) const SCRIPT: &str = "inline:l script:s scripts:l valid_exit_codes:i";
pub(in crate::component) const ENVIRONMENT: &str = "environment_vars:l env:m env_var_format:s";
pub(in crate::component) const LOCAL: &str =
    "command:s execute_command:l inline_shebang:s only_on:l tempfile_extension:s use_linux_pathing:b";
pub(super) const REMOTE: &str = "binary:b remote_path:s start_retry_timeout:s";

const SYSTEMS: [&str; 6] = ["darwin", "freebsd", "linux", "openbsd", "solaris", "windows"];

/// Checks a script that is uploaded and run.
pub(super) fn check_remote(given: &mut Given, context: &Context<'_>) {
    let inline = !given.texts("inline").is_empty();
    let script = !given.text("script").is_empty();
    let scripts = !given.texts("scripts").is_empty();
    match (inline, script, scripts) {
        (false, false, false) => {
            given.error("one of `inline`, `script` and `scripts` must be set: what to run");
        }
        (true, false, false) | (false, true, false) | (false, false, true) => {}
        _ => given.error("only one of `inline`, `script` and `scripts` can be set"),
    }
    check_files(given, context);
    check_environment(given);
}

/// Checks a script that runs on this machine.
pub(in crate::component) fn check_local(given: &mut Given, context: &Context<'_>) {
    let kinds = [
        !given.texts("inline").is_empty(),
        !given.text("script").is_empty(),
        !given.texts("scripts").is_empty(),
        !given.text("command").is_empty(),
    ];
    match kinds.into_iter().filter(|&there| there).count() {
        0 => given.error("one of `inline`, `script`, `scripts` and `command` must be set: what to run"),
        1 => {}
        _ => given.error("only one of `inline`, `script`, `scripts` and `command` can be set"),
    }
    let others: Vec<String> = given
        .texts("only_on")
        .into_iter()
        .filter(|name| !SYSTEMS.contains(name))
        .map(str::to_owned)
        .collect();
    if given.is_known("only_on") {
        for name in others {
            given.error(format!("`only_on` has `{name}`, which is none of {}", SYSTEMS.join(", ")));
        }
    }
    if given.flag("use_linux_pathing") && (kinds[0] || kinds[3]) {
        given.error("`use_linux_pathing` works with `script` and `scripts` only");
    }
    check_files(given, context);
    check_environment(given);
}

fn check_files(given: &mut Given, context: &Context<'_>) {
    let mut files: Vec<String> = Vec::new();
    if !given.text("script").is_empty() && given.is_known("script") {
        files.push(given.text("script").to_owned());
    }
    if given.is_known("scripts") {
        files.extend(given.texts("scripts").into_iter().map(str::to_owned));
    }
    for file in files {
        if let Err(error) = context.world.kind(Path::new(&file)) {
            given.error(format!("the script `{file}` cannot be read: {error}"));
        }
    }
}

fn check_environment(given: &mut Given) {
    if !given.is_known("environment_vars") {
        return;
    }
    let broken: Vec<String> = given
        .texts("environment_vars")
        .into_iter()
        .filter(|text| text.split_once('=').is_none_or(|(name, _)| name.is_empty()))
        // What is behind the `=` may be a secret.
        .map(|text| text.split('=').next().unwrap_or_default().to_owned())
        .collect();
    for name in broken {
        given.error(format!("`environment_vars` has an entry that is not NAME=VALUE: `{name}`"));
    }
}
