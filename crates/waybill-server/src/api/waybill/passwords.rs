//! Passwords of people: one's own, and those that an owner gives to others.

use axum::{Json, extract::State};
use waybill_api::own;
use waybill_model::{ids::Uid, role::Permission};
use waybill_store::{Login, Tx};

use super::users::UserPath;
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Route},
    },
    app::App,
    auth::{Caller, Place, Scope, people},
    login::{
        passwords::{self, SALT_BYTES},
        sign_in,
    },
};

/// Gives a person a password
///
/// An owner does it for others; everybody for themselves, with the password that it replaces. The person's other
/// sessions end. Whoever logs in at the login provider has no password here.
#[utoipa::path(
    put, path = super::PASSWORD, operation_id = "SetPassword", tag = "users",
    params(("organization_id" = String, Path), ("user_id" = String, Path)),
    request_body = own::SetPasswordBody,
    responses((status = OK, description = "It is theirs from now on", body = own::SetPasswordResponse)),
)]
pub(super) async fn set(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<UserPath>,
    Body(body): Body<own::SetPasswordBody>,
) -> ApiResult<own::SetPasswordResponse> {
    let place = Place::organization(path.organization_id);
    let uid = path.user_id;
    let (asked, kept) = (uid.clone(), caller.credential.clone());
    let issuer = app.logins.issuer().map(str::to_owned);
    let provider = issuer.clone();
    let look = app.read(caller.clone(), place.clone(), Permission::ReadOrganization, move |tx, scope, _| {
        find(tx, scope, &asked, provider.as_deref())
    });
    let (person, is_self) = look.await?;
    let own::SetPasswordBody { password, current_password } = body;
    match (is_self, current_password) {
        (true, Some(current)) => sign_in::check_own_password(&app, &person, current.expose().into()).await?,
        (true, None) => {
            return Err(ApiError::invalid("`current_password` is missing: it is the one you have now"));
        }
        (false, Some(_)) => {
            return Err(ApiError::invalid("`current_password` is only for oneself: leave it out for others"));
        }
        (false, None) => {}
    }
    passwords::check(password.expose(), &person.email)
        .map_err(|error| ApiError::invalid(format!("`password`: {error}")))?;
    let mut salt = [0; SALT_BYTES];
    app.ids.random(&mut salt);
    let hash = app.logins.passwords.hash(password.expose().into(), salt).await?;
    app.write(caller, place, Permission::ReadOrganization, move |tx, scope, moment| {
        let (person, is_self) = find(tx, scope, &uid, issuer.as_deref())?;
        tx.set_password_hash(person.principal, &hash, moment.now)?;
        // What was begun with the old password does not outlive it, a code on its way to a program included.
        tx.delete_login_grants(person.principal)?;
        tx.delete_other_sessions(person.principal, if is_self { &kept } else { "" })?;
        let resource = people::resource_name(&person.organization_uid, &person.uid);
        scope.signature().record(tx, person.organization, "password.set", &resource, "", moment.now)
    })
    .await?;
    Ok(Json(own::SetPasswordResponse {}))
}

/// Finds a person whose password the caller may set, and tells whether that is the caller.
fn find(tx: &mut Tx<'_>, scope: &Scope, uid: &str, issuer: Option<&str>) -> Result<(Login, bool), ApiError> {
    let is_self = uid == scope.principal_uid;
    if !is_self {
        scope.require(Permission::ManagePrincipals)?;
    }
    let found = match uid.parse::<Uid>() {
        Ok(uid) => tx.login(uid.as_str())?,
        Err(_) => None,
    };
    let person = found
        .filter(|person| person.organization == scope.organization)
        .ok_or_else(|| people::unknown(uid, &scope.organization_uid))?;
    // Whoever logged in at a provider that is none any more needs another way in.
    if !person.subject.is_empty() && issuer == Some(&person.issuer) {
        return Err(ApiError::precondition(format!(
            "user `{}` logs in at the login provider ({}) and has no password here",
            person.email, person.issuer
        )));
    }
    Ok((person, is_self))
}
