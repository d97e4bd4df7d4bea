//! Ctrl-C in the middle of a publication.

use std::{
    fs::File,
    io::Read,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::Scene;

fn status(scene: &Scene) -> Option<String> {
    let output = scene.command("version show appliance f1 --json").output().expect("the program runs");
    let version: Value = serde_json::from_slice(&output.stdout).ok()?;
    version["builds"][0]["status"].as_str().map(str::to_owned)
}

#[test]
fn a_stopped_publication_is_cancelled_and_can_be_taken_up_again() {
    for signal in ["INT", "TERM"] {
        let scene = Scene::with_registry();
        // Takes minutes to hash, and no space.
        let big = File::create(scene.folder().join("big.img")).expect("the folder is writable");
        big.set_len(1 << 40).expect("sparse files exist");
        let mut child = scene
            .command("publish --bucket appliance --fingerprint f1 --component disk --file big.img")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        wait_for("the build to run", || status(&scene).as_deref() == Some("running"));
        let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(sent.is_ok_and(|sent| sent.success()));
        let begun = Instant::now();
        let code = child.wait().expect("it ends").code();
        assert!(begun.elapsed() < Duration::from_secs(30), "it took {:?}", begun.elapsed());
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(&format!("error: stopped by SIG{signal}; the build is cancelled")), "{said}");
        assert!(said.contains("hint: go on with --fingerprint f1"), "{said}");
        assert_eq!(status(&scene).as_deref(), Some("cancelled"));

        scene.write("small.img", "abc");
        let resumed = scene.run(
            "publish --bucket appliance --fingerprint f1 --component disk --file small.img --json --quiet",
        );
        assert!(resumed.starts_with("exit 0") && resumed.contains("\"complete\": true"), "{resumed}");
    }
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < deadline, "waited for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
