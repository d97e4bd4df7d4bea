//! Expressions that are tried out with what a template declares.

use crate::{
    diagnostic::Diagnostics,
    function,
    source::Sources,
    syntax,
    value::{Value, console},
};

use super::Template;

impl Template {
    /// Evaluates a line; the text of its value, or what is wrong.
    pub fn try_out(&self, line: &str, sources: &mut Sources) -> Result<String, Diagnostics> {
        let mut faults = Diagnostics::default();
        let file = sources.add_synthetic("<console-input>", line);
        let expression = syntax::parse_expression(file, line, &mut faults);
        if faults.has_errors() {
            return Err(faults);
        }
        let value = expression.evaluate(&self.scope(), &mut faults);
        if faults.has_errors() { Err(faults) } else { Ok(console(&value)) }
    }

    /// What the word before the cursor may become: where the word starts, and the candidates, sorted.
    pub fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or_default();
        let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let start = before
            .char_indices()
            .rev()
            .take_while(|&(_, c)| in_word(c))
            .last()
            .map_or(before.len(), |(at, _)| at);
        let word = &before[start..];
        let mut parts: Vec<&str> = word.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        let scope = self.scope();
        let Some((root, steps)) = parts.split_first() else {
            let functions = function::names().filter(|name| *name != "env").map(|name| format!("{name}("));
            let names = scope.names().into_iter().map(|name| name.to_string());
            return (start, sorted(functions.chain(names).filter(|name| name.starts_with(last))));
        };
        let mut value = scope.get(root);
        for step in steps {
            value = value.and_then(|value| match value {
                Value::Object(entries) | Value::Map(_, entries) => entries.get(*step),
                _ => None,
            });
        }
        let Some(Value::Object(entries) | Value::Map(_, entries)) = value else { return (start, Vec::new()) };
        let names =
            entries.keys().filter(|name| name.starts_with(last)).map(std::string::ToString::to_string);
        (start + word.len() - last.len(), sorted(names))
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}
