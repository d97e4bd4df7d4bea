//! Laws of all statements: reading never panics, what is printed is read as it was, and evaluating agrees with
//! an evaluator that is too simple to be wrong.

use std::collections::BTreeMap;

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    Condition, Fact, Facts,
    parse::{KEYWORDS, parse},
    pattern::Pattern,
    syntax::{Expression, Names, Quantifier, Selector, Test},
};

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
        select(&PATTERNS[..]).prop_map(|source| Test::Matches(Pattern::new(source).expect("a pattern"))),
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
            members.iter_mut().for_each(|member| name(member, depth));
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

/// Writes a tree as a statement, in spellings that the choices pick.
struct Printer {
    choices: Vec<bool>,
    at: usize,
    text: String,
}

impl Printer {
    fn print(expression: &Expression, choices: Vec<bool>) -> String {
        let mut printer = Self { choices, at: 0, text: String::new() };
        printer.expression(expression, 0);
        printer.text
    }

    fn choose(&mut self) -> bool {
        self.at += 1;
        self.choices.get(self.at % self.choices.len().max(1)).copied().unwrap_or(false)
    }

    fn word(&mut self, word: &str) {
        let space = if self.choose() { " " } else { "\n\t" };
        self.text.push_str(space);
        self.text.push_str(word);
        self.text.push(' ');
    }

    /// `around` is 2 in `and` and `not`, 1 in `or`, 0 where parentheses are never needed.
    fn expression(&mut self, expression: &Expression, around: usize) {
        let is_open = match expression {
            Expression::Or(_) => 0 < around,
            Expression::And(_) => 1 < around,
            _ => self.choose() && self.choose(),
        };
        if is_open {
            self.text.push('(');
        }
        match expression {
            Expression::Or(members) => self.chain("or", members, 1),
            Expression::And(members) => self.chain("and", members, 2),
            Expression::Not(inner) => {
                self.text.push_str("not ");
                self.expression(inner, 2);
            }
            Expression::Match { selector, test, negated } => self.one(selector, test, *negated),
            Expression::Each { quantifier, over, names, body } => {
                self.word(&quantifier.to_string());
                self.selector(over);
                self.word("as");
                let part = |name: &Option<String>| name.clone().unwrap_or_else(|| "_".into());
                match names {
                    Names::One(first) => self.word(&part(first)),
                    Names::Two(first, second) => self.word(&format!("{} ,{}", part(first), part(second))),
                }
                self.text.push('{');
                self.expression(body, 0);
                self.text.push('}');
            }
        }
        if is_open {
            self.text.push(')');
        }
    }

    fn chain(&mut self, word: &str, members: &[Expression], around: usize) {
        for (place, member) in members.iter().enumerate() {
            if 0 < place {
                self.word(word);
            }
            self.expression(member, around);
        }
    }

    fn one(&mut self, selector: &Selector, test: &Test, negated: bool) {
        let not = if negated { "not " } else { "" };
        if let Test::Contains(value) = test
            && self.choose()
        {
            self.value(value);
            self.word(&format!("{not}in"));
            return self.selector(selector);
        }
        self.selector(selector);
        match test {
            Test::Equals(value) => {
                self.text.push_str(if negated { "!=" } else { "==" });
                self.value(value);
            }
            Test::Contains(value) => {
                self.word(&format!("{not}contains"));
                self.value(value);
            }
            Test::Empty => self.word(&format!("is {not}empty")),
            Test::Nil => self.word(&format!("is {not}nil")),
            Test::Matches(pattern) => {
                self.word(&format!("{not}matches"));
                self.value(pattern.source());
            }
        }
    }

    fn selector(&mut self, selector: &Selector) {
        if self.choose() {
            let steps = selector.path.iter().map(|step| step.replace('~', "~0").replace('/', "~1"));
            return self.quoted(&format!("/{}", steps.collect::<Vec<_>>().join("/")));
        }
        let (root, steps) = selector.path.split_first().expect("a selector has a root");
        self.text.push_str(root);
        for step in steps {
            let is_plain = step.starts_with(|c: char| c.is_ascii_alphabetic())
                && step.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/'));
            if is_plain && self.choose() {
                self.text.push('.');
                self.text.push_str(step);
            } else {
                self.text.push('[');
                self.quoted(step);
                self.text.push(']');
            }
        }
    }

    fn value(&mut self, value: &str) {
        let is_bare =
            value.bytes().all(|b| b.is_ascii_alphabetic()) && !value.is_empty() && !KEYWORDS.contains(&value)
                || value.parse::<u32>().is_ok_and(|number| number.to_string() == value);
        if is_bare && self.choose() { self.word(value) } else { self.quoted(value) }
    }

    fn quoted(&mut self, text: &str) {
        if !text.contains('`') && self.choose() {
            self.text.push_str(&format!("`{text}`"));
            return;
        }
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.text.extend(['\\', c]),
                '\n' => self.text.push_str("\\n"),
                c if c.is_control() => self.text.push_str(&format!("\\U{:08x}", u32::from(c))),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

/// Evaluates everything, each name by putting what it stands for among the facts. An error is `None`.
fn naive(expression: &Expression, facts: &BTreeMap<String, Fact>) -> Option<bool> {
    match expression {
        Expression::Or(members) => {
            let all: Vec<_> = members.iter().map(|member| naive(member, facts)).collect();
            all.into_iter().find(|one| *one != Some(false)).unwrap_or(Some(false))
        }
        Expression::And(members) => {
            let all: Vec<_> = members.iter().map(|member| naive(member, facts)).collect();
            all.into_iter().find(|one| *one != Some(true)).unwrap_or(Some(true))
        }
        Expression::Not(inner) => naive(inner, facts).map(|holds| !holds),
        Expression::Match { selector, test, negated } => {
            let holds = match naive_find(&selector.path, facts)? {
                None => matches!(test, Test::Empty | Test::Nil),
                Some(fact) => naive_test(&fact, test)?,
            };
            Some(if *negated { !holds } else { holds })
        }
        Expression::Each { quantifier, over, names, body } => {
            let elements: Vec<(Fact, Fact)> = match (naive_find(&over.path, facts)?, quantifier) {
                (None, Quantifier::Any) => return Some(false),
                (None, Quantifier::All) => return None,
                (Some(Fact::List(elements)), _) => {
                    elements.into_iter().enumerate().map(|(n, it)| (Fact::Integer(n as i128), it)).collect()
                }
                (Some(Fact::Map(members)), _) if matches!(names, Names::One(_)) => {
                    members.into_keys().map(|key| (Fact::Null, Fact::Text(key))).collect()
                }
                (Some(Fact::Map(members)), _) => {
                    members.into_iter().map(|(key, it)| (Fact::Text(key), it)).collect()
                }
                _ => return None,
            };
            let bodies = elements.into_iter().map(|(first, second)| {
                let mut inside = facts.clone();
                let (for_first, for_second) = match names {
                    Names::One(name) => (&None, name),
                    Names::Two(first, second) => (first, second),
                };
                inside.extend(for_first.iter().map(|name| (name.clone(), first.clone())));
                inside.extend(for_second.iter().map(|name| (name.clone(), second.clone())));
                naive(body, &inside)
            });
            let wanted = *quantifier == Quantifier::All;
            bodies.collect::<Vec<_>>().into_iter().find(|one| *one != Some(wanted)).unwrap_or(Some(wanted))
        }
    }
}

/// An error is `None`, a missing last key `Some(None)`.
fn naive_find(path: &[String], facts: &BTreeMap<String, Fact>) -> Option<Option<Fact>> {
    let (root, steps) = path.split_first()?;
    let Some((last, steps)) = steps.split_last() else { return Some(Some(facts.get(root)?.clone())) };
    let step = |fact: Fact, step: &String| match fact {
        Fact::Map(members) => members.get(step).cloned(),
        Fact::List(elements) => {
            let place = (0..elements.len()).find(|place| place.to_string() == *step)?;
            elements.get(place).cloned()
        }
        _ => None,
    };
    let parent = steps.iter().try_fold(facts.get(root)?.clone(), step)?;
    let is_map = matches!(parent, Fact::Map(_));
    match step(parent, last) {
        None if is_map => Some(None),
        found => found.map(Some),
    }
}

fn naive_test(fact: &Fact, test: &Test) -> Option<bool> {
    match (test, fact) {
        (Test::Nil, fact) => Some(matches!(fact, Fact::Null)),
        (Test::Equals(value), Fact::Text(text)) => Some(text == value),
        (Test::Equals(value), Fact::Boolean(boolean)) => match value.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(*boolean),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(!*boolean),
            _ => None,
        },
        // The numbers of these facts are small, so that floats are exact.
        (Test::Equals(value), Fact::Integer(number)) => value
            .parse::<f64>()
            .ok()
            .filter(|it| it.is_finite())
            .map(|it| it.to_string() == number.to_string()),
        (Test::Equals(value), Fact::Float(number)) => value
            .parse::<f64>()
            .ok()
            .filter(|it| it.is_finite())
            .map(|it| it.to_string() == number.to_string()),
        (Test::Contains(value), Fact::Text(text)) => {
            Some(text.split(value.as_str()).count() != 1 || text == value)
        }
        (Test::Contains(value), Fact::Map(members)) => Some(members.keys().any(|key| key == value)),
        (Test::Contains(value), Fact::List(elements)) => {
            let compared = elements.iter().map(|it| naive_test(it, &Test::Equals(value.clone())));
            let is_deep = elements.iter().any(|it| matches!(it, Fact::List(_) | Fact::Map(_)));
            (!is_deep).then(|| compared.collect::<Vec<_>>().contains(&Some(true)))
        }
        (Test::Empty, Fact::Text(text)) => Some(text.chars().count() == 0),
        (Test::Empty, Fact::List(elements)) => Some(elements.iter().count() == 0),
        (Test::Empty, Fact::Map(members)) => Some(members.keys().count() == 0),
        (Test::Matches(pattern), Fact::Text(text)) => {
            Some(regex::Regex::new(pattern.source()).expect("a pattern").find(text).is_some())
        }
        _ => None,
    }
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
        if let Ok(pattern) = Pattern::new(&source) {
            let _ = pattern.is_match(&text);
        }
    }

    /// What needs no translation means the same to the crate itself.
    #[test]
    fn plain_patterns_are_not_changed(source in r"[a-dé]([a-c.]|\[a-c\]|\[\^b\]|b[*+?]|\(a\|b\)|c\{2\}){0,6}", text in "[a-dé]{0,9}") {
        let plain = regex::Regex::new(&source).expect("a plain pattern");
        prop_assert_eq!(Pattern::new(&source).map(|it| it.is_match(&text)), Ok(plain.is_match(&text)));
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
