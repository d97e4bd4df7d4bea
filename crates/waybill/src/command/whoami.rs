//! `waybill whoami`: which credentials were found, and what they may do.

use crate::{
    context::{Context, no_role},
    error::CliError,
    view::{WhoAmI, distinct_roles},
};

pub(super) async fn run(context: &Context) -> Result<(), CliError> {
    let (client, connection) = context.client()?;
    let answer = client.who_am_i().await?;
    if answer.roles.is_empty() {
        context.printer.hint(&no_role(&answer.principal));
    }
    context.printer.show(&WhoAmI {
        server: client.server().to_owned(),
        credentials: connection.source.to_string(),
        client_id: answer.client_id,
        principal: answer.principal.into(),
        roles: distinct_roles(answer.roles),
    })
}
