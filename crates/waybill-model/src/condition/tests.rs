//! Statements one by one: what they mean, what is wrong with them, what they say of real tokens.
//!
//! Laws over all statements are in `laws.rs`.

use std::collections::BTreeMap;

use super::{Condition, Fact, Facts};

mod meaning;
mod mistakes;
mod real;

fn text(text: &str) -> Fact {
    Fact::Text(text.into())
}

fn list<const N: usize>(elements: [Fact; N]) -> Fact {
    Fact::List(elements.into())
}

fn members<const N: usize>(members: [(&str, Fact); N]) -> BTreeMap<String, Fact> {
    members.map(|(key, fact)| (key.to_owned(), fact)).into()
}

fn map<const N: usize>(of: [(&str, Fact); N]) -> Fact {
    Fact::Map(members(of))
}

/// What a statement says, or what is wrong with it or with asking it.
fn ask(statement: &str, facts: &Facts) -> Result<bool, String> {
    let condition: Condition = statement.parse().map_err(|error| format!("{error}"))?;
    condition.evaluate(facts).map_err(|error| error.to_string())
}
