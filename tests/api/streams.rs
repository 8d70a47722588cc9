//! Changes as they happen.

use std::pin::Pin;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::dev::Service as _;
use actix_web::test::init_service;
use folkmoot::people::accounts::queries::set_role;
use folkmoot::platform::db::Id;
use folkmoot::platform::entries::{Entry, record};
use folkmoot::platform::http::openapi::operations;
use folkmoot::platform::http::streams::Kind;
use folkmoot::reach::feeds::stream::{feed, watch};
use folkmoot::router;
use folkmoot::vocabulary::{EntryKind, Role, Visibility};
use futures_util::StreamExt as _;
use on_both_databases::on_both_databases;
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::server::{Server, client};
use crate::support::{Actor, PASSWORD, Store, TestApp};

#[derive(Serialize)]
struct Happened {
    id: Id,
    text: String,
}

impl Entry for Happened {
    const KIND: EntryKind = EntryKind::IdeaRevised;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.id
    }
}

async fn happens_in(app: &TestApp, council: Id, times: usize) {
    let write = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        for _ in 0..times {
            record(tx, council, &Happened { id: Id::random(), text: "x".repeat(100) })?;
        }
        Ok(())
    };
    app.app.db.write(write).await.unwrap();
    app.app.number_entries().await.unwrap();
}

async fn happens(app: &TestApp, times: usize) {
    happens_in(app, app.council.id, times).await;
}

/// A stream that somebody reads.
struct Reader(Pin<Box<BoxBody>>);

/// The address of a kind of stream, from the beginning.
fn address(kind: Kind) -> &'static str {
    match kind {
        Kind::Changes => "/changes/stream?after=0",
    }
}

async fn asks(who: &Actor, path: &str, last: Option<&str>) -> (u16, Reader) {
    let service = init_service(router::application(who.app.app.clone())).await;
    let mut request = who.request("GET", path);
    if let Some(last) = last {
        request = request.insert_header(("Last-Event-ID", last));
    }
    let response = service.call(request.to_request()).await.unwrap();
    let status = response.status().as_u16();
    if status == 200 {
        assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
    }
    (status, Reader(Box::pin(response.into_body())))
}

async fn opens(who: &Actor, path: &str) -> Reader {
    let (status, mut reader) = asks(who, path, None).await;
    assert_eq!(status, 200);
    assert_eq!(reader.next().await.unwrap(), "retry: 3000\n\n");
    reader
}

/// The same, read up to the first change, from where on it is fed with the others.
async fn follows(who: &Actor) -> Reader {
    let mut reader = opens(who, "/changes/stream?after=0").await;
    assert_eq!(changes(&reader.next().await.unwrap()).len(), 1);
    reader
}

impl Reader {
    /// What comes next; nothing where the stream has ended. It has to come soon.
    async fn next(&mut self) -> Option<String> {
        let next = std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx));
        let next = tokio::time::timeout(Duration::from_secs(5), next).await.expect("it comes, or ends");
        next.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap())
    }

    /// Whether nothing is there at the moment.
    async fn waits(&mut self) -> bool {
        std::future::poll_fn(|cx| std::task::Poll::Ready(self.0.as_mut().poll_next(cx).is_pending())).await
    }

    async fn ends_with(&mut self, event: &str) {
        assert_eq!(self.next().await.unwrap(), event);
        assert_eq!(self.next().await, None);
    }
}

const GONE: &str = "event: closed\ndata: {\"code\":\"bad_token\"}\n\n";

fn changes(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[on_both_databases]
async fn a_follower_is_told_what_happened_and_then_what_happens_as_the_list_tells_it(app: TestApp) {
    happens(&app, 450).await;
    let mut reader = opens(&app.visitor(), "/changes/stream?after=0").await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.extend(changes(&reader.next().await.unwrap()));
    }
    let listed = app.visitor().get("/changes?after=0&limit=500").await.is(200).json()["items"].take();
    assert_eq!(json!(told), listed);
    assert!(reader.waits().await);
    let other = app.other_council().await;
    happens_in(&app, other.id, 3).await;
    happens(&app, 2).await;
    feed(&app.app).await.unwrap();
    let (one, two) = (reader.next().await.unwrap(), reader.next().await.unwrap());
    assert!(reader.waits().await, "what another council does is not told here");
    let number = changes(&two)[0]["number"].as_i64().unwrap();
    assert_eq!(
        (one.starts_with("id: 4"), two.starts_with(&format!("id: {number}\nevent: change\ndata: "))),
        (true, true)
    );
    // Whoever comes again says where it ended, and that goes before the address.
    let last = changes(&one)[0]["number"].to_string();
    let (_, mut again) = asks(&app.visitor(), "/changes/stream?after=0", Some(&last)).await;
    again.next().await.unwrap();
    assert_eq!(again.next().await.unwrap(), two);
    app.app.streams.beat();
    assert_eq!(again.next().await.unwrap(), ": here\n\n");
    for (path, last) in
        [("", None), ("?after=-1", None), ("?after=99999", None), ("?after=1", Some("x")), ("?after=0&token=a", None)]
    {
        assert_eq!(asks(&app.visitor(), &format!("/changes/stream{path}"), last).await.0, 422, "{path}");
    }
}

#[on_both_databases]
async fn one_reading_of_a_council_feeds_all_its_streams(app: TestApp) {
    happens(&app, 1).await;
    let mut readers = Vec::new();
    for _ in 0..5 {
        readers.push(follows(&app.visitor()).await);
    }
    assert_eq!(app.app.streams.wanted(Kind::Changes), [(app.council.id, 1)].into());
    happens(&app, 1).await;
    feed(&app.app).await.unwrap();
    for reader in &mut readers {
        assert_eq!(changes(&reader.next().await.unwrap()).len(), 1);
    }
}

// cases A10, B17
#[on_both_databases]
async fn every_kind_of_stream_ends_with_the_session_or_role_that_it_was_opened_with(app: TestApp) {
    for kind in Kind::ALL {
        let name = |who: &str| format!("{who}-{}", kind.operation());
        let (ana, ben) = (app.resident(&name("ana")).await, app.resident(&name("ben")).await);
        let mo = app.member(&name("mo"), Role::Moderator).await;
        let (cyd, visitor) = (app.resident(&name("cyd")).await, app.visitor());
        let mut streams = Vec::new();
        for who in [&ana, &ben, &mo, &cyd, &visitor] {
            let mut stream = opens(who, address(*kind)).await;
            assert!(stream.waits().await);
            streams.push(stream);
        }
        watch(&app.app).await.unwrap();
        for stream in &mut streams {
            assert!(stream.waits().await, "nobody is sent away for nothing");
        }
        // Signed out, suspended, of another role, and by a change that ends all sessions.
        ana.delete("/sessions/current").await.is(204);
        let council = app.council.id;
        let id = async |who: &Actor| -> Id { who.get("/me").await.json()["id"].as_str().unwrap().parse().unwrap() };
        let (suspended, moved, changed) = (id(&ben).await, id(&mo).await, id(&cyd).await);
        let work = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
            use diesel::prelude::*;
            use folkmoot::platform::db::schema::{accounts, sessions};
            use folkmoot::vocabulary::AccountState;
            let now = tx.now();
            diesel::update(accounts::table.find((council, suspended)))
                .set(accounts::state.eq(AccountState::Suspended))
                .execute(&mut **tx)?;
            diesel::update(sessions::table.filter(sessions::account_id.eq(changed)))
                .set(sessions::ended_at.eq(Some(now)))
                .execute(&mut **tx)?;
            set_role(tx, council, moved, Role::Analyst)
        };
        app.app.db.write(work).await.unwrap();
        watch(&app.app).await.unwrap();
        for stream in &mut streams[..4] {
            stream.ends_with(GONE).await;
        }
        assert!(streams[4].waits().await, "a visitor has no session that could end");
        assert_eq!(asks(&ana, address(*kind), None).await.0, 401);
        drop(streams);
        assert_eq!(app.app.streams.count(), 0, "places are free again");
    }
}

/// What ends that with which a stream was opened.
#[derive(Clone, Copy, Debug)]
enum End {
    SignOut,
    SignOutElsewhere,
    SignOutOfAllOthers,
    PasswordChanged,
    PasswordReset,
    AddressTakenBack,
    Suspended,
    RoleLost,
    StaffLeft,
    KeyEnded,
    KeyRanOut,
    MakerSuspended,
    SandboxReset,
}

const ENDS: [End; 13] = [
    End::SignOut,
    End::SignOutElsewhere,
    End::SignOutOfAllOthers,
    End::PasswordChanged,
    End::PasswordReset,
    End::AddressTakenBack,
    End::Suspended,
    End::RoleLost,
    End::StaffLeft,
    End::KeyEnded,
    End::KeyRanOut,
    End::MakerSuspended,
    End::SandboxReset,
];

impl End {
    /// What the stream is opened with: the session of a resident or of staff, or a key and its id.
    async fn opener(self, app: &TestApp, admin: &Actor, name: &str) -> (Actor, String) {
        let of = |who: Actor| async move {
            let id = who.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned();
            (who, id)
        };
        let mode = match self {
            Self::RoleLost | Self::StaffLeft => return of(app.member(name, Role::Moderator).await).await,
            Self::KeyEnded | Self::KeyRanOut => "live",
            Self::SandboxReset => "test",
            Self::MakerSuspended => {
                let (maker, id) = of(app.member(name, Role::Admin).await).await;
                return (key(&maker, "live").await.0, id);
            }
            _ => return of(app.resident(name).await).await,
        };
        key(admin, mode).await
    }

    async fn happens(self, app: &TestApp, admin: &Actor, name: &str, who: &Actor, id: &str) {
        let (visitor, mail) = (app.visitor(), format!("{name}@people.example"));
        let proof = json!({ "password": PASSWORD });
        match self {
            Self::SignOut => drop(who.delete("/sessions/current").await.is(204)),
            Self::SignOutElsewhere => {
                let here = app.signs_in(name).await;
                let list = here.get("/me/sessions").await.is(200).json();
                let other = list["items"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
                here.delete(&format!("/me/sessions/{}", other["id"].as_str().unwrap())).await.is(204);
            }
            Self::SignOutOfAllOthers => drop(app.signs_in(name).await.delete("/me/sessions").await.is(204)),
            Self::PasswordChanged => {
                let wish = json!({ "proof": proof, "password": "nine otters under the weir" });
                app.signs_in(name).await.put("/me/password", &wish).await.is(204);
            }
            Self::PasswordReset => {
                visitor.post("/password-resets", &json!({ "email": mail })).await.is(202);
                app.run_jobs().await;
                let wish = json!({ "token": app.token_in_mail(&mail), "password": "nine otters under the weir" });
                visitor.post("/password-resets/redeem", &wish).await.is(204);
            }
            Self::AddressTakenBack => {
                let new = format!("{name}@new.example");
                who.put("/me/address", &json!({ "proof": proof, "email": new })).await.is(202);
                app.run_jobs().await;
                let wish = json!({ "token": app.token_in_mail(&new), "password": PASSWORD });
                visitor.post("/addresses/confirm", &wish).await.is(204);
                app.run_jobs().await;
                visitor.post("/addresses/undo", &json!({ "token": app.token_in_mail(&mail) })).await.is(204);
            }
            Self::Suspended | Self::MakerSuspended => {
                app.suspends(admin, id, "Spam in three places.").await.is(201);
            }
            Self::RoleLost => {
                let role = json!({ "role": "analyst" });
                admin.change("PATCH", &format!("/staff/{id}"), &json!(1), &role).await.is(200);
            }
            Self::StaffLeft => {
                let request = admin.request("DELETE", &format!("/staff/{id}")).insert_header(("If-Match", "\"1\""));
                app.call(request).await.is(204);
            }
            Self::KeyEnded => drop(admin.delete(&format!("/api-keys/{id}")).await.is(204)),
            Self::KeyRanOut => app.advance(crate::support::days(1)),
            Self::SandboxReset => drop(admin.post("/sandbox/reset", &json!({})).await.is(204)),
        }
    }
}

async fn key(maker: &Actor, mode: &str) -> (Actor, String) {
    let expires_at = maker.app.app.db.clock().now().plus(crate::support::days(1));
    let proof = crate::support::proof();
    let wish = json!({ "proof": proof, "name": "Mirror", "mode": mode, "scopes": ["public.read"],
        "expires_at": expires_at });
    let made = maker.post("/api-keys", &wish).await.is(201).json();
    let token = made["key"].as_str().map(str::to_owned);
    (Actor { token, ..maker.clone() }, made["id"].as_str().unwrap().to_owned())
}

// cases A10, B17, J10
#[on_both_databases]
async fn whatever_ends_a_session_or_a_key_ends_every_kind_of_stream_that_was_opened_with_it(app: TestApp) {
    for kind in Kind::ALL {
        for end in ENDS {
            let place = format!("{} after {end:?}", kind.operation());
            let name = format!("{end:?}-{}", kind.operation()).to_lowercase();
            let admin = app.member(&format!("admin-{name}"), Role::Admin).await;
            let (who, id) = end.opener(&app, &admin, &name).await;
            let bystander = app.resident(&format!("bystander-{name}")).await;
            let (mut stream, mut other) = (opens(&who, address(*kind)).await, opens(&bystander, address(*kind)).await);
            assert!(stream.waits().await);
            watch(&app.app).await.unwrap();
            assert!(stream.waits().await, "{place}: not before");
            end.happens(&app, &admin, &name, &who, &id).await;
            watch(&app.app).await.unwrap();
            assert_eq!(stream.next().await.as_deref(), Some(GONE), "{place}");
            assert_eq!(stream.next().await, None, "{place}");
            assert!(other.waits().await, "{place}: and nobody else's");
        }
    }
}

#[test]
fn every_operation_that_does_not_end_is_a_kind_of_stream() {
    let mut document = router::document();
    let mut found = Vec::new();
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            let told = serde_json::to_value(&operation.responses).unwrap();
            if !told["200"]["content"]["text/event-stream"].is_null() {
                found.push(operation.operation_id.clone().unwrap());
            }
        }
    }
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.operation()).collect();
    assert_eq!(found, kinds);
}

// case J10
#[on_both_databases]
async fn whoever_reads_too_slowly_is_told_to_come_again_and_lets_nobody_else_wait(app: TestApp) {
    happens(&app, 1).await;
    let (mut slow, mut quick) = (follows(&app.visitor()).await, follows(&app.visitor()).await);
    for _ in 0..3 {
        happens(&app, 40).await;
        feed(&app.app).await.unwrap();
        for _ in 0..40 {
            quick.next().await.unwrap();
        }
    }
    let mut last = 0;
    for _ in 0..64 {
        last = changes(&slow.next().await.unwrap())[0]["number"].as_i64().unwrap();
    }
    slow.ends_with("event: resync\ndata: {\"code\":\"slow\"}\n\n").await;
    let (_, mut again) = asks(&app.visitor(), "/changes/stream", Some(&last.to_string())).await;
    again.next().await.unwrap();
    assert_eq!(changes(&again.next().await.unwrap())[0]["number"], last + 1, "nothing is missed");
    assert!(quick.waits().await);
}

// case J10
#[actix_web::test]
async fn one_account_opens_ten_streams_and_its_neighbours_open_theirs() {
    let app = TestApp::start_with(Store::Sqlite, |_| {}).await.unwrap();
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(opens(&ana, "/changes/stream?after=0").await);
    }
    assert_eq!(asks(&ana, "/changes/stream?after=0", None).await.0, 429);
    opens(&ben, "/changes/stream?after=0").await;
    open.pop();
    opens(&ana, "/changes/stream?after=0").await;
    // The server stops: nobody keeps it from that.
    let mut last = open.pop().unwrap();
    app.app.streams.stop();
    last.ends_with("event: closed\ndata: {\"code\":\"unavailable\"}\n\n").await;
    assert_eq!(asks(&ben, "/changes/stream?after=0", None).await.0, 503);
}

// case B17, as an operator runs it
#[actix_web::test]
async fn a_stream_of_a_running_server_ends_within_five_seconds_of_its_session() {
    let app = TestApp::start_with(Store::Sqlite, |_| {}).await.unwrap();
    app.follow_the_real_time();
    let ana = app.resident("ana").await;
    let server = Server::start(&app);
    let address = format!("{}{}/changes/stream?after=0", server.address, ana.base);
    let token = ana.token.clone().unwrap();
    let answer = client().get(address).bearer_auth(&token).header("accept-encoding", "br, gzip").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut chunks = answer.bytes_stream();
    assert_eq!(chunks.next().await.unwrap().unwrap(), "retry: 3000\n\n");
    ana.delete("/sessions/current").await.is(204);
    let rest = async {
        let mut rest = String::new();
        while let Some(chunk) = chunks.next().await {
            rest.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
        rest
    };
    let rest = tokio::time::timeout(Duration::from_secs(5), rest).await.expect("it ends within five seconds");
    assert!(rest.ends_with(GONE), "{rest}");
}
