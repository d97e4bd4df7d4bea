//! Evaluating locals and data sources, each after what it refers to.

use std::{collections::BTreeSet, slice, sync::Arc};

use crate::{
    component::{Catalog, ComponentKind},
    diagnostic::{Diagnostic, Diagnostics},
    source::Sources,
    spec, suggest,
    value::{Type, Value},
};

use super::{
    Template,
    build::listed,
    data::DataSource,
    graph::{self, Edges, Node},
    prepare::Component,
    validation,
};

/// What becomes of data sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSources {
    /// They are read.
    Read,
    /// They are not: their outputs are unknown, of the types they will have.
    Pretend,
}

impl Template {
    /// Checks variables, then evaluates locals and data sources. One that fails keeps back only those that refer to it,
    /// so that all faults are told.
    ///
    /// With `sequential`, data sources come first and cannot use locals.
    pub fn evaluate(
        &mut self,
        catalog: &dyn Catalog,
        data_sources: DataSources,
        sequential: bool,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let world = Arc::clone(&self.world);
        validation::check(&self.variables, &world, sources, diagnostics);
        let edges = self.edges();
        let Some(mut order) = graph::order(&edges, diagnostics) else { return };
        if sequential {
            order.sort_by_key(|node| matches!(node, Node::Local(_)));
        }
        let mut failed = BTreeSet::new();
        for node in order {
            if edges[&node].iter().any(|(wanted, _)| failed.contains(wanted)) {
                failed.insert(node);
                continue;
            }
            let mut faults = Diagnostics::default();
            match &node {
                Node::Local(name) => self.evaluate_local(name, &mut faults),
                Node::Data(key) => {
                    let data = self.data_sources[key].clone();
                    self.evaluate_data(&data, catalog, data_sources, &mut faults);
                }
            }
            if faults.has_errors() {
                failed.insert(node);
            }
            diagnostics.extend(faults);
        }
    }

    fn edges(&self) -> Edges {
        let nodes_of = |references: Vec<crate::eval::Reference>| {
            references
                .iter()
                .filter_map(|reference| Some((Node::of_reference(reference)?, reference.span)))
                .collect()
        };
        let locals = self
            .locals
            .values()
            .map(|local| (Node::Local(Arc::clone(&local.name)), nodes_of(local.expression.references())));
        let data = self
            .data_sources
            .values()
            .map(|data| (Node::Data(data.key.clone()), nodes_of(data.body.references())));
        locals.chain(data).collect()
    }

    fn evaluate_local(&mut self, name: &Arc<str>, faults: &mut Diagnostics) {
        let value = self.locals[name].expression.evaluate(&self.scope(), faults);
        if value.is_oversized() {
            let detail =
                format!("The value of `local.{name}` has too many parts, or they are nested too deeply.");
            faults.push(Diagnostic::error("Value too large", detail).at(self.locals[name].expression.span));
        }
        if !faults.has_errors() {
            Arc::make_mut(&mut self.local_values).insert(Arc::clone(name), value);
        }
    }

    fn evaluate_data(
        &mut self,
        data: &DataSource,
        catalog: &dyn Catalog,
        data_sources: DataSources,
        faults: &mut Diagnostics,
    ) {
        let kind = &*data.key.kind;
        let Some(spec) = catalog.spec(ComponentKind::DataSource, kind) else {
            faults.push(unknown_type(kind, &catalog.types(ComponentKind::DataSource)).at(data.header));
            return;
        };
        let body = data.body.expanding(self.scope());
        let options = spec::decode(&body, &spec, &self.scope(), faults);
        if faults.has_errors() {
            return;
        }
        let component = Component {
            kind: ComponentKind::DataSource,
            name: kind,
            build_name: &data.key.name,
            builder_type: kind,
            header: data.header,
        };
        if self.check_options(&component, slice::from_ref(&options), catalog, faults).is_none() {
            return;
        }
        let value = match data_sources {
            DataSources::Pretend => catalog.outputs(kind).unwrap_or(Value::Unknown(Type::Dynamic)),
            DataSources::Read => match self.world.data_source(kind, &options) {
                Ok(value) => value,
                Err(error) => {
                    let summary = format!("Data source {} failed", data.key);
                    faults.push(Diagnostic::error(summary, format!("{error}.")).at(data.header));
                    return;
                }
            },
        };
        self.data_values.insert(data.key.clone(), value);
    }
}

fn unknown_type(kind: &str, known: &[String]) -> Diagnostic {
    let hint = suggest::nearest(kind, known.iter().map(String::as_str))
        .map_or_else(|| format!(" There are: {}.", listed(known)), |near| format!(" Did you mean `{near}`?"));
    Diagnostic::error(
        format!("Unknown data source type \"{kind}\""),
        format!("No component has this name.{hint}"),
    )
}
