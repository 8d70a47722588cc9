//! You said, we did: what a council has answered, and what came of what it asked. Made to be shared and to be printed, so every
//! link on these pages is a whole address.

use actix_web::{get, web};
use serde_json::json;

use super::routes::{html, told};
use crate::accountability::commitments::model::Wanted;
use crate::accountability::commitments::queries::list_commitments;
use crate::accountability::commitments::views::CommitmentView;
use crate::accountability::updates::queries::{find_update, list_revisions};
use crate::accountability::updates::views::UpdateView;
use crate::accountability::{outcomes, promises};
use crate::app::App;
use crate::participation::challenges::queries::find_whole;
use crate::participation::challenges::views::ChallengeView;
use crate::people::accounts::Allowed;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::html::text_of;
use crate::platform::http::id_of;
use crate::platform::http::{Query, Reply};
use crate::reach::feeds::queries::challenge_title;
use crate::reach::feeds::routes::feedback;
use crate::reach::feeds::views::FeedbackQuery;
use crate::vocabulary::permissions::acts;

/// Characters of a description: search and chat show about as many.
const DESCRIBED: usize = 200;

/// Commitments shown with the outcome of their challenge, and revisions with their update.
const SHOWN: i64 = 100;

/// What the council has said, as a page
///
/// You said, we did: the answers, updates and outcomes of a council, newest first; of one challenge, where it is named.
#[utoipa::path(tag = "Pages", operation_id = "feedback_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"), FeedbackQuery),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "The cursor belongs to another list.", body = String, content_type = "text/html"),
        (status = 422, description = "The query asks for what there is not.", body = String, content_type = "text/html")))]
#[get("/{council}/feedback")]
pub async fn feedback_page(app: App, who: Allowed<acts::ReadPublic>, query: Query<FeedbackQuery>) -> Result<Reply> {
    let (council, secrets) = (who.council.clone(), app.config.secrets.clone());
    let (home, query) = (app.config.link(&format!("/councils/{}", council.slug)), query.0);
    let first = query.cursor.is_none();
    let read = move |tx: &mut Tx<'_>| {
        let challenge = query.challenge;
        let title = challenge.map(|challenge| challenge_title(tx, council.id, challenge)).transpose()?;
        let page = feedback(tx, &council, &secrets, query)?;
        Ok(json!({
            "council": told(&council), "home": home, "challenge": challenge, "title": title, "first": first,
            "items": page.items, "next_cursor": page.next_cursor,
        }))
    };
    html("feedback", &app.db.read(read).await?)
}

/// An outcome's page
///
/// You said, we did: what came of a challenge, what became of ideas, and what the council said that it will do.
#[utoipa::path(tag = "Pages", operation_id = "outcome_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/challenges/{challenge}/outcome")]
pub async fn outcome_page(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, id) = (who.council.clone(), id_of(&path.1, "outcome")?);
    let home = app.config.link(&format!("/councils/{}", council.slug));
    let read = move |tx: &mut Tx<'_>| {
        let (_, outcome) = outcomes::routes::view(tx, &council, id)?;
        let challenge = ChallengeView::of(find_whole(tx, council.id, id, false)?, tx.now());
        let figures = promises::routes::kept(tx, &council, id)?.figures;
        let today = promises::calendar::day_of(tx.now(), &council.time_zone)?.to_string();
        let wanted = Wanted { challenge: Some(id), idea: None, status: None };
        let commitments: Vec<CommitmentView> = list_commitments(tx, council.id, wanted, None, SHOWN)?
            .into_iter()
            .map(|listed| CommitmentView::new(listed, &council.idea_prefix, &today))
            .collect();
        let description = described(&text_of(&outcome.summary_html));
        Ok(json!({
            "council": told(&council), "home": home, "challenge": challenge, "outcome": outcome, "figures": figures,
            "commitments": commitments, "description": description,
        }))
    };
    html("outcome", &app.db.read(read).await?)
}

/// An update's page
///
/// How it goes with a challenge, and how that was told before it was put right.
#[utoipa::path(tag = "Pages", operation_id = "update_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge"),
        ("update" = Id, Path, description = "Id of the update")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/challenges/{challenge}/updates/{update}")]
pub async fn update_page(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String, String)>,
) -> Result<Reply> {
    let (council, id, update) = (who.council.clone(), id_of(&path.1, "challenge")?, id_of(&path.2, "update")?);
    let home = app.config.link(&format!("/councils/{}", council.slug));
    let read = move |tx: &mut Tx<'_>| {
        let challenge = ChallengeView::of(find_whole(tx, council.id, id, false)?, tx.now());
        let update = UpdateView::from(find_update(tx, council.id, id, update)?);
        let before = list_revisions(tx, council.id, update.id, Some(update.revision), SHOWN)?;
        let before: Vec<UpdateView> = before.into_iter().map(UpdateView::from).collect();
        let description = described(&text_of(&update.body_html));
        Ok(json!({
            "council": told(&council), "home": home, "challenge": challenge, "update": update, "before": before,
            "description": description,
        }))
    };
    html("update", &app.db.read(read).await?)
}

/// The beginning of a text in one line, whole words.
fn described(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count().saturating_add(word.chars().count()) >= DESCRIBED {
            short.push('…');
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_one_line_of_whole_words() {
        assert_eq!(described("Of 86 ideas,\n\n9 will be done."), "Of 86 ideas, 9 will be done.");
        let long = described(&"crossing ".repeat(100));
        assert!(long.ends_with("crossing…") && long.chars().count() <= DESCRIBED, "{long}");
    }
}
