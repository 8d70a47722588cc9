//! A PostgreSQL server for this test process, and a fresh database for each test that asks.
#![expect(clippy::disallowed_methods, reason = "the harness is told by the environment where its tools are")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

const START_DEADLINE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);
/// A port found free can be taken by somebody else before the server binds it.
const ATTEMPTS: u32 = 3;

/// Only databases called so are ever dropped, since the server may be one that somebody else uses.
const PREFIX: &str = "t_";

// Measured without fsync against a template of 50 tables: FILE_COPY takes about twice as long, for it forces two
// checkpoints of the whole cluster.
const STRATEGY: &str = "WAL_LOG";

/// Lives until this process ends, however it ends: the kernel closes the pipe to its standard input, and at that
/// end of file it stops the server and removes the directory. `initdb` runs under it too, so that there is no moment
/// at which a killed test process would leave something behind. A signal does what the end of file does.
const SUPERVISOR: &str = r#"
trap : HUP INT TERM
bin=$1 dir=$2
shift 2
server=
if "$bin/initdb" --pgdata="$dir/data" --username=folkmoot --auth=trust --encoding=UTF8 --locale=C --no-sync \
    >"$dir/log" 2>&1 </dev/null
then
    {
        "$bin/postgres" -D "$dir/data" "$@" >>"$dir/log" 2>&1 </dev/null &
        echo $! >"$dir/pid"
        wait $!
        : >"$dir/failed"
    } &
    server=$!
else
    : >"$dir/failed"
fi
while read -r _; do :; done
if [ -n "$server" ]; then
    while [ ! -s "$dir/pid" ]; do sleep 0.01; done
    # More than once: the shell starts it with this signal ignored, until it has set its own handlers.
    while kill -INT "$(cat "$dir/pid")" 2>/dev/null; do sleep 0.05; done
    wait "$server"
fi
cd / && rm -rf "$dir"
"#;

/// A superuser's URL of the server: the one of `FOLKMOOT_TEST_POSTGRES_URL`, or one started for this process.
/// `None` where there are no server binaries.
///
/// # Panics
/// Where the server does not start, or there is none and `FOLKMOOT_REQUIRE_POSTGRES=1`.
pub fn server_url() -> Option<&'static str> {
    // The failure is kept too, or each test would wait for the same deadline again.
    static URL: OnceLock<Result<Option<String>, String>> = OnceLock::new();
    match URL.get_or_init(find_or_start) {
        Ok(url) => url.as_deref(),
        Err(reason) => panic!("{reason}"),
    }
}

/// A new database with the schema that `migrate` makes (given the URL of an empty one; called once a process, so every
/// caller must give the same), and its URL. `name_hint` is to recognise it by in the server's log.
///
/// # Panics
/// Where the server refuses.
pub fn create_database(name_hint: &str, migrate: fn(&str)) -> Option<String> {
    let server = server_url()?;
    let mut guard = ADMIN.lock().unwrap_or_else(PoisonError::into_inner);
    let admin = match &mut *guard {
        Some(admin) => admin,
        none => none.insert(Admin::new(server, migrate)),
    };
    let hint: String = name_hint
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .take(24)
        .collect();
    admin.made += 1;
    let name = format!("{PREFIX}{hint}_{}_{}", admin.token, admin.made);
    let template = &admin.template;
    admin
        .conn
        .batch_execute(&format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" STRATEGY {STRATEGY}"))
        .unwrap_or_else(|e| panic!("PostgreSQL did not create the test database {name}: {e}"));
    Some(with_database(server, &name))
}

/// Drops what [`create_database`] made, whoever is still connected. What goes wrong is passed over, since this may run
/// while a failed test unwinds.
pub fn drop_database(url: &str) {
    let name = database(url);
    let ours = name.starts_with(PREFIX) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    // On a connection of its own: dropping waits for a checkpoint, and the tests that begin need not wait for that.
    if let (true, Some(Ok(mut conn))) = (ours, server_url().map(PgConnection::establish)) {
        let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"));
    }
}

/// Forgets a role and what it was granted in a database.
pub fn drop_role(url: &str, role: &str) {
    let sql = format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\"");
    PgConnection::establish(url)
        .unwrap_or_else(|e| panic!("{e}"))
        .batch_execute(&sql)
        .unwrap_or_else(|e| panic!("{e}"));
}

/// Ends every connection to a database and lets nobody in, as if it were away.
pub fn close(url: &str) {
    let name = database(url);
    on_server(&format!(
        "ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS false; \
         SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
}

/// Lets everybody in again.
pub fn open(url: &str) {
    on_server(&format!("ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true", database(url)));
}

fn on_server(sql: &str) {
    let mut conn = PgConnection::establish(server_url().unwrap_or_default()).unwrap_or_else(|e| panic!("{e}"));
    conn.batch_execute(sql).unwrap_or_else(|e| panic!("{e}"));
}

/// One connection for all of it, locked: a copy must not begin while another session uses the template.
static ADMIN: Mutex<Option<Admin>> = Mutex::new(None);

struct Admin {
    conn: PgConnection,
    template: String,
    token: String,
    made: u64,
}

impl Admin {
    fn new(server: &str, migrate: fn(&str)) -> Self {
        // Not the process id: on a server that containers share, two of them may have the same.
        let token = format!("{:016x}", RandomState::new().build_hasher().finish());
        let template = format!("{PREFIX}template_{token}");
        let mut conn = PgConnection::establish(server)
            .unwrap_or_else(|e| panic!("no connection to the PostgreSQL server for the tests: {e}"));
        conn.batch_execute(&format!("CREATE DATABASE \"{template}\""))
            .unwrap_or_else(|e| panic!("PostgreSQL did not create the template database: {e}"));
        migrate(&with_database(server, &template));
        // From here a session that strays into the template is refused, not the copy that it would have blocked.
        conn.batch_execute(&format!("ALTER DATABASE \"{template}\" ALLOW_CONNECTIONS false"))
            .unwrap_or_else(|e| panic!("PostgreSQL did not close the template database: {e}"));
        Self { conn, template, token, made: 0 }
    }
}

/// `url` with another database, keeping the parameters.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.find('?').map_or((url, ""), |at| url.split_at(at));
    let (scheme, rest) = base.split_once("://").unwrap_or_else(|| panic!("not a URL of PostgreSQL: {url}"));
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}{query}")
}

fn database(url: &str) -> &str {
    let base = url.split('?').next().unwrap_or_default();
    base.rsplit('/').next().unwrap_or_default()
}

fn find_or_start() -> Result<Option<String>, String> {
    if let Ok(url) = std::env::var("FOLKMOOT_TEST_POSTGRES_URL")
        && !url.is_empty()
    {
        return Ok(Some(url));
    }
    let Some(bin) = server_binaries() else {
        let line = "PostgreSQL tests are SKIPPED: no server binaries here \
                    (apt-get install postgresql, or set FOLKMOOT_TEST_POSTGRES_URL)";
        if std::env::var("FOLKMOOT_REQUIRE_POSTGRES").is_ok_and(|v| v == "1") {
            return Err(format!("FOLKMOOT_REQUIRE_POSTGRES=1, but {line}"));
        }
        // Past the capture of `eprintln!`, or a run that passes would never show it.
        let _ = writeln!(std::io::stderr(), "\n*** {line} ***");
        return Ok(None);
    };
    let mut reason = String::new();
    for _ in 0..ATTEMPTS {
        match start(&bin) {
            Ok(port) => return Ok(Some(format!("postgres://folkmoot@127.0.0.1:{port}/postgres"))),
            Err(Failure::Ended(log)) => reason = log,
            Err(Failure::Fatal(why)) => return Err(why),
        }
    }
    Err(format!("the PostgreSQL server of {} ended at once, {ATTEMPTS} times; the last log:\n{reason}", bin.display()))
}

enum Failure {
    /// It may have been the port: worth another attempt. With the log.
    Ended(String),
    Fatal(String),
}

fn start(bin: &Path) -> Result<u16, Failure> {
    let fatal = |what: &str, e: std::io::Error| Failure::Fatal(format!("PostgreSQL for the tests: {what}: {e}"));
    let temp = tempfile::Builder::new()
        .prefix("folkmoot-pg-")
        .tempdir_in(roomy())
        .map_err(|e| fatal("no temporary directory", e))?;
    let dir = temp.path().to_path_buf();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|l| l.local_addr())
        .map_err(|e| fatal("no free port", e))?
        .port();

    let mut command = Command::new("sh");
    command.args(["-c", SUPERVISOR, "folkmoot-test-postgres"]).arg(bin).arg(&dir);
    // Without Unix sockets: two servers in one directory would fight for the name.
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        "max_connections=300".into(),
        // It would wander into the template and into databases that live for a second.
        "autovacuum=off".into(),
    ];
    if wants_fsync() {
        settings.push("fsync=on".into());
    } else {
        settings.extend(["fsync=off".into(), "synchronous_commit=on".into(), "full_page_writes=off".into()]);
    }
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    // A process group of its own: Ctrl-C in the terminal is for the tests, and their end ends this.
    command.current_dir(&dir).env("LC_ALL", "C").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // The owner of what we just made is who we are; the server binaries refuse to run as root.
    if fs::metadata(&dir).map_err(|e| fatal("the temporary directory", e))?.uid() == 0 {
        let (uid, gid) = unprivileged().map_err(Failure::Fatal)?;
        chown(&dir, Some(uid), Some(gid)).map_err(|e| fatal("chown of the temporary directory", e))?;
        command.uid(uid).gid(gid);
    }
    let mut child = command.spawn().map_err(|e| fatal("sh", e))?;
    // From here on the supervisor removes it.
    let _ = temp.keep();

    match wait_until_ready(bin, &dir, port) {
        Ok(()) => {
            static KEPT: OnceLock<Child> = OnceLock::new();
            // Holds the writing end of the pipe until the process ends.
            let _ = KEPT.set(child);
            Ok(port)
        }
        Err(failure) => {
            drop(child.stdin.take());
            let _ = child.wait();
            Err(failure)
        }
    }
}

/// Where the server's files go. A database has some thousand of them, made and removed for each test: in memory that is
/// a third of the work; where memory is scarce (containers give it 64 MB), and where fsync is to be felt, on disk.
fn roomy() -> PathBuf {
    const ENOUGH: u64 = 6 << 30;
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |has| has.f_bavail.saturating_mul(has.f_frsize));
    if free >= ENOUGH && !wants_fsync() { memory.to_path_buf() } else { std::env::temp_dir() }
}

fn wants_fsync() -> bool {
    std::env::var("FOLKMOOT_TEST_FSYNC").is_ok_and(|v| v == "1")
}

fn wait_until_ready(bin: &Path, dir: &Path, port: u16) -> Result<(), Failure> {
    let log = || fs::read_to_string(dir.join("log")).unwrap_or_default();
    let begun = Instant::now();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    while begun.elapsed() < START_DEADLINE {
        if dir.join("failed").exists() {
            return Err(Failure::Ended(log()));
        }
        // Its own file says that it holds the port; an answer on the port alone could be somebody else's server.
        let holds_port = fs::read_to_string(dir.join("data/postmaster.pid"))
            .is_ok_and(|f| f.lines().nth(7).is_some_and(|status| status.trim_end() == "ready"));
        if holds_port && TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
            let answer = Command::new(bin.join("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", "--dbname=postgres", "--username=folkmoot"])
                .arg(format!("--port={port}"))
                .stdin(Stdio::null())
                .status()
                .map_err(|e| Failure::Fatal(format!("pg_isready of {} does not run: {e}", bin.display())))?;
            if answer.success() {
                return Ok(());
            }
        }
        thread::sleep(POLL);
    }
    Err(Failure::Fatal(format!("the PostgreSQL server did not answer within {START_DEADLINE:?}; its log:\n{}", log())))
}

/// The user and group to run the server as: `postgres`, else `nobody`.
fn unprivileged() -> Result<(u32, u32), String> {
    let passwd = fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
    let find = |user: &str| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (name, _, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            (name == user).then_some((uid.parse().ok()?, gid.parse().ok()?))
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .ok_or_else(|| "PostgreSQL does not run as root, and /etc/passwd has neither postgres nor nobody".into())
}

fn server_binaries() -> Option<PathBuf> {
    let told = || {
        let out = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).output().ok()?;
        Some(PathBuf::from(String::from_utf8(out.stdout).ok()?.trim()))
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions("/usr/lib/postgresql", "")
        .chain(told())
        .chain(std::env::split_paths(&path).collect::<Vec<_>>())
        .chain(versions("/opt/homebrew/opt", "postgresql"))
        .chain(versions("/usr/local/opt", "postgresql"))
        .find(|bin| ["initdb", "postgres", "pg_isready"].iter().all(|tool| bin.join(tool).is_file()))
}

/// The `bin` of each installation below `parent` whose name begins so, the newest first.
fn versions(parent: &str, prefix: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let mut found: BTreeMap<(u32, OsString), PathBuf> = BTreeMap::new();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if let Some(rest) = name.to_str().and_then(|n| n.strip_prefix(prefix)) {
            // By number, since 9 sorts after 18 by letter. Homebrew's name is postgresql@18.
            found.insert((rest.trim_start_matches('@').parse().unwrap_or(0), name.clone()), entry.path().join("bin"));
        }
    }
    found.into_values().rev()
}
