//! What a component was given, whichever language the template is in.

use std::{collections::BTreeMap, sync::Arc};

use waybill_go::duration::Duration;

use super::option::{OptionKind, OptionSpec};
use crate::{
    json::Node,
    legacy::weak,
    suggest,
    value::{Number, Type, Value, convert},
};

/// Options by name: those that are there, with the type they should have. What is not known yet is text that says so.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: BTreeMap<&'static str, Value>,
    /// What is wrong with them.
    pub(super) errors: Vec<String>,
}

/// What stands for a text that is not known while nothing runs.
const UNKNOWN: &str = "<unknown>";

/// Options of old templates that `fix` knows how to bring up to date.
const FIXABLE: [&str; 22] = [
    "iso_md5",
    "iso_checksum_type",
    "iso_checksum_url",
    "guest_additions_attach",
    "headless",
    "guest_os_distribution",
    "parallels_tools_host_path",
    "ssh_key_path",
    "ssh_disable_agent",
    "access_key",
    "filename",
    "shutdown_behaviour",
    "enhanced_networking",
    "ssh_private_ip",
    "temporary_security_group_source_cidr",
    "login_email",
    "spot_price_auto_product",
    "clone_from_vmxc_path",
    "vhd_temp_path",
    "galaxycommand",
    "ssh_host_port_min",
    "ssh_host_port_max",
];

impl Given {
    /// Of an HCL2 template: decoded objects, of which later ones replace what earlier ones say.
    pub(super) fn of_values(decoded: &[Value], options: &[OptionSpec]) -> Self {
        let mut given = Self::default();
        for object in decoded {
            let Some(entries) = object.as_map() else { continue };
            for (name, value) in entries {
                match options.iter().find(|option| *option.name == **name) {
                    Some(option) if !value.is_null() => given.take_value(option, value),
                    Some(_) => {}
                    None => given.errors.push(unknown_key(name, options)),
                }
            }
        }
        given
    }

    fn take_value(&mut self, option: &OptionSpec, value: &Value) {
        match convert(value, &option.kind.constraint()) {
            Ok(value) => {
                self.values.insert(option.name, value);
            }
            Err(error) => self.errors.push(format!("`{}` cannot be used: {error}", option.name)),
        }
    }

    /// Of a legacy template: objects as they are, of which later ones replace what earlier ones say.
    pub(super) fn of_nodes(nodes: &[Node], options: &[OptionSpec]) -> Self {
        let mut given = Self::default();
        for member in nodes.iter().filter_map(Node::as_object).flatten() {
            match options.iter().find(|option| weak::is_same(option.name, &member.key)) {
                Some(option) => match weakly(&member.value, option.kind) {
                    Ok(Some(value)) => {
                        given.values.insert(option.name, value);
                    }
                    Ok(None) => {}
                    Err(error) => given.errors.push(format!("`{}` cannot be used: {error}", option.name)),
                },
                None => given.errors.push(unknown_key(&member.key, options)),
            }
        }
        given
    }

    pub(super) fn error(&mut self, error: impl Into<String>) {
        self.errors.push(error.into());
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A text; the empty one if it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.values.get(name) {
            Some(Value::String(text)) => text,
            Some(Value::Unknown(_)) => UNKNOWN,
            _ => "",
        }
    }

    pub(super) fn texts(&self, name: &str) -> Vec<&str> {
        match self.values.get(name) {
            Some(Value::List(_, items)) => {
                items.iter().map(|item| item.as_str().unwrap_or(UNKNOWN)).collect()
            }
            Some(Value::Unknown(_)) => vec![UNKNOWN],
            _ => Vec::new(),
        }
    }

    /// True if the option is there and its value is known.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(Value::is_wholly_known)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> Option<&Number> {
        self.values.get(name).and_then(Value::as_number)
    }

    /// Checks that texts which are there are durations.
    pub(super) fn check_durations(&mut self, names: &[&str]) {
        for name in names {
            let text = self.text(name);
            if text.is_empty() || !self.is_known(name) {
                continue;
            }
            if let Err(error) = text.parse::<Duration>() {
                let error = format!("`{name}` must be a duration such as `30s` or `1h30m`: {error}");
                self.errors.push(error);
            }
        }
    }

    /// Every text with the name of its option, for what is rendered.
    pub(super) fn all_texts(&self) -> Vec<(&'static str, Arc<str>)> {
        let mut found = Vec::new();
        for (name, value) in &self.values {
            let mut texts = Vec::new();
            value.texts(&mut texts);
            found.extend(texts.into_iter().map(|text| (*name, text)));
        }
        found
    }
}

fn unknown_key(name: &str, options: &[OptionSpec]) -> String {
    let hint = if FIXABLE.contains(&name) {
        " It is an option of old templates: `waybill fix` brings them up to date.".to_owned()
    } else {
        suggest::nearest(name, options.iter().map(|option| option.name))
            .map(|near| format!(" Did you mean `{near}`?"))
            .unwrap_or_default()
    };
    format!("unknown configuration key: \"{name}\".{hint}")
}

fn weakly(node: &Node, kind: OptionKind) -> Result<Option<Value>, weak::Mismatch> {
    let texts = |items: Vec<Arc<str>>| {
        Value::list(Type::String, items.into_iter().map(Value::string).collect::<Vec<_>>())
    };
    Ok(match kind {
        OptionKind::Text => weak::text(node)?.map(Value::string),
        OptionKind::Flag => weak::truth(node)?.map(Value::Bool),
        OptionKind::Number => weak::integer(node)?.map(Value::number),
        OptionKind::Texts if node.is_null() => None,
        OptionKind::Texts => Some(texts(weak::texts(node)?)),
        OptionKind::Numbers => {
            let numbers =
                weak::list(node).iter().map(weak::integer).collect::<Result<Option<Vec<i64>>, _>>()?;
            numbers.map(|numbers| {
                Value::list(Type::Number, numbers.into_iter().map(Value::number).collect::<Vec<_>>())
            })
        }
        OptionKind::Map => match weak::map(node)? {
            None => None,
            Some(members) => {
                let entries = members.iter().map(|member| {
                    Ok((
                        Arc::clone(&member.key),
                        Value::string(weak::text(&member.value)?.unwrap_or_default()),
                    ))
                });
                Some(Value::map(Type::String, entries.collect::<Result<BTreeMap<_, _>, _>>()?))
            }
        },
    })
}
