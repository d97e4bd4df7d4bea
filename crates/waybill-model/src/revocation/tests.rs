//! What revoking, scheduling and restoring decide, case by case; laws over families are in `tests/`.

use super::*;
use crate::{
    samples::{at, parse, revocation, version},
    version::Tally,
};

const NOW: i64 = 1000;

fn manual(second: i64, message: &str) -> Revocation {
    Revocation { message: message.into(), ..revocation(second) }
}

fn inherited(second: i64, from: i64) -> Revocation {
    revocation(second).inherited_from(VersionId(from))
}

fn revoke_at(at: RevokeAt) -> Revoke {
    Revoke { at, message: "bad".into(), roll_back_channels: true, include_descendants: true }
}

fn facts() -> Facts {
    Facts { author: "eve".into(), ..Facts::default() }
}

/// Decides about version `fp-7`, which is v3 with that revocation.
fn decide_on(
    revocation: Option<Revocation>,
    intent: &VersionIntent,
    facts: &Facts,
) -> Result<Decision, String> {
    let mut version = version(7, 3);
    version.revocation = revocation;
    decide(&version, intent, facts, at(NOW)).map_err(|error| error.to_string())
}

fn revoked(second: i64) -> Decision {
    let revocation = manual(second, "bad");
    Decision::Revoke { revocation, roll_back_channels: true, include_descendants: true }
}

fn scheduled(second: i64) -> Decision {
    Decision::Schedule { revocation: manual(second, "bad"), include_descendants: true }
}

#[test]
fn up_to_five_seconds_ahead_is_now() {
    let check = |at| decide_on(None, &VersionIntent::Revoke(revoke_at(at)), &facts());
    let check_at = |second| check(RevokeAt::At(at(second)));
    assert_eq!(check_at(NOW), Ok(revoked(NOW)));
    assert_eq!(check_at(10), Ok(revoked(10)), "the past stays as it was asked for");
    assert_eq!(check_at(NOW + 1), Ok(revoked(NOW)), "in force at once");
    assert_eq!(check_at(NOW + 5), Ok(revoked(NOW)));
    assert_eq!(check_at(NOW + 6), Ok(scheduled(NOW + 6)));
    let check_in = |seconds| check(RevokeAt::In(SignedDuration::from_secs(seconds)));
    assert_eq!(check_in(0), Ok(revoked(NOW)));
    assert_eq!(check_in(60), Ok(scheduled(NOW + 60)));
    assert_eq!(
        check_in(1 << 40),
        Err("a revocation cannot be scheduled that far ahead: 305419896h 36m 16s from now".into())
    );
}

#[test]
fn options_pass_through() {
    let now = RevokeAt::At(at(NOW));
    let quiet = Revoke { roll_back_channels: false, include_descendants: false, ..revoke_at(now) };
    assert_eq!(
        decide_on(None, &VersionIntent::Revoke(quiet.clone()), &facts()),
        Ok(Decision::Revoke {
            revocation: Revocation { inheritable: false, ..manual(NOW, "bad") },
            roll_back_channels: false,
            include_descendants: false
        })
    );
    let later = Revoke { at: RevokeAt::At(at(NOW + 60)), ..quiet };
    assert_eq!(
        decide_on(None, &VersionIntent::Revoke(later), &facts()),
        Ok(Decision::Schedule {
            revocation: Revocation { inheritable: false, ..manual(NOW + 60, "bad") },
            include_descendants: false
        })
    );
}

#[test]
fn a_channel_is_not_left_on_a_version_that_is_revoked_now() {
    let facts = Facts { assigned_channels: vec![parse("prod"), parse("dev")], ..facts() };
    let check = |second, roll_back_channels| {
        let revoke = Revoke { roll_back_channels, ..revoke_at(RevokeAt::At(at(second))) };
        decide_on(None, &VersionIntent::Revoke(revoke), &facts)
    };
    assert_eq!(check(NOW, true), Ok(revoked(NOW)));
    assert_eq!(
        check(NOW, false),
        Err("version `fp-7` (v3) is assigned to channel `prod`, `dev`: move the channel first, \
             or let the revocation roll it back"
            .into())
    );
    assert_eq!(check(NOW + 60, false), Ok(scheduled(NOW + 60)), "a schedule leaves channels anyway");
}

#[test]
fn a_revoked_version_can_only_be_restored() {
    let refused =
        Err("version `fp-7` (v3) was revoked at 1970-01-01T00:15:00Z: it can only be restored".to_owned());
    for current in [revocation(900), inherited(900, 1)] {
        for intent in [
            VersionIntent::Complete,
            VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW)))),
            VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW + 60)))),
        ] {
            assert_eq!(decide_on(Some(current.clone()), &intent, &facts()), refused);
        }
    }
    assert_eq!(decide_on(Some(revocation(900)), &VersionIntent::Restore, &facts()), Ok(Decision::Restore));
    assert_eq!(decide_on(Some(revocation(NOW)), &VersionIntent::Restore, &facts()), Ok(Decision::Restore));
}

#[test]
fn a_schedule_can_be_replaced_or_cancelled() {
    let schedule = || Some(revocation(NOW + 60));
    let check = |intent| decide_on(schedule(), &intent, &facts());
    assert_eq!(check(VersionIntent::Restore), Ok(Decision::CancelSchedule));
    assert_eq!(check(VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW))))), Ok(revoked(NOW)));
    assert_eq!(check(VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW + 90))))), Ok(scheduled(NOW + 90)));
    assert_eq!(
        decide_on(
            Some(inherited(NOW + 60, 1)),
            &VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW + 90)))),
            &facts()
        ),
        Ok(scheduled(NOW + 90)),
        "explicit wins over inherited"
    );
}

#[test]
fn restoring_needs_something_to_restore_and_good_ancestors() {
    assert_eq!(
        decide_on(None, &VersionIntent::Restore, &facts()),
        Err("version `fp-7` (v3) is not revoked, nor is that scheduled".into())
    );
    let with_ancestor = Facts { revoked_ancestor: Some("debian v3".into()), ..facts() };
    for current in [revocation(900), inherited(900, 1), revocation(NOW + 60)] {
        assert_eq!(
            decide_on(Some(current), &VersionIntent::Restore, &with_ancestor),
            Err("version `fp-7` (v3) cannot be restored while its ancestor `debian v3` is revoked: \
                 restore that first"
                .into())
        );
    }
    assert_eq!(
        decide_on(Some(inherited(NOW + 60, 1)), &VersionIntent::Restore, &facts()),
        Err("version `fp-7` (v3) inherits its revocation at 1970-01-01T00:17:40Z from an ancestor: \
             restore the ancestor instead"
            .into())
    );
}

#[test]
fn only_complete_versions_are_revoked() {
    let mut open = version(7, 0);
    let mut check = |intent: VersionIntent, tally| {
        open.tally = tally;
        decide(&open, &intent, &facts(), at(NOW)).map_err(|error| error.to_string())
    };
    let done_and_unset = Tally { done: 1, unset: 2, ..Tally::default() };
    let done_and_failed = Tally { done: 1, failed: 2, ..Tally::default() };
    let refused = Err("version `fp-7` is not complete: only complete versions can be revoked".to_owned());
    assert_eq!(check(VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW)))), done_and_unset), refused);
    assert_eq!(check(VersionIntent::Restore, done_and_unset), refused);
    assert_eq!(check(VersionIntent::Complete, done_and_unset), Ok(Decision::Complete { dropped_builds: 2 }));
    assert_eq!(
        check(VersionIntent::Complete, done_and_failed),
        Err("version `fp-7` cannot be completed: completing needs every build that has started to be done: \
             0 running, 2 failed, 0 cancelled; finish or delete these first"
            .into())
    );
}

#[test]
fn completing_a_complete_version_changes_nothing() {
    assert_eq!(decide_on(None, &VersionIntent::Complete, &facts()), Ok(Decision::Unchanged));
    let schedule = Some(revocation(NOW + 60));
    assert_eq!(decide_on(schedule, &VersionIntent::Complete, &facts()), Ok(Decision::Unchanged));
}

#[test]
fn explicit_wins_over_inherited_and_early_over_late() {
    assert_eq!(inherit(None, &inherited(10, 1)), Some(inherited(10, 1)));
    assert_eq!(inherit(Some(&inherited(20, 1)), &inherited(10, 2)), Some(inherited(10, 2)));
    assert_eq!(inherit(Some(&inherited(10, 2)), &inherited(20, 1)), None);
    assert_eq!(inherit(Some(&inherited(10, 2)), &inherited(10, 1)), Some(inherited(10, 1)), "a tie");
    assert_eq!(inherit(Some(&inherited(10, 1)), &inherited(10, 1)), None, "the same again");
    assert_eq!(inherit(Some(&revocation(20)), &inherited(10, 1)), None, "though it is later");
    assert_eq!(inherit(Some(&inherited(10, 1)), &revocation(20)), Some(revocation(20)));
    assert_eq!(inherit(Some(&revocation(20)), &revocation(10)), None);
}

#[test]
fn what_remains_is_worked_out_anew() {
    assert_eq!(effective(None, []), None);
    assert_eq!(effective(Some(&inherited(5, 1)), []), None, "what it came from was restored");
    assert_eq!(effective(Some(&inherited(5, 1)), [inherited(9, 2)]), Some(inherited(9, 2)));
    assert_eq!(effective(None, [inherited(9, 2), inherited(7, 3)]), Some(inherited(7, 3)));
    assert_eq!(effective(Some(&revocation(20)), [inherited(9, 2)]), Some(revocation(20)));
}

#[test]
fn a_request_has_one_intent() {
    let check = |request: VersionRequest| VersionIntent::try_from(request).map_err(|error| error.to_string());
    let base = VersionRequest::default;
    let moment = Some(at(NOW));
    assert_eq!(check(VersionRequest { complete: true, ..base() }), Ok(VersionIntent::Complete));
    assert_eq!(check(VersionRequest { restore: true, ..base() }), Ok(VersionIntent::Restore));
    let revoke = VersionRequest { message: "bad".into(), revoke_at: moment, ..base() };
    assert_eq!(check(revoke.clone()), Ok(VersionIntent::Revoke(revoke_at(RevokeAt::At(at(NOW))))));
    let in_a_day = VersionRequest {
        revoke_in: Some("1d".into()),
        disable_rollback_channels: true,
        skip_descendants: true,
        ..base()
    };
    assert_eq!(
        check(in_a_day),
        Ok(VersionIntent::Revoke(Revoke {
            at: RevokeAt::In(SignedDuration::from_hours(24)),
            message: String::new(),
            roll_back_channels: false,
            include_descendants: false,
        }))
    );
    let nothing =
        "a change of a version has one of `complete`, `restore`, `revoke_at` and `revoke_in`, found none";
    assert_eq!(check(base()), Err(nothing.into()));
    assert_eq!(check(VersionRequest { revoke_in: Some(String::new()), ..base() }), Err(nothing.into()));
    let several = |found: &str| {
        Err(format!(
            "a change of a version has only one of `complete`, `restore`, `revoke_at` \
             and `revoke_in`, found {found}"
        ))
    };
    assert_eq!(
        check(VersionRequest { revoke_at: moment, revoke_in: Some("1d".into()), ..base() }),
        several("`revoke_at`, `revoke_in`")
    );
    assert_eq!(
        check(VersionRequest { complete: true, restore: true, ..base() }),
        several("`complete`, `restore`")
    );
    assert_eq!(
        check(VersionRequest { revoke_in: Some("soon".into()), ..base() }),
        Err("`revoke_in` is whole numbers with units d, h, m and s, such as `30d`, `2h45m` or `0s`; \
             found `soon`"
            .into())
    );
    assert_eq!(check(VersionRequest { message: "x".repeat(4096), ..revoke.clone() }).map(|_| ()), Ok(()));
    assert_eq!(
        check(VersionRequest { message: "x".repeat(4097), ..revoke }),
        Err("a revocation's message has at most 4096 bytes and no character NUL, found 4097 bytes".into())
    );
}

#[test]
fn a_time_to_wait_has_units() {
    let check = |s: &str| parse_revoke_in(s).map(|wait| wait.as_secs());
    assert_eq!(check("0s"), Ok(0));
    assert_eq!(check("90s"), Ok(90));
    assert_eq!(check("5m"), Ok(300));
    assert_eq!(check("2h45m"), Ok(9900));
    assert_eq!(check("30d"), Ok(2_592_000));
    assert_eq!(check("1d2h3m4s"), Ok(93_784));
    assert_eq!(check("45m2h"), Ok(9900));
    assert_eq!(check("007s"), Ok(7));
    for bad in
        ["", "0", "30", "d", "30 d", " 30d", "30d ", "-1s", "+1s", "1.5h", "1w", "30D", "1h30", "1dé", "é"]
    {
        assert_eq!(check(bad), Err(RevokeInError::Form(bad.into())));
    }
    for long in ["99999999999999999999s", "9223372036854775807d", "9223372036854775807s1s"] {
        assert_eq!(check(long), Err(RevokeInError::TooLong(long.into())));
    }
}
