//! What all commands have in common: formats, colour, closed pipes, secrets.

use std::process::Stdio;

use super::Scene;

#[test]
fn whoever_stops_reading_is_no_error() {
    let scene = Scene::offline();
    let mut child = scene
        .command("completions zsh")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn colour_is_only_decoration() {
    let scene = Scene::offline();
    let plain = scene.run("bucket list");
    let coloured = scene.run("bucket list --color always");
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}["), "{coloured}");
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(stripped, plain);
}

#[test]
fn quiet_leaves_nothing_but_data() {
    let scene = Scene::with_registry();
    let transcript =
        scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1 --expect-build arm64 --quiet");
    assert!(
        transcript.starts_with("exit 0\n--- stdout\n") && !transcript.contains("--- stderr"),
        "{transcript}"
    );
}

#[test]
fn even_the_most_talkative_log_tells_no_secret() {
    let scene = Scene::with_registry();
    let secret = scene.waybill().credentials().client_secret.clone();
    for line in ["-vv whoami", "-vv publish --bucket ubuntu --artifact aws:eu:ami-1"] {
        let transcript = scene.run_with(line, &[("WAYBILL_LOG", "trace")]);
        assert!(transcript.starts_with("exit 0"), "{transcript}");
        assert!(transcript.contains("--- stderr"), "it logs");
        assert!(!transcript.contains(&secret), "the secret is in the log");
        assert!(!transcript.contains("eyJ"), "a token is in the log");
    }
}

#[test]
fn variables_are_as_good_as_a_data_folder() {
    let scene = Scene::with_registry();
    let environment = scene.waybill().environment();
    let mut command = scene.command("whoami --json");
    command.env_remove("WAYBILL_DATA");
    for (name, value) in environment.as_object().expect("an object") {
        command.env(name, value.as_str().expect("a text"));
    }
    let output = command.output().expect("the program runs");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["credentials"], "HCP_CLIENT_ID and HCP_CLIENT_SECRET");
    assert_eq!(answer["principal"]["name"], "owner");
}

#[test]
fn a_server_is_not_trusted_without_its_authority() {
    let scene = Scene::with_registry();
    let environment = scene.waybill().environment();
    let run = |more: &[(&str, &str)]| {
        let mut command = scene.command("whoami");
        command.env_remove("WAYBILL_DATA");
        for name in ["HCP_CLIENT_ID", "HCP_CLIENT_SECRET", "HCP_AUTH_URL", "HCP_API_ADDRESS"] {
            command.env(name, environment[name].as_str().expect("a text"));
        }
        let output = command.envs(more.iter().copied()).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&[]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("certificate") && said.contains("hint: ") && said.contains("SSL_CERT_FILE"),
        "{said}"
    );
    assert_eq!(run(&[("HCP_AUTH_TLS", "insecure"), ("HCP_API_TLS", "insecure")]).0, Some(0));
    assert_eq!(run(&[("HCP_AUTH_TLS", "insecure"), ("HCP_API_TLS", "disabled")]).0, Some(0));
}
