//! HTTP/1.1 byte by byte, without TLS: for requests that a well-behaved library refuses to send.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A server that says nothing for so long has a fault that a test should report.
const LIMIT: Duration = Duration::from_mins(1);

/// A request under construction. Nothing is checked, encoded or added but `Host` and `Connection: close`.
#[derive(Clone, Debug)]
pub struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
}

/// An answer taken apart.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Without the framing of chunks.
    pub body: Vec<u8>,
}

impl Request {
    /// The request line; `target` is sent as it is.
    pub fn new(method: &str, target: impl AsRef<[u8]>) -> Self {
        let mut head = method.as_bytes().to_vec();
        head.push(b' ');
        head.extend_from_slice(target.as_ref());
        head.extend_from_slice(b" HTTP/1.1\r\n");
        Self { head, body: Vec::new() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.head.extend_from_slice(name.as_bytes());
        self.head.extend_from_slice(b": ");
        self.head.extend_from_slice(value.as_ref());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// A body with its `Content-Length`.
    #[must_use]
    pub fn body(self, body: impl AsRef<[u8]>) -> Self {
        let length = body.as_ref().len().to_string();
        self.header("Content-Length", length).bytes(body)
    }

    /// A body in chunks of that many bytes.
    #[must_use]
    pub fn chunked(self, body: impl AsRef<[u8]>, size: usize) -> Self {
        let mut framed = Vec::new();
        for chunk in body.as_ref().chunks(size) {
            framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            framed.extend_from_slice(chunk);
            framed.extend_from_slice(b"\r\n");
        }
        framed.extend_from_slice(b"0\r\n\r\n");
        self.header("Transfer-Encoding", "chunked").bytes(framed)
    }

    /// Bytes after the head, without any header that announces them.
    #[must_use]
    pub fn bytes(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body.extend_from_slice(body.as_ref());
        self
    }

    /// Sends the request on a connection of its own; `None` when the server closed it without an answer.
    pub fn send(&self, address: SocketAddr) -> Option<Answer> {
        let mut stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.set_read_timeout(Some(LIMIT)).expect("the limit is not zero");
        stream.set_write_timeout(Some(LIMIT)).expect("the limit is not zero");
        let mut head = self.head.clone();
        head.extend_from_slice(format!("Host: {address}\r\nConnection: close\r\n\r\n").as_bytes());
        // A server may answer and close before it has read everything: then writing fails, reading does not.
        let _ = stream.write_all(&head).and_then(|()| stream.write_all(&self.body));
        let mut bytes = Vec::new();
        // After a reset the bytes that arrived before it still count.
        let _ = stream.read_to_end(&mut bytes);
        parse(&bytes)
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The `code` of an error in the envelope of the API.
    pub fn code(&self) -> Option<u64> {
        serde_json::from_slice::<serde_json::Value>(&self.body).ok()?["code"].as_u64()
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunk(rest) } else { rest.to_vec() };
    Some(Answer { status, headers, body })
}

/// The content of chunks, as far as it is complete.
fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = find(rest, b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).ok();
        let Some(size) = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok()) else { break };
        let from = end + 2;
        if size == 0 || rest.len() < from + size + 2 {
            break;
        }
        body.extend_from_slice(&rest[from..from + size]);
        rest = &rest[from + size + 2..];
    }
    body
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        let plain = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{\"code\":5}";
        let answer = parse(plain).expect("an answer");
        assert_eq!((answer.status, answer.code()), (404, Some(5)));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).expect("an answer").text(), "abcde");
        assert!(parse(b"").is_none());
    }

    #[test]
    fn requests_are_sent_as_given() {
        let request = Request::new("PUT", b"/a\xff\0").header("X", "1").chunked("abcde", 3);
        assert_eq!(request.head, b"PUT /a\xff\0 HTTP/1.1\r\nX: 1\r\nTransfer-Encoding: chunked\r\n");
        assert_eq!(request.body, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    }
}
