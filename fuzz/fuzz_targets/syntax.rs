//! Any text can be read as a file, an expression and a template, and each fault is inside of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waybill_template::{diagnostic::Diagnostics, source::FileId, syntax};

fuzz_target!(|text: &str| {
    let file = FileId::default();
    let mut diagnostics = Diagnostics::default();
    syntax::parse_body(file, text, &mut diagnostics);
    syntax::parse_expression(file, text, &mut diagnostics);
    syntax::parse_template(file, text, &mut diagnostics);
    for fault in &diagnostics {
        let places = [fault.subject, fault.context, fault.related];
        assert!(fault.subject.is_some());
        for place in places.into_iter().flatten() {
            assert!(text.get(place.start as usize..place.end as usize).is_some(), "{fault:?}");
        }
    }
});
