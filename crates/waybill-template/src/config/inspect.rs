//! What `inspect` tells about a template, as text.

use std::fmt::Write as _;

use crate::value::{Value, console};

use super::{Template, build::Build, step::PostProcessor};

impl Template {
    /// Variables and locals with their values: what the console's `variables` tells, too.
    pub fn inspect_values(&self) -> String {
        let mut out = String::from("> input-variables:\n\n");
        for variable in self.variables.values() {
            let value =
                variable.value().cloned().unwrap_or_else(|| Value::Unknown(variable.constraint.clone()));
            line(&mut out, "var", &variable.name, &value);
        }
        out.push_str("\n> local-variables:\n\n");
        for (name, value) in self.local_values() {
            line(&mut out, "local", name, value);
        }
        out
    }

    /// The builds with their sources, provisioners and post-processors.
    pub fn inspect_builds(&self) -> String {
        let mut out = String::from("> builds:\n");
        for (index, build) in self.builds.iter().enumerate() {
            out.push_str(&describe(build, index));
        }
        out
    }
}

fn line(out: &mut String, kind: &str, name: &str, value: &Value) {
    let _ = writeln!(out, "{kind}.{name}: {}", waybill_go::quote::quote(&console(value)));
}

fn describe(build: &Build, index: usize) -> String {
    let mut out = String::new();
    let name = if build.name.is_empty() { format!("<unnamed build {index}>") } else { build.name.clone() };
    let _ = writeln!(out, "\n  > {name}:");
    if !build.description.is_empty() {
        let _ = writeln!(out, "\n  > Description: {}", build.description);
    }
    out.push_str("\n    sources:\n");
    if build.uses.is_empty() {
        out.push_str("\n      <no source>\n");
    }
    for used in &build.uses {
        let _ = writeln!(out, "\n      {}", used.full_name());
    }
    out.push_str("\n    provisioners:\n\n");
    if build.provisioners.is_empty() {
        out.push_str("      <no provisioner>\n");
    }
    for provisioner in &build.provisioners {
        let _ = writeln!(out, "      {}", provisioner.step.label());
    }
    out.push_str("\n    post-processors:\n");
    if build.post_processors.is_empty() {
        out.push_str("\n      <no post-processor>\n");
    }
    for (number, chain) in build.post_processors.iter().enumerate() {
        out.push_str(&describe_chain(number, chain));
    }
    out
}

fn describe_chain(number: usize, chain: &[PostProcessor]) -> String {
    let mut out = format!("\n      {number}:\n");
    for post_processor in chain {
        let _ = writeln!(out, "        {}", post_processor.step.label());
    }
    out
}
