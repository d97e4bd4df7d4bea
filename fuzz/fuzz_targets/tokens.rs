//! Tokens join to the text they were read from.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waybill_template::syntax::{lexer, token::Token};

fuzz_target!(|text: &str| {
    assert_lossless(text, &lexer::tokens(text));
    assert_lossless(text, &lexer::template_tokens(text));
});

fn assert_lossless(text: &str, tokens: &[Token]) {
    let mut at = 0;
    for token in tokens {
        assert_eq!(token.start, at);
        assert!(token.start < token.end);
        at = token.end;
    }
    assert_eq!(at as usize, text.len());
}
