//! What another parser of HCL says about what is HCL.
//!
//! `hcl-edit` was not written by us and not after Packer. Where it accepts what we refuse, Packer was asked, and refuses
//! it too; the reasons are listed here. It refuses nothing that we accept, but for the mark at the start of a file.

use waybill_template::{
    diagnostic::{Diagnostic, Diagnostics},
    source::FileId,
    syntax::{self, lexer},
};

use crate::syntax_laws::corpus;

/// Why we are stricter, by the title of our first fault.
const STRICTER: [(&str, &str); 4] = [
    ("Invalid `for` expression", "`in` and `if` are words of their own: not `inlist`"),
    ("Invalid `for` directive", "the same in a template"),
    ("Unknown template directive", "`if` and `for` are words of their own: not `ifa`"),
    (
        "Unterminated heredoc",
        "the closing line of a heredoc ends with a line break and has nothing else in it",
    ),
];

fn first_fault(text: &str) -> Option<Diagnostic> {
    let mut diagnostics = Diagnostics::default();
    syntax::parse_body(FileId::default(), text, &mut diagnostics);
    diagnostics.into_iter().next()
}

#[test]
fn another_parser_accepts_what_we_accept_and_little_else() {
    let mut found = [false; STRICTER.len()];
    let mut ask = |text: &str| {
        let ours = first_fault(text);
        let theirs = hcl_edit::parser::parse_body(text);
        match (ours, theirs) {
            (None, Ok(_)) | (Some(_), Err(_)) => {}
            (None, Err(error)) => panic!("only hcl-edit refuses {text:?}: {error}"),
            (Some(fault), Ok(_)) => {
                let known = STRICTER.iter().position(|(summary, _)| *summary == fault.summary);
                found[known.unwrap_or_else(|| panic!("only we refuse {text:?}: {fault:?}"))] = true;
            }
        }
    };
    for (_, text) in corpus() {
        let text = text.trim_start_matches('\u{feff}');
        ask(text);
        for token in lexer::tokens(text) {
            let (start, end) = (token.start as usize, token.end as usize);
            ask(&[&text[..start], &text[end..]].concat());
            ask(&[&text[..end], " ", &text[start..]].concat());
        }
    }
    assert_eq!(found, [true; STRICTER.len()], "each of the reasons occurs");
}
