//! Laws of syntax: what holds for any text, be it a template or not.

use std::{fs, path::Path};

use proptest::{prelude::*, sample::Index};
use waybill_template::{
    diagnostic::Diagnostics,
    source::{FileId, Span},
    syntax::{
        self, lexer,
        token::Token,
        tree::{Body, BodyKind, Expression, ExpressionKind as Kind, TemplatePart},
    },
};

/// The texts of the corpus, with their names.
pub(crate) fn corpus() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut texts: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| {
            let path = entry.expect("the corpus can be listed").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, String::from_utf8(fs::read(path).expect("it can be read")).expect("it is UTF-8"))
        })
        .collect();
    texts.sort();
    assert!(!texts.is_empty());
    texts
}

/// Pieces that texts of any sense and nonsense are made of.
const PIECES: &[&str] = &[
    "a", "b-c", "for", "in", "if", "else", "endif", "endfor", "true", "null", "0", "1.5", "1e", "\"", "\"",
    "${", "${~", "%{", "~}", "}", "{", "{", "}", "[", "]", "(", ")", "<<E\n", "<<-E\n", "\nE\n", "E", "\n",
    "\n", "\r\n", "\r", " ", "\t", "=", "=", "==", "=>", "!", "!=", "<", "<=", ">", "&&", "||", "&", "|",
    "+", "-", "*", "/", "%", "?", ":", "::", ",", ".", "...", "[*]", ".*", "#", "//", "/*", "*/", "'", "`",
    ";", "\\", "\\n", "\\u00e9", "$", "$$", "$${", "%%{", "~", "\u{feff}", "é", "🙂", "\0", "“", "e\u{301}",
];

/// Any text: of the pieces, or of any characters.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

/// A change of a text: from one place to another it becomes something else.
fn changed() -> impl Strategy<Value = String> {
    let change = (any::<Index>(), 0..12_usize, prop::collection::vec(prop::sample::select(PIECES), 0..3));
    let texts: Vec<_> = corpus().into_iter().map(|(_, text)| text).collect();
    (prop::sample::select(texts), prop::collection::vec(change, 1..4)).prop_map(|(mut text, changes)| {
        for (start, length, pieces) in changes {
            let start = text.floor_char_boundary(start.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &pieces.concat());
        }
        text
    })
}

/// Tokens follow each other from the first byte to the last, and none is empty.
fn assert_lossless(text: &str, tokens: &[Token]) {
    let mut at = 0;
    for token in tokens {
        assert_eq!(token.start, at);
        assert!(token.start < token.end);
        at = token.end;
    }
    assert_eq!(at as usize, text.len());
    assert_eq!(tokens.iter().map(|token| token.text(text)).collect::<String>(), text);
}

/// Reads the text in all ways; each place that is told is in it.
fn assert_read(text: &str) {
    let inside = |span: Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(start <= end && text.get(start..end).is_some(), "{span:?} of {} in {text:?}", text.len());
    };
    let file = FileId::default();
    for way in ["body", "expression", "template"] {
        let mut diagnostics = Diagnostics::default();
        match way {
            "body" => see_body(&syntax::parse_body(file, text, &mut diagnostics), &mut |span| inside(span)),
            "expression" => {
                let expression = syntax::parse_expression(file, text, &mut diagnostics);
                see(&expression, &mut |span| inside(span));
            }
            _ => {
                let template = syntax::parse_template(file, text, &mut diagnostics);
                see(&template, &mut |span| inside(span));
            }
        }
        for told in &diagnostics {
            let subject = told.subject.expect("each fault has a place");
            inside(subject);
            told.context.into_iter().chain(told.related).for_each(inside);
            assert!(!told.detail.is_empty() && told.detail.ends_with(['.', '?']), "{}", told.detail);
        }
    }
}

fn see_body(body: &Body, span: &mut dyn FnMut(Span)) {
    span(body.span);
    span(body.end);
    let BodyKind::Native { attributes, blocks } = &body.kind else { return };
    for attribute in attributes {
        span(attribute.span);
        span(attribute.name.span);
        see(&attribute.expression, span);
    }
    for block in blocks {
        [block.kind.span, block.header, block.open, block.close].into_iter().for_each(&mut *span);
        block.labels.iter().for_each(|label| span(label.span));
        see_body(&block.body, span);
    }
}

fn see(expression: &Expression, span: &mut dyn FnMut(Span)) {
    span(expression.span);
    let inner: Vec<&Expression> = match &expression.kind {
        Kind::Template(parts) => {
            for part in parts {
                see_part(part, span);
            }
            vec![]
        }
        Kind::Wrap(inner) | Kind::Parentheses(inner) => vec![inner],
        Kind::Attribute { base, name } => {
            span(name.span);
            vec![base]
        }
        Kind::Index { base, key, .. } => vec![base, key],
        Kind::Splat { base, each, marker, .. } => {
            span(*marker);
            vec![base, each]
        }
        Kind::Call(call) => {
            [call.name.span, call.parentheses].into_iter().chain(call.expand).for_each(&mut *span);
            call.arguments.iter().map(|argument| &**argument).collect()
        }
        Kind::Unary { operand, .. } => vec![operand],
        Kind::Binary { operator_span, left, right, .. } => {
            span(*operator_span);
            vec![left, right]
        }
        Kind::Conditional { condition, when_true, when_false } => vec![condition, when_true, when_false],
        Kind::Tuple(items) => items.iter().collect(),
        Kind::Object(items) => items.iter().flat_map(|item| [&item.key, &item.value]).collect(),
        Kind::For(parts) => {
            [parts.open, parts.close, parts.value_name.span].into_iter().for_each(&mut *span);
            let optional = parts.key.iter().chain(&parts.condition);
            [&parts.collection, &parts.value].into_iter().chain(optional).collect()
        }
        _ => vec![],
    };
    for inner in inner {
        see(inner, span);
    }
}

fn see_part(part: &TemplatePart, span: &mut dyn FnMut(Span)) {
    let (place, expression, parts): (_, _, Vec<_>) = match part {
        TemplatePart::Literal { span: place, .. } => return span(*place),
        TemplatePart::Interpolation(inner) => return see(inner, span),
        TemplatePart::If { condition, then, otherwise, span: place } => {
            (place, condition, then.iter().chain(otherwise.iter().flatten()).collect())
        }
        TemplatePart::For { collection, body, span: place, .. } => (place, collection, body.iter().collect()),
    };
    span(*place);
    see(expression, span);
    for part in parts {
        see_part(part, span);
    }
}

#[test]
fn the_corpus_is_read_without_a_fault() {
    for (name, text) in corpus() {
        assert_lossless(&text, &lexer::tokens(&text));
        let mut diagnostics = Diagnostics::default();
        syntax::parse_body(FileId::default(), &text, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
    }
}

#[test]
fn each_start_of_a_text_of_the_corpus_can_be_read() {
    for (_, text) in corpus() {
        for (end, _) in text.char_indices() {
            assert_read(&text[..end]);
        }
    }
}

#[test]
fn a_text_without_a_token_is_read_as_well_and_so_is_one_with_it_twice() {
    for (_, text) in corpus() {
        for token in lexer::tokens(&text) {
            let (start, end) = (token.start as usize, token.end as usize);
            assert_read(&[&text[..start], &text[end..]].concat());
            assert_read(&[&text[..end], " ", &text[start..]].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_join_to_any_text(text in any_text()) {
        assert_lossless(&text, &lexer::tokens(&text));
        assert_lossless(&text, &lexer::template_tokens(&text));
    }

    #[test]
    fn any_text_can_be_read(text in any_text()) {
        assert_read(&text);
    }

    #[test]
    fn a_changed_template_can_be_read(text in changed()) {
        assert_lossless(&text, &lexer::tokens(&text));
        assert_read(&text);
    }
}
