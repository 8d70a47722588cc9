//! The real binary, killed while it writes: what it acknowledged is there.

use std::collections::HashMap;
use std::sync::Mutex;

use folkmoot::participation::voting::queries::drifted;
use folkmoot::platform::clock::Clock;
use futures_util::future::join_all;

use crate::support::server::{Server, client};
use crate::support::{Store, TestApp};

/// Twenty in the long run (`just long`), two otherwise.
const KILLS: usize = if cfg!(debug_assertions) { 2 } else { 20 };

// case H1
#[actix_web::test]
async fn no_acknowledged_support_is_lost_when_the_server_is_killed_on_sqlite() {
    killed_while_it_writes(Store::Sqlite).await;
}

// case H1
#[actix_web::test]
async fn no_acknowledged_support_is_lost_when_the_server_is_killed_on_postgres() {
    killed_while_it_writes(Store::Postgres).await;
}

async fn killed_while_it_writes(store: Store) {
    let Some(app) = TestApp::start_at(store, |_| {}, Clock::system()).await else { return };
    let challenge = app.open_challenge("post").await;
    let mut people = Vec::new();
    for n in 0..12 {
        people.push(app.resident(&format!("resident{n}")).await);
    }
    let mut acknowledged: HashMap<String, i64> = HashMap::new();
    for round in 0..KILLS {
        let mut ideas = Vec::new();
        // Whoever sends in more than a few in an hour is looked at first.
        let author = app.resident(&format!("author{round}")).await;
        for n in 0..8 {
            ideas.push(author.submits(&format!("Idea {n} of round {round}"), &challenge).await);
        }
        let server = Server::start(&app);
        let client = client();
        let acks = Mutex::new(Vec::new());
        let enough = rand::random_range(5..80_usize);
        let load = people.iter().enumerate().map(|(n, person)| {
            let (ideas, acks, client, server) = (&ideas, &acks, &client, &server);
            async move {
                for m in 0..ideas.len() {
                    let idea = &ideas[(n + m) % ideas.len()];
                    let address = format!("{}{}{idea}/support", server.address, person.base);
                    let token = person.token.as_deref().unwrap();
                    let sent =
                        client.put(address).bearer_auth(token).header("content-type", "application/json").body("{}");
                    match sent.send().await {
                        Ok(answer) if answer.status() == 201 => {
                            let mut acks = acks.lock().unwrap();
                            acks.push(idea.clone());
                            if acks.len() == enough {
                                server.kill();
                            }
                        }
                        Ok(answer) => panic!("{}", answer.status()),
                        Err(_killed) => return,
                    }
                }
            }
        });
        join_all(load).await;
        drop(server);
        for idea in acks.into_inner().unwrap() {
            *acknowledged.entry(idea).or_default() += 1;
        }
        assert!(acknowledged.values().sum::<i64>() >= 5);
        for (idea, acks) in &acknowledged {
            let supports = app.visitor().get(idea).await.is(200).json()["supports"].as_i64().unwrap();
            assert!(supports >= *acks, "round {round}: {idea} has {supports} supports, {acks} were acknowledged");
        }
        assert_eq!(app.app.db.read(drifted).await.unwrap(), []);
    }
}
