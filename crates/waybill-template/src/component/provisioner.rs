//! Built-in provisioners.

pub(super) mod script;

use std::path::Path;

use self::script::{ENVIRONMENT, LOCAL, REMOTE, SCRIPT};
use super::{Context, Prepared, built_in::Definition, given::Given};

pub(super) static DEFINITIONS: [Definition; 9] = [
    Definition {
        name: "shell-local",
        options: &[SCRIPT, ENVIRONMENT, LOCAL],
        late: &["execute_command"],
        check: |given, context, _| script::check_local(given, context),
    },
    Definition {
        name: "shell",
        options: &[
            SCRIPT,
            ENVIRONMENT,
            REMOTE,
            "execute_command:s inline_shebang:s pause_after:s use_env_var_file:b remote_folder:s remote_file:s \
             skip_clean:b expect_disconnect:b",
        ],
        late: &["execute_command"],
        check: |given, context, _| {
            given.check_durations(&["start_retry_timeout", "pause_after"]);
            script::check_remote(given, context);
        },
    },
    Definition {
        name: "file",
        options: &["content:s source:s sources:l destination:s! direction:s generated:b"],
        late: &[],
        check: check_file,
    },
    Definition {
        name: "powershell",
        options: &[
            SCRIPT,
            ENVIRONMENT,
            REMOTE,
            "execute_command:s elevated_execute_command:s elevated_env_var_format:s elevated_user:s \
             elevated_password:s execution_policy:s remote_env_var_path:s skip_clean:b debug_mode:n pause_after:s \
             use_pwsh:b",
        ],
        late: &["execute_command", "elevated_execute_command", "elevated_user", "elevated_password"],
        check: check_powershell,
    },
    Definition {
        name: "windows-shell",
        options: &[SCRIPT, ENVIRONMENT, REMOTE, "execute_command:s"],
        late: &["execute_command"],
        check: |given, context, _| {
            given.check_durations(&["start_retry_timeout"]);
            script::check_remote(given, context);
        },
    },
    Definition {
        name: "windows-restart",
        options: &[
            "restart_command:s restart_check_command:s restart_timeout:s check_registry:b registry_keys:l",
        ],
        late: &[],
        check: |given, _, _| given.check_durations(&["restart_timeout"]),
    },
    Definition { name: "breakpoint", options: &["note:s disable:b"], late: &[], check: |_, _, _| {} },
    Definition {
        name: "sleep",
        options: &["duration:s"],
        late: &[],
        check: |given, _, _| given.check_durations(&["duration"]),
    },
    Definition {
        name: "hcp-sbom",
        options: &["source:s destination:s sbom_name:s auto_generate:b scanner_args:l execute_command:s"],
        late: &["execute_command"],
        check: check_sbom,
    },
];

fn check_file(given: &mut Given, context: &Context<'_>, _: &mut Prepared) {
    let direction = given.text("direction").to_owned();
    if !matches!(direction.as_str(), "" | "upload" | "download") {
        given.error(format!("`direction` must be `upload` or `download`, and it is `{direction}`"));
    }
    let mut sources: Vec<String> = given.texts("sources").into_iter().map(str::to_owned).collect();
    let sources_are_known = !given.has("sources") || given.is_known("sources");
    if !given.text("source").is_empty() && given.is_known("source") {
        sources.push(given.text("source").to_owned());
    }
    if direction != "download" && !given.flag("generated") && sources_are_known {
        for source in &sources {
            if let Err(error) = context.world.kind(Path::new(source)) {
                given.error(format!("the source `{source}` cannot be uploaded: {error}"));
            }
        }
    }
    let has_sources = given.has("sources") || !given.text("source").is_empty();
    let has_content = !given.text("content").is_empty();
    match (has_sources, has_content) {
        (true, true) => given.error("only one of `content` and `source` or `sources` can be set"),
        (false, false) => given.error("`source`, `sources` or `content` must be set: what to copy"),
        _ => {}
    }
    if given.text("destination").is_empty() {
        given.error("`destination` must be set: where to copy to");
    }
}

const POLICIES: [&str; 8] =
    ["bypass", "allsigned", "default", "remotesigned", "restricted", "undefined", "unrestricted", "none"];

fn check_powershell(given: &mut Given, context: &Context<'_>, _: &mut Prepared) {
    given.check_durations(&["start_retry_timeout", "pause_after"]);
    script::check_remote(given, context);
    if !given.text("elevated_password").is_empty() && given.text("elevated_user").is_empty() {
        given.error("`elevated_password` needs `elevated_user`");
    }
    let policy = given.text("execution_policy").to_lowercase();
    if !policy.is_empty() && !POLICIES.contains(&policy.as_str()) {
        given.error(format!(
            "`execution_policy` must be one of {}, and it is `{policy}`",
            POLICIES.join(", ")
        ));
    }
    if let Some(mode) = given.number("debug_mode")
        && !mode.to_i64().is_some_and(|mode| (0..=2).contains(&mode))
    {
        let error = format!("`debug_mode` must be 0, 1 or 2, and it is {mode}");
        given.error(error);
    }
}

fn check_sbom(given: &mut Given, _: &Context<'_>, _: &mut Prepared) {
    if given.text("source").is_empty() && !given.flag("auto_generate") {
        given.error("`source` must be set: the document on the machine");
    }
    let name = given.text("sbom_name").to_owned();
    let fits = (3..=36).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !name.is_empty() && given.is_known("sbom_name") && !fits {
        given.error(format!("`sbom_name` must have 3 to 36 letters, digits and dashes, and it is `{name}`"));
    }
}
