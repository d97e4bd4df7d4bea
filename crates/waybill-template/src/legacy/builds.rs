//! What runs: a build for each builder, with the provisioners and post-processors that are for it.

use std::collections::BTreeMap;

use waybill_go::text_template::Value;

use super::{
    Builder, PostProcessor, Provisioner, Template,
    engine::{Engine, Place},
    variables::within,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    json::Node,
};

/// `-only` and `-except`: names as they are, not patterns.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub only: Vec<String>,
    pub except: Vec<String>,
}

/// One builder with what is for it.
#[derive(Clone, Debug)]
pub struct Build<'a> {
    /// The builder's name, rendered.
    pub name: String,
    pub builder: &'a Builder,
    pub provisioners: Vec<Step<'a>>,
    pub cleanup: Option<Step<'a>>,
    /// Chains that are not empty.
    pub post_processors: Vec<Vec<&'a PostProcessor>>,
}

/// A provisioner of a build.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    pub provisioner: &'a Provisioner,
    /// Options that replace others in this build.
    pub overriding: Option<&'a Node>,
    /// How often it is tried again after the first time.
    pub max_retries: u32,
}

impl Build<'_> {
    /// How the build is named in messages: the type, and the name if that is another one.
    pub fn full_name(&self) -> String {
        let kind = &*self.builder.kind.text;
        if self.name == kind { kind.to_owned() } else { format!("{kind}.{}", self.name) }
    }
}

impl Template {
    /// The builds that the filter leaves, sorted by name. `place` knows the values of the variables.
    pub fn builds(&self, filter: &Filter, place: Place<'_>, diagnostics: &mut Diagnostics) -> Vec<Build<'_>> {
        let engine = Engine::new(place);
        let mut builders: BTreeMap<String, &Builder> = BTreeMap::new();
        let mut has_errors = false;
        for builder in &self.builders {
            let raw = &builder.name;
            match engine.render_until_stable(&raw.text, &Value::None) {
                Ok(name) => match builders.get(&name) {
                    None => {
                        builders.insert(name, builder);
                    }
                    Some(before) => {
                        let detail = format!(
                            "Two builders have the name {name:?} once it is rendered; the second one is left out."
                        );
                        let warning = Diagnostic::warning("Duplicate builder", detail);
                        diagnostics.push(warning.at(raw.span).related(before.name.span));
                    }
                },
                Err(fault) => {
                    let detail = format!("The name of the builder {:?}: {}.", raw.text, fault.message);
                    let error = Diagnostic::error("Interpolation error", detail);
                    has_errors = true;
                    diagnostics.push(error.at(within(raw.span, &raw.text, &fault.range)));
                }
            }
        }
        if has_errors {
            return Vec::new();
        }
        builders
            .into_iter()
            .filter(|(name, _)| filter.takes(name))
            .filter_map(|(name, builder)| self.build(name, builder, filter, &engine, diagnostics))
            .collect()
    }

    fn build<'a>(
        &'a self,
        name: String,
        builder: &'a Builder,
        filter: &Filter,
        engine: &Engine<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Build<'a>> {
        // The template's own lists name builders as they are written.
        let raw_name = &*builder.name.text;
        let mut steps = |provisioners: &'a [Provisioner]| {
            let applying = provisioners.iter().filter(|provisioner| provisioner.applies.to(raw_name));
            applying
                .map(|provisioner| step(&name, raw_name, provisioner, engine, diagnostics))
                .collect::<Option<Vec<_>>>()
        };
        let provisioners = steps(&self.provisioners);
        let cleanup = steps(self.cleanup.as_slice());
        let chains = self.post_processors.iter().map(|chain| {
            let kept =
                chain.iter().take_while(|it| !filter.except.iter().any(|name| **name == *it.name.text));
            kept.filter(|it| it.applies.to(raw_name)).collect::<Vec<_>>()
        });
        let post_processors = chains.filter(|chain| !chain.is_empty()).collect();
        Some(Build { builder, provisioners: provisioners?, cleanup: cleanup?.pop(), post_processors, name })
    }
}

impl Filter {
    fn takes(&self, name: &str) -> bool {
        let has = |names: &[String]| names.iter().any(|known| known == name);
        (self.only.is_empty() || has(&self.only)) && !has(&self.except)
    }
}

fn step<'a>(
    build: &str,
    raw_name: &str,
    provisioner: &'a Provisioner,
    engine: &Engine<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Step<'a>> {
    let max_retries = match &provisioner.max_retries {
        None => 0,
        Some(raw) => {
            let rendered = engine.render_until_stable(&raw.text, &Value::None).map_err(|fault| fault.message);
            let number = rendered
                .and_then(|text| text.parse::<i64>().map_err(|_| format!("{text:?} is not a whole number")));
            match number {
                Ok(number) => u32::try_from(number.max(0)).unwrap_or(u32::MAX),
                Err(message) => {
                    let detail = format!("\"max_retries\" must be a valid integer: {message}.");
                    let summary = format!("Failed to initialize build {build:?}");
                    diagnostics.push(Diagnostic::error(summary, detail).at(raw.span));
                    return None;
                }
            }
        }
    };
    let overriding = provisioner.overrides.iter().find(|(name, _)| &*name.text == raw_name);
    Some(Step { provisioner, overriding: overriding.map(|(_, options)| options), max_retries })
}
