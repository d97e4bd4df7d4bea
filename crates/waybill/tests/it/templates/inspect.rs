//! `waybill inspect`: the form is Packer's, to the byte.

use insta::assert_snapshot;

use super::hello;
use crate::cli::Scene;

const PARTS: &str = r#"variable "ports" {
  type    = list(number)
  default = [80, 443]
}

variable "unset" {
  type = string
}

locals {
  names = { b = "x\ty", a = null }
  late  = var.unset
}

source "null" "x" {
  communicator = "none"
}

source "file" "y" {
  target = "y"
}

build {
  name        = "all"
  description = "What there is"
  sources     = ["null.x", "source.file.y"]

  source "null.x" {
    name = "again"
  }

  provisioner "shell-local" {
    name   = "first"
    inline = ["true"]
  }

  provisioner "file" {
    source      = "a"
    destination = "b"
  }

  post-processor "manifest" {}

  post-processors {
    post-processor "compress" {
      name = "pack"
    }
    post-processor "checksum" {}
  }
}

build {
  sources = ["null.x"]
}
"#;

#[test]
fn a_template_is_shown_with_all_its_parts() {
    let scene = Scene::offline();
    scene.write("t.pkr.hcl", PARTS);
    assert_snapshot!(scene.run("inspect t.pkr.hcl"), @r#"
    exit 0
    --- stdout
    Packer Inspect: HCL2 mode

    > input-variables:

    var.ports: "[\n  80,\n  443,\n]"
    var.unset: "<unknown>"

    > local-variables:

    local.late: "<unknown>"
    local.names: "{\n  \"b\" = \"x\\ty\"\n}"

    > builds:

      > all:

      > Description: What there is

        sources:

          null.x

          file.y

          null.again

        provisioners:

          shell-local.first
          file

        post-processors:

          0:
            manifest

          1:
            compress.pack
            checksum

      > <unnamed build 1>:

        sources:

          null.x

        provisioners:

          <no provisioner>

        post-processors:

          <no post-processor>
    "#);
}

#[test]
fn lines_for_programs() {
    assert_snapshot!(hello().run("inspect -machine-readable ."), @r#"
    exit 0
    --- stdout
    UNIX,,ui,say,Packer Inspect: HCL2 mode\n
    UNIX,,ui,say,> input-variables:\n\nvar.name: "world"\n\n> local-variables:\n\n
    UNIX,,ui,say,> builds:\n\n  > hello:\n\n    sources:\n\n      null.x\n\n    provisioners:\n\n      shell-local\n\n    post-processors:\n\n      <no post-processor>\n
    "#);
}

#[test]
fn what_cannot_be_read_is_told() {
    let scene = Scene::offline();
    scene.write("t.pkr.hcl", "build {\n");
    assert_snapshot!(scene.run("inspect t.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Unclosed configuration block

      on t.pkr.hcl line 1:
       1: build {

    The block "build" is not closed before the file ends. Its `}` is missing, or
    that of something inside of it.
    "#);
    assert_snapshot!(scene.run("inspect absent.json"), @r"
    exit 1
    --- stdout
    Cannot read absent.json: there is no such file or folder
    ");
}

#[test]
fn a_legacy_template_is_shown_with_all_its_parts() {
    let scene = Scene::offline();
    let text = r#"{"description": "An old one", "variables": {"a": "1", "b": null},
        "builders": [{"type": "null", "name": "first", "communicator": "none"}],
        "provisioners": [{"type": "shell-local", "inline": ["true"]}]}"#;
    scene.write("t.json", text);
    let told = scene.run("inspect t.json");
    assert_snapshot!(told, @r"
    exit 0
    --- stdout
    Packer Inspect: JSON mode
    Description:

    An old one

    Required variables:

      b

    Optional variables and their defaults:

      a = 1

    Builders:

      first (null)

    Provisioners:

      shell-local

    Note: If your build names contain user variables or template
    functions such as 'timestamp', these are processed at build time,
    and therefore only show in their raw form here.
    ");
    assert_eq!(scene.pipe("inspect -", text), told);
    assert_snapshot!(scene.run("inspect -machine-readable t.json"), @r"
    exit 0
    --- stdout
    UNIX,,ui,say,Packer Inspect: JSON mode
    UNIX,,ui,say,Description:\n
    UNIX,,ui,say,An old one\n
    UNIX,,ui,say,Required variables:\n
    UNIX,,template-variable,b,,1
    UNIX,,ui,say,  b
    UNIX,,ui,say,
    UNIX,,ui,say,Optional variables and their defaults:\n
    UNIX,,template-variable,a,1,0
    UNIX,,ui,say,  a = 1
    UNIX,,ui,say,
    UNIX,,ui,say,Builders:\n
    UNIX,,template-builder,first,null
    UNIX,,ui,say,  first (null)
    UNIX,,ui,say,
    UNIX,,ui,say,Provisioners:\n
    UNIX,,template-provisioner,shell-local
    UNIX,,ui,say,  shell-local
    UNIX,,ui,say,\nNote: If your build names contain user variables or template\nfunctions such as 'timestamp'%!(PACKER_COMMA) these are processed at build time%!(PACKER_COMMA)\nand therefore only show in their raw form here.
    ");
}
