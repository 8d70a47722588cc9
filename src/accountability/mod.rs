//! What the council owes and what it says: promises, answers, commitments, updates, outcomes.

pub mod answers;
pub mod assignments;
pub mod audience;
pub mod bundles;
pub mod calendars;
pub mod commitments;
pub mod figures;
pub mod follow_ups;
pub mod milestones;
pub mod notes;
pub mod open_door;
pub mod outcomes;
pub mod promises;
pub mod quiet;
pub mod reminders;
pub mod replies;
pub mod templates;
pub mod updates;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::platform::db::Id;
use crate::platform::error::Fault;
use crate::platform::html::tidy;
use crate::platform::http::doors::Doors;
pub(crate) use crate::platform::http::id_of;
use crate::platform::mail::render;

/// The doors of these rooms.
pub fn routes(doors: &mut Doors<'_, '_>) {
    calendars::routes::routes(doors);
    quiet::routes::routes(doors);
    quiet::held::routes::routes(doors);
    promises::routes::routes(doors);
    answers::routes::routes(doors);
    templates::routes::routes(doors);
    assignments::routes::routes(doors);
    notes::routes::routes(doors);
    replies::routes::routes(doors);
    follow_ups::routes::routes(doors);
    commitments::routes::routes(doors);
    milestones::routes::routes(doors);
    outcomes::routes::routes(doors);
    open_door::routes::routes(doors);
    updates::routes::routes(doors);
    figures::routes::routes(doors);
    bundles::routes::routes(doors);
}

/// A text as it is stored; a fault where nothing of it can be seen.
pub(crate) fn filled(pointer: &str, text: &str, faults: &mut Vec<Fault>) -> String {
    let text = tidy(text);
    if text.is_empty() {
        faults.push(Fault::at(pointer, "too_short", "At least 1 character that can be seen."));
    }
    text
}

/// Sends one person one mail. The id follows from `key` and the address, so that a repeat can be recognised.
pub(crate) async fn send(app: &App, template: &str, context: &Value, key: &str, to: String) -> anyhow::Result<()> {
    let id = mail_id(&format!("{template}:{key}:{to}"));
    app.mailer.send(&render(template, context)?.addressed(id, to)).await
}

fn mail_id(text: &str) -> Id {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(Sha256::digest(text.as_bytes())) {
        *byte = from;
    }
    Id::from_bytes(bytes)
}
