//! A template meets its data.

use std::sync::Arc;

use super::{
    ExecError, Limits, Template, builtin,
    function::{Function, Functions, Parameter},
    print::{self, Output},
    tree::{Branch, Command, List, Node, NodeKind, Number, Operand, OperandKind, Pipeline, Variable},
    value::Value,
};
use crate::quote::quote;

/// What evaluating one node costs, in bytes of a function's result.
const STEP: usize = 32;

pub(super) fn execute(
    template: &Template,
    data: &Value,
    functions: &Functions<'_>,
    limits: Limits,
) -> Result<String> {
    let mut state = State {
        template,
        executing: template.name.clone(),
        functions,
        limits,
        out: Output::new(limits.output),
        work: 0,
        depth: 0,
        at: At::Start,
        variables: vec![("$".into(), data.clone())],
    };
    state.list(data, template.root())?;
    Ok(state.out.finish())
}

struct State<'t, 'f> {
    template: &'t Template,
    /// The name of the definition that is being executed.
    executing: Arc<str>,
    functions: &'t Functions<'f>,
    limits: Limits,
    out: Output,
    work: usize,
    depth: usize,
    /// What an error is reported at.
    at: At<'t>,
    variables: Vec<(Arc<str>, Value)>,
}

#[derive(Clone, Copy)]
enum At<'t> {
    Start,
    Node(&'t Node),
    Pipeline(&'t Pipeline),
    Command(&'t Command),
    Operand(&'t Operand),
}

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    Through,
    Break,
    Continue,
}

/// An error is large and rare: what is returned on the way stays small.
type Result<T, E = Box<ExecError>> = std::result::Result<T, E>;

/// What a function gets besides the arguments that are written behind its name: the value of the command before.
type Piped<'a> = Option<&'a Value>;

impl State<'_, '_> {
    fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        let (offset, context) = match self.at {
            At::Start => (0, String::new()),
            At::Node(node) => (node.position, node.to_string()),
            At::Pipeline(pipeline) => (pipeline.position, pipeline.to_string()),
            At::Command(command) => (command.position, command.to_string()),
            At::Operand(operand) => (operand.position, operand.to_string()),
        };
        let before = &self.template.text[..offset];
        Err(Box::new(ExecError {
            template: self.template.name.to_string(),
            line: 1 + before.matches('\n').count(),
            column: offset - before.rfind('\n').map_or(0, |at| at + 1),
            offset,
            executing: self.executing.to_string(),
            context,
            message: message.into(),
        }))
    }

    fn spend(&mut self, work: usize) -> Result<()> {
        self.work = self.work.saturating_add(work);
        if self.limits.work < self.work {
            return self.error("the template does too much");
        }
        Ok(())
    }

    fn nest(&mut self) -> Result<()> {
        self.depth += 1;
        if self.limits.depth < self.depth {
            return self.error(format!("exceeded maximum template depth ({})", self.limits.depth));
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.out.push(text);
        self.check_output()
    }

    fn check_output(&self) -> Result<()> {
        if self.out.is_full {
            return self.error(format!("the result is longer than {} bytes", self.limits.output));
        }
        Ok(())
    }
}

/// Nodes.
impl<'t> State<'t, '_> {
    fn list(&mut self, dot: &Value, list: &'t List) -> Result<Flow> {
        self.nest()?;
        let mut flow = Flow::Through;
        for node in &list.0 {
            flow = self.node(dot, node)?;
            if flow != Flow::Through {
                break;
            }
        }
        self.depth -= 1;
        Ok(flow)
    }

    fn node(&mut self, dot: &Value, node: &'t Node) -> Result<Flow> {
        self.at = At::Node(node);
        self.spend(STEP)?;
        match &node.kind {
            NodeKind::Text(text) => self.write(text)?,
            NodeKind::Action(pipeline) => {
                let value = self.pipeline(dot, pipeline)?;
                if pipeline.variables.is_empty() {
                    self.at = At::Node(node);
                    if value.is_nothing() {
                        self.write("<no value>")?;
                    } else {
                        print::plain(&value, &mut self.out);
                        self.check_output()?;
                    }
                }
            }
            NodeKind::If(branch) => return self.branch(dot, branch, false),
            NodeKind::With(branch) => return self.branch(dot, branch, true),
            NodeKind::Range(branch) => return self.range(dot, branch),
            NodeKind::Template { name, argument } => self.call_template(dot, name, argument.as_ref())?,
            NodeKind::Break => return Ok(Flow::Break),
            NodeKind::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Through)
    }

    fn branch(&mut self, dot: &Value, branch: &'t Branch, is_with: bool) -> Result<Flow> {
        let n_variables = self.variables.len();
        let value = self.pipeline(dot, &branch.pipeline)?;
        let flow = if value.is_true() {
            self.list(if is_with { &value } else { dot }, &branch.body)
        } else if let Some(otherwise) = &branch.otherwise {
            self.list(dot, otherwise)
        } else {
            Ok(Flow::Through)
        };
        self.variables.truncate(n_variables);
        flow
    }

    fn range(&mut self, dot: &Value, branch: &'t Branch) -> Result<Flow> {
        let n_variables = self.variables.len();
        let value = self.pipeline(dot, &branch.pipeline)?;
        let mut has_run = false;
        match &value {
            Value::None | Value::Nil => {}
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    let index = Value::Integer(i64::try_from(i).unwrap_or(i64::MAX));
                    has_run = true;
                    if self.iteration(branch, index, item)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Map(members) => {
                for (key, item) in members.iter() {
                    has_run = true;
                    if self.iteration(branch, Value::String(key.clone()), item)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Integer(_) | Value::Byte(_) => {
                if 1 < branch.pipeline.variables.len() {
                    return self.error(format!(
                        "can't use {} to iterate over more than one variable",
                        text_of(&value)
                    ));
                }
                let end = match value {
                    Value::Integer(end) => end,
                    Value::Byte(end) => i64::from(end),
                    _ => 0,
                };
                for i in 0..end {
                    has_run = true;
                    let item = match value {
                        Value::Byte(_) => Value::Byte(u8::try_from(i).unwrap_or(u8::MAX)),
                        _ => Value::Integer(i),
                    };
                    if self.iteration(branch, Value::None, &item)? == Flow::Break {
                        break;
                    }
                }
            }
            other => {
                return self.error(format!("range can't iterate over {}", text_of(other)));
            }
        }
        let flow = match &branch.otherwise {
            Some(otherwise) if !has_run => self.list(dot, otherwise),
            _ => Ok(Flow::Through),
        };
        self.variables.truncate(n_variables);
        flow
    }

    fn iteration(&mut self, branch: &'t Branch, index: Value, item: &Value) -> Result<Flow> {
        self.spend(STEP)?;
        let n_variables = self.variables.len();
        let variables = &branch.pipeline.variables;
        if branch.pipeline.assigns {
            match variables.as_slice() {
                [only] => self.assign(only, item.clone())?,
                [first, second, ..] => {
                    self.assign(first, index)?;
                    self.assign(second, item.clone())?;
                }
                [] => {}
            }
        } else if !variables.is_empty() {
            let top = n_variables - 1;
            self.variables[top].1 = item.clone();
            if 1 < variables.len() {
                self.variables[top - 1].1 = index;
            }
        }
        let flow = self.list(item, &branch.body)?;
        self.variables.truncate(n_variables);
        Ok(flow)
    }

    fn call_template(&mut self, dot: &Value, name: &str, argument: Option<&'t Pipeline>) -> Result<()> {
        let template = self.template;
        let Some(list) = template.definition(name) else {
            return self.error(format!("template {} not defined", quote(name)));
        };
        let data = match argument {
            Some(pipeline) => self.pipeline(dot, pipeline)?,
            None => Value::None,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$".into(), data.clone())]);
        let caller = std::mem::replace(&mut self.executing, name.into());
        self.list(&data, list)?;
        self.variables = variables;
        self.executing = caller;
        Ok(())
    }

    fn assign(&mut self, variable: &Variable, value: Value) -> Result<()> {
        match self.variables.iter_mut().rfind(|(name, _)| *name == variable.name) {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => self.error(format!("undefined variable: {}", variable.name)),
        }
    }
}

/// Pipelines.
impl<'t> State<'t, '_> {
    fn pipeline(&mut self, dot: &Value, pipeline: &'t Pipeline) -> Result<Value> {
        self.nest()?;
        self.at = At::Pipeline(pipeline);
        let mut value: Option<Value> = None;
        for command in &pipeline.commands {
            let result = self.command(dot, command, value.as_ref())?;
            value = Some(if result.is_nothing() { Value::None } else { result });
        }
        let value = value.unwrap_or_default();
        for variable in &pipeline.variables {
            if pipeline.assigns {
                self.assign(variable, value.clone())?;
            } else {
                self.variables.push((variable.name.clone(), value.clone()));
            }
        }
        self.depth -= 1;
        Ok(value)
    }

    fn command(&mut self, dot: &Value, command: &'t Command, piped: Piped<'_>) -> Result<Value> {
        self.spend(STEP)?;
        let Some((first, arguments)) = command.operands.split_first() else {
            return Ok(Value::None);
        };
        let has_arguments = !arguments.is_empty() || piped.is_some();
        match &first.kind {
            OperandKind::Identifier(name) => {
                self.at = At::Operand(first);
                return self.call(dot, name, At::Command(command), arguments, piped);
            }
            OperandKind::Field(names) => {
                self.at = At::Operand(first);
                return self.fields(dot.clone(), names, has_arguments);
            }
            OperandKind::Chain(of, names) => {
                self.at = At::Operand(first);
                return self.chain(dot, first, of, names, has_arguments);
            }
            OperandKind::Variable(names) => {
                self.at = At::Operand(first);
                let value = self.variable(&names[0])?;
                if names.len() == 1 {
                    self.no_arguments(first, has_arguments)?;
                    return Ok(value);
                }
                return self.fields(value, &names[1..], has_arguments);
            }
            OperandKind::Pipeline(pipeline) => {
                self.no_arguments(first, has_arguments)?;
                return self.pipeline(dot, pipeline);
            }
            _ => {}
        }
        self.at = At::Operand(first);
        self.no_arguments(first, has_arguments)?;
        match &first.kind {
            OperandKind::Nil => self.error("nil is not a command"),
            OperandKind::Dot => Ok(dot.clone()),
            _ => self.constant(first),
        }
    }

    fn no_arguments(&self, operand: &Operand, has_arguments: bool) -> Result<()> {
        if has_arguments {
            return self.error(format!("can't give argument to non-function {operand}"));
        }
        Ok(())
    }

    /// A literal, with the type that it has where any is accepted.
    fn constant(&self, operand: &Operand) -> Result<Value> {
        Ok(match &operand.kind {
            OperandKind::Bool(value) => Value::Bool(*value),
            OperandKind::String { value, .. } => Value::String(value.clone()),
            OperandKind::Number(number) => return self.number(number),
            _ => Value::None,
        })
    }

    fn number(&self, number: &Number) -> Result<Value> {
        let text = &*number.text;
        if let Some((real, imaginary)) = number.complex {
            return Ok(Value::Complex(real, imaginary));
        }
        let is_hexadecimal =
            text.len() > 2 && text.starts_with('0') && matches!(text.as_bytes()[1], b'x' | b'X');
        let is_float = !is_hexadecimal && !text.starts_with('\'') && text.contains(['.', 'e', 'E', 'p', 'P']);
        if let (Some(value), true) = (number.float, is_float || text.contains(['p', 'P']) && is_hexadecimal) {
            return Ok(Value::Float(value));
        }
        match number.integer {
            Some(value) => Ok(Value::Integer(value)),
            None => self.error(format!("{text} overflows int")),
        }
    }

    fn variable(&self, name: &str) -> Result<Value> {
        match self.variables.iter().rfind(|(known, _)| &**known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    fn chain(
        &mut self,
        dot: &Value,
        chain: &'t Operand,
        of: &'t Operand,
        names: &[Arc<str>],
        has_arguments: bool,
    ) -> Result<Value> {
        if of.kind == OperandKind::Nil {
            return self.error(format!("indirection through explicit nil in {chain}"));
        }
        let value = self.argument(dot, of, None)?;
        self.fields(value, names, has_arguments)
    }

    /// `.A.B` of a value; only the last of them could take arguments.
    fn fields(&mut self, mut value: Value, names: &[Arc<str>], has_arguments: bool) -> Result<Value> {
        for (i, name) in names.iter().enumerate() {
            value = self.field(&value, name, has_arguments && i + 1 == names.len())?;
        }
        Ok(value)
    }

    fn field(&self, value: &Value, name: &str, has_arguments: bool) -> Result<Value> {
        match value {
            Value::None => Ok(Value::None),
            Value::Nil => self.error(format!("nil pointer evaluating interface {{}}.{name}")),
            Value::Record(record) => match record.fields.iter().find(|(known, _)| *known == name) {
                Some(_) if has_arguments => {
                    self.error(format!("{name} has arguments but cannot be invoked as function"))
                }
                Some((_, value)) => Ok(value.clone()),
                None => self.error(format!("can't evaluate field {name} in type {}", record.kind)),
            },
            Value::Map(_) if has_arguments => self.error(format!("{name} is not a method but has arguments")),
            Value::Map(members) => Ok(members.get(name).cloned().unwrap_or_default()),
            other => self.error(format!("can't evaluate field {name} in type {}", other.type_name())),
        }
    }

    /// Calls a function; `at` is what its own errors are reported at.
    fn call(
        &mut self,
        dot: &Value,
        name: &str,
        at: At<'t>,
        arguments: &'t [Operand],
        piped: Piped<'_>,
    ) -> Result<Value> {
        let functions = self.functions;
        let custom = functions.get(name);
        let Some((parameters, rest)) =
            custom.map(|function| (function.parameters, function.rest)).or_else(|| builtin::signature(name))
        else {
            return self.error(format!("{} is not a defined function", quote(name)));
        };
        let n_given = arguments.len() + usize::from(piped.is_some());
        if rest.is_some() && n_given < parameters.len() {
            let (wanted, got) = (parameters.len(), arguments.len());
            return self.error(format!("wrong number of args for {name}: want at least {wanted} got {got}"));
        }
        if rest.is_none() && n_given != parameters.len() {
            let wanted = parameters.len();
            return self.error(format!("wrong number of args for {name}: want {wanted} got {n_given}"));
        }
        if custom.is_none() && matches!(name, "and" | "or") {
            return self.short_circuit(dot, name == "or", arguments, piped);
        }
        let kind = |i: usize| parameters.get(i).copied().or(rest).unwrap_or(Parameter::Any);
        let mut values = Vec::with_capacity(n_given);
        for (i, argument) in arguments.iter().enumerate() {
            values.push(self.argument(dot, argument, Some(kind(i)))?);
        }
        if let Some(piped) = piped {
            values.push(self.fitting(piped.clone(), kind(arguments.len()))?);
        }
        let result = self.apply(name, custom, &values, arguments);
        match result {
            Ok(value) => {
                if let Value::String(text) = &value {
                    self.spend(text.len())?;
                }
                Ok(value)
            }
            Err(message) => {
                self.at = at;
                self.error(format!("error calling {name}: {message}"))
            }
        }
    }

    fn apply(
        &self,
        name: &str,
        custom: Option<&Function<'_>>,
        values: &[Value],
        arguments: &[Operand],
    ) -> Result<Value, String> {
        let Some(function) = custom else {
            let called = arguments.first().map(ToString::to_string).unwrap_or_default();
            return builtin::call(name, values, &called, self.limits.output);
        };
        (function.call)(values)
    }

    /// `and` and `or` evaluate their arguments up to the one that decides.
    fn short_circuit(
        &mut self,
        dot: &Value,
        deciding: bool,
        arguments: &'t [Operand],
        piped: Piped<'_>,
    ) -> Result<Value> {
        let mut value = Value::None;
        for argument in arguments {
            value = self.argument(dot, argument, Some(Parameter::Any))?;
            if value.is_true() == deciding {
                return Ok(value);
            }
        }
        Ok(piped.cloned().unwrap_or(value))
    }

    /// An operand as an argument of this kind; without one, as what a field is taken of.
    fn argument(&mut self, dot: &Value, operand: &'t Operand, kind: Option<Parameter>) -> Result<Value> {
        self.at = At::Operand(operand);
        self.spend(STEP)?;
        let value = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil => match kind {
                None | Some(Parameter::Any) => return Ok(Value::None),
                Some(kind) => return self.error(format!("cannot assign nil to {}", type_name(kind))),
            },
            OperandKind::Field(names) => self.fields(dot.clone(), names, false)?,
            OperandKind::Variable(names) => {
                let value = self.variable(&names[0])?;
                self.fields(value, &names[1..], false)?
            }
            OperandKind::Pipeline(pipeline) => self.pipeline(dot, pipeline)?,
            OperandKind::Identifier(name) => self.call(dot, name, At::Operand(operand), &[], None)?,
            OperandKind::Chain(of, names) => self.chain(dot, operand, of, names, false)?,
            OperandKind::Bool(_) | OperandKind::Number(_) | OperandKind::String { .. } => {
                return self.literal(operand, kind);
            }
        };
        match kind {
            Some(kind) => self.fitting(value, kind),
            None => Ok(value),
        }
    }

    /// A literal takes the type that is asked for, if it can.
    fn literal(&self, operand: &Operand, kind: Option<Parameter>) -> Result<Value> {
        match (kind, &operand.kind) {
            (None | Some(Parameter::Any), _) => self.constant(operand),
            (Some(Parameter::String), OperandKind::String { value, .. }) => Ok(Value::String(value.clone())),
            (Some(Parameter::Integer), OperandKind::Number(Number { integer: Some(value), .. })) => {
                Ok(Value::Integer(*value))
            }
            (Some(Parameter::String), _) => self.error(format!("expected string; found {operand}")),
            (Some(Parameter::Integer), _) => self.error(format!("expected integer; found {operand}")),
        }
    }

    fn fitting(&self, value: Value, kind: Parameter) -> Result<Value> {
        match (kind, &value) {
            (Parameter::Any, _)
            | (Parameter::String, Value::String(_))
            | (Parameter::Integer, Value::Integer(_)) => Ok(value),
            (kind, Value::None) => self.error(format!("invalid value; expected {}", type_name(kind))),
            (kind, other) => self.error(format!(
                "wrong type for value; expected {}; got {}",
                type_name(kind),
                other.type_name()
            )),
        }
    }
}

fn type_name(kind: Parameter) -> &'static str {
    match kind {
        Parameter::String => "string",
        Parameter::Integer => "int",
        Parameter::Any => "interface {}",
    }
}

/// A value in a message.
fn text_of(value: &Value) -> String {
    let mut out = Output::new(1 << 10);
    print::plain(value, &mut out);
    out.finish()
}
