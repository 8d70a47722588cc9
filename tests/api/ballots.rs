//! Residents vote in secret by the rule that was published before, and the result says why.

use folkmoot::platform::db::Instant;
use folkmoot::vocabulary::Role;
use folkmoot_tally::equal_shares::{Completion, Utility};
use folkmoot_tally::{Means, Rule, TieOrder, count};
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::stored::texts;
use crate::support::{Actor, PASSWORD, TestApp, days, draft};

/// A challenge that takes ideas for fifteen days and then votes for ten.
fn with_voting(now: Instant) -> Value {
    let phase = |kind: &str, from: u64, to: u64, votes: bool| {
        let (starts_at, ends_at) = (now.plus(days(from)), now.plus(days(to)));
        json!({ "kind": kind, "starts_at": starts_at, "ends_at": ends_at, "submit": !votes, "support": !votes, "vote": votes })
    };
    let mut draft = draft(now, "post");
    draft["phases"] = json!([phase("ideation", 0, 15, false), phase("voting", 15, 25, true)]);
    draft
}

fn approval() -> Value {
    json!({ "rule": "approval", "binding": "count", "ties": "earlier_submission", "interim": "hidden" })
}

/// A vote on three ideas, before it begins.
struct Vote {
    challenge: String,
    paper: String,
    ballot: String,
    ideas: Vec<String>,
    officer: Actor,
}

impl Vote {
    async fn prepare(app: &TestApp) -> Self {
        let challenge = app.open_drafted(&with_voting(app.app.db.clock().now())).await;
        let author = app.resident("author").await;
        let mut ideas = Vec::new();
        for title in ["A bench", "A crossing", "A tree"] {
            app.advance(std::time::Duration::from_secs(1));
            let idea = author.submits(title, &challenge).await;
            ideas.push(idea.rsplit('/').next().unwrap().to_owned());
        }
        let (paper, ballot) =
            (format!("/challenges/{challenge}/ballot-paper"), format!("/challenges/{challenge}/ballot"));
        Self { challenge, paper, ballot, ideas, officer: app.member("officer", Role::Officer).await }
    }

    fn options(&self, costs: &[Option<i64>]) -> Value {
        let option = |(idea, cost): (&String, &Option<i64>)| match cost {
            Some(cost) => json!({ "idea": idea, "cost": cost }),
            None => json!({ "idea": idea }),
        };
        self.ideas.iter().zip(costs).map(option).collect()
    }

    async fn writes(&self, terms: Value, costs: &[Option<i64>]) -> crate::support::Answer {
        let body = json!({ "terms": terms, "options": self.options(costs) });
        self.officer.change("PUT", &self.paper, &json!(0), &body).await
    }

    fn marks(&self, which: &[usize]) -> Value {
        json!({ "marks": which.iter().map(|n| json!({ "idea": self.ideas[*n] })).collect::<Vec<_>>() })
    }

    async fn casts(&self, app: &TestApp, name: &str, body: &Value) {
        app.resident(name).await.put(&self.ballot, body).await.is(201);
    }

    async fn result(&self, app: &TestApp) -> crate::support::Answer {
        app.visitor().get(&format!("/challenges/{}/result", self.challenge)).await
    }
}

#[on_both_databases]
async fn residents_cast_change_and_withdraw_a_ballot_and_the_result_is_told_when_votes_are_over(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let ana = app.resident("ana").await;
    ana.put(&vote.ballot, &vote.marks(&[0])).await.refused(409, "phase_not_open");
    let written = vote.writes(approval(), &[None, None, None]).await.is(200).json();
    assert_eq!((&written["version"], written["options"].as_array().unwrap().len()), (&json!(1), 3));
    vote.writes(approval(), &[None, None, None]).await.refused(412, "changed");
    app.advance(days(15));
    let officer = app.signs_in("officer").await;
    let body = json!({ "terms": approval(), "options": vote.options(&[None, None, None]) });
    officer.change("PUT", &vote.paper, &json!(1), &body).await.refused(409, "wrong_state");
    let ana = app.signs_in("ana").await;
    ana.get(&vote.ballot).await.refused(404, "not_found");
    ana.put(&vote.ballot, &vote.marks(&[0, 1])).await.is(201);
    ana.put(&vote.ballot, &vote.marks(&[0, 1])).await.is(200);
    let changed = ana.put(&vote.ballot, &vote.marks(&[1])).await.is(200).json();
    assert_eq!((&changed["number"], &changed["marks"][0]["idea"]), (&json!(2), &json!(vote.ideas[1])));
    assert_eq!(ana.get(&vote.ballot).await.is(200).json(), changed);
    vote.casts(&app, "ben", &vote.marks(&[1, 2])).await;
    vote.casts(&app, "cleo", &vote.marks(&[0])).await;
    let dora = app.resident("dora").await;
    dora.put(&vote.ballot, &vote.marks(&[0, 2])).await.is(201);
    dora.delete(&vote.ballot).await.is(204);
    dora.delete(&vote.ballot).await.is(204);
    dora.get(&vote.ballot).await.refused(404, "not_found");
    // case C14
    let hidden = vote.result(&app).await.refused(409, "phase_not_open").json();
    assert!(hidden["opens_at"].is_string(), "{hidden}");
    app.advance(days(10));
    let ana = app.signs_in("ana").await;
    // Not by whoever happens to ask first: it is counted once.
    let counted = vote.result(&app).await.refused(409, "phase_not_open").json();
    assert!(counted["detail"].as_str().unwrap().contains("being counted"), "{counted}");
    app.run_jobs().await;
    // case C5: the end is not part of it
    ana.put(&vote.ballot, &vote.marks(&[0])).await.refused(409, "phase_not_open");
    ana.get(&vote.ballot).await.refused(409, "phase_not_open");
    ana.delete(&vote.ballot).await.refused(409, "phase_not_open");
    let result = vote.result(&app).await.is(200).json();
    assert_eq!((&result["ballots"], &result["complete"]), (&json!(3), &json!(true)));
    let outcome = &result["outcomes"][0];
    assert_eq!((&outcome["tally"], &outcome["binding"]), (&json!("count"), &json!(true)));
    assert_eq!(outcome["winners"], json!([vote.ideas[1]]));
    assert_eq!(outcome["reasons"][0], json!({ "idea": vote.ideas[1], "won": true, "reason": "It has 2." }));
    assert_eq!(result["notice"], "This is a consultation, not an election.");
    assert_eq!((&result["published"], &result["withheld"]), (&Value::Null, &json!("few_ballots")));
    let file = format!("/challenges/{}/result/ballots", vote.challenge);
    app.visitor().get(&file).await.refused(404, "not_found");
    let told = app.visitor().get("/changes?limit=500").await.is(200).json();
    let of = |one: &&Value| one["kind"] == "result.published";
    let news: Vec<&Value> = told["items"].as_array().unwrap().iter().filter(of).collect();
    assert_eq!((news.len(), &news[0]["data"]["winners"]), (1, &json!([vote.ideas[1]])));
}

#[on_both_databases]
async fn a_hundred_ballots_are_published_without_voters_and_whoever_counts_them_again_finds_the_same(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({
        "rule": "budget", "budget": 4_000, "unit": 100, "binding": "equal_shares", "ties": "lower_cost", "interim": "hidden",
    });
    vote.writes(terms, &[Some(2_000), Some(2_500), Some(1_000)]).await.is(200);
    app.advance(days(15));
    for n in 0..100_usize {
        let chosen: &[usize] = [&[0, 1][..], &[2], &[1], &[0, 2]][n % 4];
        vote.casts(&app, &format!("voter-{n}"), &vote.marks(chosen)).await;
    }
    let ana = app.signs_in("voter-7").await;
    ana.put(&vote.ballot, &vote.marks(&[1, 2])).await.is(200);
    app.advance(days(10));
    app.run_jobs().await;
    let result = vote.result(&app).await.is(200).json();
    assert_eq!((&result["ballots"], &result["withheld"]), (&json!(100), &Value::Null));
    let url = result["published"]["url"].as_str().unwrap();
    let file = app.call(app.visitor().absolute("GET", url)).await;
    let text = file.is(200).text();
    assert_eq!(result["published"]["sha256"], hex::encode(Sha256::digest(text.as_bytes())));
    let read = folkmoot_tally::pabulib::read(text.as_bytes()).unwrap();
    let means = Means { budget: read.budget, unit: read.unit, seats: 1, order: TieOrder::LowerCost };
    let rule = Rule::EqualShares { utility: Utility::Cost, completion: Completion::Add1, comparison: false };
    let again = count(&read.profile, rule, &means, |_| {}).unwrap();
    let numbers: Vec<String> = join_all(vote.ideas.iter().map(async |idea| {
        let idea = app.visitor().get(&format!("/ideas/{idea}")).await.is(200).json();
        idea["number"].as_str().unwrap().rsplit('-').next().unwrap().to_owned()
    }))
    .await;
    let won: Vec<&String> = again.winners.iter().collect();
    let told: Vec<&String> = result["outcomes"][0]["winners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|winner| &numbers[vote.ideas.iter().position(|idea| winner == idea).unwrap()])
        .collect();
    assert_eq!(won, told);
    assert!(!text.contains("voter-7") && !text.contains("A bench"), "{text}");
}

#[on_both_databases]
async fn a_vote_that_is_closed_early_is_counted_then_and_a_title_that_is_taken_down_is_shown_no_more(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    vote.writes(approval(), &[None, None, None]).await.is(200);
    app.advance(days(15));
    vote.casts(&app, "ana", &vote.marks(&[0])).await;
    let moderator = app.member("mo", Role::Moderator).await;
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "A telephone number." });
    moderator.decides(&hide).await.is(201);
    let paper = app.visitor().get(&vote.paper).await.is(200).json();
    let titles: Vec<&Value> = paper["options"].as_array().unwrap().iter().map(|option| &option["title"]).collect();
    assert_eq!(titles, [&Value::Null, &json!("A crossing"), &json!("A tree")]);
    app.signs_in("officer").await.post(&format!("/challenges/{}/close", vote.challenge), &json!({})).await.is(200);
    app.run_jobs().await;
    let result = vote.result(&app).await.is(200).json();
    // It stays in the ballots that it is in.
    assert_eq!((&result["ballots"], &result["outcomes"][0]["winners"]), (&json!(1), &json!([vote.ideas[0]])));
    // The count at the end that had been planned finds nothing to do.
    app.advance(days(10));
    app.run_jobs().await;
    assert_eq!(vote.result(&app).await.is(200).json(), result);
}

#[on_both_databases]
async fn a_budget_is_shared_and_whoever_lost_reads_what_their_supporters_had_left(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({
        "rule": "budget", "budget": 4_000, "unit": 100, "binding": "equal_shares", "beside": ["greedy"],
        "ties": "lower_cost", "interim": "live",
    });
    vote.writes(terms, &[Some(2_000), Some(2_500), Some(1_000)]).await.is(200);
    app.advance(days(15));
    let before = vote.result(&app).await.is(200).json();
    assert_eq!((&before["ballots"], &before["complete"]), (&json!(0), &json!(false)));
    for name in ["ana", "ben", "cleo"] {
        vote.casts(&app, name, &vote.marks(&[0, 1])).await;
    }
    vote.casts(&app, "dora", &vote.marks(&[2])).await;
    let live = vote.result(&app).await.is(200).json();
    let shares = &live["outcomes"][0];
    assert_eq!(shares["winners"], json!([vote.ideas[0], vote.ideas[2]]));
    let lost = shares["reasons"].as_array().unwrap().iter().find(|one| one["won"] == false).unwrap();
    assert_eq!(lost["reason"], "Its supporters had 10.00 left; it costs 25.00.");
    assert_eq!((&shares["share"], &shares["raised"]), (&json!("1000.00"), &json!(0)));
    let greedy = &live["outcomes"][1];
    assert_eq!((&greedy["tally"], &greedy["binding"]), (&json!("greedy"), &json!(false)));
    assert_eq!(greedy["winners"], json!([vote.ideas[0], vote.ideas[2]]));
}

#[on_both_databases]
async fn options_are_ranked_and_votes_go_on_to_the_next_preference(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({ "rule": "ranked", "binding": "irv", "beside": ["schulze"], "ties": "earlier_submission", "interim": "hidden" });
    vote.writes(terms, &[None, None, None]).await.is(200);
    app.advance(days(15));
    for (name, ranked) in
        [("ana", vec![0, 1]), ("ben", vec![0, 2]), ("cleo", vec![1, 0]), ("dora", vec![1, 0]), ("eli", vec![2, 1])]
    {
        vote.casts(&app, name, &vote.marks(&ranked)).await;
    }
    app.advance(days(10));
    app.run_jobs().await;
    let result = vote.result(&app).await.is(200).json();
    let runoff = &result["outcomes"][0];
    assert_eq!(runoff["winners"], json!([vote.ideas[1]]));
    assert_eq!(
        (&runoff["rounds"][0]["kind"], &runoff["rounds"][0]["idea"]),
        (&json!("excluded"), &json!(vote.ideas[2]))
    );
    let won = runoff["reasons"].as_array().unwrap().iter().find(|one| one["won"] == true).unwrap();
    assert_eq!(won["reason"], "It won with 3 votes.");
    assert_eq!(result["outcomes"][1]["winners"], json!([vote.ideas[1]]));
}

// case C4
#[on_both_databases]
async fn a_ballot_that_breaks_its_rule_is_refused_whole_with_each_fault_and_nothing_is_counted(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({ "rule": "points", "points": 6, "max_per_idea": 4, "binding": "sum", "ties": "more_votes", "interim": "live" });
    vote.writes(terms, &[None, None, None]).await.is(200);
    app.advance(days(15));
    let ana = app.resident("ana").await;
    let elsewhere = "01a1b2c7-0000-7000-8000-000000000000";
    let marks = json!([
        { "idea": vote.ideas[0], "points": 5 }, { "idea": vote.ideas[0] }, { "idea": elsewhere, "points": 2 },
    ]);
    let refused = ana.put(&vote.ballot, &json!({ "marks": marks })).await.refused(422, "invalid").json();
    let told: Vec<(&str, &str)> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    let expected = [
        ("/marks/0/points", "too_many"),
        ("/marks/1/idea", "already_exists"),
        ("/marks/1/points", "required"),
        ("/marks/2/idea", "not_in_list"),
        ("/marks", "too_many"),
    ];
    assert_eq!(told, expected);
    assert_eq!(vote.result(&app).await.is(200).json()["ballots"], 0);
    let marks = json!([{ "idea": vote.ideas[0], "points": 4 }, { "idea": vote.ideas[2], "points": 2 }]);
    ana.put(&vote.ballot, &json!({ "marks": marks })).await.is(201);
    assert_eq!(vote.result(&app).await.is(200).json()["outcomes"][0]["winners"], json!([vote.ideas[0]]));
}

// case C1
#[on_both_databases]
async fn thirty_two_ballots_of_one_resident_at_once_are_one_that_counts(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({ "rule": "approval", "binding": "count", "ties": "earlier_submission", "interim": "live" });
    vote.writes(terms, &[None, None, None]).await.is(200);
    app.advance(days(15));
    let ana = app.resident("ana").await;
    let bodies: Vec<Value> = (0..32).map(|n| vote.marks(&[n % 3])).collect();
    let answers = join_all(bodies.iter().map(|body| ana.put(&vote.ballot, body))).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(201), of(200)), (1, 31), "{:?}", answers.iter().map(|one| one.status).collect::<Vec<_>>());
    assert_eq!(vote.result(&app).await.is(200).json()["ballots"], 1);
    let states = texts(&app, "SELECT state AS text FROM ballots ORDER BY number").await;
    assert_eq!(states.iter().filter(|state| *state == "live").count(), 1);
    assert_eq!(states.last().unwrap(), "live", "{states:?}");
}

// case C12
#[on_both_databases]
async fn nobody_in_office_casts_a_ballot_and_nothing_of_one_is_shown_to_anybody_else(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    vote.writes(approval(), &[None, None, None]).await.is(200);
    app.advance(days(15));
    for role in [Role::Moderator, Role::Officer, Role::Analyst, Role::Admin] {
        let member = app.member(&format!("a-{role}"), role).await;
        member.put(&vote.ballot, &vote.marks(&[0])).await.refused(403, "forbidden");
        member.get(&vote.ballot).await.refused(403, "forbidden");
    }
    app.visitor().put(&vote.ballot, &vote.marks(&[0])).await.is(401);
    let ana = app.resident("ana").await;
    ana.put(&vote.ballot, &vote.marks(&[2])).await.is(201);
    app.resident("ben").await.get(&vote.ballot).await.refused(404, "not_found");
    app.run_jobs().await;
    let changes = app.visitor().get("/changes?after=0&limit=500").await.is(200).text();
    assert!(changes.contains("ballot_paper.written") && !changes.contains("ballot.cast"), "{changes}");
    let copy = ana.post("/me/data", &json!({ "proof": { "password": PASSWORD } })).await.is(200).text();
    assert!(copy.contains("\"ballots\"") && !copy.contains("commitment") && !copy.contains("marks"), "{copy}");
}

#[on_both_databases]
async fn whoever_leaves_stays_counted_and_cannot_be_found_any_more(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({ "rule": "approval", "binding": "count", "ties": "earlier_submission", "interim": "live" });
    vote.writes(terms, &[None, None, None]).await.is(200);
    app.advance(days(15));
    let ana = app.resident("ana").await;
    ana.put(&vote.ballot, &vote.marks(&[0])).await.is(201);
    crate::privacy::leaves(&ana, "anonymise").await.is(204);
    assert_eq!(vote.result(&app).await.is(200).json()["ballots"], 1);
    let owners = "SELECT count(*) || '' AS text FROM voters JOIN ballots ON ballots.voter_id = voters.id WHERE account_id IS NOT NULL";
    assert_eq!(texts(&app, owners).await, ["0"]);
}

#[on_both_databases]
async fn each_resident_sees_the_ideas_in_an_order_of_their_own_that_stays(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    vote.writes(approval(), &[None, None, None]).await.is(200);
    let order = async |actor: &Actor| {
        let paper = actor.get(&vote.paper).await.is(200).json();
        let ideas = paper["options"].as_array().unwrap().iter().map(|one| one["idea"].as_str().unwrap().to_owned());
        ideas.collect::<Vec<_>>()
    };
    assert_eq!(order(&app.visitor()).await, vote.ideas);
    let mut orders = std::collections::BTreeSet::new();
    for n in 0..12 {
        let resident = app.resident(&format!("r{n}")).await;
        let own = order(&resident).await;
        assert_eq!(own, order(&resident).await);
        orders.insert(own);
    }
    assert!(orders.len() > 2, "{orders:?}");
}

#[on_both_databases]
async fn terms_that_cannot_be_counted_are_refused_with_all_that_is_wrong(app: TestApp) {
    let vote = Vote::prepare(&app).await;
    let terms = json!({ "rule": "budget", "binding": "stv", "ties": "drawn_lots", "interim": "hidden", "points": 3 });
    let refused = vote.writes(terms, &[Some(5), None, None]).await.refused(422, "invalid").json();
    let pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    let expected = [
        "/terms/points",
        "/terms/binding",
        "/terms/budget",
        "/terms/binding",
        "/terms/seed",
        "/options/1/cost",
        "/options/2/cost",
    ];
    assert_eq!(pointers, expected);
    let body = json!({ "terms": approval(), "options": [{ "idea": vote.ideas[0] }, { "idea": vote.challenge }] });
    let refused = vote.officer.change("PUT", &vote.paper, &json!(0), &body).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/options/1/idea");
    let without = app.open_challenge("post").await;
    let paper = format!("/challenges/{without}/ballot-paper");
    vote.officer.change("PUT", &paper, &json!(0), &body).await.refused(409, "wrong_state");
    app.visitor().get(&paper).await.refused(404, "not_found");
}
