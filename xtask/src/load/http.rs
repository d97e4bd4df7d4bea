//! A client of HTTP/1.1 that costs next to nothing: one connection, one request at a time, no TLS.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, bail};

/// A server that says nothing for so long has lost the request.
const LIMIT: Duration = Duration::from_secs(30);

/// A connection that is kept.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    /// What was received and not yet looked at.
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// The bytes of a request; without a body there is no length either.
pub(super) fn request(method: &str, path: &str, host: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = match body.len() {
        0 => String::new(),
        length => format!("Content-Length: {length}\r\n"),
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}\r\n{body}").into_bytes()
}

impl Connection {
    pub(super) fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("nobody listens at {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 << 10) })
    }

    /// Sends the bytes of a request and reads the whole answer.
    pub(super) fn call(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(request)?;
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end;
            }
            self.receive()?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..end + 4);
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("not an answer: {head}"))?;
        let body = match framing(&head) {
            Framing::Length(length) => self.take(length)?,
            Framing::Chunks => self.chunks()?,
        };
        Ok(Answer { status, body })
    }

    fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                if let Some(end) = find(&self.buffer, b"\r\n") {
                    break end;
                }
                self.receive()?;
            };
            let line = self.take(end + 2)?;
            let size = String::from_utf8_lossy(&line[..end]).into_owned();
            let size = usize::from_str_radix(size.trim(), 16).context("a chunk without size")?;
            body.extend_from_slice(&self.take(size)?);
            self.take(2)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn take(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.receive()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn receive(&mut self) -> anyhow::Result<()> {
        let mut part = [0; 16 << 10];
        match self.stream.read(&mut part).context("the server does not answer")? {
            0 => bail!("the server closed the connection"),
            received => self.buffer.extend_from_slice(&part[..received]),
        }
        Ok(())
    }
}

enum Framing {
    Length(usize),
    Chunks,
}

fn framing(head: &str) -> Framing {
    for line in head.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            return Framing::Length(value.trim().parse().unwrap_or_default());
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Framing::Chunks;
        }
    }
    Framing::Length(0)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that answers each request with the next of the given answers, in pieces.
    fn server(answers: &'static [&'static [&'static str]]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the test connects");
            let mut received = [0; 1000];
            for answer in answers {
                let _ = stream.read(&mut received).expect("a request");
                for piece in *answer {
                    stream.write_all(piece.as_bytes()).expect("the test reads");
                    stream.flush().expect("the test reads");
                }
            }
        });
        address
    }

    #[test]
    fn answers_are_read_one_after_the_other() {
        let address = server(&[
            &["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r\n\r\nab", "cde"],
            &["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "2\r\nde\r\n0\r\n\r\n"],
            &["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"],
        ]);
        let mut connection = Connection::open(&address).expect("it listens");
        let get = request("GET", "/", &address, "", "");
        for (status, body) in [(200, "abcde"), (200, "abcde"), (404, "")] {
            let answer = connection.call(&get).expect("an answer");
            assert_eq!(answer, Answer { status, body: body.into() });
        }
        assert!(connection.call(&get).is_err(), "the server has gone");
    }

    #[test]
    fn a_request_is_its_bytes() {
        let request = request("PUT", "/x", "h:1", "A: b\r\n", "{}");
        assert_eq!(request, b"PUT /x HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 2\r\n\r\n{}");
    }
}
