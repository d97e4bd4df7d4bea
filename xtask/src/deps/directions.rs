//! The directions between our crates.

use super::metadata::{Crate, Metadata};

/// A crate of ours and which others of ours it may use.
struct Rule {
    name: &'static str,
    may_use: &'static [&'static str],
    /// Plain data and functions: see [`IMPURE`].
    pure: bool,
}

const RULES: &[Rule] = &[
    Rule { name: "waybill-go", may_use: &[], pure: true },
    Rule { name: "waybill-model", may_use: &["waybill-go"], pure: true },
    Rule { name: "waybill-sbom", may_use: &[], pure: true },
    Rule { name: "waybill-template", may_use: &["waybill-go"], pure: true },
    Rule { name: "waybill-api", may_use: &[], pure: true },
    Rule { name: "waybill-store", may_use: &["waybill-model", "waybill-sbom"], pure: false },
    Rule {
        name: "waybill-server",
        may_use: &["waybill-api", "waybill-model", "waybill-sbom", "waybill-store"],
        pure: false,
    },
    Rule { name: "waybill-client", may_use: &["waybill-api"], pure: false },
    Rule { name: "waybill-plugin", may_use: &["waybill-template"], pure: false },
    Rule {
        name: "waybill-build",
        may_use: &["waybill-client", "waybill-plugin", "waybill-sbom", "waybill-template"],
        pure: false,
    },
    Rule {
        name: "waybill",
        may_use: &[
            "waybill-api",
            "waybill-build",
            "waybill-client",
            "waybill-model",
            "waybill-plugin",
            "waybill-sbom",
            "waybill-server",
            "waybill-store",
            "waybill-template",
        ],
        pure: false,
    },
    Rule {
        name: "waybill-testkit",
        may_use: &["waybill-build", "waybill-client", "waybill-server", "waybill-store"],
        pure: false,
    },
    Rule { name: "xtask", may_use: &[], pure: false },
];

/// For the tests of every crate.
const TESTKIT: &str = "waybill-testkit";

/// What a pure crate must not bring, not even indirectly: runtimes, network, databases.
const IMPURE: &[&str] = &["axum", "hyper", "mio", "reqwest", "rusqlite", "rustls", "tokio", "tokio-postgres"];

/// Every use of one of our crates by another that the table does not allow.
pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let ours: Vec<&Crate> = metadata.ours().collect();
    let is_ours = |known: &&Crate| known.source.is_none();
    let mut faults = Vec::new();
    for known in ours {
        let name = &known.name;
        let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
            faults.push(format!("{name}: a new crate; say in xtask/src/deps/directions.rs what it may use"));
            continue;
        };
        let allowed = |other: &str| rule.may_use.contains(&other);
        for other in metadata.needs(known).filter(is_ours).filter(|other| !allowed(&other.name)) {
            faults.push(format!("{name} must not use {}", other.name));
        }
        let in_tests = |other: &str| allowed(other) || other == TESTKIT;
        for other in metadata.tests_need(known).filter(is_ours).filter(|other| !in_tests(&other.name)) {
            faults.push(format!("the tests of {name} must not use {}", other.name));
        }
    }
    faults
}

/// Everything that a pure crate brings and must not bring.
pub(super) fn check_pure(metadata: &Metadata) -> Vec<String> {
    let is_pure = |known: &&Crate| RULES.iter().any(|rule| rule.pure && rule.name == known.name);
    let mut faults = Vec::new();
    for known in metadata.ours().filter(is_pure) {
        let closure = metadata.closure(known);
        for impure in IMPURE.iter().filter(|impure| closure.contains(*impure)) {
            faults.push(format!("{} is pure and must not bring {impure}", known.name));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: Option<&str> = Some("registry+index");

    #[test]
    fn a_use_against_the_direction_is_named() {
        let metadata = Metadata::example(&[
            ("waybill-model", "", None, &["waybill-store"], &["waybill-testkit"]),
            ("waybill-store", "", None, &["waybill-model"], &["waybill-testkit", "waybill-server"]),
            ("waybill-server", "", None, &["waybill-store", "serde"], &[]),
            ("waybill-testkit", "", None, &["waybill-store"], &[]),
            ("waybill-new", "", None, &[], &[]),
            ("serde", "MIT", INDEX, &[], &[]),
        ]);
        assert_eq!(
            check(&metadata),
            [
                "waybill-model must not use waybill-store",
                "waybill-new: a new crate; say in xtask/src/deps/directions.rs what it may use",
                "the tests of waybill-store must not use waybill-server",
            ]
        );
    }

    #[test]
    fn a_pure_crate_brings_no_runtime() {
        let metadata = Metadata::example(&[
            ("waybill-api", "", None, &["serde"], &["tokio"]),
            ("waybill-sbom", "", None, &["innocent"], &[]),
            ("waybill-store", "", None, &["tokio"], &[]),
            ("innocent", "MIT", INDEX, &["tokio"], &[]),
            ("serde", "MIT", INDEX, &[], &[]),
            ("tokio", "MIT", INDEX, &[], &[]),
        ]);
        assert_eq!(check_pure(&metadata), ["waybill-sbom is pure and must not bring tokio"]);
    }

    #[test]
    fn the_table_names_only_crates_of_its_own() {
        for rule in RULES {
            for other in rule.may_use {
                assert!(RULES.iter().any(|rule| rule.name == *other), "{} may use {other}", rule.name);
                assert_ne!(rule.name, *other);
            }
        }
    }
}
