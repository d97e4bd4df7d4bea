//! `waybill session`: where somebody is logged in.

use clap::{Args, Subcommand};

use crate::{
    context::Context,
    error::CliError,
    view::{Deleted, Session, Sessions},
};

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List your sessions, in browsers and in programs, oldest first
    #[command(after_help = "Example:\n  waybill session list")]
    List,
    /// End one of your sessions; its tokens stop working at once
    #[command(after_help = "Example:\n  waybill session delete 01JD2K… --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The session's id
    session: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(command: SessionCommand, context: &Context) -> Result<(), CliError> {
    let (client, connection) = context.client()?;
    let sessions = client.sessions().await?;
    match command {
        SessionCommand::List => {
            if sessions.is_empty() {
                context.printer.note(&format!(
                    "only people have sessions, and the credentials are {}",
                    connection.source
                ));
            }
            context.printer.show(&Sessions { sessions: sessions.into_iter().map(Session::from).collect() })
        }
        SessionCommand::Delete(DeleteArgs { session, yes }) => {
            let Some(found) = sessions.into_iter().find(|found| found.id == session) else {
                return Err(CliError::registry(format!("you have no session `{session}`"))
                    .hint("`waybill session list` shows yours"));
            };
            if found.current {
                return Err(CliError::usage("that is the session that this command uses")
                    .hint("`waybill logout` ends it"));
            }
            let consequence = format!("{} ({}) is logged out at once", found.client, found.kind.as_str());
            context.printer.confirm(&[consequence], yes)?;
            client.end_session_with_id(&found.id).await?;
            context.printer.show(&Deleted { deleted: found.id })
        }
    }
}
