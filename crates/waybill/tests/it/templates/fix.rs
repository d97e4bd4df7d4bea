//! `waybill fix`: old options become new ones.

use insta::assert_snapshot;

use super::hello;
use crate::cli::Scene;

pub(super) const OLD: &str = r#"{
  "builders": [
    { "type": "null", "communicator": "none", "ssh_wait_timeout": "1m" }
  ],
  "provisioners": [
    { "type": "shell-local", "command": "echo {{user `name`}}" }
  ],
  "post-processors": [{ "type": "manifest", "filename": "m.json" }],
  "variables": { "name": "world" }
}
"#;

#[test]
fn old_options_get_their_new_names() {
    let scene = Scene::offline();
    scene.write("t.json", OLD);
    let fixed = scene.run("fix t.json");
    assert_snapshot!(fixed, @r#"
    exit 0
    --- stdout
    {
      "builders": [
        {
          "communicator": "none",
          "ssh_timeout": "1m",
          "type": "null"
        }
      ],
      "post-processors": [
        {
          "output": "m.json",
          "type": "manifest"
        }
      ],
      "provisioners": [
        {
          "command": "echo {{user `name`}}",
          "type": "shell-local"
        }
      ],
      "variables": {
        "name": "world"
      }
    }
    "#);
    assert_eq!(scene.pipe("fix -", OLD), fixed);
    assert_eq!(scene.run("fix -validate=false t.json"), fixed);
    let before = fs_err::read_to_string(scene.folder().join("t.json")).expect("it is there");
    assert_eq!(before, OLD, "the file stays as it is");
}

#[test]
fn what_does_not_fit_together_afterwards_is_told() {
    let scene = Scene::offline();
    scene.write("t.json", "{\"bilders\": []}");
    assert_snapshot!(scene.run("fix t.json"), @r#"
    exit 1
    --- stdout
    {
      "bilders": [],
      "builders": null
    }

    Error! The fixed template is not valid:

    Error: Unknown key

      on t.json line 2:
       2:   "bilders": [],

    Unknown root level key in template: "bilders". Did you mean "builders"?
    "#);
    assert!(scene.run("fix -validate=false t.json").starts_with("exit 0\n"));
}

#[test]
fn only_json_templates_are_fixed() {
    let scene = hello();
    assert_snapshot!(scene.run("fix hello.pkr.hcl"), @r"
    exit 1
    --- stdout
    `fix` only knows JSON templates: HCL2 templates have nothing to fix
    ");
    assert_snapshot!(scene.run("fix absent.json"), @r"
    exit 1
    --- stdout
    Error: Cannot read absent.json: there is no such file or folder
    ");
    scene.write("t.json", "{");
    assert_snapshot!(scene.run("fix t.json"), @r"
    exit 1
    --- stdout
    Error: t.json: line 1, column 1: Unclosed object. The text ends before the `}` that closes this object.
    ");
}
