//! Report an idea or a comment, and hear what came of it.

use std::sync::Arc;

use actix_web::web;

use super::queries::{self, NewReport};
use super::rules;
use super::views::{CaseReports, OwnReport, ReasonCount, Report, ReportWords};
use crate::app::App;
use crate::participation::comments::queries::find_comment;
use crate::participation::comments::routes::find_visible;
use crate::participation::ideas::queries::find_idea;
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, put};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply};
use crate::process::moderation::due;
use crate::process::moderation::item::{self, Subject};
use crate::process::moderation::queries::{NewCase, find_case, find_open_case, insert_case};
use crate::vocabulary::CaseReason;
use crate::vocabulary::permissions::acts;

pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(report_idea)
        .service(report_comment)
        .service(read_own_report)
        .service(read_own_report_of_comment)
        .service(read_case_reports);
}

/// Report an idea
///
/// A moderator looks at it, within the hours that the challenge promises; nothing happens to the idea before that. You report
/// an idea once, and are told by mail what came of it. Nobody hears that it was you: not its author, and not the staff. The
/// same report again changes nothing; another one is 409 `already_exists`.
#[utoipa::path(tag = "Ideas", operation_id = "report_idea", security(("bearer" = ["idea.report"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    request_body = Report,
    responses((status = 200, description = "You have said so before", body = OwnReport),
        (status = 201, description = "Reported", body = OwnReport)))]
#[put("/councils/{council}/ideas/{idea}/report")]
async fn report_idea(
    app: App,
    who: Allowed<acts::ReportIdea>,
    path: web::Path<(String, String)>,
    body: Json<Report>,
) -> Result<Reply> {
    let (viewer, reference) = (who.viewer(), path.1.clone());
    report(app, who, body.value, move |tx, council| {
        let idea = find_idea(tx, council, &reference, &viewer)?;
        Ok((Subject::idea(idea.id), format!("/v1/councils/{}/ideas/{}/report", council.slug, idea.id)))
    })
    .await
}

/// Report a comment
///
/// As for an idea.
#[utoipa::path(tag = "Comments", operation_id = "report_comment", security(("bearer" = ["idea.report"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("comment" = Id, Path, description = "Id of the comment")),
    request_body = Report,
    responses((status = 200, description = "You have said so before", body = OwnReport),
        (status = 201, description = "Reported", body = OwnReport)))]
#[put("/councils/{council}/comments/{comment}/report")]
async fn report_comment(
    app: App,
    who: Allowed<acts::ReportIdea>,
    path: web::Path<(String, String)>,
    body: Json<Report>,
) -> Result<Reply> {
    let (viewer, comment) = (who.viewer(), id_of(&path.1, "comment")?);
    report(app, who, body.value, move |tx, council| {
        let found = find_visible(tx, council, comment, &viewer)?;
        let place = format!("/v1/councils/{}/comments/{comment}/report", council.slug);
        Ok((Subject { idea: found.idea_id, comment: Some(comment) }, place))
    })
    .await
}

/// Writes a report of what is found, and answers with it at its place.
async fn report(
    app: App,
    who: Allowed<acts::ReportIdea>,
    wish: Report,
    find: impl Fn(&mut Tx<'_>, &Council) -> Result<(Subject, String)> + Send + 'static,
) -> Result<Reply> {
    let words = wish.words.as_deref().map(tidy).filter(|words| !words.is_empty());
    rules::with_words(wish.reason, words.as_deref())?;
    let (council, account) = (Arc::clone(&who.council), who.actor()?.id);
    who.write(&app, Limited::Report, move |tx| {
        let (of, place) = find(tx, &council)?;
        let item = item::hold(tx, &council, of)?;
        if let Some(row) = queries::find_own(tx, council.id, of, account)? {
            if (row.reason, &row.words) != (wish.reason, &words) {
                return Err(Code::AlreadyExists.because("You have reported this already, in other words.").into());
            }
            return Reply::ok(&OwnReport::from(row));
        }
        rules::may_report(item.state(), item.author() == Some(account))?;
        let case = match find_open_case(tx, council.id, of)? {
            Some(case) => case,
            None => {
                let due_at = due(tx, council.id, item.idea.challenge_id)?;
                insert_case(tx, council.id, &NewCase { of, reason: CaseReason::Report, due_at, barred: Id::NONE })?
            }
        };
        let (reason, words) = (wish.reason, words.as_deref());
        let new = NewReport { of, revision: item.revision(), case, account, reason, words };
        queries::insert_report(tx, council.id, &new)?;
        let row = queries::find_own(tx, council.id, of, account)?.ok_or_else(|| Error::not_found("report"))?;
        Reply::created(place, &OwnReport::from(row))
    })
    .await
}

/// Read your report of an idea
///
/// What you said, and what came of it; 404 where you have not reported it.
#[utoipa::path(tag = "Ideas", operation_id = "read_own_report", security(("bearer" = ["idea.report"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    responses((status = 200, description = "Your report", body = OwnReport)))]
#[get("/councils/{council}/ideas/{idea}/report")]
async fn read_own_report(app: App, who: Allowed<acts::ReportIdea>, path: web::Path<(String, String)>) -> Result<Reply> {
    let reference = path.1.clone();
    own_report(app, who, move |tx, council| Ok(Subject::idea(find_idea(tx, council, &reference, &Viewer::Staff)?.id)))
        .await
}

/// Read your report of a comment
///
/// What you said, and what came of it; 404 where you have not reported it.
#[utoipa::path(tag = "Comments", operation_id = "read_own_report_of_comment", security(("bearer" = ["idea.report"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("comment" = Id, Path, description = "Id of the comment")),
    responses((status = 200, description = "Your report", body = OwnReport)))]
#[get("/councils/{council}/comments/{comment}/report")]
async fn read_own_report_of_comment(
    app: App,
    who: Allowed<acts::ReportIdea>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let comment = id_of(&path.1, "comment")?;
    own_report(app, who, move |tx, council| {
        let found = find_comment(tx, council.id, comment)?;
        Ok(Subject { idea: found.idea_id, comment: Some(comment) })
    })
    .await
}

/// Also of what is not shown any more: it was, when it was reported. Whether there is anything is told to nobody else.
async fn own_report(
    app: App,
    who: Allowed<acts::ReportIdea>,
    find: impl Fn(&mut Tx<'_>, &Council) -> Result<Subject> + Send + 'static,
) -> Result<Reply> {
    let (council, account) = (Arc::clone(&who.council), who.actor()?.id);
    let read = app.db.read(move |tx| {
        let none = || Error::not_found("report of yours");
        let of = find(tx, &council).map_err(|error| match error.code() {
            Code::NotFound => none(),
            _ => error,
        })?;
        queries::find_own(tx, council.id, of, account)?.ok_or_else(none)
    });
    Reply::ok(&OwnReport::from(read.await?))
}

/// Read what was reported in a case
///
/// How often, for which reasons, and the words that came with it. Who reported is told to nobody.
#[utoipa::path(tag = "Moderation", operation_id = "read_case_reports", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case")),
    responses((status = 200, description = "The reports", body = CaseReports)))]
#[get("/councils/{council}/cases/{case}/reports")]
async fn read_case_reports(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, case) = (who.council.id, id_of(&path.1, "case")?);
    let read = app.db.read(move |tx| {
        let count = find_case(tx, council, case)?.reports;
        let reasons = queries::reasons_in(tx, council, case)?;
        Ok((count, reasons, queries::words_in(tx, council, case)?))
    });
    let (count, reasons, words) = read.await?;
    Reply::ok(&CaseReports {
        count,
        reasons: reasons.into_iter().map(|(reason, count)| ReasonCount { reason, count }).collect(),
        words: words.into_iter().map(|(reason, revision, words)| ReportWords { reason, revision, words }).collect(),
    })
}
