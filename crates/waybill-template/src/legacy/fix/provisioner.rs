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

fn unescape(value: &mut Value) {
    if let Value::String(text) = value {
        *text = text.replace("``", "`");
    }
}
