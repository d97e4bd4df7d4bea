//! `waybill validate`: exit codes and what is told.

use insta::assert_snapshot;

use super::{HELLO, hello, with};
use crate::cli::Scene;

#[test]
fn a_template_is_a_file_or_a_folder() {
    let scene = hello();
    for template in [".", "hello.pkr.hcl", "./hello.pkr.hcl"] {
        assert_eq!(
            scene.run(&format!("validate {template}")),
            "exit 0\n--- stdout\nThe configuration is valid.\n"
        );
    }
}

#[test]
fn what_is_no_template_is_told() {
    let scene = Scene::offline();
    assert_snapshot!(scene.run("validate ."), @r"
    exit 1
    --- stdout
    Error: No template in the folder

    `.` has no file whose name ends in `.pkr.hcl` or `.pkr.json`.
    ");
    assert_snapshot!(scene.run("validate absent.pkr.hcl"), @r"
    exit 1
    --- stdout
    Error: Cannot find the template

    `absent.pkr.hcl` cannot be read: absent.pkr.hcl: there is no such file or
    folder.
    ");
    assert_snapshot!(scene.run("validate absent.json"), @r"
    exit 1
    --- stdout
    Cannot read absent.json: there is no such file or folder
    ");
}

#[test]
fn faults_have_their_file_and_line() {
    let scene = Scene::offline();
    scene.write("x.pkr.hcl", &HELLO.replace("inline = [", "inlines = ["));
    assert_snapshot!(scene.run("validate x.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Unsupported argument

      on x.pkr.hcl line 15, in build:
      15:     inlines = ["echo hello ${var.name}"]

    There is no argument "inlines" here. Did you mean "inline"?
    "#);
    assert_snapshot!(scene.run("validate -syntax-only x.pkr.hcl"), @r"
    exit 0
    --- stdout
    Syntax-only check passed. Everything looks okay.
    ");
    assert_snapshot!(scene.run("validate -machine-readable x.pkr.hcl"), @r#"
    exit 1
    --- stdout
    UNIX,,ui,error,Error: Unsupported argument\n\n  on x.pkr.hcl line 15%!(PACKER_COMMA) in build:\n  15:     inlines = ["echo hello ${var.name}"]\n\nThere is no argument "inlines" here. Did you mean "inline"?\n\n
    "#);
    scene.write("x.pkr.hcl", &HELLO.replace("communicator = \"none\"", "communicator = \"none"));
    assert_snapshot!(scene.run("validate -syntax-only x.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Unclosed quoted text

      on x.pkr.hcl line 7, in source "null" "x":
       7:   communicator = "none

    No quote (") closes this text before its line ends. Text of several lines has
    `\n` in it, or is a heredoc, `<<EOT`.
    "#);
}

#[test]
fn faults_of_several_files_are_told_together() {
    let scene = hello();
    scene.write("a.pkr.hcl", "variable {}\n");
    scene.write("b.pkr.hcl", "variabel \"x\" {}\n");
    assert_snapshot!(scene.run("validate ."), @r#"
    exit 1
    --- stdout
    Error: Missing name for variable

      on a.pkr.hcl line 1, in variable:
       1: variable {}

    A "variable" block has one label, its name.

    Error: Unsupported block type

      on b.pkr.hcl line 1, in variabel "x":
       1: variabel "x" {}

    There are no blocks of type "variabel" here. Did you mean "variables"?
    "#);
}

#[test]
fn a_required_version_is_that_of_the_language() {
    let scene = Scene::offline();
    let requires = |version: &str| with(&format!("packer {{\n  required_version = \"{version}\"\n}}"));
    scene.write("x.pkr.hcl", &requires(">= 1.14, < 2"));
    assert_snapshot!(scene.run("validate x.pkr.hcl"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    scene.write("x.pkr.hcl", &requires(">= 2.0"));
    assert_snapshot!(scene.run("validate x.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Error: Unsupported version

      on x.pkr.hcl line 2, in packer:
       2:   required_version = ">= 2.0"

    This template requires version >= 2.0 of the program, and this is 1.16.0. Use
    another version, or change the constraint if you know that the template works
    with this one.
    "#);
}

#[test]
fn builds_are_chosen_by_patterns() {
    let scene = Scene::offline();
    scene.write(
        "x.pkr.hcl",
        &format!("{HELLO}\nsource \"file\" \"wrong\" {{}}\n\nbuild {{\n  sources = [\"file.wrong\"]\n}}\n"),
    );
    assert_snapshot!(scene.run("validate x.pkr.hcl"), @r#"
    exit 1
    --- stdout
    Warning: Warning of the builder "file"

      on x.pkr.hcl line 19, in source "file" "wrong":
      19: source "file" "wrong" {}

    Neither `source` nor `content` is set: the file will be empty.

    Error: Failed preparing builder "file"

      on x.pkr.hcl line 19, in source "file" "wrong":
      19: source "file" "wrong" {}

    1 error occurred:
    * `target` must be set: the file to make
    "#);
    assert_snapshot!(scene.run("validate -only=hello.* x.pkr.hcl"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    assert_snapshot!(scene.run("validate -except=file.wrong x.pkr.hcl"), @r"
    exit 0
    --- stdout
    The configuration is valid.
    ");
    assert_snapshot!(scene.run("validate -only=nothing.* x.pkr.hcl"), @r"
    exit 0
    --- stdout
    Warning: A pattern of -only fits no build

    `-only` has 1 pattern, and 0 of the builds fit. The builds are: `hello.null.x`,
    `file.wrong`.


    The configuration is valid.
    ");
    assert_snapshot!(scene.run("validate -only=[ x.pkr.hcl"), @r"
    exit 1
    --- stdout
    Error: Invalid pattern

    the pattern `[` has a `[` without a `]`.
    ");
}

#[test]
fn colour_is_only_decoration_of_faults() {
    let scene = hello();
    scene.write("b.pkr.hcl", "variabel \"x\" {}\n");
    let plain = scene.run("validate .");
    let coloured = scene.run("validate --color always .");
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    assert_eq!(scene.run_with("validate --color always .", &[("PACKER_NO_COLOR", "1")]), plain);
}
