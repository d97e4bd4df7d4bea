//! Sensitive texts show nowhere.

use insta::assert_snapshot;

use super::with;
use crate::cli::Scene;

const SECRET: &str = "correct-horse-battery";

fn scene() -> Scene {
    let scene = Scene::offline();
    let text = "variable \"password\" {\n  sensitive = true\n  default   = { db = \"correct-horse-battery\" }\n}\n\n\
                variable \"plain\" {\n  default = \"no\"\n}\n\n\
                local \"address\" {\n  expression = \"db://correct-${var.plain}\"\n  sensitive  = true\n}\n\n\
                locals {\n  shown = \"<${var.password.db}> ${local.address}\"\n}";
    scene.write("t.pkr.hcl", &with(text));
    scene
}

#[test]
fn inspect_masks_them_in_everything_that_contains_them() {
    assert_snapshot!(scene().run("inspect t.pkr.hcl"), @r#"
    exit 0
    --- stdout
    Packer Inspect: HCL2 mode

    > input-variables:

    var.password: "{\n  \"db\" = \"<sensitive>\"\n}"
    var.plain: "no"

    > local-variables:

    local.address: "<sensitive>"
    local.shown: "<<sensitive>> <sensitive>"

    > builds:

      > <unnamed build 0>:

        sources:

          null.x

        provisioners:

          <no provisioner>

        post-processors:

          <no post-processor>
    "#);
}

#[test]
fn the_console_masks_them() {
    let scene = scene();
    assert_snapshot!(scene.pipe("console t.pkr.hcl", "var.password\n"), @r#"
    exit 0
    --- stdout
    {
      "db" = "<sensitive>"
    }
    "#);
    assert_snapshot!(scene.pipe("console t.pkr.hcl", "\"a${var.password.db}b\"\n"), @r"
    exit 0
    --- stdout
    a<sensitive>b
    ");
    assert_snapshot!(scene.pipe("console t.pkr.hcl", "variables\n"), @r#"
    exit 0
    --- stdout
    > input-variables:

    var.password: "{\n  \"db\" = \"<sensitive>\"\n}"
    var.plain: "no"

    > local-variables:

    local.address: "<sensitive>"
    local.shown: "<<sensitive>> <sensitive>"
    "#);
}

#[test]
fn faults_mask_them() {
    let scene = scene();
    scene.write(
        "more.pkr.hcl",
        "locals {\n  broken = file(var.password.db)\n  line = [\"correct-horse-battery\", nothing]\n}\n",
    );
    for line in ["validate .", "validate -machine-readable .", "inspect .", "-vv validate ."] {
        let told = scene.run_with(line, &[("WAYBILL_LOG", "trace")]);
        assert!(!told.contains(SECRET), "{line}: {told}");
    }
    assert_snapshot!(scene.run("validate ."), @r#"
    exit 1
    --- stdout
    Error: Error in function call

      on more.pkr.hcl line 2, in locals:
       2:   broken = file(var.password.db)

    The function "file" failed: <sensitive>: there is no such file or
    folder.

    Error: Unknown variable

      on more.pkr.hcl line 3, in locals:
       3:   line = ["<sensitive>", nothing]

    There is no variable named "nothing". A reference here can start with "build",
    "local", "packer", "path", "source" and "var".
    "#);
}

#[test]
fn legacy_templates_name_their_sensitive_variables() {
    let scene = Scene::offline();
    scene.write(
        "t.json",
        r#"{"variables": {"p": "correct-horse-battery"}, "sensitive-variables": ["p"],
            "builders": [{"type": "null", "communicator": "none"}],
            "provisioners": [{"type": "shell-local", "script": "{{user `p`}}"}]}"#,
    );
    for line in ["validate t.json", "validate -machine-readable t.json"] {
        let told = scene.run(line);
        assert!(!told.contains(SECRET), "{told}");
    }
    assert_snapshot!(scene.pipe("console t.json", "{{user `p`}}\n"), @r"
    exit 0
    --- stdout
    <sensitive>
    ");
    assert_snapshot!(scene.run("validate t.json"), @r#"
    exit 1
    --- stdout
    Error: Failed to prepare build: "null"

      on t.json line 3:
       3:             "provisioners": [{"type": "shell-local", "script": "{{user `p`}}"}]}

    The provisioner "shell-local": the script `<sensitive>` cannot be
    read: <sensitive>: there is no such file or folder
    "#);
}
