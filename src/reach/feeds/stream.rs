//! Changes as they happen. Each reader catches up by itself, page by page and as fast as it reads; from then on one reading
//! a council feeds all of them.

use actix_web::web::Bytes;
use futures_util::Stream;

use super::views::{Change, Changes};
use crate::app::App;
use crate::people::keys::queries::live_keys;
use crate::people::sessions::queries::live_sessions;
use crate::platform::db::Id;
use crate::platform::entries::list_after;
use crate::platform::error::{Error, Result};
use crate::platform::http::streams::{Kind, Reader, Session, Why};

/// Changes read at once.
const PAGE: i64 = 200;

fn event(change: &Change) -> Option<(i64, Bytes)> {
    let data = serde_json::to_string(change).ok()?;
    Some((change.number, Bytes::from(format!("id: {}\nevent: change\ndata: {data}\n\n", change.number))))
}

async fn read(app: &App, council: Id, after: i64) -> Result<Vec<(i64, Bytes)>> {
    let rows = app.db.read(move |tx| list_after(tx, council, after, PAGE)).await?;
    Ok(Changes::new(rows, after).items.iter().filter_map(event).collect())
}

/// Where a stream stands.
struct Reading {
    app: App,
    council: Id,
    reader: Reader,
    after: i64,
    stage: Stage,
}

enum Stage {
    Beginning,
    CatchingUp,
    Following,
    Over,
}

/// What a reader is sent.
pub fn events(app: App, council: Id, reader: Reader, after: i64) -> impl Stream<Item = Result<Bytes>> {
    let reading = Reading { app, council, reader, after, stage: Stage::Beginning };
    futures_util::stream::unfold(reading, |mut reading| async move {
        let sent = reading.next().await?;
        Some((Ok::<_, Error>(sent), reading))
    })
}

impl Reading {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.stage {
                Stage::Beginning => {
                    self.stage = Stage::CatchingUp;
                    return Some(Bytes::from_static(b"retry: 3000\n\n"));
                }
                Stage::CatchingUp if self.reader.is_closed() => self.stage = Stage::Following,
                Stage::CatchingUp => {
                    // Where the database cannot be asked the stream ends, and its reader comes again.
                    let page = read(&self.app, self.council, self.after).await.ok()?;
                    self.after = page.last().map_or(self.after, |(number, _)| *number);
                    if i64::try_from(page.len()).is_ok_and(|read| read < PAGE) {
                        self.reader.join(self.after);
                        self.stage = Stage::Following;
                    }
                    if !page.is_empty() {
                        return Some(page.into_iter().map(|(_, event)| event).collect::<Vec<_>>().concat().into());
                    }
                }
                Stage::Following => {
                    if let Some(event) = self.reader.next().await {
                        return Some(event);
                    }
                    self.stage = Stage::Over;
                    let (name, code) = match self.reader.why()? {
                        Why::Slow => ("resync", "slow"),
                        Why::Session => ("closed", "bad_token"),
                        Why::Stopping => ("closed", "unavailable"),
                    };
                    return Some(Bytes::from(format!("event: {name}\ndata: {{\"code\":\"{code}\"}}\n\n")));
                }
                Stage::Over => return None,
            }
        }
    }
}

/// Feeds the streams of this node: one reading for each council that has any, however many they are.
///
/// # Errors
/// What the database answers.
pub async fn feed(app: &App) -> Result<bool> {
    let mut more = false;
    for (council, after) in app.streams.wanted(Kind::Changes) {
        let page = read(app, council, after).await?;
        more |= i64::try_from(page.len()).is_ok_and(|read| read == PAGE);
        app.streams.tell(Kind::Changes, council, &page);
    }
    Ok(more)
}

/// Looks again at the sessions that streams were opened with, all in one reading, and closes those whose session has ended,
/// or whose account is suspended or has another role.
///
/// # Errors
/// What the database answers. A stream whose session nobody can look at stays, and no longer than the database is away.
pub async fn watch(app: &App) -> Result<()> {
    let sessions = app.streams.sessions();
    if sessions.is_empty() {
        return Ok(());
    }
    let (keys, asked): (Vec<Session>, Vec<Session>) =
        sessions.iter().map(|(_, session)| *session).partition(|session| session.key);
    let ids = |all: Vec<Session>| -> Vec<Id> { all.into_iter().map(|session| session.id).collect() };
    let (keys, asked) = (ids(keys), ids(asked));
    let (good_keys, live) = app.db.read(move |tx| Ok((live_keys(tx, &keys)?, live_sessions(tx, &asked)?))).await?;
    app.streams.close_unless(|council, session| {
        let good = if session.key { &good_keys } else { &live };
        // One that was opened since is looked at the next time.
        !sessions.contains(&(council, session)) || good.contains(&(council, session.id, session.role))
    });
    Ok(())
}
