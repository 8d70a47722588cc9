//! The statements of a request, from the mouth of the real server: its router runs in this process, and diesel tells
//! this module of every query on every connection. So the bare handlers cannot fall behind the code.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use folkmoot::people::sessions::token::Keys;
use folkmoot::router;

use crate::Place;
use crate::seed::{self, Kind, SLUG};
use crate::sql::{Sample, Statement, Statements};

static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What diesel has kept prepared on some connection since the beginning.
static PREPARED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn listener() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { query, .. } => {
            TOLD.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
        }
        InstrumentationEvent::CacheQuery { sql, .. } => {
            PREPARED.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned());
        }
        _ => {}
    }))
}

fn take() -> Vec<String> {
    std::mem::take(&mut *TOLD.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Asks for each thing twice and keeps what the second time took: what is looked up once for all is then at hand.
pub async fn capture(place: Place, out: &Path) -> anyhow::Result<()> {
    // Before the first connection is opened.
    set_default_instrumentation(listener)?;
    let app = place.app().await?;
    let keys = Keys::new(
        &app.config.secrets,
        app.config.public_url.as_str(),
        1,
        folkmoot::platform::db::Instant::from_micros(0),
    );
    let sample = Sample { idea: 2, account: 1 };
    let (account, session) = (seed::id(Kind::Account, sample.account), seed::id(Kind::Session, sample.account));
    let token = keys.sign(&seed::council().to_string(), account, session, app.db.clock().now());
    let token = token.map_err(|error| anyhow::anyhow!("signing: {error:?}"))?;
    let service = init_service(router::application(app.clone())).await;
    let (base, challenge) = (format!("/v1/councils/{SLUG}"), seed::challenge());
    let idea = |n| format!("{base}/ideas/{}", seed::id(Kind::Idea, n));

    let mut all = Statements::default();
    // The seed orders nothing here and makes another address: what scripts/bench does to pass by caches.
    let list = |n| (Method::GET, format!("{base}/challenges/{challenge}/ideas?seed={n}"));
    let detail = |n| (Method::GET, idea(n));
    let support = |n| (Method::PUT, format!("{}/support", idea(n)));
    for (into, first, second) in [
        (&mut all.list, list(1), list(2)),
        (&mut all.detail, detail(1), detail(sample.idea)),
        (&mut all.support, support(1), support(sample.idea)),
    ] {
        for (method, address) in [first, second] {
            take();
            let request =
                TestRequest::default().method(method.clone()).uri(&address).peer_addr(([127, 0, 0, 1], 1).into());
            let request = match method {
                Method::PUT => request
                    .insert_header(("authorization", format!("Bearer {token}")))
                    .insert_header(("content-type", "application/json"))
                    .set_payload("{}"),
                _ => request,
            };
            let status = call_service(&service, request.to_request()).await.status();
            anyhow::ensure!(status.is_success(), "{method} {address}: {status}");
        }
        for told in take() {
            let mut statement = Statement::read(&told, sample)?;
            let prepared = PREPARED.lock().unwrap_or_else(PoisonError::into_inner);
            statement.prepared = prepared.iter().any(|sql| sql.trim() == statement.sql);
            drop(prepared);
            // How the pool sees to its connections is no statement of the request.
            let upkeep = statement.begins("PRAGMA") || statement.begins("SET ") || statement.sql == "SELECT 1";
            if !upkeep {
                into.push(statement);
            }
        }
    }
    std::fs::write(out, serde_json::to_vec_pretty(&all)?)?;
    Ok(())
}
