//! The schema: the same on both databases, undone as it was done, and ready to be partitioned by council.

use std::collections::{BTreeMap, BTreeSet};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel::sql_types::{Bool, Text};
use folkmoot::platform::db::migrate::{POSTGRES, SQLITE, connect, down, up};
use folkmoot::platform::db::{Conn, Location};

use crate::support::{Store, database};

#[derive(diesel::QueryableByName, PartialEq, Eq, PartialOrd, Ord, Debug, Clone)]
struct Column {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    required: bool,
}

const SQLITE_COLUMNS: &str = "SELECT m.name AS \"of\", c.name AS name, c.type AS kind, c.\"notnull\" AS required \
    FROM sqlite_master m, pragma_table_info(m.name) c \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS \"of\", column_name::text AS name, data_type::text AS kind, \
    is_nullable = 'NO' AS required FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

fn columns(location: &Location) -> BTreeSet<Column> {
    let all: Vec<Column> = match connect(location).unwrap() {
        Conn::Sqlite(mut c) => diesel::sql_query(SQLITE_COLUMNS).load(&mut c).unwrap(),
        Conn::Pg(mut c) => diesel::sql_query(POSTGRES_COLUMNS).load(&mut c).unwrap(),
    };
    // The families that the three own types and the plain ones belong to; SQLite cannot tell them all apart.
    all.into_iter()
        .map(|mut column| {
            column.kind = match column.kind.as_str() {
                "uuid" | "BLOB" => "id",
                "bigint" | "integer" | "boolean" | "timestamp with time zone" | "INTEGER" => "number",
                "text" | "jsonb" | "TEXT" => "text",
                other => panic!("{other} is in neither family"),
            }
            .to_owned();
            column
        })
        .collect()
}

fn both() -> Option<(tempfile::TempDir, Location, Location)> {
    let directory = tempfile::tempdir().unwrap();
    let sqlite = Location::parse(&database(Store::Sqlite, directory.path()).unwrap()).unwrap();
    up(&sqlite).unwrap();
    let postgres = Location::parse(&database(Store::Postgres, directory.path())?).unwrap();
    Some((directory, sqlite, postgres))
}

#[test]
fn both_folders_hold_the_same_migrations_in_the_same_order() {
    let sqlite: Vec<String> =
        SQLITE.migrations().unwrap().iter().map(|m| Migration::<diesel::sqlite::Sqlite>::name(m).to_string()).collect();
    let postgres: Vec<String> =
        POSTGRES.migrations().unwrap().iter().map(|m| Migration::<diesel::pg::Pg>::name(m).to_string()).collect();
    assert_eq!(sqlite, postgres);
}

#[test]
fn both_schemas_have_the_same_columns() {
    let Some((_directory, sqlite, postgres)) = both() else { return };
    assert_eq!(columns(&sqlite), columns(&postgres));
}

#[test]
fn the_schema_goes_up_and_down_and_up_again_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::parse(&database(Store::Sqlite, directory.path()).unwrap()).unwrap();
    up_down_up(&location);
}

#[test]
fn the_schema_goes_up_and_down_and_up_again_on_postgres() {
    let directory = tempfile::tempdir().unwrap();
    let Some(url) = database(Store::Postgres, directory.path()) else { return };
    up_down_up(&Location::parse(&url).unwrap());
    crate::support::postgres::drop_database(&url);
}

fn up_down_up(location: &Location) {
    up(location).unwrap();
    let before = columns(location);
    assert!(before.len() > 100);
    down(location).unwrap();
    assert_eq!(columns(location), BTreeSet::new());
    assert_eq!(up(location).unwrap().len(), 1);
    assert_eq!(columns(location), before);
    assert_eq!(up(location).unwrap(), Vec::<String>::new(), "a second run does nothing");
}

#[test]
fn a_database_of_a_newer_version_is_refused_in_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::parse(&database(Store::Sqlite, directory.path()).unwrap()).unwrap();
    up(&location).unwrap();
    connect(&location)
        .unwrap()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')")
        .unwrap();
    let error = up(&location).unwrap_err().to_string();
    assert!(error.contains("newer Folkmoot") && !error.contains('\n'), "{error}");
}

/// The tables that belong to the installation and not to a council.
const INSTALLATION: [&str; 5] = ["installation", "platform_admins", "limit_buckets", "councils", "audit_retention"];

#[test]
fn every_table_of_a_council_can_be_partitioned_by_council() {
    let Some((_directory, _, postgres)) = both() else { return };
    let tables: BTreeSet<String> = columns(&postgres).into_iter().map(|column| column.of).collect();
    let mut conn = connect(&postgres).unwrap();
    let ddl = include_str!("../../migrations/postgres/2026-11-23-000001_baseline/up.sql");
    let definitions: BTreeMap<&str, &str> = ddl
        .split("CREATE TABLE ")
        .skip(1)
        .map(|rest| (rest.split(' ').next().unwrap(), rest.split("\n);").next().unwrap()))
        .collect();
    assert_eq!(definitions.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), tables);
    for (name, definition) in definitions.iter().filter(|(name, _)| !INSTALLATION.contains(name)) {
        // PostgreSQL refuses a partitioned table whose primary or unique keys leave the council out.
        let body = definition.strip_prefix(name).unwrap();
        let sql = format!("CREATE TABLE partitioned_{name}{body}) PARTITION BY HASH (council_id)");
        conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        for line in body.lines().map(str::trim) {
            for key in ["PRIMARY KEY (", "UNIQUE (", "FOREIGN KEY ("] {
                if let Some(columns) = line.strip_prefix(key) {
                    assert!(columns.starts_with("council_id"), "{name}: {line}");
                }
            }
        }
    }
}

/// Every table of `schema.rs` is read through it, on both databases: a column that is not there would fail.
#[test]
fn the_tables_in_rust_are_those_in_the_databases() {
    use folkmoot::platform::db::schema::*;
    let Some((_directory, sqlite, postgres)) = both() else { return };
    let schema = include_str!("../../src/platform/db/schema.rs");
    let named: BTreeSet<String> = schema
        .lines()
        .filter_map(|line| line.trim().strip_suffix(") {")?.split_once(" (").map(|(name, _)| name.to_owned()))
        .collect();
    for location in [&sqlite, &postgres] {
        assert_eq!(columns(location).into_iter().map(|column| column.of).collect::<BTreeSet<_>>(), named);
        let conn = &mut connect(location).unwrap();
        macro_rules! read {
            ($($table:ident),+) => {{
                use diesel::QueryDsl as _;
                $(let _none: usize = $table::table.limit(0).execute(conn).unwrap_or_else(|e| panic!("{}: {e}", stringify!($table)));)+
            }};
        }
        read!(
            accounts,
            answers,
            api_keys,
            audit_events,
            audit_refusals,
            audit_retention,
            campaign_counts,
            campaigns,
            cases,
            challenge_categories,
            challenges,
            commitments,
            councils,
            decisions,
            entries,
            grounds,
            idea_counters,
            idea_numbers,
            idea_revisions,
            ideas,
            idempotency_keys,
            installation,
            invitations,
            jobs,
            limit_buckets,
            office_members,
            offices,
            one_time_tokens,
            outcome_ideas,
            outcomes,
            outside_reviewers,
            phases,
            platform_admins,
            privacy_notices,
            promises,
            reviews,
            sanction_appeals,
            sanctions,
            sessions,
            supports,
            transitions,
            voters
        );
    }
}
