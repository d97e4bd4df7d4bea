//! From tokens to the tree.
//!
//! Errors name a line as Go does: that of the token in the look-ahead's first place, which with an action over several
//! lines need not be the faulty one. The offset beside it is the faulty token's.

mod pipeline;

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use super::{
    MAX_DEPTH, ParseError,
    lexer::{Keyword, Kind, Lexer, Token},
    tree::{Branch, List, Node, NodeKind},
};
use crate::quote::{quote, unquote};

/// Named templates: the main one and what it defines.
pub(super) type Definitions = BTreeMap<Arc<str>, List>;

/// Reads a template and all that it defines.
pub(super) fn parse(
    name: &str,
    text: &str,
    has_function: &dyn Fn(&str) -> bool,
) -> Result<Definitions, ParseError> {
    let mut parser = Parser {
        name,
        lexer: Lexer::new(text),
        has_function,
        definitions: Definitions::new(),
        depth: 0,
        state: State::new(),
    };
    let root = parser.main()?;
    parser.define(name, root)?;
    Ok(parser.definitions)
}

struct Parser<'a> {
    name: &'a str,
    lexer: Lexer<'a>,
    has_function: &'a dyn Fn(&str) -> bool,
    definitions: Definitions,
    depth: usize,
    state: State,
}

/// What each definition has of its own.
struct State {
    /// The last token read, and up to two that were put back before it.
    tokens: [Token; 3],
    put_back: usize,
    variables: Vec<String>,
    ranges: usize,
    /// The line on which the action that is being read began; 0 outside of actions.
    action_line: usize,
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

/// What a list of nodes ended with.
enum Stop {
    End { range: Range<usize> },
    Else { position: usize, range: Range<usize> },
}

impl Stop {
    fn describe(&self) -> &'static str {
        match self {
            Self::End { .. } => "{{end}}",
            Self::Else { .. } => "{{else}}",
        }
    }
}

enum Item {
    Node(Node),
    Stop(Stop),
}

impl State {
    fn new() -> Self {
        let none = || Token { kind: Kind::End, text: String::new(), line: 0, range: 0..0 };
        Self {
            tokens: [none(), none(), none()],
            put_back: 0,
            variables: vec!["$".to_owned()],
            ranges: 0,
            action_line: 0,
        }
    }
}

/// Tokens.
impl Parser<'_> {
    fn next(&mut self) -> Token {
        if 0 < self.state.put_back {
            self.state.put_back -= 1;
        } else {
            self.state.tokens[0] = self.lexer.next_token();
        }
        self.state.tokens[self.state.put_back].clone()
    }

    fn back(&mut self) {
        self.state.put_back += 1;
    }

    /// Puts back two tokens, the second of which is in its place still.
    fn back_with(&mut self, first: Token) {
        self.state.tokens[1] = first;
        self.state.put_back = 2;
    }

    fn back_with_two(&mut self, first: Token, second: Token) {
        self.state.tokens[1] = second;
        self.state.tokens[2] = first;
        self.state.put_back = 3;
    }

    fn peek(&mut self) -> &Token {
        if self.state.put_back == 0 {
            self.state.put_back = 1;
            self.state.tokens[0] = self.lexer.next_token();
        }
        &self.state.tokens[self.state.put_back - 1]
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> &Token {
        if self.next_non_space().kind != Kind::Space {
            self.back();
        }
        self.peek()
    }

    fn error<T>(&self, offset: usize, message: impl Into<String>) -> Result<T> {
        Err(ParseError {
            template: self.name.to_owned(),
            line: self.state.tokens[0].line,
            offset,
            message: message.into(),
        })
    }

    /// The error that this token stands here.
    fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T> {
        if token.kind != Kind::Error {
            let message = format!("unexpected {} in {context}", token.describe());
            return self.error(token.position(), message);
        }
        let mut message = token.text.clone();
        if self.state.action_line != 0 && self.state.action_line != token.line {
            let started = format!("started at {}:{}", self.name, self.state.action_line);
            message += if message.ends_with(" action") { " " } else { " in action " };
            message += &started;
        }
        self.error(token.position(), message)
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn nest(&mut self) -> Result<()> {
        self.depth += 1;
        if MAX_DEPTH < self.depth {
            let at = self.state.tokens[0].position();
            return self.error(at, format!("nested more than {MAX_DEPTH} levels deep"));
        }
        Ok(())
    }
}

/// Text, actions and control structures.
impl Parser<'_> {
    fn main(&mut self) -> Result<List> {
        let mut root = List::default();
        while self.peek().kind != Kind::End {
            if self.peek().kind == Kind::LeftDelimiter {
                let delimiter = self.next();
                if self.next_non_space().kind == Kind::Keyword(Keyword::Define) {
                    let outer = std::mem::replace(&mut self.state, State::new());
                    self.definition()?;
                    self.state = outer;
                    self.state.put_back = 0;
                    continue;
                }
                self.back_with(delimiter);
            }
            match self.text_or_action()? {
                Item::Node(node) => root.0.push(node),
                Item::Stop(stop) => {
                    let at = self.state.tokens[0].position();
                    return self.error(at, format!("unexpected {}", stop.describe()));
                }
            }
        }
        Ok(root)
    }

    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(Kind::RightDelimiter, CONTEXT)?;
        let list = self.list_to_end(CONTEXT)?;
        self.define(&name, list)
    }

    /// A list that must not have an `else`.
    fn list_to_end(&mut self, context: &str) -> Result<List> {
        match self.list()? {
            (list, Stop::End { .. }) => Ok(list),
            (_, stop @ Stop::Else { position, .. }) => {
                self.error(position, format!("unexpected {} in {context}", stop.describe()))
            }
        }
    }

    fn define(&mut self, name: &str, list: List) -> Result<()> {
        match self.definitions.get_mut(name) {
            Some(existing) if existing.is_blank() => *existing = list,
            Some(_) if list.is_blank() => {}
            Some(_) => {
                let at = self.state.tokens[0].position();
                let message = format!("template: multiple definition of template {}", quote(name));
                return self.error(at, message);
            }
            None => {
                self.definitions.insert(name.into(), list);
            }
        }
        Ok(())
    }

    fn list(&mut self) -> Result<(List, Stop)> {
        self.nest()?;
        let mut list = List::default();
        while self.peek_non_space().kind != Kind::End {
            match self.text_or_action()? {
                Item::Node(node) => list.0.push(node),
                Item::Stop(stop) => {
                    self.depth -= 1;
                    return Ok((list, stop));
                }
            }
        }
        let at = self.state.tokens[0].position();
        self.error(at, "unexpected EOF")
    }

    fn text_or_action(&mut self) -> Result<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node {
                position: token.position(),
                range: token.range,
                kind: NodeKind::Text(token.text.into()),
            })),
            Kind::LeftDelimiter => {
                self.state.action_line = token.line;
                let item = self.action(token.position());
                self.state.action_line = 0;
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    /// The left delimiter, which stands at `start`, has been read.
    fn action(&mut self, start: usize) -> Result<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Keyword(Keyword::Block) => self.block(start)?,
            Kind::Keyword(Keyword::Break) => {
                self.loop_control("{{break}}", NodeKind::Break, &token, start)?
            }
            Kind::Keyword(Keyword::Continue) => {
                self.loop_control("{{continue}}", NodeKind::Continue, &token, start)?
            }
            Kind::Keyword(Keyword::Else) => return self.otherwise(start),
            Kind::Keyword(Keyword::End) => {
                let end = self.expect(Kind::RightDelimiter, "end")?.range.end;
                return Ok(Item::Stop(Stop::End { range: start..end }));
            }
            Kind::Keyword(Keyword::If) => self.control("if", start)?,
            Kind::Keyword(Keyword::Range) => self.control("range", start)?,
            Kind::Keyword(Keyword::With) => self.control("with", start)?,
            Kind::Keyword(Keyword::Template) => self.template(start)?,
            _ => {
                self.back();
                let position = self.peek().position();
                let (pipeline, end) = self.pipeline("command", Kind::RightDelimiter)?;
                Node { kind: NodeKind::Action(pipeline), position, range: start..end }
            }
        };
        Ok(Item::Node(node))
    }

    fn loop_control(&mut self, word: &str, kind: NodeKind, token: &Token, start: usize) -> Result<Node> {
        let end = self.next_non_space();
        if end.kind != Kind::RightDelimiter {
            return self.unexpected(&end, word);
        }
        if self.state.ranges == 0 {
            return self.error(token.position(), format!("{word} outside {{{{range}}}}"));
        }
        Ok(Node { kind, position: token.position(), range: start..end.range.end })
    }

    fn otherwise(&mut self, start: usize) -> Result<Item> {
        let next = self.peek_non_space().clone();
        let (position, end) = if matches!(next.kind, Kind::Keyword(Keyword::If | Keyword::With)) {
            // `{{else if …}}` reads on as if it were `{{else}}{{if …}}`.
            (next.position(), next.position())
        } else {
            let token = self.expect(Kind::RightDelimiter, "else")?;
            (token.position(), token.range.end)
        };
        Ok(Item::Stop(Stop::Else { position, range: start..end }))
    }

    fn control(&mut self, word: &str, start: usize) -> Result<Node> {
        let n_variables = self.state.variables.len();
        let (pipeline, _) = self.pipeline(word, Kind::RightDelimiter)?;
        self.state.ranges += usize::from(word == "range");
        let (body, stop) = self.list()?;
        self.state.ranges -= usize::from(word == "range");
        let (otherwise, end) = match stop {
            Stop::End { range } => (None, range.end),
            Stop::Else { range, .. } => {
                let (list, end) = self.else_branch(word, range.start)?;
                (Some(list), end)
            }
        };
        self.state.variables.truncate(n_variables);
        let position = pipeline.position;
        let branch = Branch { pipeline, body, otherwise };
        let kind = match word {
            "if" => NodeKind::If(branch),
            "with" => NodeKind::With(branch),
            _ => NodeKind::Range(branch),
        };
        Ok(Node { kind, position, range: start..end })
    }

    /// What follows an `else` that starts at `start`, and where it ends.
    fn else_branch(&mut self, word: &str, start: usize) -> Result<(List, usize)> {
        let next = self.peek().kind;
        let chained = match next {
            Kind::Keyword(Keyword::If) => "if",
            Kind::Keyword(Keyword::With) => "with",
            _ => "",
        };
        if chained == word {
            self.next();
            self.nest()?;
            let node = self.control(word, start)?;
            self.depth -= 1;
            let end = node.range.end;
            return Ok((List(vec![node]), end));
        }
        match self.list()? {
            (list, Stop::End { range }) => Ok((list, range.end)),
            (_, stop @ Stop::Else { position, .. }) => {
                self.error(position, format!("expected end; found {}", stop.describe()))
            }
        }
    }

    fn block(&mut self, start: usize) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let (pipeline, _) = self.pipeline(CONTEXT, Kind::RightDelimiter)?;
        let outer = std::mem::replace(&mut self.state, State::new());
        let (list, stop) = self.list()?;
        let range = match stop {
            Stop::End { range } => range,
            Stop::Else { position, .. } => {
                return self.error(position, format!("unexpected {} in {CONTEXT}", stop.describe()));
            }
        };
        self.define(&name, list)?;
        self.state = outer;
        self.state.put_back = 0;
        Ok(Node {
            kind: NodeKind::Template { name: name.into(), argument: Some(pipeline) },
            position: token.position(),
            range: start..range.end,
        })
    }

    fn template(&mut self, start: usize) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let next = self.next_non_space();
        let (argument, end) = if next.kind == Kind::RightDelimiter {
            (None, next.range.end)
        } else {
            self.back();
            let (pipeline, end) = self.pipeline(CONTEXT, Kind::RightDelimiter)?;
            (Some(pipeline), end)
        };
        let kind = NodeKind::Template { name: name.into(), argument };
        Ok(Node { kind, position: token.position(), range: start..end })
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Result<String> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        unquote(&token.text).or_else(|error| self.error(token.position(), error.to_string()))
    }
}
