//! Characters to words: what the reader of statements sees one after the other.

use super::ConditionError;
use crate::text::shown;

/// One word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, a bare word or a selector: `in`, `a.b`, `a["b"]`.
    Path {
        path: Vec<String>,
        /// No step is in brackets.
        is_dotted: bool,
    },
    /// A quoted text, without its quotes and escapes.
    Text(String),
    /// As it was written.
    Number(String),
    /// `==`, `!=`, a parenthesis, a brace, `,` or `_`.
    Symbol(&'static str),
    End,
}

/// A word and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) from: usize,
    pub(super) to: usize,
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

const SYMBOLS: [&str; 8] = ["==", "!=", "(", ")", "{", "}", ",", "_"];

/// What people write who know other languages, and what it is called here.
const FOREIGN: [(&str, &str); 10] = [
    ("&", "write `and`"),
    ("|", "write `or`"),
    ("!", "write `not`, or `!=`"),
    ("=", "write `==`"),
    ("<", "numbers have no order here, only `==` and `!=`"),
    (">", "numbers have no order here, only `==` and `!=`"),
    ("'", "texts stand in double quotes or backticks"),
    ("“", "texts stand in straight double quotes or backticks"),
    ("”", "texts stand in straight double quotes or backticks"),
    ("[", "there are no lists of values; write `s == \"a\" or s == \"b\"`"),
];

const QUOTE_IT: &str = "if it is a text, put it in double quotes or backticks";

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Returns the next word; [`Token::End`] again and again after the last.
    pub(super) fn next(&mut self) -> Result<Placed, ConditionError> {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
        let from = self.at;
        let token = match self.peek() {
            None => Token::End,
            Some('"' | '`') => Token::Text(self.quoted()?),
            Some(c) if c.is_ascii_alphabetic() => self.path()?,
            Some(c) if c.is_ascii_digit() || c == '-' => self.number()?,
            Some(c) => self.symbol(c)?,
        };
        Ok(Placed { token, from, to: self.at })
    }

    /// The error that something else was expected there.
    pub(super) fn mistake(&self, at: &Placed, expected: &str, advice: &str) -> ConditionError {
        let found = match at.token {
            Token::End => "the end of the statement".to_owned(),
            _ => format!("`{}`", shown(&self.text[at.from..at.to])),
        };
        self.wrong(at.from, expected, found, advice)
    }

    /// The column of a place in bytes.
    pub(super) fn column(&self, at: usize) -> usize {
        self.text[..at].chars().count() + 1
    }

    fn wrong(&self, at: usize, expected: &str, found: String, advice: &str) -> ConditionError {
        let column = self.column(at);
        ConditionError::Syntax { column, expected: expected.into(), found, advice: advice.into() }
    }

    /// The error about the character that comes next.
    fn wrong_here(&self, expected: &str, advice: &str) -> ConditionError {
        let found = match self.peek() {
            None => "the end of the statement".to_owned(),
            Some(c) => format!("`{}`", shown(c.encode_utf8(&mut [0; 4]))),
        };
        self.wrong(self.at, expected, found, advice)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let taken = self.rest();
        let taken = &taken[..taken.find(|c| !wanted(c)).unwrap_or(taken.len())];
        self.at += taken.len();
        taken
    }

    fn symbol(&mut self, c: char) -> Result<Token, ConditionError> {
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| self.rest().starts_with(symbol)) {
            self.at += symbol.len();
            return Ok(Token::Symbol(symbol));
        }
        let foreign = FOREIGN.into_iter().find(|(from, _)| self.rest().starts_with(from));
        let advice = match foreign {
            Some((_, advice)) => advice,
            None if c == '/' => "a JSON pointer stands in quotes, as in `\"/jwt_claims/sub\"`",
            None => QUOTE_IT,
        };
        Err(self.wrong_here("a selector, a value or an operator", advice))
    }

    fn path(&mut self) -> Result<Token, ConditionError> {
        let mut path = vec![self.identifier()];
        let mut is_dotted = true;
        loop {
            if self.take_if('.') {
                path.push(self.step()?);
            } else if self.take_if('[') {
                is_dotted = false;
                path.push(self.index()?);
            } else if matches!(self.peek(), Some('-' | ':' | '@' | '*' | '\\')) {
                return Err(self.wrong_here("a space or an operator after a bare word", QUOTE_IT));
            } else {
                return Ok(Token::Path { path, is_dotted });
            }
        }
    }

    /// A name, or a place in a list.
    fn step(&mut self) -> Result<String, ConditionError> {
        match self.peek() {
            Some(c) if c.is_ascii_alphabetic() => Ok(self.identifier()),
            Some(c) if c.is_ascii_digit() => Ok(self.take_while(|c| c.is_ascii_digit()).to_owned()),
            _ => {
                let advice =
                    "a step that is no plain word stands in brackets and quotes, as in `jwt_claims[\"a-b\"]`";
                Err(self.wrong_here("a letter or a digit after `.`", advice))
            }
        }
    }

    /// A letter and what goes on like a word.
    fn identifier(&mut self) -> String {
        self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/')).to_owned()
    }

    /// What stands in the brackets, with the bracket at the end.
    fn index(&mut self) -> Result<String, ConditionError> {
        if !matches!(self.peek(), Some('"' | '`')) {
            let advice =
                "a step in brackets stands in quotes, as in `jwt_claims[\"https://example.com/team\"]`";
            return Err(self.wrong_here("a quoted text after `[`", advice));
        }
        let step = self.quoted()?;
        if self.take_if(']') {
            Ok(step)
        } else {
            Err(self.wrong_here("`]`", "close the bracket after the quoted text"))
        }
    }

    fn number(&mut self) -> Result<Token, ConditionError> {
        const EXPECTED: &str = "a number such as `12`, `-3` or `1.5`";
        let from = self.at;
        let digits = |scanner: &mut Self| match scanner.take_while(|c| c.is_ascii_digit()) {
            "" => Err(scanner.wrong_here(EXPECTED, QUOTE_IT)),
            _ => Ok(()),
        };
        self.take_if('-');
        digits(self)?;
        if self.take_if('.') {
            digits(self)?;
        }
        if self.take_if('e') || self.take_if('E') {
            let _ = self.take_if('-') || self.take_if('+');
            digits(self)?;
        }
        match self.peek() {
            None | Some(' ' | '\t' | '\r' | '\n' | ')' | '}') => {
                Ok(Token::Number(self.text[from..self.at].to_owned()))
            }
            Some(_) => Err(self.wrong_here("a space after a number", QUOTE_IT)),
        }
    }

    fn quoted(&mut self) -> Result<String, ConditionError> {
        let from = self.at;
        let quote = self.take();
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.take() {
                Some('\\') if quote == Some('"') => text.push(self.escape(at)?),
                Some('\n') if quote == Some('"') => {
                    let advice = "write `\\n`, or use backticks for a text of several lines";
                    return Err(self.wrong(at, "`\"`", "the end of the line".into(), advice));
                }
                Some(c) if Some(c) == quote => return Ok(text),
                Some(c) => text.push(c),
                None => {
                    let quote = &self.text[from..=from];
                    let advice = format!("close the text that begins at column {}", self.column(from));
                    return Err(self.wrong_here(&format!("`{quote}`"), &advice));
                }
            }
        }
    }

    /// What an escape stands for, as in Go; the backslash is at `at` and was taken.
    fn escape(&mut self, at: usize) -> Result<char, ConditionError> {
        let meant = match self.take() {
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some(c @ ('\\' | '"')) => Some(c),
            Some('x') => self.code(2).filter(char::is_ascii),
            Some('u') => self.code(4),
            Some('U') => self.code(8),
            _ => None,
        };
        meant.ok_or_else(|| {
            let found = format!("`{}`", shown(&self.text[at..self.at]));
            let advice = "double the backslash, or use backticks, which have no escapes";
            self.wrong(at, "an escape such as `\\n`, `\\\"` or `\\\\`", found, advice)
        })
    }

    /// A character by its number of that many hexadecimal digits.
    fn code(&mut self, digits: usize) -> Option<char> {
        let code = self.rest().get(..digits).filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += digits;
        char::from_u32(u32::from_str_radix(code, 16).ok()?)
    }
}
