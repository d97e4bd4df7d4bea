//! Values without operators: literals, names, calls and what is in brackets.

use std::sync::Arc;

use super::{Failed, List, Parse, Parser, lexical};
use crate::{
    source::Span,
    syntax::{
        token::TokenKind,
        tree::{Call, Expression, ExpressionKind, Name, ObjectItem},
    },
    value::{Number, Type, Value},
};

const TUPLE: List = List {
    close: TokenKind::CloseBracket,
    newline_separates: false,
    summary: "Missing item separator",
    what: "Items of a list",
};

const OBJECT: List = List {
    close: TokenKind::CloseBrace,
    newline_separates: true,
    summary: "Missing attribute separator",
    what: "Attributes of an object",
};

const ARGUMENTS: List = List {
    close: TokenKind::CloseParenthesis,
    newline_separates: false,
    summary: "Missing argument separator",
    what: "Arguments of a function",
};

impl Parser<'_> {
    pub(super) fn term(&mut self) -> Parse<Expression> {
        match self.kind() {
            Some(TokenKind::Number) => self.number(),
            Some(TokenKind::Identifier) => self.named(),
            Some(TokenKind::OpenQuote) => self.quoted(),
            Some(TokenKind::OpenHeredoc) => self.heredoc(),
            Some(TokenKind::OpenParenthesis) => self.parentheses(),
            Some(TokenKind::OpenBracket) => self.tuple_or_for(),
            Some(TokenKind::OpenBrace) => self.object_or_for(),
            None => Err(self.unexpected("Missing expression", "The text ends where a value is expected.")),
            Some(_) => self.no_value(),
        }
    }

    /// What no value starts with.
    fn no_value(&mut self) -> Parse<Expression> {
        if let Some(close) = lexical::closing(self.text, &self.tokens, self.at) {
            // A text in wrong quotes.
            let open = std::mem::replace(&mut self.at, close + 1);
            return Ok(self.invalid(open));
        }
        let detail = match self.kind() {
            Some(TokenKind::Newline) => {
                "A value is expected before the line ends. It may only go on in the next line inside of brackets or \
                 parentheses."
                    .to_owned()
            }
            Some(TokenKind::DoubleColon) => "The name of a namespace comes before `::`.".to_owned(),
            _ => format!("A value is expected, but there is {}.", self.found()),
        };
        Err(self.unexpected("Invalid expression", detail))
    }

    pub(super) fn number(&mut self) -> Parse<Expression> {
        let span = self.here();
        let Some(number) = Number::parse(self.word()) else {
            let detail = format!(
                "{} is no number. One has digits, at most one point and an exponent (`1.5e3`); other text is quoted.",
                self.found()
            );
            let failed = self.unexpected("Invalid number literal", detail);
            self.at += 1;
            return Err(failed);
        };
        self.at += 1;
        self.build(ExpressionKind::Literal(Value::Number(number)), span, 0)
    }

    /// A keyword, a reference's first name, or a call.
    fn named(&mut self) -> Parse<Expression> {
        let name = self.name();
        match self.kind() {
            Some(TokenKind::OpenParenthesis) => return self.call(name),
            Some(TokenKind::DoubleColon) => return self.namespaced(&name),
            _ => {}
        }
        let kind = match &*name.text {
            "true" => ExpressionKind::Literal(Value::Bool(true)),
            "false" => ExpressionKind::Literal(Value::Bool(false)),
            "null" => ExpressionKind::Literal(Value::Null(Type::Dynamic)),
            _ => ExpressionKind::Variable(name.text),
        };
        self.build(kind, name.span, 0)
    }

    /// `::name(…)` behind a namespace.
    fn namespaced(&mut self, first: &Name) -> Parse<Expression> {
        let mut text = first.text.to_string();
        let mut span = first.span;
        while self.eat(TokenKind::DoubleColon).is_some() {
            if self.kind() != Some(TokenKind::Identifier) {
                let detail =
                    format!("Behind `{text}::` comes the name of a function, but there is {}.", self.found());
                return Err(self.unexpected_within("Missing function name", detail, span.to(self.here())));
            }
            let name = self.name();
            text.push_str("::");
            text.push_str(&name.text);
            span = span.to(name.span);
        }
        if self.kind() != Some(TokenKind::OpenParenthesis) {
            let detail = format!(
                "`{text}` can only be called: `(` and arguments are expected, but there is {}.",
                self.found()
            );
            return Err(self.unexpected_within("Missing open parenthesis", detail, span.to(self.here())));
        }
        self.call(Name { text: text.into(), span })
    }

    fn call(&mut self, name: Name) -> Parse<Expression> {
        let open = self.at;
        self.at += 1;
        let mut arguments: Vec<Arc<Expression>> = Vec::new();
        let mut expand = None;
        let mut below = 0;
        self.skipping(true, |p| {
            p.separated(open, &ARGUMENTS, |p| {
                arguments.push(Arc::new(p.expression()?));
                below = below.max(p.height);
                match p.eat(TokenKind::Ellipsis) {
                    None => Ok(()),
                    Some(ellipsis) => {
                        expand = Some(p.span(ellipsis));
                        p.end_of_arguments(p.span(ellipsis))
                    }
                }
            })
        })?;
        let parentheses = self.since(open);
        let span = name.span.to(parentheses);
        self.build(ExpressionKind::Call(Call { name, arguments, expand, parentheses }), span, below)
    }

    /// What follows `...`.
    fn end_of_arguments(&mut self, ellipsis: Span) -> Parse<()> {
        if self.kind() == Some(TokenKind::CloseParenthesis) {
            return Ok(());
        }
        let detail = format!(
            "Only the last argument can be expanded with `...`, which `)` follows at once; but there is {}.",
            self.found()
        );
        self.tell("Missing closing parenthesis", detail, ellipsis);
        self.is_broken = true;
        Err(Failed)
    }

    fn parentheses(&mut self) -> Parse<Expression> {
        let open = self.at;
        let told = self.faults.len();
        self.at += 1;
        self.island(open, |p| {
            let inner = p.skipping(true, |p| {
                let inner = p.expression()?;
                if p.brackets.partner(open).is_none() && p.faults.len() != told {
                    // Why it is not closed is told.
                    return Err(Failed);
                }
                p.eat(TokenKind::CloseParenthesis).map(|_| inner).ok_or_else(|| {
                    let detail =
                        format!("`)` closes the expression in parentheses, but there is {}.", p.found());
                    let context = p.span_at(open).to(p.here());
                    p.unexpected_within("Unbalanced parentheses", detail, context)
                })
            })?;
            let below = p.height;
            p.build(ExpressionKind::Parentheses(Box::new(inner)), p.since(open), below)
        })
    }

    fn tuple_or_for(&mut self) -> Parse<Expression> {
        let open = self.at;
        self.at += 1;
        self.skipping(true, |p| {
            if p.kind() == Some(TokenKind::Identifier) && p.word() == "for" {
                return p.island(open, |p| p.comprehension(open, TokenKind::CloseBracket));
            }
            let mut items = Vec::new();
            let mut below = 0;
            p.separated(open, &TUPLE, |p| {
                items.push(p.expression()?);
                below = below.max(p.height);
                Ok(())
            })?;
            p.build(ExpressionKind::Tuple(items), p.since(open), below)
        })
    }

    fn object_or_for(&mut self) -> Parse<Expression> {
        let open = self.at;
        self.at += 1;
        // A `for` may stand on a line of its own.
        let is_for = self.skipping(true, |p| p.kind() == Some(TokenKind::Identifier) && p.word() == "for");
        if is_for {
            return self.skipping(true, |p| p.island(open, |p| p.comprehension(open, TokenKind::CloseBrace)));
        }
        let mut items = Vec::new();
        let mut below = 0;
        self.skipping(false, |p| {
            p.separated(open, &OBJECT, |p| {
                items.push(p.object_item()?);
                below = below.max(p.height);
                Ok(())
            })
        })?;
        self.build(ExpressionKind::Object(items), self.since(open), below)
    }

    fn object_item(&mut self) -> Parse<ObjectItem> {
        let start = self.at;
        let key = self.expression()?;
        let below = self.height;
        if self.eat(TokenKind::Equals).or_else(|| self.eat(TokenKind::Colon)).is_none() {
            return Err(self.no_separator(&key));
        }
        let (key, bare) = self.key(key, start);
        let value = self.expression()?;
        self.height = self.height.max(below);
        Ok(ObjectItem { key, bare, value })
    }

    fn no_separator(&mut self, key: &Expression) -> Failed {
        let found = self.found();
        let context = key.span.to(self.here());
        let (summary, detail) = match self.kind() {
            Some(TokenKind::Newline) => (
                "Missing attribute value",
                "The name of an attribute is followed by `=` and its value, on the same line.".to_owned(),
            ),
            _ => (
                "Missing key/value separator",
                format!("The name of an attribute is followed by `=` and its value, but there is {found}."),
            ),
        };
        self.unexpected_within(summary, detail, context)
    }

    /// `true`, `false` and `null` are names here, as any other word is.
    fn key(&self, key: Expression, start: usize) -> (Expression, bool) {
        match key.kind {
            ExpressionKind::Literal(Value::Number(_)) | ExpressionKind::Variable(_) => (key, true),
            ExpressionKind::Literal(_) => {
                let word = self.tokens[start].text(self.text);
                (Expression { kind: ExpressionKind::Variable(word.into()), span: key.span }, true)
            }
            _ => (key, false),
        }
    }
}
