//! What needs no registry: help, wrong questions, credentials that are not there.

use insta::assert_snapshot;

use super::Scene;

#[test]
fn the_program_says_its_version() {
    let scene = Scene::offline();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(scene.run("version"), format!("exit 0\n--- stdout\nWaybill v{version}\n"));
    assert_eq!(scene.run("--version"), format!("exit 0\n--- stdout\nwaybill {version}\n"));
    assert_eq!(
        scene.run("version --json"),
        format!("exit 0\n--- stdout\n{{\n  \"version\": \"{version}\"\n}}\n")
    );
}

#[test]
fn what_prints_no_json_says_so() {
    let scene = Scene::offline();
    assert_snapshot!(scene.run("completions bash --json"), @r"
    exit 2
    --- stderr
    error: `waybill completions` prints no JSON
    hint: leave out --json and --output json
    ");
    assert_snapshot!(scene.run("serve --output json"), @r"
    exit 2
    --- stderr
    error: `waybill serve` prints no JSON
    hint: --log-format json writes the log as JSON
    ");
    assert_snapshot!(scene.run("env --format shell --json"), @r"
    exit 2
    --- stderr
    error: JSON and another --format cannot both be printed
    ");
}

#[test]
fn waybills_credentials_are_not_sent_to_hcp() {
    let scene = Scene::offline();
    let keys = [("HCP_CLIENT_ID", "wb-x"), ("HCP_CLIENT_SECRET", "wbs_x")];
    assert_snapshot!(scene.run_with("bucket list", &keys), @r#"
    exit 2
    --- stderr
    error: HCP_AUTH_URL is not set, and the credentials are Waybill's, which HCP must not see
    hint: on the machine of the registry, `eval "$(waybill env)"` sets all the variables
    hint: elsewhere set HCP_AUTH_URL to the registry's address
    "#);
}

#[test]
fn help_teaches() {
    let scene = Scene::offline();
    assert_snapshot!(scene.run("channel assign --help"), @r"
    exit 0
    --- stdout
    Point a channel at a version

    Usage: waybill channel assign [OPTIONS] <--version <VERSION>|--from <CHANNEL>> <BUCKET> <CHANNEL>

    Arguments:
      <BUCKET>
              The bucket's name

      <CHANNEL>
              The channel's name

    Options:
          --project <PROJECT>
              Work in this project, given by name or id (default: `HCP_PROJECT_ID`, else the oldest
              project)

          --version <VERSION>
              Point it at this version, given by its fingerprint or by its name such as v3

          --from <CHANNEL>
              Point it at what this channel points to now

      -h, --help
              Print help (see a summary with '-h')

    Output:
          --output <FORMAT>
              Print data as text for people or as JSON for programs

              Possible values:
              - text: For people
              - json: For programs: one JSON object

              [default: text]

          --json
              Print JSON; short for `--output json`

          --color <WHEN>
              Use colour or not

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always
              - never

              [default: auto]

      -q, --quiet
              Print nothing but data, warnings and errors

      -v, --verbose...
              Show what is done; twice shows everything

    Examples:
      waybill channel assign ubuntu prod --version v3
      waybill channel assign ubuntu prod --from staging
    ");
}

#[test]
fn wrong_questions_are_explained() {
    let scene = Scene::offline();
    assert_snapshot!(scene.run("bucket show x"), @r"
    exit 2
    --- stderr
    error: invalid value 'x' for '<BUCKET>': a bucket name has 3 to 36 characters, `x` has 1

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("channel create ubuntu 'my channel'"), @r"
    exit 2
    --- stderr
    error: invalid value 'my channel' for '<CHANNEL>': a channel name has only A-Z, a-z, 0-9 and `-`, `my channel` has ` `

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("version revoke ubuntu v1 --in soon"), @r"
    exit 2
    --- stderr
    error: invalid value 'soon' for '--in <DURATION>': a duration is whole numbers with units d, h, m and s, such as 30d or 2h45m

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("version revoke ubuntu v1 --at tomorrow"), @r"
    exit 2
    --- stderr
    error: invalid value 'tomorrow' for '--at <TIME>': a time is written in RFC 3339, such as TIME

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("channel assign ubuntu prod"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--version <VERSION>|--from <CHANNEL>>

    Usage: waybill channel assign <--version <VERSION>|--from <CHANNEL>> <BUCKET> <CHANNEL>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("principal create image-ci --role king"), @r"
    exit 2
    --- stderr
    error: invalid value 'king' for '--role <ROLE>'
      [possible values: viewer, contributor, admin, owner, publisher, promoter, revoker, auditor]

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("bucket list --limit 0"), @r"
    exit 2
    --- stderr
    error: invalid value '0' for '--limit <NUMBER>': a limit is a whole number from 1 on

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("bucket list --json --output text"), @r"
    exit 2
    --- stderr
    error: the argument '--json' cannot be used with '--output <FORMAT>'

    Usage: waybill bucket list --json

    For more information, try '--help'.
    ");
}

#[test]
fn publications_are_checked_before_anybody_is_asked() {
    let scene = Scene::offline();
    scene.write("disk.img", "x");
    scene.write("bom.xml", "<bom/>");
    assert_snapshot!(scene.run("publish --bucket ubuntu"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <--artifact <PLATFORM:REGION:ID>|--file <PATH>>

    Usage: waybill publish --bucket <BUCKET> <--artifact <PLATFORM:REGION:ID>|--file <PATH>>

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("publish --artifact aws:eu:ami-1"), @r"
    exit 2
    --- stderr
    error: no bucket is given
    hint: use --bucket, or set HCP_PACKER_BUCKET_NAME
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --artifact ami-1"), @r"
    exit 2
    --- stderr
    error: invalid value 'ami-1' for '--artifact <PLATFORM:REGION:ID>': an artifact is written PLATFORM:REGION:ID, and `ami-1` has too few `:`

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --artifact aws:eu:ami-1 --file disk.img"), @r"
    exit 2
    --- stderr
    error: a build has one platform, and these have `aws` and `file`
    hint: publish them as several builds of one version: --component and --expect-build
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --file absent.img"), @r"
    exit 1
    --- stderr
    error: failed to open file `/FOLDER/absent.img`: No such file or directory (os error 2)
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --file disk.img --sbom bom.xml"), @r"
    exit 1
    --- stderr
    error: `/FOLDER/bom.xml` is neither CycloneDX nor SPDX in JSON
    ");
    scene.write("bom.json", r#"{"bomFormat": "CycloneDX"}"#);
    let line = "publish --bucket ubuntu --file disk.img --fingerprint f1";
    assert_snapshot!(scene.run(&format!("{line} --sbom bom.json --sbom bom.json")), @r"
    exit 2
    --- stderr
    error: two bills of materials have no name of their own
    hint: give each a name: --sbom FILE=NAME
    ");
    assert_snapshot!(scene.run(&format!("{line} --sbom bom.json=deb --sbom bom.json=deb")), @r"
    exit 2
    --- stderr
    error: two bills of materials have the name `deb`
    hint: give each a name: --sbom FILE=NAME
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --file disk.img --fingerprint a/b"), @r"
    exit 2
    --- stderr
    error: invalid value 'a/b' for '--fingerprint <FINGERPRINT>': a fingerprint has only A-Z, a-z, 0-9, `.`, `_` and `-`, `a/b` has `/`

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --file disk.img --label team"), @r"
    exit 2
    --- stderr
    error: invalid value 'team' for '--label <KEY=VALUE>': a label is written KEY=VALUE

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --file disk.img --channel latest"), @r"
    exit 2
    --- stderr
    error: invalid value 'latest' for '--channel <CHANNEL>': the registry moves `latest` by itself

    For more information, try '--help'.
    ");
    assert_snapshot!(scene.run("publish --bucket ubuntu --file disk.img --parent ubuntu:"), @r"
    exit 2
    --- stderr
    error: invalid value 'ubuntu:' for '--parent <BUCKET[:CHANNEL|@FINGERPRINT]>': a channel name has 3 to 36 characters, `` has 0

    For more information, try '--help'.
    ");
}

#[test]
fn names_from_variables_are_checked_as_well() {
    let scene = Scene::offline();
    let line = "publish --artifact aws:eu:ami-1";
    assert_snapshot!(scene.run_with(line, &[("HCP_PACKER_BUCKET_NAME", "my_bucket")]), @r"
    exit 2
    --- stderr
    error: HCP_PACKER_BUCKET_NAME: a bucket name has only A-Z, a-z, 0-9 and `-`, `my_bucket` has `_`
    ");
    let both = [("HCP_PACKER_BUCKET_NAME", "ubuntu"), ("HCP_PACKER_BUILD_FINGERPRINT", "-1")];
    assert_snapshot!(scene.run_with(line, &both), @r"
    exit 2
    --- stderr
    error: HCP_PACKER_BUILD_FINGERPRINT: a fingerprint starts and ends with a letter or a digit, `-1` does not
    ");
}

#[test]
fn without_credentials_there_is_advice() {
    let scene = Scene::offline();
    assert_snapshot!(scene.run("bucket list"), @r"
    exit 2
    --- stderr
    error: no credentials for a registry were found
    hint: log in as yourself: `waybill login --url https://HOST:PORT`
    hint: set HCP_CLIENT_ID and HCP_CLIENT_SECRET, or HCP_CRED_FILE
    hint: on the machine of the registry, run this beside its `waybill-data` folder or set WAYBILL_DATA
    ");
    assert_snapshot!(scene.run_with("bucket list", &[("HCP_CLIENT_ID", "x")]), @r"
    exit 2
    --- stderr
    error: HCP_CLIENT_ID is set, but HCP_CLIENT_ID and HCP_CLIENT_SECRET are needed together
    hint: log in as yourself: `waybill login --url https://HOST:PORT`
    hint: set HCP_CLIENT_ID and HCP_CLIENT_SECRET, or HCP_CRED_FILE
    hint: on the machine of the registry, run this beside its `waybill-data` folder or set WAYBILL_DATA
    ");
    assert_snapshot!(scene.run_with("bucket list", &[("HCP_CRED_FILE", "absent.json")]), @r"
    exit 2
    --- stderr
    error: HCP_CRED_FILE names `/FOLDER/absent.json`, and there is no such file
    ");
    assert_snapshot!(scene.run("env"), @r"
    exit 2
    --- stdout
    false
    --- stderr
    waiting for a registry to start in `/FOLDER/waybill-data`
    error: `/FOLDER/waybill-data` is not the data folder of a registry
    hint: start the registry first: `waybill serve`
    hint: name another folder with --data or WAYBILL_DATA
    hint: for a registry elsewhere, log in and name a principal: `waybill env --principal NAME`
    ");
}

#[test]
fn addresses_that_cannot_be_used_are_told() {
    let scene = Scene::offline();
    let check = |name, value| {
        scene.run_with("whoami", &[("HCP_CLIENT_ID", "x"), ("HCP_CLIENT_SECRET", "y"), (name, value)])
    };
    assert_snapshot!(check("HCP_AUTH_URL", "http://127.0.0.1:7080"), @r"
    exit 2
    --- stderr
    error: HCP_AUTH_URL is `http://127.0.0.1:PORT`: its scheme must be https
    ");
    assert_snapshot!(check("HCP_API_ADDRESS", "https://127.0.0.1:7080"), @r"
    exit 2
    --- stderr
    error: HCP_API_ADDRESS is `https://127.0.0.1:PORT`: it takes HOST or HOST:PORT, without a scheme
    ");
    assert_snapshot!(check("HCP_API_TLS", "off"), @r"
    exit 2
    --- stderr
    error: HCP_API_TLS is `off`: it is `insecure`, `disabled` or not set
    ");
    assert_snapshot!(check("SSL_CERT_FILE", "absent.pem"), @r"
    exit 2
    --- stderr
    error: root certificates: failed to open file `/FOLDER/absent.pem`: No such file or directory (os error 2)
    ");
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let scene = Scene::offline();
    let here = [
        ("HCP_CLIENT_ID", "x"),
        ("HCP_CLIENT_SECRET", "y"),
        ("HCP_AUTH_URL", "https://127.0.0.1:1"),
        ("HCP_API_ADDRESS", "127.0.0.1:1"),
    ];
    assert_snapshot!(scene.run_with("whoami", &here), @r"
    exit 1
    --- stderr
    error: cannot reach https://127.0.0.1:PORT: Connection refused (os error 111)
    hint: is the server running? `waybill serve` starts one
    ");
}

#[test]
fn every_shell_has_completions() {
    let scene = Scene::offline();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let transcript = scene.run(&format!("completions {shell}"));
        assert!(transcript.starts_with("exit 0\n--- stdout\n"), "{transcript}");
        assert!(transcript.contains("fingerprint") && transcript.contains("whoami"), "{shell}");
    }
}
