//! Packer's meaning of a template in HCL2: from a path to variables, locals, sources and builds.
//!
//! It goes in steps, because a later one needs what an earlier one found, and because faults of one step are told
//! together:
//! 1. [`Template::load`] reads the files, checks the required version, declares everything and gives variables their
//!    values. `validate -syntax-only` ends here.
//! 2. [`Template::evaluate`] checks variables, and evaluates locals and data sources in the order of their references.
//! 3. [`Template::resolve`] expands dynamic blocks and reads sources, builds and the registry's block.
//! 4. [`Template::prepare`] lets each component of the selected builds check its options.

mod build;
mod console;
mod data;
mod evaluate;
mod files;
mod filter;
mod glob;
mod graph;
mod inspect;
mod local;
mod packer_block;
mod prepare;
mod registry;
mod schema;
mod source;
mod step;
mod validation;
mod variable;
mod variable_values;

use std::{collections::BTreeMap, sync::Arc};

pub use self::{
    build::{Build, SourceUse},
    data::{DataKey, DataSource},
    evaluate::DataSources,
    files::{find, has_template_ending, is_template},
    filter::Selection,
    glob::{Glob, GlobError},
    local::Local,
    packer_block::{PluginRequirement, check_source},
    prepare::PreparedBuild,
    registry::{Registry, check_bucket_name},
    source::{Source, SourceKey},
    step::{Filter, PostProcessor, Provisioner, Step},
    variable::{Assignment, Origin, Validation, Variable},
    variable_values::Variables,
};

use crate::{
    diagnostic::Diagnostics,
    scope::{Functions, Scope, Surroundings},
    source::Sources,
    syntax::{
        body::BodySchema,
        tree::{Block, Body},
    },
    value::{Type, Value},
    version::Version,
    world::World,
};

/// What a template is loaded with.
#[derive(Clone, Debug)]
pub struct LoadOptions<'a> {
    /// A folder or a file; `None` is a template without anything.
    pub path: Option<&'a str>,
    /// `-var name=text`, in order.
    pub variables: &'a [(String, String)],
    /// `-var-file`, in order.
    pub variable_files: &'a [String],
    /// Tell variables that a file sets and the template does not declare.
    pub warn_undeclared: bool,
    /// What `required_version` is compared with and `packer.version` says.
    pub core_version: &'a Version,
}

/// A template, as far as it was understood.
pub struct Template {
    world: Arc<dyn World>,
    core_version: Version,
    /// `path.root`
    root: Arc<str>,
    bodies: Vec<Arc<Body>>,
    pub requirements: Vec<PluginRequirement>,
    pub variables: Variables,
    pub locals: BTreeMap<Arc<str>, Local>,
    pub data_sources: BTreeMap<DataKey, DataSource>,
    pub sources: BTreeMap<SourceKey, Source>,
    pub builds: Vec<Build>,
    pub registry: Option<Registry>,
    local_values: Arc<BTreeMap<Arc<str>, Value>>,
    data_values: BTreeMap<DataKey, Value>,
}

impl Template {
    /// Reads and declares. After errors what is left is what could be understood.
    pub fn load(
        options: &LoadOptions<'_>,
        world: Arc<dyn World>,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut template = Self {
            world,
            core_version: options.core_version.clone(),
            root: "".into(),
            bodies: Vec::new(),
            requirements: Vec::new(),
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            sources: BTreeMap::new(),
            builds: Vec::new(),
            registry: None,
            local_values: Arc::default(),
            data_values: BTreeMap::new(),
        };
        let found = match options.path.map(|path| files::find(path, &*template.world)).transpose() {
            Ok(found) => found.unwrap_or_default(),
            Err(fault) => {
                diagnostics.push(fault);
                return template;
            }
        };
        template.root = found.root.as_str().into();
        let mut faults = Diagnostics::default();
        for path in &found.templates {
            template.bodies.extend(files::parse(path, &*template.world, sources, &mut faults));
        }
        let unreadable = faults.has_errors();
        diagnostics.extend(faults);
        if unreadable || !template.declare(sources, diagnostics) {
            return template;
        }
        template.assign(options, &found.automatic, sources, diagnostics);
        template
    }

    /// Reads the blocks that declare something; false after an error.
    fn declare(&mut self, sources: &Sources, diagnostics: &mut Diagnostics) -> bool {
        let mut faults = Diagnostics::default();
        let (packer, _) = self.top_level(&schema::packer_only(), false, &mut faults);
        packer_block::check_core_version(&packer.iter().collect::<Vec<_>>(), &self.core_version, &mut faults);
        if faults.has_errors() {
            diagnostics.extend(faults);
            return false;
        }
        let (blocks, complete) = self.top_level(&schema::top_level(), true, &mut faults);
        let of = |kinds: &[&str]| {
            blocks.iter().filter(|block| kinds.contains(&&*block.kind.text)).collect::<Vec<&Block>>()
        };
        self.requirements = packer_block::requirements(&of(&["packer"]), &mut faults);
        let surroundings = self.surroundings();
        self.variables = variable::declare(&of(&["variable", "variables"]), &surroundings, &mut faults);
        self.locals = local::declare(&of(&["local", "locals"]), sources, &mut faults);
        self.data_sources = data::declare(&of(&["data"]), sources, &mut faults);
        let sound = complete && !faults.has_errors();
        diagnostics.extend(faults);
        sound
    }

    /// Blocks of all files, and whether all of them could be read by the schema.
    fn top_level(&self, schema: &BodySchema, whole: bool, faults: &mut Diagnostics) -> (Vec<Block>, bool) {
        let mut blocks = Vec::new();
        let mut own = Diagnostics::default();
        for body in &self.bodies {
            let content =
                if whole { body.content(schema, &mut own) } else { body.partial_content(schema, &mut own).0 };
            blocks.extend(content.blocks);
        }
        let sound = !own.has_errors();
        faults.extend(own);
        (blocks, sound)
    }

    /// Gives variables their values: the weakest source first, so that the last value counts.
    fn assign(
        &mut self,
        options: &LoadOptions<'_>,
        automatic: &[String],
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let world = Arc::clone(&self.world);
        let variables = &mut self.variables;
        variable_values::from_environment(variables, &*world, sources, diagnostics);
        for path in automatic.iter().chain(options.variable_files) {
            variable_values::from_file(
                variables,
                path,
                options.warn_undeclared,
                &*world,
                sources,
                diagnostics,
            );
        }
        variable_values::from_arguments(variables, options.variables, sources, diagnostics);
    }

    /// Expands dynamic blocks and reads sources, builds and the registry's block.
    pub fn resolve(
        &mut self,
        catalog: &dyn crate::component::Catalog,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        // What is wrong at the top level was told when the template was loaded.
        let (blocks, _) = self.top_level(&schema::top_level(), true, &mut Diagnostics::default());
        let of =
            |kind: &str| blocks.iter().filter(|block| &*block.kind.text == kind).collect::<Vec<&Block>>();
        let scope = self.scope();
        self.sources = source::declare(&of("source"), sources, diagnostics);
        for source in self.sources.values_mut() {
            source.body = source.body.expanding(scope.clone());
        }
        for block in of("build") {
            self.builds.extend(build::decode(block, &self.sources, &scope, diagnostics));
        }
        self.read_registry(&of("hcp_packer_registry"), &scope, diagnostics);
        prepare::check_types(self, catalog, diagnostics);
    }

    fn read_registry(&mut self, blocks: &[&Block], scope: &Scope, diagnostics: &mut Diagnostics) {
        use crate::diagnostic::Diagnostic;
        let Some((first, others)) = blocks.split_first() else { return };
        for other in others {
            let detail = "A template has at most one of them.";
            diagnostics
                .push(Diagnostic::error("Only one hcp_packer_registry is allowed", detail).at(other.header));
        }
        if let Some(build) = self.builds.iter().find(|build| build.registry.is_some()) {
            let detail =
                "The registry is described at the top level and in a build block. Remove it from the build.";
            diagnostics.push(Diagnostic::error("Two hcp_packer_registry blocks", detail).at(build.header));
        }
        self.registry = registry::decode(first, scope, diagnostics);
    }

    /// What expressions see outside of builds.
    pub fn scope(&self) -> Scope {
        Scope::new(self.names(), Functions::All(self.surroundings()))
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings { world: Arc::clone(&self.world), root: Arc::clone(&self.root), in_template_file: false }
    }

    fn names(&self) -> BTreeMap<Arc<str>, Value> {
        let object = |entries: BTreeMap<Arc<str>, Value>| Value::Object(entries.into());
        let variables = self.variables.iter().map(|(name, variable)| {
            let value = variable.value().cloned();
            (Arc::clone(name), value.unwrap_or_else(|| Value::Unknown(variable.constraint.clone())))
        });
        let unknown = || Value::Unknown(Type::String);
        let texts = |names: &[&str]| names.iter().map(|&name| (Arc::from(name), Type::String)).collect();
        let mut names = BTreeMap::from([
            ("var".into(), object(variables.collect())),
            ("local".into(), Value::Object(Arc::clone(&self.local_values))),
            (
                "path".into(),
                object(BTreeMap::from([
                    ("cwd".into(), Value::string(self.world.working_folder().replace('\\', "/"))),
                    ("root".into(), Value::string(Arc::clone(&self.root))),
                ])),
            ),
            (
                "packer".into(),
                object(BTreeMap::from([
                    ("version".into(), Value::string(self.core_version.to_string())),
                    ("iterationID".into(), unknown()),
                    ("versionFingerprint".into(), unknown()),
                ])),
            ),
            ("source".into(), Value::Unknown(Type::object(texts(&["name", "type"])))),
            ("build".into(), Value::Unknown(Type::object(texts(&[])))),
        ]);
        if !self.data_values.is_empty() {
            names.insert("data".into(), self.data_object());
        }
        names
    }

    /// `data.type.name`
    fn data_object(&self) -> Value {
        let mut kinds: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Value>> = BTreeMap::new();
        for (key, value) in &self.data_values {
            kinds.entry(Arc::clone(&key.kind)).or_default().insert(Arc::clone(&key.name), value.clone());
        }
        let kinds = kinds.into_iter().map(|(kind, names)| (kind, Value::Object(names.into())));
        Value::Object(kinds.collect::<BTreeMap<_, _>>().into())
    }

    /// The locals that were evaluated, by name.
    pub fn local_values(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.local_values.iter()
    }

    /// Every text inside of sensitive variables and locals.
    pub fn secrets(&self) -> Vec<Arc<str>> {
        let variables =
            self.variables.values().filter(|variable| variable.sensitive).filter_map(Variable::value);
        let locals = self.locals.values().filter(|local| local.sensitive);
        let locals = locals.filter_map(|local| self.local_values.get(&local.name));
        let mut secrets = Vec::new();
        for value in variables.chain(locals) {
            value.texts(&mut secrets);
        }
        secrets
    }
}
