//! The yardstick: a server that does nothing but answer.

use std::io::{self, Write};

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Serves one static JSON answer on a free port of this machine until it is killed.
pub(crate) fn run() -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(io::stdout(), "ready at http://{}", listener.local_addr()?)?;
    axum::serve(listener, Router::new().route("/", get(answer))).await?;
    Ok(())
}

async fn answer() -> Json<Value> {
    Json(json!({"status": "ok"}))
}
