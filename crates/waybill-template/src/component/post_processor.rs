//! Built-in post-processors.

use super::{
    Context, Prepared,
    built_in::Definition,
    given::Given,
    provisioner::script::{self, ENVIRONMENT, LOCAL, SCRIPT},
};

pub(super) static DEFINITIONS: [Definition; 5] = [
    Definition {
        name: "artifice",
        options: &["files:l keep_input_artifact:b"],
        late: &[],
        check: check_artifice,
    },
    Definition {
        name: "checksum",
        options: &["checksum_types:l output:s"],
        late: &["output"],
        check: check_checksum,
    },
    Definition {
        name: "compress",
        options: &["output:s format:s compression_level:n"],
        late: &["output"],
        check: |_, _, _| {},
    },
    Definition {
        name: "manifest",
        options: &["output:s strip_path:b strip_time:b custom_data:m"],
        late: &["custom_data"],
        check: |_, _, _| {},
    },
    Definition {
        name: "shell-local",
        options: &[SCRIPT, ENVIRONMENT, LOCAL],
        late: &["execute_command"],
        check: |given, context, _| script::check_local(given, context),
    },
];

const CHECKSUMS: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

fn check_artifice(given: &mut Given, _: &Context<'_>, _: &mut Prepared) {
    if given.texts("files").is_empty() {
        given.error("`files` must be set: the files that are the new artifact");
    }
}

fn check_checksum(given: &mut Given, _: &Context<'_>, _: &mut Prepared) {
    if !given.is_known("checksum_types") {
        return;
    }
    let others: Vec<String> = given
        .texts("checksum_types")
        .into_iter()
        .filter(|kind| !CHECKSUMS.contains(kind))
        .map(str::to_owned)
        .collect();
    for kind in others {
        given.error(format!("`checksum_types` has `{kind}`, which is none of {}", CHECKSUMS.join(", ")));
    }
}
