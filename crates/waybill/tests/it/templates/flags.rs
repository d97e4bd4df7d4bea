//! Flags in Packer's spelling, and what is no flag.

use insta::assert_snapshot;

use super::{HELLO, hello};

const VALID: &str = "exit 0\n--- stdout\nThe configuration is valid.\n";

#[test]
fn a_flag_has_one_dash_or_two_and_its_value_behind_it_or_behind_an_equals_sign() {
    let scene = hello();
    for flags in [
        "",
        "-var name=x",
        "-var=name=x",
        "--var name=x",
        "--var=name=x",
        "-var name=a=b",
        "-only hello.*",
        "-except=other",
        "-only=a,hello.null.x,b",
        "-evaluate-datasources -no-warn-undeclared-var -ignore-prerelease-plugins",
        "-use-sequential-evaluation=true",
        "-syntax-only=false",
        "-syntax-only=0",
        "--",
    ] {
        let only = scene.run(&format!("validate {flags} hello.pkr.hcl"));
        assert!(
            only.ends_with("The configuration is valid.\n") && only.starts_with("exit 0\n"),
            "{flags}: {only}"
        );
    }
    let syntax = "exit 0\n--- stdout\nSyntax-only check passed. Everything looks okay.\n";
    for flags in ["-syntax-only", "--syntax-only", "-syntax-only=true", "-syntax-only=1", "-syntax-only=T"] {
        assert_eq!(scene.run(&format!("validate {flags} hello.pkr.hcl")), syntax, "{flags}");
    }
}

#[test]
fn flags_end_at_the_template() {
    let scene = hello();
    assert_snapshot!(scene.run("validate hello.pkr.hcl -syntax-only"), @r"
    exit 1
    --- stdout
    error: unexpected argument '-syntax-only' found

    Usage: waybill validate [OPTIONS] <TEMPLATE>

    For more information, try '--help'.
    hint: flags stand before the template
    ");
    assert_snapshot!(scene.run("fmt -check -- -odd.pkr.hcl"), @r"
    exit 1
    --- stdout
    Error: `-odd.pkr.hcl` cannot be read: there is no such file or folder
    ");
    scene.write("-odd.pkr.hcl", HELLO);
    assert_eq!(scene.run("fmt -check -- -odd.pkr.hcl"), "exit 0\n");
}

#[test]
fn wrong_flags_are_told_on_stdout_with_exit_code_1() {
    let scene = hello();
    assert_snapshot!(scene.run("validate -bogus hello.pkr.hcl"), @r"
    exit 1
    --- stdout
    error: unexpected argument '--bogus' found

      tip: to pass '--bogus' as a value, use '-- --bogus'

    Usage: waybill validate [OPTIONS] <TEMPLATE>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("validate"), @r"
    exit 1
    --- stdout
    error: the following required arguments were not provided:
      <TEMPLATE>

    Usage: waybill validate <TEMPLATE>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("validate -syntax-only=perhaps hello.pkr.hcl"), @r"
    exit 1
    --- stdout
    error: unexpected value 'perhaps' for '--syntax-only' found; no more were expected

    Usage: waybill validate --syntax-only <TEMPLATE>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("validate -var name hello.pkr.hcl"), @r"
    exit 1
    --- stdout
    error: invalid value 'name' for '--var <NAME=VALUE>': write it as NAME=VALUE

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("fmt"), @r"
    exit 1
    --- stdout
    error: the following required arguments were not provided:
      <PATH>...

    Usage: waybill fmt <PATH>...

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("console -config-type=yaml"), @r"
    exit 1
    --- stdout
    error: invalid value 'yaml' for '--config-type <TYPE>'
      [possible values: json, hcl2]

    For more information, try '--help'.
    ");
}

#[test]
fn help_is_asked_for_in_packers_spelling() {
    let scene = hello();
    let long = scene.run("validate --help");
    assert!(long.starts_with("exit 0\n--- stdout\nCheck that a template is valid\n"), "{long}");
    assert_eq!(scene.run("validate -help"), long);
    let version = format!("exit 0\n--- stdout\nwaybill {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(scene.run("-version"), version);
    assert_eq!(scene.run("-v"), version);
}

#[test]
fn machine_readable_counts_wherever_it_stands() {
    let scene = hello();
    let told = scene.run("validate -machine-readable hello.pkr.hcl");
    assert_snapshot!(told, @r"
    exit 0
    --- stdout
    UNIX,,ui,say,The configuration is valid.
    ");
    for line in ["-machine-readable validate hello.pkr.hcl", "validate hello.pkr.hcl -machine-readable"] {
        assert_eq!(scene.run(line)[..30], told[..30], "{line}");
    }
    assert_eq!(scene.run("validate hello.pkr.hcl"), VALID);
}
