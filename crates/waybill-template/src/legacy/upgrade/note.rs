//! Comments of the result: what is left to do, and with annotations what the blocks are.

use std::fmt::Write as _;

/// What there is to say about a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// A function that HCL2 has in another form.
    ByHand(&'static str),
    /// Actions that cannot be read or executed.
    Failed(String),
    /// A control structure.
    Control(&'static str),
}

impl Note {
    /// Comment lines, each with its line break.
    pub(super) fn write(&self, out: &mut String) {
        let _ = match self {
            Self::ByHand(function) => {
                let instead = match *function {
                    "upper" => "upper(string)",
                    "lower" => "lower(string)",
                    "split" => "split(separator, string), and an index behind it",
                    "clean_resource_name" => {
                        "regex_replace(string, pattern, replacement), or a variable's validation"
                    }
                    _ => "replace(string, old, new) or regex_replace(string, pattern, replacement)",
                };
                writeln!(out, "# TODO: {{{{ {function} }}}} is left as it was; HCL2 has {instead}.")
            }
            Self::Failed(error) => {
                writeln!(out, "# TODO: the actions in this block are left as they were: {}.", line(error))
            }
            Self::Control(keyword) => {
                writeln!(
                    out,
                    "# TODO: the actions in this block are left as they were: {{{{ {keyword} }}}} has no place in HCL2."
                )
            }
        };
    }
}

/// Before a block, what there is to say about it. `apart` is whether one note is set apart from the block.
pub(super) fn write(notes: &[Note], apart: bool, out: &mut String) {
    for (i, note) in notes.iter().enumerate() {
        if 0 < i {
            out.push('\n');
        }
        note.write(out);
    }
    if apart && notes.len() == 1 {
        out.push('\n');
    }
}

/// On one line, whatever is in it.
pub(super) fn line(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

pub(super) const ISOTIME: &str =
    "# legacy_isotime() does what isotime did; formatdate() and timestamp() are what HCL2 has for it.\n";
pub(super) const STRFTIME: &str =
    "# legacy_strftime() does what strftime did; formatdate() and timestamp() are what HCL2 has for it.\n";

/// The comment at the top of a file with annotations.
pub(super) fn header(file: &str) -> String {
    format!(
        "# {}: made from a JSON template. Read it before you use it.\n\
         # The blocks can be moved to other files of the same folder, if those are named *.pkr.hcl.\n\
         #\n\
         # Double braces, as in {{{{ .Path }}}}, are rendered by components, long after HCL2 was evaluated.\n\
         # Do not use them together with ${{ }} in one string.\n",
        line(file)
    )
}

pub(super) const PACKER: &str = "# Which versions of the program and of its plugins this needs.\n";
pub(super) const VARIABLES: &str =
    "# Variables of JSON templates are strings. Other types can be given here.\n";
pub(super) const SECRETS: &str = "# What the function aws_secretsmanager gave.\n";
pub(super) const IMAGES: &str = "# Images that source_ami_filter of builders looked for.\n";
pub(super) const TIMESTAMP: &str = "# What the function timestamp gave.\n";
pub(super) const LOCALS: &str =
    "# Variables whose values are computed: the default of a variable must be constant.\n";
pub(super) const SOURCES: &str = "# The builders. A build says which of them it runs.\n";
pub(super) const BUILD: &str = "# What is done with each source: provisioners, then post-processors.\n";
