//! Who a person of the login provider is here.
//!
//! People are known by the provider's own identifier (`sub`), never by their e-mail address: an address can be given
//! to somebody else. A person whom an owner has made beforehand, and who can log in in no other way, is bound to the
//! first identifier that comes with their address; anybody unknown is made, and may do nothing until they get a role.

use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_model::{email::Email, ids::Uid};
use waybill_store::{ExternalGroup, Login, NewUser, Tx};

use super::{LONGEST_SUBJECT, ProviderOptions, session};
use crate::{
    api::error::ApiError,
    app::App,
    auth::{Signature, federation::Claims, people},
    login::session::NewBrowserSession,
};

/// What the provider says about a person.
#[derive(Clone, Debug)]
pub(super) struct Vouched {
    issuer: String,
    subject: String,
    email: Email,
    full_name: String,
    groups: Vec<String>,
}

/// What somebody is known as who logs in where they were not known by name.
const HOW: &str = "provider";

impl Vouched {
    /// Reads what is needed of a token that was verified.
    pub(super) fn read(provider: &ProviderOptions, claims: &Claims) -> Result<Self, ApiError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let refused = |why: &str| {
            ApiError::denied(format!(
                "{} says too little about you to log you in here: {why}. Ask whoever runs this registry",
                provider.name
            ))
        };
        let subject = text("sub");
        if subject.is_empty() || LONGEST_SUBJECT < subject.len() || subject.contains('\0') {
            return Err(refused("the token has no usable `sub`"));
        }
        let email = text("email").parse::<Email>();
        let email = email.map_err(|_| {
            refused("the token has no usable `email`; the scope `email` or a mapping may be missing there")
        })?;
        // Some write it as a text; who does not say anything is trusted to have checked.
        let is_verified = match claims.get("email_verified") {
            None => true,
            Some(Value::Bool(is_verified)) => *is_verified,
            Some(Value::String(text)) => text == "true",
            Some(_) => false,
        };
        if !is_verified {
            return Err(refused("your e-mail address is not verified there"));
        }
        let groups = match claims.get(&provider.groups_claim) {
            Some(Value::String(group)) => vec![group.clone()],
            Some(Value::Array(groups)) => {
                groups.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self {
            issuer: provider.issuer.clone(),
            subject: subject.to_owned(),
            email,
            // A name that cannot be one is no reason to keep somebody out.
            full_name: people::full_name(text("name")).unwrap_or_default(),
            groups,
        })
    }
}

/// Finds or makes the person, puts them into the groups that the provider says, and begins their session.
pub(super) async fn log_in(
    app: &App,
    headers: &HeaderMap,
    vouched: Vouched,
    now: Timestamp,
) -> Result<HeaderValue, ApiError> {
    let new_person = app.ids.uid(now);
    let session = NewBrowserSession::prepare(app, headers, now);
    let cookie = session.cookie();
    let kept = app
        .store
        .write(move |tx| {
            let person = recognize(tx, &vouched, &new_person, now)?;
            let kept = follow_groups(tx, &person, &vouched.groups, now)?;
            session.insert(tx, &person, HOW, now)?;
            Ok::<_, ApiError>(kept)
        })
        .await?;
    for group in kept {
        tracing::warn!(
            group,
            "Somebody stays in a group that they left at the login provider: nobody else owns the organization. Give \
             somebody the role `owner` on it who is in no such group"
        );
    }
    Ok(cookie)
}

fn recognize(tx: &mut Tx<'_>, vouched: &Vouched, new: &Uid, now: Timestamp) -> Result<Login, ApiError> {
    let organization = tx.first_organization()?.ok_or_else(|| ApiError::internal("no organization"))?.id;
    let Vouched { issuer, subject, email, full_name, .. } = vouched;
    if let Some(person) = tx.login_by_subject(organization, issuer, subject)? {
        return Ok(person);
    }
    let known = tx.login_by_email(organization, email.as_str())?;
    let (principal, action) = match &known {
        Some(person) if person.subject.is_empty() && person.password_hash.is_none() => {
            (person.principal, "user.bind")
        }
        Some(_) => {
            return Err(ApiError::denied(format!(
                "somebody with your e-mail address `{email}` is known here in another way: an owner must delete that \
                 user, or give them another address, before you can log in"
            )));
        }
        None => {
            let new = NewUser {
                uid: new.clone(),
                organization,
                email: email.clone(),
                full_name: full_name.clone(),
            };
            (tx.insert_user(&new, now)?, "user.create")
        }
    };
    if !tx.bind_login(principal, issuer, subject, now)? {
        return Err(ApiError::internal("a person who could not log in before can"));
    }
    let person = tx.login_by_subject(organization, issuer, subject)?;
    let person = person.ok_or_else(|| ApiError::internal("a person who was just bound is not there"))?;
    let detail = json!({ "id": person.uid, "email": email.as_str(), "issuer": issuer, "subject": subject });
    session::record(tx, &person, action, &detail.to_string(), now)?;
    Ok(person)
}

/// Makes the groups that mirror the provider's hold this person exactly if the provider's do.
///
/// Nobody leaves a group when nobody would own the organization any more; returns the names of such groups.
fn follow_groups(
    tx: &mut Tx<'_>,
    person: &Login,
    groups: &[String],
    now: Timestamp,
) -> Result<Vec<String>, ApiError> {
    let (mut joins, mut leaves) = (Vec::new(), Vec::new());
    for group in tx.external_groups(person.organization, person.principal)? {
        match (group.is_member, groups.contains(&group.external_name)) {
            (false, true) => joins.push(group),
            (true, false) => leaves.push(group),
            _ => {}
        }
    }
    // Who moves from one group of owners to another has joined the one before leaving the other.
    for group in joins {
        tx.join_external_group(group.id, person.principal, now)?;
        record_members(tx, person, &group, &json!({ "add": [person.uid], "remove": [] }), now)?;
    }
    let mut kept = Vec::new();
    for group in leaves {
        let was_owned = tx.has_owner(person.organization)?;
        tx.leave_external_group(group.id, person.principal)?;
        let change = if was_owned && !tx.has_owner(person.organization)? {
            tx.join_external_group(group.id, person.principal, now)?;
            json!({ "add": [], "remove": [], "kept": [person.uid], "why": "nobody else owns the organization" })
        } else {
            json!({ "add": [], "remove": [person.uid] })
        };
        record_members(tx, person, &group, &change, now)?;
        if change.get("kept").is_some() {
            kept.push(group.name);
        }
    }
    Ok(kept)
}

fn record_members(
    tx: &mut Tx<'_>,
    person: &Login,
    group: &ExternalGroup,
    change: &Value,
    now: Timestamp,
) -> Result<(), ApiError> {
    let resource = format!("iam/organization/{}/group/{}", person.organization_uid, group.name);
    let mut detail = change.clone();
    detail["id"] = group.uid.as_str().into();
    let (organization, action, detail) = (person.organization, "group.update-members", detail.to_string());
    Signature::of_login(person).record(tx, organization, action, &resource, &detail, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(claims: &Value) -> Result<Vouched, String> {
        let provider = ProviderOptions {
            issuer: "https://sso.example".to_owned(),
            client_id: "waybill".to_owned(),
            client_secret: None,
            name: "SSO".to_owned(),
            scope: "openid".to_owned(),
            groups_claim: "https://sso.example/groups".to_owned(),
            condition: None,
        };
        let claims = claims.as_object().expect("an object").clone();
        Vouched::read(&provider, &claims).map_err(|error| error.message)
    }

    #[test]
    fn a_person_has_an_identifier_and_an_address() {
        let full = json!({
            "sub": "42", "email": "Ada@example.com", "email_verified": true, "name": "Ada\n",
            "https://sso.example/groups": ["dev", 7, "ops"],
        });
        let ada = read(&full).unwrap();
        assert_eq!((ada.subject.as_str(), ada.email.as_str()), ("42", "ada@example.com"));
        assert_eq!(ada.full_name, "Ada");
        assert_eq!(ada.groups, ["dev", "ops"]);
        let with = |name: &str, value: Value| {
            let mut claims = full.clone();
            claims[name] = value;
            read(&claims)
        };
        assert!(with("email_verified", json!("true")).is_ok());
        assert_eq!(with("name", json!("x".repeat(1000))).unwrap().full_name, "");
        assert_eq!(with("https://sso.example/groups", json!("dev")).unwrap().groups, ["dev"]);
        assert_eq!(with("https://sso.example/groups", json!(null)).unwrap().groups, [""; 0]);
        for (name, value, part) in [
            ("sub", json!(""), "`sub`"),
            ("sub", json!(42), "`sub`"),
            ("sub", json!("x".repeat(256)), "`sub`"),
            ("email", json!(null), "`email`"),
            ("email", json!("ada"), "`email`"),
            ("email_verified", json!(false), "not verified"),
            ("email_verified", json!("false"), "not verified"),
            ("email_verified", json!(1), "not verified"),
        ] {
            assert!(with(name, value.clone()).is_err_and(|error| error.contains(part)), "{name} {value}");
        }
        let mut silent = full.clone();
        silent.as_object_mut().unwrap().remove("email_verified");
        assert!(read(&silent).is_ok());
    }
}
