//! Built-in builders.

use super::{
    Context, Prepared,
    built_in::{COMMUNICATOR, Definition},
    communicator,
    given::Given,
};

pub(super) static DEFINITIONS: [Definition; 2] = [
    Definition { name: "file", options: &["content:s source:s target:s"], late: &[], check: check_file },
    Definition { name: "null", options: &COMMUNICATOR, late: &[], check: check_null },
];

fn check_file(given: &mut Given, _: &Context<'_>, prepared: &mut Prepared) {
    let has = |name: &str| !given.text(name).is_empty();
    let (target, content, source) = (has("target"), has("content"), has("source"));
    if !target {
        given.error("`target` must be set: the file to make");
    }
    match (content, source) {
        (true, true) => given.error("only one of `source` and `content` can be set"),
        (false, false) => {
            prepared
                .warnings
                .push("Neither `source` nor `content` is set: the file will be empty.".to_owned());
        }
        _ => {}
    }
}

/// The null builder connects to a machine that is there, so it needs to know how.
fn check_null(given: &mut Given, context: &Context<'_>, _: &mut Prepared) {
    communicator::check(given, context);
    let kind = communicator::kind(given).to_owned();
    let has = |name: &str| !given.text(name).is_empty();
    match kind.as_str() {
        "none" => {}
        "winrm" => {
            let (host, password) = (has("winrm_host"), has("winrm_password"));
            if !host {
                given.error("`winrm_host` must be set: the machine to connect to");
            }
            if !password {
                given.error("`winrm_password` must be set");
            }
        }
        _ => {
            let secrets = [given.flag("ssh_agent_auth"), has("ssh_password"), has("ssh_private_key_file")];
            let host = has("ssh_host");
            if !host {
                given.error("`ssh_host` must be set: the machine to connect to");
            }
            match secrets.into_iter().filter(|&given| given).count() {
                0 => given
                    .error("one of `ssh_agent_auth`, `ssh_password` and `ssh_private_key_file` must be set"),
                1 => {}
                _ => given.error(
                    "only one of `ssh_agent_auth`, `ssh_password` and `ssh_private_key_file` can be set",
                ),
            }
        }
    }
}
