//! Whether a statement is true of the facts, within a budget.

use std::cell::Cell;

use thiserror::Error;

use super::{
    facts::{Fact, Facts},
    syntax::{Expression, Names, Quantifier, Selector, Test},
};
use crate::text::shown;

/// Why a statement has no answer, which refuses access. The messages name selectors and kinds, never claims.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvaluateError {
    #[error("the condition reads `{selector}`, but the caller has no `{missing}`")]
    Missing { selector: String, missing: String },
    #[error("the condition's `{test}` wants {wanted}, but `{selector}` is {found}")]
    Kind {
        selector: String,
        /// An operator, `any` or `all`.
        test: &'static str,
        wanted: &'static str,
        found: &'static str,
    },
    #[error(
        "the condition compares `{selector}` with `{}`, which is not {wanted} as the caller's is",
        shown(value)
    )]
    Value { selector: String, value: String, wanted: &'static str },
    #[error("evaluating the condition takes too long: make it simpler, or have the token claim less")]
    Budget,
}

/// What one evaluation may look at, roughly in bytes of facts.
///
/// A realistic statement uses a hundredth. Looking at this much takes some milliseconds; the worst regular
/// expression that can be stored takes a fifth of a second.
/// What it keeps away is `any` in `any` in `any` over a long list.
const BUDGET: usize = 1 << 22;
/// What looking at a fact costs, however small it is.
const LOOK: usize = 16;
/// What a byte costs that a regular expression reads, which in the worst case has thousands of states.
const PATTERN: usize = 256;

/// Says whether the expression is true.
pub(super) fn evaluate(expression: &Expression, facts: &Facts) -> Result<bool, EvaluateError> {
    Evaluation { facts, left: Cell::new(BUDGET) }.holds(expression, None)
}

struct Evaluation<'a> {
    facts: &'a Facts,
    left: Cell<usize>,
}

/// A name that an `any` or `all` gave, and what it stands for at the moment.
#[derive(Clone, Copy)]
struct Bound<'a> {
    name: &'a str,
    fact: &'a Fact,
    outside: Option<&'a Bound<'a>>,
}

impl Evaluation<'_> {
    fn holds(&self, expression: &Expression, bound: Option<&Bound<'_>>) -> Result<bool, EvaluateError> {
        match expression {
            Expression::Or(members) => self.first(members, true, bound),
            Expression::And(members) => self.first(members, false, bound),
            Expression::Not(inner) => Ok(!self.holds(inner, bound)?),
            Expression::Match { selector, test, negated } => {
                let passes = match self.find(selector, bound)? {
                    None => matches!(test, Test::Empty | Test::Nil),
                    Some(fact) => self.passes(selector, fact, test)?,
                };
                Ok(passes != *negated)
            }
            Expression::Each { quantifier, over, names, body } => {
                self.each(*quantifier, over, names, body, bound)
            }
        }
    }

    /// Returns `wanted` if a member is that, and does not look further.
    fn first(
        &self,
        members: &[Expression],
        wanted: bool,
        bound: Option<&Bound<'_>>,
    ) -> Result<bool, EvaluateError> {
        for member in members {
            if self.holds(member, bound)? == wanted {
                return Ok(wanted);
            }
        }
        Ok(!wanted)
    }

    fn each(
        &self,
        quantifier: Quantifier,
        over: &Selector,
        names: &Names,
        body: &Expression,
        outside: Option<&Bound<'_>>,
    ) -> Result<bool, EvaluateError> {
        let wanted = quantifier == Quantifier::Any;
        let one = |parts: [(&Option<String>, &Fact); 2]| -> Result<bool, EvaluateError> {
            self.spend(LOOK)?;
            let [first, second] = parts.map(|(name, fact)| name.as_deref().map(|name| (name, fact)));
            let first = first.map(|(name, fact)| Bound { name, fact, outside });
            let outside = first.as_ref().or(outside);
            let second = second.map(|(name, fact)| Bound { name, fact, outside });
            Ok(self.holds(body, second.as_ref().or(outside))? == wanted)
        };
        match self.find(over, outside)? {
            None if wanted => return Ok(false),
            None => {
                let selector = over.to_string();
                return Err(EvaluateError::Missing { missing: selector.clone(), selector });
            }
            Some(Fact::List(elements)) => {
                for (place, element) in (0..).zip(elements) {
                    let decides = match names {
                        Names::One(name) => one([(name, element), (&None, element)])?,
                        Names::Two(first, second) => {
                            one([(first, &Fact::Integer(place)), (second, element)])?
                        }
                    };
                    if decides {
                        return Ok(wanted);
                    }
                }
            }
            Some(Fact::Map(members)) => {
                for (key, value) in members {
                    self.spend(key.len())?;
                    let key = &Fact::Text(key.clone());
                    let decides = match names {
                        Names::One(name) => one([(name, key), (&None, key)])?,
                        Names::Two(first, second) => one([(first, key), (second, value)])?,
                    };
                    if decides {
                        return Ok(wanted);
                    }
                }
            }
            Some(other) => {
                let test = if wanted { "any" } else { "all" };
                return Err(unfit(over, other, test, "a list or a map"));
            }
        }
        Ok(!wanted)
    }

    /// Returns the selected fact; none if the last step is a key that a map does not have.
    fn find<'b>(
        &'b self,
        selector: &Selector,
        bound: Option<&'b Bound<'b>>,
    ) -> Result<Option<&'b Fact>, EvaluateError> {
        self.spend(LOOK * selector.path.len())?;
        let missing = |steps: usize| {
            let missing = Selector { path: selector.path[..steps].to_vec() }.to_string();
            EvaluateError::Missing { selector: selector.to_string(), missing }
        };
        let mut names = std::iter::successors(bound, |bound| bound.outside);
        let bound = names.find(|bound| bound.name == selector.root()).map(|bound| bound.fact);
        let mut fact = bound.or_else(|| self.facts.get(selector.root())).ok_or_else(|| missing(1))?;
        for (steps, step) in (1..).zip(selector.path.iter().skip(1)) {
            let is_last = steps + 1 == selector.path.len();
            let next = match fact {
                Fact::Map(members) => match members.get(step) {
                    None if is_last => return Ok(None),
                    next => next,
                },
                Fact::List(elements) => place(step).and_then(|place| elements.get(place)),
                _ => None,
            };
            fact = next.ok_or_else(|| missing(steps + 1))?;
        }
        Ok(Some(fact))
    }

    fn passes(&self, selector: &Selector, fact: &Fact, test: &Test) -> Result<bool, EvaluateError> {
        match (test, fact) {
            (Test::Equals(value), fact) => {
                self.spend(LOOK + value.len())?;
                equals(fact, value).map_err(|unequal| match unequal {
                    Unequal::Kind => {
                        let wanted =
                            "a text, a number or a boolean (`in` and `contains` look into lists and maps)";
                        unfit(selector, fact, "==", wanted)
                    }
                    Unequal::Value(wanted) => {
                        EvaluateError::Value { selector: selector.to_string(), value: value.clone(), wanted }
                    }
                })
            }
            (Test::Contains(value), Fact::Text(found)) => {
                self.spend(LOOK + found.len())?;
                Ok(found.contains(value.as_str()))
            }
            (Test::Contains(value), Fact::List(elements)) => {
                self.spend((LOOK + value.len()) * elements.len())?;
                if let Some(element) = elements.iter().find(|it| matches!(it, Fact::List(_) | Fact::Map(_))) {
                    let found = element.kinds();
                    let wanted = "a list of texts, numbers and booleans (`any` looks into others)";
                    return Err(EvaluateError::Kind {
                        selector: selector.to_string(),
                        test: "in",
                        wanted,
                        found,
                    });
                }
                // A value that cannot be compared with an element is another one.
                Ok(elements.iter().any(|element| matches!(equals(element, value), Ok(true))))
            }
            (Test::Contains(value), Fact::Map(members)) => Ok(members.contains_key(value)),
            (Test::Contains(_), fact) => Err(unfit(selector, fact, "contains", "a text, a list or a map")),
            (Test::Empty, Fact::Text(found)) => Ok(found.is_empty()),
            (Test::Empty, Fact::List(elements)) => Ok(elements.is_empty()),
            (Test::Empty, Fact::Map(members)) => Ok(members.is_empty()),
            (Test::Empty, fact) => Err(unfit(selector, fact, "is empty", "a text, a list or a map")),
            (Test::Nil, fact) => Ok(*fact == Fact::Null),
            (Test::Matches(pattern), Fact::Text(found)) => {
                self.spend(PATTERN + found.len() * PATTERN)?;
                Ok(pattern.is_match(found))
            }
            (Test::Matches(_), fact) => Err(unfit(selector, fact, "matches", "a text")),
        }
    }

    fn spend(&self, cost: usize) -> Result<(), EvaluateError> {
        self.left.set(self.left.get().checked_sub(cost).ok_or(EvaluateError::Budget)?);
        Ok(())
    }
}

fn unfit(selector: &Selector, fact: &Fact, test: &'static str, wanted: &'static str) -> EvaluateError {
    EvaluateError::Kind { selector: selector.to_string(), test, wanted, found: fact.kind() }
}

/// Why a fact and a value cannot be compared.
enum Unequal {
    /// Nothing is equal to such a fact.
    Kind,
    /// The value is not what the fact is.
    Value(&'static str),
}

fn equals(fact: &Fact, value: &str) -> Result<bool, Unequal> {
    match fact {
        Fact::Text(text) => Ok(text == value),
        Fact::Boolean(boolean) => match value {
            "true" | "True" | "TRUE" | "t" | "T" | "1" => Ok(*boolean),
            "false" | "False" | "FALSE" | "f" | "F" | "0" => Ok(!boolean),
            _ => Err(Unequal::Value("a boolean (`true` or `false`)")),
        },
        Fact::Integer(_) | Fact::Float(_) => {
            number(value).map(|value| same(fact, &value)).ok_or(Unequal::Value("a number"))
        }
        Fact::Null | Fact::List(_) | Fact::Map(_) => Err(Unequal::Kind),
    }
}

/// Reads a number as statements have it: exact if it is an integer.
fn number(text: &str) -> Option<Fact> {
    // `inf` and `nan` are no numbers of a token.
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
        return None;
    }
    let integer = text.parse().ok().map(Fact::Integer);
    integer.or_else(|| text.parse().ok().filter(|float: &f64| float.is_finite()).map(Fact::Float))
}

/// True for two numbers that are the same.
fn same(left: &Fact, right: &Fact) -> bool {
    match (left, right) {
        (Fact::Integer(integer), Fact::Float(float)) | (Fact::Float(float), Fact::Integer(integer)) => {
            whole(*float) == Some(*integer)
        }
        _ => left == right,
    }
}

/// The integer that a float is, if it is one.
#[expect(clippy::cast_possible_truncation, reason = "whole and within the range of integers, as was checked")]
fn whole(float: f64) -> Option<i128> {
    const BEYOND: f64 = 1.7e38;
    (float.fract() == 0.0 && float.abs() < BEYOND).then_some(float as i128)
}

/// Reads a step as a place in a list: digits, without zeros before them.
fn place(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| is_plain)
}
