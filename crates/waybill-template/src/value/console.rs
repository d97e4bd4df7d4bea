//! Values as the console and `inspect` show them.

use waybill_go::quote::quote;

use super::Value;

/// What the console prints for a value, without a line break at the end.
///
/// Text is shown as it is, but quoted inside of other values. Each element is on a line of its own; members of maps and
/// objects that are null are left out. Of a value that is not known completely, nothing is shown.
pub fn console(value: &Value) -> String {
    if !value.is_wholly_known() {
        return "<unknown>".to_owned();
    }
    if let Value::String(text) = value {
        return text.to_string();
    }
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Unknown(_) => out.push_str("<unknown>"),
        Value::Null(_) => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_short()),
        Value::String(text) => out.push_str(&quote(text)),
        Value::List(_, values) | Value::Set(_, values) | Value::Tuple(values) => {
            if values.is_empty() {
                out.push_str("[]");
                return;
            }
            out.push_str("[\n");
            for value in &**values {
                indent(depth + 1, out);
                write(value, depth + 1, out);
                out.push_str(",\n");
            }
            indent(depth, out);
            out.push(']');
        }
        Value::Map(_, values) | Value::Object(values) => {
            let mut members = values.iter().filter(|(_, value)| !value.is_null()).peekable();
            if members.peek().is_none() {
                out.push_str("{}");
                return;
            }
            out.push_str("{\n");
            for (name, value) in members {
                indent(depth + 1, out);
                out.push_str(&quote(name));
                out.push_str(" = ");
                write(value, depth + 1, out);
                out.push('\n');
            }
            indent(depth, out);
            out.push('}');
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}
