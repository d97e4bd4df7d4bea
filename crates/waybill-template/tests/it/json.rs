//! JSON: which texts it is, and where they end, against another reader.

use proptest::prelude::*;
use waybill_template::{
    json::{Fault, Kind, Node, read},
    source::FileId,
};

/// The tree as another reader has it.
fn plain(node: &Node) -> serde_json::Value {
    match &node.kind {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Number(text) => serde_json::from_str(text).unwrap(),
        Kind::String(text) => (&**text).into(),
        Kind::Array(items) => items.iter().map(plain).collect(),
        Kind::Object(members) => {
            members.iter().map(|member| (member.key.to_string(), plain(&member.value))).collect()
        }
    }
}

/// All ranges of a tree lie in those around them, one behind the other.
fn check_places(node: &Node, text: &str) -> Result<(), TestCaseError> {
    let inside = match &node.kind {
        Kind::Array(items) => items.iter().map(|item| (item.span, item)).collect(),
        Kind::Object(members) => members.iter().map(|member| (member.span(), &member.value)).collect(),
        _ => Vec::new(),
    };
    let mut at = node.span.start;
    for (span, node) in inside {
        prop_assert!(at < span.start && span.start < span.end);
        at = span.end;
        check_places(node, text)?;
    }
    prop_assert!(at <= node.span.end);
    let written = text.get(node.span.start as usize..node.span.end as usize);
    prop_assert_eq!(written.map(|text| serde_json::from_str(text).unwrap()), Some(plain(node)));
    Ok(())
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    match read(FileId::default(), text) {
        Ok(node) => {
            prop_assert_eq!(theirs.ok(), Some(plain(&node)));
            check_places(&node, text)
        }
        Err(Fault { subject, found, .. }) => {
            prop_assert!(theirs.is_err(), "refused");
            for span in [subject, found] {
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
            Ok(())
        }
    }
}

const PIECES: [&str; 36] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\"a\"",
    "\"b\":",
    "\"\\u00e9\"",
    "\"\\ud83d\\ude00\"",
    ",",
    ":",
    " ",
    "\n",
    "\r\n",
    "\t",
    "0",
    "-",
    "1",
    "1.5",
    ".",
    "e",
    "E+2",
    "true",
    "false",
    "null",
    "nul",
    "x",
    "\\",
    "\\n",
    "\\u12",
    "é",
    "/",
    "//",
    "'",
    "\u{feff}",
    "\u{1}",
];

proptest! {
    #[test]
    fn any_text_is_json_or_not_for_both(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn what_is_json_is_read_the_same(value in values(), pretty: bool, broken in 0..2_usize, at: prop::sample::Index) {
        let mut text =
            if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        if broken == 1 {
            let (index, character) = *at.get(&text.char_indices().collect::<Vec<_>>());
            text.replace_range(index..index + character.len_utf8(), "");
        }
        check(&text)?;
    }
}

fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[a-zé\"\\\\\n\u{1}]{0,4}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map("[ab\"é]{0,2}", inner, 0..5)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}
