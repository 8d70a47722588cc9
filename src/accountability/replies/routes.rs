//! Say whether an answer was one, and read what others said.

use std::sync::Arc;

use actix_web::{HttpRequest, web};

use super::model::{Line, QuestionRow};
use super::queries;
use super::rules::{SAMPLE, by_office};
use super::views::{
    IdeaReplies, LineView, OfficeReplies, OfficesReplies, OwnReply, ReplyByLink, ReplyFigures, ReplyToAnswer,
};
use crate::accountability::answers::queries::find_told;
use crate::accountability::id_of;
use crate::app::App;
use crate::participation::ideas::queries::find_idea;
use crate::people::accounts::routes::limited;
use crate::people::accounts::tokens::redeem_token;
use crate::people::accounts::{Allowed, Viewer};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Json, Page, Paging, Query, Reply};
use crate::vocabulary::TokenKind;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(reply_to_answer)
        .service(reply_by_link)
        .service(read_own_reply)
        .service(read_replies)
        .service(list_reply_lines)
        .service(list_office_replies);
}

// Only those who were asked, while everybody sees the idea.
fn asked(tx: &mut Tx<'_>, council: Id, answer: Id, account: Id) -> Result<QuestionRow> {
    let question = queries::find_question(tx, council, answer, account)?;
    let told = find_told(tx, council, answer)?;
    question.filter(|_| told.is_some()).ok_or_else(|| Error::not_found("answer that you were asked about"))
}

/// Reply to an answer
///
/// Whether it answers what you asked. Author and supporters are asked once for each answer, with the mail that tells them of
/// it; each replies once. How many said what is published from ten replies on. The line is for the council's staff, who are
/// not told whose it is. The same reply again changes nothing; another one is 409 `already_exists`.
#[utoipa::path(tag = "Feedback", operation_id = "reply_to_answer", security(("bearer" = ["answer.reply"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("answer" = Id, Path, description = "Id of the answer")),
    request_body = ReplyToAnswer,
    responses((status = 200, description = "Said before", body = OwnReply),
        (status = 201, description = "Said", body = OwnReply)))]
#[put("/councils/{council}/answers/{answer}/reply")]
async fn reply_to_answer(
    app: App,
    who: Allowed<acts::ReplyToAnswer>,
    path: web::Path<(String, String)>,
    body: Json<ReplyToAnswer>,
) -> Result<Reply> {
    let wish = body.value;
    let line = wish.line.as_deref().map(tidy).filter(|line| !line.is_empty());
    let (council, account) = (Arc::clone(&who.council), who.actor()?.id);
    let answer = id_of(&path.1, "answer")?;
    who.write(&app, Limited::Write, move |tx| {
        asked(tx, council.id, answer, account)?;
        let new = queries::write_reply(tx, council.id, (answer, account), wish.reply, line.as_deref())?;
        let row = asked(tx, council.id, answer, account)?;
        if !new && (row.reply, &row.line) != (Some(wish.reply), &line) {
            return Err(Code::AlreadyExists.because("You have said something else of this answer.").into());
        }
        let view = OwnReply::from(row);
        match new {
            true => Reply::created(format!("/v1/councils/{}/answers/{answer}/reply", council.slug), &view),
            false => Reply::ok(&view),
        }
    })
    .await
}

/// Reply to an answer by a mailed link
///
/// Whether it answers what you asked, without signing in: the mail that told you of the answer has the link, which is good once
/// and for ninety days.
#[utoipa::path(tag = "Feedback", operation_id = "reply_by_link", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ReplyByLink,
    responses((status = 204, description = "Said")))]
#[post("/councils/{council}/replies")]
async fn reply_by_link(app: App, who: Allowed<acts::ReadPublic>, body: Json<ReplyByLink>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let line = wish.line.as_deref().map(tidy).filter(|line| !line.is_empty());
    let said = app.db.write(move |tx| {
        let gone = || Error::from(Code::LinkInvalid.problem());
        let (question, _) = redeem_token(tx, council, TokenKind::Reply, &wish.token)?;
        let (answer, account) = queries::asked_by(tx, council, question)?.ok_or_else(gone)?;
        asked(tx, council, answer, account)?;
        match queries::write_reply(tx, council, (answer, account), wish.reply, line.as_deref())? {
            true => Ok(Reply::nothing()),
            false => Err(Code::AlreadyExists.because("You have said already what you think of this answer.").into()),
        }
    });
    Ok(said.await?.limited(standings))
}

/// Read your reply to an answer
///
/// What you were asked and have said; 404 where you were not asked.
#[utoipa::path(tag = "Feedback", operation_id = "read_own_reply", security(("bearer" = ["answer.reply"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("answer" = Id, Path, description = "Id of the answer")),
    responses((status = 200, description = "Your reply", body = OwnReply)))]
#[get("/councils/{council}/answers/{answer}/reply")]
async fn read_own_reply(
    app: App,
    who: Allowed<acts::ReplyToAnswer>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let answer = id_of(&path.1, "answer")?;
    let row = app.db.read(move |tx| asked(tx, council, answer, account)).await?;
    Reply::ok(&OwnReply::from(row))
}

/// Read what was said of the answers to an idea
///
/// How many of those who were asked said that the answer is one, and how many said nothing: for each revision, from ten
/// replies on.
#[utoipa::path(tag = "Feedback", operation_id = "read_replies", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    responses((status = 200, description = "The figures", body = IdeaReplies)))]
#[get("/councils/{council}/ideas/{idea}/replies")]
async fn read_replies(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, (_, reference)) = (Arc::clone(&who.council), path.into_inner());
    let read = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &Viewer::Visitor)?;
        Ok(IdeaReplies::new(idea.id, queries::counted(tx, council.id, idea.id)?))
    });
    Ok(Reply::ok(&read.await?)?.public(60))
}

/// List what was said of the answers of offices
///
/// By the name under which an office answered, from ten replies on. Answers with fewer are counted along only where these
/// are ten together, so that nobody can take the others off.
#[utoipa::path(tag = "Feedback", operation_id = "list_office_replies", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The figures of each office", body = OfficesReplies)))]
#[get("/councils/{council}/office-replies")]
async fn list_office_replies(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let read = app.db.read(move |tx| {
        Ok((queries::sums_by_office(tx, council, true)?, queries::sums_by_office(tx, council, false)?))
    });
    let (large, small) = read.await?;
    let one = |(office, counts): (String, Option<super::model::Counts>)| OfficeReplies {
        office,
        figures: counts.map(ReplyFigures::from),
    };
    let offices = by_office(large, small).into_iter().map(one).collect();
    Ok(Reply::ok(&OfficesReplies { sample: SAMPLE, offices })?.public(60))
}

/// List the lines that were written beside replies
///
/// For those who answer: what was missing. Nobody is named, and they come in no order that would tell when.
#[utoipa::path(tag = "Answering", operation_id = "list_reply_lines", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042"), ListQuery),
    responses((status = 200, description = "The lines", body = Page<LineView>)))]
#[get("/councils/{council}/ideas/{idea}/reply-lines")]
async fn list_reply_lines(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, viewer, secrets) = (Arc::clone(&who.council), who.viewer(), app.config.secrets.clone());
    let (_, reference) = path.into_inner();
    let page = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &viewer)?;
        let list = format!("reply-lines:{}", idea.id);
        let rows = queries::list_lines(tx, council.id, idea.id, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &Line| row.id, LineView::from)
    });
    page.await?.reply(&request)
}
