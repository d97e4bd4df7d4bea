//! Laws that hold for all values and types.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{convert::check, unify::Unifier, *};
use crate::{diagnostic::Diagnostics, source::FileId};

fn name() -> impl Strategy<Value = Arc<str>> {
    prop_oneof!["[abc]".prop_map(Arc::from), Just(Arc::from("e\u{301}"))]
}

fn any_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Dynamic), Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Type::tuple),
            (prop::collection::btree_map("[abc]".prop_map(Arc::from), inner, 0..3), any::<bool>()).prop_map(
                |(attributes, all_optional)| {
                    let optional =
                        if all_optional { attributes.keys().cloned().collect() } else { [].into() };
                    Type::Object(Arc::new(ObjectType { attributes, optional }))
                }
            ),
        ]
    })
}

/// Values as expressions make them: structures, and collections that were converted from them.
fn any_value() -> impl Strategy<Value = Value> {
    let known = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-3i64..4).prop_map(Value::from),
        prop::sample::select(vec!["0.5", "-0", "1e30", "12345678901", "12345678902", "inf"])
            .prop_map(|text| Value::number(Number::parse(text).expect("a number"))),
        prop::sample::select(vec!["", "a", "b", "1", "true", "e\u{301}", "\n"]).prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        8 => known,
        1 => Just(Value::null()),
        1 => prop::sample::select(vec![Type::Dynamic, Type::Bool, Type::String]).prop_map(Value::Unknown),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let values = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            values.clone().prop_map(Value::tuple),
            prop::collection::btree_map(name(), inner, 0..3).prop_map(Value::object),
            (values, any_type()).prop_map(|(values, ty)| {
                let value = Value::tuple(values);
                convert(&value, &Type::list(ty)).unwrap_or(value)
            }),
            any_type().prop_map(|ty| Value::Null(ty.without_optional())),
            any_type().prop_map(|ty| Value::Unknown(ty.without_optional())),
        ]
    })
}

fn known_value() -> impl Strategy<Value = Value> {
    any_value().prop_filter("unknown", Value::is_wholly_known)
}

proptest! {
    #[test]
    fn a_value_is_of_its_type(value in any_value()) {
        prop_assert_eq!(convert(&value, &value.ty()), Ok(value.clone()));
        prop_assert_eq!(convert(&value, &Type::Dynamic), Ok(value));
    }

    #[test]
    fn converting_twice_is_converting_once(value in any_value(), ty in any_type()) {
        if let Ok(converted) = convert(&value, &ty) {
            prop_assert_eq!(convert(&converted, &ty), Ok(converted.clone()));
            prop_assert!(check(&mut Unifier::default(), &value.ty(), &ty).is_ok());
            if !ty.has_dynamic() {
                prop_assert_eq!(converted.ty(), ty.without_optional());
            }
        }
    }

    #[test]
    fn what_is_null_or_unknown_stays_so(value in any_value(), ty in any_type()) {
        if let Ok(converted) = convert(&value, &ty) {
            prop_assert_eq!(value.is_null(), converted.is_null());
            prop_assert!(value.is_known() || !converted.is_known());
        }
    }

    #[test]
    fn all_types_convert_to_what_they_have_in_common(types in prop::collection::vec(any_type(), 1..4)) {
        let types: Vec<Type> = types.iter().map(Type::without_optional).collect();
        if let Some(common) = unify(&types) {
            for ty in &types {
                prop_assert!(check(&mut Unifier::default(), ty, &common).is_ok(), "{} to {}", ty, common);
            }
        }
    }

    #[test]
    fn two_types_have_in_common_what_they_have_the_other_way_round(a in any_type(), b in any_type()) {
        let [a, b] = [a, b].map(|ty| ty.without_optional());
        prop_assert_eq!(unify(&[a.clone(), b.clone()]), unify(&[b, a.clone()]));
        prop_assert_eq!(unify(&[a.clone(), a.clone()]), Some(a));
    }

    #[test]
    fn equality_is_an_equivalence(a in known_value(), b in known_value(), c in known_value()) {
        let equal = |a: &Value, b: &Value| a.equals(b).as_bool();
        prop_assert_eq!(equal(&a, &a), Some(true));
        prop_assert!(equal(&a, &b).is_some());
        prop_assert_eq!(equal(&a, &b), equal(&b, &a));
        if equal(&a, &b) == Some(true) && equal(&b, &c) == Some(true) {
            prop_assert_eq!(equal(&a, &c), Some(true));
        }
    }

    #[test]
    fn equality_with_something_unknown_is_symmetric(a in any_value(), b in any_value()) {
        prop_assert_eq!(a.equals(&b), b.equals(&a));
    }

    #[test]
    fn a_set_has_each_of_its_values_once(values in prop::collection::vec(known_value(), 0..6)) {
        let list = Value::tuple(values);
        let Ok(set) = convert(&list, &Type::set(Type::String)) else { return Ok(()) };
        let elements = set.as_slice().expect("is known");
        for value in list.as_slice().unwrap_or_default() {
            prop_assert!(elements.contains(&convert(value, &Type::String).expect("did convert")));
        }
        prop_assert!(elements.windows(2).all(|pair| pair[0] != pair[1]));
        let reversed: Vec<Value> = elements.iter().rev().chain(elements).cloned().collect();
        prop_assert_eq!(Value::set(Type::String, reversed), set);
    }

    #[test]
    fn sets_of_sets_are_sets(values in prop::collection::vec(prop::collection::vec(0i64..4, 0..4), 0..5)) {
        let number = Type::Number;
        let inner = |values: &Vec<i64>| Value::set(number.clone(), values.iter().map(|&n| Value::from(n)).collect::<Vec<_>>());
        let set = |values: Vec<Value>| Value::set(Type::set(number.clone()), values);
        let inners: Vec<Value> = values.iter().map(inner).collect();
        let mut reversed = inners.clone();
        reversed.reverse();
        prop_assert_eq!(set(inners.clone()), set(reversed));
        let whole = set(inners.clone());
        prop_assert!(inners.iter().all(|inner| whole.as_slice().is_some_and(|all| all.contains(inner))));
    }

    #[test]
    fn elements_are_found_by_their_keys(value in any_value()) {
        let is_set = matches!(value, Value::Set(..));
        for (key, element) in value.elements().into_iter().flatten().filter(|_| !is_set) {
            prop_assert_eq!(value.index(&key), Ok(element));
        }
    }

    #[test]
    fn json_says_everything_but_which_collection_it_was(value in known_value()) {
        let Ok(text) = json::encode(&value) else { return Ok(()) };
        let mut faults = Diagnostics::default();
        let node = crate::json::parse(FileId::default(), &text, &mut faults).expect("is JSON");
        let decoded = json::decode(&node).expect("has only our numbers");
        prop_assert_eq!(json::encode(&decoded), Ok(text));
        prop_assert_eq!(console(&decoded), console(&value));
    }
}

#[test]
fn text_is_normalised() {
    assert_eq!(Value::from("e\u{301}"), Value::from("é"));
    let object = |name: &str| Value::object(BTreeMap::from([(name.into(), true.into())]));
    assert_eq!(object("e\u{301}"), object("é"));
    assert_eq!(object("é").attribute("e\u{301}"), Ok(true.into()));
}
