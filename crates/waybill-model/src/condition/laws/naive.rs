//! An evaluator that is too simple to be wrong: it looks at everything, and copies the facts for each element.

use std::collections::BTreeMap;

use super::super::{
    Fact,
    syntax::{Expression, Names, Quantifier, Test},
};

/// Evaluates everything, each name by putting what it stands for among the facts. An error is `None`.
pub(super) fn naive(expression: &Expression, facts: &BTreeMap<String, Fact>) -> Option<bool> {
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
                Found::Absent => matches!(test, Test::Empty | Test::Nil),
                Found::Fact(fact) => naive_test(&fact, test)?,
            };
            Some(if *negated { !holds } else { holds })
        }
        Expression::Each { quantifier, over, names, body } => {
            let elements: Vec<(Fact, Fact)> = match (naive_find(&over.path, facts)?, quantifier) {
                (Found::Absent, Quantifier::Any) => return Some(false),
                (Found::Fact(Fact::List(elements)), _) => {
                    elements.into_iter().enumerate().map(|(n, it)| (Fact::Integer(n as i128), it)).collect()
                }
                (Found::Fact(Fact::Map(members)), _) if matches!(names, Names::One(_)) => {
                    members.into_keys().map(|key| (Fact::Null, Fact::Text(key))).collect()
                }
                (Found::Fact(Fact::Map(members)), _) => {
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

enum Found {
    Fact(Fact),
    /// All but the last key is there.
    Absent,
}

fn naive_find(path: &[String], facts: &BTreeMap<String, Fact>) -> Option<Found> {
    let (root, steps) = path.split_first()?;
    let Some((last, steps)) = steps.split_last() else { return Some(Found::Fact(facts.get(root)?.clone())) };
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
        None if is_map => Some(Found::Absent),
        found => found.map(Found::Fact),
    }
}

fn naive_test(fact: &Fact, test: &Test) -> Option<bool> {
    match (test, fact) {
        (Test::Nil, fact) => Some(matches!(fact, Fact::Null)),
        (Test::Equals(value), Fact::Text(found)) => Some(found == value),
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
        (Test::Contains(value), Fact::Text(found)) => {
            Some(found.split(value.as_str()).count() != 1 || found == value)
        }
        (Test::Contains(value), Fact::Map(members)) => Some(members.keys().any(|key| key == value)),
        (Test::Contains(value), Fact::List(elements)) => {
            let compared = elements.iter().map(|it| naive_test(it, &Test::Equals(value.clone())));
            let is_deep = elements.iter().any(|it| matches!(it, Fact::List(_) | Fact::Map(_)));
            (!is_deep).then(|| compared.collect::<Vec<_>>().contains(&Some(true)))
        }
        (Test::Empty, Fact::Text(found)) => Some(found.chars().count() == 0),
        (Test::Empty, Fact::List(elements)) => Some(elements.is_empty()),
        (Test::Empty, Fact::Map(members)) => Some(members.keys().next().is_none()),
        (Test::Matches(pattern), Fact::Text(found)) => {
            Some(regex::Regex::new(pattern.source()).expect("a pattern").find(found).is_some())
        }
        _ => None,
    }
}
