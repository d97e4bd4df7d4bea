//! What is refused when a statement is stored, and with which words.

use super::{
    super::{ConditionError, MAX_DEPTH, Vocabulary},
    *,
};

fn refuse(statement: &str) -> String {
    statement.parse::<Condition>().expect_err(statement).to_string()
}

#[test]
fn a_message_says_where_what_and_what_to_do() {
    let messages = [
        (
            "jwt_claims.sub == ",
            "column 19: expected a text or a number, not the end of the statement; \
             put the value in double quotes or backticks",
        ),
        (
            "jwt_claims.sub",
            "column 15: expected `==`, `!=`, `in`, `contains`, `matches` or `is`, or one of them \
             with `not`, not the end of the statement; say what has to be true of the selector",
        ),
        (
            "jwt_claims.sub = \"x\"",
            "column 16: expected a selector, a value or an operator, not `=`; write `==`",
        ),
        (
            "jwt_claims.sub === \"x\"",
            "column 18: expected a selector, a value or an operator, not `=`; write `==`",
        ),
        (
            "a == \"x\" && b == \"y\"",
            "column 10: expected a selector, a value or an operator, not `&`; write `and`",
        ),
        (
            "a == \"x\" || b == \"y\"",
            "column 10: expected a selector, a value or an operator, not `|`; write `or`",
        ),
        (
            "!(a == \"x\")",
            "column 1: expected a selector, a value or an operator, not `!`; write `not`, or `!=`",
        ),
        (
            "a == 'x'",
            "column 6: expected a selector, a value or an operator, not `'`; \
             texts stand in double quotes or backticks",
        ),
        (
            "a == “x”",
            "column 6: expected a selector, a value or an operator, not `“`; \
             texts stand in straight double quotes or backticks",
        ),
        (
            "a.exp < 5",
            "column 7: expected a selector, a value or an operator, not `<`; \
             numbers have no order here, only `==` and `!=`",
        ),
        (
            "é == \"x\"",
            "column 1: expected a selector, a value or an operator, not `é`; \
             if it is a text, put it in double quotes or backticks",
        ),
        (
            "a == \"é\" é",
            "column 10: expected a selector, a value or an operator, not `é`; \
             if it is a text, put it in double quotes or backticks",
        ),
        (
            "/a/b == \"x\"",
            "column 1: expected a selector, a value or an operator, not `/`; \
             a JSON pointer stands in quotes, as in `\"/jwt_claims/sub\"`",
        ),
        (
            "a == release-1",
            "column 13: expected a space or an operator after a bare word, not `-`; \
             if it is a text, put it in double quotes or backticks",
        ),
        (
            "a == 12ab",
            "column 8: expected a space after a number, not `a`; \
             if it is a text, put it in double quotes or backticks",
        ),
        (
            "a == 1.2.3",
            "column 9: expected a space after a number, not `.`; \
             if it is a text, put it in double quotes or backticks",
        ),
        (
            "a == 1.x",
            "column 8: expected a number such as `12`, `-3` or `1.5`, not `x`; \
             if it is a text, put it in double quotes or backticks",
        ),
        (
            "a == \"x\" b == \"y\"",
            "column 10: expected `and`, `or` or the end of the statement, not `b`; \
             connect two matches with a word",
        ),
        (
            "a == \"x\" AND b == \"y\"",
            "column 10: expected `and`, `or` or the end of the statement, not `AND`; \
             connect two matches with a word",
        ),
        (
            "(a == \"x\"",
            "column 10: expected `)`, not the end of the statement; \
             close the parenthesis, or connect what follows with `and` or `or`",
        ),
        (
            "a == \"x\")",
            "column 9: expected `and`, `or` or the end of the statement, not `)`; \
             connect two matches with a word",
        ),
        (
            "a == \"x\" and",
            "column 13: expected a match such as `jwt_claims.sub == \"…\"`, \
             not the end of the statement; a match begins with a selector; its value comes after the operator, \
             or before `in`",
        ),
        (
            "a == \"x\" or or b == 1",
            "column 13: expected a match such as `jwt_claims.sub == \"…\"`, not `or`; \
             a match begins with a selector; its value comes after the operator, or before `in`",
        ),
        (
            "a is \"x\"",
            "column 6: expected `empty` or `nil`, not `\"x\"`; values are compared with `==` and `!=`",
        ),
        (
            "a not == \"x\"",
            "column 7: expected `in`, `contains` or `matches`, not `==`; \
             the opposite of `==` is `!=`, `not` goes before a match",
        ),
        (
            "\"x\" == \"y\"",
            "column 1: expected a selector such as `jwt_claims.sub`, not `\"x\"`; \
             a match begins with a selector; its value comes after the operator, or before `in`; \
             in quotes, a selector is a JSON pointer, such as `\"/jwt_claims/sub\"`",
        ),
        (
            "\"/a/~2\" == \"y\"",
            "column 1: expected a selector such as `jwt_claims.sub`, not `\"/a/~2\"`; \
             in a JSON pointer, `~0` stands for `~` and `~1` for `/`",
        ),
        (
            "5 == 5",
            "column 1: expected a selector such as `jwt_claims.sub`, not `5`; \
             a match begins with a selector; its value comes after the operator, or before `in`",
        ),
        (
            "\"x\" in 5",
            "column 8: expected a selector such as `jwt_claims.sub`, not `5`; \
             it says where to look for the value",
        ),
        (
            "a in [\"x\", \"y\"]",
            "column 6: expected a selector, a value or an operator, not `[`; \
             there are no lists of values; write `s == \"a\" or s == \"b\"`",
        ),
        (
            "a == and",
            "column 6: expected a text or a number, not `and`; \
             as a value, this word stands in quotes",
        ),
        (
            "a == jwt_claims.b",
            "column 6: expected a text or a number, not `jwt_claims.b`; \
             selectors cannot be compared with each other; if it is a text, put it in quotes",
        ),
        (
            "any a as x { b == x.y }",
            "column 19: expected a text or a number, not `x.y`; \
             selectors cannot be compared with each other; if it is a text, put it in quotes",
        ),
        (
            "a == b[\"c\"]",
            "column 6: expected a text or a number, not `b[\"c\"]`; if it is a text, put it in quotes",
        ),
        (
            "a == \"x",
            "column 8: expected `\"`, not the end of the statement; \
             close the text that begins at column 6",
        ),
        (
            "a == `x\"",
            "column 9: expected ```, not the end of the statement; close the text that begins at column 6",
        ),
        (
            "a == \"x\ny\"",
            "column 8: expected `\"`, not the end of the line; \
             write `\\n`, or use backticks for a text of several lines",
        ),
        (
            "a matches \"^\\w+\"",
            "column 13: expected an escape such as `\\n`, `\\\"` or `\\\\`, not `\\w`; \
             double the backslash, or use backticks, which have no escapes",
        ),
        (
            "a == \"\\xe9\"",
            "column 7: expected an escape such as `\\n`, `\\\"` or `\\\\`, not `\\xe9`; \
             double the backslash, or use backticks, which have no escapes",
        ),
        (
            "a == \"\\ud800\"",
            "column 7: expected an escape such as `\\n`, `\\\"` or `\\\\`, not `\\ud800`; \
             double the backslash, or use backticks, which have no escapes",
        ),
        (
            "a.-b == 1",
            "column 3: expected a letter or a digit after `.`, not `-`; \
             a step that is no plain word stands in brackets and quotes, as in `jwt_claims[\"a-b\"]`",
        ),
        (
            "a[0] == 1",
            "column 3: expected a quoted text after `[`, not `0`; a step in brackets stands in quotes, \
             as in `jwt_claims[\"https://example.com/team\"]`",
        ),
        ("a[\"b\" == 1", "column 6: expected `]`, not ` `; close the bracket after the quoted text"),
        (
            "any a { x == 1 }",
            "column 7: expected `as`, not `{`; \
             name the element, as in `any a as x { x == \"…\" }`",
        ),
        (
            "any a as x x == 1",
            "column 12: expected `{`, not `x`; \
             what has to be true of the element stands in braces",
        ),
        (
            "any a as x { x == 1",
            "column 20: expected `}`, not the end of the statement; \
             close the brace, or connect what follows with `and` or `or`",
        ),
        (
            "any a as 5 { x == 1 }",
            "column 10: expected a new name or `_`, not `5`; \
             a name is a letter, then letters, digits and `_`",
        ),
        (
            "any a as in { x == 1 }",
            "column 10: expected a new name or `_`, not `in`; \
             this word has a meaning already",
        ),
        (
            "any a as aws { x == 1 }",
            "column 10: expected a new name or `_`, not `aws`; \
             this is what is known of the caller",
        ),
        (
            "any a as x, x { x == 1 }",
            "column 13: expected a new name or `_`, not `x`; this name is taken already",
        ),
        (
            "any a as x { any b as x { x == 1 } }",
            "column 23: expected a new name or `_`, not `x`; \
             this name is taken already",
        ),
    ];
    for (statement, expected) in messages {
        assert_eq!(refuse(statement), format!("`conditional_access`, {expected}"), "{statement}");
    }
}

#[test]
fn a_bad_pattern_is_refused_when_it_is_stored() {
    let messages = [
        ("a matches `x(`", "column 11: this is no regular expression: unclosed group"),
        (
            "a not matches `(?=x)`",
            "column 15: this is no regular expression: it looks around, \
             which takes more than linear time",
        ),
        ("a == \"é\" and b matches `(`", "column 24: this is no regular expression: unclosed group"),
        (
            "a matches `((x{100}){100}){100}`",
            "column 11: this is no regular expression: it repeats more than 1000 times",
        ),
    ];
    for (statement, expected) in messages {
        let message = refuse(statement);
        assert!(message.starts_with(&format!("`conditional_access`, {expected}")), "{statement}: {message}");
    }
}

#[test]
fn a_statement_has_5_to_511_characters() {
    let of_length =
        |length: usize| format!("a == \"{}\"", "é".repeat(length - 7)).parse::<Condition>().map(|_| ());
    assert_eq!(of_length(511), Ok(()));
    assert_eq!(of_length(512), Err(ConditionError::Length(512)));
    assert_eq!("a==1".parse::<Condition>(), Err(ConditionError::Length(4)));
    assert_eq!("a== 1".parse::<Condition>().map(|_| ()), Ok(()));
    assert_eq!(refuse(""), "`conditional_access` has 5 to 511 characters, this one has 0");
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("{}a == 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(nested(MAX_DEPTH).parse::<Condition>().is_ok());
    let message = "`conditional_access`, column 33: a statement nests up to 32 deep; make it flatter";
    assert_eq!(refuse(&nested(MAX_DEPTH + 1)), message);
    assert_eq!(refuse(&nested(200)), message);
    let negated = format!("{}a == 1", "not ".repeat(100));
    assert_eq!(refuse(&negated), message.replace("33", "129"));
}

#[test]
fn a_statement_speaks_only_about_what_callers_of_its_provider_have() {
    let check = |statement: &str, vocabulary| {
        let condition: Condition = statement.parse().expect(statement);
        condition.check(vocabulary).map_err(|error| error.to_string())
    };
    for statement in [
        "jwt_claims.sub == \"x\"",
        "\"/jwt_claims/sub\" == \"x\"",
        "\"sub\" in jwt_claims",
        "any jwt_claims.groups as g { g == \"x\" or any g.inner as h { h.a == \"b\" } }",
    ] {
        assert_eq!(check(statement, Vocabulary::Oidc), Ok(()), "{statement}");
        assert!(check(statement, Vocabulary::Aws).is_err(), "{statement}");
    }
    for statement in
        ["aws.arn == \"x\" and aws.account_id == \"1\" and aws[\"user_id\"] is not empty", "arn in aws"]
    {
        assert_eq!(check(statement, Vocabulary::Aws), Ok(()), "{statement}");
        assert!(check(statement, Vocabulary::Oidc).is_err(), "{statement}");
    }
    let oidc =
        "the selectors of a provider with `oidc_config` begin with `jwt_claims`, as in `jwt_claims.sub`";
    let aws =
        "a provider with `aws_config` knows `aws.arn`, `aws.account_id` and `aws.user_id` of its callers";
    for (statement, vocabulary, selector, known) in [
        ("aws.arn == \"x\"", Vocabulary::Oidc, "aws.arn", oidc),
        ("jwt_claims.a == \"x\" or sub == \"y\"", Vocabulary::Oidc, "sub", oidc),
        ("any jwt_claims.a as x { x == 1 } and x == 2", Vocabulary::Oidc, "x", oidc),
        ("jwt_claims.sub == \"x\"", Vocabulary::Aws, "jwt_claims.sub", aws),
        ("aws.account == \"x\"", Vocabulary::Aws, "aws.account", aws),
        ("aws.arn.x == \"x\"", Vocabulary::Aws, "aws.arn.x", aws),
    ] {
        let expected = format!("`conditional_access` cannot use `{selector}`: {known}");
        assert_eq!(check(statement, vocabulary), Err(expected), "{statement}");
    }
}

#[test]
fn roots_are_what_selectors_begin_with() {
    let roots = |statement: &str| {
        let condition: Condition = statement.parse().expect(statement);
        condition.roots().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(roots("aws.arn == x or aws.user_id == y"), ["aws"]);
    assert_eq!(roots("not b.x == 1 and a is empty"), ["a", "b"]);
    assert_eq!(roots("any a as x, y { x == 1 and y == 2 and z == 3 } or x == 4"), ["a", "x", "z"]);
}

#[test]
fn a_statement_is_shown_as_it_was_written() {
    let statement = " jwt_claims.sub==`x`  ";
    let condition: Condition = statement.parse().expect("a statement");
    assert_eq!(condition.to_string(), statement);
    assert_eq!(condition.as_str(), statement);
}

#[test]
fn hostile_statements_run_out_of_budget() {
    let elements = Fact::List((0..200).map(|n| text(&format!("group-{n}"))).collect());
    let facts = Facts::oidc(members([("g", elements), ("long", text(&"a".repeat(100_000)))]));
    let mut nested = "a0 == x".to_owned();
    for depth in (0..15).rev() {
        nested = format!("any jwt_claims.g as a{depth} {{{nested}}}");
    }
    let budget = "evaluating the condition takes too long: make it simpler, or have the token claim less";
    assert_eq!(ask(&nested, &facts), Err(budget.into()));
    assert_eq!(ask("jwt_claims.long matches `(a*)*b`", &facts), Err(budget.into()));
    assert_eq!(ask("any jwt_claims.g as x { x matches `^group-1[0-9]+$` }", &facts), Ok(true));
    assert_eq!(
        ask("all jwt_claims.g as x { x matches `^group-[0-9]+$` and x not contains y }", &facts),
        Ok(true)
    );
}
