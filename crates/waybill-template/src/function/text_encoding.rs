//! `textencodebase64` and `textdecodebase64`: text in another character set, as base64.

mod charset;
mod several;

use ::base64::Engine as _;

use self::charset::Charset;
use super::{Arguments, Function, FunctionError, base64, string};
use crate::value::{Type, Value};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("textencodebase64", [string("string"), string("encoding")], Type::String, encode),
        Function::new("textdecodebase64", [string("source"), string("encoding")], Type::String, decode),
    ]
}

fn charset(call: &Arguments<'_>) -> Result<Charset, FunctionError> {
    charset::find(call.text(1)).ok_or_else(|| {
        FunctionError::argument(
            1,
            format!("{:?} is not a known character set of IANA's registry", call.text(1)),
        )
    })
}

fn encode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let charset = charset(&call)?;
    let bytes = charset.encode(call.text(0)).ok_or_else(|| {
        FunctionError::argument(0, format!("the text has characters that {} does not have", charset.name))
    })?;
    Ok(Value::string(base64::STANDARD.encode(bytes)))
}

fn decode(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let charset = charset(&call)?;
    let bytes = base64::decode(call.text(0))
        .ok_or_else(|| FunctionError::argument(0, "the text is not base64".to_owned()))?;
    let text = charset
        .decode(&bytes)
        .ok_or_else(|| FunctionError::argument(0, format!("some bytes mean nothing in {}", charset.name)))?;
    Ok(Value::string(text))
}
