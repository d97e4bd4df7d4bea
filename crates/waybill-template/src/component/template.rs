//! Go templates in the options of an HCL2 template: `{{build_type}}` works in them, too.

use std::collections::BTreeMap;

use waybill_go::text_template::Value;

use super::{Context, given::Given};
use crate::legacy::engine::{BuildNames, Engine, Generated, Place, Users};

/// Looks at every text that may be a template. What is rendered later is only read.
pub(super) fn check(given: &mut Given, late: &[&str], context: &Context<'_>) {
    let nothing = BTreeMap::new();
    let engine = Engine::new(Place {
        world: context.world,
        core_version: context.core_version,
        template: None,
        users: Users::Final(&nothing),
        build: Some(BuildNames { name: context.build_name, kind: context.builder_type }),
        generated: Generated::Values(&nothing),
        in_variable: false,
    });
    let mut errors = Vec::new();
    for (name, text) in given.all_texts() {
        if !text.contains("{{") {
            continue;
        }
        let outcome = if late.contains(&name) {
            engine.check(&text)
        } else {
            engine.render(&text, &Value::None).map(|_| ())
        };
        if let Err(fault) = outcome {
            errors.push(format!("`{name}` cannot be rendered: {}", fault.message));
        }
    }
    given.errors.append(&mut errors);
}
