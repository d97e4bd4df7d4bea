//! Keys that occur more than once in an object: Go would take the last one in silence, Packer refuses.

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{Kind, Node},
};

/// Reports every key that its object has already. The node's depth is bounded by the reader.
pub(super) fn report(node: &Node, diagnostics: &mut Diagnostics) {
    match &node.kind {
        Kind::Array(items) => items.iter().for_each(|item| report(item, diagnostics)),
        Kind::Object(members) => {
            let mut first = std::collections::HashMap::new();
            for member in members.iter() {
                if let Some(before) = first.insert(&*member.key, member.key_span) {
                    let detail = format!(
                        "The key {:?} stands twice in one object; which of them is meant?",
                        member.key
                    );
                    diagnostics
                        .push(Diagnostic::error("Duplicate key", detail).at(member.key_span).related(before));
                }
                report(&member.value, diagnostics);
            }
        }
        _ => {}
    }
}
