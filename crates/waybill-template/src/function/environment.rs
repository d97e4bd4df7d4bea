//! `env`, which only the defaults of variables can call.

use super::{Function, string};
use crate::value::{Type, Value};

pub(super) fn table() -> Vec<Function> {
    vec![Function::new("env", [string("key")], Type::String, |call| {
        Ok(Value::string(call.surroundings.world.variable(call.text(0)).unwrap_or_default()))
    })]
}
