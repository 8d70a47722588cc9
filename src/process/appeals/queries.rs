//! All the SQL of statements and appeals.

use diesel::prelude::*;

use super::force::{Taken, Verdict};
use super::model::{AppealRow, Standing, StatementRow};
use crate::about;
use crate::platform::db::schema::{appeals, cases, comments, decisions, grounds, ideas};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, Error, OrNotFound as _, Result};
use crate::process::moderation::item::Subject;
use crate::vocabulary::{AppealResult, CaseReason, CaseState, DecisionKind};

macro_rules! statements {
    () => {
        decisions::table
            .inner_join(
                ideas::table.on(ideas::council_id.eq(decisions::council_id).and(ideas::id.eq(decisions::idea_id))),
            )
            .left_join(comments::table.on(
                comments::council_id.eq(decisions::council_id).and(comments::id.nullable().eq(decisions::comment_id)),
            ))
            .inner_join(
                cases::table.on(cases::council_id.eq(decisions::council_id).and(cases::id.eq(decisions::case_id))),
            )
            .inner_join(grounds::table.on(
                grounds::council_id.eq(decisions::council_id).and(grounds::code.nullable().eq(decisions::ground_code)),
            ))
            // What came of an appeal is told with it, and cannot be appealed against once more.
            .filter(decisions::kind.ne(DecisionKind::Publish))
            .filter(cases::reason.ne(CaseReason::Appeal))
            .select((
                decisions::id,
                decisions::case_id,
                decisions::idea_id,
                ideas::author_id,
                ideas::number,
                ideas::title,
                ideas::state,
                (comments::id, comments::author_id, comments::state, comments::body).nullable(),
                decisions::idea_revision,
                decisions::kind,
                cases::reason,
                decisions::ground_code,
                grounds::title,
                grounds::body,
                decisions::statement,
                decisions::decided_by,
                decisions::decided_at,
            ))
    };
}

diesel::alias!(ideas as own_ideas: OwnIdeas, comments as own_comments: OwnComments);

/// The restrictions of what an account has written, the last one first.
///
/// # Errors
/// What the database answers.
pub fn list_statements(
    tx: &mut Tx<'_>,
    council: Id,
    author: Id,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<StatementRow>> {
    // By what they have written, which is little, and not by the decisions of the council, which are many.
    let comments_of = own_comments
        .filter(own_comments.field(comments::council_id).eq(council))
        .filter(own_comments.field(comments::author_id).eq(author))
        .select(own_comments.field(comments::id).nullable());
    let theirs = own_ideas
        .filter(own_ideas.field(ideas::council_id).eq(council))
        .filter(own_ideas.field(ideas::author_id).eq(author))
        .select(own_ideas.field(ideas::id));
    let of_an_idea = decisions::comment_id.is_null().and(decisions::idea_id.eq_any(theirs));
    let mut query = statements!()
        .filter(decisions::council_id.eq(council))
        .filter(of_an_idea.nullable().or(decisions::comment_id.eq_any(comments_of)))
        .into_boxed();
    if let Some((at, id)) = after {
        query =
            query.filter(decisions::decided_at.le(at)).filter(decisions::decided_at.lt(at).or(decisions::id.lt(id)));
    }
    Ok(query.order((decisions::decided_at.desc(), decisions::id.desc())).limit(limit).load(&mut **tx)?)
}

/// One restriction, whoever it is about.
///
/// # Errors
/// 404 where there is none.
pub fn find_statement(tx: &mut Tx<'_>, council: Id, decision: Id) -> Result<StatementRow> {
    statements!()
        .filter(decisions::council_id.eq(council))
        .filter(decisions::id.eq(decision))
        .first(&mut **tx)
        .or_not_found("statement")
}

/// These restrictions, whoever they are about.
///
/// # Errors
/// What the database answers.
pub fn find_statements(tx: &mut Tx<'_>, council: Id, of: &[Id]) -> Result<Vec<StatementRow>> {
    Ok(statements!().filter(decisions::council_id.eq(council)).filter(decisions::id.eq_any(of)).load(&mut **tx)?)
}

/// The appeals against these decisions.
///
/// # Errors
/// What the database answers.
pub fn appeals_against(tx: &mut Tx<'_>, council: Id, against: &[Id]) -> Result<Vec<AppealRow>> {
    Ok(appeals::table
        .filter(appeals::council_id.eq(council))
        .filter(appeals::decision_id.eq_any(against))
        .select(AppealRow::as_select())
        .load(&mut **tx)?)
}

/// How the cases of these appeals stand.
///
/// # Errors
/// What the database answers.
pub fn standings(tx: &mut Tx<'_>, council: Id, of: &[Id]) -> Result<Vec<(Id, Standing)>> {
    Ok(cases::table
        .left_join(
            decisions::table.on(decisions::council_id.eq(cases::council_id).and(decisions::case_id.eq(cases::id))),
        )
        .filter(cases::council_id.eq(council))
        .filter(cases::id.eq_any(of))
        .select((
            cases::id,
            (
                cases::state,
                cases::due_at,
                cases::version,
                decisions::kind.nullable(),
                decisions::ground_code.nullable(),
                decisions::statement.nullable(),
                decisions::decided_at.nullable(),
            ),
        ))
        .load(&mut **tx)?)
}

/// What has been decided about a subject, in the order in which it was, with what appeals have made of it.
///
/// # Errors
/// What the database answers.
pub fn taken(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<Vec<Taken>> {
    let all = decisions::table
        .inner_join(cases::table.on(cases::council_id.eq(decisions::council_id).and(cases::id.eq(decisions::case_id))))
        .filter(decisions::council_id.eq(council));
    let decided: Vec<(Id, Id, DecisionKind, CaseReason)> = about!(all, decisions, of)
        .order((decisions::decided_at, decisions::id))
        .select((decisions::id, decisions::case_id, decisions::kind, cases::reason))
        .load(&mut **tx)?;
    let ids: Vec<Id> = decided.iter().map(|(id, ..)| *id).collect();
    let appeals = appeals_against(tx, council, &ids)?;
    let verdict = |decision: Id| {
        let appeal = appeals.iter().find(|appeal| appeal.decision_id == decision)?;
        let (id, _, kind, _) = decided.iter().find(|(_, case, ..)| *case == appeal.case_id)?;
        Some(Verdict { result: appeal.result?, decision: *id, kind: *kind })
    };
    let first = decided.iter().filter(|(.., reason)| *reason != CaseReason::Appeal);
    let taken = |(id, _, kind, reason): &(Id, Id, DecisionKind, CaseReason)| Taken {
        id: *id,
        kind: *kind,
        looked_again: *reason == CaseReason::OwnMotion,
        verdict: verdict(*id),
    };
    Ok(first.map(taken).collect())
}

/// One appeal.
///
/// # Errors
/// 404 where there is none.
pub fn find_appeal(tx: &mut Tx<'_>, council: Id, appeal: Id) -> Result<AppealRow> {
    appeals::table.find((council, appeal)).select(AppealRow::as_select()).first(&mut **tx).or_not_found("appeal")
}

/// A page of appeals whose case is in a state: first what is due first.
///
/// # Errors
/// What the database answers.
pub fn list_appeals(
    tx: &mut Tx<'_>,
    council: Id,
    state: CaseState,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<AppealRow>> {
    let mut query = cases::table
        .inner_join(appeals::table.on(appeals::council_id.eq(cases::council_id).and(appeals::case_id.eq(cases::id))))
        .filter(cases::council_id.eq(council))
        .filter(cases::state.eq(state))
        .select(AppealRow::as_select())
        .into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(cases::due_at.ge(at)).filter(cases::due_at.gt(at).or(cases::id.gt(id)));
    }
    Ok(query.order((cases::due_at.asc(), cases::id.asc())).limit(limit).load(&mut **tx)?)
}

/// The refusal of a second appeal.
pub fn appealed_already() -> Error {
    Code::AlreadyExists.because("You have appealed against this decision already.").into()
}

/// What an appeal is made of.
#[derive(Clone, Debug)]
pub struct NewAppeal<'a> {
    /// Against which decision.
    pub decision: Id,
    /// Who took it.
    pub barred: Id,
    /// In which case it is decided.
    pub case: Id,
    /// Whose.
    pub account: Id,
    /// What they say.
    pub text: &'a str,
}

/// Writes an appeal; there is one against each decision.
///
/// # Errors
/// 409 where there is one.
pub fn insert_appeal(tx: &mut Tx<'_>, council: Id, new: &NewAppeal<'_>) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    if !appeals_against(tx, council, &[new.decision])?.is_empty() {
        return Err(appealed_already());
    }
    diesel::insert_into(appeals::table)
        .values((
            appeals::council_id.eq(council),
            appeals::id.eq(id),
            appeals::decision_id.eq(new.decision),
            appeals::case_id.eq(new.case),
            appeals::account_id.eq(new.account),
            appeals::barred_id.eq(new.barred),
            appeals::text.eq(new.text),
            appeals::made_at.eq(now),
            appeals::result.eq(None::<AppealResult>),
        ))
        .execute(&mut **tx)?;
    Ok(id)
}

/// Takes what somebody still appeals against out of the queue: nobody would hear the answer.
///
/// # Errors
/// What the database answers.
pub fn drop_appeals_of(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<()> {
    let theirs = appeals::table
        .filter(appeals::council_id.eq(council))
        .filter(appeals::account_id.eq(account))
        .select(appeals::case_id);
    let open = cases::table
        .filter(cases::council_id.eq(council))
        .filter(cases::state.eq(CaseState::Open))
        .filter(cases::id.eq_any(theirs));
    diesel::update(open)
        .set((cases::state.eq(CaseState::Decided), cases::version.eq(cases::version + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes what came of an appeal.
///
/// # Errors
/// What the database answers.
pub fn set_result(tx: &mut Tx<'_>, council: Id, appeal: Id, result: AppealResult) -> Result<()> {
    diesel::update(appeals::table.find((council, appeal))).set(appeals::result.eq(Some(result))).execute(&mut **tx)?;
    Ok(())
}
