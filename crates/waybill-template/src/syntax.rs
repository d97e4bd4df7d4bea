//! Syntax: from text to a tree.
//!
//! [`lexer`] makes tokens of a text, from which it can be put together again; the formatter works on them. The parser
//! makes a [`tree`] of the tokens, and of a text with faults as much as can be understood: all faults are told at once,
//! each where it is, and what follows from another is not.

pub mod body;
pub mod encoding;
pub mod lexer;
mod parser;
pub mod places;
pub mod token;
pub mod tree;

use std::sync::Arc;

use self::{
    parser::Parser,
    places::Places,
    token::Token,
    tree::{Body, Expression},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::FileId,
};

/// How deep a text may nest (blocks, brackets, operators, templates, JSON), so that whoever walks the tree may recurse.
pub const MAX_DEPTH: usize = 250;

/// How long a text may be.
pub const MAX_SIZE_BYTES: usize = 64 << 20;

/// How many tokens of a text are read: a tree takes many times the room of a text that is made of `0,` only.
pub const MAX_TOKENS: usize = 8 << 20;

/// Reads a file in native syntax. What is wrong is told; then the body is what could be understood.
pub fn parse_body(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Arc<Body> {
    let places = Places::whole(file);
    Arc::new(parse_code(text, &places, diagnostics, parser::body::file))
}

/// Reads an expression, which is the whole text. Line breaks in it mean nothing.
pub fn parse_expression(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Expression {
    parse_expression_at(&Places::whole(file), text, diagnostics)
}

/// Reads a text that was taken from a file as an expression: a type in a JSON string.
pub fn parse_expression_at(places: &Places, text: &str, diagnostics: &mut Diagnostics) -> Expression {
    parse_code(text, places, diagnostics, parser::expression::whole)
}

/// Reads a text as a template that is not quoted: a template file.
pub fn parse_template(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Expression {
    parse_template_at(&Places::whole(file), text, diagnostics)
}

/// Reads a text that was taken from a file as a template that is not quoted: a JSON string.
pub fn parse_template_at(places: &Places, text: &str, diagnostics: &mut Diagnostics) -> Expression {
    let (text, too_large) = limited(text, places);
    let (template, faults) = parse(text, places, lexer::template_tokens(text), parser::template::whole);
    diagnostics.extend(too_large.into_iter().chain(faults));
    template
}

fn parse_code<T>(
    text: &str,
    places: &Places,
    diagnostics: &mut Diagnostics,
    read: fn(&mut Parser<'_>) -> T,
) -> T {
    let (text, too_large) = limited(text, places);
    let (mut tree, mut faults) = parse(text, places, lexer::tokens(text), read);
    // To the letter first, so that guesses cannot change what a text without faults means.
    if !faults.is_empty()
        && let Some(tokens) = lexer::repaired_tokens(text)
    {
        let (guessed, its_faults) = parse(text, places, tokens, read);
        if !its_faults.is_empty() {
            (tree, faults) = (guessed, its_faults);
        }
    }
    diagnostics.extend(too_large.into_iter().chain(faults));
    tree
}

fn parse<T>(
    text: &str,
    places: &Places,
    tokens: Vec<Token>,
    read: fn(&mut Parser<'_>) -> T,
) -> (T, Vec<Diagnostic>) {
    if let Some(last) = tokens.last()
        && (last.end as usize) < text.len()
    {
        let detail = format!("A text of more than {MAX_TOKENS} words and signs is not read.");
        let fault = Diagnostic::error("File too large", detail).at(places.span(0, 0));
        return (read(&mut Parser::new("", places, Vec::new())), vec![fault]);
    }
    let mut parser = Parser::new(text, places, tokens);
    let tree = read(&mut parser);
    (tree, parser.into_faults())
}

/// The text; an empty one and a fault in the place of one that is too long.
fn limited<'a>(text: &'a str, places: &Places) -> (&'a str, Option<Diagnostic>) {
    if text.len() <= MAX_SIZE_BYTES {
        return (text, None);
    }
    let detail = format!("A text of more than {} MiB is not read.", MAX_SIZE_BYTES >> 20);
    ("", Some(Diagnostic::error("File too large", detail).at(places.span(0, 0))))
}
