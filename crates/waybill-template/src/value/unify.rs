//! The one type that values of several types can all be converted to: of the arms of a conditional, of the elements of
//! a list.
//!
//! Objects with the same attributes unify attribute by attribute, others to a map; tuples of the same length element
//! by element, others to a list; besides maps and lists, objects and tuples become such. Where that does not help, one
//! of the types themselves is chosen, the most general to which all others convert, `string` for example. What is still
//! dynamic makes the result dynamic, as it could turn out to be of any kind.

use std::{collections::HashMap, sync::Arc};

use super::{ObjectType, Type, convert::check};

/// The type that all of these can be converted to, if there is one.
pub fn unify(types: &[Type]) -> Option<Type> {
    Unifier::default().unify(types)
}

/// More different types than this, of kinds that do not go together by structure, are not tried against each other.
const MAX_CANDIDATES: usize = 1000;

/// Remembers what was found out about types that consist of others: whether they convert to a candidate asks again how
/// what is inside of them unifies, on each level.
#[derive(Default)]
pub(super) struct Unifier {
    known: HashMap<Vec<Type>, Option<Type>>,
}

/// How many types there are of each kind.
#[derive(Default)]
struct Kinds {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamic: usize,
}

impl Unifier {
    pub(super) fn unify(&mut self, types: &[Type]) -> Option<Type> {
        let mut distinct = distinct(types);
        match distinct.len() {
            0 => return None,
            1 => return distinct.pop(),
            _ => {}
        }
        let kinds = Kinds::count(&distinct);
        if kinds.objects + kinds.tuples == 0 {
            return self.unify_distinct(&distinct, &kinds);
        }
        if let Some(known) = self.known.get(&distinct) {
            return known.clone();
        }
        let result = self.unify_distinct(&distinct, &kinds);
        self.known.insert(distinct, result.clone());
        result
    }

    fn unify_distinct(&mut self, types: &[Type], kinds: &Kinds) -> Option<Type> {
        let dynamic = 0 < kinds.dynamic;
        let all = |count: usize| 0 < count && count + kinds.dynamic == types.len();
        if all(kinds.maps) || all(kinds.lists) || all(kinds.sets) {
            if dynamic {
                return Some(Type::Dynamic);
            }
            let elements: Vec<Type> = types.iter().filter_map(Type::element).cloned().collect();
            let element = self.unify(&elements)?;
            return Some(if all(kinds.maps) {
                Type::map(element)
            } else if all(kinds.lists) {
                Type::list(element)
            } else {
                Type::set(element)
            });
        }
        if all(kinds.objects) {
            return if dynamic { Some(Type::Dynamic) } else { self.unify_objects(types) };
        }
        if all(kinds.tuples) {
            return if dynamic { Some(Type::Dynamic) } else { self.unify_tuples(types) };
        }
        let mixed = match kinds {
            _ if dynamic => None,
            Kinds { maps: 1.., objects: 1.., .. } if all(kinds.maps + kinds.objects) => self.as_maps(types),
            Kinds { lists: 1.., tuples: 1.., .. } if all(kinds.lists + kinds.tuples) => self.as_lists(types),
            _ => None,
        };
        if mixed.is_some() {
            return mixed;
        }
        if 0 < kinds.objects && 0 < kinds.tuples {
            return None;
        }
        self.choose(types)
    }

    fn unify_objects(&mut self, types: &[Type]) -> Option<Type> {
        let objects: Vec<&ObjectType> = types.iter().filter_map(as_object).collect();
        let (first, others) = objects.split_first()?;
        if !others.iter().all(|other| other.attributes.keys().eq(first.attributes.keys())) {
            return self.objects_as_map(types);
        }
        let attributes = first.attributes.keys().map(|name| {
            let parts: Vec<Type> =
                objects.iter().filter_map(|object| object.attributes.get(name)).cloned().collect();
            self.unify(&parts).map(|unified| (name.clone(), unified))
        });
        attributes.collect::<Option<_>>().map(Type::object)
    }

    fn unify_tuples(&mut self, types: &[Type]) -> Option<Type> {
        let tuples: Vec<&[Type]> = types.iter().filter_map(as_tuple).collect();
        let (first, others) = tuples.split_first()?;
        if !others.iter().all(|other| other.len() == first.len()) {
            return self.tuples_as_list(types);
        }
        let elements = (0..first.len()).map(|index| {
            let parts: Vec<Type> = tuples.iter().map(|tuple| tuple[index].clone()).collect();
            self.unify(&parts)
        });
        elements.collect::<Option<Arc<[Type]>>>().map(Type::Tuple)
    }

    /// A map with elements of the type that all attributes of the objects among the types have in common.
    fn objects_as_map(&mut self, types: &[Type]) -> Option<Type> {
        let objects = types.iter().filter_map(as_object);
        let attributes: Vec<Type> = objects.flat_map(|object| object.attributes.values().cloned()).collect();
        let map = Type::map(self.unify(&attributes)?);
        let mut objects = types.iter().filter(|ty| as_object(ty).is_some());
        objects.all(|object| self.converts(object, &map)).then_some(map)
    }

    /// A list with elements of the type that all elements of the tuples among the types have in common.
    fn tuples_as_list(&mut self, types: &[Type]) -> Option<Type> {
        let elements: Vec<Type> = types.iter().filter_map(as_tuple).flatten().cloned().collect();
        let list = Type::list(self.unify(&elements)?);
        let mut tuples = types.iter().filter(|ty| as_tuple(ty).is_some());
        tuples.all(|tuple| self.converts(tuple, &list)).then_some(list)
    }

    /// Unifies maps and objects, taking the objects for one more map.
    fn as_maps(&mut self, types: &[Type]) -> Option<Type> {
        let mut maps: Vec<Type> = types.iter().filter(|ty| ty.is_collection()).cloned().collect();
        maps.push(self.objects_as_map(types)?);
        let map = self.unify(&maps)?;
        self.all_convert(types, &map).then_some(map)
    }

    /// Unifies lists and tuples, taking the tuples for one more list.
    fn as_lists(&mut self, types: &[Type]) -> Option<Type> {
        let mut lists: Vec<Type> = types.iter().filter(|ty| ty.is_collection()).cloned().collect();
        lists.push(self.tuples_as_list(types)?);
        let list = self.unify(&lists)?;
        self.all_convert(types, &list).then_some(list)
    }

    /// The first of the types, the more general ones before others, that all others can be converted to.
    fn choose(&mut self, types: &[Type]) -> Option<Type> {
        if MAX_CANDIDATES < types.len() {
            return None;
        }
        by_generality(types)
            .into_iter()
            .map(|index| &types[index])
            .find(|wanted| self.all_convert(types, wanted))
            .cloned()
    }

    fn all_convert(&mut self, types: &[Type], wanted: &Type) -> bool {
        types.iter().all(|ty| self.converts(ty, wanted))
    }

    fn converts(&mut self, from: &Type, to: &Type) -> bool {
        check(self, from, to).is_ok()
    }
}

impl Kinds {
    fn count(types: &[Type]) -> Self {
        let mut kinds = Self::default();
        for ty in types {
            match ty {
                Type::Map(_) => kinds.maps += 1,
                Type::List(_) => kinds.lists += 1,
                Type::Set(_) => kinds.sets += 1,
                Type::Object(_) => kinds.objects += 1,
                Type::Tuple(_) => kinds.tuples += 1,
                Type::Dynamic => kinds.dynamic += 1,
                Type::Bool | Type::Number | Type::String => {}
            }
        }
        kinds
    }
}

/// The indexes of types, each behind those that are more general; otherwise in their order.
fn by_generality(types: &[Type]) -> Vec<usize> {
    let more_general_than = |a: usize, b: usize| is_more_general(&types[a], &types[b]);
    let mut ahead: Vec<usize> = (0..types.len())
        .map(|index| (0..types.len()).filter(|&other| more_general_than(other, index)).count())
        .collect();
    let mut order: Vec<usize> = (0..types.len()).filter(|&index| ahead[index] == 0).collect();
    let mut next = 0;
    while let Some(&index) = order.get(next) {
        next += 1;
        for (other, ahead) in ahead.iter_mut().enumerate() {
            if more_general_than(index, other) {
                *ahead -= 1;
                if *ahead == 0 {
                    order.push(other);
                }
            }
        }
    }
    order
}

fn is_more_general(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dynamic, _) => false,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            is_more_general(a, b)
        }
        (_, Type::Dynamic)
        | (Type::String, Type::Bool | Type::Number)
        | (Type::Tuple(_) | Type::List(_), Type::Set(_))
        | (Type::Map(_), Type::Object(_))
        | (Type::List(_), Type::Tuple(_)) => true,
        _ => false,
    }
}

/// The types without repetitions, in the order in which they are first.
fn distinct(types: &[Type]) -> Vec<Type> {
    let mut distinct: Vec<Type> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for ty in types {
        // Most often all types are the same.
        if distinct.last() != Some(ty) && seen.insert(ty) {
            distinct.push(ty.clone());
        }
    }
    distinct
}

fn as_object(ty: &Type) -> Option<&ObjectType> {
    match ty {
        Type::Object(object) => Some(object),
        _ => None,
    }
}

fn as_tuple(ty: &Type) -> Option<&[Type]> {
    match ty {
        Type::Tuple(elements) => Some(elements),
        _ => None,
    }
}
