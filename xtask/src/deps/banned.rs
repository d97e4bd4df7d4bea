//! Crates that must not even be in the lock file.

/// A name and why it is banned.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-rs", "a second crypto library; ours is ring"),
    ("aws-lc-sys", "a second crypto library, in C; ours is ring"),
    ("async-std", "a second async runtime"),
    ("native-tls", "a second TLS stack; ours is rustls"),
    ("openssl", "a second TLS stack; ours is rustls"),
    ("openssl-sys", "OpenSSL would have to be on every machine"),
];

pub(super) fn check(lock: &str) -> Vec<String> {
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    let mut faults = Vec::new();
    for name in names {
        if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            faults.push(format!("Cargo.lock has {name}: {reason}"));
        }
    }
    faults
}

#[test]
fn a_banned_crate_is_found_by_its_whole_name() {
    let lock = "[[package]]\nname = \"openssl-probe\"\n\n[[package]]\nname = \"openssl-sys\"\ndependencies = [\n \"native-tls\",\n]\n";
    assert_eq!(check(lock), ["Cargo.lock has openssl-sys: OpenSSL would have to be on every machine"]);
}
