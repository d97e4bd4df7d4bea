//! What expressions and bodies refer to.

use waybill_template::{
    diagnostic::Diagnostics,
    eval::{Reference, Step},
    json,
    source::Sources,
    syntax::{
        self,
        tree::{Body, BodyKind},
    },
    value::console,
};

fn describe(references: Vec<Reference>) -> String {
    let describe = |reference: Reference| {
        let step = |step: Step| match step {
            Step::Attribute(name) => format!(".{}", name.text),
            Step::Index(value, _) => format!("[{}]", console(&value)),
            Step::Splat => "[*]".to_owned(),
        };
        let steps: String = reference.steps.into_iter().map(step).collect();
        reference.root.text.to_string() + &steps
    };
    references.into_iter().map(describe).collect::<Vec<_>>().join(" ")
}

#[test]
fn references_come_in_the_order_of_the_text_without_bound_names() {
    for (text, expected) in [
        ("1", ""),
        ("a", "a"),
        ("local.a", "local.a"),
        ("local[\"a\"].b[0].c", "local[a].b[0].c"),
        ("local.a.0", "local.a[0]"),
        ("local.a[var.i].c", "local.a var.i"),
        ("local.a[var.i][\"x\"]", "local.a var.i"),
        ("local.a[*].b", "local.a[*]"),
        ("local.a.*.b", "local.a[*]"),
        ("local.a[*][local.b]", "local.a[*] local.b"),
        ("f(x.y)[*].z", "x.y"),
        ("f(local.a, local.b...)", "local.a local.b"),
        ("local.a + local.b * -local.c", "local.a local.b local.c"),
        ("local.a ? local.b : !local.c", "local.a local.b local.c"),
        ("[local.a, (local.b)]", "local.a local.b"),
        ("{ a = local.a, (local.b) = local.c, \"${local.d}\" = 1 }", "local.a local.b local.c local.d"),
        (
            "\"x${local.a}%{if local.b}${local.c}%{else}${local.d}%{endif}\"",
            "local.a local.b local.c local.d",
        ),
        ("\"%{for x in local.a}${x}${local.b}%{endfor}\"", "local.a local.b"),
        ("[for k, v in local.a : \"${k}${v.x}${local.b}\" if v > local.c]", "local.a local.b local.c"),
        ("{for v in v.a : v.b => v.c...}", "v.a"),
        ("[for x in [for x in x.a : x] : x]", "x.a"),
        ("[[for x in a : x], x]", "a x"),
        ("local.a == local.a", "local.a local.a"),
        ("try(local.a.b, local.c)", "local.a.b local.c"),
    ] {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let file = sources.add("t", text);
        let expression = syntax::parse_expression(file, text, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        let references = expression.references();
        for reference in &references {
            let written = sources.text(reference.span);
            assert!(written.starts_with(&*reference.root.text), "{text}: {written}");
        }
        assert_eq!(describe(references), expected, "{text}");
    }
}

#[test]
fn bodies_are_walked_with_their_blocks_but_without_iterators() {
    let text = r#"
        b = local.b
        a = local.a
        inner "x" {
          c = local.c
        }
        dynamic "thing" {
          for_each = local.d
          labels   = ["${thing.key}${local.e}"]
          content {
            f = "${thing.value}${local.f}"
            dynamic "deeper" {
              for_each = thing.value
              iterator = it
              content {
                g = [it.value, thing.value, deeper.value]
              }
            }
          }
        }
        z = thing.value
    "#;
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("t", text);
    let body = syntax::parse_body(file, text, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(
        describe(body.references()),
        "local.b local.a local.c local.d local.e local.f deeper.value thing.value"
    );
}

#[test]
fn bodies_in_json_are_walked_in_the_same_way() {
    let text = r#"{
        "//": "not ${local.comment}",
        "b": "${local.b}",
        "a": ["x ${local.a}", {"${local.k}": 1}],
        "inner": {"x": {"c": "${[for v in local.c : v]}"}},
        "dynamic": {
            "thing": {
                "for_each": "${local.d}",
                "labels": ["${thing.key}"],
                "content": {"e": "${thing.value}${local.e}"}
            },
            "other": [{"for_each": ["${local.f}"], "iterator": "it", "content": {"g": "${it.value}${other.value}"}}]
        }
    }"#;
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("t", text);
    let node = json::parse(file, text, &mut diagnostics).expect("it is JSON");
    let (span, end) = (node.span, node.close());
    let body = Body { kind: BodyKind::Json(node), span, end };
    assert_eq!(
        describe(body.references()),
        "local.b local.a local.k local.c local.d local.e local.f other.value"
    );
}
