//! Calls with values: arguments are converted and checked, in the order of cty's checks.

use super::{Arguments, Eager, Function, FunctionError, Implementation, MAX_TEXT, Parameter, ResultType};
use crate::{
    scope::Surroundings,
    value::{self, Type, Value},
};

impl Function {
    /// Calls a function that takes values, as an expression would.
    pub fn apply(&self, arguments: &[Value], surroundings: &Surroundings) -> Result<Value, FunctionError> {
        let Implementation::Eager(implementation) = &self.implementation else {
            return Err(FunctionError::new("takes expressions"));
        };
        let too_many = self.variadic.is_none() && self.parameters.len() < arguments.len();
        if too_many || arguments.len() < self.parameters.len() {
            return Err(FunctionError::new("wrong number of arguments"));
        }
        let values = arguments.iter().enumerate().map(|(index, value)| self.converted(index, value.clone()));
        self.apply_converted(implementation, &values.collect::<Result<Vec<_>, _>>()?, surroundings)
    }

    /// The argument as its parameter wants it.
    pub(crate) fn converted(&self, index: usize, value: Value) -> Result<Value, FunctionError> {
        match self.parameter(index) {
            None | Some(Parameter { constraint: Type::Dynamic, .. }) => Ok(value),
            Some(parameter) => value::convert(&value, &parameter.constraint)
                .map_err(|error| FunctionError::argument(index, error.to_string())),
        }
    }

    /// Calls with arguments that are converted already.
    pub(crate) fn apply_converted(
        &self,
        implementation: &Eager,
        values: &[Value],
        surroundings: &Surroundings,
    ) -> Result<Value, FunctionError> {
        let parameters = || {
            values
                .iter()
                .enumerate()
                .filter_map(|(index, value)| Some((index, value, self.parameter(index)?)))
        };
        for (index, value, parameter) in parameters() {
            match value {
                Value::Null(_) if !parameter.null => {
                    return Err(FunctionError::argument(index, "it must not be null"));
                }
                Value::Null(Type::Dynamic) | Value::Unknown(Type::Dynamic) if !parameter.dynamic => {
                    return Ok(Value::dynamic());
                }
                _ => {}
            }
        }
        let result = match &implementation.result {
            ResultType::Always(ty) => ty.clone(),
            ResultType::Of(ty) => ty(values)?,
        };
        if parameters().any(|(_, value, parameter)| !value.is_known() && !parameter.unknown) {
            return Ok(Value::Unknown(result));
        }
        match (implementation.call)(Arguments { values, result: &result, surroundings })? {
            Value::String(text) if MAX_TEXT < text.len() => {
                Err(FunctionError::new(format!("the result is longer than {} MiB", MAX_TEXT >> 20)))
            }
            value => Ok(value),
        }
    }
}
