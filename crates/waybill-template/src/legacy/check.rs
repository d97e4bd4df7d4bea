//! What does not fit together in a template, before anything in it is rendered.

use super::{Applies, Template, Text};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    suggest,
    version::Version,
};

impl Template {
    /// Reports what cannot be: no builder, or names of builders that are none.
    pub fn check(&self, diagnostics: &mut Diagnostics) {
        if self.builders.is_empty() {
            let fault =
                Diagnostic::error("No builder", "At least one builder must be defined in \"builders\".");
            diagnostics.push(fault.at(self.span));
        }
        for (i, provisioner) in self.provisioners.iter().enumerate() {
            let what = format!("Provisioner {}", i + 1);
            self.check_names(&what, &provisioner.applies, diagnostics);
            for (name, _) in &provisioner.overrides {
                self.check_name(&what, "override", name, diagnostics);
            }
        }
        for (i, chain) in self.post_processors.iter().enumerate() {
            for (j, post_processor) in chain.iter().enumerate() {
                let what = format!("Post-processor {}.{}", i + 1, j + 1);
                self.check_names(&what, &post_processor.applies, diagnostics);
            }
        }
    }

    /// Reports a version of the program that is older than the template asks for. Not part of [`Template::check`],
    /// because Packer comes to it later: only when variables are set.
    pub fn check_version(&self, core_version: &str, diagnostics: &mut Diagnostics) {
        let Some(wanted) = self.min_packer_version.as_ref().filter(|wanted| !wanted.text.is_empty()) else {
            return;
        };
        let fault = match wanted.text.parse::<Version>() {
            Err(error) => {
                Diagnostic::error("Malformed version", format!("\"min_packer_version\" is invalid: {error}."))
            }
            Ok(version) if core_version.parse().is_ok_and(|core: Version| core < version) => {
                Diagnostic::error(
                    "Unsupported version",
                    format!("This template requires version {version} or higher; using {core_version}."),
                )
            }
            Ok(_) => return,
        };
        diagnostics.push(fault.at(wanted.span));
    }

    fn check_names(&self, what: &str, applies: &Applies, diagnostics: &mut Diagnostics) {
        if !applies.only.is_empty() && !applies.except.is_empty() {
            let detail = format!("{what}: only one of \"only\" or \"except\" may be specified.");
            let fault = Diagnostic::error("Contradicting filters", detail);
            diagnostics.push(match applies.span {
                Some(span) => fault.at(span),
                None => fault,
            });
            return;
        }
        for name in &applies.only {
            self.check_name(what, "only", name, diagnostics);
        }
        for name in &applies.except {
            self.check_name(what, "except", name, diagnostics);
        }
    }

    fn check_name(&self, what: &str, key: &str, name: &Text, diagnostics: &mut Diagnostics) {
        let names = || self.builders.iter().map(|builder| &*builder.name.text);
        if names().any(|known| known == &*name.text) {
            return;
        }
        let hint = match suggest::nearest(&name.text, names()) {
            Some(near) => format!("Did you mean {near:?}?"),
            None if self.builders.is_empty() => "The template has no builder.".to_owned(),
            None => format!("The builders are {}.", names().collect::<Vec<_>>().join(", ")),
        };
        let detail = format!("{what}: {key:?} names the builder {:?}, which is not found. {hint}", name.text);
        diagnostics.push(Diagnostic::error("Unknown builder", detail).at(name.span));
    }
}
