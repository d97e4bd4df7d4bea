//! Options of a component with the template syntax in them rendered.

use std::sync::Arc;

use waybill_go::text_template::Value;

use super::{
    engine::{Engine, Fault, FaultKind},
    variables::within,
    weak,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::{Kind, Member, Node},
};

/// How long all strings of a component's options can be together, in bytes.
const MAX_SIZE: usize = 64 << 20;

/// Renders every string of an object of options, at any depth; keys stay as they are.
///
/// Options named in `deferred` are for the component to render, later and with fields of its own: they are only
/// checked. A string that cannot be rendered is reported with the option's name and left as it is.
pub fn render(options: &Node, deferred: &[&str], engine: &Engine<'_>, diagnostics: &mut Diagnostics) -> Node {
    let Some(members) = options.as_object() else {
        return options.clone();
    };
    let mut size = 0;
    let members: Vec<Member> = members
        .iter()
        .map(|member| {
            let is_deferred = deferred.iter().any(|name| weak::is_same(name, &member.key));
            let mut renderer =
                Renderer { option: &member.key, engine, is_deferred, size: &mut size, diagnostics };
            Member { value: renderer.node(&member.value), ..member.clone() }
        })
        .collect();
    Node { kind: Kind::Object(members.into()), span: options.span }
}

struct Renderer<'a> {
    option: &'a str,
    engine: &'a Engine<'a>,
    is_deferred: bool,
    /// Bytes of all that was rendered.
    size: &'a mut usize,
    diagnostics: &'a mut Diagnostics,
}

impl Renderer<'_> {
    /// The depth is bounded by the reader.
    fn node(&mut self, node: &Node) -> Node {
        let kind = match &node.kind {
            Kind::String(text) => Kind::String(self.text(text, node)),
            Kind::Array(items) => Kind::Array(items.iter().map(|item| self.node(item)).collect()),
            Kind::Object(members) => Kind::Object(
                members
                    .iter()
                    .map(|member| Member { value: self.node(&member.value), ..member.clone() })
                    .collect(),
            ),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => return node.clone(),
        };
        Node { kind, span: node.span }
    }

    fn text(&mut self, text: &Arc<str>, node: &Node) -> Arc<str> {
        let result = if self.is_deferred {
            self.engine.check(text).map(|()| None)
        } else {
            self.render(text).map(Some)
        };
        match result {
            Ok(Some(rendered)) if rendered != **text => rendered.into(),
            Ok(_) => text.clone(),
            Err(fault) => {
                self.diagnostics.push(self.fault(text, node, &fault));
                text.clone()
            }
        }
    }

    fn render(&mut self, text: &str) -> Result<String, Fault> {
        let too_large = || {
            let message = format!("the options are longer than {MAX_SIZE} bytes together");
            Fault { message, range: 0..0, kind: FaultKind::Result }
        };
        if MAX_SIZE < *self.size {
            return Err(too_large());
        }
        let rendered = self.engine.render(text, &Value::None)?;
        *self.size += rendered.len();
        if MAX_SIZE < *self.size { Err(too_large()) } else { Ok(rendered) }
    }

    fn fault(&self, text: &str, node: &Node, fault: &Fault) -> Diagnostic {
        let summary = match fault.kind {
            FaultKind::Syntax => "Invalid template",
            FaultKind::Result | FaultKind::NotSet => "Interpolation error",
        };
        let detail = format!("Option {:?}: {}.", self.option, fault.message);
        Diagnostic::error(summary, detail).at(within(node.span, text, &fault.range)).within(node.span)
    }
}
