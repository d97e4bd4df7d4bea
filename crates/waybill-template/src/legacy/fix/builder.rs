//! What is done to builders and is more than another name.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::{
    Error, Object, kind,
    rename::{Rename, Types, Values},
    wrong,
};

type Done = Result<(), Error>;

static CREATE_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{[ \t\n\r\f]*\.CreateTime[ \t\n\r\f]*\}\}").expect("the regex is a constant")
});
static CLEAN_NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("clean_(?:ami|image)_name").expect("the regex is a constant"));

pub(super) fn iso_md5(builder: &mut Object) {
    if builder.get("iso_md5").is_some_and(Value::is_string)
        && let Some(sum) = builder.remove("iso_md5")
    {
        builder.insert("iso_checksum".to_owned(), sum);
        builder.insert("iso_checksum_type".to_owned(), "md5".into());
    }
}

/// A list of sums is a sum, too: `file:` and its address. Without either the type says nothing.
pub(super) fn iso_checksum(builder: &mut Object) {
    let mut take = |key| match builder.remove(key) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (url, kind) = (take("iso_checksum_url"), take("iso_checksum_type"));
    let sum = builder.get("iso_checksum").and_then(Value::as_str).unwrap_or_default();
    let sum = if !url.is_empty() {
        format!("file:{url}")
    } else if !sum.is_empty() && !kind.is_empty() {
        format!("{kind}:{sum}")
    } else {
        return;
    };
    builder.insert("iso_checksum".to_owned(), sum.into());
}

pub(super) fn create_time(builder: &mut Object) {
    for key in ["ami_name", "bundle_prefix", "snapshot_name"] {
        if let Some(Value::String(text)) = builder.get_mut(key) {
            *text = CREATE_TIME.replace_all(text, "{{timestamp}}").into_owned();
        }
    }
}

/// In texts of the builder and in those of its objects, but no deeper.
pub(super) fn clean_name(builder: &mut Object) {
    let fix = |value: &mut Value| {
        if let Value::String(text) = value {
            *text = CLEAN_NAME.replace_all(text, "clean_resource_name").into_owned();
        }
    };
    for value in builder.values_mut() {
        match value {
            Value::Object(object) => object.values_mut().for_each(fix),
            value => fix(value),
        }
    }
}

pub(super) fn guest_additions(builder: &mut Object) {
    if kind(builder) == "virtualbox"
        && let Some(Value::Bool(attach)) = builder.get("guest_additions_attach")
    {
        let mode = if *attach { "attach" } else { "upload" };
        builder.insert("guest_additions_mode".to_owned(), mode.into());
        builder.remove("guest_additions_attach");
    }
}

pub(super) fn private_ip(builder: &mut Object) -> Done {
    if !kind(builder).starts_with("amazon-") || builder.contains_key("ssh_interface") {
        return Ok(());
    }
    let place = || "ssh_private_ip".to_owned();
    let is_private = match builder.get("ssh_private_ip") {
        None => return Ok(()),
        Some(Value::Bool(is_private)) => *is_private,
        Some(Value::String(text)) => match text.as_str() {
            "1" | "t" | "T" | "true" | "True" | "TRUE" => true,
            "0" | "f" | "F" | "false" | "False" | "FALSE" => false,
            _ => return Err(Error::NotBoolean { place: place(), found: text.clone() }),
        },
        Some(other) => return Err(wrong(place(), "a boolean", other)),
    };
    builder.remove("ssh_private_ip");
    let interface = if is_private { "private_ip" } else { "public_ip" };
    builder.insert("ssh_interface".to_owned(), interface.into());
    Ok(())
}

pub(super) fn source_cidrs(builder: &mut Object) {
    const OLD: &str = "temporary_security_group_source_cidr";
    if kind(builder).starts_with("amazon-")
        && builder.get(OLD).is_some_and(Value::is_string)
        && let Some(cidr) = builder.remove(OLD)
    {
        builder.insert("temporary_security_group_source_cidrs".to_owned(), json!([cidr]));
    }
}

pub(super) fn skip_compaction(builder: &mut Object) {
    let text = |key| builder.get(key).and_then(Value::as_str);
    if kind(builder) != "vmware-iso" || text("remote_type") != Some("esx5") {
        return;
    }
    let disk = builder.entry("disk_type_id").or_insert_with(|| "zeroedthick".into());
    if disk.as_str().is_some_and(|disk| disk != "thin") {
        builder.insert("skip_compaction".to_owned(), true.into());
    }
}

pub(super) fn qemu_disk_size(builder: &mut Object) {
    if kind(builder) == "qemu"
        && let Some(size) = builder.get_mut("disk_size")
        && let Some(number) = size.as_f64()
    {
        // Go's conversion of what is too large.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fractions are dropped, and the rest is in range"
        )]
        let whole = if number.abs() < 9.2e18 { number as i64 } else { i64::MIN };
        *size = format!("{whole}M").into();
    }
}

pub(super) fn virtualbox_ports(builder: &mut Object) {
    let rename =
        |from, to, values| Rename { types: Types::Prefix("virtualbox"), from, to, values, keeps: true };
    rename("ssh_host_port_min", "host_port_min", Values::Any).run(builder);
    rename("ssh_host_port_max", "host_port_max", Values::Any).run(builder);
    rename("ssh_skip_nat_mapping", "skip_nat_mapping", Values::Bool).run(builder);
}

pub(super) fn vsphere_lists(builder: &mut Object) -> Done {
    if kind(builder) == "vsphere-iso" {
        gather(builder, &["network", "network_card"], "network_adapters")?;
        gather(builder, &["disk_size", "disk_thin_provisioned", "disk_eagerly_scrub"], "storage")?;
    }
    Ok(())
}

/// Moves options into an object of their own, the first one of a list.
fn gather(builder: &mut Object, options: &[&str], list: &str) -> Done {
    let moved: Object =
        options.iter().filter_map(|option| Some(((*option).to_owned(), builder.remove(*option)?))).collect();
    if moved.is_empty() {
        return Ok(());
    }
    match builder.entry(list).or_insert_with(|| json!([])) {
        Value::Array(items) => items.insert(0, Value::Object(moved)),
        other => return Err(wrong(list.to_owned(), "an array", other)),
    }
    Ok(())
}

pub(super) fn exclude_from_latest(builder: &mut Object) {
    if kind(builder) == "azure-chroot"
        && let Some(Value::Object(destination)) = builder.get_mut("shared_image_destination")
        && let Some(value) = destination.remove("exlude_from_latest")
    {
        destination.insert("exclude_from_latest".to_owned(), value);
    }
}
