//! What is done to provisioners.

use serde_json::{Value, json};

use super::{Error, Object, kind, wrong};

pub(super) fn virtualbox_override(provisioner: &mut Object) -> Result<(), Error> {
    match provisioner.get_mut("override") {
        None | Some(Value::Null) => {}
        Some(Value::Object(builders)) => {
            if let Some(options) = builders.remove("virtualbox") {
                builders.insert("virtualbox-iso".to_owned(), options);
            }
        }
        Some(other) => return Err(wrong("override".to_owned(), "an object", other)),
    }
    Ok(())
}

pub(super) fn powershell_escapes(provisioner: &mut Object) -> Result<(), Error> {
    if kind(provisioner) != "powershell" {
        return Ok(());
    }
    for key in ["elevated_user", "elevated_password"] {
        if let Some(value) = provisioner.get(key).filter(|value| !value.is_string()) {
            return Err(wrong(key.to_owned(), "a string", value));
        }
    }
    match provisioner.get_mut("environment_vars") {
        None => {}
        Some(none @ Value::Null) => *none = json!([]),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => list.iter_mut().for_each(unescape),
        // Nothing that is known: then the rest stays as it is, too.
        Some(_) => return Ok(()),
    }
    for key in ["elevated_user", "elevated_password"] {
        if let Some(value) = provisioner.get_mut(key) {
            unescape(value);
        }
    }
    Ok(())
}

/// Takes away the backquotes that escaped characters, from left to right.
fn unescape(value: &mut Value) {
    let Value::String(text) = value else { return };
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let escaped =
            rest.as_str().chars().next().filter(|next| c == '`' && matches!(next, '$' | '"' | '\'' | '`'));
        if escaped.is_some() {
            rest.next();
        }
        unescaped.push(escaped.unwrap_or(c));
    }
    *text = unescaped;
}
