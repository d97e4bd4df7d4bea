//! Calls in an expression: the function is found, arguments are counted and evaluated, faults get their place.

use std::sync::Arc;

use super::{Evaluator, fault};
use crate::{
    diagnostic::Diagnostic,
    function::{Function, FunctionError, Implementation, find, names},
    scope::Functions,
    source::Span,
    syntax::tree::{Call, Expression, ExpressionKind, TemplatePart},
    value::{Type, Value},
};

impl Evaluator {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Value {
        let Some(function) = self.resolve(call, span) else { return Value::dynamic() };
        let Some(arguments) = self.arguments(call, span) else { return Value::dynamic() };
        if !self.count(function, call, &arguments, span) {
            return Value::dynamic();
        }
        let result = match &function.implementation {
            Implementation::Lazy(evaluate) => evaluate(&arguments, self),
            Implementation::Eager(implementation) => {
                let Some(values) = self.values(function, &arguments, span) else { return Value::dynamic() };
                let Some(surroundings) = self.scope.functions().surroundings() else {
                    return Value::dynamic();
                };
                function.apply_converted(implementation, &values, surroundings)
            }
        };
        match result {
            Ok(value) => self.paid(value, span),
            Err(error) => {
                self.refused(function, call, &arguments, &error, span);
                Value::dynamic()
            }
        }
    }

    fn resolve(&mut self, call: &Call, span: Span) -> Option<&'static Function> {
        let name = &*call.name.text;
        let functions = self.scope.functions();
        if let Some(function) = find(name).filter(|_| functions.allow(name)) {
            return Some(function);
        }
        let named = fault::quoted(name);
        let diagnostic = match functions {
            Functions::Environment(_) if find(name).is_some() => Diagnostic::error(
                "Call to unavailable function",
                format!(
                    "Only the function \"env\" can be called here, not {named}. Use it in a local value instead."
                ),
            ),
            Functions::All(_) if find(name).is_some() => Diagnostic::error(
                "Call to unavailable function",
                format!(
                    "The function {named} can only be called in the default of a variable: declare one and refer to it."
                ),
            ),
            Functions::None | Functions::Inherited => Diagnostic::error(
                "Function calls not allowed",
                format!("Functions cannot be called here, so not {named} either; use a literal value."),
            ),
            Functions::Environment(_) | Functions::All(_) => {
                let available: Vec<&str> = names().filter(|name| functions.allow(name)).collect();
                let near = fault::near(name, available.iter().copied());
                Diagnostic::error(
                    "Call to unknown function",
                    format!("There is no function named {named}.{near}"),
                )
            }
        };
        self.fault(diagnostic.at(call.name.span).within(span));
        None
    }

    /// The arguments as expressions: with `...`, the last one's elements. None if they are unknown, or wrong, which is
    /// told.
    fn arguments(&mut self, call: &Call, span: Span) -> Option<Vec<Arc<Expression>>> {
        let (Some(_), Some((last, others))) = (call.expand, call.arguments.split_last()) else {
            return Some(call.arguments.clone());
        };
        let failures = self.failures;
        let value = self.evaluate(last);
        if self.failed_since(failures) {
            return None;
        }
        let elements = match &value {
            Value::List(_, elements) | Value::Set(_, elements) | Value::Tuple(elements) => elements,
            Value::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => return None,
            _ => {
                let detail = format!(
                    "The argument before \"...\" must be a list, a tuple or a set, but it is {}.",
                    fault::kind(&value)
                );
                let diagnostic = Diagnostic::error("Invalid expanding argument value", detail);
                self.fault(diagnostic.at(last.span).within(span));
                return None;
            }
        };
        if !self.spend(elements.len(), last.span) {
            return None;
        }
        let literal = |value: &Value| {
            Arc::new(Expression { kind: ExpressionKind::Literal(value.clone()), span: last.span })
        };
        Some(others.iter().cloned().chain(elements.iter().map(literal)).collect())
    }

    fn count(&mut self, function: &Function, call: &Call, arguments: &[Arc<Expression>], span: Span) -> bool {
        let wanted = function.parameters.len();
        let given = arguments.len();
        let name = function.name;
        let counted = |count: usize| match count {
            0 => "no arguments".to_owned(),
            1 => "1 argument".to_owned(),
            count => format!("{count} arguments"),
        };
        if let Some(missing) = function.parameters.get(given) {
            let least = if function.variadic.is_some() { "at least " } else { "" };
            let detail = format!(
                "The function \"{name}\" takes {least}{}, but got {}: \"{}\" is missing.",
                counted(wanted),
                counted(given),
                missing.name
            );
            let close = Span { start: call.parentheses.end.saturating_sub(1), ..call.parentheses };
            self.fault(Diagnostic::error("Not enough function arguments", detail).at(close).within(span));
            false
        } else if let Some(extra) = arguments.get(wanted)
            && function.variadic.is_none()
        {
            let detail =
                format!("The function \"{name}\" takes {}, but got {}.", counted(wanted), counted(given));
            self.fault(
                Diagnostic::error("Too many function arguments", detail).at(start(extra)).within(span),
            );
            false
        } else {
            true
        }
    }

    /// The arguments' values, each as its parameter wants it; none if one is wrong.
    fn values(
        &mut self,
        function: &Function,
        arguments: &[Arc<Expression>],
        span: Span,
    ) -> Option<Vec<Value>> {
        let failures = self.failures;
        let mut values = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let value = self.evaluate(argument);
            match function.converted(index, value) {
                Ok(value) => values.push(value),
                Err(error) => self.wrong_argument(function, index, argument, &error.message, span),
            }
        }
        (!self.failed_since(failures)).then_some(values)
    }

    fn refused(
        &mut self,
        function: &Function,
        call: &Call,
        arguments: &[Arc<Expression>],
        error: &FunctionError,
        span: Span,
    ) {
        if let Some((index, argument)) = error.argument.and_then(|index| Some((index, arguments.get(index)?)))
        {
            return self.wrong_argument(function, index, argument, &error.message, span);
        }
        let detail =
            format!("The function \"{}\" failed: {}", function.name, fault::sentence(&error.message));
        self.fault(Diagnostic::error("Error in function call", detail).at(call.name.span).within(span));
    }

    fn wrong_argument(
        &mut self,
        function: &Function,
        index: usize,
        argument: &Expression,
        message: &str,
        span: Span,
    ) {
        let parameter = function.parameter(index).map_or("", |parameter| parameter.name);
        let detail = format!(
            "The argument \"{parameter}\" of the function \"{}\" is invalid: {}",
            function.name,
            fault::sentence(message)
        );
        self.fault(Diagnostic::error("Invalid function argument", detail).at(start(argument)).within(span));
    }
}

/// Where an argument is shown: of a heredoc, its first line of text.
fn start(argument: &Expression) -> Span {
    match &argument.kind {
        ExpressionKind::Template(parts) => parts.first().map_or(argument.span, TemplatePart::span),
        _ => argument.span,
    }
}
