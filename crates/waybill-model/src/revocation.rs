//! Revocation: taking a complete version out of use, now or later, and putting it back.
//!
//! * Only complete versions are revoked. What lies up to five seconds ahead counts as now, as clocks differ.
//! * A revocation now moves the channels that point at the version back, unless told not to; one that is
//!   scheduled moves none, neither when it is made nor when its time comes (`latest` alone follows).
//! * A schedule can be replaced or cancelled. A version whose revocation is in force can only be restored.
//! * Versions built from a revoked one inherit the revocation, unless told not to. An explicit revocation
//!   wins over an inherited one; of several inherited ones the earliest wins.
//! * What is inherited goes away where it came from: a version cannot be restored while an ancestor is
//!   revoked.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::{
    ids::VersionId,
    names::{ChannelName, Fingerprint},
    text::{list, shown},
    version::{CompleteError, Revocation, RevocationKind, Version, complete_by_hand},
};

/// What somebody wants to do to a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionIntent {
    /// Complete it by hand.
    Complete,
    /// Lift its revocation, or cancel the schedule.
    Restore,
    Revoke(Revoke),
}

/// How to revoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoke {
    pub at: RevokeAt,
    /// Why, for people; may be empty.
    pub message: String,
    /// Move the channels that point at the version back. Without meaning for a schedule.
    pub roll_back_channels: bool,
    pub include_descendants: bool,
}

/// When to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeAt {
    At(Timestamp),
    /// That long from now; never negative when made by [`parse_revoke_in`].
    In(SignedDuration),
}

/// A request to change a version, as it comes: any combination of members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the members of a request, which are made one intent")]
pub struct VersionRequest {
    pub complete: bool,
    pub restore: bool,
    pub revoke_at: Option<Timestamp>,
    /// See [`parse_revoke_in`]; empty is as good as absent.
    pub revoke_in: Option<String>,
    pub message: String,
    pub disable_rollback_channels: bool,
    pub skip_descendants: bool,
}

/// What the decision needs to know besides the version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who asks.
    pub author: String,
    /// Bucket and name of an ancestor that is revoked now, if there is one, such as `debian v3`.
    pub revoked_ancestor: Option<String>,
    /// The channels that point at the version, without the managed one.
    pub assigned_channels: Vec<ChannelName>,
}

/// What is to be written, and so which event happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The version is complete already.
    Unchanged,
    Complete {
        /// How many builds that never started leave the version.
        dropped_builds: u32,
    },
    /// The version is revoked from now on.
    Revoke { revocation: Revocation, roll_back_channels: bool, include_descendants: bool },
    /// The version will be revoked later.
    Schedule { revocation: Revocation, include_descendants: bool },
    /// The version is good again, with all that inherited from it. Channels are not put back.
    Restore,
    /// As [`Decision::Restore`], before the revocation took effect.
    CancelSchedule,
}

/// Why a request to change a version is not one intent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IntentError {
    #[error(
        "a change of a version has one of `complete`, `restore`, `revoke_at` and `revoke_in`, found none"
    )]
    Nothing,
    #[error(
        "a change of a version has only one of `complete`, `restore`, `revoke_at` and `revoke_in`, found {}",
        list(.0)
    )]
    Several(Vec<&'static str>),
    #[error(transparent)]
    RevokeIn(RevokeInError),
    #[error(
        "a revocation's message has at most {MAX_MESSAGE_BYTES} bytes and no character NUL, \
         found {found} bytes"
    )]
    Message { found: usize },
}

/// Why a text is not a time to wait before revoking.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RevokeInError {
    #[error(
        "`revoke_in` is whole numbers with units d, h, m and s, such as `30d`, `2h45m` or `0s`; found `{0}`"
    )]
    Form(String),
    #[error("`revoke_in` is too long a time: `{0}`")]
    TooLong(String),
}

/// Why a version cannot be completed, revoked or restored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RevocationError {
    #[error("version `{0}` is not complete: only complete versions can be revoked")]
    Incomplete(Fingerprint),
    #[error("version `{fingerprint}` ({name}) was revoked at {at}: it can only be restored")]
    Revoked { fingerprint: Fingerprint, name: String, at: Timestamp },
    #[error("version `{fingerprint}` ({name}) is not revoked, nor is that scheduled")]
    NotRevoked { fingerprint: Fingerprint, name: String },
    #[error(
        "version `{fingerprint}` ({name}) cannot be restored while its ancestor `{ancestor}` is revoked: \
         restore that first"
    )]
    AncestorRevoked { fingerprint: Fingerprint, name: String, ancestor: String },
    #[error(
        "version `{fingerprint}` ({name}) inherits its revocation at {at} from an ancestor: \
         restore the ancestor instead"
    )]
    Inherited { fingerprint: Fingerprint, name: String, at: Timestamp },
    #[error(
        "version `{fingerprint}` ({name}) is assigned to channel {}: move the channel first, \
         or let the revocation roll it back",
        list(channels)
    )]
    Assigned { fingerprint: Fingerprint, name: String, channels: Vec<ChannelName> },
    #[error("a revocation cannot be scheduled that far ahead: {0:#} from now")]
    TooFar(SignedDuration),
    #[error("version `{fingerprint}` cannot be completed: {reason}")]
    Complete { fingerprint: Fingerprint, reason: CompleteError },
}

/// How far ahead of our clock a moment may lie to count as now: clients send their own clock's "now".
pub const NOW_TOLERANCE: SignedDuration = SignedDuration::from_secs(5);

/// Longest message: some paragraphs, which travel with every answer that holds the version.
const MAX_MESSAGE_BYTES: usize = 4096;

/// Decides what an intent does to a version.
///
/// Completing a version that is complete already changes nothing, since the registry does that by itself
/// while clients may ask for it too.
pub fn decide(
    version: &Version,
    intent: &VersionIntent,
    facts: &Facts,
    now: Timestamp,
) -> Result<Decision, RevocationError> {
    let name = version.name();
    let fingerprint = version.fingerprint.clone();
    if !version.is_complete() {
        return match intent {
            VersionIntent::Complete => complete_by_hand(&version.tally)
                .map(|dropped_builds| Decision::Complete { dropped_builds })
                .map_err(|reason| RevocationError::Complete { fingerprint, reason }),
            VersionIntent::Restore | VersionIntent::Revoke(_) => {
                Err(RevocationError::Incomplete(fingerprint))
            }
        };
    }
    let in_force = version.revocation.as_ref().filter(|revocation| revocation.is_in_force(now));
    match (intent, in_force) {
        (VersionIntent::Restore, _) => restore(version, facts, now),
        (_, Some(revocation)) => Err(RevocationError::Revoked { fingerprint, name, at: revocation.at }),
        (VersionIntent::Complete, None) => Ok(Decision::Unchanged),
        (VersionIntent::Revoke(revoke), None) => self::revoke(version, revoke, facts, now),
    }
}

fn restore(version: &Version, facts: &Facts, now: Timestamp) -> Result<Decision, RevocationError> {
    let name = version.name();
    let fingerprint = version.fingerprint.clone();
    let Some(revocation) = &version.revocation else {
        return Err(RevocationError::NotRevoked { fingerprint, name });
    };
    if let Some(ancestor) = facts.revoked_ancestor.clone() {
        return Err(RevocationError::AncestorRevoked { fingerprint, name, ancestor });
    }
    match revocation.kind {
        RevocationKind::Inherited { .. } => {
            Err(RevocationError::Inherited { fingerprint, name, at: revocation.at })
        }
        RevocationKind::Manual if revocation.is_in_force(now) => Ok(Decision::Restore),
        RevocationKind::Manual => Ok(Decision::CancelSchedule),
    }
}

fn revoke(
    version: &Version,
    revoke: &Revoke,
    facts: &Facts,
    now: Timestamp,
) -> Result<Decision, RevocationError> {
    let &Revoke { at, roll_back_channels, include_descendants, .. } = revoke;
    let at = match at {
        RevokeAt::At(at) => at,
        RevokeAt::In(wait) => now.checked_add(wait).map_err(|_| RevocationError::TooFar(wait))?,
    };
    let is_immediate = at.duration_since(now) <= NOW_TOLERANCE;
    let revocation = Revocation {
        // In the past stays as asked for: clients compare. Ahead of our clock it would not be in force yet.
        at: if is_immediate { at.min(now) } else { at },
        message: revoke.message.clone(),
        author: facts.author.clone(),
        kind: RevocationKind::Manual,
        inheritable: include_descendants,
    };
    if !is_immediate {
        return Ok(Decision::Schedule { revocation, include_descendants });
    }
    if !roll_back_channels && !facts.assigned_channels.is_empty() {
        return Err(RevocationError::Assigned {
            fingerprint: version.fingerprint.clone(),
            name: version.name(),
            channels: facts.assigned_channels.clone(),
        });
    }
    Ok(Decision::Revoke { revocation, roll_back_channels, include_descendants })
}

/// Returns the revocation that a version has to take over from an ancestor, or `None` if what it has stands.
///
/// An explicit revocation wins over an inherited one, even if it is for later; of inherited ones the earliest
/// wins.
/// The order in which several are taken over does not matter, nor does taking one over twice.
pub fn inherit(current: Option<&Revocation>, candidate: &Revocation) -> Option<Revocation> {
    let takes_over = match (current, candidate.kind) {
        (None, _) => true,
        (Some(current), kind) => match (current.kind, kind) {
            (RevocationKind::Manual, _) => false,
            (RevocationKind::Inherited { .. }, RevocationKind::Manual) => true,
            (RevocationKind::Inherited { from: current_from }, RevocationKind::Inherited { from }) => {
                rank(candidate, from) < rank(current, current_from)
            }
        },
    };
    takes_over.then(|| candidate.clone())
}

/// Returns the revocation of a version that has its own, if any, and these from its ancestors; for working
/// out anew what remains after one was lifted. Of `own` only an explicit one counts.
pub fn effective(
    own: Option<&Revocation>,
    from_ancestors: impl IntoIterator<Item = Revocation>,
) -> Option<Revocation> {
    let own = own.filter(|revocation| revocation.kind == RevocationKind::Manual).cloned();
    from_ancestors
        .into_iter()
        .fold(own, |current, candidate| inherit(current.as_ref(), &candidate).or(current))
}

/// The earliest first; the rest makes the order total, so that the winner does not depend on who came first.
fn rank(revocation: &Revocation, from: VersionId) -> (Timestamp, VersionId, &str, &str) {
    (revocation.at, from, &revocation.message, &revocation.author)
}

impl Revocation {
    /// Returns this revocation as the descendants of `ancestor` inherit it.
    ///
    /// `ancestor` is the version that was revoked, not one on the way, so that lifting its revocation finds
    /// all that came from it.
    #[must_use]
    pub fn inherited_from(&self, ancestor: VersionId) -> Self {
        Self { kind: RevocationKind::Inherited { from: ancestor }, ..self.clone() }
    }
}

impl TryFrom<VersionRequest> for VersionIntent {
    type Error = IntentError;

    /// Finds the one intent of a request.
    fn try_from(request: VersionRequest) -> Result<Self, Self::Error> {
        let VersionRequest { complete, restore, revoke_at, message, .. } = request;
        let revoke_in = request.revoke_in.filter(|text| !text.is_empty());
        let given = [
            ("complete", complete),
            ("restore", restore),
            ("revoke_at", revoke_at.is_some()),
            ("revoke_in", revoke_in.is_some()),
        ];
        let given: Vec<_> =
            given.into_iter().filter_map(|(member, is_given)| is_given.then_some(member)).collect();
        if 1 < given.len() {
            return Err(IntentError::Several(given));
        }
        let at = match (revoke_at, revoke_in) {
            _ if complete => return Ok(Self::Complete),
            _ if restore => return Ok(Self::Restore),
            (Some(at), _) => RevokeAt::At(at),
            (None, Some(text)) => RevokeAt::In(parse_revoke_in(&text).map_err(IntentError::RevokeIn)?),
            (None, None) => return Err(IntentError::Nothing),
        };
        if MAX_MESSAGE_BYTES < message.len() || message.contains('\0') {
            return Err(IntentError::Message { found: message.len() });
        }
        Ok(Self::Revoke(Revoke {
            at,
            message,
            roll_back_channels: !request.disable_rollback_channels,
            include_descendants: !request.skip_descendants,
        }))
    }
}

/// Reads a time to wait: whole numbers with units d (24 h), h, m and s in any order, such as `30d`, `2h45m`
/// or `0s`.
pub fn parse_revoke_in(s: &str) -> Result<SignedDuration, RevokeInError> {
    let form = || RevokeInError::Form(shown(s));
    let too_long = || RevokeInError::TooLong(shown(s));
    let mut total = 0_i64;
    let mut rest = s;
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let mut tail = tail.chars();
        let unit_secs = match tail.next() {
            Some('d') => 24 * 60 * 60,
            Some('h') => 60 * 60,
            Some('m') => 60,
            Some('s') => 1,
            _ => return Err(form()),
        };
        if number.is_empty() {
            return Err(form());
        }
        let number: i64 = number.parse().map_err(|_| too_long())?;
        let secs = number.checked_mul(unit_secs).ok_or_else(too_long)?;
        total = total.checked_add(secs).ok_or_else(too_long)?;
        rest = tail.as_str();
        if rest.is_empty() {
            return Ok(SignedDuration::from_secs(total));
        }
    }
}

#[cfg(test)]
mod tests;
