//! What each kind of body may contain.

use crate::syntax::body::{AttributeSchema, BlockSchema, BodySchema};

/// A body with these attributes, `!` behind a required one, and these blocks with their labels.
fn schema(attributes: &[&'static str], blocks: &[(&'static str, &[&'static str])]) -> BodySchema {
    let attribute = |text: &&'static str| {
        let name = text.trim_end_matches('!');
        AttributeSchema { name: name.into(), required: name != *text }
    };
    let block = |&(kind, labels): &(&'static str, &[&'static str])| BlockSchema {
        kind: kind.into(),
        labels: labels.iter().map(|&label| label.into()).collect(),
    };
    BodySchema {
        attributes: attributes.iter().map(attribute).collect(),
        blocks: blocks.iter().map(block).collect(),
    }
}

pub(super) fn top_level() -> BodySchema {
    schema(
        &[],
        &[
            ("packer", &[]),
            ("source", &["type", "name"]),
            ("variables", &[]),
            ("variable", &["name"]),
            ("locals", &[]),
            ("local", &["name"]),
            ("data", &["type", "name"]),
            ("build", &[]),
            ("hcp_packer_registry", &[]),
            ("communicator", &["type", "name"]),
        ],
    )
}

pub(super) fn packer_only() -> BodySchema {
    schema(&[], &[("packer", &[])])
}

pub(super) fn packer() -> BodySchema {
    schema(&["required_version"], &[("required_plugins", &[])])
}

pub(super) fn variable() -> BodySchema {
    schema(&["description", "default", "type", "sensitive"], &[("validation", &[])])
}

pub(super) fn validation() -> BodySchema {
    schema(&["condition!", "error_message!"], &[])
}

/// What does not belong into a file of variables' values.
pub(super) fn variable_file() -> BodySchema {
    schema(&[], &[("variable", &["name"]), ("variables", &[])])
}

pub(super) fn local() -> BodySchema {
    schema(&["expression!", "sensitive"], &[])
}

pub(super) fn build() -> BodySchema {
    schema(
        &["name", "description", "sources"],
        &[
            ("from", &["type"]),
            ("source", &["reference"]),
            ("provisioner", &["type"]),
            ("error-cleanup-provisioner", &["type"]),
            ("post-processor", &["type"]),
            ("post-processors", &[]),
            ("hcp_packer_registry", &[]),
        ],
    )
}

pub(super) fn source_use() -> BodySchema {
    schema(&["name"], &[])
}

pub(super) fn provisioner() -> BodySchema {
    schema(
        &[
            "name",
            "only",
            "except",
            "pause_before",
            "timeout",
            "max_retries",
            "override",
            "continue_on_error",
        ],
        &[],
    )
}

pub(super) fn post_processor() -> BodySchema {
    schema(&["name", "only", "except", "keep_input_artifact"], &[])
}

pub(super) fn post_processors() -> BodySchema {
    schema(&[], &[("post-processor", &["type"])])
}

pub(super) fn registry() -> BodySchema {
    schema(&["bucket_name", "description", "bucket_labels", "labels", "build_labels", "channels"], &[])
}
