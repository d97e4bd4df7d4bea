//! Secrets of other systems: `vault`, `consul_key`, `aws_secretsmanager` and `aws_secretsmanager_raw`.
//!
//! Where they are and who may see them, the world knows from its environment.

use super::{Arguments, Function, FunctionError, string};
use crate::{
    value::{Type, Value},
    world::Secret,
};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("vault", [string("path"), string("key")], Type::String, |call| {
            read(&call, Secret::Vault { path: call.text(0), key: call.text(1) })
        }),
        Function::new("consul_key", [string("key")], Type::String, |call| {
            read(&call, Secret::Consul { key: call.text(0) })
        }),
        // without a key, a secret that has only one is its value
        Function::new("aws_secretsmanager", [string("name"), string("key").null()], Type::String, |call| {
            read(&call, Secret::AwsSecretsManager { name: call.text(0), key: call[1].as_str() })
        }),
        Function::new("aws_secretsmanager_raw", [string("name")], Type::String, |call| {
            read(&call, Secret::AwsSecretsManagerRaw { name: call.text(0) })
        }),
    ]
}

fn read(call: &Arguments<'_>, secret: Secret<'_>) -> Result<Value, FunctionError> {
    Ok(Value::string(call.surroundings.world.secret(secret)?))
}
