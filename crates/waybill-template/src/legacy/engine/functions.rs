//! The functions beside those of every template.

use std::{collections::BTreeMap, sync::Arc};

use waybill_go::{
    layout, path, strftime,
    text_template::{Functions, Parameter, Value},
};

use super::{Generated, Place, Users};
use crate::{
    function::case,
    world::{Secret, World},
};

/// How the message ends if a variable may get its value later.
pub(super) const NOT_SET: &str = "treats all variables that others refer to as required";

/// How large a text a function makes at most.
const MAX_TEXT: usize = 16 << 20;

const TEXT: Parameter = Parameter::String;
const NUMBER: Parameter = Parameter::Integer;

type Result<T = Value> = std::result::Result<T, String>;

pub(super) fn at(place: Place<'_>) -> Functions<'_> {
    let mut functions = Functions::default();
    of_text(&mut functions);
    of_time(&mut functions, place.world);
    of_program(&mut functions, place);
    of_secrets(&mut functions, place);
    functions.add("user", &[TEXT], move |arguments| user(place.users, text(arguments, 0)?));
    functions.add("build", &[TEXT], move |arguments| build(place.generated, text(arguments, 0)?));
    functions.add("build_name", &[], move |_| {
        let build = place.build.ok_or("build_name not available")?;
        Ok(build.name.into())
    });
    functions.add("build_type", &[], move |_| {
        let build = place.build.ok_or("build_type not available")?;
        Ok(build.kind.into())
    });
    functions
}

fn of_text(functions: &mut Functions<'_>) {
    functions.add("upper", &[TEXT], |arguments| Ok(case::upper(text(arguments, 0)?).into()));
    functions.add("lower", &[TEXT], |arguments| Ok(case::lower(text(arguments, 0)?).into()));
    functions.add("replace", &[TEXT, TEXT, NUMBER, TEXT], |arguments| {
        let limit = usize::try_from(number(arguments, 2)?).unwrap_or(usize::MAX);
        replace(text(arguments, 0)?, text(arguments, 1)?, limit, text(arguments, 3)?)
    });
    functions.add("replace_all", &[TEXT, TEXT, TEXT], |arguments| {
        replace(text(arguments, 0)?, text(arguments, 1)?, usize::MAX, text(arguments, 2)?)
    });
    functions.add("split", &[TEXT, TEXT, NUMBER], |arguments| {
        split(text(arguments, 0)?, text(arguments, 1)?, number(arguments, 2)?)
    });
    functions.add("sed", &[TEXT, TEXT], |_| {
        Err("template function `sed` is gone: use `replace` or `replace_all` instead".to_owned())
    });
}

fn of_time<'a>(functions: &mut Functions<'a>, world: &'a dyn World) {
    functions.add_variadic("isotime", &[], TEXT, move |arguments| match arguments {
        [] => Ok(layout::format(world.started(), "2006-01-02T15:04:05Z07:00").into()),
        [_] => Ok(layout::format(world.started(), text(arguments, 0)?).into()),
        many => {
            let texts: Vec<&str> = (0..many.len()).filter_map(|i| text(many, i).ok()).collect();
            Err(format!("too many values, 1 needed: [{}]", texts.join(" ")))
        }
    });
    functions.add("strftime", &[TEXT], move |arguments| {
        Ok(strftime::format(world.started(), text(arguments, 0)?).into())
    });
    functions.add("timestamp", &[], move |_| Ok(world.started().as_second().to_string().into()));
}

fn of_program<'a>(functions: &mut Functions<'a>, place: Place<'a>) {
    let world = place.world;
    functions.add("pwd", &[], move |_| Ok(world.working_folder().into()));
    functions.add("template_dir", &[], move |_| {
        let template = place.template.ok_or("template path not available")?;
        let folder = path::directory(template);
        let is_absolute = path::is_absolute(&folder);
        Ok(if is_absolute { folder } else { path::join(world.working_folder(), &folder) }.into())
    });
    functions.add("packer_version", &[], move |_| Ok(place.core_version.into()));
    functions.add("uuid", &[], move |_| Ok(time_ordered_uuid(world).into()));
}

fn of_secrets<'a>(functions: &mut Functions<'a>, place: Place<'a>) {
    let world = place.world;
    let allowed = move |refusal: &str| {
        if place.in_variable {
            Ok(())
        } else {
            Err(format!("{refusal}: only the values of variables can have it"))
        }
    };
    let secret =
        move |secret: Secret<'_>| world.secret(secret).map(Value::from).map_err(|error| error.to_string());
    functions.add("env", &[TEXT], move |arguments| {
        allowed("env vars are not allowed here")?;
        Ok(world.variable(text(arguments, 0)?).unwrap_or_default().into())
    });
    functions.add("consul_key", &[TEXT], move |arguments| {
        allowed("consul_key is not allowed here")?;
        secret(Secret::Consul { key: text(arguments, 0)? })
    });
    functions.add("vault", &[TEXT, TEXT], move |arguments| {
        allowed("Vault vars are not allowed here")?;
        secret(Secret::Vault { path: text(arguments, 0)?, key: text(arguments, 1)? })
    });
    functions.add_variadic("aws_secretsmanager", &[], TEXT, move |arguments| {
        allowed("AWS Secrets Manager is not allowed here")?;
        let (name, key) = match arguments {
            [_] => (text(arguments, 0)?, None),
            [_, _] => (text(arguments, 0)?, Some(text(arguments, 1)?)),
            other => return Err(format!("a name and a key are needed, there are {} values", other.len())),
        };
        secret(Secret::AwsSecretsManager { name, key: key.filter(|key| !key.is_empty()) })
    });
    functions.add("aws_secretsmanager_raw", &[TEXT], move |arguments| {
        allowed("AWS Secrets Manager is not allowed here")?;
        secret(Secret::AwsSecretsManagerRaw { name: text(arguments, 0)? })
    });
}

fn user(users: Users<'_>, name: &str) -> Result {
    match users {
        Users::Final(values) => Ok(Value::String(values.get(name).cloned().unwrap_or_default())),
        Users::Partial(known) => known.value(name).map(Value::String).ok_or_else(|| {
            format!(
                "variable not set: {name}: it has to be defined, and must not depend on itself; Packer {NOT_SET}"
            )
        }),
    }
}

fn build(generated: Generated<'_>, name: &str) -> Result {
    let values: &BTreeMap<Arc<str>, Arc<str>> = match generated {
        Generated::None => {
            return Err(format!("the given variable {name} is not available here: there is no build"));
        }
        Generated::Values(values) => values,
    };
    let value = values.get(name).ok_or_else(|| {
        let names: Vec<&str> = values.keys().map(|name| &**name).collect();
        format!("the build has no {name}; it has {}", names.join(", "))
    })?;
    Ok(Value::String(value.clone()))
}

fn replace(old: &str, new: &str, limit: usize, text: &str) -> Result {
    let n = if old.is_empty() { text.chars().count() + 1 } else { text.matches(old).count() }.min(limit);
    if MAX_TEXT < text.len().saturating_add(n.saturating_mul(new.len())) {
        return Err(format!("the text would be longer than {MAX_TEXT} bytes"));
    }
    Ok(text.replacen(old, new, limit).into())
}

fn split(text: &str, separator: &str, index: i64) -> Result {
    let parts: Vec<&str> = if separator.is_empty() {
        text.split("").filter(|part| !part.is_empty()).collect()
    } else {
        text.split(separator).collect()
    };
    match usize::try_from(index).ok().and_then(|index| parts.get(index)) {
        Some(part) => Ok((*part).into()),
        None => Err(format!(
            "the substring {index} was unavailable using the separator value, {separator}, only {} values were found",
            parts.len()
        )),
    }
}

/// Seconds since 1970, then random bits: later ones sort behind earlier ones.
fn time_ordered_uuid(world: &dyn World) -> String {
    let mut random = [0; 12];
    world.random(&mut random);
    let seconds = u32::try_from(world.now().as_second()).unwrap_or(u32::MAX);
    let id = random.iter().fold(u128::from(seconds), |id, byte| id << 8 | u128::from(*byte));
    let group = |shift: u32| id >> shift & 0xffff;
    let (second, third, fourth, last) = (group(80), group(64), group(48), id & 0xffff_ffff_ffff);
    format!("{seconds:08x}-{second:04x}-{third:04x}-{fourth:04x}-{last:012x}")
}

/// An argument that the signature says is a string.
fn text(arguments: &[Value], i: usize) -> Result<&str> {
    match arguments.get(i) {
        Some(Value::String(text)) => Ok(text),
        _ => Err("a string is needed".to_owned()),
    }
}

fn number(arguments: &[Value], i: usize) -> Result<i64> {
    match arguments.get(i) {
        Some(Value::Integer(number)) => Ok(*number),
        _ => Err("a number is needed".to_owned()),
    }
}
