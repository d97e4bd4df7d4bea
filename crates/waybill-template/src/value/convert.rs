//! Conversion of values to types: what `convert()` does, and every place that asks for a type.
//!
//! Primitive values become text and are read from it. A tuple or set becomes a list or a set, an object a map, a map an
//! object if it has the elements; what is inside of them is converted too. An object loses attributes that are not asked
//! for. Where any type will do (`list(any)`), the elements get the one type they have in common. Null and unknown
//! values keep being that, of the new type.

use std::{collections::BTreeMap, sync::Arc};

use thiserror::Error;

use super::{Number, ObjectType, Type, Value, unify::Unifier};

/// Why a value does not convert, and where in the value that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Error)]
#[error("{path}{}{message}", if .path.is_empty() { "" } else { ": " })]
pub struct ConversionError {
    /// The place of the fault in the value, `.name[0]["key"]`; empty if it is the value itself.
    pub path: String,
    pub message: String,
}

/// Converts a value to a type. It may be a constraint: an attribute that is optional in it and missing becomes null.
pub fn convert(value: &Value, to: &Type) -> Result<Value, ConversionError> {
    if value.is_of(to) { Ok(value.clone()) } else { convert_known(value, to) }
}

fn convert_known(value: &Value, to: &Type) -> Result<Value, ConversionError> {
    match (value, to) {
        (_, Type::Dynamic) => Ok(value.clone()),
        (Value::Null(from), _) => {
            check(&mut Unifier::default(), from, to)?;
            Ok(Value::Null(filled(from, to)))
        }
        (Value::Unknown(from), _) => {
            check(&mut Unifier::default(), from, to)?;
            Ok(Value::Unknown(filled(from, to)))
        }
        (Value::Bool(value), Type::String) => Ok(Value::string(if *value { "true" } else { "false" })),
        (Value::Number(number), Type::String) => Ok(Value::string(number.to_string())),
        (Value::String(text), Type::Bool) => parse_bool(text),
        (Value::String(text), Type::Number) => match Number::parse(text) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(ConversionError::new("a number is required")),
        },
        (Value::List(from, values) | Value::Set(from, values), Type::List(element) | Type::Set(element)) => {
            check_empty(values.is_empty(), from, element)?;
            // An empty one knows better than `any` what would be in it.
            let fallback = if **element == Type::Dynamic { from } else { &**element };
            let gathered = gather(convert_all(values, element)?, fallback, to)?;
            // Elements that are unknown could turn out to be one.
            let is_open = matches!((value, to), (Value::Set(..), Type::List(_)))
                && 1 < values.len()
                && !value.is_wholly_known();
            Ok(if is_open { Value::Unknown(gathered.ty()) } else { gathered })
        }
        (Value::Tuple(values), Type::List(element) | Type::Set(element)) => {
            let common = common_type(values.iter(), element, to)?;
            gather(convert_all(values, &common)?, element, to)
        }
        (Value::Tuple(values), Type::Tuple(types)) if values.len() == types.len() => {
            let elements = values.iter().zip(&**types).enumerate();
            let elements = elements
                .map(|(index, (value, ty))| convert(value, ty).map_err(|error| error.at_index(index)));
            Ok(Value::Tuple(elements.collect::<Result<_, _>>()?))
        }
        (Value::Map(from, values), Type::Map(element)) => {
            check_empty(values.is_empty(), from, element)?;
            let fallback = if **element == Type::Dynamic { from } else { &**element };
            gather_map(convert_members(values, element, ConversionError::at_key)?, fallback, element)
        }
        (Value::Object(values), Type::Map(element)) => {
            let common = common_type(values.values(), element, to)?;
            gather_map(convert_members(values, &common, ConversionError::at_attribute)?, element, element)
        }
        (Value::Map(from, values), Type::Object(object)) => {
            for ty in object.attributes.values() {
                check(&mut Unifier::default(), from, ty).map_err(|error| error.in_elements(from, ty))?;
            }
            to_object(values, object, ConversionError::at_key, |name| {
                ConversionError::new(format!("the map has no element for the required attribute {name:?}"))
            })
        }
        (Value::Object(values), Type::Object(object)) => {
            let missing = missing_attributes(object, |name| values.contains_key(name));
            if let Some(error) = missing {
                return Err(error);
            }
            to_object(values, object, ConversionError::at_attribute, |_| ConversionError::default())
        }
        _ => Err(mismatch(&value.ty(), to)),
    }
}

impl Value {
    /// Whether a value is of a type already, so that converting it would change nothing.
    fn is_of(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Unknown(own) | Self::Null(own), _) => is_same(own, ty),
            (Self::Bool(_), Type::Bool)
            | (Self::Number(_), Type::Number)
            | (Self::String(_), Type::String) => true,
            (Self::List(own, _), Type::List(element))
            | (Self::Set(own, _), Type::Set(element))
            | (Self::Map(own, _), Type::Map(element)) => is_same(own, element),
            (Self::Tuple(values), Type::Tuple(types)) => {
                values.len() == types.len() && values.iter().zip(&**types).all(|(value, ty)| value.is_of(ty))
            }
            (Self::Object(values), Type::Object(object)) => {
                values.keys().eq(object.attributes.keys())
                    && values.values().zip(object.attributes.values()).all(|(value, ty)| value.is_of(ty))
            }
            _ => false,
        }
    }
}

/// Whether a constraint stands for exactly this type.
fn is_same(ty: &Type, constraint: &Type) -> bool {
    match (ty, constraint) {
        (Type::List(own), Type::List(other))
        | (Type::Set(own), Type::Set(other))
        | (Type::Map(own), Type::Map(other)) => is_same(own, other),
        (Type::Tuple(own), Type::Tuple(other)) => {
            own.len() == other.len() && own.iter().zip(&**other).all(|(own, other)| is_same(own, other))
        }
        (Type::Object(own), Type::Object(other)) => {
            own.attributes.keys().eq(other.attributes.keys())
                && own
                    .attributes
                    .values()
                    .zip(other.attributes.values())
                    .all(|(own, other)| is_same(own, other))
        }
        _ => ty == constraint,
    }
}

/// Whether values of a type could convert, as far as the types tell: text may turn out to be no number.
pub(super) fn check(unifier: &mut Unifier, from: &Type, to: &Type) -> Result<(), ConversionError> {
    match (from, to) {
        (_, Type::Dynamic)
        | (Type::Dynamic, _)
        | (Type::Bool, Type::Bool | Type::String)
        | (Type::Number, Type::Number | Type::String)
        | (Type::String, Type::Bool | Type::Number | Type::String) => Ok(()),
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => {
            check(unifier, from, to).map_err(|error| error.in_elements(from, to))
        }
        (Type::Tuple(from), Type::List(element) | Type::Set(element)) => {
            let common = common_of_types(unifier, from.iter(), element, to)?;
            from.iter().enumerate().try_for_each(|(index, from)| {
                check(unifier, from, &common).map_err(|error| error.at_index(index))
            })
        }
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            from.iter().zip(&**to).enumerate().try_for_each(|(index, (from, to))| {
                check(unifier, from, to).map_err(|error| error.at_index(index))
            })
        }
        (Type::Object(from), Type::Map(element)) => {
            let common = common_of_types(unifier, from.attributes.values(), element, to)?;
            from.attributes.iter().try_for_each(|(name, from)| {
                check(unifier, from, &common).map_err(|error| error.at_attribute(name))
            })
        }
        (Type::Map(from), Type::Object(to)) => to
            .attributes
            .values()
            .try_for_each(|to| check(unifier, from, to).map_err(|error| error.in_elements(from, to))),
        (Type::Object(from), Type::Object(to)) => {
            if let Some(error) = missing_attributes(to, |name| from.attributes.contains_key(name)) {
                return Err(error);
            }
            to.attributes.iter().try_for_each(|(name, to)| match from.attributes.get(name) {
                Some(from) => check(unifier, from, to).map_err(|error| error.at_attribute(name)),
                None => Ok(()),
            })
        }
        _ => Err(mismatch(from, to)),
    }
}

/// Elements that are there are checked when they convert.
fn check_empty(is_empty: bool, from: &Type, to: &Type) -> Result<(), ConversionError> {
    if !is_empty {
        return Ok(());
    }
    check(&mut Unifier::default(), from, to).map_err(|error| error.in_elements(from, to))
}

/// What the elements of a structure convert to when it becomes a collection of `element`.
fn common_type<'a>(
    values: impl ExactSizeIterator<Item = &'a Value>,
    element: &Type,
    to: &Type,
) -> Result<Type, ConversionError> {
    if *element != Type::Dynamic {
        return Ok(element.clone());
    }
    let types: Vec<Type> = values.map(Value::ty).collect();
    common_of_types(&mut Unifier::default(), types.iter(), element, to)
}

fn common_of_types<'a>(
    unifier: &mut Unifier,
    types: impl ExactSizeIterator<Item = &'a Type> + Clone,
    element: &Type,
    to: &Type,
) -> Result<Type, ConversionError> {
    if *element != Type::Dynamic || types.len() == 0 {
        return Ok(element.clone());
    }
    let all: Vec<Type> = types.cloned().collect();
    let kind = match to {
        Type::List(_) => "list",
        Type::Set(_) => "set",
        _ => "map",
    };
    let refusal = || ConversionError::new(format!("all elements of a {kind} must have the same type"));
    let common = unifier.unify(&all).ok_or_else(refusal)?;
    // Nulls and unknown values without a type go along with anything in a map, but not here.
    if kind != "map" && common == Type::Dynamic && all.iter().any(|ty| *ty != Type::Dynamic) {
        return Err(refusal());
    }
    Ok(common)
}

fn convert_all(values: &[Value], to: &Type) -> Result<Vec<Value>, ConversionError> {
    let values = values.iter().enumerate();
    values.map(|(index, value)| convert(value, to).map_err(|error| error.at_index(index))).collect()
}

type Members = BTreeMap<Arc<str>, Value>;

fn convert_members(
    values: &Members,
    to: &Type,
    at: fn(ConversionError, &str) -> ConversionError,
) -> Result<Members, ConversionError> {
    let values = values.iter();
    values
        .map(|(name, value)| Ok((name.clone(), convert(value, to).map_err(|error| at(error, name))?)))
        .collect()
}

fn to_object(
    values: &Members,
    object: &ObjectType,
    at: fn(ConversionError, &str) -> ConversionError,
    missing: fn(&str) -> ConversionError,
) -> Result<Value, ConversionError> {
    let attributes = object.attributes.iter().map(|(name, ty)| {
        let value = match values.get(name) {
            Some(value) => convert(value, ty).map_err(|error| at(error, name))?,
            None if object.optional.contains(name) => Value::Null(ty.without_optional()),
            None => return Err(missing(name)),
        };
        Ok((name.clone(), value))
    });
    Ok(Value::Object(Arc::new(attributes.collect::<Result<_, _>>()?)))
}

/// A list or set of values that were converted to the type of its elements, each by itself: where that is open, they
/// must agree yet.
fn gather(values: Vec<Value>, element: &Type, to: &Type) -> Result<Value, ConversionError> {
    let (kind, is_list) = if matches!(to, Type::List(_)) { ("list", true) } else { ("set", false) };
    let (values, element) = agree(values, element, is_list, kind)?;
    Ok(if is_list { Value::list(element, values) } else { Value::set(element, values) })
}

fn gather_map(values: Members, fallback: &Type, element: &Type) -> Result<Value, ConversionError> {
    let agreeing = if values.is_empty() { fallback } else { element };
    let (names, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
    // Tuples do in a list, but not in a map: that is how it is.
    let may_unify = !matches!(element, Type::Tuple(_));
    let (values, element) = agree(values, agreeing, may_unify, "map")?;
    Ok(Value::Map(element, Arc::new(names.into_iter().zip(values).collect())))
}

/// Gives converted elements one type, if that of the collection has anything open; those of sets must have it.
fn agree(
    values: Vec<Value>,
    element: &Type,
    may_unify: bool,
    kind: &str,
) -> Result<(Vec<Value>, Type), ConversionError> {
    if values.is_empty() || !element.has_dynamic() {
        return Ok((values, element.without_optional()));
    }
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    if let Some(common) = single_type(&types) {
        return Ok((values.into_iter().map(|value| typed(value, &common)).collect(), common));
    }
    let refusal = || ConversionError::new(format!("all elements of a {kind} must have the same type"));
    // A type that is still open makes different types no more the same.
    let common = Unifier::default().unify(&types).filter(|common| may_unify && !common.has_dynamic());
    let common = common.ok_or_else(refusal)?;
    let values = convert_all(&values, &common)?;
    Ok((values, common))
}

/// The one type that values have whose type is not open.
fn single_type(types: &[Type]) -> Option<Type> {
    let mut closed = types.iter().filter(|ty| **ty != Type::Dynamic);
    let Some(first) = closed.next() else {
        return Some(Type::Dynamic);
    };
    closed.all(|ty| ty == first).then(|| first.clone())
}

/// A null or unknown value of any type, as one of this type.
fn typed(value: Value, ty: &Type) -> Value {
    match value {
        Value::Null(Type::Dynamic) => Value::Null(ty.clone()),
        Value::Unknown(Type::Dynamic) => Value::Unknown(ty.clone()),
        _ => value,
    }
}

/// The type of a null or unknown value after conversion: what is open in the wanted type is as it was.
fn filled(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (_, Type::Dynamic) => from.clone(),
        (Type::Dynamic, _) => to.without_optional(),
        (from, Type::List(to)) => Type::list(filled_element(from, to)),
        (from, Type::Set(to)) => Type::set(filled_element(from, to)),
        (from, Type::Map(to)) => Type::map(filled_element(from, to)),
        (Type::Tuple(from), Type::Tuple(to)) => {
            Type::Tuple(from.iter().zip(&**to).map(|(from, to)| filled(from, to)).collect())
        }
        (from, Type::Object(to)) => Type::object(
            to.attributes
                .iter()
                .map(|(name, to)| {
                    let own = match from {
                        Type::Object(object) => object.attributes.get(name),
                        _ => from.element(),
                    };
                    (name.clone(), own.map_or_else(|| to.without_optional(), |own| filled(own, to)))
                })
                .collect(),
        ),
        _ => to.without_optional(),
    }
}

fn filled_element(from: &Type, to: &Type) -> Type {
    let own = match from {
        Type::Tuple(elements) => super::unify(elements),
        Type::Object(object) => super::unify(&object.attributes.values().cloned().collect::<Vec<_>>()),
        _ => from.element().cloned(),
    };
    own.map_or_else(|| to.without_optional(), |own| filled(&own, to))
}

fn parse_bool(text: &str) -> Result<Value, ConversionError> {
    match text {
        "true" | "1" => Ok(Value::Bool(true)),
        "false" | "0" => Ok(Value::Bool(false)),
        _ => Err(ConversionError::new(match text.to_ascii_lowercase().as_str() {
            lower @ ("true" | "false") => format!("a bool is required; as text it must be written {lower:?}"),
            _ => "a bool is required".to_owned(),
        })),
    }
}

fn missing_attributes(object: &ObjectType, has: impl Fn(&str) -> bool) -> Option<ConversionError> {
    let required = object.attributes.keys().filter(|name| !object.optional.contains(*name));
    let missing: Vec<String> = required.filter(|name| !has(name)).map(|name| format!("{name:?}")).collect();
    let (last, others) = missing.split_last()?;
    Some(ConversionError::new(if others.is_empty() {
        format!("attribute {last} is required")
    } else {
        format!("attributes {} and {last} are required", others.join(", "))
    }))
}

/// For a value that is of another kind altogether.
fn mismatch(from: &Type, to: &Type) -> ConversionError {
    ConversionError::new(match (from, to) {
        (Type::Tuple(from), Type::Tuple(to)) => {
            format!("a tuple of length {} is required, this one has {}", to.len(), from.len())
        }
        _ => format!("{} required, this is {}", to.friendly_name(), from.friendly_name()),
    })
}

impl ConversionError {
    fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    fn at_index(self, index: usize) -> Self {
        Self { path: format!("[{index}]{}", self.path), ..self }
    }

    fn at_key(self, key: &str) -> Self {
        Self { path: format!("[{key:?}]{}", self.path), ..self }
    }

    fn at_attribute(self, name: &str) -> Self {
        Self { path: format!(".{name}{}", self.path), ..self }
    }

    /// A fault of all elements of a collection.
    fn in_elements(self, from: &Type, to: &Type) -> Self {
        let message = if self.path.is_empty() && (from.is_primitive() || to.is_primitive()) {
            format!("elements must be {}, these are {}", to.friendly_name(), from.friendly_name())
        } else {
            self.message
        };
        Self { path: format!("[*]{}", self.path), message }
    }
}
