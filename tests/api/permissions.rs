//! Every operation, every role, one's own council and another: the table says what happens.

use std::collections::BTreeSet;

use folkmoot::people::accounts::look_up::OVERLOOKS_TOKENS;
use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::permissions::{Action, Party, exceptions};
use on_both_databases::on_both_databases;

use crate::support::{Actor, TestApp};

async fn actor_of(app: &TestApp, party: Party, name: &str) -> Actor {
    match party {
        Party::Visitor => app.visitor(),
        Party::Member(role) => app.member(&format!("{role}{name}"), role).await,
        Party::Platform => Actor { token: Some(app.platform_token().await), ..app.visitor() },
    }
}

// cases A1, A3, A4
#[on_both_databases]
async fn every_operation_answers_every_role_as_the_table_says(app: TestApp) {
    let other = app.other_council().await;
    let mut actors = Vec::new();
    for party in Party::ALL {
        actors.push((*party, actor_of(&app, *party, "").await));
    }
    let stranger = app.member_of(&other, "stranger", folkmoot::vocabulary::Role::Admin).await;
    let (mut walked, mut swept) = (0, BTreeSet::new());
    let mut document = folkmoot::router::document();
    for (path, item) in &mut document.paths.paths {
        let mut head = item.head.clone();
        let head = head.as_mut().map(|operation| ("head", operation));
        for (method, operation) in operations(item).into_iter().chain(head) {
            let name = operation.operation_id.clone().unwrap();
            swept.insert(name.clone());
            let row = serde_json::to_value(&operation.extensions).unwrap()["x-folkmoot"]["permission"].take();
            // Without a row it answers everybody alike: the listed exceptions, and what stands beside the API.
            let action = row.as_str().map(|row| Action::named(row).unwrap());
            assert_eq!(
                action.is_none(),
                !path.starts_with("/v1") || exceptions::ALL.contains(&name.as_str()),
                "{name}"
            );
            let council_path = path.starts_with("/v1/councils/");
            let uri = path.replace("{council}", &app.council.slug).split('/').map(filled).collect::<Vec<_>>().join("/");
            // What mends a session overlooks the token that comes along: everybody is a visitor there.
            let mends = method == "post" && OVERLOOKS_TOKENS.iter().any(|end| path.ends_with(end));
            for (party, actor) in &actors {
                // Beside the API nobody shows a token.
                if *party != Party::Visitor && ((mends && action.is_some()) || !path.starts_with("/v1")) {
                    continue;
                }
                // Signing out would end the session that the walk goes on with.
                let leaving = if name == "sign_out" { Some(actor_of(&app, *party, " leaving").await) } else { None };
                let request = leaving.as_ref().unwrap_or(actor).absolute(&method.to_uppercase(), &uri);
                let request = request.set_json(serde_json::json!({ "unknown": 1 }));
                let answer = app.call(request).await;
                let place = format!("{} on {method} {path} by {}: {}", answer.status, party.as_str(), answer.text());
                walked += 1;
                match (action.is_none_or(|action| action.allows(*party)), party) {
                    (true, _) => assert!(!matches!(answer.status, 401 | 403 | 500), "{place}"),
                    (false, Party::Visitor) => assert_eq!(answer.status, 401, "{place}"),
                    (false, Party::Platform) => assert_eq!(answer.status, 401, "{place}"),
                    (false, Party::Member(_)) => assert_eq!(answer.status, 403, "{place}"),
                }
            }
            if council_path && !mends {
                let request = stranger.absolute(&method.to_uppercase(), &uri).set_json(serde_json::json!({}));
                let answer = app.call(request).await;
                assert_eq!(answer.status, 401, "a stranger on {method} {path}: {}", answer.text());
            }
        }
    }
    assert!(walked > 700, "{walked}");
    let kept = serde_json::to_value(folkmoot::router::document()).unwrap();
    let members = kept["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let all: BTreeSet<String> =
        members.filter_map(|operation| operation["operationId"].as_str().map(str::to_owned)).collect();
    assert_eq!(swept, all, "nothing is left out");
}

fn filled(part: &str) -> String {
    if part.starts_with('{') { "0192f3a4-0000-7000-8000-000000000000".into() } else { part.to_owned() }
}

#[test]
fn the_table() {
    insta::assert_snapshot!(folkmoot::vocabulary::permissions::print());
}
