//! `md5`, `sha1`, `sha256`, `sha512` of a text's bytes, and `bcrypt`.

use std::fmt::Write as _;

use sha2::Digest;

use super::{Arguments, Function, FunctionError, number, string};
use crate::value::{Number, Type, Value};

const DEFAULT_COST: u32 = 10;
/// A cost below is not used: the default is.
const LEAST_COST: i64 = 4;
/// Each step doubles the work. This is about a minute; the original goes up to 31, which is days.
const MOST_COST: i64 = 20;
/// What bcrypt takes into account.
const MAX_PASSWORD: usize = 72;

pub(super) fn table() -> Vec<Function> {
    vec![
        hash::<md5::Md5>("md5"),
        hash::<sha1::Sha1>("sha1"),
        hash::<sha2::Sha256>("sha256"),
        hash::<sha2::Sha512>("sha512"),
        Function::new("bcrypt", [string("str")], Type::String, bcrypt).variadic(number("cost")),
    ]
}

fn hash<D: Digest>(name: &'static str) -> Function {
    Function::new(name, [string("str")], Type::String, |call| {
        Ok(Value::string(hex(&D::digest(call.text(0).as_bytes()))))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bcrypt(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let cost = match call.len() {
        0 | 1 => DEFAULT_COST,
        2 => cost(&call)?,
        _ => return Err(FunctionError::new("there are at most two arguments, a text and a cost")),
    };
    let password = call.text(0).as_bytes();
    if MAX_PASSWORD < password.len() {
        return Err(FunctionError::new(format!("the text has more than {MAX_PASSWORD} bytes")));
    }
    let mut salt = [0; 16];
    call.surroundings.world.random(&mut salt);
    let parts = ::bcrypt::hash_with_salt(password, cost, salt)
        .map_err(|error| FunctionError::new(format!("the text cannot be hashed: {error}")))?;
    Ok(Value::string(parts.format_for_version(::bcrypt::Version::TwoA)))
}

fn cost(call: &Arguments<'_>) -> Result<u32, FunctionError> {
    match call.number(1).and_then(Number::to_i64) {
        Some(..LEAST_COST) => Ok(DEFAULT_COST),
        Some(cost @ LEAST_COST..=MOST_COST) => Ok(u32::try_from(cost).unwrap_or(DEFAULT_COST)),
        _ => Err(FunctionError::new(format!("the cost must be a whole number up to {MOST_COST}"))),
    }
}
