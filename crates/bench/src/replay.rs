//! Bare handlers: the statements of `capture` on the same pools, the rows as the same JSON, and nothing around it: no
//! look at the caller, no limits, no ETag, no log, no metrics.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use folkmoot::participation::ideas::model::Said;
use folkmoot::participation::ideas::views::IdeaView;
use folkmoot::people::accounts::identity::AuthorView;
use folkmoot::platform::clock::Clock;
use folkmoot::platform::db::{Id, Instant};
use folkmoot::platform::http::Page;
use postgres::types::{ToSql, Type};
use rusqlite::types::ValueRef;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::pool::Pool;
use crate::seed::{self, Kind};
use crate::sql::{Bind, Statement, Statements};

/// As long as the real one.
const CURSOR: &str = "WzE4MDAwMDAwMDAwMDAwMDAsIjAwMDAwMDAwLTAwMDAtNzAwMC04MDAxLTAwMDAwMDAwNGUwZCJd.u3Qd0q1Jm2xv4c6n8b0a2s4d6f8g0h2j4k6l8z0x2c4";

/// Units in one commit at most, as in Folkmoot's writer.
const GROUP: usize = 256;

/// What of a request goes into binds.
#[derive(Clone, Copy)]
struct Asked {
    idea: Id,
    account: u32,
    now: Instant,
    voter: Id,
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let idea = request.match_info().get("idea").and_then(|text| text.parse().ok()).unwrap_or(Id::NONE);
        let account = request.headers().get("x-bench-account").and_then(|value| value.to_str().ok());
        Self {
            idea,
            account: account.and_then(|text| text.parse().ok()).unwrap_or(1),
            now: Clock::system().now(),
            voter: Id::NONE,
        }
    }

    fn id(&self, bind: &Bind) -> Option<Id> {
        Some(match bind {
            Bind::Council => seed::council(),
            Bind::Challenge => seed::challenge(),
            Bind::Idea => self.idea,
            Bind::Account => seed::id(Kind::Account, self.account),
            Bind::Session => seed::id(Kind::Session, self.account),
            Bind::Fresh => Id::random(),
            Bind::Voter => self.voter,
            _ => return None,
        })
    }

    fn text<'a>(&self, bind: &'a Bind) -> Option<std::borrow::Cow<'a, str>> {
        match bind {
            Bind::AccountText => Some(seed::id(Kind::Account, self.account).to_string().into()),
            Bind::Text(text) => Some(text.into()),
            _ => None,
        }
    }
}

/// What the last statement gave.
#[derive(Default)]
struct Given {
    ideas: Vec<IdeaView>,
    number: i64,
}

trait Database {
    /// Runs a statement; with `read`, makes something of its rows.
    fn run(&mut self, statement: &Statement, asked: &mut Asked, read: bool) -> anyhow::Result<Given>;

    /// Runs them in order; gives what the last one gave.
    fn all(&mut self, statements: &[Statement], mut asked: Asked) -> anyhow::Result<Given> {
        let mut given = Given::default();
        for (statement, at) in statements.iter().zip(1..) {
            given = self.run(statement, &mut asked, at == statements.len())?;
        }
        Ok(given)
    }

    /// Runs them in order; what they give is nobody's business.
    fn only_run(&mut self, statements: &[Statement], mut asked: Asked) -> anyhow::Result<()> {
        statements.iter().try_for_each(|statement| self.run(statement, &mut asked, false).map(drop))
    }
}

// The columns are found by their names once for a result, so that a new column in Folkmoot's list breaks nothing here.
fn view(
    text: &dyn Fn(&str) -> anyhow::Result<Option<String>>,
    id: &dyn Fn(&str) -> anyhow::Result<Id>,
    number: &dyn Fn(&str) -> anyhow::Result<i64>,
    at: &dyn Fn(&str) -> anyhow::Result<Instant>,
) -> anyhow::Result<IdeaView> {
    let word = |name: &str| text(name).map(Option::unwrap_or_default);
    let body = word("body")?;
    Ok(IdeaView {
        id: id("id")?,
        number: format!("BEN-{}", number("number")?),
        challenge: id("challenge_id")?,
        state: word("state")?.parse().map_err(anyhow::Error::msg)?,
        status: word("status")?.parse().map_err(anyhow::Error::msg)?,
        title: text("title")?,
        // As long as the HTML is, give or take some tags.
        body_html: Some(format!("<p>{body}</p><ul><li></li></ul>\n")),
        body: Some(body),
        category: text("category")?,
        // Its id is a MAC, and what that takes counts as ours.
        author: text("display_name")?.map(|display_name| AuthorView { id: Id::NONE, display_name }),
        supports: number("supports")?,
        comments: Said {
            in_favour: number("comments_for")?,
            against: number("comments_against")?,
            neutral: number("comments_neutral")?,
        }
        .into(),
        revision: 1,
        version: number("version")?,
        submitted_at: at("submitted_at")?,
        answer_due_at: at("answer_due_at")?,
        answer_promised_by: at("answer_promised_by")?,
        followed_up_at: None,
        overdue: false,
        held_for: None,
        locked: false,
        merged_into: None,
        tombstone: None,
    })
}

struct Sqlite(rusqlite::Connection);

impl Sqlite {
    fn open(path: &str) -> anyhow::Result<Self> {
        let conn = rusqlite::Connection::open(path)?;
        // As in platform/db/conn.rs.
        conn.execute_batch(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
        )?;
        conn.set_prepared_statement_cache_capacity(64);
        Ok(Self(conn))
    }
}

impl Database for Sqlite {
    fn run(&mut self, statement: &Statement, asked: &mut Asked, read: bool) -> anyhow::Result<Given> {
        let mut prepared = self.0.prepare_cached(&statement.sql)?;
        for (bind, at) in statement.binds.iter().zip(1..) {
            match bind {
                Bind::Int(number) => prepared.raw_bind_parameter(at, number)?,
                Bind::Now => prepared.raw_bind_parameter(at, asked.now.micros())?,
                Bind::Null => prepared.raw_bind_parameter(at, rusqlite::types::Null)?,
                bind => match (asked.id(bind), asked.text(bind)) {
                    (Some(id), _) => prepared.raw_bind_parameter(at, &id.bytes()[..])?,
                    (_, Some(text)) => prepared.raw_bind_parameter(at, &*text)?,
                    _ => anyhow::bail!("unknown bind {bind:?}"),
                },
            }
        }
        let names: HashMap<String, usize> = if read {
            prepared.column_names().iter().map(|name| (*name).to_owned()).zip(0..).collect()
        } else {
            HashMap::new()
        };
        let is_list = names.contains_key("body");
        let voter = statement.begins("SELECT `voters`.`id`");
        let mut given = Given::default();
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            if voter {
                asked.voter = Id::from_bytes(row.get_ref(0)?.as_blob()?.try_into()?);
            }
            if !read {
                continue;
            }
            if !is_list {
                given.number = row.get(0)?;
                continue;
            }
            let value = |name: &str| -> anyhow::Result<ValueRef<'_>> {
                Ok(row.get_ref(*names.get(name).ok_or_else(|| anyhow::anyhow!("no column {name}"))?)?)
            };
            let text = |name: &str| Ok(value(name)?.as_str_or_null()?.map(str::to_owned));
            let id = |name: &str| Ok(Id::from_bytes(value(name)?.as_blob()?.try_into()?));
            let number = |name: &str| Ok(value(name)?.as_i64()?);
            let at = |name: &str| Ok(Instant::from_micros(value(name)?.as_i64()?));
            given.ideas.push(view(&text, &id, &number, &at)?);
        }
        Ok(given)
    }
}

struct Postgres {
    client: postgres::Client,
    prepared: HashMap<String, postgres::Statement>,
}

impl Postgres {
    fn open(url: &str) -> anyhow::Result<Self> {
        Ok(Self { client: postgres::Client::connect(url, postgres::NoTls)?, prepared: HashMap::new() })
    }
}

fn time(at: Instant) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(at.micros().unsigned_abs())
}

impl Database for Postgres {
    fn run(&mut self, statement: &Statement, asked: &mut Asked, read: bool) -> anyhow::Result<Given> {
        let ended = ["BEGIN", "COMMIT"].into_iter().any(|word| statement.sql == word);
        if ended {
            self.client.batch_execute(&statement.sql)?;
            return Ok(Given::default());
        }
        if !self.prepared.contains_key(&statement.sql) {
            let fresh = self.client.prepare(&statement.sql)?;
            self.prepared.insert(statement.sql.clone(), fresh);
        }
        let prepared = self.prepared.get(&statement.sql).ok_or_else(|| anyhow::anyhow!("not prepared"))?;
        let mut binds: Vec<Box<dyn ToSql + Sync>> = Vec::with_capacity(statement.binds.len());
        for (bind, kind) in statement.binds.iter().zip(prepared.params()) {
            binds.push(match bind {
                Bind::Int(number) if *kind == Type::INT4 => Box::new(i32::try_from(*number)?),
                Bind::Int(number) => Box::new(*number),
                Bind::Now => Box::new(time(asked.now)),
                Bind::Null => Box::new(None::<String>),
                Bind::Texts(texts) => Box::new(texts.clone()),
                bind => match (asked.id(bind), asked.text(bind)) {
                    (Some(id), _) => Box::new(uuid::Uuid::from_bytes(*id.bytes())),
                    (_, Some(text)) => Box::new(text.into_owned()),
                    _ => anyhow::bail!("unknown bind {bind:?}"),
                },
            });
        }
        let params: Vec<&(dyn ToSql + Sync)> = binds.iter().map(AsRef::as_ref).collect();
        let rows = self.client.query(prepared, &params)?;
        let mut given = Given::default();
        if let (true, Some(row)) = (statement.begins("SELECT \"voters\".\"id\""), rows.first()) {
            asked.voter = Id::from_bytes(row.try_get::<_, uuid::Uuid>(0)?.into_bytes());
        }
        if !read {
            return Ok(given);
        }
        let names: HashMap<&str, usize> = prepared.columns().iter().map(postgres::Column::name).zip(0..).collect();
        for row in &rows {
            if !names.contains_key("body") {
                given.number = row.try_get(0)?;
                continue;
            }
            let place = |name: &str| names.get(name).copied().ok_or_else(|| anyhow::anyhow!("no column {name}"));
            let text = |name: &str| Ok(row.try_get::<_, Option<&str>>(place(name)?)?.map(str::to_owned));
            let id = |name: &str| Ok(Id::from_bytes(row.try_get::<_, uuid::Uuid>(place(name)?)?.into_bytes()));
            let number = |name: &str| Ok(row.try_get::<_, i64>(place(name)?)?);
            let at = |name: &str| {
                let time = row.try_get::<_, SystemTime>(place(name)?)?;
                let micros = time.duration_since(SystemTime::UNIX_EPOCH)?.as_micros();
                Ok(Instant::from_micros(i64::try_from(micros)?))
            };
            given.ideas.push(view(&text, &id, &number, &at)?);
        }
        Ok(given)
    }
}

struct Unit {
    asked: Asked,
    answer: oneshot::Sender<anyhow::Result<Given>>,
}

/// SQLite's one writer: takes what waits, commits, answers.
fn write(mut conn: Sqlite, units: &Receiver<Unit>, statements: &[Statement], group: bool) -> anyhow::Result<()> {
    let plain = |sql: &str| Statement { sql: sql.into(), binds: Vec::new(), prepared: true };
    let begin = plain("BEGIN IMMEDIATE");
    let (commit, save, release) = (plain("COMMIT"), plain("SAVEPOINT one"), plain("RELEASE one"));
    while let Ok(first) = units.recv() {
        let mut waiting = vec![first];
        while group && waiting.len() < GROUP {
            match units.try_recv() {
                Ok(unit) => waiting.push(unit),
                Err(_) => break,
            }
        }
        let mut nothing = Asked { idea: Id::NONE, account: 0, now: Instant::from_micros(0), voter: Id::NONE };
        conn.run(&begin, &mut nothing, false)?;
        let mut answers = Vec::with_capacity(waiting.len());
        for Unit { asked, answer } in waiting {
            if group {
                conn.run(&save, &mut nothing, false)?;
            }
            answers.push((answer, conn.all(statements, asked)));
            if group {
                conn.run(&release, &mut nothing, false)?;
            }
        }
        conn.run(&commit, &mut nothing, false)?;
        for (answer, given) in answers {
            drop(answer.send(given));
        }
    }
    Ok(())
}

#[derive(Clone)]
enum Store {
    Sqlite { reads: Arc<Pool<Sqlite>>, writes: Sender<Unit> },
    Postgres(Arc<Pool<Postgres>>),
}

/// What the handlers share.
struct Bare {
    store: Store,
    list: Arc<[Statement]>,
    detail: Arc<[Statement]>,
    /// Of a support: what is read before its transaction, and what is in it.
    before: Arc<[Statement]>,
    within: Arc<[Statement]>,
}

impl Bare {
    async fn read(&self, statements: &Arc<[Statement]>, asked: Asked) -> anyhow::Result<Given> {
        let statements = Arc::clone(statements);
        match &self.store {
            Store::Sqlite { reads, .. } => reads.run(move |conn| conn.all(&statements, asked)).await,
            Store::Postgres(pool) => pool.run(move |conn| conn.all(&statements, asked)).await,
        }
    }

    async fn write(&self, asked: Asked) -> anyhow::Result<Given> {
        match &self.store {
            Store::Sqlite { reads, writes } => {
                let before = Arc::clone(&self.before);
                reads.run(move |conn| conn.only_run(&before, asked)).await?;
                let (answer, given) = oneshot::channel();
                writes.send(Unit { asked, answer }).map_err(|_gone| anyhow::anyhow!("the writer has stopped"))?;
                given.await?
            }
            Store::Postgres(pool) => {
                let (before, within) = (Arc::clone(&self.before), Arc::clone(&self.within));
                let begun = |sql: &str| Statement { sql: sql.into(), binds: Vec::new(), prepared: true };
                let work = move |conn: &mut Postgres| {
                    let mut asked = asked;
                    conn.only_run(&before, asked)?;
                    conn.run(&begun("BEGIN"), &mut asked, false)?;
                    let given = conn.all(&within, asked);
                    conn.run(&begun(if given.is_ok() { "COMMIT" } else { "ROLLBACK" }), &mut asked, false)?;
                    given
                };
                pool.run(work).await
            }
        }
    }
}

fn json(status: u16, view: anyhow::Result<impl Serialize>) -> HttpResponse {
    match view.and_then(|view| Ok(serde_json::to_string(&view)?)) {
        Ok(body) => HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap_or_default())
            .content_type("application/json")
            .body(body),
        Err(error) => {
            eprintln!("{error:#}");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn list(bare: web::Data<Bare>, request: HttpRequest) -> HttpResponse {
    let given = bare.read(&bare.list, Asked::of(&request)).await;
    let page = given.map(|mut given| {
        // One more was asked for, to know whether there is one.
        given.ideas.truncate(20);
        Page { items: given.ideas, next_cursor: Some(CURSOR.into()) }
    });
    json(200, page)
}

async fn detail(bare: web::Data<Bare>, request: HttpRequest) -> HttpResponse {
    let given = bare.read(&bare.detail, Asked::of(&request)).await;
    json(200, given.and_then(|given| given.ideas.into_iter().next().ok_or_else(|| anyhow::anyhow!("no such idea"))))
}

async fn support(bare: web::Data<Bare>, request: HttpRequest, _body: web::Bytes) -> HttpResponse {
    let asked = Asked::of(&request);
    let given = bare.write(asked).await;
    json(201, given.map(|given| serde_json::json!({ "idea": asked.idea, "supported": true, "supports": given.number })))
}

/// Serves until it is ended.
pub async fn serve(listen: SocketAddr, database_url: &str, statements: &Path, group: bool) -> anyhow::Result<()> {
    let statements: Statements = serde_json::from_slice(&std::fs::read(statements)?)?;
    let begins = |statement: &Statement| statement.begins("BEGIN");
    let frame = |statement: &Statement| {
        ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"].into_iter().any(|word| statement.begins(word))
    };
    let at = statements.support.iter().position(begins);
    let at = at.ok_or_else(|| anyhow::anyhow!("the captured support has no transaction"))?;
    let (before, within) = statements.support.split_at(at);
    let within: Arc<[Statement]> = within.iter().filter(|statement| !frame(statement)).cloned().collect();
    let store = match database_url.strip_prefix("sqlite:") {
        Some(path) => {
            let reads = Arc::new(Pool::open(|| Sqlite::open(path))?);
            let (writes, units) = channel();
            let (conn, unit) = (Sqlite::open(path)?, Arc::clone(&within));
            std::thread::spawn(move || {
                if let Err(error) = write(conn, &units, &unit, group) {
                    eprintln!("the writer stopped: {error:#}");
                }
            });
            Store::Sqlite { reads, writes }
        }
        None => {
            // Connecting waits, and this is an async context.
            let url = database_url.to_owned();
            Store::Postgres(Arc::new(web::block(move || Pool::open(|| Postgres::open(&url))).await??))
        }
    };
    let bare = web::Data::new(Bare {
        store,
        list: statements.list.into(),
        detail: statements.detail.into(),
        before: before.into(),
        within,
    });
    let base = format!("/v1/councils/{}", seed::SLUG);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(bare.clone())
            .route(&format!("{base}/challenges/{{challenge}}/ideas"), web::get().to(list))
            .route(&format!("{base}/ideas/{{idea}}"), web::get().to(detail))
            .route(&format!("{base}/ideas/{{idea}}/support"), web::put().to(support))
    });
    // As the server of Folkmoot is set up.
    server.keep_alive(Duration::from_secs(75)).bind(listen)?.run().await?;
    // Not by dropping all of it: the clients of PostgreSQL say farewell by waiting, which an async context forbids.
    std::process::exit(0)
}
