//! A scope like that of the console.

use std::{collections::BTreeMap, sync::Arc};

use waybill_template::{
    scope::{Functions, Scope, Surroundings},
    value::{Type, Value},
    world::memory::MemoryWorld,
};

pub(crate) fn surroundings() -> Surroundings {
    surroundings_in(MemoryWorld::new("/project"))
}

pub(crate) fn surroundings_in(world: MemoryWorld) -> Surroundings {
    Surroundings { world: Arc::new(world), root: ".".into(), in_template_file: false }
}

/// The names that a console without a template has: nothing is declared, and `source` is unknown.
pub(crate) fn console_names() -> BTreeMap<Arc<str>, Value> {
    let object = |attributes: &[(&str, Value)]| {
        Value::object(attributes.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect())
    };
    let unknown = Value::Unknown(Type::String);
    let names = [
        ("build", Value::Unknown(Type::object(BTreeMap::new()))),
        ("local", object(&[])),
        (
            "packer",
            object(&[
                ("version", Value::string("1.14.3")),
                ("iterationID", unknown.clone()),
                ("versionFingerprint", unknown.clone()),
            ]),
        ),
        ("path", object(&[("cwd", Value::string("/project")), ("root", Value::string("."))])),
        ("source", object(&[("name", unknown.clone()), ("type", unknown)])),
        ("var", object(&[])),
    ];
    names.map(|(name, value)| (Arc::from(name), value)).into()
}

/// The scope of a console without a template.
pub(crate) fn console() -> Scope {
    Scope::new(console_names(), Functions::All(surroundings()))
}
