//! Logins of people.

use serde::Serialize;
use waybill_api::{own, time::DateTime};

use super::access::Caller;
use crate::{
    printer::View,
    table::{Table, clean, moment},
};

/// `login`.
#[derive(Serialize)]
pub(crate) struct LoggedIn {
    pub(crate) server: String,
    pub(crate) principal: Caller,
    pub(crate) session_expires_at: DateTime,
    /// The file that the session is kept in.
    pub(crate) profile: String,
}

/// `logout`.
#[derive(Serialize)]
pub(crate) struct LoggedOut {
    pub(crate) server: String,
}

/// `session list`.
#[derive(Serialize)]
pub(crate) struct Sessions {
    pub(crate) sessions: Vec<Session>,
}

#[derive(Serialize)]
pub(crate) struct Session {
    id: String,
    /// `browser` or `client`.
    kind: &'static str,
    /// What logged in.
    client: String,
    current: bool,
    created_at: DateTime,
    expires_at: DateTime,
}

impl From<own::Session> for Session {
    fn from(session: own::Session) -> Self {
        Self {
            id: session.id,
            kind: session.kind.as_str(),
            client: session.client,
            current: session.current,
            created_at: session.created_at,
            expires_at: session.expires_at,
        }
    }
}

impl View for LoggedIn {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("logged in as", &self.principal.name);
        fields.field("server", &self.server);
        fields.field("until", &moment(self.session_expires_at));
        fields.field("kept in", &self.profile);
        fields.text()
    }
}

impl View for LoggedOut {
    fn text(&self) -> String {
        format!("logged out of {}\n", clean(&self.server))
    }
}

impl View for Sessions {
    fn text(&self) -> String {
        let mut table = Table::new(["ID", "CLIENT", "KIND", "CREATED", "UNTIL", "USED NOW"]);
        for session in &self.sessions {
            table.row([
                &session.id,
                &session.client,
                session.kind,
                &moment(session.created_at),
                &moment(session.expires_at),
                if session.current { "yes" } else { "" },
            ]);
        }
        table.text()
    }
}
