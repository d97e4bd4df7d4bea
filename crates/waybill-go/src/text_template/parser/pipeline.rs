//! Pipelines and what they are made of.

use std::sync::Arc;

use super::{Parser, Result};
use crate::{
    quote::{quote, unquote},
    text_template::{
        lexer::{Keyword, Kind},
        number,
        tree::{Command, Operand, OperandKind, Pipeline, Variable},
    },
};

impl Parser<'_> {
    /// A pipeline up to its end, which is read, and where that ends.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<(Pipeline, usize)> {
        self.nest()?;
        let position = self.peek_non_space().position();
        let mut pipeline = Pipeline { position, variables: vec![], assigns: false, commands: vec![] };
        self.declarations(&mut pipeline, context)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => {
                    self.check(&pipeline, context)?;
                    self.depth -= 1;
                    return Ok((pipeline, token.range.end));
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Keyword(Keyword::Nil)
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParenthesis => {
                    self.back();
                    pipeline.commands.push(self.command()?);
                }
                _ => return self.unexpected(&token, context),
            }
        }
    }

    /// `$a := `, `$a = `, or in a range `$a, $b := `.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Result<()> {
        loop {
            let variable = self.peek_non_space().clone();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let behind = self.peek().clone();
            let next = self.peek_non_space().clone();
            let mut declare = |parser: &mut Self| {
                parser.next_non_space();
                parser.state.variables.push(variable.text.clone());
                pipeline
                    .variables
                    .push(Variable { position: variable.position(), name: variable.text.as_str().into() });
            };
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    declare(self);
                    pipeline.assigns = next.kind == Kind::Assign;
                }
                Kind::Char if next.text == "," => {
                    declare(self);
                    if context == "range" && pipeline.variables.len() < 2 {
                        let found = self.peek_non_space();
                        if matches!(
                            found.kind,
                            Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis
                        ) {
                            continue;
                        }
                        let at = found.position();
                        return self.error(at, "range can only initialize variables");
                    }
                    return self.error(next.position(), format!("too many declarations in {context}"));
                }
                _ if behind.kind == Kind::Space => self.back_with_two(variable, behind),
                _ => self.back_with(variable),
            }
            return Ok(());
        }
    }

    fn check(&self, pipeline: &Pipeline, context: &str) -> Result<()> {
        if pipeline.commands.is_empty() {
            return self.error(pipeline.position, format!("missing value for {context}"));
        }
        for (i, command) in pipeline.commands.iter().enumerate().skip(1) {
            if let Some(
                OperandKind::Bool(_)
                | OperandKind::Dot
                | OperandKind::Nil
                | OperandKind::Number(_)
                | OperandKind::String { .. },
            ) = command.operands.first().map(|first| &first.kind)
            {
                let message = format!("non executable command in pipeline stage {}", i + 1);
                return self.error(command.position, message);
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Command> {
        let position = self.peek_non_space().position();
        let mut operands = Vec::new();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelimiter | Kind::RightParenthesis => self.back(),
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if operands.is_empty() {
            return self.error(position, "empty command");
        }
        Ok(Command { position, operands })
    }

    /// A term and the fields that are taken of it.
    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(mut term) = self.term()? else {
            return Ok(None);
        };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        let position = self.peek().position();
        let mut names: Vec<Arc<str>> = Vec::new();
        while self.peek().kind == Kind::Field {
            let token = self.next();
            term.range.end = token.range.end;
            names.push(token.text[1..].into());
        }
        let kind = match term.kind {
            OperandKind::Field(mut fields) => {
                fields.append(&mut names);
                OperandKind::Field(fields)
            }
            OperandKind::Variable(mut fields) => {
                fields.append(&mut names);
                OperandKind::Variable(fields)
            }
            OperandKind::Identifier(_) | OperandKind::Chain(..) | OperandKind::Pipeline(_) => {
                let range = term.range.clone();
                return Ok(Some(Operand {
                    kind: OperandKind::Chain(Box::new(term), names),
                    position,
                    range,
                }));
            }
            OperandKind::Bool(_)
            | OperandKind::String { .. }
            | OperandKind::Number(_)
            | OperandKind::Nil
            | OperandKind::Dot => {
                let message = format!("unexpected . after term {}", quote(&term.to_string()));
                return self.error(position, message);
            }
        };
        Ok(Some(Operand { kind, position, range: term.range }))
    }

    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.next_non_space();
        let position = token.position();
        let text = token.text.as_str();
        let mut range = token.range.clone();
        let kind = match token.kind {
            Kind::Identifier => {
                if !(self.has_function)(text) {
                    return self.error(position, format!("function {} not defined", quote(text)));
                }
                OperandKind::Identifier(text.into())
            }
            Kind::Dot => OperandKind::Dot,
            Kind::Keyword(Keyword::Nil) => OperandKind::Nil,
            Kind::Variable => {
                if !self.state.variables.iter().any(|known| known == text) {
                    return self.error(position, format!("undefined variable {}", quote(text)));
                }
                OperandKind::Variable(vec![text.into()])
            }
            Kind::Field => OperandKind::Field(vec![text[1..].into()]),
            Kind::Bool => OperandKind::Bool(text == "true"),
            Kind::CharConstant => match number::character(text) {
                Ok(number) => OperandKind::Number(number),
                Err(message) => return self.error(position, message),
            },
            Kind::Complex | Kind::Number => match number::parse(text, token.kind == Kind::Complex) {
                Ok(number) => OperandKind::Number(number),
                Err(message) => return self.error(position, message),
            },
            Kind::LeftParenthesis => {
                let (pipeline, end) = self.pipeline("parenthesized pipeline", Kind::RightParenthesis)?;
                range.end = end;
                let position = pipeline.position;
                let kind = OperandKind::Pipeline(Box::new(pipeline));
                return Ok(Some(Operand { kind, position, range }));
            }
            Kind::String | Kind::RawString => match unquote(text) {
                Ok(value) => OperandKind::String { value: value.into(), quoted: text.into() },
                Err(error) => return self.error(position, error.to_string()),
            },
            _ => {
                self.back();
                return Ok(None);
            }
        };
        Ok(Some(Operand { kind, position, range }))
    }
}
