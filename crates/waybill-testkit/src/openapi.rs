//! Answers against `OpenAPI` documents.
//!
//! The documents mark no member as required and forbid none, because clients ignore what they do not know.
//! Here a member that the document does not name is a fault all the same: it is a misspelling or something
//! that belongs in the document.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// Some documents, as one table of operations.
#[derive(Debug)]
pub struct OpenApi {
    operations: Vec<Operation>,
    documents: HashMap<String, Value>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One operation of a document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The document's name, for example `packer-2023-01-01`: ids are unique only inside one.
    pub document: String,
    /// For example `PackerService_GetBucket`.
    pub id: String,
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// Schema of the answer by status; `default` is the rest.
    answers: Vec<(String, Value)>,
}

/// Why a file is not a document.
#[derive(Debug, Error)]
pub enum Error {
    #[error("cannot read the OpenAPI document")]
    Read(#[source] std::io::Error),
    #[error("{name} is not YAML")]
    Yaml {
        name: String,
        #[source]
        source: serde_yaml_ng::Error,
    },
}

impl OpenApi {
    /// Reads all `.yaml` files of a folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let mut documents = HashMap::new();
        for entry in fs_err::read_dir(folder).map_err(Error::Read)? {
            let path = entry.map_err(Error::Read)?.path();
            if path.extension().is_some_and(|ending| ending == "yaml") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let text = fs_err::read_to_string(&path).map_err(Error::Read)?;
                let document = serde_yaml_ng::from_str(&text)
                    .map_err(|source| Error::Yaml { name: name.clone(), source })?;
                documents.insert(name, document);
            }
        }
        Ok(Self::new(documents))
    }

    fn new(mut documents: HashMap<String, Value>) -> Self {
        let mut operations: Vec<Operation> =
            documents.iter().flat_map(|(name, document)| operations(name, document)).collect();
        // A path with fewer parameters is the more specific one: `assign` before `{channel_name}`.
        operations.sort_by_key(|operation| operation.path.matches('{').count());
        for document in documents.values_mut() {
            forbid_unknown_members(&mut document["components"]["schemas"]);
        }
        Self { operations, documents, validators: Mutex::default() }
    }

    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation that a request with that path, without query, is for.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.method == method && matches(&operation.path, path))
    }

    /// What is wrong with an answer to that operation, one sentence each; empty when it fits.
    pub fn faults(&self, operation: &Operation, status: u16, body: &Value) -> Vec<String> {
        let status = status.to_string();
        let by_status = operation.answers.iter().find(|(known, _)| *known == status);
        let default = || operation.answers.iter().find(|(known, _)| known == "default");
        let Some((name, schema)) = by_status.or_else(default) else {
            return vec![format!("{} has no answer with status {status}", operation.id)];
        };
        let key = format!("{} {} {} {name}", operation.document, operation.method, operation.path);
        let validator = self.validator(key, &operation.document, schema);
        validator.iter_errors(body).map(|error| format!("{} at `{}`", error, error.instance_path())).collect()
    }

    fn validator(&self, key: String, document: &str, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().expect("no validator panics while it is made");
        let build = || {
            let mut schema = schema.clone();
            schema["components"] = self.documents[document]["components"].clone();
            let validator = jsonschema::validator_for(&schema);
            Arc::new(validator.unwrap_or_else(|error| panic!("the schema of {key} is broken: {error}")))
        };
        let made = match validators.get(&key) {
            Some(validator) => validator.clone(),
            None => build(),
        };
        validators.insert(key, made.clone());
        made
    }
}

fn operations(name: &str, document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, operation) in object(methods) {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let answers = object(&operation["responses"]).map(|(status, answer)| {
                let answer = resolve(document, answer);
                (status.clone(), answer["content"]["application/json"]["schema"].clone())
            });
            found.push(Operation {
                document: name.to_owned(),
                id: id.to_owned(),
                method: method.to_ascii_uppercase(),
                path: path.clone(),
                answers: answers.filter(|(_, schema)| schema.is_object()).collect(),
            });
        }
    }
    found
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What a reference into the same document stands for; anything else is itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// Closes every object schema that lists properties and does not say what else may be there.
fn forbid_unknown_members(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) && is_schema(members) {
                members.entry("additionalProperties").or_insert(json!(false));
            }
            members.values_mut().for_each(forbid_unknown_members);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_unknown_members),
        _ => {}
    }
}

/// Tells a schema from a list of properties one of which is called `properties`.
fn is_schema(members: &Map<String, Value>) -> bool {
    members.get("type").is_some_and(|kind| kind.is_string() || kind.is_array())
}

fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted.starts_with('{') || wanted == given => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> OpenApi {
        let document = json!({
            "paths": {
                "/a/{x}": {"get": {"operationId": "GetOne", "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/One"}}}},
                    "default": {"$ref": "#/components/responses/Error"}}}},
                "/a/all": {"get": {"operationId": "GetAll", "responses": {}}},
            },
            "components": {
                "responses": {"Error": {"content": {"application/json": {"schema":
                    {"type": "object", "properties": {"code": {"type": "integer"}}}}}}},
                "schemas": {"One": {"type": "object", "properties": {
                    "name": {"type": "string"}, "free": {"type": "object"}}}},
            },
        });
        OpenApi::new(HashMap::from([("d".to_owned(), document)]))
    }

    #[test]
    fn the_more_specific_path_wins() {
        let api = example();
        let id = |method, path| api.operation(method, path).map(|operation| operation.id.clone());
        assert_eq!(id("GET", "/a/all").as_deref(), Some("GetAll"));
        assert_eq!(id("GET", "/a/b").as_deref(), Some("GetOne"));
        assert_eq!(id("PUT", "/a/b"), None);
        assert_eq!(id("GET", "/a"), None);
    }

    #[test]
    fn answers_are_checked_by_status_and_strictly() {
        let api = example();
        let one = api.operation("GET", "/a/b").expect("it is there");
        let faults = |status, body| api.faults(one, status, &body).len();
        assert_eq!(faults(200, json!({"name": "n", "free": {"anything": 1}})), 0);
        assert_eq!(faults(200, json!({"name": 1})), 1);
        assert_eq!(faults(200, json!({"nmae": "n"})), 1);
        assert_eq!(faults(404, json!({"code": 5})), 0);
        assert_eq!(faults(404, json!({"code": "5"})), 1);
        let all = api.operation("GET", "/a/all").expect("it is there");
        assert_eq!(api.faults(all, 200, &json!({})).len(), 1);
    }
}
