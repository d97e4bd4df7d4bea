//! An answer of the mock and ours, member by member.

use serde_json::{Value, json};

use super::{
    names::Names,
    tables::{AUTHORS, DIFFERENT, FILLER, IGNORED, Ours, TOKENS},
};

/// Where ours says something else, one sentence each. Ids that stand at the same place are learned.
pub(super) fn compare(recording: &str, names: &mut Names, theirs: &Value, ours: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    Compare { recording, names, faults: &mut faults }.value("", theirs, ours);
    faults
}

struct Compare<'a> {
    recording: &'a str,
    names: &'a mut Names,
    faults: &'a mut Vec<String>,
}

impl Compare<'_> {
    fn value(&mut self, place: &str, theirs: &Value, ours: &Value) {
        if nothing(theirs) && nothing(ours) {
            return;
        }
        match (theirs, ours) {
            (Value::Object(members), Value::Object(_)) => {
                for (name, theirs) in members {
                    self.member(&format!("{place}/{name}"), name, theirs, &ours[name]);
                }
            }
            (Value::Array(theirs), Value::Array(ours)) => self.list(place, theirs, ours),
            _ if self.names.value(theirs) == *ours => {}
            _ => self.faults.push(format!("`{place}` was recorded as {}", self.names.value(theirs))),
        }
    }

    fn member(&mut self, place: &str, name: &str, theirs: &Value, ours: &Value) {
        if is_ignored(place, name) || self.differs_on_purpose(place, ours) {
            return;
        }
        let fault = match (theirs.as_str(), ours.as_str()) {
            (Some(theirs), Some(ours)) if !theirs.is_empty() && !ours.is_empty() => {
                if AUTHORS.contains(&name) {
                    self.names.same_author(theirs, ours)
                } else if name == "etag" {
                    self.names.same_tag(theirs, ours)
                } else if name == "id" || name.ends_with("_id") || TOKENS.contains(&name) {
                    self.names.same_id(theirs, ours)
                } else if name == "created_at" || name == "updated_at" {
                    self.names.same_time(theirs, ours)
                } else if name.ends_with("_at") {
                    same_instant(&self.names.text(theirs), ours)
                } else {
                    return self.value(place, &json!(theirs), &json!(ours));
                }
            }
            _ => return self.value(place, theirs, ours),
        };
        self.faults.extend(fault.map(|fault| format!("`{place}`: {fault}")));
    }

    fn differs_on_purpose(&self, place: &str, ours: &Value) -> bool {
        DIFFERENT.iter().filter(|(recording, at, ..)| *recording == self.recording && *at == place).any(
            |(_, _, expected, _)| match expected {
                Ours::Nothing => nothing(ours),
                Ours::True => *ours == true,
                Ours::Anything => true,
            },
        )
    }

    /// Elements are the same by what names them, else by their position.
    fn list(&mut self, place: &str, theirs: &[Value], ours: &[Value]) {
        let mut left: Vec<&Value> = ours.iter().filter(|item| !is_filler(item)).collect();
        for (index, item) in theirs.iter().enumerate() {
            let is_key =
                |key: &&&str| item[**key].is_string() && !is_ignored(&format!("{place}[]/{key}"), key);
            let key = KEYS.iter().find(is_key);
            let same = |other: &&Value| key.is_none_or(|key| self.names.value(&item[*key]) == other[*key]);
            let Some(found) = left.iter().position(same) else {
                self.faults.push(format!("`{place}/{index}` is absent: {}", self.names.value(item)));
                continue;
            };
            let other = left.remove(found);
            self.value(&format!("{place}[]"), item, other);
        }
        if !left.is_empty() {
            self.faults.push(format!("`{place}` has more than was recorded: {left:?}"));
        }
        if place == "/buckets" && !ours.is_sorted_by_key(|bucket| bucket["name"].as_str()) {
            self.faults.push(format!("`{place}` is not in the order that was asked for"));
        }
    }
}

fn is_ignored(place: &str, name: &str) -> bool {
    IGNORED.iter().any(|(ignored, _)| *ignored == name || *ignored == place)
}

/// What names an element of a list; the first one that it has.
const KEYS: &[&str] = &[
    "fingerprint",
    "role_id",
    "member_id",
    "name",
    "component_type",
    "external_identifier",
    "client_id",
    "id",
];

/// A bucket that is there to fill a page.
fn is_filler(item: &Value) -> bool {
    item["name"].as_str().is_some_and(|name| name.starts_with(FILLER))
}

fn same_instant(theirs: &str, ours: &str) -> Option<String> {
    let instants = (theirs.parse::<jiff::Timestamp>(), ours.parse::<jiff::Timestamp>());
    let same = matches!(instants, (Ok(theirs), Ok(ours)) if theirs == ours);
    (!same).then(|| format!("was recorded as {theirs}"))
}

/// Clients read an absent member, null and the zero value alike.
fn nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(nothing),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(true) => false,
    }
}

#[test]
fn what_differs_is_found() {
    let check = |theirs: Value, ours: Value| compare("r", &mut Names::new("O", "P"), &theirs, &ours).len();
    assert_eq!(check(json!({"a": null, "b": [], "c": false}), json!({})), 0);
    assert_eq!(check(json!({"a": "x"}), json!({"a": "x", "more": 1})), 0);
    assert_eq!(check(json!({"a": "x"}), json!({"a": "y"})), 1);
    assert_eq!(check(json!({"a": "x"}), json!({})), 1);
    assert_eq!(check(json!({"a": null}), json!({"a": "y"})), 1);
    assert_eq!(
        check(json!({"l": [{"name": "a"}, {"name": "b"}]}), json!({"l": [{"name": "b"}, {"name": "a"}]})),
        0
    );
    assert_eq!(check(json!({"l": [{"name": "a"}]}), json!({"l": [{"name": "a"}, {"name": "b"}]})), 1);
    assert_eq!(check(json!({"l": [{"name": "a"}]}), json!({"l": []})), 1);
    let two = |one: &str, other: &str| json!({"a": {"etag": one}, "b": {"etag": other}});
    assert_eq!(check(two("x", "x"), two("1", "1")), 0);
    assert_eq!(check(two("x", "y"), two("1", "2")), 0);
    assert_eq!(check(two("x", "x"), two("1", "2")), 1);
    assert_eq!(check(two("x", "y"), two("1", "1")), 1);
}
