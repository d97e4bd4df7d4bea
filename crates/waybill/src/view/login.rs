//! Logins of people.

use serde::Serialize;
use waybill_api::time::DateTime;

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
