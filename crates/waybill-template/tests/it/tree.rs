//! What trees texts become: each construct of the language, written out with its structure.

use std::fmt::Write as _;

use waybill_template::{
    diagnostic::Diagnostics,
    source::FileId,
    syntax::{
        self,
        tree::{Body, BodyKind, Expression, ExpressionKind as Kind, For, TemplatePart},
    },
    value::Value,
};

/// `(a + b)` for operators, `{base}.name` for what follows a value, `paren(a)`, `wrap(a)`, `'text'` for templates.
fn expression(expression: &Expression) -> String {
    let of = self::expression;
    match &expression.kind {
        Kind::Literal(Value::Number(number)) => number.to_string(),
        Kind::Literal(Value::Bool(value)) => value.to_string(),
        Kind::Literal(_) => "null".to_owned(),
        Kind::Template(parts) => format!("'{}'", template(parts)),
        Kind::Wrap(inner) => format!("wrap({})", of(inner)),
        Kind::Variable(name) => name.to_string(),
        Kind::Attribute { base, name } => format!("{}.{}", of(base), name.text),
        Kind::Index { base, key, legacy: false } => format!("{}[{}]", of(base), of(key)),
        Kind::Index { base, key, legacy: true } => format!("{}.[{}]", of(base), of(key)),
        Kind::Splat { base, each, legacy, .. } => {
            format!("{}{{{}: {}}}", of(base), if *legacy { ".*" } else { "[*]" }, of(each))
        }
        Kind::SplatItem => "@".to_owned(),
        Kind::Call(call) => {
            let arguments: Vec<_> = call.arguments.iter().map(|argument| of(argument)).collect();
            let expand = if call.expand.is_some() { "..." } else { "" };
            format!("{}({}{expand})", call.name.text, arguments.join(", "))
        }
        Kind::Unary { operator, operand } => format!("({operator:?} {})", of(operand)),
        Kind::Binary { operator, left, right, .. } => format!("({} {operator:?} {})", of(left), of(right)),
        Kind::Conditional { condition, when_true, when_false } => {
            format!("({} ? {} : {})", of(condition), of(when_true), of(when_false))
        }
        Kind::Tuple(items) => format!("[{}]", items.iter().map(of).collect::<Vec<_>>().join(", ")),
        Kind::Object(items) => {
            let item = |item: &syntax::tree::ObjectItem| {
                let key = of(&item.key);
                let key = if item.bare { key } else { format!("<{key}>") };
                format!("{key} = {}", of(&item.value))
            };
            format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(", "))
        }
        Kind::For(parts) => comprehension(parts),
        Kind::Parentheses(inner) => format!("paren({})", of(inner)),
        Kind::Json(_) | Kind::Bound { .. } => "?".to_owned(),
        Kind::Invalid => "!".to_owned(),
    }
}

fn comprehension(parts: &For) -> String {
    let For { key_name, value_name, collection, key, value, group, condition, .. } = parts;
    let mut out = "for ".to_owned();
    if let Some(name) = key_name {
        let _ = write!(out, "{}, ", name.text);
    }
    let _ = write!(out, "{} in {}: ", value_name.text, expression(collection));
    if let Some(key) = key {
        let _ = write!(out, "{} => ", expression(key));
    }
    let _ = write!(out, "{}{}", expression(value), if *group { "..." } else { "" });
    if let Some(condition) = condition {
        let _ = write!(out, " if {}", expression(condition));
    }
    format!("({out})")
}

fn template(parts: &[TemplatePart]) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal { text, .. } => text.escape_debug().to_string(),
        TemplatePart::Interpolation(inner) => format!("${{{}}}", expression(inner)),
        TemplatePart::If { condition, then, otherwise, .. } => {
            let otherwise = otherwise.as_ref().map(|parts| format!("|{}", template(parts)));
            format!("%{{{} ? {}{}}}", expression(condition), template(then), otherwise.unwrap_or_default())
        }
        TemplatePart::For { key_name, value_name, collection, body, .. } => {
            let key = key_name.as_ref().map(|name| format!("{}, ", name.text)).unwrap_or_default();
            let (value, collection) = (&value_name.text, expression(collection));
            format!("%{{for {key}{value} in {collection}: {}}}", template(body))
        }
    };
    parts.iter().map(part).collect()
}

fn body(body: &Body) -> String {
    let BodyKind::Native { attributes, blocks } = &body.kind else { return "?".to_owned() };
    let attributes = attributes.iter().map(|attribute| {
        (attribute.span, format!("{} = {}", attribute.name.text, expression(&attribute.expression)))
    });
    let blocks = blocks.iter().map(|block| {
        let words = std::iter::once(block.kind.text.to_string())
            .chain(block.labels.iter().map(|label| format!("{:?}", label.text)));
        let header = words.collect::<Vec<_>>().join(" ");
        (block.header, format!("{header} {{{}}}", self::body(&block.body)))
    });
    let mut items: Vec<_> = attributes.chain(blocks).collect();
    items.sort();
    items.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("; ")
}

/// The structure of an expression without faults; of one with faults the first.
fn read(text: &str) -> String {
    let mut diagnostics = Diagnostics::default();
    let found = syntax::parse_expression(FileId::default(), text, &mut diagnostics);
    match diagnostics.iter().next() {
        Some(fault) => format!("{}: {}", fault.summary, fault.detail),
        None => expression(&found),
    }
}

#[test]
fn expressions_become_trees() {
    let table = [
        ("1", "1"),
        ("1.50", "1.5"),
        ("true", "true"),
        ("null", "null"),
        ("a", "a"),
        // Operators: those that bind tighter are inside, equal ones are read from the left.
        ("a || b && c == d < e + f * g", "(a Or (b And (c Equal (d Less (e Add (f Multiply g))))))"),
        (
            "a * b + c >= d != e && f || g",
            "((((((a Multiply b) Add c) GreaterOrEqual d) NotEqual e) And f) Or g)",
        ),
        ("a - b - c", "((a Subtract b) Subtract c)"),
        ("a / b % c * d", "(((a Divide b) Modulo c) Multiply d)"),
        ("a == b == c", "((a Equal b) Equal c)"),
        ("-a.b + !c[0]", "((Negate a.b) Add (Not c[0]))"),
        ("--a", "(Negate (Negate a))"),
        ("-a * b", "((Negate a) Multiply b)"),
        ("a - -b", "(a Subtract (Negate b))"),
        ("a-b", "a-b"),
        ("a -b", "(a Subtract b)"),
        ("(a + b) * c", "(paren((a Add b)) Multiply c)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
        ("a || b ? c + 1 : d", "((a Or b) ? (c Add 1) : d)"),
        // What follows a value.
        ("a.b.c", "a.b.c"),
        ("a[b][\"c\"].d", "a[b]['c'].d"),
        ("a.0", "a.[0]"),
        ("a.0.b", "a.[0].b"),
        ("a[*]", "a{[*]: @}"),
        ("a[*].b[0].c.1", "a{[*]: @.b[0].c.[1]}"),
        ("a[*].b[*].c", "a{[*]: @.b{[*]: @.c}}"),
        ("a[*].*.b", "a{[*]: @{.*: @.b}}"),
        ("a.*.b.c", "a{.*: @.b.c}"),
        ("a.*.b[0].c", "a{.*: @.b}[0].c"),
        ("a.*[*].b", "a{.*: @}{[*]: @.b}"),
        ("[a][0]", "[a][0]"),
        ("{a = 1}.a", "{a = 1}.a"),
        ("\"a\"[0]", "'a'[0]"),
        ("f().a[*]", "f().a{[*]: @}"),
        ("1.a", "1.a"),
        ("true.a", "true.a"),
        // Calls.
        ("f()", "f()"),
        ("f(a, b,)", "f(a, b)"),
        ("f(a, b...)", "f(a, b...)"),
        ("f (a)", "f(a)"),
        ("a::b::c(1)", "a::b::c(1)"),
        ("true()", "true()"),
        // Collections.
        ("[]", "[]"),
        ("[a, [b],]", "[a, [b]]"),
        ("{}", "{}"),
        ("{a = 1, b : 2, \"c\" = 3}", "{a = 1, b = 2, <'c'> = 3}"),
        ("{a = 1\nb = 2\n\nc = 3,\nd = 4}", "{a = 1, b = 2, c = 3, d = 4}"),
        ("{(a) = 1, a.b = 2, \"${c}\" = 3}", "{<paren(a)> = 1, <a.b> = 2, <wrap(c)> = 3}"),
        ("{true = 1, null = 2, 3 = 4, if = 5}", "{true = 1, null = 2, 3 = 4, if = 5}"),
        // `for`.
        ("[for a in b : c]", "(for a in b: c)"),
        ("[for a, b in c : d if e]", "(for a, b in c: d if e)"),
        ("{for a, b in c : d => e}", "(for a, b in c: d => e)"),
        ("{\n\nfor a in b : c => d... if e\n}", "(for a in b: c => d... if e)"),
        ("[for in in in : in]", "(for in in in: in)"),
        ("[for a in b ? c : d : e]", "(for a in (b ? c : d): e)"),
        // Templates.
        (r#""""#, "''"),
        (r#""a\n\u00e9$${b}""#, r"'a\né${b}'"),
        (r#""${a}""#, "wrap(a)"),
        (r#""${~ a ~}""#, "wrap(a)"),
        (r#"" ${~ a}""#, "'${a}'"),
        (r#""a${b}c${d}""#, "'a${b}c${d}'"),
        (r#""${a}${b}""#, "'${a}${b}'"),
        (r#""${"${a}"}""#, "wrap(wrap(a))"),
        (r#""a${"b${c}"}""#, "'a${'b${c}'}'"),
        (r#""${{a = {}}}""#, "wrap({a = {}})"),
        (r#""%{if a}b%{else}c%{endif}d""#, "'%{a ? b|c}d'"),
        (r#""%{if a}%{if b}c%{endif}%{endif}""#, "'%{a ? %{b ? c}}'"),
        (r#""%{for a, b in c}${a}%{endfor}""#, "'%{for a, b in c: ${a}}'"),
        (r#""a %{~ if b ~} c %{~ else ~} d %{~ endif ~} e""#, "'a%{b ? c|d}e'"),
        // Line breaks mean nothing in an expression.
        ("a\n+\nb", "(a Add b)"),
        ("\n(a\n.b\n[\n0\n])\n", "paren(a.b[0])"),
        ("/* a */ b # c", "b"),
        // Heredocs.
        ("<<E\na ${b}\nE\n", r"'a ${b}\n'"),
        ("<<E\nE\n", "''"),
        ("<<E\n${a}\nE\n", r"'${a}\n'"),
        ("<<E\na \\n \"b\" $${c}\nE\n", r#"'a \\n \"b\" ${c}\n'"#),
        ("<<-E\n    a\n      b\n  \n    c ${d}\n    E\n", r"'a\n  b\n  \nc ${d}\n'"),
        ("<<-E\n  ${a}\n    b\n  E\n", r"'${a}\n  b\n'"),
        ("<<-E\n${a}\n    b\n  E\n", r"'${a}\n    b\n'"),
        ("<<-E\n  a\n  ${~ b ~}\n  c\n  E\n", r"'  a\n${b}  c\n'"),
        ("<<E\r\na\r\nE\r\n", r"'a\r\n'"),
        ("f(<<A\na\nA\n, <<B\nb\nB\n)", r"f('a\n', 'b\n')"),
        ("<<E\n%{ for a in b ~}\n${a}\n%{ endfor ~}\nE\n", r"'%{for a in b: ${a}\n}'"),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn bodies_become_trees() {
    let table = [
        ("", ""),
        ("a = 1", "a = 1"),
        ("a = 1\nb {\n}\n", "a = 1; b {}"),
        ("b \"c\" d \"e $${f}\" { }", "b \"c\" \"d\" \"e ${f}\" {}"),
        ("b { a = [\n1] }", "b {a = [1]}"),
        ("b {\n c {\n d = 1\n }\n e = 2\n}", "b {c {d = 1}; e = 2}"),
        ("a = <<E\nx\nE\nb = 2", r"a = 'x\n'; b = 2"),
        ("a = {\n}\nif = for", "a = {}; if = for"),
    ];
    for (text, expected) in table {
        let mut diagnostics = Diagnostics::default();
        let found = syntax::parse_body(FileId::default(), text, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
        assert_eq!(body(&found), expected, "{text:?}");
    }
}

#[test]
fn texts_become_templates() {
    let table = [
        ("", "''"),
        ("a\n\"b\"", r#"'a\n\"b\"'"#),
        ("${a}", "wrap(a)"),
        ("${a}\n", r"'${a}\n'"),
        ("\u{feff}a", "'a'"),
        // Blanks are trimmed up to the end of the line.
        ("a ${b ~}\n\n  c", r"'a ${b}\n  c'"),
        ("a\n\n  ${~ b}", r"'a\n\n${b}'"),
        ("%{ if a ~}\nb\n%{ endif ~}\n", r"'%{a ? b\n}'"),
    ];
    for (text, expected) in table {
        let mut diagnostics = Diagnostics::default();
        let found = syntax::parse_template(FileId::default(), text, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
        assert_eq!(expression(&found), expected, "{text:?}");
    }
}

#[test]
fn what_is_understood_of_a_text_with_faults_is_in_the_tree() {
    let table = [
        ("a = [1 2, 3]\nb = 4", "a = [1, 3]; b = 4"),
        ("a {\nb = (1 2)\nc = }\nd = 5", "a {b = !}; d = 5"),
        ("a = \"${b c}d\"\ne = 'x'", "a = '${!}d'; e = !"),
        ("a = 1\na = 2", "a = 1"),
    ];
    for (text, expected) in table {
        let mut diagnostics = Diagnostics::default();
        let found = syntax::parse_body(FileId::default(), text, &mut diagnostics);
        assert!(diagnostics.has_errors(), "{text:?}");
        assert_eq!(body(&found), expected, "{text:?}");
    }
}

/// Nested in so many levels, with something at the start, the end and in the middle.
fn nested(levels: usize, open: &str, middle: &str, close: &str) -> String {
    [&open.repeat(levels), middle, &close.repeat(levels)].concat()
}

#[test]
fn what_nests_too_deep_is_refused() {
    let shapes: [(&str, &str, &str); 12] = [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("{a=", "1", "}"),
        ("f(", "", ")"),
        ("!", "a", ""),
        ("", "a", "[0]"),
        ("", "a", ".b"),
        ("", "a", "[*]"),
        ("", "1", "+1"),
        ("a?b:", "c", ""),
        ("\"${", "a", "}\""),
        ("[for a in ", "b", ":c]"),
    ];
    for (open, middle, close) in shapes {
        let few = read(&nested(80, open, middle, close));
        assert!(!few.contains("too deep"), "{open}{close}: {few}");
        for levels in [251, 400, 20_000] {
            let many = read(&nested(levels, open, middle, close));
            assert!(many.starts_with("Nested too deep"), "{levels} {open}{close}: {many}");
        }
        let unclosed = read(&nested(20_000, open, "", ""));
        assert!(unclosed.contains(": "), "{open}: {unclosed}");
    }
    let mut diagnostics = Diagnostics::default();
    let file = FileId::default();
    for (open, close) in [("a {\n", "}\n"), ("a {\n", "")] {
        syntax::parse_body(file, &nested(20_000, open, "", close), &mut diagnostics);
    }
    syntax::parse_template(file, &nested(20_000, "%{ if a }", "", "%{ endif }"), &mut diagnostics);
    let summaries: Vec<_> = diagnostics.iter().map(|fault| &*fault.summary).collect();
    assert_eq!(summaries, ["Nested too deep"; 3]);
}
