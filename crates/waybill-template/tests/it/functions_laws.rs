//! Laws of the functions of numbers, strings and collections: they answer whatever they are given, within limits, and
//! what they answer does not change when more becomes known.

use std::{collections::BTreeMap, sync::Arc};

use proptest::{collection::vec, prelude::*, sample::select};
use waybill_template::{
    function::{self, FunctionError, MAX_ELEMENTS, MAX_TEXT},
    scope::Surroundings,
    value::{Number, Type, Value, convert},
    world::memory::MemoryWorld,
};

const NAMES: [&str; 57] = [
    "abs",
    "alltrue",
    "anytrue",
    "ceil",
    "chomp",
    "chunklist",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "contains",
    "distinct",
    "element",
    "endswith",
    "flatten",
    "floor",
    "format",
    "formatlist",
    "indent",
    "index",
    "join",
    "keys",
    "length",
    "log",
    "lookup",
    "lower",
    "max",
    "merge",
    "min",
    "parseint",
    "pow",
    "range",
    "regex",
    "regex_replace",
    "regexall",
    "replace",
    "reverse",
    "setintersection",
    "setproduct",
    "setunion",
    "signum",
    "slice",
    "sort",
    "split",
    "startswith",
    "strcontains",
    "strrev",
    "substr",
    "sum",
    "title",
    "trim",
    "trimprefix",
    "trimspace",
    "trimsuffix",
    "upper",
    "values",
    "zipmap",
];

fn call(name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
    let world = Arc::new(MemoryWorld::new("/project"));
    let surroundings = Surroundings { world, root: ".".into(), in_template_file: false };
    function::find(name).expect("a function").apply(arguments, &surroundings)
}

fn text() -> impl Strategy<Value = String> {
    let pieces = select(
        &[
            "a", "b", "", "é", "e\u{301}", "🇩🇪", "\r\n", "%s", "%d", "%v", "%[2]q", "%-05.1f", "%%", "%",
            "(", "a)", "(?P<n>b)", "[a-c]", "*", "$1", "${n}", "\\d", "1", "-2.5", "1e9", "true", " ",
        ][..],
    );
    vec(pieces, 0..5).prop_map(|pieces| pieces.concat())
}

fn primitive_type() -> impl Strategy<Value = Type> {
    select(&[Type::String, Type::Number, Type::Bool, Type::Dynamic][..])
}

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-3i64..12).prop_map(Number::from),
        any::<f64>().prop_filter_map("not a number", Number::from_f64),
        select(&["1e9999", "-1e-9999", "99999999999999999999", "0.1"][..])
            .prop_filter_map("a number", Number::parse),
    ];
    let leaf = prop_oneof![
        4 => text().prop_map(Value::from),
        3 => number.prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => primitive_type().prop_map(Value::Null),
        1 => primitive_type().prop_map(Value::Unknown),
        1 => primitive_type().prop_map(|ty| Value::Unknown(Type::list(ty))),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let tuple = vec(inner.clone(), 0..5).prop_map(Value::tuple).boxed();
        let object = vec((text(), inner), 0..4).prop_map(|members| {
            Value::object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
        });
        let object = object.boxed();
        let to = |of: fn(Type) -> Type| {
            move |(value, element): (Value, Type)| convert(&value, &of(element)).unwrap_or(value)
        };
        prop_oneof![
            3 => tuple.clone(),
            2 => object.clone(),
            2 => (tuple.clone(), primitive_type()).prop_map(to(Type::list)),
            1 => (tuple, primitive_type()).prop_map(to(Type::set)),
            1 => (object, primitive_type()).prop_map(to(Type::map)),
        ]
    })
}

/// The value where all is known: something in the place of what is unknown.
fn known(value: &Value) -> Value {
    let all = |values: &[Value]| values.iter().map(known).collect::<Vec<_>>();
    let members = |values: &BTreeMap<Arc<str>, Value>| {
        values.iter().map(|(name, value)| (name.clone(), known(value))).collect::<BTreeMap<_, _>>()
    };
    match value {
        Value::Unknown(Type::String | Type::Dynamic) => Value::string("a"),
        Value::Unknown(Type::Number) => Value::from(1i64),
        Value::Unknown(Type::Bool) => Value::bool(true),
        Value::Unknown(Type::List(element)) => {
            Value::list(Type::clone(element), [known(&Value::Unknown(Type::clone(element)))])
        }
        Value::List(element, values) => Value::list(element.clone(), all(values)),
        Value::Set(element, values) => Value::set(element.clone(), all(values)),
        Value::Map(element, values) => Value::map(element.clone(), members(values)),
        Value::Tuple(values) => Value::tuple(all(values)),
        Value::Object(values) => Value::object(members(values)),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn functions_answer_whatever_they_are_given(name in select(&NAMES[..]), arguments in vec(value(), 0..4)) {
        if let Ok(value) = call(name, &arguments) {
            prop_assert!(value.as_str().is_none_or(|text| text.len() <= MAX_TEXT));
            prop_assert!(value.length().is_none_or(|length| length <= MAX_ELEMENTS));
        }
    }

    /// What is told while something is unknown stays true when it becomes known.
    #[test]
    fn a_known_answer_stays_when_more_is_known(name in select(&NAMES[..]), arguments in vec(value(), 1..4)) {
        // `sort` has unknown elements in all places; `lookup` and the like are asked with other types. `coalescelist` looks
        // at no argument behind an unknown one, as in Packer, so that it may refuse one later.
        let then: Vec<Value> = arguments.iter().map(known).collect();
        let has_type = !arguments.iter().any(|argument| argument.ty().has_dynamic());
        if let Ok(early) = call(name, &arguments)
            && early.is_wholly_known()
            && has_type
            && name != "coalescelist"
        {
            prop_assert_eq!(call(name, &then), Ok(early), "{} {:?}", name, arguments);
        }
    }
}

#[test]
fn results_have_limits() {
    let refuses = |name: &str, arguments: &[Value], expected: &str| {
        let error = call(name, arguments).expect_err(name);
        assert_eq!(error.message, expected, "{name}");
    };
    let long = Value::string("a".repeat(1 << 20));
    let (too_long, too_many) =
        ("the result is longer than 64 MiB", "the result has more than 1048576 elements");
    refuses("replace", &["a".repeat(100).into(), "".into(), long.clone()], too_long);
    refuses("regex_replace", &["a".repeat(100).into(), "".into(), long.clone()], too_long);
    refuses("join", &[long.clone(), Value::list(Type::String, vec![Value::string(""); 100])], too_long);
    refuses("indent", &[Value::from(1i64 << 20), "\n".repeat(100).into()], too_long);
    refuses(
        "format",
        &["%1000000s".repeat(100).into(), long.clone()],
        "\"%1000000s\" stands for argument 2, but only 1 is given",
    );
    refuses("format", &["%1000000[1]s".repeat(100).into(), "a".into()], too_long);
    refuses(
        "formatlist",
        &["%1000000s".into(), Value::list(Type::String, vec![Value::string(""); 100])],
        too_long,
    );
    let hundred = Value::list(Type::Number, (0..100).map(Value::from).collect::<Vec<_>>());
    refuses("setproduct", &vec![hundred.clone(); 4], too_many);
    refuses("split", &["".into(), "a".repeat((1 << 20) + 1).into()], too_many);
    refuses("regexall", &["".into(), "a".repeat(1 << 20).into()], too_many);
    let mut nested = Value::tuple([]);
    for _ in 0..60 {
        nested = Value::tuple([nested.clone(), nested]);
    }
    refuses("flatten", &[Value::tuple([nested])], too_many);
    let many = Value::tuple(vec![Value::bool(true); 1 << 19]);
    refuses("concat", &[many.clone(), many.clone(), many], too_many);
    refuses("regex", &["(a{1000}".into(), long], "this is no regular expression: unclosed group");
}
