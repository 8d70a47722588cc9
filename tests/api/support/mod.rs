//! What tests stand on: an application on either database, actors who use it, a clock that is moved by hand.

pub mod contract;
pub mod postgres;
pub mod provider;
pub mod server;
pub mod smtp;
pub mod stored;

use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service, read_body};
use folkmoot::app::App;
use folkmoot::people::accounts::platform_admins::{find_platform_admin, upsert_platform_admin};
use folkmoot::people::accounts::queries::{NewAccount, insert_account, set_role};
use folkmoot::people::councils::model::{Council, Ground};
use folkmoot::people::councils::queries::{self as councils, NewCouncil};
use folkmoot::people::offices::queries::{insert_office, list_offices, members_of, set_members};
use folkmoot::people::sessions::routes::{open_session, platform_session};
use folkmoot::people::sessions::token::PLATFORM;
use folkmoot::platform::clock::Clock;
use folkmoot::platform::config::{Config, Hashing, Settings, Work};
use folkmoot::platform::db::{Id, Instant, Location, migrate};
use folkmoot::router;
use folkmoot::vocabulary::{AccountState, Role};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

pub const PASSWORD: &str = "seven herons over the mill pond";

/// What shows who somebody is who was made by a test.
pub fn proof() -> Value {
    json!({ "password": PASSWORD })
}

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

pub type Call = Rc<dyn Fn(TestRequest) -> LocalBoxFuture<'static, Answer>>;

/// An application of its own for one test.
#[derive(Clone)]
pub struct TestApp {
    pub app: App,
    pub council: Council,
    pub database_url: String,
    call: Call,
    _place: Rc<Place>,
}

struct Place {
    _directory: tempfile::TempDir,
    database: Option<String>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(url) = &self.database {
            postgres::drop_database(url);
        }
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The method and path that it answers.
    pub asked: (String, String),
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.json()["code"], code, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        answer
    }
}

fn migrated(url: &str) {
    migrate::up(&Location::parse(url).unwrap()).unwrap();
}

/// A database of its own: its address, where PostgreSQL is to be had or not asked for.
pub fn database(store: Store, directory: &std::path::Path) -> Option<String> {
    match store {
        Store::Sqlite => Some(format!("sqlite:{}", directory.join("test.sqlite").display())),
        Store::Postgres => postgres::create_database("api", migrated),
    }
}

/// A database with nothing in it, not even the schema.
pub fn database_empty(store: Store, directory: &std::path::Path) -> Option<String> {
    let url = database(store, directory)?;
    if store == Store::Postgres {
        use diesel::connection::SimpleConnection as _;
        let mut conn = migrate::connect(&Location::parse(&url).unwrap()).unwrap();
        conn.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").unwrap();
    }
    Some(url)
}

impl TestApp {
    pub async fn start_with(store: Store, change: impl FnOnce(&mut Config)) -> Option<Self> {
        // A Monday, at noon in London.
        Self::start_at(store, change, Clock::standing_at("2027-03-01T12:00:00Z".parse::<Instant>().unwrap())).await
    }

    pub async fn start_at(store: Store, change: impl FnOnce(&mut Config), clock: Clock) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let url = database(store, directory.path())?;
        let mut config = Settings {
            data_dir: Some(directory.path().to_owned()),
            database_url: Some(url.clone()),
            public_url: Some("https://ideas.example".into()),
            ..Settings::default()
        }
        .check()
        .unwrap();
        config.hashing = Hashing { memory: 8, passes: 1 };
        config.work = Work { rounds: 1, least: 16, most: 64 };
        config.limits = false;
        config.refusal_step = Duration::ZERO;
        config.requests_per_second = 0;
        change(&mut config);
        let app = App::build(config, clock).await.unwrap();
        let call = in_process(&app).await;
        let council = council(&app, "aldermoor", "ALD").await;
        let database = (store == Store::Postgres).then_some(url.clone());
        Some(Self { app, council, database_url: url, call, _place: Rc::new(Place { _directory: directory, database }) })
    }

    /// The same, but everybody speaks to a second node on the same database and clock.
    pub async fn other_node(&self) -> Self {
        let app = App::build(self.app.config.clone(), self.app.db.clock().clone()).await.unwrap();
        Self { call: in_process(&app).await, app, ..self.clone() }
    }

    /// The same, but everybody speaks to a second node with other settings.
    pub async fn with(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.app.config.clone();
        change(&mut config);
        let app = App::build(config, self.app.db.clock().clone()).await.unwrap();
        Self { call: in_process(&app).await, app, ..self.clone() }
    }

    /// The same, but everybody speaks to a server elsewhere.
    pub fn through(&self, call: Call) -> Self {
        Self { call, ..self.clone() }
    }

    pub async fn call(&self, request: TestRequest) -> Answer {
        let answer = self.call_raw(request).await;
        contract::hold(&answer);
        answer
    }

    /// The same for what the document says nothing of: other encodings.
    pub async fn call_raw(&self, request: TestRequest) -> Answer {
        (self.call)(request).await
    }

    pub fn advance(&self, by: std::time::Duration) {
        self.app.db.clock().advance(by);
    }

    /// Sets the standing clock to the real time, for what is done by another process.
    pub fn follow_the_real_time(&self) {
        let clock = self.app.db.clock();
        clock.shift(Clock::system().now().micros() - clock.now().micros());
    }

    /// Does everything that waits.
    pub async fn run_jobs(&self) -> usize {
        let ran = self.app.runner().run_until_empty(&self.app).await.unwrap();
        self.app.number_entries().await.unwrap();
        ran
    }

    pub fn visitor(&self) -> Actor {
        Actor { app: self.clone(), token: None, base: format!("/v1/councils/{}", self.council.slug) }
    }

    pub async fn resident(&self, name: &str) -> Actor {
        self.member(name, Role::Resident).await
    }

    pub async fn member(&self, name: &str, role: Role) -> Actor {
        self.member_of(&self.council, name, role).await
    }

    pub async fn member_of(&self, council: &Council, name: &str, role: Role) -> Actor {
        let hash = self.app.hasher.place().unwrap().hash(PASSWORD.into()).await.unwrap();
        let (email, name, app, id) = (format!("{name}@people.example"), name.to_owned(), self.app.clone(), council.id);
        let token = self
            .app
            .db
            .write(move |tx| {
                let new = NewAccount {
                    email: &email,
                    email_key: &email,
                    display_name: &name,
                    password_hash: &hash,
                    role,
                    state: AccountState::Active,
                };
                let account = insert_account(tx, id, &new)?.unwrap();
                // Officers speak for every office there is, unless a test says otherwise.
                if role == Role::Officer {
                    for office in list_offices(tx, id, None, 100)? {
                        let mut members = members_of(tx, id, office.id)?;
                        members.push(account);
                        set_members(tx, id, office.id, &members)?;
                    }
                }
                open_session(tx, &app, id, account)
            })
            .await
            .unwrap();
        Actor { app: self.clone(), token: Some(token), base: format!("/v1/councils/{}", council.slug) }
    }

    /// Suspends an account for thirty days, on a ground that is written where there was none.
    pub async fn suspends(&self, admin: &Actor, account: &str, why: &str) -> Answer {
        let ground =
            json!({ "code": "personal_data", "title": "Personal data of others", "body": "Not without consent." });
        let written = admin.post("/grounds", &ground).await;
        assert!(matches!(written.status, 201 | 409), "{}", written.text());
        let until = self.app.db.clock().now().plus(std::time::Duration::from_secs(30 * 86_400));
        let wish = json!({ "decision": "suspend", "ground": "personal_data", "statement": why, "until": until });
        admin.post(&format!("/accounts/{account}/sanctions"), &wish).await
    }

    /// Takes an account's role in the database, past every door.
    pub async fn demote_directly(&self, account: &str) {
        let (council, account): (Id, Id) = (self.council.id, account.parse().unwrap());
        let demoted = self.app.db.write(move |tx| set_role(tx, council, account, Role::Resident));
        assert!(demoted.await.unwrap());
    }

    /// The token of somebody who operates the platform.
    pub async fn platform_token(&self) -> String {
        let email = "platform@folkmoot.example";
        let made = self.app.db.write(move |tx| {
            // A new password would end the tokens that a test has by now.
            if find_platform_admin(tx, email)?.is_none() {
                upsert_platform_admin(tx, email, "unused")?;
            }
            find_platform_admin(tx, email)
        });
        let (admin, _, generation) = made.await.unwrap().unwrap();
        let session = platform_session(admin, generation);
        self.app.keys.sign(PLATFORM, admin, session, self.app.db.clock().now()).unwrap()
    }

    /// The decision-maker accepts, as if the mailed link had been followed.
    pub async fn accept_promise(&self, challenge: &Value) {
        let (council, challenge): (Id, Id) = (self.council.id, challenge.as_str().unwrap().parse().unwrap());
        let accepted = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
            folkmoot::participation::challenges::queries::set_accepted(tx, council, challenge)
        };
        self.app.db.write(accepted).await.unwrap();
    }

    /// Somebody who was here before signs in again.
    pub async fn signs_in(&self, name: &str) -> Actor {
        let body = json!({ "email": format!("{name}@people.example"), "password": PASSWORD });
        let session = self.visitor().post("/sessions", &body).await.is(201).json();
        Actor { token: session["access_token"].as_str().map(str::to_owned), ..self.visitor() }
    }

    /// How many mails were sent.
    pub fn mails(&self) -> usize {
        self.mail_texts().len()
    }

    /// The token in the last mail to an address.
    pub fn token_in_mail(&self, to: &str) -> String {
        let text = self.last_mail(to, "#token=");
        let (_, rest) = text.split_once("#token=").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// The text of the last mail to an address that says something.
    pub fn last_mail(&self, to: &str, says: &str) -> String {
        let to = format!("To: {to}");
        let mails = self.mail_texts().into_iter().rev().filter(|mail| mail.contains(&to));
        let mut texts = mails
            .map(|mail| mail_parser::MessageParser::default().parse(&mail).unwrap().body_text(0).unwrap().into_owned());
        texts.find(|text| text.contains(says)).unwrap_or_else(|| panic!("no mail {to} says {says:?}"))
    }

    /// The texts of all mails to somebody, in the order in which they were written.
    pub fn mails_to(&self, name: &str) -> Vec<String> {
        let to = format!("To: {name}@people.example");
        let mails = self.mail_texts().into_iter().filter(|mail| mail.contains(&to));
        mails
            .filter_map(|mail| mail_parser::MessageParser::default().parse(&mail)?.body_text(0).map(|t| t.into_owned()))
            .collect()
    }

    /// Whether any mail says something.
    pub fn has_mail(&self, says: &str) -> bool {
        self.mails_that_say(says) > 0
    }

    /// How many mails say something.
    pub fn mails_that_say(&self, says: &str) -> usize {
        let text = |mail: &String| {
            mail_parser::MessageParser::default().parse(mail).and_then(|m| m.body_text(0).map(|t| t.into_owned()))
        };
        self.mail_texts().iter().filter_map(text).filter(|text| text.contains(says)).count()
    }

    /// The six digits in the last mail with some to an address.
    pub fn code_in_mail(&self, to: &str) -> String {
        let text = self.last_mail(to, "your code to sign in is");
        let six = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        text.split_whitespace().find(six).unwrap().to_owned()
    }

    // In the order they were written.
    fn mail_texts(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.app.config.data_dir.join("mail")) else { return Vec::new() };
        let mut files: Vec<_> =
            files.flatten().filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path()))).collect();
        files.sort();
        // A server beside the test may be giving one its name at this moment.
        files.into_iter().filter_map(|(_, path)| std::fs::read_to_string(path).ok()).collect()
    }

    /// Another council beside the first.
    pub async fn other_council(&self) -> Council {
        council(&self.app, "otherham", "OTH").await
    }

    /// A challenge that has passed the gate and takes ideas and support for thirty days.
    pub async fn open_challenge(&self, moderation: &str) -> String {
        self.open_drafted(&draft(self.app.db.clock().now(), moderation)).await
    }

    /// Drafts a challenge, promises and opens it.
    pub async fn open_drafted(&self, draft: &Value) -> String {
        let officer = self.member(&format!("officer-{}", Id::random()), Role::Officer).await;
        for n in 0..2 {
            self.member(&format!("moderator{n}-{}", Id::random()), Role::Moderator).await;
        }
        let (council, now) = (self.council.id, self.app.db.clock().now());
        let drafted = officer.post("/challenges", draft).await.is(201).json();
        let id = drafted["id"].as_str().unwrap().to_owned();
        officer.change("PUT", &format!("/challenges/{id}/promise"), &json!(1), &promise(now)).await.is(200);
        let challenge: Id = id.parse().unwrap();
        self.app
            .db
            .write(move |tx| {
                let ground = Ground {
                    code: "personal_data".into(),
                    title: "Personal data of others".into(),
                    body: "We take out what identifies somebody else.".into(),
                    safeguarding: false,
                };
                if councils::find_ground(tx, council, "personal_data")?.is_none() {
                    councils::insert_ground(tx, council, &ground)?;
                    councils::insert_notice(tx, council, "We keep what we need, and nothing else.")?;
                }
                folkmoot::participation::challenges::queries::set_accepted(tx, council, challenge)
            })
            .await
            .unwrap();
        officer.post(&format!("/challenges/{id}/open"), &json!({})).await.is(200);
        id
    }
}

/// Headers as text, whoever's types they are.
pub fn told<N: AsRef<str>, V: AsRef<[u8]>>(headers: impl Iterator<Item = (N, V)>) -> Vec<(String, String)> {
    let told = |(name, value): (N, V)| (name.as_ref().to_owned(), String::from_utf8_lossy(value.as_ref()).into_owned());
    headers.map(told).collect()
}

/// Requests go to the router of an application, without a port.
async fn in_process(app: &App) -> Call {
    let service = Rc::new(init_service(router::application(app.clone())).await);
    Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let request = request.to_request();
            let asked = (request.method().to_string(), request.uri().to_string());
            let response = service.call(request).await.unwrap();
            let status = response.status().as_u16();
            let headers = told(response.headers().iter());
            Answer { asked, status, headers, body: read_body(response).await.to_vec() }
        })
    })
}

pub fn draft(now: Instant, moderation: &str) -> Value {
    let end = now.plus(days(30));
    json!({
        "title": "A better Mill Lane", "question": "What would make you walk along Mill Lane?", "body": "Tell us.",
        "moderation": moderation, "categories": [{ "key": "streets", "label": "Streets" }],
        "phases": [{ "kind": "ideation", "starts_at": now, "ends_at": end, "submit": true, "comment": true, "support": true }],
        "background": {
            "stage": "exploring", "already_decided": "That the lane is rebuilt. How, is open.",
            "documents": [{ "title": "Traffic counts", "url": "https://aldermoor.example/counts" }],
            "waived": [{ "item": "rehearsal", "reason": "It was rehearsed on paper." }],
        },
    })
}

pub fn promise(now: Instant) -> Value {
    json!({
        "decision_office": "Director of Streets", "decision_email": "streets@aldermoor.example",
        "in_their_power": "The carriageway and the footways.", "answer_within_days": 10, "moderate_within_hours": 48,
        "publish_outcome_by": now.plus(days(60)), "success_measure": "More people on foot.",
    })
}

pub fn days(n: u64) -> std::time::Duration {
    std::time::Duration::from_secs(n * 86_400)
}

async fn council(app: &App, slug: &str, prefix: &str) -> Council {
    let new = NewCouncil {
        slug: slug.into(),
        name: format!("{slug} council"),
        time_zone: "Europe/London".into(),
        language: "en-GB".into(),
        idea_prefix: prefix.into(),
        site_url: "https://ideas.example".into(),
    };
    let made = app.db.write(move |tx| {
        let council = councils::insert_council(tx, &new)?;
        for office in ["Streets", "Director of Streets"] {
            insert_office(tx, council.id, office)?;
        }
        Ok(council)
    });
    made.await.unwrap()
}

/// Somebody who uses the API.
#[derive(Clone)]
pub struct Actor {
    pub app: TestApp,
    pub token: Option<String>,
    pub base: String,
}

impl Actor {
    pub fn request(&self, method: &str, path: &str) -> TestRequest {
        let path = if path.starts_with("/v1/") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.absolute(method, &path)
    }
    /// The same at an address that need not be one of the council's.
    pub fn absolute(&self, method: &str, path: &str) -> TestRequest {
        let request = TestRequest::with_uri(path).method(method.parse().unwrap());
        match &self.token {
            Some(token) => request.insert_header(("Authorization", format!("Bearer {token}"))),
            None => request,
        }
    }
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.app.call(self.request(method, path).set_json(body)).await
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.app.call(self.request("GET", path)).await
    }
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body).await
    }
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, body).await
    }
    /// Sends a change of what was read as `version`.
    pub async fn change(&self, method: &str, path: &str, version: &Value, body: &Value) -> Answer {
        let request = self.request(method, path).insert_header(("If-Match", format!("\"{version}\"")));
        self.app.call(request.set_json(body)).await
    }
    /// Decides the case that is due first.
    pub async fn decides(&self, decision: &Value) -> Answer {
        let case = self.get("/cases").await.is(200).json()["items"][0].take();
        let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
        self.change("POST", &path, &case["version"], decision).await
    }
    /// Answers an idea as it is now.
    pub async fn answers(&self, idea: &str, answer: &Value) -> Answer {
        let version = self.get(idea).await.is(200).json()["version"].take();
        self.change("POST", &format!("{idea}/answers"), &version, answer).await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.app.call(self.request("DELETE", path)).await
    }
    /// Submits an idea and gives its address in the council.
    pub async fn submits(&self, title: &str, challenge: &str) -> String {
        let body = json!({ "title": title, "body": "Because **everybody** would be safer." });
        let idea = self.post(&format!("/challenges/{challenge}/ideas"), &body).await.is(201).json();
        format!("/ideas/{}", idea["id"].as_str().unwrap())
    }
    pub async fn supports(&self, idea: &str) -> Answer {
        self.put(&format!("{idea}/support"), &json!({})).await
    }
}
