//! What the commands are asked to do: templates as people write them, in a folder of their own.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;

/// A command with its words.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) words: Vec<&'static str>,
    /// What it reads, in the folder.
    input: Option<&'static str>,
    pub(super) exit: u64,
}

/// A folder with templates.
pub(super) struct Scene {
    folder: TempDir,
}

const TEMPLATE: &str = "image.pkr.hcl";
const EXPRESSION: &str = "expression.txt";
/// In `many/`.
const FILES: usize = 200;

impl Scene {
    pub(super) fn new() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        fs_err::write(folder.path().join(TEMPLATE), template())?;
        fs_err::write(
            folder.path().join(EXPRESSION),
            "join(\", \", [for n in range(20) : format(\"host-%03d\", n)])\n",
        )?;
        let many = folder.path().join("many");
        fs_err::create_dir(&many)?;
        for file in 0..FILES {
            fs_err::write(many.join(format!("part-{file:03}.pkr.hcl")), part(file))?;
        }
        fs_err::create_dir(folder.path().join("home"))?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A home of its own, and nobody is called.
    pub(super) fn environment(&self) -> [(&'static str, PathBuf); 3] {
        let home = self.folder.path().join("home");
        [("HOME", home.clone()), ("PACKER_CONFIG_DIR", home), ("CHECKPOINT_DISABLE", PathBuf::from("1"))]
    }
}

pub(super) fn questions() -> [Question; 5] {
    let question =
        |name, words: &[&'static str]| Question { name, words: words.to_vec(), input: None, exit: 0 };
    [
        question("version", &["version"]),
        question("validate", &["validate", TEMPLATE]),
        question("inspect", &["inspect", TEMPLATE]),
        Question { input: Some(EXPRESSION), ..question("console", &["console", TEMPLATE]) },
        question("fmt -check of 200 files", &["fmt", "-check", "many"]),
    ]
}

impl Question {
    pub(super) fn input(&self, scene: &Scene) -> anyhow::Result<Stdio> {
        Ok(match self.input {
            Some(name) => Stdio::from(fs_err::File::open(scene.folder().join(name))?.into_parts().0),
            None => Stdio::null(),
        })
    }
}

/// A template with a bit of everything, for components that are built in.
fn template() -> String {
    let mut out = String::from(
        r#"variable "release" {
  type    = string
  default = "2.4.1"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.release))
    error_message = "A release has three numbers."
  }
}

variable "services" {
  type = map(object({ port = number, tags = list(string) }))
  default = {
    web = { port = 80, tags = ["public", "edge"] }
    db  = { port = 5432, tags = ["private"] }
  }
}

locals {
  names   = sort(keys(var.services))
  summary = join("\n", [for name, service in var.services : "${name}:${service.port} ${join(",", service.tags)}"])
  digest  = substr(sha256(jsonencode(var.services)), 0, 12)
}
"#,
    );
    for source in 0..10 {
        let _ = write!(
            out,
            r#"
source "file" "config-{source}" {{
  target  = "out/config-{source}.json"
  content = jsonencode({{ release = var.release, names = local.names, number = {source}, digest = local.digest }})
}}
"#
        );
    }
    out.push_str("\nbuild {\n  name = \"configs\"\n  sources = [\n");
    for source in 0..10 {
        let _ = writeln!(out, "    \"source.file.config-{source}\",");
    }
    out.push_str(
        r#"  ]

  provisioner "shell-local" {
    inline = [for name in local.names : "echo ${name}"]
  }

  post-processor "checksum" {
    checksum_types = ["sha256"]
    output         = "out/{{.BuildName}}.{{.ChecksumType}}"
  }
}
"#,
    );
    out
}

/// A file that is in the canonical format.
fn part(number: usize) -> String {
    format!(
        r#"# Part {number} of a large configuration.
variable "setting_{number}" {{
  type        = string
  description = "What part {number} needs"
  default     = "value-{number}"
}}

locals {{
  # Aligned, with a comment behind.
  name_{number}    = "part-${{var.setting_{number}}}" # the name
  enabled_{number} = var.setting_{number} != ""
  items_{number} = [
    "one",
    "two",
    upper("three"),
  ]
}}

source "null" "part_{number}" {{
  communicator = "none"
}}
"#
    )
}
