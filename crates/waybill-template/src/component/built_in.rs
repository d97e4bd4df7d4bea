//! The components that are built in: what options each takes, and how it checks them.

use std::sync::Arc;

use super::{
    Catalog, ComponentKind, Context, Options, Prepared, builder, communicator, data_source,
    given::Given,
    option::{INTERNAL, OptionSpec, options, spec},
    post_processor, provisioner, template,
};
use crate::{config::PluginRequirement, diagnostic::Diagnostic, spec::Spec, value::Value};

/// A built-in component.
pub(super) struct Definition {
    pub(super) name: &'static str,
    /// In the notation of [`super::option`].
    pub(super) options: &'static [&'static str],
    /// Options that are rendered when they are used: until then only their syntax is looked at.
    pub(super) late: &'static [&'static str],
    pub(super) check: fn(&mut Given, &Context<'_>, &mut Prepared),
}

/// The catalog of what is built in.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

fn definitions(kind: ComponentKind) -> &'static [Definition] {
    match kind {
        ComponentKind::Builder => &builder::DEFINITIONS,
        ComponentKind::Provisioner => &provisioner::DEFINITIONS,
        ComponentKind::PostProcessor => &post_processor::DEFINITIONS,
        ComponentKind::DataSource => &data_source::DEFINITIONS,
    }
}

fn find(kind: ComponentKind, name: &str) -> Option<&'static Definition> {
    definitions(kind).iter().find(|definition| definition.name == name)
}

impl Definition {
    /// Its own options, then those that every component has.
    pub(super) fn all_options(&self) -> Vec<OptionSpec> {
        self.options.iter().copied().chain([INTERNAL]).flat_map(options).collect()
    }
}

impl BuiltIn {
    /// Tells plugins that a template requires: none is installed where only what is built in can be used.
    pub fn missing(self, requirements: &[PluginRequirement]) -> Option<Diagnostic> {
        let plugins: Vec<String> = requirements
            .iter()
            .map(|requirement| format!("* {} {}", requirement.source, requirement.constraints_text))
            .collect();
        if plugins.is_empty() {
            return None;
        }
        let detail = format!(
            "The template requires plugins, and this program cannot run plugins yet:\n\n{}\n\n`validate -syntax-only`, \
             `inspect`, `console` and `fmt` work without them.",
            plugins.join("\n")
        );
        let fault = Diagnostic::error("Missing plugins", detail);
        Some(match requirements.first() {
            Some(first) => fault.at(first.span),
            None => fault,
        })
    }
}

impl Catalog for BuiltIn {
    fn types(&self, kind: ComponentKind) -> Vec<String> {
        let mut names: Vec<String> =
            definitions(kind).iter().map(|definition| definition.name.to_owned()).collect();
        names.sort_unstable();
        names
    }

    fn spec(&self, kind: ComponentKind, name: &str) -> Option<Arc<Spec>> {
        Some(Arc::new(spec(&find(kind, name)?.all_options())))
    }

    fn outputs(&self, name: &str) -> Option<Value> {
        data_source::outputs(name)
    }

    fn prepare(
        &self,
        kind: ComponentKind,
        name: &str,
        given: Options<'_>,
        context: &Context<'_>,
    ) -> Prepared {
        let mut prepared = Prepared::default();
        let Some(definition) = find(kind, name) else {
            prepared.errors.push(format!("there is no {} `{name}`", kind.word()));
            return prepared;
        };
        let options = definition.all_options();
        let mut found = match given {
            Options::Decoded(values) => {
                let mut found = Given::of_values(values, &options);
                template::check(&mut found, definition.late, context);
                found
            }
            // The strings of a legacy template are rendered already.
            Options::Legacy(nodes) => Given::of_nodes(nodes, &options),
        };
        (definition.check)(&mut found, context, &mut prepared);
        prepared.errors.append(&mut found.errors);
        prepared
    }

    fn late_options(&self, kind: ComponentKind, name: &str) -> &'static [&'static str] {
        find(kind, name).map_or(&[], |definition| definition.late)
    }
}

/// The options of a builder that connects.
pub(super) const COMMUNICATOR: [&str; 3] = [communicator::COMMON, communicator::SSH, communicator::WINRM];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_one_meaning() {
        for kind in [
            ComponentKind::Builder,
            ComponentKind::Provisioner,
            ComponentKind::PostProcessor,
            ComponentKind::DataSource,
        ] {
            for definition in definitions(kind) {
                let words = definition.options.iter().flat_map(|notation| notation.split_whitespace());
                let options = definition.all_options();
                assert_eq!(options.len(), words.count() + 8, "{}", definition.name);
                let mut names: Vec<_> = options.iter().map(|option| option.name).collect();
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), options.len(), "{}", definition.name);
                for late in definition.late {
                    assert!(names.contains(late), "{late} of {}", definition.name);
                }
            }
        }
    }
}
