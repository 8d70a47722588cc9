//! The demo is a story, and each step of its tour can be pasted whole.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use folkmoot::platform::http::outbound::Outbound;
use serde_json::Value;

use crate::support::server::client;
use crate::support::smtp::skipped;
use crate::support::{Store, database_empty, postgres};

/// A demo that runs, and what it printed.
struct Demo {
    child: Child,
    printed: Vec<String>,
    database: Option<String>,
    place: tempfile::TempDir,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        self.child.wait().unwrap();
        if let Some(url) = &self.database {
            postgres::drop_database(url);
        }
    }
}

impl Demo {
    fn start(store: Store) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let url = database_empty(store, place.path())?;
        // A port of its own that nobody else has at the moment: the tour is made of whole addresses.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_folkmoot"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--database-url", &url, "--data-dir"])
            .arg(place.path().join("demo"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut printed = Vec::new();
        for line in lines.by_ref() {
            let last = line.starts_with("Stop with");
            printed.push(line);
            if last {
                break;
            }
        }
        let database = (store == Store::Postgres).then_some(url);
        Some(Self { child, printed, database, place })
    }

    fn base(&self) -> String {
        let open = self.printed.iter().find_map(|line| line.strip_prefix("Open    ")).unwrap();
        open.trim_end_matches('/').to_owned()
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Value {
        let mut request = client().get(format!("{}{path}", self.base()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    }

    async fn page(&self, path: &str) -> String {
        client().get(format!("{}{path}", self.base())).send().await.unwrap().text().await.unwrap()
    }

    /// A step of the tour as it is printed, heading and all: it is to be pasted whole.
    fn step(&self, number: usize) -> String {
        let begins = |n: usize| move |line: &String| line.starts_with(&format!("# {n}. "));
        let from = self.printed.iter().position(begins(number)).unwrap();
        let to = self.printed.iter().position(begins(number + 1)).unwrap_or(self.printed.len() - 1);
        self.printed[from..to].join("\n")
    }

    fn take(&self, number: usize) -> String {
        let output = Command::new("bash").args(["-e", "-c", &self.step(number)]).output().unwrap();
        assert!(output.status.success(), "{number}: {}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        // A refusal of the API is no failure of curl.
        assert!(!said.contains("/problems/"), "{number}: {said}");
        said
    }
}

/// Whoever looks at the page of the contract can be anybody.
async fn the_people(demo: &Demo) {
    for role in ["resident", "moderator", "officer", "analyst", "admin"] {
        let asked = client().post(format!("{}/v1/demo/sessions", demo.base()));
        let asked = asked.header("content-type", "application/json").body(format!("{{\"role\":\"{role}\"}}"));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 201, "{role}");
        let session: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let account = demo.get("/v1/councils/aldermoor/me", session["access_token"].as_str()).await;
        assert_eq!(account["role"], role);
        let numbered = client().post(format!("{}/v1/demo/sessions", demo.base()));
        let body = format!("{{\"role\":\"{role}\",\"resident\":2}}");
        let answer = numbered.header("content-type", "application/json").body(body).send().await.unwrap();
        let only_residents_have_numbers = if role == "resident" { 201 } else { 422 };
        assert_eq!(answer.status().as_u16(), only_residents_have_numbers, "{role}");
    }
}

/// Everything that the story promises is there at once.
async fn the_story(demo: &Demo) {
    let council = "/v1/councils/aldermoor";
    let challenges = demo.get(&format!("{council}/challenges"), None).await;
    let states: Vec<&str> =
        challenges["items"].as_array().unwrap().iter().filter_map(|one| one["state"].as_str()).collect();
    assert_eq!(states, ["open", "open", "concluded", "open"]);
    let door = challenges["items"][3]["id"].as_str().unwrap();
    let running = challenges["items"][0]["id"].as_str().unwrap();
    let ideas = demo.get(&format!("{council}/challenges/{running}/ideas?limit=100"), None).await;
    let ideas = ideas["items"].as_array().unwrap();
    assert_eq!(ideas.iter().filter(|idea| idea["overdue"] == true).count(), 1);
    assert_eq!(ideas.iter().filter(|idea| idea["status"] != "awaiting_answer").count(), 3);
    let now = folkmoot::platform::clock::Clock::system().now();
    let hours = |idea: &&Value| {
        let due: folkmoot::platform::db::Instant = idea["answer_due_at"].as_str().unwrap().parse().unwrap();
        (due.micros() - now.micros()) / 3_600_000_000
    };
    let mut ahead: Vec<i64> = ideas
        .iter()
        .filter(|idea| idea["overdue"] == false && idea["status"] == "awaiting_answer")
        .map(|idea| hours(&idea))
        .collect();
    ahead.sort_unstable();
    assert!(
        (10..=86).contains(&ahead[0]),
        "one is due in two days, or as near to that as working days allow: {ahead:?}"
    );
    assert!(ahead[1] > 120, "{ahead:?}");
    let commitments = demo.get(&format!("{council}/commitments"), None).await;
    let mut stand: Vec<(bool, &str)> = commitments["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["late"].as_bool().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    stand.sort_unstable();
    assert_eq!(stand, [(false, "delivered"), (true, "in_progress")]);
    let first = demo.get(&format!("{council}/ideas/ALD-1001"), None).await;
    assert_eq!((first["status"].as_str(), first["supports"].as_i64()), (Some("accepted"), Some(40)));
    let tombstones = demo.get(&format!("{council}/changes?after=0&limit=500"), None).await;
    let hidden = tombstones["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "idea.taken_down").count();
    assert_eq!(hidden, 2, "a resident's, and one that its source had hidden");
    let finished = challenges["items"][2]["id"].as_str().unwrap();
    let ideas = demo.get(&format!("{council}/challenges/{finished}/ideas?limit=100"), None).await;
    let text = ideas.to_string();
    assert!(!text.contains("Demonstration") && !text.contains("…") && !text.contains("\"author\":null"), "{text}");
    let page = demo.page(&format!("/councils/aldermoor/challenges/{finished}")).await;
    assert_eq!(page.matches("answered late").count(), 1, "{page}");
    let page = demo.page(&format!("/councils/aldermoor/challenges/{running}")).await;
    assert_eq!(page.matches("Answer overdue since").count(), 1, "{page}");
    assert!(page.contains("Answer due by "), "{page}");
    let figures = demo.get(&format!("{council}/open-door"), None).await["figures"].take();
    let (raised, waiting, overdue) = (&figures["raised"], &figures["waiting"], &figures["overdue"]);
    assert_eq!((raised.as_i64(), waiting.as_i64(), overdue.as_i64()), (Some(4), Some(1), Some(0)), "{figures}");
    let at_the_door = demo.page(&format!("/councils/aldermoor/challenges/{door}")).await;
    for told in
        ["An idea that 12 people support is decided on", "Taken up", "Declined", "a challenge is being made of it"]
    {
        assert!(at_the_door.contains(told), "{told}: {at_the_door}");
    }
    // The phase that takes ideas ends before the one that takes support only.
    let takes = page.split("It takes ideas until ").nth(1).unwrap().split('.').next().unwrap();
    let (ideas, support) = takes.split_once(", and support until ").unwrap();
    assert_ne!(ideas, support);
}

async fn the_tour(store: Store) {
    Outbound::new(false).unwrap();
    if Command::new("curl").arg("--version").output().is_err() {
        return skipped("the tour of the demo is SKIPPED: no curl here (run scripts/install-test-tools)").unwrap();
    }
    let Some(demo) = Demo::start(store) else { return };
    // The news is numbered within a second; whoever reads first waits for it.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while demo.get("/v1/councils/aldermoor/changes?after=0", None).await["items"] == serde_json::json!([]) {
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    the_story(&demo).await;
    the_people(&demo).await;
    assert!(demo.take(1).contains("\"overdue_now\":1"));
    let second = demo.take(2);
    assert!(second.contains("You sent twelve ideas") && second.contains("\"late\":true"), "{second}");
    let third = demo.take(3);
    assert!(third.contains("\"item_state\":\"published\""), "{third}");
    let fourth = demo.take(4);
    assert!(fourth.contains("\"ground\":\"personal_data\"") && !fourth.contains("Wetherby"), "{fourth}");
    let fifth = demo.take(5);
    assert!(fifth.contains("we have passed this on"), "{fifth}");
    let sixth = demo.take(6);
    assert!(sixth.contains("\"visit\"") && sixth.contains("\"n\":null") && !sixth.contains("\"days\":[]"), "{sixth}");
    let before = demo.take(1);
    assert!(before.contains("\"overdue_now\":0"), "{before}");
    let seventh = demo.take(7);
    assert!(seventh.contains("\"now\""), "{seventh}");
    let eighth = demo.take(8);
    assert!(eighth.contains("\"kind\":\"out_of_scope\""), "what was done in step 5 is not in it: {eighth}");
    // Mails follow what is done within moments, on a busy machine within seconds.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let mails = loop {
        let mails = demo.page("/demo/mail").await;
        if mails.contains("Your idea was hidden: Make the man") || std::time::Instant::now() > deadline {
            break mails;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert!(mails.contains("/demo/mail/") && mails.contains("pages.css"), "{mails}");
    assert!(mails.contains("and 39 others"), "{mails}");
    assert!(mails.contains("Your idea was hidden: Make the man"), "nobody told the author: {mails}");
    let first = mails.split("href=\"").find_map(|part| part.strip_prefix("/demo/mail/")?.split('"').next()).unwrap();
    let opened = demo.page(&format!("/demo/mail/{first}")).await;
    assert!(opened.contains("From: ") && opened.contains("To: ") && opened.contains("Date: "), "{opened}");
    assert!(opened.contains("href=\"/demo/mail\""), "{opened}");
    let page = client().get(format!("{}/councils/aldermoor/ideas/ALD-1001", demo.base())).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("and late: it was due by"), "{page}");
    // A second one beside it takes nothing away.
    let mut second = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    let second = second.args(["demo", "--reset", "--listen", "127.0.0.1:0", "--data-dir"]);
    let second = second.arg(demo.place.path().join("demo")).output().unwrap();
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && told.contains("is running: stop it first"), "{told}");
    assert!(demo.take(1).contains("\"overdue_now\":1"));
}

#[actix_web::test]
async fn the_tour_of_the_demo_on_sqlite() {
    the_tour(Store::Sqlite).await;
}

#[actix_web::test]
async fn the_tour_of_the_demo_on_postgres() {
    the_tour(Store::Postgres).await;
}
