//! Weak typing: what values of options are taken for.
//!
//! A text can stand for a number, a truth or a list, one value for a list of one, and the other way round as far as
//! nothing is lost that matters. Null is always as if nothing were there.

use std::sync::Arc;

use thiserror::Error;
use waybill_go::{duration::Duration, integer};

use crate::json::{Kind, Member, Node};

/// Why a value cannot be taken for what is needed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{wanted} is needed, this is {found}")]
pub struct Mismatch {
    pub wanted: &'static str,
    pub found: String,
}

type Result<T> = std::result::Result<T, Mismatch>;

/// The member of an object with this name, whatever its case; the exact one first.
pub fn member<'a>(object: &'a Node, name: &str) -> Option<&'a Member> {
    let members = object.as_object()?;
    let exact = members.iter().find(|member| &*member.key == name);
    exact.or_else(|| members.iter().find(|member| is_same(&member.key, name)))
}

/// Whether two keys are the same but for their case.
pub fn is_same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}

/// A string: also a number in its shortest form without an exponent, or `1` and `0` for a truth.
pub fn text(node: &Node) -> Result<Option<Arc<str>>> {
    Ok(Some(match &node.kind {
        Kind::Null => return Ok(None),
        Kind::String(text) => text.clone(),
        Kind::Bool(value) => if *value { "1" } else { "0" }.into(),
        Kind::Number(written) => float("a string", written)?.to_string().into(),
        Kind::Array(_) | Kind::Object(_) => return Err(mismatch("a string", node)),
    }))
}

/// A truth: also a number that is not 0, or a text such as `true`, `t` and `1`; an empty one is false.
pub fn truth(node: &Node) -> Result<Option<bool>> {
    const WANTED: &str = "true or false";
    Ok(Some(match &node.kind {
        Kind::Null => return Ok(None),
        Kind::Bool(value) => *value,
        Kind::Number(written) => float(WANTED, written)? != 0.0,
        Kind::String(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            other => return Err(Mismatch { wanted: WANTED, found: format!("{other:?}") }),
        },
        Kind::Array(_) | Kind::Object(_) => return Err(mismatch(WANTED, node)),
    }))
}

/// A whole number: also a text of one as Go writes them (`0x10`, `1_000`), and what is before the point of a number.
pub fn integer(node: &Node) -> Result<Option<i64>> {
    const WANTED: &str = "a whole number";
    Ok(Some(match &node.kind {
        Kind::Null => return Ok(None),
        Kind::Bool(value) => i64::from(*value),
        Kind::Number(written) => truncated(float(WANTED, written)?),
        Kind::String(text) if text.is_empty() => 0,
        Kind::String(text) => {
            integer::signed(text).ok_or_else(|| Mismatch { wanted: WANTED, found: format!("{text:?}") })?
        }
        Kind::Array(_) | Kind::Object(_) => return Err(mismatch(WANTED, node)),
    }))
}

/// A duration: `1h30m`, or a number of nanoseconds.
pub fn duration(node: &Node) -> Result<Option<Duration>> {
    const WANTED: &str = "a duration such as 1h30m";
    Ok(Some(match &node.kind {
        Kind::Null => return Ok(None),
        Kind::Bool(value) => Duration::from_nanoseconds(i64::from(*value)),
        Kind::Number(written) => Duration::from_nanoseconds(truncated(float(WANTED, written)?)),
        Kind::String(text) => {
            text.parse().map_err(|_| Mismatch { wanted: WANTED, found: format!("{text:?}") })?
        }
        Kind::Array(_) | Kind::Object(_) => return Err(mismatch(WANTED, node)),
    }))
}

/// A list: also a text with commas between its elements, or one value for a list of one. Nulls in it stay.
pub fn list(node: &Node) -> Vec<Node> {
    match &node.kind {
        Kind::Null => Vec::new(),
        Kind::Array(items) => items.to_vec(),
        Kind::String(text) if text.is_empty() => Vec::new(),
        Kind::String(text) => {
            text.split(',').map(|part| Node { kind: Kind::String(part.into()), span: node.span }).collect()
        }
        Kind::Object(members) if members.is_empty() => Vec::new(),
        _ => vec![node.clone()],
    }
}

/// A list of strings.
pub fn texts(node: &Node) -> Result<Vec<Arc<str>>> {
    list(node).iter().map(|item| Ok(text(item)?.unwrap_or_default())).collect()
}

/// Names and values: also a list of such, of which later ones win. `None` for null.
pub fn map(node: &Node) -> Result<Option<Vec<Member>>> {
    const WANTED: &str = "an object";
    match &node.kind {
        Kind::Null => Ok(None),
        Kind::Object(members) => Ok(Some(members.to_vec())),
        Kind::Array(items) => {
            let mut all: Vec<Member> = Vec::new();
            for item in items.iter() {
                for member in map(item)?.unwrap_or_default() {
                    all.retain(|before| before.key != member.key);
                    all.push(member);
                }
            }
            Ok(Some(all))
        }
        _ => Err(mismatch(WANTED, node)),
    }
}

fn mismatch(wanted: &'static str, node: &Node) -> Mismatch {
    Mismatch { wanted, found: node.describe().to_owned() }
}

/// JSON's numbers are floats for Packer.
fn float(wanted: &'static str, written: &str) -> Result<f64> {
    let number = written.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| Mismatch { wanted, found: format!("{written}, which is too large") })
}

#[expect(clippy::cast_possible_truncation, reason = "what is behind the point is dropped, as Packer does")]
fn truncated(number: f64) -> i64 {
    number as i64
}
