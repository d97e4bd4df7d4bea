//! Words to a tree: the grammar of statements.
//!
//! ```text
//! or       = and { "or" and }
//! and      = term { "and" term }
//! term     = "(" or ")" | "not" term | each | match
//! each     = ( "any" | "all" ) selector "as" name [ "," name ] "{" or "}"
//! match    = selector ( "==" | "!=" ) value
//!          | selector [ "not" ] ( "contains" | "matches" ) value
//!          | selector "is" [ "not" ] ( "empty" | "nil" )
//!          | value [ "not" ] "in" selector
//! selector = path | quoted JSON pointer
//! path     = word { "." ( word | digits ) | "[" quoted text "]" }
//! value    = quoted text | number | path without brackets
//! name     = word | "_"
//! word     = an ASCII letter, then letters, digits, "_" and "/"
//! ```

use waybill_go::regexp::Regexp;

use super::{
    ConditionError,
    facts::{AWS, JWT_CLAIMS},
    pattern,
    scan::{Placed, Scanner, Token},
    syntax::{Expression, Names, Quantifier, Selector, Test},
};

/// How deep parentheses, `not`, `any` and `all` nest in a statement; as deep as evaluating it recurses.
pub const MAX_DEPTH: usize = 32;

/// Words that are values or names only in quotes.
pub(super) const KEYWORDS: [&str; 10] =
    ["and", "or", "not", "in", "is", "contains", "matches", "any", "all", "as"];

const SELECTOR: &str = "a selector such as `jwt_claims.sub`";
const VALUE: &str = "a text or a number";
const SELECTOR_FIRST: &str =
    "a match begins with a selector; its value comes after the operator, or before `in`";

/// Reads a whole statement of any length.
pub(super) fn parse(text: &str) -> Result<Expression, ConditionError> {
    let mut scanner = Scanner::new(text);
    let next = scanner.next()?;
    let mut parser = Parser { scanner, next, bound: Vec::new(), depth: 0 };
    let expression = parser.or()?;
    match parser.next.token {
        Token::End => Ok(expression),
        _ => {
            Err(parser.mistake("`and`, `or` or the end of the statement", "connect two matches with a word"))
        }
    }
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    /// The word that is looked at.
    next: Placed,
    /// Names that `any` and `all` gave, the innermost last.
    bound: Vec<String>,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expression, ConditionError> {
        self.chain("or", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Result<Expression, ConditionError> {
        self.chain("and", Self::term, Expression::And)
    }

    fn chain(
        &mut self,
        word: &str,
        member: fn(&mut Self) -> Result<Expression, ConditionError>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, ConditionError> {
        let first = member(self)?;
        let mut rest = Vec::new();
        while self.take_word(word)? {
            rest.push(member(self)?);
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(join(rest))
    }

    fn term(&mut self) -> Result<Expression, ConditionError> {
        if self.is_symbol("(") {
            let inner = self.nested(Self::or)?;
            self.expect_symbol(")", "close the parenthesis, or connect what follows with `and` or `or`")?;
            return Ok(inner);
        }
        match self.word() {
            Some("not") => Ok(Expression::Not(Box::new(self.nested(Self::term)?))),
            Some("any") => self.nested(|parser| parser.each(Quantifier::Any)),
            Some("all") => self.nested(|parser| parser.each(Quantifier::All)),
            _ => self.one_match(),
        }
    }

    /// Skips the word that opens it, and reads what it opens one step deeper.
    fn nested(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<Expression, ConditionError>,
    ) -> Result<Expression, ConditionError> {
        if self.depth == MAX_DEPTH {
            return Err(ConditionError::Depth { column: self.scanner.column(self.next.from) });
        }
        self.advance()?;
        self.depth += 1;
        let expression = inner(self)?;
        self.depth -= 1;
        Ok(expression)
    }

    fn each(&mut self, quantifier: Quantifier) -> Result<Expression, ConditionError> {
        let over = self.advance()?;
        let over = self.selector(&over, "it says which list or map to look through")?;
        if !self.take_word("as")? {
            let advice = format!("name the element, as in `{quantifier} {over} as x {{ x == \"…\" }}`");
            return Err(self.mistake("`as`", &advice));
        }
        let outside = self.bound.len();
        let first = self.name()?;
        let names = if self.is_symbol(",") {
            self.advance()?;
            Names::Two(first, self.name()?)
        } else {
            Names::One(first)
        };
        self.expect_symbol("{", "what has to be true of the element stands in braces")?;
        let body = Box::new(self.or()?);
        self.expect_symbol("}", "close the brace, or connect what follows with `and` or `or`")?;
        self.bound.truncate(outside);
        Ok(Expression::Each { quantifier, over, names, body })
    }

    /// A name for a part of an element, which is remembered at once: the second one differs from the first.
    fn name(&mut self) -> Result<Option<String>, ConditionError> {
        if self.is_symbol("_") {
            self.advance()?;
            return Ok(None);
        }
        let advice = match self.word() {
            None => "a name is a letter, then letters, digits and `_`",
            Some(word) if KEYWORDS.contains(&word) => "this word has a meaning already",
            Some(JWT_CLAIMS | AWS) => "this is what is known of the caller",
            Some(word) if self.bound.iter().any(|bound| bound == word) => "this name is taken already",
            Some(word) => {
                let name = word.to_owned();
                self.bound.push(name.clone());
                self.advance()?;
                return Ok(Some(name));
            }
        };
        Err(self.mistake("a new name or `_`", advice))
    }

    fn one_match(&mut self) -> Result<Expression, ConditionError> {
        let is_operand = match &self.next.token {
            Token::Text(_) | Token::Number(_) => true,
            Token::Path { .. } => !self.word().is_some_and(|word| KEYWORDS.contains(&word)),
            Token::Symbol(_) | Token::End => false,
        };
        if !is_operand {
            return Err(self.mistake("a match such as `jwt_claims.sub == \"…\"`", SELECTOR_FIRST));
        }
        let left = self.advance()?;
        if self.is_symbol("==") || self.is_symbol("!=") {
            let negated = self.is_symbol("!=");
            let selector = self.selector(&left, SELECTOR_FIRST)?;
            self.advance()?;
            let test = Test::Equals(self.value()?);
            return Ok(Expression::Match { selector, test, negated });
        }
        if self.take_word("is")? {
            return self.state(&left);
        }
        let negated = self.take_word("not")?;
        if self.take_word("in")? {
            let value = self.value_of(&left)?;
            let right = self.advance()?;
            let selector = self.selector(&right, "it says where to look for the value")?;
            return Ok(Expression::Match { selector, test: Test::Contains(value), negated });
        }
        if self.take_word("contains")? {
            let selector = self.selector(&left, SELECTOR_FIRST)?;
            return Ok(Expression::Match { selector, test: Test::Contains(self.value()?), negated });
        }
        if self.take_word("matches")? {
            let selector = self.selector(&left, SELECTOR_FIRST)?;
            return Ok(Expression::Match { selector, test: Test::Matches(self.pattern()?), negated });
        }
        Err(if negated {
            self.mistake(
                "`in`, `contains` or `matches`",
                "the opposite of `==` is `!=`, `not` goes before a match",
            )
        } else {
            let operators = "`==`, `!=`, `in`, `contains`, `matches` or `is`, or one of them with `not`";
            self.mistake(operators, "say what has to be true of the selector")
        })
    }

    /// What comes after `is`.
    fn state(&mut self, left: &Placed) -> Result<Expression, ConditionError> {
        let selector = self.selector(left, SELECTOR_FIRST)?;
        let negated = self.take_word("not")?;
        let test = if self.take_word("empty")? {
            Test::Empty
        } else if self.take_word("nil")? {
            Test::Nil
        } else {
            return Err(self.mistake("`empty` or `nil`", "values are compared with `==` and `!=`"));
        };
        Ok(Expression::Match { selector, test, negated })
    }

    fn selector(&self, placed: &Placed, advice: &str) -> Result<Selector, ConditionError> {
        match &placed.token {
            Token::Path { path, .. } => match &path[..] {
                [word] if KEYWORDS.contains(&word.as_str()) => {
                    Err(self.scanner.mistake(placed, SELECTOR, advice))
                }
                _ => Ok(Selector { path: path.clone() }),
            },
            Token::Text(text) => {
                let Some(pointer) = text.strip_prefix('/') else {
                    let advice = format!(
                        "{advice}; in quotes, a selector is a JSON pointer, such as `\"/jwt_claims/sub\"`"
                    );
                    return Err(self.scanner.mistake(placed, SELECTOR, &advice));
                };
                let path = steps(pointer).ok_or_else(|| {
                    let advice = "in a JSON pointer, `~0` stands for `~` and `~1` for `/`";
                    self.scanner.mistake(placed, SELECTOR, advice)
                })?;
                Ok(Selector { path })
            }
            _ => Err(self.scanner.mistake(placed, SELECTOR, advice)),
        }
    }

    fn value(&mut self) -> Result<String, ConditionError> {
        let placed = self.advance()?;
        self.value_of(&placed)
    }

    fn value_of(&self, placed: &Placed) -> Result<String, ConditionError> {
        let advice = match &placed.token {
            Token::Text(text) | Token::Number(text) => return Ok(text.clone()),
            Token::Path { path, is_dotted } => match &path[..] {
                [word] if KEYWORDS.contains(&word.as_str()) => "as a value, this word stands in quotes",
                [root, ..] if self.is_selector(root) => {
                    "selectors cannot be compared with each other; if it is a text, put it in quotes"
                }
                _ if *is_dotted => return Ok(path.join(".")),
                _ => "if it is a text, put it in quotes",
            },
            Token::Symbol(_) | Token::End => "put the value in double quotes or backticks",
        };
        Err(self.scanner.mistake(placed, VALUE, advice))
    }

    /// True for what selectors begin with here: a text like that in a value's place would be a trap.
    fn is_selector(&self, root: &str) -> bool {
        matches!(root, JWT_CLAIMS | AWS) || self.bound.iter().any(|bound| bound == root)
    }

    fn pattern(&mut self) -> Result<Regexp, ConditionError> {
        let column = self.scanner.column(self.next.from);
        let source = self.value()?;
        pattern::compile(&source).map_err(|reason| ConditionError::Pattern { column, reason })
    }

    /// The word that is looked at, if it is one word without quotes.
    fn word(&self) -> Option<&str> {
        match &self.next.token {
            Token::Path { path, .. } => match &path[..] {
                [word] => Some(word),
                _ => None,
            },
            _ => None,
        }
    }

    fn take_word(&mut self, wanted: &str) -> Result<bool, ConditionError> {
        let found = self.word() == Some(wanted);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.next.token, Token::Symbol(found) if found == symbol)
    }

    fn expect_symbol(&mut self, symbol: &str, advice: &str) -> Result<(), ConditionError> {
        if !self.is_symbol(symbol) {
            return Err(self.mistake(&format!("`{symbol}`"), advice));
        }
        self.advance().map(|_| ())
    }

    /// Returns the word that is looked at and goes on to the next.
    fn advance(&mut self) -> Result<Placed, ConditionError> {
        let next = self.scanner.next()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    fn mistake(&self, expected: &str, advice: &str) -> ConditionError {
        self.scanner.mistake(&self.next, expected, advice)
    }
}

/// The steps of a JSON pointer (RFC 6901) without its first `/`.
fn steps(pointer: &str) -> Option<Vec<String>> {
    let step = |step: &str| {
        let mut parts = step.split('~');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (escaped, rest) = match part.as_bytes().first()? {
                b'0' => ('~', &part[1..]),
                b'1' => ('/', &part[1..]),
                _ => return None,
            };
            text.push(escaped);
            text.push_str(rest);
        }
        Some(text)
    };
    pointer.split('/').map(step).collect()
}
