//! PostgreSQL for tests: one throw-away cluster per test process, one database per test.
//!
//! The cluster is made with the machine's own PostgreSQL on the first call of [`database`].
//! It listens on the loopback interface only and forgets durability for speed.
//! Text is ordered by language rules where PostgreSQL offers it, so that a query that relies on bytewise
//! order without saying so is found out.
//!
//! Invariant: nothing is left behind, however the test process ends. A small shell process holds one end of
//! a pipe whose other end only the test process has; when that closes, it stops the cluster and removes it.

use std::{
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// A database of its own, empty at first.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    port: u16,
}

const USER: &str = "waybill";

/// Whoever waits for the pipe to close; `$1` is the cluster's folder, the rest a way to call `pg_ctl`.
const GUARD: &str = r#"
trap '' HUP INT TERM
folder=$1
shift
cat > /dev/null
"$@" -D "$folder/data" -m immediate -w stop > /dev/null 2>&1
rm -rf "$folder"
"#;

/// Creates a database in this process' cluster, which is started when there is none yet.
///
/// Panics with what to install when the machine has no PostgreSQL.
pub fn database() -> Database {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let cluster = Cluster::get();
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    run(cluster.client("createdb").arg("--port").arg(cluster.port.to_string()).arg(&name));
    Database { name, port: cluster.port }
}

impl Database {
    /// `postgres://…`, for `--database`.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{}", self.port, self.name)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs SQL through `psql` and returns what it prints: one line per row, columns divided by `|`.
    pub fn query(&self, sql: &str) -> String {
        let mut command = Cluster::get().client("psql");
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"])
            .args(["--port", &self.port.to_string(), "--dbname", &self.name, "--command", sql]);
        run(&mut command)
    }

    /// Cuts all connections to the database, as a restart of PostgreSQL does.
    pub fn disconnect_everybody(&self) {
        self.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }
}

struct Cluster {
    programs: PathBuf,
    port: u16,
    /// Holds the open end of the guard's pipe for as long as the process lives.
    _guard: Child,
}

/// The account that PostgreSQL's server programs run as: they refuse to run as root.
struct Account {
    /// What to put before a command, if anything.
    prefix: Vec<String>,
    ids: Option<(u32, u32)>,
}

impl Cluster {
    fn get() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let programs = programs();
        let account = Account::find();
        let folder = tempfile::Builder::new()
            .prefix("waybill-postgres-")
            .tempdir()
            .expect("the system's temporary folder is writable")
            .keep();
        let guard = guard(&account, &programs, &folder);
        if let Some((user, group)) = account.ids {
            chown(&folder, Some(user), Some(group)).expect("root may give a folder away");
        }
        let data = folder.join("data");
        initialize(&account, &programs, &data);
        let port = launch(&account, &programs, &folder, &data);
        Self { programs, port, _guard: guard }
    }

    /// A client program of this cluster's version; needs no special account.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(["--host", "127.0.0.1", "--username", USER, "--no-password"]);
        for variable in ["PGDATABASE", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        command
    }
}

impl Account {
    fn find() -> Self {
        let me = id(&["-u"]);
        if me != Some(0) {
            return Self { prefix: Vec::new(), ids: None };
        }
        for name in ["postgres", "nobody"] {
            if let (Some(user), Some(group)) = (id(&["-u", name]), id(&["-g", name])) {
                let prefix = ["runuser", "-u", name, "--"].map(str::to_owned).to_vec();
                return Self { prefix, ids: Some((user, group)) };
            }
        }
        panic!("PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = match self.prefix.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        // The test's own folder may be closed to that account.
        command.current_dir("/").stdin(Stdio::null());
        command
    }
}

fn guard(account: &Account, programs: &Path, folder: &Path) -> Child {
    Command::new("sh")
        .args(["-c", GUARD, "guard"])
        .arg(folder)
        .args(&account.prefix)
        .arg(programs.join("pg_ctl"))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0) // a Ctrl-C for the test is not for the guard
        .spawn()
        .expect("every Unix has `sh`")
}

/// Makes the cluster's files, with an order of text that differs from the order of bytes if possible.
fn initialize(account: &Account, programs: &Path, data: &Path) {
    let attempt = |locale: &[&str]| {
        let mut command = account.command(&programs.join("initdb"));
        command
            .arg("--pgdata")
            .arg(data)
            .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-sync"])
            .args(locale);
        output(&mut command)
    };
    let by_language = ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"];
    if attempt(&by_language).is_err() {
        let _ = fs_err::remove_dir_all(data);
        if let Err(message) = attempt(&["--locale=C"]) {
            panic!("{message}");
        }
    }
}

/// Starts the server on a free port; another process may take the port between choice and use.
fn launch(account: &Account, programs: &Path, folder: &Path, data: &Path) -> u16 {
    let mut message = String::new();
    for _ in 0..5 {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("the loopback interface has a free port")
            .port();
        let settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
            "shared_buffers=32MB",
        ]
        .map(|setting| format!("-c {setting}"))
        .join(" ");
        let mut command = account.command(&programs.join("pg_ctl"));
        command.arg("-D").arg(data).arg("-l").arg(folder.join("log"));
        command.args(["-w", "-t", "60", "-o", &format!("-p {port} {settings}"), "start"]);
        // The server inherits stdout and stderr: a pipe would stay open as long as it runs.
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if status.is_ok_and(|status| status.success()) {
            return port;
        }
        message = fs_err::read_to_string(folder.join("log")).unwrap_or_default();
    }
    panic!("PostgreSQL does not start:\n{message}")
}

/// The folder of PostgreSQL's server programs: of `initdb` on PATH, else the newest of Debian's folders.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .map(|folder| folder.join("initdb"))
        .find_map(|initdb| fs_err::canonicalize(initdb).ok())
        .and_then(|initdb| Some(initdb.parent()?.to_owned()))
        .filter(|folder| folder.join("pg_ctl").exists());
    let packaged = || {
        let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
        let folders = fs_err::read_dir("/usr/lib/postgresql").ok()?;
        let newest = folders.filter_map(Result::ok).map(|entry| entry.path()).max_by_key(version)?;
        Some(newest.join("bin")).filter(|folder| folder.join("initdb").exists())
    };
    on_path.or_else(packaged).expect(
        "PostgreSQL is not installed: no `initdb` on PATH or in /usr/lib/postgresql/*/bin. \
         Install the package `postgresql` (Debian, Ubuntu, Alpine) or `postgresql-server` (Fedora)",
    )
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn run(command: &mut Command) -> String {
    match output(command) {
        Ok(text) => text,
        Err(message) => panic!("{message}"),
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().display().to_string();
    let output = command.output().map_err(|error| format!("cannot run {name}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("{name}: {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the test process ends, its end of the pipe closes.
    #[test]
    fn the_guard_stops_the_cluster_and_removes_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let (cluster, programs) = (folder.path().join("cluster"), folder.path().join("programs"));
        fs_err::create_dir_all(cluster.join("data")).expect("the folder is ours");
        fs_err::create_dir(&programs).expect("the folder is ours");
        let pg_ctl = programs.join("pg_ctl");
        let script = format!("#!/bin/sh\necho \"$@\" > {}/called\n", folder.path().display());
        fs_err::write(&pg_ctl, script).expect("the folder is ours");
        fs_err::set_permissions(&pg_ctl, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        let account = Account { prefix: Vec::new(), ids: None };
        let mut guard = guard(&account, &programs, &cluster);
        assert!(cluster.exists() && matches!(guard.try_wait(), Ok(None)), "it waits");
        drop(guard.stdin.take());
        assert!(guard.wait().is_ok_and(|status| status.success()));
        let called = fs_err::read_to_string(folder.path().join("called")).expect("pg_ctl was called");
        assert_eq!(called, format!("-D {}/data -m immediate -w stop\n", cluster.display()));
        assert!(!cluster.exists());
    }

    #[test]
    fn every_test_gets_an_empty_database_of_its_own() {
        let (one, two) = (database(), database());
        assert_ne!(one.name(), two.name());
        one.query("CREATE TABLE t (name text); INSERT INTO t VALUES ('a'), ('B')");
        assert_eq!(one.query("SELECT name FROM t ORDER BY name COLLATE \"C\""), "B\na\n");
        assert_eq!(two.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0\n");
        one.disconnect_everybody();
        assert!(one.url().starts_with("postgres://waybill@127.0.0.1:"));
    }
}
