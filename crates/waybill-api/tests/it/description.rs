//! Reads an interface's description and compares values with its schemas.

use std::fmt::Debug;

use jsonschema::Validator;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// A parsed description, with schemas that forbid members which they do not list.
pub(crate) struct Description {
    pub(crate) document: Value,
    schemas: Value,
}

pub(crate) const PACKER_2023: &str = include_str!("../openapi/packer-2023-01-01.yaml");
pub(crate) const PACKER_2021: &str = include_str!("../openapi/packer-2021-04-30.yaml");
pub(crate) const PLATFORM: &str = include_str!("../openapi/platform.yaml");

impl Description {
    pub(crate) fn read(yaml: &str) -> Self {
        let document: Value = serde_yaml_ng::from_str(yaml).unwrap();
        let mut schemas = document["components"]["schemas"].clone();
        for schema in schemas.as_object_mut().unwrap().values_mut() {
            let schema = schema.as_object_mut().unwrap();
            if schema["type"] == "object" {
                schema.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Self { document, schemas }
    }

    /// Every operation with its path and method.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(|(method, operation)| (path.as_str(), method.as_str(), operation))
        })
    }

    /// The words of an enumeration, in order.
    pub(crate) fn words(&self, schema: &str) -> Vec<&str> {
        let words = self.schemas[schema]["enum"].as_array();
        words
            .unwrap_or_else(|| panic!("{schema} is no enumeration"))
            .iter()
            .filter_map(Value::as_str)
            .collect()
    }

    pub(crate) fn schemas(&self) -> &Map<String, Value> {
        self.schemas.as_object().unwrap()
    }

    /// Checks that a value with every member set is valid, that it has every member that the schema has, at any
    /// depth, and that it survives being written and read.
    pub(crate) fn check<T>(&self, schema: &str, value: &T)
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{schema} does not survive");

        let json: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<_> = self
            .validator(schema)
            .iter_errors(&json)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{schema} is not valid: {errors:#?}\n{json:#}");
        self.check_members(schema, &self.schemas[schema], &json);
    }

    fn validator(&self, schema: &str) -> Validator {
        let root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/components/schemas/{schema}"),
            "components": { "schemas": self.schemas },
        });
        jsonschema::options().should_validate_formats(true).build(&root).unwrap()
    }

    fn check_members(&self, at: &str, schema: &Value, value: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            return self.check_members(at, &self.schemas[name], value);
        }
        match value {
            Value::Array(items) => {
                assert!(!items.is_empty(), "{at} is empty");
                for item in items {
                    self.check_members(at, &schema["items"], item);
                }
            }
            Value::Object(members) => {
                assert!(!members.is_empty() || schema["x-empty-message"] == true, "{at} is empty");
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    let member = members.get(name).unwrap_or_else(|| panic!("{at} lacks `{name}`"));
                    self.check_members(&format!("{at}.{name}"), schema, member);
                }
            }
            _ => {}
        }
    }
}
