//! What each operator, selector, value and connection means.

use super::{super::parse::parse, *};

fn facts() -> Facts {
    Facts::oidc(members([
        ("sub", text("repo:example/images:ref:refs/heads/main")),
        ("ref", text("refs/heads/main")),
        ("aud", text("waybill")),
        ("blank", text("")),
        ("n", Fact::Integer(5)),
        ("big", Fact::Integer(9_007_199_254_740_993)),
        ("half", Fact::Float(1.5)),
        ("three", Fact::Float(3.0)),
        ("zeros", text("0123")),
        ("yes", Fact::Boolean(true)),
        ("no", Fact::Boolean(false)),
        ("null", Fact::Null),
        ("groups", list([text("dev"), text("ops"), Fact::Integer(3), Fact::Null])),
        ("none", list([])),
        ("teams", list([team("dev", 1), team("ops", 2)])),
        ("meta", map([("env", text("prod")), ("a-b", text("dash"))])),
        ("bare", map([])),
        ("https://x/y", text("z")),
        ("a/b~c", text("escaped")),
    ]))
}

fn team(name: &str, level: i128) -> Fact {
    map([("name", text(name)), ("level", Fact::Integer(level))])
}

/// Each statement says that of the facts.
fn check(table: &[(&str, bool)]) {
    for (statement, expected) in table {
        assert_eq!(ask(statement, &facts()), Ok(*expected), "{statement}");
    }
}

/// Each statement has no answer, for a reason that has these words in it.
fn check_errors(table: &[(&str, &str)]) {
    for (statement, expected) in table {
        let error = ask(statement, &facts()).expect_err(statement);
        assert!(error.contains(expected), "{statement}: {error}");
    }
}

#[test]
fn equality_compares_as_what_the_fact_is() {
    check(&[
        ("jwt_claims.aud == \"waybill\"", true),
        ("jwt_claims.aud == waybill", true),
        ("jwt_claims.aud == `waybill`", true),
        ("jwt_claims.aud == Waybill", false),
        ("jwt_claims.aud != waybill", false),
        ("jwt_claims.aud != other", true),
        ("jwt_claims.ref == refs/heads/main", true),
        ("jwt_claims.blank == \"\"", true),
        ("jwt_claims.n == 5", true),
        ("jwt_claims.n == \"5\"", true),
        ("jwt_claims.n == 5.0", true),
        ("jwt_claims.n == \"05\"", true),
        ("jwt_claims.n == 5e0", true),
        ("jwt_claims.n == -5", false),
        ("jwt_claims.n != 6", true),
        ("jwt_claims.half == 1.5", true),
        ("jwt_claims.half == 1", false),
        ("jwt_claims.three == 3", true),
        ("jwt_claims.zeros == 123", false),
        ("jwt_claims.zeros == 0123", true),
        ("jwt_claims.big == 9007199254740993", true),
        ("jwt_claims.big == 9007199254740992", false),
        ("jwt_claims.yes == true", true),
        ("jwt_claims.yes == \"true\"", true),
        ("jwt_claims.yes == 1", true),
        ("jwt_claims.yes != false", true),
        ("jwt_claims.no == False", true),
    ]);
    check_errors(&[
        ("jwt_claims.n == five", "compares `jwt_claims.n` with `five`, which is not a number"),
        ("jwt_claims.n == \"inf\"", "not a number"),
        ("jwt_claims.n == \"nan\"", "not a number"),
        ("jwt_claims.n == \" 5\"", "not a number"),
        ("jwt_claims.n == 1e400", "not a number"),
        ("jwt_claims.n != five", "not a number"),
        ("jwt_claims.yes == yes", "not a boolean (`true` or `false`) as the caller's is"),
        ("jwt_claims.groups == dev", "`==` wants a text, a number or a boolean"),
        ("jwt_claims.groups != dev", "but `jwt_claims.groups` is a list"),
        ("jwt_claims.meta == dev", "but `jwt_claims.meta` is a map"),
        ("jwt_claims.null == dev", "but `jwt_claims.null` is null"),
        ("jwt_claims.null != dev", "but `jwt_claims.null` is null"),
    ]);
}

#[test]
fn contains_and_in_look_into_texts_lists_and_maps() {
    check(&[
        ("jwt_claims.sub contains \"example/images\"", true),
        ("\"example/images\" in jwt_claims.sub", true),
        ("jwt_claims.sub contains dev", false),
        ("jwt_claims.sub not contains dev", true),
        ("jwt_claims.sub contains \"\"", true),
        ("dev in jwt_claims.groups", true),
        ("de in jwt_claims.groups", false),
        ("de not in jwt_claims.groups", true),
        ("jwt_claims.groups contains ops", true),
        ("3 in jwt_claims.groups", true),
        ("4 in jwt_claims.groups", false),
        ("dev in jwt_claims.none", false),
        ("env in jwt_claims.meta", true),
        ("prod in jwt_claims.meta", false),
        ("jwt_claims.meta not contains env", false),
        ("sub in jwt_claims", true),
    ]);
    check_errors(&[
        ("5 in jwt_claims.n", "`contains` wants a text, a list or a map, but `jwt_claims.n` is a number"),
        ("true in jwt_claims.yes", "is a boolean"),
        ("x not in jwt_claims.null", "is null"),
        ("dev in jwt_claims.teams", "`jwt_claims.teams` is a list of maps"),
        ("dev not in jwt_claims.teams", "`jwt_claims.teams` is a list of maps"),
    ]);
}

#[test]
fn emptiness_and_nil() {
    check(&[
        ("jwt_claims.blank is empty", true),
        ("jwt_claims.none is empty", true),
        ("jwt_claims.bare is empty", true),
        ("jwt_claims.aud is empty", false),
        ("jwt_claims.groups is not empty", true),
        ("jwt_claims.meta is not empty", true),
        ("jwt_claims.null is nil", true),
        ("jwt_claims.aud is nil", false),
        ("jwt_claims.n is not nil", true),
    ]);
    check_errors(&[
        ("jwt_claims.n is empty", "`is empty` wants a text, a list or a map, but `jwt_claims.n` is a number"),
        ("jwt_claims.null is empty", "is null"),
    ]);
}

#[test]
fn patterns_match_anywhere_unless_held() {
    check(&[
        ("jwt_claims.ref matches `heads`", true),
        ("jwt_claims.ref matches `^refs/heads/(main|release-.+)$`", true),
        ("jwt_claims.ref matches `^heads`", false),
        ("jwt_claims.ref not matches `^heads`", true),
        ("jwt_claims.ref matches \"^refs/\\\\w+/main$\"", true),
        ("jwt_claims.ref matches refs", true),
    ]);
    check_errors(&[
        ("jwt_claims.n matches `5`", "`matches` wants a text, but `jwt_claims.n` is a number"),
        ("jwt_claims.groups not matches `x`", "is a list"),
    ]);
}

#[test]
fn what_is_not_there_equals_nothing_and_is_empty() {
    check(&[
        ("jwt_claims.gone == x", false),
        ("jwt_claims.gone != x", true),
        ("x in jwt_claims.gone", false),
        ("x not in jwt_claims.gone", true),
        ("jwt_claims.gone contains x", false),
        ("jwt_claims.gone not contains x", true),
        ("jwt_claims.gone matches `x`", false),
        ("jwt_claims.gone not matches `x`", true),
        ("jwt_claims.gone is empty", true),
        ("jwt_claims.gone is not empty", false),
        ("jwt_claims.gone is nil", true),
        ("jwt_claims.gone is not nil", false),
        ("any jwt_claims.gone as g { g == x }", false),
        ("jwt_claims.meta.gone == x", false),
        ("jwt_claims.gone == x or jwt_claims.n == 5", true),
    ]);
    check_errors(&[
        (
            "jwt_claims.gone.deeper != x",
            "reads `jwt_claims.gone.deeper`, but the caller has no `jwt_claims.gone`",
        ),
        ("aws.arn != x", "reads `aws.arn`, but the caller has no `aws`"),
        ("other is empty", "no `other`"),
        ("all jwt_claims.gone as g { g == x }", "no `jwt_claims.gone`"),
        ("jwt_claims.groups.4 != x", "no `jwt_claims.groups[\"4\"]`"),
        ("jwt_claims.groups.first != x", "no `jwt_claims.groups.first`"),
        ("jwt_claims.aud.deeper is empty", "no `jwt_claims.aud.deeper`"),
        ("jwt_claims.null.deeper is empty", "no `jwt_claims.null.deeper`"),
    ]);
}

#[test]
fn selectors_are_dotted_or_in_brackets_or_pointers() {
    check(&[
        ("jwt_claims.meta.env == prod", true),
        ("jwt_claims.meta[\"env\"] == prod", true),
        ("jwt_claims[\"meta\"][`env`] == prod", true),
        ("jwt_claims[\"meta\"].env == prod", true),
        ("jwt_claims.meta[\"a-b\"] == dash", true),
        ("jwt_claims[\"https://x/y\"] == z", true),
        ("jwt_claims[`https://x/y`] == z", true),
        ("\"/jwt_claims/meta/env\" == prod", true),
        ("\"/jwt_claims/meta/a-b\" == dash", true),
        ("\"/jwt_claims/https:~1~1x~1y\" == z", true),
        ("\"/jwt_claims/a~1b~0c\" == escaped", true),
        ("dev in \"/jwt_claims/groups\"", true),
        ("\"/jwt_claims/groups/0\" == dev", true),
        ("jwt_claims.groups.1 == ops", true),
        ("jwt_claims.groups[\"1\"] == ops", true),
        ("jwt_claims.teams.1.name == ops", true),
    ]);
    assert_eq!(parse("\"/a/b~1c/0\" == x"), parse("a[\"b/c\"].0 == x"));
}

#[test]
fn any_and_all_look_at_every_element() {
    check(&[
        ("any jwt_claims.groups as g { g == ops }", true),
        ("any jwt_claims.none as g { g == ops }", false),
        ("all jwt_claims.none as g { g == ops }", true),
        ("any jwt_claims.teams as t { t.name == ops and t.level == 2 }", true),
        ("any jwt_claims.teams as t { t.name == ops and t.level == 1 }", false),
        ("all jwt_claims.teams as t { t.level != 3 }", true),
        ("all jwt_claims.teams as t { t.name == dev }", false),
        ("any jwt_claims.teams as i, t { i == 1 and t.name == ops }", true),
        ("any jwt_claims.teams as i, _ { i == 2 }", false),
        ("any jwt_claims.teams as _, t { \"/t/name\" == ops }", true),
        ("any jwt_claims.meta as k { k == env }", true),
        ("any jwt_claims.meta as k, v { k == env and v == prod }", true),
        ("any jwt_claims.meta as k, v { k == env and v == dash }", false),
        ("all jwt_claims.meta as _, v { v matches `^(prod|dash)$` }", true),
        ("any jwt_claims.groups as g{g == dev}", true),
        ("not any jwt_claims.groups as g { g == ops }", false),
        ("any jwt_claims.teams as t { any jwt_claims.groups as g { g == dev and t.name == dev } }", true),
        // Names end with their braces.
        ("any jwt_claims.groups as g { g == dev } and any jwt_claims.groups as g { g == ops }", true),
    ]);
    check_errors(&[
        ("any jwt_claims.aud as g { g == x }", "`any` wants a list or a map, but `jwt_claims.aud` is a text"),
        ("all jwt_claims.null as g { g == x }", "`all` wants a list or a map, but `jwt_claims.null` is null"),
        ("all jwt_claims.groups as g { g != zzz }", "compares `g` with `zzz`, which is not a number"),
        ("any jwt_claims.none as g { g == x } or g == dev", "the caller has no `g`"),
    ]);
}

#[test]
fn not_binds_tighter_than_and_than_or() {
    let same = |flat: &str, explicit: &str| assert_eq!(parse(flat), parse(explicit), "{flat}");
    same("a == 1 and not b == 2 or c == 3", "((a == 1) and (not (b == 2))) or (c == 3)");
    same("a == 1 or b == 2 and c == 3", "a == 1 or (b == 2 and c == 3)");
    same("not a == 1 and b == 2", "(not (a == 1)) and b == 2");
    same("not not a == 1", "not (not (a == 1))");
    same("any a as x { x == 1 or x == 2 } and b == 2", "(any a as x { (x == 1 or x == 2) }) and b == 2");
    assert_ne!(parse("a == 1 and (b == 2 or c == 3)"), parse("a == 1 and b == 2 or c == 3"));
    check(&[
        ("jwt_claims.n == 5 or jwt_claims.n == 5 and jwt_claims.n == 6", true),
        ("(jwt_claims.n == 5 or jwt_claims.n == 5) and jwt_claims.n == 6", false),
        ("not jwt_claims.n == 6 and jwt_claims.n == 5", true),
        ("not (jwt_claims.n == 6 or jwt_claims.n == 5)", false),
        // The right side is not looked at.
        ("jwt_claims.n == 5 or other.x == 1", true),
        ("jwt_claims.n == 6 and other.x == 1", false),
    ]);
    check_errors(&[
        ("other.x == 1 or jwt_claims.n == 5", "no `other`"),
        ("jwt_claims.n == 5 and other.x == 1", "no `other`"),
        ("not other.x == 1", "no `other`"),
    ]);
}

#[test]
fn spaces_mean_nothing_outside_of_quotes() {
    let plain = "a.b == \"x\" and not (c is not empty or \"y\" not in d)";
    for same in [
        "a.b==\"x\" and not(c is not empty or \"y\"not in d)",
        " \n\ta.b  ==\r\n\"x\"\tand not ( c  is  not  empty or \"y\" not  in d ) ",
        "(a.b == \"x\")and(not(c is not empty or \"y\" not in d))",
    ] {
        assert_eq!(parse(same), parse(plain), "{same}");
    }
    assert_ne!(parse("a == \"x \""), parse("a == \"x\""));
}

#[test]
fn quoted_texts_have_escapes_and_raw_ones_have_none() {
    for (quoted, meant) in [
        (r#""a\"b\\c""#, "a\"b\\c"),
        (r#""\a\b\f\n\r\t\v""#, "\u{7}\u{8}\u{c}\n\r\t\u{b}"),
        (r#""\x41\u00e9\U0001F600""#, "Aé😀"),
        (r"`a\nb`", "a\\nb"),
        ("`a\nb`", "a\nb"),
        ("`it's \"so\"`", "it's \"so\""),
        ("\"é`\"", "é`"),
    ] {
        let facts = Facts::oidc(members([("x", text(meant))]));
        assert_eq!(ask(&format!("jwt_claims.x == {quoted}"), &facts), Ok(true), "{quoted}");
    }
}
