//! The audit trail as tests read it.

use waybill_model::ids::Uid;
use waybill_store::Audited;

use crate::running::Registry;

/// All rows, oldest first.
pub(crate) async fn trail(registry: &Registry) -> Vec<Audited> {
    let rows = registry.server.app().store.read(|tx| {
        let organization = tx.first_organization()?.expect("an organization").id;
        tx.audited(organization, jiff::Timestamp::UNIX_EPOCH, 1000)
    });
    rows.await.expect("an audit trail")
}

/// What was recorded of what `owner` and others did, as `NAME action resource detail`.
pub(crate) async fn audited(registry: &Registry) -> Vec<String> {
    let line = |row: &Audited| {
        let Audited { action, resource, detail, .. } = row;
        format!("{} {action} {resource} {detail}", author(row)).trim_end().to_owned()
    };
    trail(registry).await.iter().map(line).collect()
}

/// The author's name, without the identifier that must be there too, as must be what they had logged in with.
fn author(row: &Audited) -> &str {
    if row.principal == "waybill" {
        assert_eq!(row.credential, None, "{row:?}");
        return "waybill";
    }
    let parts = row.principal.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    let (name, uid) = parts.unwrap_or_else(|| panic!("an author without an identifier: {row:?}"));
    assert!(uid.parse::<Uid>().is_ok(), "{row:?}");
    // Of people who log in, sessions and accounts are recorded before there is one.
    let is_login = row.resource.ends_with(&format!("/user-principal/{uid}")) && row.action != "password.set"
        || row.action == "group.update-members" && name.contains('@');
    assert!(is_login || row.credential.as_ref().is_some_and(|it| !it.is_empty()), "{row:?}");
    name
}
