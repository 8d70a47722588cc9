//! Pages for whoever follows a link and has no other frontend.

use actix_web::test::TestRequest;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::json;

use crate::support::{Answer, Store, TestApp, days};

async fn page(app: &TestApp, path: &str) -> Answer {
    let answer = app.call(TestRequest::get().uri(path)).await;
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}: {}", answer.text());
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    let text = answer.text();
    assert!(text.starts_with("<!doctype html>") && !text.contains("{{") && !text.contains("{%"), "{text}");
    answer
}

#[on_both_databases]
async fn every_link_that_is_mailed_or_fed_leads_somewhere(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let hostile = "A <script>alert(1)</script> crossing";
    let idea = ana.submits(hostile, &challenge).await;
    let number = ana.get(&idea).await.json()["number"].as_str().unwrap().to_owned();
    let base = format!("/councils/{}", app.council.slug);
    let place = format!("{base}/ideas/{number}");
    assert!(page(&app, &place).await.is(200).text().contains("No answer yet. It is promised by 15 March 2027."));

    app.advance(days(16));
    assert!(page(&app, &place).await.is(200).text().contains("has not come"));
    let officer = app.member("officer", Role::Officer).await;
    let answer = json!({ "kind": "partly_accepted", "office": "Streets", "reason": "A **zebra** crossing." });
    officer.answers(&idea, &answer).await.is(201);
    let text = page(&app, &place).await.is(200).text();
    assert!(text.contains("Partly accepted") && text.contains("<strong>zebra</strong>"), "{text}");
    assert!(!text.contains("<script>") && text.contains("&lt;script&gt;"), "{text}");

    let asked = format!("{base}/challenges/{challenge}");
    let text = page(&app, &asked).await.is(200).text();
    assert!(text.contains("Director of Streets"), "{text}");
    assert!(text.contains("Nothing is drawn up yet.") && text.contains("aldermoor.example&#x2f;counts"), "{text}");
    assert!(text.contains("Whoever decides has read that promise and accepted it."), "{text}");
    let until = "Open. It takes ideas and support until 31 March 2027.";
    let listed = page(&app, &base).await.is(200).text();
    assert!(text.contains(until) && listed.contains(until) && !listed.contains("What came of it"), "{listed}");
    page(&app, &format!("{asked}/outcome")).await.is(404);
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    app.advance(std::time::Duration::from_secs(1));
    let mut outcome = json!({
        "summary": "One crossing.", "ideas": [{ "idea": number, "what_became_of_it": "Painted." }],
        "themes": [
            { "title": "Safety", "heard": "Cars are <b>fast</b>.", "effect": "changed", "how": "It comes first." },
            { "title": "Doctors", "heard": "Too few.", "asked_about": false, "effect": "passed_on", "how": "They know." },
        ],
        "next_steps": " Built by August. ",
    });
    let outcomes = format!("/challenges/{challenge}/outcome");
    let themes = outcome["themes"].clone();
    outcome["themes"][0]["effect"] = json!("considered");
    outcome["themes"][1]["how"] = json!("   ");
    let refused = officer.put(&outcomes, &outcome).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"].as_array().unwrap().len(), 2, "{refused}");
    outcome["themes"] = themes;
    let published = officer.put(&outcomes, &outcome).await.is(201).json();
    assert_eq!(
        (&published["themes"][0]["asked_about"], &published["next_steps"]),
        (&json!(true), &json!("Built by August."))
    );
    let shared = page(&app, &format!("{asked}/outcome")).await.is(200).text();
    assert!(shared.contains("Painted."));
    let (asked_about, beside) = shared.split_once("What came up beside the question").unwrap();
    assert!(asked_about.contains("Cars are &lt;b&gt;fast") && asked_about.contains("Changed:"), "{shared}");
    assert!(beside.contains("Passed on:") && beside.contains("Built by August."), "{shared}");
    // Whoever shares it, prints it or follows it has what they need.
    for head in [
        r#"<meta property="og:title" content="What came of"#,
        r#"<meta property="og:description" content="One crossing.""#,
        r#"<link rel="canonical" href="http"#,
        &format!(r#"outcome" href="/v1{asked}/feedback.atom""#),
        &format!(r#"title="This outcome" href="/v1{asked}/outcome""#),
    ] {
        assert!(shared.contains(head), "{head} is not in {shared}");
    }
    let heard = page(&app, &format!("{base}/feedback")).await.is(200).text();
    assert!(heard.contains("<strong>zebra</strong>") && heard.contains("One crossing."), "{heard}");
    assert!(!heard.contains("<script>") && heard.contains("&lt;script&gt;"), "{heard}");
    let of_it = page(&app, &format!("{base}/feedback?challenge={challenge}&limit=1")).await.is(200).text();
    assert!(of_it.contains("One crossing.") && !of_it.contains("zebra"), "{of_it}");
    let next = of_it.split("cursor=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let before =
        page(&app, &format!("{base}/feedback?challenge={challenge}&limit=1&cursor={next}")).await.is(200).text();
    assert!(before.contains("zebra") && before.contains("noindex"), "{before}");
    page(&app, &format!("{base}/feedback?cursor=nonsense")).await.is(400);
    let listed = page(&app, &base).await.is(200).text();
    assert!(
        listed.contains("Concluded, ended") && listed.contains(&format!("{asked}/outcome\">What came of it")),
        "{listed}"
    );

    let moderator = app.member("moderator", Role::Moderator).await;
    let removal = json!({ "decision": "remove", "ground": "personal_data", "statement": "A telephone number." });
    moderator.decides(&removal).await.is(201);
    let text = page(&app, &place).await.is(200).text();
    assert!(text.contains("was removed on 17 March 2027") && !text.contains("crossing"), "{text}");
}

#[on_both_databases]
async fn a_page_that_is_not_there_says_so_to_a_person(app: TestApp) {
    let base = format!("/councils/{}", app.council.slug);
    page(&app, &base).await.is(200);
    for link in ["confirm-email", "join", "accept-promise"] {
        assert!(page(&app, &format!("{base}/{link}")).await.is(200).text().contains("data-post=\"/v1/councils/"));
    }
    for path in ["/councils/nowhere".to_owned(), format!("{base}/ideas/ALD-99"), "/problems/nothing".into()] {
        assert!(page(&app, &path).await.is(404).text().contains("or none you may see"), "{path}");
    }
    assert!(page(&app, "/").await.is(200).text().contains("aldermoor council"));
}

#[on_both_databases]
async fn the_type_of_every_problem_is_the_address_of_its_explanation(app: TestApp) {
    for code in folkmoot::platform::error::Code::ALL {
        let kind = code.problem().document(None)["type"].as_str().unwrap().to_owned();
        assert!(page(&app, &kind).await.is(200).text().contains(code.as_str()), "{kind}");
    }
}

#[on_both_databases]
async fn the_contract_is_a_page_that_needs_nobody_else(app: TestApp) {
    let shown = page(&app, "/docs/").await.is(200);
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.contains("connect-src 'self'") && !policy.contains("http"), "{policy}");
    assert!(!shown.text().contains("Try as"), "only a demo lets anybody be somebody");
    for (asset, kind) in [
        ("docs.js", "text/javascript; charset=utf-8"),
        ("docs.css", "text/css; charset=utf-8"),
        ("reader.js", "text/javascript; charset=utf-8"),
    ] {
        assert!(shown.text().contains(&format!("/docs/{asset}")), "{asset} is not used");
        let answer = app.call(TestRequest::get().uri(&format!("/docs/{asset}"))).await.is(200);
        assert_eq!(answer.header("content-type"), Some(kind));
    }
    let reader = TestRequest::get().uri("/docs/reader.js").insert_header(("accept-encoding", "zstd"));
    let packed = app.call(reader).await.is(200);
    assert_eq!(packed.header("content-encoding"), Some("zstd"));
    let plain = app.call(TestRequest::get().uri("/docs/reader.js")).await.is(200);
    assert_eq!(zstd::decode_all(&*packed.body).unwrap(), plain.body);
}

#[actix_web::test]
async fn the_page_for_staff_is_there_where_it_is_switched_on() {
    let app = TestApp::start_with(Store::Sqlite, |_| {}).await.unwrap();
    app.call(TestRequest::get().uri("/staff")).await.refused(404, "not_found");
    let app = TestApp::start_with(Store::Sqlite, |config| config.staff_page = true).await.unwrap();
    let shown = page(&app, "/staff").await.is(200);
    // No script but its own, nothing from elsewhere, and no markup out of a text.
    let policy = shown.header("content-security-policy").unwrap();
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert!(
        policy.contains("require-trusted-types-for 'script'") && policy.contains("trusted-types 'none'"),
        "{policy}"
    );
    for asset in ["staff.js", "staff.css"] {
        assert!(shown.text().contains(&format!("/staff/{asset}")), "{asset} is not used");
        app.call(TestRequest::get().uri(&format!("/staff/{asset}"))).await.is(200);
    }
    // Every module that another asks for is there.
    let mut wanted = vec!["staff.js".to_owned()];
    for at in 0.. {
        let Some(name) = wanted.get(at).cloned() else { break };
        let module = app.call(TestRequest::get().uri(&format!("/staff/{name}"))).await.is(200).text();
        let asked =
            module.lines().filter_map(|line| line.strip_prefix("import ")?.split("'./").nth(1)?.split('\'').next());
        wanted.extend(
            asked.filter(|one| !wanted.iter().any(|known| known == one)).map(str::to_owned).collect::<Vec<_>>(),
        );
    }
    assert_eq!(wanted.len(), 19, "{wanted:?}");
    app.call(TestRequest::get().uri("/staff/other.js")).await.is(404);
}

#[on_both_databases]
async fn outside_a_demo_nobody_is_let_in_without_a_password_and_no_clock_moves(app: TestApp) {
    let before = app.app.db.clock().now();
    let visitor = app.visitor();
    visitor.post("/v1/demo/sessions", &json!({ "role": "admin" })).await.refused(404, "not_found");
    visitor.post("/v1/demo/clock", &json!({ "advance": "P3D" })).await.refused(404, "not_found");
    app.call(TestRequest::get().uri("/demo/mail")).await.refused(404, "not_found");
    assert!(app.app.db.clock().now().since(before) < days(1));
}
