//! Transcripts of the commands that work on templates, as somebody sees them who has used Packer.

mod console;
mod data_sources;
mod examples;
mod fix;
mod flags;
mod fmt;
mod inspect;
mod legacy;
mod secrets;
mod sensitive;
mod terminal;
mod upgrade;
mod validate;
mod variables;

use axum::Router;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::cli::Scene;

/// A template that is valid.
const HELLO: &str = r#"variable "name" {
  type    = string
  default = "world"
}

source "null" "x" {
  communicator = "none"
}

build {
  name    = "hello"
  sources = ["null.x"]

  provisioner "shell-local" {
    inline = ["echo hello ${var.name}"]
  }
}
"#;

/// A folder with [`HELLO`] in it.
fn hello() -> Scene {
    let scene = Scene::offline();
    scene.write("hello.pkr.hcl", HELLO);
    scene
}

/// A template that does nothing but is one, with something above it.
fn with(text: &str) -> String {
    format!(
        "{text}\n\nsource \"null\" \"x\" {{\n  communicator = \"none\"\n}}\n\nbuild {{\n  sources = [\"null.x\"]\n}}\n"
    )
}

/// A server on this machine that answers until it is dropped.
struct Server {
    url: String,
    _runtime: Runtime,
}

impl Server {
    fn start(router: Router) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("a listener has an address"));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { url, _runtime: runtime }
    }
}
