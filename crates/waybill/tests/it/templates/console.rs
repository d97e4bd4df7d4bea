//! `waybill console` behind a pipe.

use insta::assert_snapshot;

use super::hello;
use crate::cli::Scene;

#[test]
fn the_last_lines_value_is_printed() {
    let scene = hello();
    assert_snapshot!(scene.pipe("console .", "1 + 1\nupper(var.name)\n"), @r"
    exit 0
    --- stdout
    WORLD
    ");
    assert_snapshot!(scene.pipe("console .", "[1, \"a\", { b = null, c = 1.5 }]"), @r#"
    exit 0
    --- stdout
    [
      1,
      "a",
      {
        "c" = 1.5
      },
    ]
    "#);
    assert_snapshot!(scene.pipe("console -var name=you hello.pkr.hcl", "  \"hello ${var.name}\"  \n"), @r"
    exit 0
    --- stdout
    hello you
    ");
    assert_snapshot!(scene.pipe("console .", ""), @r"
    exit 0
    --- stdout
    ");
    assert_snapshot!(scene.pipe("console .", "1\n\n"), @r"
    exit 0
    --- stdout
    ");
}

#[test]
fn every_fault_is_told_and_no_value() {
    assert_snapshot!(hello().pipe("console .", "var.nobody\n1\nuper(\"a\")\n"), @r#"
    exit 1
    --- stdout
    Error: Unsupported attribute

      on <console-input> line 1:
       1: var.nobody

    This object does not have an attribute named "nobody". "var" has "name".


    Error: Call to unknown function

      on <console-input> line 1:
       1: uper("a")

    There is no function named "uper". Did you mean "upper"?
    "#);
}

#[test]
fn some_words_are_no_expressions() {
    let scene = hello();
    assert_snapshot!(scene.pipe("console .", "variables\n"), @r#"
    exit 0
    --- stdout
    > input-variables:

    var.name: "world"

    > local-variables:
    "#);
    assert_snapshot!(scene.pipe("console .", "help\n"), @r"
    exit 0
    --- stdout
    Type an expression and press Enter to see its value: upper(var.name)

    What the template declares can be used: var.NAME, local.NAME, data.TYPE.NAME.OUTPUT,
    path.root, path.cwd, packer.version, and all functions. The Tab key completes names.

      variables   all variables and locals with their values
      help        this text
      exit        leave; Ctrl-D does, too
    ");
    assert_snapshot!(scene.pipe("console .", "exit\n"), @r"
    exit 0
    --- stdout
    ");
    assert_snapshot!(scene.pipe("console .", "exit\n1 + 2\n"), @r"
    exit 0
    --- stdout
    3
    ");
}

#[test]
fn without_a_template_the_flag_says_which_language() {
    let scene = Scene::offline();
    assert_snapshot!(scene.pipe("console -config-type=hcl2", "cidrsubnet(\"10.0.0.0/8\", 8, 2)\n"), @r"
    exit 0
    --- stdout
    10.2.0.0/16
    ");
    assert_snapshot!(scene.pipe("console -config-type hcl2", "path.root\n"), @r"
    exit 0
    --- stdout
    ");
    assert_snapshot!(scene.pipe("console", "{{ `a` | upper }} {{ build_name }}\n"), @r#"
    exit 1
    --- stdout
    Error: template: root:1:21: executing "root" at <build_name>: error calling build_name: build_name not available
    "#);
    assert_snapshot!(scene.pipe("console", "help\n"), @r"
    exit 0
    --- stdout
    Type an interpolation and press Enter to see its text: {{ user `name` | upper }}

      variables   all variables with their values
      help        this text
      exit        leave; Ctrl-D does, too
    ");
}

#[test]
fn a_template_that_cannot_be_read_ends_it() {
    let scene = Scene::offline();
    scene.write("t.pkr.hcl", "locals {\n  a = \n}\n");
    assert_snapshot!(scene.pipe("console t.pkr.hcl", "1\n"), @r"
    exit 1
    --- stdout
    Error: Invalid expression

      on t.pkr.hcl line 2, in locals:
       2:   a =

    A value is expected before the line ends. It may only go on in the next line
    inside of brackets or parentheses.
    ");
    assert_snapshot!(scene.pipe("console absent.json", "1\n"), @r"
    exit 1
    --- stdout
    Cannot read absent.json: there is no such file or folder
    ");
}
