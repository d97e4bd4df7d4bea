//! Laws of all statements: reading never panics, what is printed is read as it was, and evaluating agrees with
//! an evaluator that is too simple to be wrong.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};

use self::{naive::naive, print::Printer};
use super::{
    Condition, Fact, Facts,
    parse::parse,
    pattern,
    syntax::{Expression, Names, Quantifier, Selector, Test},
};

mod naive;
mod print;

/// Expressions that print and read, and that the naive evaluator runs as they are.
const PATTERNS: [&str; 5] = ["^x", "y$", "[a-c]", "`", "\"\\d\""];

/// What values and steps are made of: enough in common that some are equal.
const WORDS: [&str; 10] = ["x", "y", "a", "b", "true", "5", "1.5", "", "0", "c-d/~\"`\\é"];

/// Pieces of statements.
const PIECES: &[&str] = &[
    "jwt_claims",
    ".",
    "sub",
    "[",
    "]",
    "\"",
    "`",
    "\"x\"",
    "==",
    "!=",
    "=",
    "!",
    " in ",
    " not ",
    " is ",
    "empty",
    " contains ",
    " matches ",
    " and ",
    " or ",
    "(",
    ")",
    "any ",
    "all ",
    " as ",
    "g",
    "_",
    ",",
    "{",
    "}",
    "-",
    "1",
    "1.5",
    "/a/b",
    "~",
    "\\",
    "\\u00e9",
    "é",
    " ",
    "\n",
    "nil",
    "\"/a~0\"",
    "`(`",
    "\0",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(&WORDS[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

fn selector() -> impl Strategy<Value = Selector> {
    let root =
        select(&["jwt_claims", "jwt_claims", "aws", "one0", "two0", "one1"][..]).prop_map(str::to_owned);
    (root, vec(word(), 0..4)).prop_map(|(root, mut path)| {
        path.insert(0, root);
        Selector { path }
    })
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        word().prop_map(Test::Equals),
        word().prop_map(Test::Contains),
        Just(Test::Empty),
        Just(Test::Nil),
        select(&PATTERNS[..]).prop_map(|source| Test::Matches(pattern::compile(source).expect("a pattern"))),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let one = (selector(), test(), any::<bool>()).prop_map(|(selector, test, negated)| Expression::Match {
        selector,
        test,
        negated,
    });
    let names = (option::of(Just(String::new())), option::of(option::of(Just(String::new()))));
    let names = names.prop_map(|(first, second)| match second {
        None => Names::One(first),
        Some(second) => Names::Two(first, second),
    });
    let quantifier = select(&[Quantifier::Any, Quantifier::All][..]);
    let any_expression = one.prop_recursive(5, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Expression::Or),
            vec(inner.clone(), 2..4).prop_map(Expression::And),
            inner.clone().prop_map(|inner| Expression::Not(Box::new(inner))),
            (quantifier.clone(), selector(), names.clone(), inner).prop_map(
                |(quantifier, over, names, body)| {
                    Expression::Each { quantifier, over, names, body: Box::new(body) }
                }
            ),
        ]
    });
    any_expression.prop_map(|mut expression| {
        name(&mut expression, 0);
        expression
    })
}

/// Gives names by depth, so that none is taken.
fn name(expression: &mut Expression, depth: usize) {
    match expression {
        Expression::Or(members) | Expression::And(members) => {
            for member in members {
                name(member, depth);
            }
        }
        Expression::Not(inner) => name(inner, depth),
        Expression::Match { .. } => {}
        Expression::Each { names, body, .. } => {
            let called = |part: &mut Option<String>, what: &str| {
                if let Some(part) = part {
                    *part = format!("{what}{depth}");
                }
            };
            match names {
                Names::One(first) => called(first, "one"),
                Names::Two(first, second) => {
                    called(first, "one");
                    called(second, "two");
                }
            }
            name(body, depth + 1);
        }
    }
}

fn fact() -> impl Strategy<Value = Fact> {
    let leaf = prop_oneof![
        1 => Just(Fact::Null),
        2 => any::<bool>().prop_map(Fact::Boolean),
        2 => select(&[0, 5][..]).prop_map(Fact::Integer),
        2 => select(&[1.5, 5.0][..]).prop_map(Fact::Float),
        6 => word().prop_map(Fact::Text),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Fact::List),
            vec((word(), inner), 0..4).prop_map(|members| Fact::Map(members.into_iter().collect())),
        ]
    })
}

fn claims() -> impl Strategy<Value = BTreeMap<String, Fact>> {
    let keys = WORDS.map(str::to_owned);
    vec(fact(), WORDS.len()).prop_map(move |facts| keys.clone().into_iter().zip(facts).skip(2).collect())
}

/// Texts that look like statements to some degree.
fn nearly_a_statement() -> impl Strategy<Value = String> {
    vec(select(PIECES).prop_map(str::to_owned), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_any_text_ends(text in prop_oneof![any::<String>(), nearly_a_statement()], claims in claims()) {
        let _ = parse(&text);
        if let Ok(condition) = text.parse::<Condition>() {
            let _ = condition.evaluate(&Facts::oidc(claims));
            prop_assert_eq!(condition.to_string(), text);
        }
    }

    #[test]
    fn compiling_any_pattern_ends(source in r"[a-d\[\]\\(){}?*+|^$.:,<>=!PQEpLxdwsbé0-9&~-]{0,24}", text in any::<String>()) {
        if let Ok(pattern) = pattern::compile(&source) {
            let _ = pattern.is_match(&text);
        }
    }

    /// What needs no translation means the same to the crate itself.
    #[test]
    fn plain_patterns_are_not_changed(source in r"[a-dé]([a-c.]|\[a-c\]|\[\^b\]|b[*+?]|\(a\|b\)|c\{2\}){0,6}", text in "[a-dé]{0,9}") {
        let plain = regex::Regex::new(&source).expect("a plain pattern");
        prop_assert_eq!(pattern::compile(&source).map(|it| it.is_match(&text)), Ok(plain.is_match(&text)));
    }

    #[test]
    fn what_is_printed_is_read_as_it_was(expression in expression(), choices in vec(any::<bool>(), 1..64)) {
        let printed = Printer::print(&expression, choices);
        let read = parse(&printed).map_err(|error| TestCaseError::fail(format!("{error} in {printed}")))?;
        prop_assert_eq!(read, expression, "{}", printed);
    }

    #[test]
    fn evaluating_agrees_with_the_naive_evaluator(expression in expression(), claims in claims()) {
        let facts = BTreeMap::from([("jwt_claims".to_owned(), Fact::Map(claims.clone()))]);
        let found = super::evaluate::evaluate(&expression, &Facts::oidc(claims));
        prop_assert_eq!(found.clone().ok(), naive(&expression, &facts), "{:?}", found);
    }
}
