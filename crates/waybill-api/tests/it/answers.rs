//! How answers and errors are written and read.

use serde_json::json;
use waybill_api::{
    error::{Code, Status},
    hcp,
};

use crate::samples::time;

#[test]
fn unset_members_are_omitted_and_the_others_stay() {
    let empty =
        hcp::Version { name: "v0".to_owned(), created_at: time(), updated_at: time(), ..<_>::default() };
    assert_eq!(
        serde_json::to_value(empty).unwrap(),
        json!({
            "id": "", "bucket_name": "", "name": "v0", "fingerprint": "", "status": "VERSION_UNSET",
            "author_id": "", "has_descendants": false, "builds": [],
            "created_at": "2026-02-03T04:05:06.000000Z", "updated_at": "2026-02-03T04:05:06.000000Z",
        })
    );
    let bucket = serde_json::to_value(hcp::Bucket { version_count: i64::MAX, ..<_>::default() }).unwrap();
    assert_eq!(bucket["version_count"], "9223372036854775807");
}

#[test]
fn an_answer_with_null_lists_is_read_and_one_without_its_subject_is_not() {
    let list: hcp::ListBucketsResponse = serde_json::from_value(json!({"buckets": null})).unwrap();
    assert_eq!(list, hcp::ListBucketsResponse::default());
    let answer = json!({"channel": {"name": "prod", "version": {"builds": null, "revoke_at": null}}});
    let answer: hcp::GetChannelResponse = serde_json::from_value(answer).unwrap();
    assert_eq!(answer.channel.version.unwrap().builds, []);
    let error = serde_json::from_value::<hcp::GetChannelResponse>(json!({})).unwrap_err();
    assert_eq!(error.to_string(), "missing field `channel`");
}

#[test]
fn an_error_has_its_three_members() {
    let status = Status::new(Code::Aborted, "no such version");
    assert_eq!(
        serde_json::to_string(&status).unwrap(),
        r#"{"code":10,"message":"no such version","details":[]}"#
    );
    let read: Status = serde_json::from_value(json!({"code": 99, "details": null, "error": "x"})).unwrap();
    assert_eq!((read.code, read.details.len()), (Code::Unknown, 0));
    let statuses = [3, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16].map(|code| Code::from(code).http_status());
    assert_eq!(statuses, [400, 404, 409, 403, 429, 400, 409, 501, 500, 503, 401]);
}
