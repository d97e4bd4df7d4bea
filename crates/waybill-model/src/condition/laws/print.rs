//! Trees to statements, in every spelling that means the same.

use std::fmt::Write as _;

use super::super::{
    parse::KEYWORDS,
    syntax::{Expression, Names, Selector, Test},
};

/// Writes a tree as a statement, in spellings that the choices pick.
pub(super) struct Printer {
    choices: Vec<bool>,
    at: usize,
    text: String,
}

impl Printer {
    pub(super) fn print(expression: &Expression, choices: Vec<bool>) -> String {
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
            self.text.extend(["`", text, "`"]);
            return;
        }
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => self.text.extend(['\\', c]),
                '\n' => self.text.push_str("\\n"),
                c if c.is_control() => {
                    write!(self.text, "\\U{:08x}", u32::from(c)).expect("a text takes everything");
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}
