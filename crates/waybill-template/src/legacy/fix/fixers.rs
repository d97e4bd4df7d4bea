//! All fixers, in the order in which they run.

use serde_json::Value;

use super::{
    Error, Fixer, Object, builder, kind, post_processor, provisioner,
    rename::{Rename, Types, Values},
};

/// A part of what a fixer does: something for each builder, provisioner or post-processor. Those that are checked can
/// refuse a value.
#[derive(Debug)]
pub(super) enum Step {
    Builder(fn(&mut Object)),
    PostProcessor(fn(&mut Object)),
    CheckedBuilder(fn(&mut Object) -> Result<(), Error>),
    CheckedProvisioner(fn(&mut Object) -> Result<(), Error>),
    CheckedPostProcessor(fn(&mut Object) -> Result<(), Error>),
    /// In builders.
    Rename(Rename),
    /// In provisioners.
    RenameProvisioner(Rename),
    /// In post-processors.
    RenamePostProcessor(Rename),
    /// In builders: an option that is no more.
    Remove(Types, &'static str),
    /// In builders: a type with another name.
    Type(&'static str, &'static str),
}

impl Step {
    pub(super) fn run(&self, root: &mut Object) -> Result<(), Error> {
        match self {
            Self::CheckedProvisioner(_) | Self::RenameProvisioner(_) => {
                let Some(Value::Array(list)) = root.get_mut("provisioners") else { return Ok(()) };
                list.iter_mut().filter_map(Value::as_object_mut).try_for_each(|object| self.fix(object))
            }
            Self::PostProcessor(_) | Self::CheckedPostProcessor(_) | Self::RenamePostProcessor(_) => {
                let Some(Value::Array(list)) = root.get_mut("post-processors") else { return Ok(()) };
                for item in list {
                    // A chain of them, but not one in a chain.
                    let items =
                        if let Value::Array(chain) = item { chain } else { std::slice::from_mut(item) };
                    items.iter_mut().filter_map(Value::as_object_mut).try_for_each(|it| self.fix(it))?;
                }
                Ok(())
            }
            _ => {
                let Some(Value::Array(list)) = root.get_mut("builders") else { return Ok(()) };
                list.iter_mut().filter_map(Value::as_object_mut).try_for_each(|object| self.fix(object))
            }
        }
    }

    fn fix(&self, object: &mut Object) -> Result<(), Error> {
        match self {
            Self::Builder(fix) | Self::PostProcessor(fix) => fix(object),
            Self::CheckedBuilder(fix) | Self::CheckedProvisioner(fix) | Self::CheckedPostProcessor(fix) => {
                fix(object)?;
            }
            Self::Rename(rename) | Self::RenameProvisioner(rename) | Self::RenamePostProcessor(rename) => {
                rename.run(object);
            }
            Self::Remove(types, option) => {
                if types.has(kind(object)) {
                    object.remove(*option);
                }
            }
            Self::Type(from, to) => {
                if kind(object) == *from {
                    object.insert("type".to_owned(), (*to).into());
                }
            }
        }
        Ok(())
    }
}

const AMAZON: Types = Types::Prefix("amazon-");
const PARALLELS: Types = Types::Of(&["parallels-iso", "parallels-pvm"]);
const HYPERV: Types = Types::Of(&["hyperv-iso", "hyperv-vmcx"]);
const AMAZON_SPOT: Types =
    Types::Of(&["amazon-ebs", "amazon-ebssurrogate", "amazon-ebsvolume", "amazon-instance"]);

/// The option's new name, which wins over an old one.
const fn replace(types: Types, from: &'static str, to: &'static str) -> Rename {
    Rename { types, from, to, values: Values::Any, keeps: false }
}

/// The option's new name, for texts, if there is nothing under it.
const fn rename_text(types: Types, from: &'static str, to: &'static str) -> Rename {
    Rename { types, from, to, values: Values::Text, keeps: true }
}

const fn fixer(name: &'static str, what: &'static str, steps: &'static [Step]) -> Fixer {
    Fixer { name, what, steps }
}

/// All fixers, in their order.
pub static FIXERS: &[Fixer] = &[
    fixer("iso-md5", "`iso_md5` becomes `iso_checksum` of the type md5", &[Step::Builder(builder::iso_md5)]),
    fixer(
        "createtime",
        "`.CreateTime` in names of images becomes `timestamp`",
        &[Step::Builder(builder::create_time)],
    ),
    fixer(
        "virtualbox-gaattach",
        "`guest_additions_attach` of virtualbox becomes `guest_additions_mode`",
        &[Step::Builder(builder::guest_additions)],
    ),
    fixer(
        "pp-vagrant-override",
        "settings of the vagrant post-processor for one provider move below `override`",
        &[Step::PostProcessor(post_processor::vagrant_override)],
    ),
    fixer(
        "virtualbox-rename",
        "the builder virtualbox becomes virtualbox-iso, also in `override` of provisioners",
        &[
            Step::Type("virtualbox", "virtualbox-iso"),
            Step::CheckedProvisioner(provisioner::virtualbox_override),
        ],
    ),
    fixer("vmware-rename", "the builder vmware becomes vmware-iso", &[Step::Type("vmware", "vmware-iso")]),
    fixer("parallels-headless", "`headless` of parallels is gone", &[Step::Remove(PARALLELS, "headless")]),
    fixer(
        "parallels-deprecations",
        "`parallels_tools_host_path` is gone, `guest_os_distribution` becomes `guest_os_type`",
        &[
            Step::Remove(PARALLELS, "parallels_tools_host_path"),
            Step::Rename(replace(PARALLELS, "guest_os_distribution", "guest_os_type")),
        ],
    ),
    fixer(
        "sshkeypath",
        "`ssh_key_path` becomes `ssh_private_key_file`",
        &[Step::Rename(rename_text(Types::All, "ssh_key_path", "ssh_private_key_file"))],
    ),
    fixer(
        "sshdisableagent",
        "`ssh_disable_agent` becomes `ssh_disable_agent_forwarding`",
        &[Step::Rename(Rename {
            types: Types::All,
            from: "ssh_disable_agent",
            to: "ssh_disable_agent_forwarding",
            values: Values::Bool,
            keeps: true,
        })],
    ),
    fixer(
        "scaleway-access-key",
        "`access_key` of scaleway becomes `organization_id`",
        &[Step::Rename(rename_text(Types::Of(&["scaleway"]), "access_key", "organization_id"))],
    ),
    fixer(
        "manifest-filename",
        "`filename` of the manifest post-processor becomes `output`",
        &[Step::RenamePostProcessor(Rename {
            types: Types::Of(&["manifest"]),
            from: "filename",
            to: "output",
            values: Values::Text,
            keeps: false,
        })],
    ),
    fixer(
        "amazon-shutdown_behavior",
        "`shutdown_behaviour` of amazon builders becomes `shutdown_behavior`",
        &[Step::Rename(replace(AMAZON, "shutdown_behaviour", "shutdown_behavior"))],
    ),
    fixer(
        "amazon-enhanced-networking",
        "`enhanced_networking` of amazon builders becomes `ena_support`",
        &[Step::Rename(Rename {
            types: AMAZON,
            from: "enhanced_networking",
            to: "ena_support",
            values: Values::Bool,
            keeps: false,
        })],
    ),
    fixer(
        "amazon-private-ip",
        "`ssh_private_ip` of amazon builders becomes `ssh_interface`",
        &[Step::CheckedBuilder(builder::private_ip)],
    ),
    fixer(
        "amazon-temp-sec-cidrs",
        "`temporary_security_group_source_cidr` of amazon builders becomes a list, `…_cidrs`",
        &[Step::Builder(builder::source_cidrs)],
    ),
    fixer(
        "docker-email",
        "`login_email` of docker post-processors is gone",
        &[Step::PostProcessor(post_processor::login_email)],
    ),
    fixer(
        "docker-tag-tags",
        "`tag` of the docker-tag post-processor becomes a list, `tags`",
        &[Step::CheckedPostProcessor(post_processor::docker_tags)],
    ),
    fixer(
        "powershell-escapes",
        "backquotes that escape characters in settings of the powershell provisioner are gone",
        &[Step::CheckedProvisioner(provisioner::powershell_escapes)],
    ),
    fixer(
        "vmware-compaction",
        "vmware-iso on ESXi gets `skip_compaction` for disks that are not thin",
        &[Step::Builder(builder::skip_compaction)],
    ),
    fixer(
        "hyperv-deprecations",
        "`vhd_temp_path` of hyperv-iso is gone",
        &[Step::Remove(Types::Of(&["hyperv-iso"]), "vhd_temp_path")],
    ),
    fixer(
        "hyperv-vmxc-typo",
        "`clone_from_vmxc_path` of hyperv-vmcx becomes `clone_from_vmcx_path`",
        &[Step::Rename(replace(Types::Of(&["hyperv-vmcx"]), "clone_from_vmxc_path", "clone_from_vmcx_path"))],
    ),
    fixer(
        "hyperv-cpu-and-ram",
        "`cpu` and `ram_size` of hyperv builders become `cpus` and `memory`",
        &[Step::Rename(replace(HYPERV, "cpu", "cpus")), Step::Rename(replace(HYPERV, "ram_size", "memory"))],
    ),
    fixer(
        "clean-image-name",
        "the functions `clean_ami_name` and `clean_image_name` become `clean_resource_name`",
        &[Step::Builder(builder::clean_name)],
    ),
    fixer(
        "spot-price-auto-product",
        "`spot_price_auto_product` of amazon builders is gone",
        &[Step::Remove(AMAZON_SPOT, "spot_price_auto_product")],
    ),
    fixer(
        "qemu-disk-size",
        "`disk_size` of qemu that is a number gets its unit, MiB",
        &[Step::Builder(builder::qemu_disk_size)],
    ),
    fixer(
        "galaxy-command",
        "`galaxycommand` of ansible-local becomes `galaxy_command`",
        &[Step::RenameProvisioner(rename_text(
            Types::Of(&["ansible-local"]),
            "galaxycommand",
            "galaxy_command",
        ))],
    ),
    fixer(
        "comm-config",
        "ports and NAT of virtualbox builders lose the `ssh_` before their names",
        &[Step::Builder(builder::virtualbox_ports)],
    ),
    fixer(
        "ssh-wait-timeout",
        "`ssh_wait_timeout` becomes `ssh_timeout`",
        &[Step::Rename(rename_text(Types::All, "ssh_wait_timeout", "ssh_timeout"))],
    ),
    fixer(
        "vsphere-iso-net-disk",
        "network and disk of vsphere-iso move into the lists `network_adapters` and `storage`",
        &[Step::CheckedBuilder(builder::vsphere_lists)],
    ),
    fixer(
        "iso-checksum-type-and-url",
        "`iso_checksum_type` and `iso_checksum_url` become a part of `iso_checksum`",
        &[Step::Builder(builder::iso_checksum)],
    ),
    fixer(
        "qemu-host-port",
        "ports of qemu lose the `ssh_` before their names",
        &[
            Step::Rename(replace(Types::Of(&["qemu"]), "ssh_host_port_min", "host_port_min")),
            Step::Rename(replace(Types::Of(&["qemu"]), "ssh_host_port_max", "host_port_max")),
        ],
    ),
    fixer(
        "azure-exclude_from_latest",
        "`exlude_from_latest` in `shared_image_destination` of azure-chroot gets its missing letter",
        &[Step::Builder(builder::exclude_from_latest)],
    ),
    fixer("proxmox-type", "the builder proxmox becomes proxmox-iso", &[Step::Type("proxmox", "proxmox-iso")]),
];
