//! `waybill console` on a terminal, which script(1) lends it.

use std::{
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::hello;

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn a_terminal_has_a_prompt_completion_and_a_history() {
    let scene = hello();
    let waybill = scene.command("console .");
    let line = format!("{} console .", waybill.get_program().to_string_lossy());
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(scene.folder());
    for (name, value) in waybill.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    terminal.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = terminal.spawn().expect("script(1) is here (Debian: bsdutils)");
    let mut keys = child.stdin.take().expect("stdin is a pipe");
    let mut screen = child.stdout.take().expect("stdout is a pipe");
    let (send, shown) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = screen.read(&mut bytes) {
            let _ = send.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
        }
    });
    // What comes behind the text is for the next one.
    let mut seen = String::new();
    let mut wait_for = |text: &str| {
        loop {
            if let Some(at) = seen.find(text) {
                seen.drain(..at + text.len());
                return;
            }
            match shown.recv_timeout(LIMIT) {
                Ok(more) => seen.push_str(&more),
                Err(error) => panic!("no {text:?} in {seen:?}: {error}"),
            }
        }
    };
    wait_for("> ");
    // The Tab key completes what can only be one name.
    keys.write_all(b"upper(var.na\t)\r").expect("the terminal takes keys");
    wait_for("WORLD");
    wait_for("> ");
    keys.write_all(b"var.nobody\r").expect("the terminal takes keys");
    // Behind the last `>` of the report: a key that comes before the terminal is ready for it may get lost.
    wait_for("attribute named \"nobody\"");
    wait_for("> ");
    // Ctrl-D.
    keys.write_all(b"\x04").expect("the terminal takes keys");
    // Until there is nothing more to read; one that does not end is ended by the end of its keys.
    while shown.recv_timeout(LIMIT).is_ok() {}
    drop(keys);
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(0));
    let history = scene.folder().join(".config/waybill/console_history");
    let text = fs_err::read_to_string(&history).expect("it was written");
    assert!(text.contains("upper(var.name)\n") && text.contains("var.nobody"), "{text}");
    let mode = fs_err::metadata(&history).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others do not read it");
}
