//! What stands in our server's place for the ids, tags and tokens of a recording.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use waybill_testkit::encode;

/// Organization and project of all recordings.
const ORGANIZATION: &str = "11111111-1111-4111-8111-111111111111";
const PROJECT: &str = "22222222-2222-4222-8222-222222222222";

pub(super) struct Names {
    /// Theirs and ours, the longest first: ids may contain one another.
    known: Vec<(String, String)>,
    /// Those of theirs that are tags of policies.
    tags: HashSet<String>,
    /// Words that say who did something; the mock's are names, which stand elsewhere too.
    authors: HashMap<String, String>,
    /// Times by the mock's: what has not changed there must not change here.
    times: HashMap<String, String>,
}

impl Names {
    pub(super) fn new(organization: &str, project: &str) -> Self {
        let mut names =
            Self { known: Vec::new(), tags: HashSet::new(), authors: HashMap::new(), times: HashMap::new() };
        names.know(ORGANIZATION, organization);
        names.know(PROJECT, project);
        names
    }

    pub(super) fn know(&mut self, theirs: &str, ours: &str) {
        self.known.push((theirs.to_owned(), ours.to_owned()));
        self.known.sort_by_key(|(theirs, _)| std::cmp::Reverse(theirs.len()));
    }

    /// A path, a query or another text with everything replaced that is known, percent-encoded or not.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (theirs, ours) in &self.known {
            text = text.replace(theirs, ours).replace(&encode(theirs), &encode(ours));
        }
        text
    }

    /// A body with everything replaced that is known.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.value(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Takes note that the two ids stand at the same place; says what is wrong with that.
    ///
    /// One of theirs is always the same one of ours, and two of theirs are two of ours.
    pub(super) fn same_id(&mut self, theirs: &str, ours: &str) -> Option<String> {
        match self.known.iter().find(|(known, other)| known == theirs || other == ours) {
            None => {
                self.know(theirs, ours);
                None
            }
            Some((known, other)) if known == theirs && other == ours => None,
            Some((known, other)) => Some(format!("{theirs} is {ours} here, but {known} was {other}")),
        }
    }

    /// The same of an `etag`, for which it means: it changes with every write and with nothing else.
    pub(super) fn same_tag(&mut self, theirs: &str, ours: &str) -> Option<String> {
        self.tags.insert(theirs.to_owned());
        self.same_id(theirs, ours)
    }

    /// Somebody has changed a policy whose tag is known.
    pub(super) fn forget_tags(&mut self) {
        let tags = std::mem::take(&mut self.tags);
        self.known.retain(|(theirs, _)| !tags.contains(theirs));
    }

    pub(super) fn same_author(&mut self, theirs: &str, ours: &str) -> Option<String> {
        let known = self.authors.entry(theirs.to_owned()).or_insert_with(|| ours.to_owned());
        (known != ours).then(|| format!("{theirs} was {known} before and is {ours} now"))
    }

    pub(super) fn same_time(&mut self, theirs: &str, ours: &str) -> Option<String> {
        let known = self.times.entry(theirs.to_owned()).or_insert_with(|| ours.to_owned());
        (known != ours).then(|| format!("was {known} before and is {ours} now, though nothing has changed"))
    }
}
