//! Components: builders, provisioners, post-processors and data sources, as far as a template tells.

mod builder;
mod built_in;
mod communicator;
mod data_source;
mod given;
mod option;
mod post_processor;
mod provisioner;
mod template;

use std::sync::Arc;

pub use self::built_in::BuiltIn;

use crate::{json, spec::Spec, value::Value, world::World};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentKind {
    Builder,
    Provisioner,
    PostProcessor,
    DataSource,
}

impl ComponentKind {
    /// The word of messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Builder => "builder",
            Self::Provisioner => "provisioner",
            Self::PostProcessor => "post-processor",
            Self::DataSource => "data source",
        }
    }
}

/// The components that can be used: the built-in ones, and those of plugins.
pub trait Catalog: Send + Sync {
    /// The types of that kind, sorted.
    fn types(&self, kind: ComponentKind) -> Vec<String>;
    /// What options a component takes; `None` if there is no such component.
    fn spec(&self, kind: ComponentKind, name: &str) -> Option<Arc<Spec>>;
    /// The type of a data source's outputs, as values that are unknown.
    fn outputs(&self, data_source: &str) -> Option<Value>;
    /// Checks options as the component does before anything runs.
    fn prepare(
        &self,
        kind: ComponentKind,
        name: &str,
        options: Options<'_>,
        context: &Context<'_>,
    ) -> Prepared;
    /// Options that the component renders itself, when it runs: templates in them are left alone before.
    fn late_options(&self, kind: ComponentKind, name: &str) -> &'static [&'static str];
}

/// Options as they reach a component.
#[derive(Clone, Copy, Debug)]
pub enum Options<'a> {
    /// Of an HCL2 template, decoded by the component's spec, with the overriding ones behind.
    Decoded(&'a [Value]),
    /// Of a legacy JSON template, rendered but for what the component renders itself.
    Legacy(&'a [json::Node]),
}

/// What a component knows besides its options.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub world: &'a dyn World,
    /// The name of the source, or in a legacy template of the builder.
    pub build_name: &'a str,
    pub builder_type: &'a str,
    pub core_version: &'a str,
}

/// What came of [`Catalog::prepare`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    pub errors: Vec<String>,
    pub warnings: Vec<String>,
    /// Names that a builder will give values to, beside the common ones: `build.NAME`.
    pub generated: Vec<String>,
}

/// The plugin that has components of that type, as far as is known: for hints.
pub fn plugin_of(kind: &str) -> Option<&'static str> {
    /// Beginnings of types, and the plugins that have them.
    const PLUGINS: [(&str, &str); 14] = [
        ("amazon", "github.com/hashicorp/amazon"),
        ("ansible", "github.com/hashicorp/ansible"),
        ("azure", "github.com/hashicorp/azure"),
        ("docker", "github.com/hashicorp/docker"),
        ("googlecompute", "github.com/hashicorp/googlecompute"),
        ("hyperv", "github.com/hashicorp/hyperv"),
        ("openstack", "github.com/hashicorp/openstack"),
        ("parallels", "github.com/parallels/parallels"),
        ("proxmox", "github.com/hashicorp/proxmox"),
        ("qemu", "github.com/hashicorp/qemu"),
        ("vagrant", "github.com/hashicorp/vagrant"),
        ("virtualbox", "github.com/hashicorp/virtualbox"),
        ("vmware", "github.com/hashicorp/vmware"),
        ("vsphere", "github.com/hashicorp/vsphere"),
    ];
    PLUGINS.iter().find(|(beginning, _)| kind.starts_with(beginning)).map(|&(_, plugin)| plugin)
}
