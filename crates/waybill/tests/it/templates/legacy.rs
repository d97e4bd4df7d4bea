//! JSON templates of the old kind.

use insta::assert_snapshot;

use crate::cli::Scene;

const OLD: &str = r#"{
  "variables": { "name": "world", "region": "{{env `REGION`}}" },
  "builders": [
    { "type": "null", "name": "first", "communicator": "none" }
  ],
  "provisioners": [
    { "type": "shell-local", "inline": ["echo {{user `name`}} in {{user `region`}}"] }
  ]
}
"#;

#[test]
fn a_template_is_a_file_or_comes_on_stdin() {
    let scene = Scene::offline();
    scene.write("t.json", OLD);
    let valid = "exit 0\n--- stdout\nThe configuration is valid.\n";
    assert_eq!(scene.run("validate t.json"), valid);
    assert_eq!(scene.pipe("validate -", OLD), valid);
    assert_snapshot!(scene.run("validate -syntax-only t.json"), @r"
    exit 0
    --- stdout
    Syntax-only check passed. Everything looks okay.
    ");
}

#[test]
fn variables_are_given_as_for_others() {
    let scene = Scene::offline();
    scene.write("t.json", OLD);
    scene.write("v.json", "{\"name\": \"you\"}");
    let line = "{{user `name`}} {{user `region`}}\n";
    assert_snapshot!(scene.pipe("console -var-file=v.json t.json", line), @r"
    exit 0
    --- stdout
    you
    ");
    assert_snapshot!(scene.pipe("console -var-file=v.json -var name=me t.json", line), @r"
    exit 0
    --- stdout
    me
    ");
    assert_snapshot!(scene.run("validate -var nobody=1 t.json"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
}

#[test]
fn faults_name_what_is_wrong() {
    let scene = Scene::offline();
    scene.write("t.json", "{\"builders\": [,]}");
    assert_snapshot!(scene.run("validate t.json"), @r#"
    exit 1
    --- stdout
    Error: Failed to parse file as legacy JSON template

      on t.json line 1:
       1: {"builders": [,]}

    Error parsing JSON: Invalid start of a value. A JSON value is an object, an
    array, a string, a number, or one of true, false and null.

    At line 1, column 15 (offset 15):
        1: {"builders": [,
                         ^

    If this is an HCL2 template, its file has to be named *.pkr.hcl or *.pkr.json.
    "#);
    scene.write("t.json", &OLD.replace("\"inline\"", "\"inlin\""));
    assert_snapshot!(scene.run("validate t.json"), @r#"
    exit 1
    --- stdout
    Error: Failed to prepare build: "first"

      on t.json line 7:
       7:     { "type": "shell-local", "inlin": ["echo {{user `name`}} in {{user `region`}}"] }

    The provisioner "shell-local": unknown configuration key: "inlin". Did you mean
    `inline`?

    Error: Failed to prepare build: "first"

      on t.json line 7:
       7:     { "type": "shell-local", "inlin": ["echo {{user `name`}} in {{user `region`}}"] }

    The provisioner "shell-local": one of `inline`, `script`, `scripts` and
    `command` must be set: what to run
    "#);
    scene.write("t.json", &OLD.replace("user `name`", "user `nam`"));
    assert_snapshot!(scene.run("validate t.json"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    scene.write("t.json", &OLD.replace("\"builders\"", "\"builder\""));
    assert_snapshot!(scene.run("validate t.json"), @r#"
    exit 1
    --- stdout
    Error: Unknown key

      on t.json line 3:
       3:   "builder": [

    Unknown root level key in template: "builder". Did you mean "builders"?
    "#);
    scene.write("t.json", &OLD.replace("\"world\"", "null"));
    assert_snapshot!(scene.run("validate t.json"), @r#"
    exit 1
    --- stdout
    Error: Unset variable

      on t.json line 2:
       2:   "variables": { "name": null, "region": "{{env `REGION`}}" },

    The required variable "name" is not set.
    "#);
}

#[test]
fn builds_are_chosen_by_their_names() {
    let scene = Scene::offline();
    scene.write(
        "t.json",
        &OLD.replace("[\n    { \"type\": \"null\"", "[\n    { \"type\": \"file\" }, { \"type\": \"null\""),
    );
    assert_snapshot!(scene.run("validate t.json"), @r#"
    exit 1
    --- stdout
    Error: Failed to prepare build: "file"

      on t.json line 4:
       4:     { "type": "file" }, { "type": "null", "name": "first", "communicator": "none" }

    The builder "file": `target` must be set: the file to make

    Warning: Warning when preparing build: "file"

      on t.json line 4:
       4:     { "type": "file" }, { "type": "null", "name": "first", "communicator": "none" }

    The builder "file": Neither `source` nor `content` is set: the file will be
    empty.
    "#);
    assert_snapshot!(scene.run("validate -only=first t.json"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    assert_snapshot!(scene.run("validate -except=file t.json"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
}
