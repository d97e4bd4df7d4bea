//! What `validate` does after a template is understood: each component of the selected builds checks its options.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    component::{Catalog, ComponentKind, Context, Options},
    diagnostic::{Diagnostic, Diagnostics},
    scope::Scope,
    source::Span,
    spec, suggest,
    syntax::tree::Body,
    value::Value,
};

use super::{
    Selection, Template,
    build::{Build, SourceUse, listed},
    step::{PostProcessor, Provisioner, Step},
};

/// A build whose components accepted their options.
#[derive(Clone, Debug)]
pub struct PreparedBuild {
    /// `build.type.name`
    pub name: String,
    /// Indices into [`Template::builds`] and its uses.
    pub build: usize,
    pub source: usize,
}

/// Names under `build.` that every builder gives values to, once it runs.
const BUILD_VALUES: [&str; 13] = [
    "ID",
    "Host",
    "Port",
    "User",
    "Password",
    "ConnType",
    "PackerRunUUID",
    "PackerHTTPPort",
    "PackerHTTPIP",
    "PackerHTTPAddr",
    "SSHPublicKey",
    "SSHPrivateKey",
    "WinRMPassword",
];

/// What such a value is while nothing runs.
const UNKNOWN: &str = "<unknown>";

/// Tells components of types that do not exist.
pub(super) fn check_types(template: &Template, catalog: &dyn Catalog, diagnostics: &mut Diagnostics) {
    let mut told = Vec::new();
    let mut check = |kind: ComponentKind, name: &str, header: Span| {
        if catalog.spec(kind, name).is_none() && !told.contains(&(kind, header)) {
            told.push((kind, header));
            diagnostics.push(unknown_component(kind, name, &catalog.types(kind)).at(header));
        }
    };
    for build in &template.builds {
        // One that is not declared was told.
        for used in build.uses.iter().filter(|used| template.sources.contains_key(&used.source)) {
            check(ComponentKind::Builder, &used.source.kind, used.source_header);
        }
        for provisioner in build.provisioners.iter().chain(&build.cleanup) {
            check(ComponentKind::Provisioner, &provisioner.step.kind, provisioner.step.header);
        }
        for post_processor in build.post_processors.iter().flatten() {
            check(ComponentKind::PostProcessor, &post_processor.step.kind, post_processor.step.header);
        }
    }
}

fn unknown_component(kind: ComponentKind, name: &str, known: &[String]) -> Diagnostic {
    let word = kind.word();
    let hint = if let Some(near) = suggest::nearest(name, known.iter().map(String::as_str)) {
        format!(" Did you mean `{near}`?")
    } else if let Some(plugin) = crate::component::plugin_of(name) {
        format!(
            " The plugin `{plugin}` probably has it: require it in the block `packer {{ required_plugins {{ … }} }}` and \
             install it."
        )
    } else {
        format!(" There are: {}.", listed(known))
    };
    Diagnostic::error(format!("Unknown {word} type \"{name}\""), format!("No {word} has this name.{hint}"))
}

impl Template {
    /// Lets each component of the selected builds check its options. A fault of one build does not keep the others
    /// from being checked.
    pub fn prepare(
        &self,
        catalog: &dyn Catalog,
        selection: &Selection,
        diagnostics: &mut Diagnostics,
    ) -> Vec<PreparedBuild> {
        let mut prepared = Vec::new();
        let mut told = Vec::new();
        if self.builds.is_empty() {
            let detail = "Nothing would be built. Add a block `build {}` that names at least one source.";
            diagnostics.push(Diagnostic::error("Missing build block", detail));
        }
        self.warn_of_misses(selection, diagnostics);
        for (at, build) in self.builds.iter().enumerate() {
            for (source, used) in build.uses.iter().enumerate() {
                let name = build.full_name(used);
                if !selection.selects(&name) {
                    continue;
                }
                let mut faults = Diagnostics::default();
                Preparation { template: self, catalog, selection, build, used, faults: &mut faults }.run();
                if !faults.has_errors() {
                    prepared.push(PreparedBuild { name, build: at, source });
                }
                // The same fault of a step is met once per source.
                for fault in faults {
                    if !told.contains(&fault) {
                        told.push(fault.clone());
                        diagnostics.push(fault);
                    }
                }
            }
        }
        prepared
    }
}

impl Template {
    /// Tells patterns of the command line that match less than they could.
    fn warn_of_misses(&self, selection: &Selection, diagnostics: &mut Diagnostics) {
        let uses = self.builds.iter().flat_map(|build| build.uses.iter().map(|used| build.full_name(used)));
        let names: Vec<String> = uses.collect();
        for (flag, patterns, matched) in selection.coverage(&names) {
            if matched < patterns {
                let detail = format!(
                    "`-{flag}` has {patterns} pattern{}, and {matched} of the builds fit. The builds are: {}.",
                    if patterns == 1 { "" } else { "s" },
                    listed(&names)
                );
                diagnostics.push(Diagnostic::warning(format!("A pattern of -{flag} fits no build"), detail));
            }
        }
    }
}

/// A component that checks its options.
pub(super) struct Component<'a> {
    pub(super) kind: ComponentKind,
    pub(super) name: &'a str,
    /// Of the source.
    pub(super) build_name: &'a str,
    pub(super) builder_type: &'a str,
    pub(super) header: Span,
}

impl Template {
    /// Lets a component check its options; the names that it announces, or `None` after an error.
    pub(super) fn check_options(
        &self,
        component: &Component<'_>,
        options: &[Value],
        catalog: &dyn Catalog,
        faults: &mut Diagnostics,
    ) -> Option<Vec<String>> {
        let core_version = self.core_version.to_string();
        let &Component { kind, name, build_name, builder_type, header } = component;
        let context = Context { world: &*self.world, build_name, builder_type, core_version: &core_version };
        let prepared = catalog.prepare(kind, name, Options::Decoded(options), &context);
        let word = kind.word();
        for warning in prepared.warnings {
            let summary = format!("Warning of the {word} \"{name}\"");
            faults.push(Diagnostic::warning(summary, warning).at(header));
        }
        if prepared.errors.is_empty() {
            return Some(prepared.generated);
        }
        let list = prepared.errors.iter().map(|error| format!("* {error}")).collect::<Vec<_>>().join("\n");
        let count = prepared.errors.len();
        let detail = format!("{count} error{} occurred:\n{list}", if count == 1 { "" } else { "s" });
        faults.push(Diagnostic::error(format!("Failed preparing {word} \"{name}\""), detail).at(header));
        None
    }
}

/// One use of a source in one build.
struct Preparation<'a> {
    template: &'a Template,
    catalog: &'a dyn Catalog,
    selection: &'a Selection,
    build: &'a Build,
    used: &'a SourceUse,
    faults: &'a mut Diagnostics,
}

impl Preparation<'_> {
    fn run(mut self) {
        let source = object([
            ("type", Value::string(Arc::clone(&self.used.source.kind))),
            ("name", Value::string(Arc::clone(self.used.name()))),
        ]);
        let scope = self.template.scope();
        let of_source =
            scope.with(BTreeMap::from([("source".into(), source.clone()), ("build".into(), object([]))]));
        let Some(generated) = self.builder(&of_source) else { return };
        let values = BUILD_VALUES.iter().map(|&name| (name, Value::string(UNKNOWN)));
        let values = values.chain(generated.iter().map(|name| (name.as_str(), Value::string(UNKNOWN))));
        let build = object(values.chain([("name", Value::string(&*self.build.name))]));
        let of_steps = scope.with(BTreeMap::from([("source".into(), source), ("build".into(), build)]));
        for provisioner in self.build.provisioners.iter().chain(&self.build.cleanup) {
            self.provisioner(provisioner, &of_steps);
        }
        for chain in &self.build.post_processors {
            self.chain(chain, &of_steps);
        }
    }

    /// The names that the builder announces; `None` after an error.
    fn builder(&mut self, scope: &Scope) -> Option<Vec<String>> {
        let kind = &self.used.source.kind;
        let options = self.decode(ComponentKind::Builder, kind, &self.used.body, scope)?;
        let header = self.used.source_header;
        self.check(ComponentKind::Builder, kind, &[options], header)
    }

    fn provisioner(&mut self, provisioner: &Provisioner, scope: &Scope) {
        let Step { kind, filter, body, header, .. } = &provisioner.step;
        if filter.skips(self.used) {
            return;
        }
        let Some(options) = self.decode(ComponentKind::Provisioner, kind, body, scope) else { return };
        let overriding = provisioner.overrides.get(self.used.name()).cloned();
        let options: Vec<Value> = std::iter::once(options).chain(overriding).collect();
        self.check(ComponentKind::Provisioner, kind, &options, *header);
    }

    fn chain(&mut self, chain: &[PostProcessor], scope: &Scope) {
        for PostProcessor { step: Step { kind, name, filter, body, header }, .. } in chain {
            if filter.skips(self.used) {
                continue;
            }
            let name: &str = if name.is_empty() { kind } else { name };
            if self.selection.excludes_post_processor(name) {
                return;
            }
            if let Some(options) = self.decode(ComponentKind::PostProcessor, kind, body, scope) {
                self.check(ComponentKind::PostProcessor, kind, &[options], *header);
            }
        }
    }

    fn decode(&mut self, kind: ComponentKind, name: &str, body: &Arc<Body>, scope: &Scope) -> Option<Value> {
        // A type that does not exist was told when the template was resolved.
        let spec = self.catalog.spec(kind, name)?;
        let mut faults = Diagnostics::default();
        let options = spec::decode(body, &spec, scope, &mut faults);
        let broken = faults.has_errors();
        self.faults.extend(faults);
        (!broken).then_some(options)
    }

    fn check(
        &mut self,
        kind: ComponentKind,
        name: &str,
        options: &[Value],
        header: Span,
    ) -> Option<Vec<String>> {
        let source = &self.used.source;
        let checked = Component { kind, name, build_name: &source.name, builder_type: &source.kind, header };
        self.template.check_options(&checked, options, self.catalog, self.faults)
    }
}

fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (name.into(), value));
    Value::Object(entries.collect::<BTreeMap<Arc<str>, Value>>().into())
}
