//! `waybill whoami`: which credentials were found, and what they may do.

use crate::{context::Context, error::CliError, view::WhoAmI};

pub(super) async fn run(context: &Context) -> Result<(), CliError> {
    let (client, connection) = context.client()?;
    let answer = client.who_am_i().await?;
    context.printer.show(&WhoAmI {
        server: client.server().to_owned(),
        credentials: connection.source.to_string(),
        client_id: answer.client_id,
        principal: answer.principal.into(),
        roles: answer.roles.into_iter().map(Into::into).collect(),
    })
}
