//! What `inspect` says about a template.

use super::Template;

/// A line for people, or one that only programs are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Text, which may have line breaks; another one follows it.
    Say(String),
    /// A machine-readable line: its type, and its fields before they are escaped.
    Machine(&'static str, Vec<String>),
}

/// What stands for a value that is not shown.
const HIDDEN: &str = "<sensitive>";

/// The lines in their order; a person is shown those for people, a program all of them.
pub fn lines(template: &Template) -> Vec<Line> {
    let mut lines = Lines(Vec::new());
    lines.say("Packer Inspect: JSON mode");
    if let Some(description) = template.description.as_ref().filter(|text| !text.text.is_empty()) {
        lines.say("Description:\n");
        lines.say(&format!("{}\n", description.text));
    }
    lines.variables(template);
    lines.builders(template);
    lines.say("Provisioners:\n");
    if template.provisioners.is_empty() {
        lines.say("  <No provisioners>");
    }
    for provisioner in &template.provisioners {
        let kind = &*provisioner.kind.text;
        lines.machine("template-provisioner", &[kind]);
        lines.say(&format!("  {kind}"));
    }
    lines.say(
        "\nNote: If your build names contain user variables or template\nfunctions such as 'timestamp', these are \
         processed at build time,\nand therefore only show in their raw form here.",
    );
    lines.0
}

/// What a person is shown.
pub fn text(template: &Template) -> String {
    let lines = lines(template).into_iter().filter_map(|line| match line {
        Line::Say(text) => Some(text + "\n"),
        Line::Machine(..) => None,
    });
    lines.collect()
}

struct Lines(Vec<Line>);

impl Lines {
    fn say(&mut self, text: &str) {
        self.0.push(Line::Say(text.to_owned()));
    }

    fn machine(&mut self, kind: &'static str, fields: &[&str]) {
        self.0.push(Line::Machine(kind, fields.iter().map(|&field| field.to_owned()).collect()));
    }

    fn variables(&mut self, template: &Template) {
        if template.variables.is_empty() {
            self.say("Variables:\n");
            self.say("  <No variables>");
            return self.say("");
        }
        // Counted in bytes, as Packer does, so that columns are not straight behind other letters.
        let width = template.variables.iter().map(|variable| variable.name.text.len()).max().unwrap_or(0);
        let shown = |name: &str, default| if template.is_sensitive(name) { HIDDEN } else { default };
        let (required, optional): (Vec<_>, Vec<_>) =
            template.variables.iter().partition(|variable| variable.default.is_none());
        if !required.is_empty() {
            self.say("Required variables:\n");
            for variable in required {
                let name = &*variable.name.text;
                self.machine("template-variable", &[name, shown(name, ""), "1"]);
                self.say(&format!("  {name}"));
            }
            self.say("");
        }
        self.say("Optional variables and their defaults:\n");
        for variable in optional {
            let name = &*variable.name.text;
            let default = variable.default.as_ref().map_or("", |default| &*default.text);
            let default = shown(name, default);
            self.machine("template-variable", &[name, default, "0"]);
            let padding = " ".repeat(width.saturating_sub(name.len()));
            self.say(&format!("  {name}{padding} = {default}"));
        }
        self.say("");
    }

    fn builders(&mut self, template: &Template) {
        self.say("Builders:\n");
        if template.builders.is_empty() {
            self.say("  <No builders>");
        }
        let mut builders: Vec<_> = template.builders.iter().collect();
        builders.sort_by(|a, b| a.name.text.cmp(&b.name.text));
        let width = builders.iter().map(|builder| builder.name.text.len()).max().unwrap_or(0);
        for builder in builders {
            let (name, kind) = (&*builder.name.text, &*builder.kind.text);
            self.machine("template-builder", &[name, kind]);
            let padding = " ".repeat(width.saturating_sub(name.len()));
            let kind = if name == kind { String::new() } else { format!(" ({kind})") };
            self.say(&format!("  {name}{padding}{kind}"));
        }
        self.say("");
    }
}
