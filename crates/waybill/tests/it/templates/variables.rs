//! Where variables get their values from, and which value counts.

use insta::assert_snapshot;

use super::with;
use crate::cli::Scene;

fn scene() -> Scene {
    let scene = Scene::offline();
    fs_err::create_dir(scene.folder().join("t")).expect("the folder is new");
    scene.write("t/t.pkr.hcl", &with("variable \"a\" {\n  default = \"default\"\n}"));
    scene
}

fn value(scene: &Scene, flags: &str, variables: &[(&str, &str)]) -> String {
    let transcript = scene.run_with(&format!("inspect {flags} t"), variables);
    let line = transcript.lines().find(|line| line.starts_with("var.a: "));
    line.unwrap_or(&transcript).to_owned()
}

#[test]
fn the_later_of_two_sources_counts() {
    let scene = scene();
    let environment = [("PKR_VAR_a", "environment")];
    assert_eq!(value(&scene, "", &[]), "var.a: \"default\"");
    assert_eq!(value(&scene, "", &environment), "var.a: \"environment\"");
    scene.write("t/a.auto.pkrvars.hcl", "a = \"auto\"\n");
    assert_eq!(value(&scene, "", &environment), "var.a: \"auto\"");
    scene.write("t/a.auto.pkrvars.json", "{\"a\": \"auto json\"}");
    assert_eq!(value(&scene, "", &environment), "var.a: \"auto json\"");
    scene.write("one.pkrvars.hcl", "a = \"one\"\n");
    scene.write("two.json", "{\"a\": \"two\"}");
    assert_eq!(value(&scene, "-var-file one.pkrvars.hcl", &environment), "var.a: \"one\"");
    assert_eq!(value(&scene, "-var-file=one.pkrvars.hcl -var-file=two.json", &[]), "var.a: \"two\"");
    assert_eq!(value(&scene, "-var-file=two.json -var-file=one.pkrvars.hcl", &[]), "var.a: \"one\"");
    assert_eq!(value(&scene, "-var a=x -var-file=one.pkrvars.hcl", &environment), "var.a: \"x\"");
    assert_eq!(value(&scene, "-var a=x -var a=y", &[]), "var.a: \"y\"");
}

#[test]
fn automatic_files_count_for_folders_only() {
    let scene = scene();
    scene.write("t/a.auto.pkrvars.hcl", "a = \"auto\"\n");
    let transcript = scene.run("inspect t/t.pkr.hcl");
    assert!(transcript.contains("var.a: \"default\"\n"), "{transcript}");
}

#[test]
fn values_that_do_not_fit_are_told_with_their_origin() {
    let scene = Scene::offline();
    let rule =
        "\n  validation {\n    condition     = var.n > 1\n    error_message = \"More than one.\"\n  }\n";
    scene.write("t.pkr.hcl", &with(&format!("variable \"n\" {{\n  type = number\n{rule}}}")));
    assert_snapshot!(scene.run("validate t.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Unset variable "n"

      on t.pkr.hcl line 1, in variable "n":
       1: variable "n" {

    A variable must be set or have a default. Give it a value with `-var n=…`, a
    `-var-file`, or `PKR_VAR_n` in the environment.
    "#);
    assert_snapshot!(scene.run("validate -var n=many t.pkr.hcl"), @r"
    exit 1
    --- stdout
    Error: Invalid value for variable

      on <value for var.n from arguments> line 1:
       1: many

    The value for `n` must be number: a number is required.
    ");
    assert_snapshot!(scene.run_with("validate t.pkr.hcl", &[("PKR_VAR_n", "0")]), @r"
    exit 1
    --- stdout
    Error: Invalid value for env variable

      on <value for var.n from env> line 1:
       1: 0

    More than one.

    This was checked by the validation rule at t.pkr.hcl:4,3-13.
    ");
    scene.write("v.pkrvars.hcl", "n = \"few\"\n");
    assert_snapshot!(scene.run("validate -var-file=v.pkrvars.hcl t.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Invalid value for variable

      on v.pkrvars.hcl line 1:
       1: n = "few"

    The value for `n` must be number: a number is required.
    "#);
    assert_snapshot!(scene.run("validate -var n=2 t.pkr.hcl"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
}

#[test]
fn values_for_nobody_are_told() {
    let scene = scene();
    scene.write("v.pkrvars.hcl", "b = 1\n");
    assert_snapshot!(scene.run("validate -var b=1 t"), @r#"
    exit 1
    --- stdout
    Error: Undefined variable on the command line

    The argument `-var b=…` gives a value to a variable that the template does not
    declare. Did you mean `a`? To use it, add a block `variable "b" {}`.
    "#);
    assert_snapshot!(scene.run("validate -var-file=v.pkrvars.hcl t"), @r#"
    exit 0
    --- stdout
    Warning: Undefined variable

      on v.pkrvars.hcl line 1:
       1: b = 1

    `v.pkrvars.hcl` gives a value to the variable `b`, which the template does not
    declare. Did you mean `a`? To use it, add a block `variable "b" {}`; to give it
    to other templates only, use the variable `PKR_VAR_b` of the environment.


    The configuration is valid.
    "#);
    assert_snapshot!(scene.run("validate -no-warn-undeclared-var -var-file=v.pkrvars.hcl t"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    assert_snapshot!(scene.run("validate -var-file=absent.hcl t"), @r"
    exit 1
    --- stdout
    Error: Cannot read the file

    `absent.hcl` cannot be read: absent.hcl: there is no such file or folder.
    ");
    assert_snapshot!(scene.run("validate -var-file=v.yaml t"), @r"
    exit 1
    --- stdout
    Error: Unknown kind of variable file

    `v.yaml` ends neither in `.hcl` nor in `.json`, so its syntax is not known.
    Rename it.
    ");
    assert_snapshot!(scene.run_with("validate t", &[("PKR_VAR_b", "1")]), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
}
