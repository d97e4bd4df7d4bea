//! Actions that stay as they are when a variable is rendered.
//!
//! A variable may be meant for an option that a component renders with fields of its own, such as `{{ .Path }}`. So an
//! action that begins with a field is put aside: found by its look, before anything is parsed.

use std::ops::Range;

use super::engine::{Engine, Fault, FaultKind};

/// How long a value can be, in bytes.
const MAX_VALUE: usize = 64 << 20;

/// A text in which such actions are replaced by marks.
pub(super) struct Retained<'a> {
    pub(super) text: String,
    /// Where each action is in the original, and what stands for it.
    actions: Vec<(Range<usize>, &'a str, String)>,
}

impl<'a> Retained<'a> {
    pub(super) fn of(original: &'a str) -> Self {
        let mut retained = Self { text: String::with_capacity(original.len()), actions: Vec::new() };
        let sentinel = sentinel(original);
        let mut copied = 0;
        let mut at = 0;
        while let Some(found) = original[at..].find("{{") {
            let start = at + found;
            match action_with_field(&original[start..]) {
                Some(length) => {
                    // As long as the action, so that places in the text stay the same.
                    let digits = length.saturating_sub(sentinel.len() + 1);
                    let number = retained.actions.len().to_string();
                    // Not by a width of `format!`, which has a limit.
                    let zeros = "0".repeat(digits.saturating_sub(number.len()));
                    let mark = format!("{sentinel}{zeros}{number}.");
                    retained.text += &original[copied..start];
                    retained.text += &mark;
                    retained.actions.push((start..start + length, &original[start..start + length], mark));
                    at = start + length;
                    copied = at;
                }
                None => at = start + 1,
            }
        }
        retained.text += &original[copied..];
        retained
    }

    pub(super) fn check(&self, engine: &Engine<'_>) -> Result<(), Fault> {
        engine.check(&self.text).map_err(|fault| self.moved(fault))
    }

    /// The text with the actions where their marks are.
    pub(super) fn restored(&self, rendered: &str) -> Result<String, Fault> {
        let mut text = rendered.to_owned();
        for (range, action, mark) in &self.actions {
            let n_marks = text.matches(&**mark).count();
            if MAX_VALUE < text.len().saturating_add(n_marks.saturating_mul(action.len())) {
                let message = format!("the value is longer than {MAX_VALUE} bytes");
                return Err(Fault { message, range: range.clone(), kind: FaultKind::Result });
            }
            text = text.replace(mark, action);
        }
        Ok(text)
    }

    /// The fault at its place in the original.
    pub(super) fn moved(&self, fault: Fault) -> Fault {
        let original = |offset: usize| {
            let mut shift = 0isize;
            for (range, action, mark) in &self.actions {
                let start = range.start.checked_add_signed(-shift).unwrap_or(0);
                if offset < start + mark.len() {
                    break;
                }
                shift +=
                    isize::try_from(action.len()).unwrap_or(0) - isize::try_from(mark.len()).unwrap_or(0);
            }
            offset.saturating_add_signed(shift)
        };
        Fault { range: original(fault.range.start)..original(fault.range.end), ..fault }
    }
}

/// A private use character, as often as makes it something that is not in the text.
fn sentinel(text: &str) -> String {
    let mut sentinel = '\u{f8ff}'.to_string();
    while text.contains(&sentinel) {
        sentinel.push('\u{f8ff}');
    }
    sentinel
}

/// The length of an action that begins with a field: `{{`, a blank at most, a dot, and what is on the line up to `}}`.
fn action_with_field(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{{")?;
    let inner = inner.strip_prefix(|c: char| c.is_ascii_whitespace()).unwrap_or(inner);
    let body = inner.strip_prefix('.')?;
    let end = body.find("}}")?;
    let line = body.find('\n').unwrap_or(body.len());
    // The line break may be the blank before the end.
    if end <= line || end == line + 1 { Some(text.len() - body.len() + end + 2) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_that_begin_with_a_field_are_put_aside() {
        for (text, expected) in [
            ("a {{.B}} c", &["{{.B}}"][..]),
            ("{{ .A }}{{\n.B | nope}}", &["{{ .A }}", "{{\n.B | nope}}"]),
            ("{{ . }}{{..}}{{.}}", &["{{ . }}", "{{..}}", "{{.}}"]),
            ("{{ .A\n}}", &["{{ .A\n}}"]),
            ("{{ .A } }}", &["{{ .A } }}"]),
            ("{{ .A \"}}\" }}", &["{{ .A \"}}"]),
            ("{{.A }}nope}}", &["{{.A }}"]),
            ("{{{.A}}}", &["{{.A}}"]),
            ("{{- .A }}", &[]),
            ("{{  .A }}", &[]),
            ("{{ $.A }}", &[]),
            ("{{ if .A }}", &[]),
            ("{{ .A\nB }}", &[]),
            ("{{ .A", &[]),
            ("{{/* .A */}}", &[]),
            ("\u{f8ff}{{.A}}", &["{{.A}}"]),
        ] {
            let retained = Retained::of(text);
            let actions: Vec<&str> = retained.actions.iter().map(|(_, action, _)| *action).collect();
            assert_eq!(actions, expected, "{text}");
            assert_eq!(retained.restored(&retained.text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_action_can_be_long() {
        let text = format!("{{{{.A{}}}}}", " ".repeat(70_000));
        let retained = Retained::of(&text);
        assert_eq!(retained.text.len(), text.len());
        assert_eq!(retained.restored(&retained.text).as_deref(), Ok(&*text));
    }
}
