//! `yamldecode` and `yamlencode`.

mod decode;
mod encode;
mod scalar;
mod scan;

use super::{Arguments, Function, FunctionError, any, string};
use crate::value::{Type, Value};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("yamldecode", [string("src")], Type::Dynamic, decode),
        Function::new("yamlencode", [any("value").null().dynamic()], Type::String, encode),
    ]
}

fn decode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    match decode::decode(call.text(0)).map_err(FunctionError::new)? {
        // of a document that is nothing but a null, the original knows no type, and then says nothing of its value
        Value::Null(Type::Dynamic) => Ok(Value::dynamic()),
        value => Ok(value),
    }
}

fn encode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    if call[0].is_wholly_known() {
        encode::encode(&call[0]).map(Value::string).map_err(FunctionError::new)
    } else {
        Ok(Value::Unknown(Type::String))
    }
}
