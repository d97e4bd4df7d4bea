//! Numbers compute and print as Go's `math/big` does, which Packer's language is built on.

use proptest::prelude::*;

use super::*;

/// A line of the table is operand, operation, operand, result. An operand says how it came to be, and thus its
/// precision: `l:` is a literal, `c:` a count, `f:` a 64-bit float, `i:` a whole number of any size. The operations are
/// those of the language, `<` for the order, `t` for the text, and `s` for the nearest 64-bit float and the text with
/// ten digits.
#[test]
fn numbers_are_those_of_go() {
    let table = include_str!("../../../tests/data/value/numbers.tsv");
    let wrong: Vec<String> = table.lines().filter_map(fault).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong about a line.
fn fault(line: &str) -> Option<String> {
    let columns: [&str; 4] = line.split('\t').collect::<Vec<_>>().try_into().expect("four columns");
    let [left, operation, right, expected] = columns;
    let left = operand(left);
    let found = match operation {
        "t" => left.to_string(),
        "s" => {
            let (float, _) = expected.split_once(' ').expect("two texts");
            let nearest: f64 = float.trim_start_matches('+').parse().expect("a float");
            let same = nearest.to_bits() == left.to_f64().to_bits();
            let shown = if same { float.to_owned() } else { left.to_f64().to_string() };
            format!("{shown} {}", left.to_significant(10))
        }
        _ => {
            let right = operand(right);
            let result = match operation {
                "+" => left.plus(&right),
                "-" => left.minus(&right),
                "*" => left.times(&right),
                "/" => left.divided_by(&right),
                "%" => left.modulo(&right),
                _ => Ok(Number::from(left.cmp(&right) as i64)),
            };
            result.expect("finite operands").to_string()
        }
    };
    (found != expected).then(|| format!("{line}\n  found {found}"))
}

fn operand(text: &str) -> Number {
    let (kind, text) = text.split_once(':').expect("a kind");
    match kind {
        "l" => literal(text),
        "c" => Number::from(text.parse::<i64>().expect("a count")),
        "f" => Number::from_f64(text.parse().expect("a float")).expect("a number"),
        _ => Number::from_integer(text.parse().expect("a whole number")),
    }
}

fn literal(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("`{text}` is a number"))
}

#[test]
fn text_that_is_a_number() {
    let check = |text: &str| Number::parse(text).map(|number| number.to_string());
    for (text, expected) in [
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("1.5p-1", "0.75"),
        ("1P3", "8"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+1", "1"),
        ("007", "7"),
        ("-0", "-0"),
        ("0e99999", "0"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
        ("1e999999999", "+Inf"),
        ("1e-999999999", "0"),
        ("9223372036854775808", "9223372036854775808"),
        (
            "12345678901234567890123456789012345678901234567890",
            "12345678901234567890123456789012345678901234567890",
        ),
    ] {
        assert_eq!(check(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "a",
        "0x10",
        "0b1",
        "1_000",
        " 1",
        "1 ",
        "1e",
        "e5",
        ".",
        "INF",
        "infinity",
        "NaN",
        "--1",
        "1e1.5",
        "1e5p3",
        "+.e1",
        "1p",
        "٣",
        "1e99999999999",
        "0x1p4",
        "1e--1",
        "+",
        "-",
    ] {
        assert_eq!(check(text), None, "{text}");
    }
}

#[test]
fn the_console_shows_short_numbers() {
    for (text, expected) in [
        ("12345678901234567890", "1.2345678901234567e+19"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9.223372036854776e+18"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "-9.223372036854776e+18"),
        ("123456.7", "123456.7"),
        ("1234567.8", "1.2345678e+06"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1e400", "+Inf"),
        ("-1e400", "-Inf"),
        ("1e-400", "0"),
        ("-1e-400", "-0"),
        ("-0", "0"),
        ("3e-324", "5e-324"),
        ("2e-324", "0"),
        ("1.7976931348623159e308", "+Inf"),
    ] {
        assert_eq!(literal(text).to_short(), expected, "{text}");
    }
}

#[test]
fn a_quotient_has_the_larger_precision_of_its_operands() {
    let third = "0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333\
                 333333333333333333333333333333333333333333333335";
    assert_eq!(literal("1").divided_by(&literal("3")).map(|n| n.to_string()), Ok(third.to_owned()));
    let counted = Number::from(1i64).divided_by(&Number::from(3i64));
    assert_eq!(counted.map(|n| n.to_string()), Ok("0.33333333333333333334".to_owned()));
    assert_eq!(
        Number::from_f64(2f64.powi(60)).map(|n| n.to_string()),
        Some("1152921504606847000".to_owned())
    );
}

#[test]
fn a_product_keeps_the_bits_it_needs() {
    let root = Number::from_f64(2f64.sqrt()).expect("a number");
    assert_eq!(root.to_string(), "1.4142135623730951");
    assert_eq!(root.times(&root).map(|n| n.to_string()), Ok("2.00000000000000027343234630647693".to_owned()));
}

#[test]
fn what_has_no_result_says_so() {
    let [zero, one, infinite] = ["0", "1", "inf"].map(literal);
    assert_eq!(zero.divided_by(&zero), Err(ArithmeticError::Quotient));
    assert_eq!(infinite.divided_by(&infinite), Err(ArithmeticError::Quotient));
    assert_eq!(infinite.minus(&infinite), Err(ArithmeticError::Difference));
    assert_eq!(infinite.plus(&infinite.negated()), Err(ArithmeticError::Sum));
    assert_eq!(zero.times(&infinite), Err(ArithmeticError::Product));
    assert_eq!(one.modulo(&infinite), Err(ArithmeticError::Remainder));
    assert_eq!(infinite.modulo(&one), Err(ArithmeticError::Remainder));
    assert_eq!(one.divided_by(&zero), Ok(infinite.clone()));
    assert_eq!(one.negated().divided_by(&zero), Ok(infinite.negated()));
    assert_eq!(one.divided_by(&infinite), Ok(zero));
}

#[test]
fn zero_has_a_sign_that_only_its_text_shows() {
    let [zero, minus_zero] = ["0", "-0"].map(literal);
    assert_eq!(zero, minus_zero);
    assert_eq!(zero.cmp(&minus_zero), Ordering::Equal);
    let check = |result: Result<Number, ArithmeticError>| result.map(|n| n.to_string());
    assert_eq!(check(zero.times(&literal("-1"))), Ok("-0".to_owned()));
    assert_eq!(check(zero.divided_by(&literal("-5"))), Ok("-0".to_owned()));
    assert_eq!(check(minus_zero.plus(&minus_zero)), Ok("-0".to_owned()));
    assert_eq!(check(minus_zero.plus(&zero)), Ok("0".to_owned()));
    assert_eq!(check(literal("1").minus(&literal("1"))), Ok("0".to_owned()));
    assert_eq!(check(literal("-4").modulo(&literal("2"))), Ok("0".to_owned()));
}

#[test]
fn text_without_measure_is_read_within_measure() {
    let long = "7".repeat(1_000_000);
    assert_eq!(literal(&long), literal("inf"));
    assert_eq!(literal(&format!("0.{long}")).to_short(), "0.7777777777777778");
    assert_eq!(literal(&format!("{long}e-1000000")).to_short(), "0.7777777777777778");
    assert_eq!(literal("1e78000").to_string().len(), 78_001);
    assert_eq!(literal("1e-78000").to_string().len(), 78_002);
}

fn any_number() -> impl Strategy<Value = Number> {
    let magnitude = prop_oneof![
        "[0-9]{1,30}",
        "[0-9]{1,30}\\.[0-9]{1,30}",
        "[0-9]{1,200}",
        "[0-9]{1,10}e-?[0-9]{1,3}",
        Just("inf".to_owned()),
    ];
    let read = (any::<bool>(), magnitude)
        .prop_map(|(negative, text)| literal(&format!("{}{text}", if negative { "-" } else { "" })));
    prop_oneof![
        read,
        any::<i64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("NaN", Number::from_f64)
    ]
}

proptest! {
    #[test]
    fn text_reads_back(number in any_number()) {
        // A count or a float is written with as few digits as its own precision needs.
        let literal = Number { precision: PRECISION, ..number };
        prop_assert_eq!(Number::parse(&literal.to_string()), Some(literal));
    }

    #[test]
    fn any_text_is_a_number_or_none(text in "[-+]?[0-9.eEpPinf_é]{0,12}", any in any::<String>()) {
        let digits = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        prop_assert!(Number::parse(&text).is_none_or(|number| digits(&text) || number.is_infinite()));
        prop_assert!(Number::parse(&any).is_none_or(|_| any.is_ascii()));
    }

    #[test]
    fn floats_read_back(float in any::<f64>().prop_filter("NaN", |float| !float.is_nan())) {
        let number = Number::from_f64(float).expect("a number");
        prop_assert_eq!(number.to_f64().to_bits(), float.to_bits());
        prop_assert_eq!(number.to_string().trim_start_matches('+').parse(), Ok(float));
    }

    #[test]
    fn the_order_is_total(a in any_number(), b in any_number(), c in any_number()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn the_order_is_that_of_the_difference(a in any_number(), b in any_number()) {
        // Of infinity there is none.
        let Ok(difference) = a.minus(&b) else { return Ok(()) };
        // Rounding can hide a difference, but not turn it.
        let difference = difference.cmp(&Number::from(0i64));
        prop_assert!(difference == Ordering::Equal || difference == a.cmp(&b));
    }

    #[test]
    fn small_numbers_are_exact(a in any::<i64>(), b in any::<i64>()) {
        let integer = |number: i128| Number::from_integer(IBig::from(number));
        let [x, y] = [a, b].map(Number::literal);
        let (a, b) = (i128::from(a), i128::from(b));
        prop_assert_eq!(x.plus(&y), Ok(integer(a + b)));
        prop_assert_eq!(x.minus(&y), Ok(integer(a - b)));
        prop_assert_eq!(x.times(&y), Ok(integer(a * b)));
        if b != 0 {
            prop_assert_eq!(x.modulo(&y), Ok(integer(a % b)));
        }
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
    }

    #[test]
    fn whole_parts_are_near(number in any_number()) {
        let (down, up, whole) = (number.floor(), number.ceil(), number.truncated());
        prop_assert!(down <= number && number <= up);
        prop_assert!(whole == down || whole == up);
        prop_assert_eq!(number.is_integer(), down == up && !number.is_infinite());
    }
}
