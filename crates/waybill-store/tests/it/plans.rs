//! Every statement has an index that serves it.
//!
//! While the tests run, a subscriber collects the statements that the store tells the log of. After each test the
//! new ones are explained by the database they ran on, on a database of many rows, and a statement that would read
//! a whole big table fails the test.

use std::{
    collections::BTreeSet,
    sync::{Mutex, Once, OnceLock, PoisonError},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use waybill_store::Store;
use waybill_testkit::postgres;

use crate::support::{Place, options};

/// Tables that grow with use. The others have some rows for each project or principal.
const BIG: [&str; 22] = [
    "principals",
    "principal_keys",
    "role_bindings",
    "users",
    "user_groups",
    "group_members",
    "sessions",
    "login_grants",
    "buckets",
    "bucket_children",
    "versions",
    "builds",
    "artifacts",
    "channels",
    "channel_assignments",
    "blobs",
    "sboms",
    "audit",
    "events",
    "workload_identity_providers",
    "exchanged_tokens",
    "webhooks",
];

/// Statements that may read a whole table, and why.
const ALLOWED: [&str; 1] = [
    // For tests and for looking into a small outbox; whoever delivers events will bring his index.
    "SELECT kind, payload FROM events WHERE project_id = $1 ORDER BY id",
];

/// Statements that may sort a whole list for a page of it, by what is in them, and why.
const SORTED: [&str; 1] = [
    // All builds with artifacts of one identifier, which are few.
    "WHERE a.external_identifier = $2 AND ($4 = '' OR a.region = $4)",
];

/// What the databases are filled with, in a language that both of them speak but for the name of bytes.
const ROWS: &str = include_str!("plans/rows.sql");

static SEEN: Mutex<BTreeSet<(bool, String)>> = Mutex::new(BTreeSet::new());

/// Starts collecting the statements of this process.
pub(crate) fn record() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Statements).expect("nobody else listens");
    });
}

struct Statements;

#[derive(Default)]
struct Statement {
    is_postgres: bool,
    sql: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "database" => self.is_postgres = value == "postgres",
            "sql" => value.clone_into(&mut self.sql),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "waybill_store::statement"
    }

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert((statement.is_postgres, statement.sql));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Explains the statements of one database that nobody has explained yet.
pub(crate) fn judge(place: &Place) {
    static JUDGED: Mutex<BTreeSet<(bool, String)>> = Mutex::new(BTreeSet::new());
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut judged = JUDGED.lock().unwrap_or_else(PoisonError::into_inner);
    let new: Vec<_> = seen
        .into_iter()
        .filter(|statement| statement.0 == place.is_postgres() && judged.insert(statement.clone()))
        .map(|(_, sql)| sql)
        .collect();
    drop(judged);
    let mut faults = Vec::new();
    for sql in new {
        if ALLOWED.iter().any(|allowed| in_one_line(&sql) == *allowed) {
            continue;
        }
        let found = if place.is_postgres() { postgres_faults(&sql) } else { sqlite_faults(&sql) };
        faults.extend(found);
    }
    assert!(faults.is_empty(), "statements that read a whole table:\n{}", faults.join("\n"));
}

fn in_one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sqlite_faults(sql: &str) -> Option<String> {
    static FULL: OnceLock<Mutex<rusqlite::Connection>> = OnceLock::new();
    let full = FULL.get_or_init(|| {
        let place = Place::sqlite();
        Store::open(&place.database(), &options()).expect("an empty folder").close();
        let waybill_store::Database::Sqlite(path) = place.database() else {
            unreachable!("a test of SQLite")
        };
        let tables: String = rusqlite::Connection::open(path)
            .expect("it was just made")
            .query_row(
                "SELECT group_concat(sql, ';') FROM (
                     SELECT sql FROM sqlite_schema
                      WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY rowid)",
                [],
                |row| row.get(0),
            )
            .expect("it has tables");
        // In memory, because nobody would remove its files at the end of the process.
        let copy = rusqlite::Connection::open_in_memory().expect("there is memory");
        copy.execute_batch(&tables)
            .and_then(|()| copy.execute_batch(&ROWS.replace("BYTEA", "BLOB")))
            .expect("the same database");
        Mutex::new(copy)
    });
    let full = full.lock().unwrap_or_else(PoisonError::into_inner);
    let explain = format!("EXPLAIN QUERY PLAN {}", sql.replace('$', "?"));
    let mut statement = full.prepare(&explain).expect("the statement ran before");
    let steps: Vec<String> =
        statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().expect("a plan can be read");
    let tables = big_names(sql);
    let is_fault = |step: &String| {
        let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
        scanned.is_some_and(|name| tables.contains(&name.to_owned()))
            || (is_paged(sql) && step.starts_with("USE TEMP B-TREE FOR ORDER BY"))
    };
    steps.iter().any(is_fault).then(|| format!("{sql}\n    {}", steps.join("\n    ")))
}

/// The big tables of a statement and what it calls them.
fn big_names(sql: &str) -> Vec<String> {
    let words: Vec<&str> =
        sql.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    let mut names = Vec::new();
    for pair in words.windows(2) {
        if BIG.contains(&pair[0]) {
            names.push(pair[0].to_owned());
            names.push(pair[1].to_owned());
        }
    }
    names
}

/// A page must not cost what the whole list costs, so it must not be sorted.
fn is_paged(sql: &str) -> bool {
    sql.contains("ORDER BY") && sql.contains(" LIMIT ") && !SORTED.iter().any(|sorted| sql.contains(sorted))
}

fn postgres_faults(sql: &str) -> Option<String> {
    static FULL: OnceLock<postgres::Database> = OnceLock::new();
    let full = FULL.get_or_init(|| {
        let place = Place::postgres();
        Store::open(&place.database(), &options()).expect("an empty database").close();
        place.execute(ROWS);
        place.execute("ANALYZE");
        let Place::Postgres(database) = place else { unreachable!("a test of PostgreSQL") };
        database
    });
    let parameters = (1..100).take_while(|number| sql.contains(&format!("${number}"))).count();
    let values =
        if parameters == 0 { String::new() } else { format!("({})", vec!["NULL"; parameters].join(", ")) };
    // As after some executions: one plan for all values. Which way is the cheapest depends on the rows, so only
    // ways that need an index are left open.
    let explain = |format: &str, but: &str| {
        full.query(&format!(
            "SET plan_cache_mode = force_generic_plan;
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; {but}
             PREPARE statement AS {sql};
             EXPLAIN (COSTS off, FORMAT {format}) EXECUTE statement {values}"
        ))
    };
    let look = |but: &str, fault: fn(&serde_json::Value) -> Option<String>| {
        let plan: serde_json::Value = serde_json::from_str(&explain("JSON", but)).expect("a plan is JSON");
        let mut faults = Vec::new();
        walk(&plan[0]["Plan"], fault, &mut faults);
        (!faults.is_empty()).then(|| format!("{sql}\n  {}\n{}", faults.join(", "), explain("TEXT", but)))
    };
    look("", whole_table).or_else(|| if is_paged(sql) { look("SET enable_sort = off;", sort) } else { None })
}

/// Walks through a plan of PostgreSQL.
fn walk(node: &serde_json::Value, fault: fn(&serde_json::Value) -> Option<String>, faults: &mut Vec<String>) {
    faults.extend(fault(node));
    for child in node["Plans"].as_array().into_iter().flatten() {
        walk(child, fault, faults);
    }
}

fn whole_table(node: &serde_json::Value) -> Option<String> {
    let text = |member: &str| node[member].as_str().unwrap_or_default();
    let (kind, table) = (text("Node Type"), text("Relation Name"));
    let is_whole = kind == "Seq Scan" || kind.starts_with("Index") && node["Index Cond"].is_null();
    (is_whole && BIG.contains(&table)).then(|| format!("{kind} on {table}"))
}

/// Sorting the rows that are equal in what is sorted already is fine.
fn sort(node: &serde_json::Value) -> Option<String> {
    (node["Node Type"] == "Sort").then(|| "Sort of a whole list".to_owned())
}

#[test]
fn a_statement_without_an_index_is_found() {
    let whole = "SELECT b.id FROM builds b WHERE b.platform = $1";
    let other = "SELECT v.id FROM buckets k JOIN versions v ON v.author = k.name WHERE k.id = $1";
    let update = "UPDATE artifacts SET region = $2 WHERE region = $1";
    let sorted = "SELECT v.id FROM versions v WHERE v.bucket_id = $1 ORDER BY v.author, v.id LIMIT $2";
    for sql in [whole, other, update, sorted] {
        assert!(sqlite_faults(sql).is_some(), "SQLite: {sql}");
        assert!(postgres_faults(sql).is_some(), "PostgreSQL: {sql}");
    }
    let good = "SELECT b.id FROM builds b WHERE b.version_id = $1";
    assert_eq!(sqlite_faults(good), None);
    assert_eq!(postgres_faults(good), None);
}

/// The rows that follow a deleted row are found by an index as well, which no plan of a statement shows.
#[test]
fn every_reference_to_what_can_be_deleted_has_an_index() {
    const REFERENCES: &str = "
        SELECT t.relname, a.attname
          FROM pg_constraint c
          JOIN pg_class t ON t.oid = c.conrelid
          JOIN pg_class f ON f.oid = c.confrelid
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND f.relname NOT IN ('organizations', 'projects')
           AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
         ORDER BY 1, 2";
    let place = Place::postgres();
    Store::open(&place.database(), &options()).expect("an empty database").close();
    let Place::Postgres(database) = &place else { unreachable!("a test of PostgreSQL") };
    assert_eq!(database.query(REFERENCES), "");

    let place = Place::sqlite();
    Store::open(&place.database(), &options()).expect("an empty folder").close();
    let waybill_store::Database::Sqlite(path) = place.database() else { unreachable!("a test of SQLite") };
    let connection = rusqlite::Connection::open(path).expect("it was just made");
    let mut missing = connection
        .prepare(
            "SELECT t.name || '.' || f.\"from\"
               FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
              WHERE t.type = 'table' AND f.\"table\" NOT IN ('organizations', 'projects')
                AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
                                 WHERE c.seqno = 0 AND c.name = f.\"from\")",
        )
        .expect("the test's SQL is good");
    let missing: Vec<String> = missing
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .expect("the catalogue can be read");
    assert_eq!(missing, [""; 0]);
}
