//! All checks of a template and of the components in it, without running anything.

use super::{
    Template, Text,
    builds::{Build, Filter},
    engine::{BuildNames, Engine, Generated, Place, Users},
    options,
    variables::{Given, Values},
};
use crate::{
    component::{Catalog, ComponentKind, Context, Options, Prepared, plugin_of},
    diagnostic::{Diagnostic, Diagnostics},
    json::Node,
    suggest,
};

/// Names that every build gives values to.
pub const GENERATED: [&str; 13] = [
    "ConnType",
    "Host",
    "ID",
    "PackerHTTPAddr",
    "PackerHTTPIP",
    "PackerHTTPPort",
    "PackerRunUUID",
    "Password",
    "Port",
    "SSHPrivateKey",
    "SSHPublicKey",
    "User",
    "WinRMPassword",
];

/// What a check needs besides the template.
#[derive(Clone, Copy)]
pub struct Checks<'a> {
    pub catalog: &'a dyn Catalog,
    /// Where the template stands, without values of variables.
    pub place: Place<'a>,
}

/// Checks a template as `validate` does: what it says, the variables, then each build. Faults of one build do not
/// hide those of another; faults of what comes before do.
pub fn validate(
    template: &Template,
    given: &Given,
    filter: &Filter,
    checks: Checks<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Values> {
    let before = diagnostics.len();
    template.check(diagnostics);
    if diagnostics.len() == before {
        template.check_version(checks.place.core_version, diagnostics);
    }
    if before < diagnostics.len() {
        return None;
    }
    let values = template.values(given, checks.place, diagnostics)?;
    let place = Place { users: Users::Final(&values), ..checks.place };
    let builds = template.builds(filter, place, diagnostics);
    if !builds.is_empty() {
        check_values(template, &values, place, diagnostics);
    }
    for build in &builds {
        Checker { build, checks: Checks { place, ..checks }, diagnostics }.build();
    }
    Some(values)
}

/// Every component gets the values of all variables, and wants templates in them to be right.
fn check_values(template: &Template, values: &Values, place: Place<'_>, diagnostics: &mut Diagnostics) {
    let engine = Engine::new(place);
    for (name, value) in values {
        let Err(fault) = engine.check(value) else { continue };
        let shown = if template.is_sensitive(name) { "" } else { &**value };
        let detail = format!("The value of the variable {name:?} is no template: {}. {shown}", fault.message);
        let fault = Diagnostic::error("Invalid template", detail.trim_end());
        diagnostics.push(match template.variable(name) {
            Some(variable) => fault.at(variable.name.span),
            None => fault,
        });
    }
}

struct Checker<'a, 'd> {
    build: &'a Build<'a>,
    checks: Checks<'a>,
    diagnostics: &'d mut Diagnostics,
}

impl Checker<'_, '_> {
    fn build(&mut self) {
        let build = self.build;
        let mut names: Vec<String> = GENERATED.map(str::to_owned).into();
        if let Some(prepared) = self.component(
            ComponentKind::Builder,
            &build.builder.kind,
            &[&build.builder.options],
            Generated::None,
        ) {
            names.extend(prepared.generated);
        }
        // Before there is a build, its values are fields to be filled in.
        let values: Values =
            names.iter().map(|name| (name.as_str().into(), format!("{{{{.{name}}}}}").into())).collect();
        for step in build.provisioners.iter().chain(&build.cleanup) {
            let options: Vec<&Node> =
                std::iter::once(&step.provisioner.options).chain(step.overriding).collect();
            let kind = &step.provisioner.kind;
            self.component(ComponentKind::Provisioner, kind, &options, Generated::Values(&values));
        }
        for post_processor in build.post_processors.iter().flatten() {
            let (kind, options) = (&post_processor.kind, &[&post_processor.options]);
            self.component(ComponentKind::PostProcessor, kind, options, Generated::Values(&values));
        }
    }

    /// Checks the options of one component.
    fn component(
        &mut self,
        kind: ComponentKind,
        name: &Text,
        options: &[&Node],
        generated: Generated<'_>,
    ) -> Option<Prepared> {
        let Checks { catalog, place } = self.checks;
        if catalog.spec(kind, &name.text).is_none() {
            self.unknown(kind, name);
            return None;
        }
        let builder = self.build.builder;
        let names = BuildNames { name: &self.build.name, kind: &builder.kind.text };
        let engine = Engine::new(Place { build: Some(names), generated, ..place });
        let mut faults = Diagnostics::default();
        let deferred = catalog.late_options(kind, &name.text);
        let options: Vec<Node> =
            options.iter().map(|node| options::render(node, deferred, &engine, &mut faults)).collect();
        let has_faults = !faults.is_empty();
        if has_faults {
            let faults: Diagnostics = faults.into_iter().map(|fault| self.prepared(fault)).collect();
            self.diagnostics.extend(faults);
            return None;
        }
        let context = Context {
            world: place.world,
            build_name: &self.build.name,
            builder_type: &builder.kind.text,
            core_version: place.core_version,
        };
        let prepared = catalog.prepare(kind, &name.text, Options::Legacy(&options), &context);
        for error in &prepared.errors {
            let fault = Diagnostic::error("", format!("The {} {:?}: {error}", kind.word(), name.text));
            self.diagnostics.push(self.prepared(fault.at(name.span)));
        }
        for warning in &prepared.warnings {
            let summary = format!("Warning when preparing build: {:?}", self.build.name);
            let detail = format!("The {} {:?}: {warning}", kind.word(), name.text);
            self.diagnostics.push(Diagnostic::warning(summary, detail).at(name.span));
        }
        Some(prepared)
    }

    /// The fault as one of this build.
    fn prepared(&self, fault: Diagnostic) -> Diagnostic {
        Diagnostic { summary: format!("Failed to prepare build: {:?}", self.build.name), ..fault }
    }

    fn unknown(&mut self, kind: ComponentKind, name: &Text) {
        let types = self.checks.catalog.types(kind);
        let near = suggest::nearest(&name.text, types.iter().map(String::as_str));
        let hint = match (near, plugin_of(&name.text)) {
            (Some(near), _) => format!("Did you mean {near:?}?"),
            (None, Some(plugin)) => {
                format!("It is probably part of the plugin {plugin}, which is not installed.")
            }
            (None, None) => format!(
                "It is probably part of a plugin that is not installed: \
                 https://developer.hashicorp.com/packer/integrations?filter={}",
                name.text
            ),
        };
        let detail = format!("The {} {:?} is unknown. {hint}", kind.word(), name.text);
        let summary = format!("Failed to initialize build {:?}", self.build.name);
        self.diagnostics.push(Diagnostic::error(summary, detail).at(name.span));
    }
}
