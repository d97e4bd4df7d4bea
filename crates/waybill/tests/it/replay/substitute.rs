//! What stands in our server's place for the ids of a recording.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Value, json};
use waybill_testkit::{Api, recording::Request};

use super::taint::Place;

/// From the recording's ids to ours.
pub(super) struct Substitutes {
    api: Api,
    ids: HashMap<String, String>,
    organizations: HashSet<String>,
    /// Our project for an organization and a project of the recording.
    projects: HashMap<(String, String), String>,
    /// Builds of ours, by version, whose id in the recording is not known yet: repeated answers were left out.
    unnamed: HashMap<String, VecDeque<String>>,
}

impl Substitutes {
    pub(super) fn new(api: Api) -> Self {
        Self {
            api,
            ids: HashMap::new(),
            organizations: HashSet::new(),
            projects: HashMap::new(),
            unnamed: HashMap::new(),
        }
    }

    /// Makes sure that the project of a request exists and that its build has a name.
    pub(super) async fn prepare(&mut self, request: &Request) {
        let place = Place::of(request);
        if let Some((organization, project)) = place.project.clone() {
            self.organizations.insert(organization.clone());
            if !self.projects.contains_key(&(organization.clone(), project.clone())) {
                let ours = match self.projects.len() {
                    0 => self.api.project_id().to_owned(),
                    number => self.api.create_project(&format!("replay-{number}")).await,
                };
                self.projects.insert((organization, project), ours);
            }
        }
        if let (Some(build), Some(version)) = (&place.build, place.version_key())
            && !self.ids.contains_key(build)
            && let Some(ours) = self.unnamed.get_mut(&version).and_then(VecDeque::pop_front)
        {
            self.ids.insert(build.clone(), ours);
        }
        // The organization of a query, before any path has named one.
        for (name, value) in request.query.split('&').filter_map(|field| field.split_once('=')) {
            if name == "scope.id" {
                self.organizations.insert(value.to_owned());
            }
        }
    }

    /// The path with everything replaced that is known.
    pub(super) fn path(&self, path: &str) -> String {
        let segments: Vec<&str> = path.split('/').collect();
        let mut ours: Vec<String> = segments.iter().map(|segment| self.id(segment)).collect();
        for index in 0..segments.len().saturating_sub(3) {
            if let ["organizations", organization, "projects", project] = segments[index..index + 4] {
                self.api.organization_id().clone_into(&mut ours[index + 1]);
                if let Some(known) = self.projects.get(&(organization.to_owned(), project.to_owned())) {
                    ours[index + 3].clone_from(known);
                }
            }
        }
        ours.join("/")
    }

    /// A query or any other text with all known ids replaced.
    pub(super) fn text(&self, text: &str) -> String {
        let mut ours = text.to_owned();
        for (theirs, id) in &self.ids {
            ours = ours.replace(theirs, id);
        }
        for organization in &self.organizations {
            ours = ours.replace(organization, self.api.organization_id());
        }
        ours
    }

    /// A body with all known ids replaced, wherever they stand.
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.id(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.value(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Learns from two answers to the same request which ids stand at the same place.
    pub(super) fn learn(&mut self, theirs: &Value, ours: &Value) {
        match (theirs, ours) {
            (Value::Object(members), Value::Object(_)) => {
                for (name, theirs) in members {
                    let ours = &ours[name];
                    match (theirs, ours) {
                        (Value::String(theirs), Value::String(ours))
                            if name.ends_with("id") && is_made(theirs) =>
                        {
                            self.ids.entry(theirs.clone()).or_insert_with(|| ours.clone());
                        }
                        _ => self.learn(theirs, ours),
                    }
                }
            }
            (Value::Array(theirs), Value::Array(ours)) => {
                for (index, item) in theirs.iter().enumerate() {
                    let same = ours.iter().find(|other| same_thing(item, other));
                    if let Some(other) = same.or_else(|| ours.get(index)) {
                        self.learn(item, other);
                    }
                }
            }
            _ => {}
        }
    }

    /// Remembers a build that our server made and whose id in the recording was left out.
    pub(super) fn offer_build(&mut self, place: &Place, request: &Request, ours: &Value) {
        let told = request.answer.as_ref().and_then(|answer| answer.body.json());
        let told = told.is_some_and(|theirs| theirs["build"]["id"].is_string());
        if request.method == "POST"
            && place.build.is_none()
            && request.path.ends_with("/builds")
            && !told
            && let (Some(version), Some(id)) = (place.version_key(), ours["build"]["id"].as_str())
        {
            self.unnamed.entry(version).or_default().push_back(id.to_owned());
        }
    }

    fn id(&self, theirs: &str) -> String {
        self.ids.get(theirs).cloned().unwrap_or_else(|| theirs.to_owned())
    }
}

/// Whether the mock made that id: a ULID. (Fingerprints look alike but are the client's, and not called id.)
fn is_made(id: &str) -> bool {
    id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether two elements of lists are the same thing by a name that both sides share.
fn same_thing(one: &Value, other: &Value) -> bool {
    ["component_type", "fingerprint", "name", "region"]
        .iter()
        .find(|name| one[**name].is_string())
        .is_some_and(|name| one[*name] == other[*name])
}
