//! Go's template syntax in a block, turned into HCL2's: the block's text is executed as a template whose functions
//! give what stands for them in HCL2.
//!
//! What has no function at its start, such as `{{ .Path }}`, is for later, and stays. Neither is a block changed in
//! which there are control structures, or anything that cannot be read or executed: then a note says so.

use std::{
    collections::BTreeSet,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use regex::Regex;
use waybill_go::{
    quote,
    text_template::{
        Functions, Limits, Parameter, Template, Value,
        tree::{Command, NodeKind, OperandKind},
    },
};

use super::note::Note;

/// What was met in all texts so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub timestamp: bool,
    pub isotime: bool,
    pub strftime: bool,
    pub secrets: Vec<Secret>,
}

/// A call of `aws_secretsmanager`, which a data source stands for.
#[derive(Debug, PartialEq)]
pub(super) struct Secret {
    pub name: String,
    pub key: Option<String>,
}

/// Where a text stands: there are fewer functions in variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Variable,
    Block,
}

/// The text of a block as it came out, and what there is to say about it.
#[derive(Debug)]
pub(super) struct Rendered {
    pub text: String,
    pub notes: Vec<Note>,
    /// Something was called that the default of a variable cannot have: anything but `env`.
    pub computed: bool,
}

pub(super) struct Engine {
    /// Variables that are locals in HCL2.
    pub locals: BTreeSet<String>,
    seen: Mutex<Seen>,
}

/// A call with arguments in quotes, as it stands in a text in quotes: from such a one to the last one on the line.
static QUOTED_ACTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\{\{[ \t\n\r\f]*[0-9A-Za-z_]+[ \t\n\r\f]+\\".*\\"[ \t\n\r\f]*[0-9A-Za-z_]*[ \t\n\r\f]*\}\}"#,
    )
    .expect("the regex is a constant")
});

impl Engine {
    pub(super) fn new() -> Self {
        Self { locals: BTreeSet::new(), seen: Mutex::default() }
    }

    pub(super) fn into_seen(self) -> Seen {
        self.seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renders the text of a block.
    pub(super) fn render(&self, text: &str, place: Place) -> Rendered {
        let calls = Mutex::default();
        let mut functions = Functions::default();
        self.add_functions(&mut functions, &calls, place);
        let unchanged =
            |text: &str, note| Rendered { text: text.to_owned(), notes: vec![note], computed: false };

        let mut source = text.to_owned();
        let template = match parse(&source, &functions) {
            Err(error) if error == r#"unexpected "\\" in operand"# => {
                source = unescape(&source);
                parse(&source, &functions)
            }
            parsed => parsed,
        };
        let template = match template {
            Ok(template) => template,
            Err(error) => return unchanged(&source, Note::Failed(error)),
        };
        let plain = match without_retained(&template) {
            Ok(plain) => plain,
            Err(note) => return unchanged(text, note),
        };
        let result = match parse(&plain, &functions) {
            Ok(template) => {
                template.execute(&Value::None, &functions, Limits::default()).map_err(|error| error.message)
            }
            Err(error) => Err(error),
        };
        drop(functions);
        let calls: Calls = calls.into_inner().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(text) => Rendered {
                text,
                notes: calls.by_hand.into_iter().map(Note::ByHand).collect(),
                computed: calls.computed,
            },
            Err(error) => Rendered { computed: calls.computed, ..unchanged(text, Note::Failed(error)) },
        }
    }

    fn add_functions<'a>(&'a self, functions: &mut Functions<'a>, calls: &'a Mutex<Calls>, place: Place) {
        use Parameter::{Integer, String};

        let computed = move || lock(calls).computed = true;
        let mut fixed = |name, text: &'static str| {
            functions.add(name, &[], move |_| {
                computed();
                Ok(text.into())
            });
        };
        fixed("template_dir", "${path.root}");
        fixed("pwd", "${path.cwd}");
        fixed("packer_version", "${packer.version}");
        fixed("uuid", "${uuidv4()}");
        if place == Place::Block {
            fixed("build_name", "${build.name}");
            fixed("build_type", "${build.type}");
            functions.add("build", &[String], |it| Ok(format!("${{build.{}}}", text(it, 0)).into()));
        }
        functions.add("timestamp", &[], move |_| {
            computed();
            lock(&self.seen).timestamp = true;
            Ok("${local.timestamp}".into())
        });
        functions.add_variadic("isotime", &[], String, move |it| {
            computed();
            lock(&self.seen).isotime |= !it.is_empty();
            Ok(legacy_time("legacy_isotime", it))
        });
        functions.add_variadic("strftime", &[], String, move |it| {
            computed();
            lock(&self.seen).strftime |= !it.is_empty();
            Ok(legacy_time("legacy_strftime", it))
        });
        functions.add("env", &[String], |it| Ok(format!("${{env(\"{}\")}}", text(it, 0)).into()));
        functions.add("user", &[String], move |it| {
            computed();
            let name = text(it, 0);
            let object = if self.locals.contains(name) { "local" } else { "var" };
            Ok(format!("${{{object}.{name}}}").into())
        });
        functions.add_variadic("aws_secretsmanager", &[], String, move |it| {
            computed();
            if it.is_empty() {
                return Err("aws_secretsmanager needs the name of a secret".to_owned());
            }
            let key = (it.len() == 2).then(|| text(it, 1));
            let number = lock(&self.seen).secret(text(it, 0), key);
            Ok(format!("${{data.amazon-secretsmanager.autogenerated_{number}.value}}").into())
        });

        // Those that HCL2 has in another form: people have to see to them.
        let by_hand = move |name| {
            let mut calls = lock(calls);
            calls.computed = true;
            calls.by_hand.push(name);
        };
        let mut one = |name: &'static str| {
            functions.add(name, &[String], move |it| {
                by_hand(name);
                Ok(format!("{{{{ {name} `{}` }}}}", text(it, 0)).into())
            });
        };
        one("upper");
        one("lower");
        if place == Place::Block {
            one("clean_resource_name");
        }
        functions.add("split", &[String, String, Integer], move |it| {
            by_hand("split");
            Ok(format!("{{{{ split `{}` `{}` {} }}}}", text(it, 0), text(it, 1), integer(it, 2)).into())
        });
        functions.add("replace", &[String, String, Integer, String], move |it| {
            by_hand("replace");
            let (old, new, count, source) = (text(it, 0), text(it, 1), integer(it, 2), text(it, 3));
            Ok(format!("{{{{ replace `{old}` `{new}` `{source}` {count} }}}}").into())
        });
        functions.add("replace_all", &[String, String, String], move |it| {
            by_hand("replace_all");
            Ok(format!("{{{{ replace_all `{}` `{}` `{}` }}}}", text(it, 0), text(it, 1), text(it, 2)).into())
        });
    }
}

/// What one block called.
#[derive(Default)]
struct Calls {
    computed: bool,
    by_hand: Vec<&'static str>,
}

impl Seen {
    /// The number of a secret's data source. Without a key any of that secret will do.
    fn secret(&mut self, name: &str, key: Option<&str>) -> usize {
        let is_same =
            |secret: &Secret| secret.name == name && (key.is_none() || secret.key.as_deref() == key);
        let known = self.secrets.iter().position(is_same);
        1 + known.unwrap_or_else(|| {
            self.secrets.push(Secret { name: name.to_owned(), key: key.map(str::to_owned) });
            self.secrets.len() - 1
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parse(text: &str, functions: &Functions<'_>) -> Result<Template, String> {
    Template::parse("hcl2_upgrade", text, &|name| functions.contains(name)).map_err(|error| error.message)
}

/// Takes away the backslashes that a text in quotes put before quotes.
fn unescape(text: &str) -> String {
    let replaced = QUOTED_ACTION.replace_all(text, |found: &regex::Captures<'_>| {
        quote::unquote(&format!("\"{}\"", &found[0])).unwrap_or_else(|_| found[0].to_owned())
    });
    replaced.into_owned()
}

/// The template with all that stays as strings in it, so that executing it keeps them.
fn without_retained(template: &Template) -> Result<String, Note> {
    let mut out = String::with_capacity(template.text().len());
    for node in &template.root().0 {
        match &node.kind {
            NodeKind::Text(text) => push_string(text, &mut out),
            NodeKind::Action(pipeline) => match &*pipeline.commands {
                [command] if !is_call(command) => push_string(&format!("{{{{ {command} }}}}"), &mut out),
                _ => out.push_str(&template.text()[node.range.clone()]),
            },
            NodeKind::If(_) => return Err(Note::Control("if")),
            NodeKind::With(_) => return Err(Note::Control("with")),
            NodeKind::Range(_) => return Err(Note::Control("range")),
            NodeKind::Template { .. } => return Err(Note::Control("template")),
            NodeKind::Break => return Err(Note::Control("break")),
            NodeKind::Continue => return Err(Note::Control("continue")),
        }
    }
    Ok(out)
}

fn is_call(command: &Command) -> bool {
    command.operands.first().is_some_and(|operand| matches!(operand.kind, OperandKind::Identifier(_)))
}

fn push_string(text: &str, out: &mut String) {
    out.push_str("{{");
    out.push_str(&quote::quote(text));
    out.push_str("}}");
}

/// Without a layout it is the time as HCL2 gives it.
fn legacy_time(function: &str, arguments: &[Value]) -> Value {
    match arguments {
        [] => "${timestamp()}".into(),
        _ => format!("${{{function}(\"{}\")}}", text(arguments, 0)).into(),
    }
}

fn text(arguments: &[Value], i: usize) -> &str {
    match arguments.get(i) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

fn integer(arguments: &[Value], i: usize) -> i64 {
    match arguments.get(i) {
        Some(Value::Integer(number)) => *number,
        _ => 0,
    }
}
