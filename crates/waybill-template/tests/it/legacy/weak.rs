//! Weak typing, as the options of Packer's components have it.

use waybill_go::duration::Duration;
use waybill_template::{
    json::{self, Node},
    legacy::weak,
    source::FileId,
};

fn node(text: &str) -> Node {
    json::read(FileId::default(), text).expect("JSON")
}

#[test]
fn values_are_taken_for_others() {
    let text = |json: &str| weak::text(&node(json)).map(|it| it.map(|it| it.to_string())).map_err(|_| ());
    for (json, expected) in [
        (r#""a""#, Ok(Some("a"))),
        ("12.50", Ok(Some("12.5"))),
        ("1e21", Ok(Some("1000000000000000000000"))),
        ("123456789012345678", Ok(Some("123456789012345680"))),
        ("-0", Ok(Some("-0"))),
        ("true", Ok(Some("1"))),
        ("false", Ok(Some("0"))),
        ("null", Ok(None)),
        ("1e999", Err(())),
        ("[]", Err(())),
        (r#"["a"]"#, Err(())),
        ("{}", Err(())),
    ] {
        assert_eq!(text(json), expected.map(|it| it.map(str::to_owned)), "{json}");
    }
    let truth = |json: &str| weak::truth(&node(json)).map_err(|_| ());
    for (json, expected) in [
        ("true", Ok(Some(true))),
        (r#""true""#, Ok(Some(true))),
        (r#""T""#, Ok(Some(true))),
        (r#""1""#, Ok(Some(true))),
        (r#""False""#, Ok(Some(false))),
        (r#""""#, Ok(Some(false))),
        ("2", Ok(Some(true))),
        ("0", Ok(Some(false))),
        ("1.5", Ok(Some(true))),
        ("null", Ok(None)),
        (r#""yes""#, Err(())),
        (r#""tRUE""#, Err(())),
        ("[]", Err(())),
        ("{}", Err(())),
    ] {
        assert_eq!(truth(json), expected, "{json}");
    }
    let integer = |json: &str| weak::integer(&node(json)).map_err(|_| ());
    for (json, expected) in [
        ("22", Ok(Some(22))),
        ("22.7", Ok(Some(22))),
        ("-5", Ok(Some(-5))),
        ("1e3", Ok(Some(1000))),
        ("true", Ok(Some(1))),
        (r#""22""#, Ok(Some(22))),
        (r#""0x16""#, Ok(Some(22))),
        (r#""017""#, Ok(Some(15))),
        (r#""1_000""#, Ok(Some(1000))),
        (r#""""#, Ok(Some(0))),
        ("null", Ok(None)),
        (r#""1.5""#, Err(())),
        (r#"" 22""#, Err(())),
        (r#""99999999999999999999""#, Err(())),
        (r#"["22"]"#, Err(())),
    ] {
        assert_eq!(integer(json), expected, "{json}");
    }
    let duration =
        |json: &str| weak::duration(&node(json)).map(|it| it.map(Duration::as_nanoseconds)).map_err(|_| ());
    for (json, expected) in [
        (r#""1h30m""#, Ok(Some(5_400_000_000_000))),
        (r#""-1s""#, Ok(Some(-1_000_000_000))),
        ("22", Ok(Some(22))),
        ("1.5", Ok(Some(1))),
        ("true", Ok(Some(1))),
        ("null", Ok(None)),
        (r#""""#, Err(())),
        (r#""1.5""#, Err(())),
        ("[]", Err(())),
    ] {
        assert_eq!(duration(json), expected, "{json}");
    }
}

#[test]
fn one_value_or_a_text_is_a_list() {
    let texts = |json: &str| weak::texts(&node(json)).map(|it| it.join("|")).map_err(|_| ());
    for (json, expected) in [
        (r#"["a,b","c"]"#, Ok("a,b|c")),
        (r#""a,b""#, Ok("a|b")),
        (r#""a, b,""#, Ok("a| b|")),
        (r#""""#, Ok("")),
        ("1", Ok("1")),
        ("true", Ok("1")),
        (r#"[1,true,null,1.5,"x"]"#, Ok("1|1||1.5|x")),
        ("null", Ok("")),
        ("{}", Ok("")),
        ("[]", Ok("")),
        (r#"{"a":"b"}"#, Err(())),
        (r#"[["a"]]"#, Err(())),
    ] {
        assert_eq!(texts(json), expected.map(str::to_owned), "{json}");
    }
    let map = |json: &str| {
        let members = weak::map(&node(json)).map_err(|_| ())?;
        Ok(members.map(|members| {
            let members =
                members.iter().map(|it| format!("{}={}", it.key, it.value.as_str().map_or("", |it| it)));
            members.collect::<Vec<_>>().join(" ")
        }))
    };
    for (json, expected) in [
        (r#"{"A":"1"}"#, Ok(Some("A=1"))),
        (r#"[{"A":"1","B":"2"},{"A":"3"}]"#, Ok(Some("B=2 A=3"))),
        ("[]", Ok(Some(""))),
        ("null", Ok(None)),
        (r#""A=1""#, Err(())),
        ("1", Err(())),
        ("[1]", Err(())),
    ] {
        assert_eq!(map(json), expected.map(|it| it.map(str::to_owned)), "{json}");
    }
}

#[test]
fn keys_are_found_whatever_their_case() {
    let object = node(r#"{"Inline":1,"inline":2,"SCRIPT":3}"#);
    let found = |name: &str| weak::member(&object, name).map(|member| member.key.to_string());
    assert_eq!(found("inline").as_deref(), Some("inline"));
    assert_eq!(found("INLINE").as_deref(), Some("Inline"));
    assert_eq!(found("script").as_deref(), Some("SCRIPT"));
    assert_eq!(found("scripts"), None);
}
