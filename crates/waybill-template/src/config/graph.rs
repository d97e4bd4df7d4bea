//! In what order locals and data sources are evaluated: each after what it refers to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    eval::Reference,
    source::Span,
};

use super::data::DataKey;

/// A local or a data source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Data(DataKey),
    Local(Arc<str>),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(key) => key.fmt(f),
            Self::Local(name) => write!(f, "local.{name}"),
        }
    }
}

impl Node {
    /// What a reference asks for, if it is for a local or a data source.
    pub(super) fn of_reference(reference: &Reference) -> Option<Self> {
        let part = |index| reference.attribute(index).map(Arc::from);
        match &*reference.root.text {
            "local" => part(0).map(Self::Local),
            "data" => Some(Self::Data(DataKey { kind: part(0)?, name: part(1)? })),
            _ => None,
        }
    }
}

/// What each node refers to, with the place of the reference.
pub(super) type Edges = BTreeMap<Node, Vec<(Node, Span)>>;

/// The nodes in an order in which each comes after those it refers to: the same for the same template. References to what
/// does not exist and cycles are told, and then there is no order.
pub(super) fn order(edges: &Edges, diagnostics: &mut Diagnostics) -> Option<Vec<Node>> {
    let mut complete = true;
    for (node, references) in edges {
        for (wanted, span) in references.iter().filter(|(wanted, _)| !edges.contains_key(wanted)) {
            complete = false;
            diagnostics.push(missing(node, wanted, edges).at(*span));
        }
    }
    if !complete {
        return None;
    }
    let mut walk = Walk { edges, ordered: Vec::new(), done: BTreeSet::new(), cycles: Vec::new() };
    for node in edges.keys() {
        walk.visit(node);
    }
    for cycle in &walk.cycles {
        diagnostics.push(circular(cycle, edges));
    }
    walk.cycles.is_empty().then_some(walk.ordered)
}

fn missing(node: &Node, wanted: &Node, edges: &Edges) -> Diagnostic {
    let wanted_name = wanted.to_string();
    let names: Vec<String> = edges.keys().map(Node::to_string).collect();
    let hint = crate::suggest::nearest(&wanted_name, names.iter().map(String::as_str))
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default();
    let detail = format!("`{node}` refers to `{wanted}`, which is not in the template.{hint}");
    Diagnostic::error("Reference to something that is not declared", detail)
}

fn circular(cycle: &[Node], edges: &Edges) -> Diagnostic {
    let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|node| format!("`{node}`")).collect();
    let detail = match cycle {
        [only] => format!("`{only}` refers to itself."),
        _ => format!("Each of these refers to the next: {}. Break the circle.", names.join(", ")),
    };
    let first = cycle.first().and_then(|node| {
        let next = cycle.get(1).unwrap_or(node);
        edges.get(node)?.iter().find(|(wanted, _)| wanted == next).map(|&(_, span)| span)
    });
    let fault = Diagnostic::error("Circular reference", detail);
    match first {
        Some(span) => fault.at(span),
        None => fault,
    }
}

struct Walk<'a> {
    edges: &'a Edges,
    ordered: Vec<Node>,
    done: BTreeSet<&'a Node>,
    cycles: Vec<Vec<Node>>,
}

impl<'a> Walk<'a> {
    /// Depth first with a stack of its own: a chain of references may be as long as the template.
    fn visit(&mut self, start: &'a Node) {
        let mut path: Vec<(&'a Node, usize)> = Vec::new();
        let mut open = BTreeMap::new();
        self.enter(start, &mut path, &mut open);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some((wanted, _)) = self.edges[node].get(*next) else {
                path.pop();
                open.remove(node);
                self.done.insert(node);
                self.ordered.push(node.clone());
                continue;
            };
            *next += 1;
            if let Some(&at) = open.get(wanted) {
                let members = path[at..].iter().map(|(node, _)| (*node).clone()).collect();
                self.cycles.push(members);
                continue;
            }
            if let Some((wanted, _)) = self.edges.get_key_value(wanted) {
                self.enter(wanted, &mut path, &mut open);
            }
        }
    }

    fn enter(&self, node: &'a Node, path: &mut Vec<(&'a Node, usize)>, open: &mut BTreeMap<&'a Node, usize>) {
        if !self.done.contains(node) {
            open.insert(node, path.len());
            path.push((node, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edges: &[(&str, &[&str])]) -> Result<String, String> {
        let node = |name: &str| Node::Local(name.into());
        let edges = edges
            .iter()
            .map(|(from, to)| (node(from), to.iter().map(|to| (node(to), Span::default())).collect()))
            .collect();
        let mut diagnostics = Diagnostics::default();
        let join = |nodes: &[Node]| nodes.iter().map(Node::to_string).collect::<Vec<_>>().join(" ");
        order(&edges, &mut diagnostics).map(|nodes| join(&nodes)).ok_or_else(|| {
            diagnostics.iter().map(|fault| fault.detail.clone()).collect::<Vec<_>>().join("; ")
        })
    }

    #[test]
    fn each_comes_after_what_it_refers_to() {
        assert_eq!(check(&[("a", &["c"]), ("b", &[]), ("c", &["b"])]).unwrap(), "local.b local.c local.a");
    }

    #[test]
    fn cycles_and_missing_ones_are_named() {
        assert_eq!(
            check(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]).unwrap_err(),
            "Each of these refers to the next: `local.b`, `local.c`, `local.b`. Break the circle."
        );
        assert_eq!(check(&[("a", &["a"])]).unwrap_err(), "`local.a` refers to itself.");
        assert_eq!(
            check(&[("alpha", &["beto"]), ("beta", &[])]).unwrap_err(),
            "`local.alpha` refers to `local.beto`, which is not in the template. Did you mean `local.beta`?"
        );
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let names: Vec<String> = (0..100_000).map(|n| format!("n{n:06}")).collect();
        let node = |name: &String| Node::Local(name.as_str().into());
        let edges: Edges = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                (
                    node(name),
                    names.get(at + 1).map(|next| (node(next), Span::default())).into_iter().collect(),
                )
            })
            .collect();
        assert_eq!(order(&edges, &mut Diagnostics::default()).unwrap().len(), names.len());
    }
}
