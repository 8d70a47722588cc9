//! Every operation, every role, one's own council and another: the table says what happens.

use folkmoot::people::accounts::caller::OVERLOOKS_TOKENS;
use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::permissions::{Action, Party};
use on_both_databases::on_both_databases;

use crate::support::{Actor, TestApp};

// cases A1, A3, A4
#[on_both_databases]
async fn every_operation_answers_every_role_as_the_table_says(app: TestApp) {
    let other = app.other_council().await;
    let platform = app.platform_token().await;
    let mut actors = Vec::new();
    for party in Party::ALL {
        let actor = match party {
            Party::Visitor => app.visitor(),
            Party::Member(role) => app.member(role.as_str(), *role).await,
            Party::Platform => Actor { token: Some(platform.clone()), ..app.visitor() },
        };
        actors.push((*party, actor));
    }
    let stranger = app.member_of(&other, "stranger", folkmoot::vocabulary::Role::Admin).await;
    let mut walked = 0;
    let mut document = folkmoot::router::document();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let name = operation.operation_id.clone().unwrap();
            // Signing out would end the session that the walk goes on with.
            if !path.starts_with("/v1")
                || ["sign_in_to_platform", "read_vocabulary", "advance_demo_clock", "sign_in_to_demo"]
                    .contains(&name.as_str())
                || name == "sign_out"
            {
                continue;
            }
            let row = serde_json::to_value(&operation.extensions).unwrap()["x-folkmoot"]["permission"].take();
            let action = Action::named(row.as_str().unwrap()).unwrap();
            let council_path = path.starts_with("/v1/councils/");
            let uri = path.replace("{council}", &app.council.slug).split('/').map(filled).collect::<Vec<_>>().join("/");
            let local = uri.strip_prefix(&format!("/v1/councils/{}", app.council.slug)).unwrap_or(&uri).to_owned();
            // What mends a session overlooks the token that comes along: everybody is a visitor there.
            let mends = method == "post" && OVERLOOKS_TOKENS.iter().any(|end| path.ends_with(end));
            for (party, actor) in &actors {
                if mends && *party != Party::Visitor {
                    continue;
                }
                let answer = actor.send(&method.to_uppercase(), &local, &serde_json::json!({ "unknown": 1 })).await;
                let place = format!("{} on {method} {path} by {}: {}", answer.status, party.as_str(), answer.text());
                walked += 1;
                match (action.allows(*party), party) {
                    (true, _) => assert!(!matches!(answer.status, 401 | 403 | 500), "{place}"),
                    (false, Party::Visitor) => assert_eq!(answer.status, 401, "{place}"),
                    (false, Party::Platform) => assert_eq!(answer.status, 401, "{place}"),
                    (false, Party::Member(_)) => assert_eq!(answer.status, 403, "{place}"),
                }
            }
            if council_path && !mends {
                let foreign = Actor { base: app.visitor().base, ..stranger.clone() };
                let answer = foreign.send(&method.to_uppercase(), &local, &serde_json::json!({})).await;
                assert_eq!(answer.status, 401, "a stranger on {method} {path}: {}", answer.text());
            }
        }
    }
    assert!(walked > 300, "{walked}");
}

fn filled(part: &str) -> String {
    if part.starts_with('{') { "0192f3a4-0000-7000-8000-000000000000".into() } else { part.to_owned() }
}

#[test]
fn the_table() {
    insta::assert_snapshot!(folkmoot::vocabulary::permissions::print());
}
