//! Operators, and what follows a value: attributes, indices, splats.

use super::{Failed, Parse, Parser};
use crate::syntax::{
    token::TokenKind,
    tree::{BinaryOperator, Expression, ExpressionKind, Name, UnaryOperator},
};

/// An expression that is the whole text.
pub(in crate::syntax) fn whole(parser: &mut Parser<'_>) -> Expression {
    parser.skips_newlines = true;
    let found = parser.expression();
    if let (Ok(_), Some(_)) = (&found, parser.kind()) {
        let detail = format!("The expression ends before {}; nothing may follow it.", parser.found());
        parser.unexpected("Extra characters after the expression", detail);
    }
    found.unwrap_or_else(|Failed| parser.invalid(0))
}

impl Parser<'_> {
    /// Any expression. Where line breaks mean something it ends at one.
    ///
    /// From here to [`Self::term`] and back is the path that nesting takes: what is rare is in functions of its own, to
    /// keep its frames small.
    pub(super) fn expression(&mut self) -> Parse<Expression> {
        self.enter()?;
        let mut found = self.binary(0);
        if found.is_ok() && self.kind() == Some(TokenKind::Question) {
            found = found.and_then(|condition| self.conditional(condition));
        }
        self.depth -= 1;
        found
    }

    /// What follows a condition: `?` is next.
    fn conditional(&mut self, condition: Expression) -> Parse<Expression> {
        let mut below = self.height;
        self.at += 1;
        let when_true = self.expression()?;
        below = below.max(self.height);
        if self.eat(TokenKind::Colon).is_none() {
            let detail = format!(
                "`condition ? one : other` needs `:` and the value for when the condition is false, but there is {}.",
                self.found()
            );
            let context = condition.span.to(self.here());
            return Err(self.unexpected_within("Missing false expression in conditional", detail, context));
        }
        let when_false = self.expression()?;
        below = below.max(self.height);
        let span = condition.span.to(when_false.span);
        let [condition, when_true, when_false] = [condition, when_true, when_false].map(Box::new);
        self.build(ExpressionKind::Conditional { condition, when_true, when_false }, span, below)
    }

    /// Operators of at least that level; those of one level are read from the left.
    fn binary(&mut self, level: usize) -> Parse<Expression> {
        let mut left = self.operand();
        while left.is_ok()
            && let Some((operator, its_level)) = self.kind().and_then(binary_operator)
            && level <= its_level
        {
            left = left.and_then(|left| self.operation(left, operator, its_level));
        }
        left
    }

    /// `left operator right`: the operator is next.
    fn operation(&mut self, left: Expression, operator: BinaryOperator, level: usize) -> Parse<Expression> {
        let below = self.height;
        let operator_span = self.here();
        self.at += 1;
        let right = self.binary(level + 1)?;
        let below = below.max(self.height);
        let span = left.span.to(right.span);
        let [left, right] = [left, right].map(Box::new);
        self.build(ExpressionKind::Binary { operator, operator_span, left, right }, span, below)
    }

    /// A value with what follows it; an operator in front of it takes all of that.
    fn operand(&mut self) -> Parse<Expression> {
        match self.kind() {
            Some(TokenKind::Minus) => self.unary(UnaryOperator::Negate),
            Some(TokenKind::Bang) => self.unary(UnaryOperator::Not),
            _ => {
                let base = self.term();
                match self.kind() {
                    Some(TokenKind::Dot | TokenKind::OpenBracket) => {
                        base.and_then(|base| self.traversals(base))
                    }
                    _ => base,
                }
            }
        }
    }

    fn unary(&mut self, operator: UnaryOperator) -> Parse<Expression> {
        let span = self.here();
        self.at += 1;
        let operand = self.nested(Self::operand)?;
        let span = span.to(operand.span);
        let below = self.height;
        self.build(ExpressionKind::Unary { operator, operand: Box::new(operand) }, span, below)
    }

    /// What follows a value whose height is [`Self::height`].
    fn traversals(&mut self, mut base: Expression) -> Parse<Expression> {
        loop {
            base = match self.kind() {
                Some(TokenKind::Dot) => self.dot(base)?,
                Some(TokenKind::OpenBracket) => self.index(base)?,
                _ => return Ok(base),
            };
        }
    }

    /// `.name`, `.0` or `.*…`
    fn dot(&mut self, base: Expression) -> Parse<Expression> {
        let dot = self.here();
        self.at += 1;
        match self.kind() {
            Some(TokenKind::Star) => {
                let marker = dot.to(self.here());
                self.at += 1;
                let below = self.height;
                let mut each = self.build(ExpressionKind::SplatItem, marker, 0)?;
                while self.kind() == Some(TokenKind::Dot) {
                    self.at += 1;
                    if self.kind() == Some(TokenKind::Star) {
                        let detail =
                            "Behind `.*` only attributes may follow, not another `*`. Write `[*]` for both.";
                        return Err(self.unexpected("Nested splat expression", detail));
                    }
                    each = self.member(each)?;
                }
                let below = below.max(self.height);
                let span = base.span.to(each.span);
                let [base, each] = [base, each].map(Box::new);
                self.build(ExpressionKind::Splat { base, each, legacy: true, marker }, span, below)
            }
            _ => self.member(base),
        }
    }

    /// The `name` or `0` behind a dot.
    fn member(&mut self, base: Expression) -> Parse<Expression> {
        let below = self.height;
        let span = base.span.to(self.here());
        match self.kind() {
            Some(TokenKind::Identifier) => {
                let name = self.name();
                self.build(ExpressionKind::Attribute { base: Box::new(base), name }, span, below)
            }
            Some(TokenKind::Number) => {
                if let Some((first, second)) = self.word().split_once('.') {
                    let detail = format!(
                        "`.{first}.{second}` is read as one number. Write indices in brackets: `[{first}][{second}]`."
                    );
                    return Err(self.unexpected("Invalid legacy index", detail));
                }
                let key = self.number()?;
                let [base, key] = [base, key].map(Box::new);
                self.build(ExpressionKind::Index { base, key, legacy: true }, span, below)
            }
            _ => {
                let detail =
                    format!("Behind a dot comes the name of an attribute, but there is {}.", self.found());
                Err(self.unexpected_within("Invalid attribute name", detail, span))
            }
        }
    }

    /// `[key]`, or `[*]` with all that follows it.
    fn index(&mut self, base: Expression) -> Parse<Expression> {
        let open = self.at;
        self.at += 1;
        if self.raw_kind() == Some(TokenKind::Star) {
            self.at += 1;
            return self.splat(base, open);
        }
        let below = self.height;
        let start = base.span;
        self.island(open, |p| {
            let key = p.skipping(true, |p| {
                let key = p.expression()?;
                p.eat(TokenKind::CloseBracket).map(|_| key).ok_or_else(|| {
                    let detail = format!("`]` closes an index, but there is {}.", p.found());
                    p.unclosed_index(open, "Missing close bracket on index", detail)
                })
            })?;
            let below = below.max(p.height);
            let [base, key] = [base, key].map(Box::new);
            p.build(ExpressionKind::Index { base, key, legacy: false }, start.to(p.since(open)), below)
        })
    }

    fn splat(&mut self, base: Expression, open: usize) -> Parse<Expression> {
        if self.kind() != Some(TokenKind::CloseBracket) {
            let detail = format!("`[*]` is closed right behind the star, but there is {}.", self.found());
            let failed = self.unclosed_index(open, "Missing close bracket on splat index", detail);
            self.at = self.brackets.partner(open).ok_or(failed)?;
        }
        self.at += 1;
        let marker = self.since(open);
        let below = self.height;
        let item = self.build(ExpressionKind::SplatItem, marker, 0)?;
        let each = self.nested(|p| p.traversals(item))?;
        let below = below.max(self.height);
        let span = base.span.to(each.span);
        let [base, each] = [base, each].map(Box::new);
        self.build(ExpressionKind::Splat { base, each, legacy: false, marker }, span, below)
    }

    /// Told where the index is closed; if it is not, at the end of the text, as HCL does.
    fn unclosed_index(&mut self, open: usize, summary: &str, detail: String) -> Failed {
        if self.brackets.partner(open).is_some() {
            let context = self.span_at(open).to(self.here());
            return self.unexpected_within(summary, detail, context);
        }
        if std::mem::replace(&mut self.is_broken, true) {
            return Failed;
        }
        let end = self.span_at(self.tokens.len());
        let detail = format!("The `[` in line {} is never closed.", self.line_at(open));
        self.tell(summary, detail, end);
        Failed
    }

    /// The next token as a name, without a look at its kind.
    pub(super) fn name(&mut self) -> Name {
        let name = Name { text: self.word().into(), span: self.here() };
        self.at += 1;
        name
    }
}

/// An operator and its level: a higher one binds tighter.
fn binary_operator(kind: TokenKind) -> Option<(BinaryOperator, usize)> {
    Some(match kind {
        TokenKind::Or => (BinaryOperator::Or, 0),
        TokenKind::And => (BinaryOperator::And, 1),
        TokenKind::EqualTo => (BinaryOperator::Equal, 2),
        TokenKind::NotEqualTo => (BinaryOperator::NotEqual, 2),
        TokenKind::Less => (BinaryOperator::Less, 3),
        TokenKind::LessOrEqual => (BinaryOperator::LessOrEqual, 3),
        TokenKind::Greater => (BinaryOperator::Greater, 3),
        TokenKind::GreaterOrEqual => (BinaryOperator::GreaterOrEqual, 3),
        TokenKind::Plus => (BinaryOperator::Add, 4),
        TokenKind::Minus => (BinaryOperator::Subtract, 4),
        TokenKind::Star => (BinaryOperator::Multiply, 5),
        TokenKind::Slash => (BinaryOperator::Divide, 5),
        TokenKind::Percent => (BinaryOperator::Modulo, 5),
        _ => return None,
    })
}
