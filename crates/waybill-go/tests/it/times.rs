//! Layouts of times and strftime.

use jiff::Timestamp;
use waybill_go::{layout, strftime};

fn at(nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(nanoseconds.into()).expect("a time within the range")
}

#[test]
fn a_layout_gives_what_go_gives() {
    let mut wrong = Vec::new();
    for line in include_str!("../data/layouts.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [time, example, expected] = line.splitn(3, '\t').collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}")
        };
        let got = layout::format(at(time.parse().expect("nanoseconds")), example);
        if got != expected {
            wrong.push(format!("{time} {example:?}: {got:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn strftime_knows_a_few_directives_and_copies_the_others() {
    let now = at(1_700_000_000_123_456_789);
    for (format, expected) in [
        ("%Y-%m-%dT%H:%M:%S", "2023-11-14T22:13:20"),
        ("%a %A %b %B %d %I %p %y %z %Z", "Tue Tuesday Nov November 14 10 PM 23 +0000 UTC"),
        ("%L", ".123"),
        ("%c %e %f %j %s %D %F %-d %_d", "%c %e %f %j %s %D %F %-d %_d"),
        ("%% %%% %", "% %% %"),
        ("100%!", "100%!"),
        ("%é", "%é"),
        ("", ""),
    ] {
        assert_eq!(strftime::format(now, format), expected, "{format}");
    }
    assert_eq!(strftime::format(at(0), "%I %p %H"), "12 AM 00");
    assert_eq!(strftime::format(at(-1), "%I %p %L %y"), "11 PM .999 69");
}
