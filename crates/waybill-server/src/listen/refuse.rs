//! The answer to plain HTTP from another machine.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use waybill_api::error::{Code, Status};

const MESSAGE: &str = "this server speaks HTTPS: use https:// in its address (plain HTTP is only for programs on the \
                       same machine, unless the server runs with --allow-plain-http)";

/// How long the peer may take to send what it wanted and to read the answer.
const TIME: Duration = Duration::from_secs(2);

/// What is read of the request before the connection is closed. Closing with unread data would reset the connection,
/// and the peer might never see the answer.
const READ_BYTES: u64 = 64 << 10;

/// Answers whatever was asked with 403 and closes the connection.
pub(super) async fn plain_http(mut stream: TcpStream) {
    let answer = answer();
    let talk = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(READ_BYTES), &mut tokio::io::sink()).await
    };
    if let Ok(Err(error)) = timeout(TIME, talk).await {
        tracing::debug!("A client that spoke plain HTTP went away: {error}");
    }
}

fn answer() -> String {
    let code = Code::PermissionDenied;
    let body = serde_json::to_string(&Status::new(code, MESSAGE)).expect("a status is plain data");
    let (status, length) = (code.http_status(), body.len());
    format!(
        "HTTP/1.1 {status} Forbidden\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}
