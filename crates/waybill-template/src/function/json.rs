//! `jsondecode` and `jsonencode`.

use super::{Arguments, Function, FunctionError, any, string};
use crate::{
    json,
    source::Sources,
    value::{self, Type, Value},
};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("jsondecode", [string("str")], Type::Dynamic, decode),
        Function::new("jsonencode", [any("val").null().dynamic()], Type::String, encode),
    ]
}

fn decode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let mut sources = Sources::default();
    let file = sources.add_synthetic("JSON", call.text(0));
    let told = |span, fault: &dyn std::fmt::Display| {
        let place = sources.start(span);
        FunctionError::new(format!("line {}, column {}: {fault}", place.line, place.column))
    };
    let node = json::read(file, call.text(0)).map_err(|fault| told(fault.found, &fault.summary))?;
    value::json::decode(&node).map_err(|fault| told(fault.span, &fault))
}

fn encode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if !call[0].is_wholly_known() {
        return Ok(Value::Unknown(Type::String));
    }
    value::json::encode(&call[0]).map(Value::string).map_err(|fault| FunctionError::new(fault.to_string()))
}
