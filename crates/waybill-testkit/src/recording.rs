//! Recordings of real clients: one JSON object a line, as they were made against a mock server.
//!
//! The client's half (requests, commands, exit codes) is evidence; the answers are the mock's.
//! The first line names the scenario. After it, a line is an event of the run (a command was started, it
//! ended, a remark) or one request with the answer that the mock gave.
//! Those of Terraform have a form of their own, which is read as well.

mod terraform;

use std::path::Path;

use serde_json::Value;
use thiserror::Error;

/// One file.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The name of the file without its ending.
    pub name: String,
    /// The client, for example `packer 1.14.3` or `terraform`.
    pub client: String,
    pub description: String,
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub enum Entry {
    /// A run of the client begins; `note` says what is special about it.
    Start {
        run: u32,
        note: String,
    },
    /// A run has ended with that exit code.
    Exit {
        run: u32,
        code: i64,
    },
    /// A remark, or a TLS handshake that the client broke off.
    Note(String),
    Request(Box<Request>),
}

/// What the client sent and what the mock answered.
#[derive(Clone, Debug)]
pub struct Request {
    /// The line in the file, from 1.
    pub line: usize,
    pub run: u32,
    pub tls: bool,
    pub method: String,
    /// Percent-encoded, as sent.
    pub path: String,
    pub query: String,
    pub body: Body,
    /// Whether the answer is a fault that was put in on purpose.
    pub injected: bool,
    /// `None` when the connection was closed without an answer.
    pub answer: Option<Answer>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    None,
    Json(Value),
    /// A form, a text that is no JSON, or an answer that repeats an earlier one and was left out.
    Text(String),
}

/// Why a file is not a recording.
#[derive(Debug, Error)]
pub enum Error {
    #[error("cannot read the recording")]
    Read(#[source] std::io::Error),
    #[error("{name}, line {line} is not JSON")]
    Json {
        name: String,
        line: usize,
        #[source]
        source: serde_json::Error,
    },
    #[error("{name}, line {line} has no usable `{member}`")]
    Member { name: String, line: usize, member: &'static str },
}

impl Recording {
    /// Reads one file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self::parse(&name, &fs_err::read_to_string(path).map_err(Error::Read)?)
    }

    /// Reads all `.jsonl` files of a folder, in the order of their names.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, Error> {
        let entries = fs_err::read_dir(folder).map_err(Error::Read)?;
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
            .collect();
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    /// The requests, in order.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Request(request) => Some(&**request),
            _ => None,
        })
    }

    fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let mut recording = Self {
            name: name.to_owned(),
            client: String::new(),
            description: String::new(),
            entries: Vec::new(),
        };
        let mut run = 0;
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            let object = serde_json::from_str(text).map_err(|source| Error::Json {
                name: name.to_owned(),
                line,
                source,
            })?;
            let object = terraform::normalize(&object, &mut run).unwrap_or(object);
            let fields = Fields { name, line, object };
            if fields.object["scenario"].is_string() {
                recording.client = fields.text("client")?;
                recording.description = fields.text_or_empty("desc");
            } else {
                recording.entries.push(fields.entry()?);
            }
        }
        Ok(recording)
    }
}

/// The members of one line.
struct Fields<'a> {
    name: &'a str,
    line: usize,
    object: Value,
}

impl Fields<'_> {
    fn entry(&self) -> Result<Entry, Error> {
        if self.object["method"].is_string() {
            return Ok(Entry::Request(Box::new(self.request()?)));
        }
        match self.object["event"].as_str() {
            Some("start") => Ok(Entry::Start { run: self.run()?, note: self.text_or_empty("note") }),
            Some("exit") => {
                let code = self.object["code"].as_i64().ok_or_else(|| self.missing("code"))?;
                Ok(Entry::Exit { run: self.run()?, code })
            }
            Some("note") => Ok(Entry::Note(self.text("note")?)),
            Some(_) => Err(self.missing("event")),
            None => Ok(Entry::Note(self.text("tls_error")?)),
        }
    }

    fn request(&self) -> Result<Request, Error> {
        Ok(Request {
            line: self.line,
            run: self.run()?,
            tls: self.object["tls"].as_bool().unwrap_or_default(),
            method: self.text("method")?,
            path: self.text("path")?,
            query: self.text_or_empty("query"),
            body: body(&self.object["body"]),
            injected: self.object["injected"].as_bool().unwrap_or_default(),
            answer: self.answer()?,
        })
    }

    fn answer(&self) -> Result<Option<Answer>, Error> {
        let Some(status) = self.object["status"].as_u64() else { return Ok(None) };
        Ok(Some(Answer {
            status: u16::try_from(status).map_err(|_| self.missing("status"))?,
            content_type: self.text_or_empty("response_content_type"),
            body: body(&self.object["response"]),
        }))
    }

    fn run(&self) -> Result<u32, Error> {
        let run = self.object["run"].as_u64().and_then(|run| u32::try_from(run).ok());
        run.ok_or_else(|| self.missing("run"))
    }

    fn text(&self, member: &'static str) -> Result<String, Error> {
        self.object[member].as_str().map(str::to_owned).ok_or_else(|| self.missing(member))
    }

    fn text_or_empty(&self, member: &str) -> String {
        self.object[member].as_str().unwrap_or_default().to_owned()
    }

    fn missing(&self, member: &'static str) -> Error {
        Error::Member { name: self.name.to_owned(), line: self.line, member }
    }
}

fn body(value: &Value) -> Body {
    match value {
        Value::Null => Body::None,
        Value::String(text) => Body::Text(text.clone()),
        json => Body::Json(json.clone()),
    }
}

impl Body {
    /// The JSON value, if it is one.
    pub fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_recording_is_scenario_events_and_requests() {
        let text = [
            r#"{"scenario":"x","client":"packer 1.14.3","desc":"d"}"#,
            r#"{"run":1,"event":"start","note":"n","cmd":"packer build","env":{}}"#,
            r#"{"run":1,"tls_error":"refused"}"#,
            r#"{"run":1,"t":0.1,"tls":true,"method":"POST","path":"/a%20b","query":"q=1","body":{"x":null},
                "injected":true,"status":409,"response_content_type":"application/json","response":{"code":6}}"#,
            r#"{"run":1,"t":0.2,"tls":false,"method":"GET","path":"/c","query":"","body":null,"response":"closed"}"#,
            r#"{"run":1,"event":"exit","code":1,"seconds":1.5}"#,
        ];
        let text = text.map(|line| line.replace('\n', " ")).join("\n");
        let recording = Recording::parse("x", &text).expect("a recording");
        assert_eq!((recording.client.as_str(), recording.description.as_str()), ("packer 1.14.3", "d"));
        assert_eq!(recording.entries.len(), 5);
        let [post, get] = recording.requests().collect::<Vec<_>>()[..] else { panic!("two requests") };
        assert_eq!((post.line, post.tls, post.injected), (4, true, true));
        assert_eq!(post.body, Body::Json(json!({"x": null})));
        assert_eq!(post.answer.as_ref().map(|answer| answer.status), Some(409));
        assert!(get.answer.is_none());
    }

    #[test]
    fn a_recording_of_terraform_is_one_too() {
        let text = [
            r#"{"event":"scenario","name":"x","description":"d","environment":{}}"#,
            r#"{"event":"command","argv":["terraform","plan"]}"#,
            r#"{"seq":1,"transport":"tls","method":"POST","path":"/oauth2/token","route":"/oauth2/token",
                "request_headers":{},"request_body":{"audience":"https://a"},"status":200,"response_body":{}}"#,
            r#"{"event":"result","exit":1,"summary":[],"diagnostics":[]}"#,
            r#"{"event":"note","text":"something happens"}"#,
            r#"{"event":"command","argv":["terraform","apply"]}"#,
            r#"{"seq":2,"transport":"plain","method":"GET","path":"/a%2Fb","query":"q=1","status":503,
                "response_body":{"code":14,"message":"injected fault","details":[]}}"#,
        ];
        let text = text.map(|line| line.replace('\n', " ")).join("\n");
        let recording = Recording::parse("x", &text).expect("a recording");
        assert_eq!((recording.client.as_str(), recording.description.as_str()), ("terraform", "d"));
        let [token, get] = recording.requests().collect::<Vec<_>>()[..] else { panic!("two requests") };
        assert_eq!((token.run, token.tls, token.injected), (1, true, false));
        assert_eq!(token.body, Body::Text("audience=https%3A%2F%2Fa".to_owned()));
        assert_eq!((get.run, get.tls, get.injected, &*get.query), (2, false, true, "q=1"));
        assert!(matches!(&recording.entries[2], Entry::Exit { run: 1, code: 1 }));
        assert!(matches!(&recording.entries[3], Entry::Note(text) if text == "something happens"));
        assert!(matches!(&recording.entries[4], Entry::Start { run: 2, note } if note == "terraform apply"));
    }

    #[test]
    fn what_is_no_recording_is_said_with_its_line() {
        let check = |text| Recording::parse("x", text).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(check("{"), Err("x, line 1 is not JSON".to_owned()));
        assert_eq!(check("{}"), Err("x, line 1 has no usable `tls_error`".to_owned()));
        assert_eq!(check(r#"{"event":"start"}"#), Err("x, line 1 has no usable `run`".to_owned()));
    }
}
