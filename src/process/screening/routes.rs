//! The council's own words.

use std::collections::BTreeMap;

use actix_web::web;
use serde_json::json;

use super::model::Listed;
use super::queries::{self, words_of};
use super::rules;
use super::screeners::words::listed;
use super::views::{WordListView, WriteWordList};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::{self, Id, Tx};
use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// Characters of an entry at most.
const LONGEST: usize = 60;

/// Words that the audit log names at most, of those that came and those that went.
const NAMED: usize = 50;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_word_list).service(write_word_list);
}

/// Read a word list
///
/// The words of a language that ideas are held for until a moderator has looked. Where none were ever written, the list is empty
/// and its version 0.
#[utoipa::path(tag = "Moderation", operation_id = "read_word_list", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("language" = String, Path, description = "Two or three letters (ISO 639), without a region")),
    responses((status = 200, description = "The list", body = WordListView)))]
#[get("/councils/{council}/word-lists/{language}")]
async fn read_word_list(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, language) = (who.council.id, language_of(&path.1)?);
    let view = app.db.read(move |tx| view(tx, council, language)).await?;
    let version = view.version;
    Ok(Reply::ok(&view)?.version(version))
}

/// Write a word list
///
/// In place of the one before. It is looked for in ideas of challenges in this language, and in all where it is the
/// council's own. What was sent in before is not looked at again.
#[utoipa::path(tag = "Moderation", operation_id = "write_word_list", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("language" = String, Path, description = "Two or three letters (ISO 639), without a region"),
        ("If-Match" = String, Header, description = "The ETag you last read, or `\"0\"` for the first")),
    request_body = WriteWordList, responses((status = 200, description = "Written", body = WordListView)))]
#[put("/councils/{council}/word-lists/{language}")]
async fn write_word_list(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<WriteWordList>,
) -> Result<Reply> {
    let (council, language) = (who.council.id, language_of(&path.1)?);
    let words = checked(&body.value.words)?;
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let before = view(tx, council, language.clone())?;
        read.require(before.version)?;
        queries::set_word_list(tx, council, &language, &db::Json(json!(words)), before.version)?;
        let without = |all: &[String], others: &[String]| {
            let mut rest = all.iter().filter(|word| !others.contains(word)).cloned().collect::<Vec<_>>();
            let more = rest.len().saturating_sub(NAMED);
            rest.truncate(NAMED);
            json!({ "words": rest, "more": more })
        };
        let change = json!({
            "language": language, "words": words.len(), "added": without(&words, &before.words),
            "removed": without(&before.words, &words),
        });
        let was = json!({ "language": language, "words": before.words.len() });
        audit::record(tx, council, Event::new(AuditAction::WordListWritten, by).before(was).after(change))?;
        let view = view(tx, council, language.clone())?;
        let version = view.version;
        Ok(Reply::ok(&view)?.version(version))
    })
    .await
}

fn view(tx: &mut Tx<'_>, council: Id, language: String) -> Result<WordListView> {
    Ok(match queries::find_word_list(tx, council, &language)? {
        Some(row) => WordListView {
            language,
            words: words_of(&row.words).unwrap_or_default(),
            version: row.version,
            updated_at: Some(row.updated_at),
        },
        None => WordListView { language, words: Vec::new(), version: 0, updated_at: None },
    })
}

fn language_of(text: &str) -> Result<String> {
    let plain = (2..=3).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_lowercase());
    if plain && rules::primary(text) == text { Ok(text.to_owned()) } else { Err(Error::not_found("word list")) }
}

/// The words as they are kept: each once, in order.
fn checked(words: &[String]) -> Result<Vec<String>> {
    let (mut kept, mut faults) = (BTreeMap::<Listed, String>::new(), Vec::new());
    for (place, word) in words.iter().enumerate() {
        let word = tidy(word);
        let fault = match listed(&word) {
            None => ("too_short", "At least 1 letter or digit that can be seen.".to_owned()),
            Some(_) if word.chars().count() > LONGEST => ("too_long", format!("At most {LONGEST} characters.")),
            Some(folded) => {
                kept.entry(folded).or_insert(word);
                continue;
            }
        };
        faults.push(Fault::at(format!("/words/{place}"), fault.0, fault.1));
    }
    if faults.is_empty() { Ok(kept.into_values().collect()) } else { Err(Error::invalid(faults)) }
}
