//! Bodies: what is found by a schema, and what is told.

use std::{fmt::Write as _, sync::Arc};

use waybill_template::{
    diagnostic::Diagnostics,
    source::{Sources, Span},
    syntax::{
        self,
        body::{AttributeSchema, BlockSchema, BodySchema, Content, parse_json_body},
        tree::{Attribute, Body},
    },
};

/// `name` is an argument, `name!` one that is required, `kind:` a block, `kind:type,name` one with labels.
fn schema(text: &str) -> BodySchema {
    let mut schema = BodySchema::default();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some((kind, labels)) = word.split_once(':') {
            let labels = labels.split(',').filter(|label| !label.is_empty()).map(Into::into).collect();
            schema.blocks.push(BlockSchema { kind: kind.into(), labels });
        } else {
            let name = word.trim_end_matches('!');
            schema.attributes.push(AttributeSchema { name: name.into(), required: name != word });
        }
    }
    schema
}

struct Texts(Sources);

impl Texts {
    fn json(&mut self, text: &str, diagnostics: &mut Diagnostics) -> Arc<Body> {
        let file = self.0.add("t.pkr.json", text);
        parse_json_body(file, text, diagnostics)
    }

    fn native(&mut self, text: &str, diagnostics: &mut Diagnostics) -> Arc<Body> {
        let file = self.0.add("t.pkr.hcl", text);
        syntax::parse_body(file, text, diagnostics)
    }

    fn place(&self, span: Span) -> String {
        let start = self.0.start(span);
        format!("{}:{}", start.line, start.column)
    }

    fn attributes<'a>(&self, attributes: impl IntoIterator<Item = &'a Attribute>) -> String {
        attributes.into_iter().fold(String::new(), |mut all, attribute| {
            _ = write!(all, "{}@{} ", attribute.name.text, self.place(attribute.name.span));
            all
        })
    }

    /// Arguments and blocks with their places, then faults.
    fn outline(&self, content: &Content, diagnostics: &Diagnostics) -> String {
        let mut outline = self.attributes(content.attributes.values());
        for block in &content.blocks {
            outline += &block.kind.text;
            for label in &block.labels {
                _ = write!(outline, ",{}", label.text);
            }
            _ = write!(outline, "@{} ", self.place(block.header));
        }
        outline + &self.faults(diagnostics)
    }

    fn faults(&self, diagnostics: &Diagnostics) -> String {
        let told = diagnostics.iter().map(|fault| {
            let at = fault.subject.map(|span| self.place(span)).unwrap_or_default();
            let hint = fault.detail.split_once("Did you mean ").map_or("", |(_, hint)| hint);
            format!("! {at} {}{}{hint}", fault.summary, if hint.is_empty() { "" } else { ": " })
        });
        told.collect::<Vec<_>>().join(" ")
    }
}

fn json_content(words: &str, text: &str) -> String {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let body = texts.json(text, &mut diagnostics);
    let content = body.content(&schema(words), &mut diagnostics);
    texts.outline(&content, &diagnostics).trim().to_owned()
}

fn native_content(words: &str, text: &str) -> String {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let body = texts.native(text, &mut diagnostics);
    let content = body.content(&schema(words), &mut diagnostics);
    texts.outline(&content, &diagnostics).trim().to_owned()
}

/// Places as the original tells them.
#[test]
fn native_syntax_is_read_by_the_schema() {
    for (words, text, outline) in [
        ("a b c:x", "b = 1\na = 2\nc \"y\" {\n}\n", "b@1:1 a@2:1 c,y@3:1"),
        ("a!", "\n# only\n", "! 1:1 Missing required argument"),
        ("default", "defaul = 1\n", "! 1:1 Unsupported argument: \"default\"?"),
        ("default", "defaul = 1\ndefault = 2\n", "default@2:1 ! 1:1 Unsupported argument"),
        (
            "name provisioner:x",
            "provisioner = 1\nname {\n}\n",
            "! 1:1 Unsupported argument ! 2:1 Unsupported block type",
        ),
        (
            "provisioner:x",
            "a {\n}\nb = 1\nprovisione \"x\" {}\n",
            "! 3:1 Unsupported argument ! 1:1 Unsupported block type ! 4:1 Unsupported block type: \"provisioner\"?",
        ),
        ("b:", "b \"x\" \"y\" {\n}\n", "! 1:3 Extraneous label for b"),
        ("b:type", "b \"x\" \"y\" {\n}\nb {}\n", "! 1:7 Extraneous label for b ! 3:3 Missing type for b"),
        ("b:type,name", "b \"x\" {\n}\n", "! 1:7 Missing name for b"),
    ] {
        assert_eq!(native_content(words, text), outline, "{words} / {text}");
    }
}

#[test]
fn what_a_block_misses_is_told_at_its_brace() {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let body = texts.native("a = 1\nb \"x\" {\n\n}\n", &mut diagnostics);
    let content = body.content(&schema("a b:x"), &mut diagnostics);
    content.blocks[0].body.content(&schema("c!"), &mut diagnostics);
    assert_eq!(texts.faults(&diagnostics), "! 2:7 Missing required argument");
}

/// Places as the original tells them.
#[test]
fn json_is_read_by_the_schema() {
    for (words, text, outline) in [
        ("a b", r#"{"b": 1, "a": {}}"#, "b@1:2 a@1:10"),
        ("a b", r#"[{"b": 1}, {"a": {}}]"#, "b@1:3 a@1:13"),
        ("a", r#"{"//": "comment", "a": 1, "//": 2}"#, "a@1:19"),
        ("a", "[]", ""),
        ("a!", "{\n}", "! 2:1 Missing required argument"),
        ("a", "{\"a\":1,\n\"a\":2}", "a@1:2 ! 2:1 Duplicate argument"),
        (
            "a ab",
            "{\"b\":1,\n\"abx\":2}",
            "! 1:2 Unsupported argument or block type: \"a\"? ! 2:1 Unsupported argument or block type: \"ab\"?",
        ),
        (
            "communicator",
            r#"{"communicato":1,"communicator":2}"#,
            "communicator@1:18 ! 1:2 Unsupported argument or block type",
        ),
        ("a source:x", r#"{"sourc":1}"#, "! 1:2 Unsupported argument or block type: \"source\"?"),
        ("b:", r#"{"b": {"x": 1}}"#, "b@1:7"),
        ("b:", r#"{"b": [{"x": 1}, {}]}"#, "b@1:7 b@1:7"),
        ("b:", r#"{"b": [null, "x"]}"#, "b@1:7 b@1:7"),
        ("b:", r#"{"b": null}"#, ""),
        ("b:", "{\"b\":\n1}", "! 2:1 Incorrect JSON value type"),
        ("s:type,name", r#"{"s": {"t": {"x": {}, "y": [{}, {}]}}}"#, "s,t,x@1:19 s,t,y@1:28 s,t,y@1:28"),
        (
            "s:type,name",
            r#"{"s": [{"t": [{"x": {}}, {"x": {}}]}], "s": {"u": {"x": {}}}}"#,
            "s,t,x@1:21 s,t,x@1:32 s,u,x@1:57",
        ),
        ("s:type,name", r#"{"s": {"t": {"x": null}}}"#, ""),
        ("s:type,name", "{\"s\": {\"t\":\nnull}}", "! 2:1 Missing name for s"),
        ("s:type,name", "{\"s\":\n{}}", "! 2:1 Missing type for s"),
        ("s:type,name", "{\"s\": {\"t\":\n{}}}", "! 2:1 Missing name for s"),
        ("s:type,name", "{\"s\": {\"t\":\n\"x\"}}", "! 2:1 Incorrect JSON value type"),
        ("s:type,name", "{\"s\": {\"t\": {\"x\":\n\"y\"}}}", "! 2:1 Incorrect JSON value type"),
        (
            "s:type,name",
            "{\"s\": {\"t\": [null,\n{\"x\": {}}]}}",
            "s,t,x@2:7 ! 1:14 Incorrect JSON value type",
        ),
        (
            "s:type",
            "{\"s\": {\"//\": \"no comment\",\n\"t\": {}}}",
            "s,t@2:6 ! 1:14 Incorrect JSON value type",
        ),
        ("a", "\"x\"", "! 1:1 Root value must be object"),
        ("a", "null", "! 1:1 Root value must be object"),
        (
            "a",
            "[{\"a\": 1},\n[], null]",
            "a@1:3 ! 2:1 Incorrect JSON value type ! 2:5 Incorrect JSON value type",
        ),
        ("a", "{\"a\": 1,}", "! 1:8 Trailing comma"),
    ] {
        assert_eq!(json_content(words, text), outline, "{words} / {text}");
    }
}

#[test]
fn bodies_of_json_blocks_are_read_when_they_are_needed() {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let text = r#"{"b": ["x", null, [{"a": 1}, {"c": 2}], {"a": 1}]}"#;
    let body = texts.json(text, &mut diagnostics);
    let outlines: Vec<String> = body
        .content(&schema("b:"), &mut diagnostics)
        .blocks
        .iter()
        .map(|block| {
            let mut diagnostics = Diagnostics::default();
            let content = block.body.content(&schema("a"), &mut diagnostics);
            texts.outline(&content, &diagnostics).trim().to_owned()
        })
        .collect();
    assert_eq!(
        outlines,
        ["! 1:8 Incorrect JSON value type", "", "a@1:21 ! 1:31 Unsupported argument or block type", "a@1:42"]
    );
}

#[test]
fn attributes_alone_have_any_name() {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let body = texts.json(r#"[{"a": 1, "//": 2}, {"b": {}, "a": 3}]"#, &mut diagnostics);
    let attributes = body.just_attributes(&mut diagnostics);
    assert_eq!(
        texts.attributes(attributes.values()) + &texts.faults(&diagnostics),
        "a@1:3 b@1:22 ! 1:31 Duplicate argument"
    );
}

#[test]
fn attributes_alone_leave_no_room_for_blocks() {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let body = texts.native("a = 1\nb {}\nc {}\nd = 2\n", &mut diagnostics);
    let attributes = body.just_attributes(&mut diagnostics);
    assert_eq!(
        texts.attributes(attributes.values()) + &texts.faults(&diagnostics),
        "a@1:1 d@4:1 ! 2:1 Unexpected \"b\" block"
    );
}

#[test]
fn what_was_taken_is_gone() {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let body = texts.json(r#"{"a": 1, "b": 2, "c": {}, "d": {"x": 1}}"#, &mut diagnostics);
    let (content, rest) = body.partial_content(&schema("a c:"), &mut diagnostics);
    assert_eq!(texts.outline(&content, &diagnostics), "a@1:2 c@1:23 ");
    let (content, rest) = rest.partial_content(&schema("b a"), &mut diagnostics);
    assert_eq!(texts.outline(&content, &diagnostics), "b@1:10 ");
    let content = rest.content(&schema("a b c: d:"), &mut diagnostics);
    assert_eq!(texts.outline(&content, &diagnostics), "d@1:32 ");
    let attributes = rest.just_attributes(&mut diagnostics);
    assert_eq!(texts.attributes(attributes.values()) + &texts.faults(&diagnostics), "d@1:27 ");
}

#[test]
fn several_bodies_are_one() {
    let mut texts = Texts(Sources::default());
    let mut diagnostics = Diagnostics::default();
    let first = texts.json(r#"{"a": 1, "c": {}}"#, &mut diagnostics);
    let second = texts.json("{\n\"b\": 1, \"c\": {}, \"x\": 1,\n\"a\": 1}", &mut diagnostics);
    let body = Body::merged(vec![first, second]);
    let content = body.content(&schema("a! b! d! c:"), &mut diagnostics);
    assert_eq!(
        texts.outline(&content, &diagnostics),
        "a@1:2 b@2:1 c@1:15 c@2:14 ! 2:18 Unsupported argument or block type: \"d\"? ! 3:1 Duplicate argument \
         ! 1:17 Missing required argument"
    );
}
