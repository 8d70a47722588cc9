//! All the SQL of cases and decisions.

use diesel::prelude::*;

use super::item::Subject;
use crate::platform::db::schema::{accounts, appeals, cases, comments, decisions, ideas};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{CaseReason, CaseState, DecisionKind, IdeaState, Stance};
use crate::{about, each};

/// A case in the queue, with the idea that it is about, or under which the comment is that it is about.
#[derive(Clone, Debug, Queryable)]
pub struct CaseRow {
    /// Its id.
    pub id: Id,
    /// The idea.
    pub idea_id: Id,
    /// Why there is a case.
    pub reason: CaseReason,
    /// Whether it waits.
    pub state: CaseState,
    /// Since when.
    pub opened_at: Instant,
    /// Until when it was promised.
    pub due_at: Instant,
    /// Raised by each change.
    pub version: i64,
    revision: i32,
    /// The idea's number.
    pub number: i64,
    /// The idea's challenge.
    pub challenge_id: Id,
    idea_state: IdeaState,
    /// The idea's title.
    pub title: String,
    body: String,
    /// Its category.
    pub category: Option<String>,
    author: Option<String>,
    /// The comment, where it is about one.
    pub comment: Option<CommentOfCase>,
    comment_author: Option<String>,
    /// How many have reported it.
    pub reports: i32,
    /// Who has it in hand, and how they are called.
    pub claimed_by: Option<(Id, String)>,
    /// For how long.
    pub claimed_until: Option<Instant>,
    /// What was decided, where it was.
    pub decision: Option<Decided>,
}

/// The comment that a case is about.
#[derive(Clone, Debug, Queryable)]
pub struct CommentOfCase {
    /// Its id.
    pub id: Id,
    /// Where it stands.
    pub state: IdeaState,
    /// What it says to the idea.
    pub stance: Stance,
    /// Its text.
    pub body: String,
    /// Its revision.
    pub revision: i32,
}

impl CaseRow {
    /// What it is about.
    pub fn subject(&self) -> Subject {
        Subject { idea: self.idea_id, comment: self.comment.as_ref().map(|comment| comment.id) }
    }

    /// Where that stands.
    pub fn item_state(&self) -> IdeaState {
        self.comment.as_ref().map_or(self.idea_state, |comment| comment.state)
    }

    /// Its revision.
    pub fn item_revision(&self) -> i32 {
        self.comment.as_ref().map_or(self.revision, |comment| comment.revision)
    }

    /// Its text.
    pub fn text(&self) -> &str {
        self.comment.as_ref().map_or(&self.body, |comment| &comment.body)
    }

    /// How its author wishes to be called; nothing of what is nobody's.
    pub fn author(&self) -> Option<&str> {
        if self.comment.is_some() { self.comment_author.as_deref() } else { self.author.as_deref() }
    }
}

/// What was decided.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = decisions)]
pub struct Decided {
    /// The decision.
    pub id: Id,
    /// What.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground_code: Option<String>,
    /// The statement of reasons.
    pub statement: Option<String>,
    /// The revision of the idea that was decided upon.
    pub idea_revision: i32,
    /// When.
    pub decided_at: Instant,
}

/// What a case is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewCase {
    /// About what.
    pub of: Subject,
    /// Why.
    pub reason: CaseReason,
    /// Until when it is to be decided.
    pub due_at: Instant,
    /// Who may not decide it; [`Id::NONE`] where everybody of the staff may.
    pub barred: Id,
}

/// Opens a case.
///
/// # Errors
/// What the database answers.
pub fn insert_case(tx: &mut Tx<'_>, council: Id, new: &NewCase) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    diesel::insert_into(cases::table)
        .values((
            cases::council_id.eq(council),
            cases::id.eq(id),
            cases::idea_id.eq(new.of.idea),
            cases::comment_id.eq(new.of.comment),
            cases::reason.eq(new.reason),
            cases::state.eq(CaseState::Open),
            cases::opened_at.eq(now),
            cases::due_at.eq(new.due_at),
            cases::version.eq(1_i64),
            cases::barred_id.eq(new.barred),
        ))
        .execute(&mut **tx)?;
    super::reminders::schedule(tx, council, now, new.due_at)?;
    Ok(id)
}

/// The open case of an idea or a comment, if there is one.
///
/// # Errors
/// What the database answers.
pub fn find_open_case(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<Option<Id>> {
    Ok(about!(cases::table.filter(cases::council_id.eq(council)), cases, of)
        .filter(cases::state.eq(CaseState::Open))
        .filter(cases::reason.ne(CaseReason::Appeal))
        .select(cases::id)
        .first(&mut **tx)
        .optional()?)
}

/// Raises the version of the open case of an idea or a comment, if there is one.
///
/// # Errors
/// What the database answers.
pub fn touch_open_case(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<Option<Id>> {
    let Some(open) = find_open_case(tx, council, of)? else { return Ok(None) };
    let case = cases::table.find((council, open));
    diesel::update(case).set(cases::version.eq(cases::version + 1)).execute(&mut **tx)?;
    Ok(Some(open))
}

/// Says of an open case that its idea, which was public, is held from now on, and until when it is to be decided.
///
/// # Errors
/// What the database answers.
pub fn begin_again(tx: &mut Tx<'_>, council: Id, case: Id, due_at: Instant) -> Result<()> {
    let (now, case) = (tx.now(), cases::table.find((council, case)));
    diesel::update(case).set((cases::opened_at.eq(now), cases::due_at.eq(due_at))).execute(&mut **tx)?;
    // What was reported, or is looked at for another reason, is so still.
    diesel::update(case.filter(cases::reason.eq(CaseReason::AfterPublication)))
        .set(cases::reason.eq(CaseReason::BeforePublication))
        .execute(&mut **tx)?;
    super::reminders::schedule(tx, council, now, due_at)
}

/// Says of an open case that its idea has become public without a decision.
///
/// # Errors
/// What the database answers.
pub fn mark_public(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<()> {
    diesel::update(cases::table.find((council, case)))
        .set((cases::reason.eq(CaseReason::AfterPublication), cases::version.eq(cases::version + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Takes the open case of an idea or a comment out of the queue. An appeal stays: whether the decision was right is answered, whatever
/// has become of the idea.
///
/// # Errors
/// What the database answers.
pub fn close_cases_of(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<()> {
    let Some(open) = find_open_case(tx, council, of)? else { return Ok(()) };
    diesel::update(cases::table.find((council, open)))
        .set((cases::state.eq(CaseState::Decided), cases::version.eq(cases::version + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

diesel::alias!(accounts as claimers: Claimers, accounts as commenters: Commenters);

macro_rules! with_idea {
    () => {
        cases::table
            .inner_join(ideas::table.on(ideas::council_id.eq(cases::council_id).and(ideas::id.eq(cases::idea_id))))
            .left_join(
                accounts::table
                    .on(accounts::council_id.eq(ideas::council_id).and(accounts::id.nullable().eq(ideas::author_id))),
            )
            .left_join(
                comments::table
                    .on(comments::council_id.eq(cases::council_id).and(comments::id.nullable().eq(cases::comment_id))),
            )
            .left_join(
                commenters.on(commenters
                    .field(accounts::council_id)
                    .eq(cases::council_id)
                    .and(commenters.field(accounts::id).nullable().eq(comments::author_id.nullable()))),
            )
            .left_join(
                decisions::table.on(decisions::council_id.eq(cases::council_id).and(decisions::case_id.eq(cases::id))),
            )
            .left_join(
                claimers.on(claimers
                    .field(accounts::council_id)
                    .eq(cases::council_id)
                    .and(claimers.field(accounts::id).nullable().eq(cases::claimed_by))),
            )
            .select((
                cases::id,
                cases::idea_id,
                cases::reason,
                cases::state,
                cases::opened_at,
                cases::due_at,
                cases::version,
                ideas::revision,
                ideas::number,
                ideas::challenge_id,
                ideas::state,
                ideas::title,
                ideas::body,
                ideas::category,
                accounts::display_name.nullable(),
                (comments::id, comments::state, comments::stance, comments::body, comments::revision).nullable(),
                commenters.field(accounts::display_name).nullable(),
                cases::reports,
                (claimers.field(accounts::id), claimers.field(accounts::display_name)).nullable(),
                cases::claimed_until,
                Option::<Decided>::as_select(),
            ))
    };
}

/// Whose idea or comment a case is about.
///
/// # Errors
/// 404 where there is no such case.
pub fn find_author(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<Option<Id>> {
    type Authors = (Option<Id>, Option<Id>, Option<Id>);
    let (comment, of_comment, of_idea): Authors = cases::table
        .inner_join(ideas::table.on(ideas::council_id.eq(cases::council_id).and(ideas::id.eq(cases::idea_id))))
        .left_join(
            comments::table
                .on(comments::council_id.eq(cases::council_id).and(comments::id.nullable().eq(cases::comment_id))),
        )
        .filter(cases::council_id.eq(council))
        .filter(cases::id.eq(case))
        .select((cases::comment_id, comments::author_id.nullable(), ideas::author_id))
        .first(&mut **tx)
        .or_not_found("case")?;
    Ok(if comment.is_some() { of_comment } else { of_idea })
}

/// Which cases of the queue.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Whether they wait.
    pub state: CaseState,
    /// Of this challenge.
    pub challenge: Option<Id>,
    /// About this idea, and comments under it.
    pub idea: Option<Id>,
    /// About what whoever wrote that of this case has written.
    pub author_of: Option<Id>,
    /// In whose hands: somebody's, or nobody's.
    pub claimed: Option<Option<Id>>,
}

impl Filter {
    /// All that waits.
    pub fn open() -> Self {
        Self { state: CaseState::Open, challenge: None, idea: None, author_of: None, claimed: None }
    }
}

/// A page of the queue: first what is due first.
///
/// # Errors
/// What the database answers.
pub fn list_cases(
    tx: &mut Tx<'_>,
    council: Id,
    filter: &Filter,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    let now = tx.now();
    // Appeals have a list of their own, for not everybody may decide them.
    let mut query = with_idea!()
        .filter(cases::council_id.eq(council))
        .filter(cases::state.eq(filter.state))
        .filter(cases::reason.ne(CaseReason::Appeal))
        .into_boxed();
    match filter.claimed {
        Some(Some(by)) => query = query.filter(cases::claimed_by.eq(by)).filter(cases::claimed_until.gt(now)),
        Some(None) => query = query.filter(cases::claimed_until.is_null().or(cases::claimed_until.le(now))),
        None => {}
    }
    if let Some(challenge) = filter.challenge {
        query = query.filter(ideas::challenge_id.eq(challenge));
    }
    if let Some(idea) = filter.idea {
        query = query.filter(cases::idea_id.eq(idea));
    }
    if let Some(case) = filter.author_of {
        // Who it is, the list does not say; what was imported is nobody's.
        let author = find_author(tx, council, case)?.unwrap_or(Id::NONE);
        let of_idea = cases::comment_id.is_null().and(ideas::author_id.eq(author));
        query = query.filter(of_idea.or(comments::author_id.nullable().eq(author)));
    }
    if let Some((at, id)) = after {
        query = query.filter(cases::due_at.ge(at)).filter(cases::due_at.gt(at).or(cases::id.gt(id)));
    }
    Ok(query.order((cases::due_at.asc(), cases::id.asc())).limit(limit).load(&mut **tx)?)
}

/// How many ideas and comments of a challenge wait for a moderator before they are public, how many of them longer than promised, and since
/// when the oldest.
///
/// # Errors
/// What the database answers.
pub fn waiting(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<(i64, i64, Option<Instant>)> {
    let now = tx.now();
    let held = || {
        cases::table
            .inner_join(ideas::table.on(ideas::council_id.eq(cases::council_id).and(ideas::id.eq(cases::idea_id))))
            .left_join(
                comments::table
                    .on(comments::council_id.eq(cases::council_id).and(comments::id.nullable().eq(cases::comment_id))),
            )
            .filter(cases::council_id.eq(council))
            .filter(cases::state.eq(CaseState::Open))
            .filter(ideas::challenge_id.eq(challenge))
            .filter(
                comments::state
                    .nullable()
                    .eq(IdeaState::Held)
                    .or(cases::comment_id.is_null().and(ideas::state.eq(IdeaState::Held)).nullable()),
            )
    };
    Ok((
        held().count().get_result(&mut **tx)?,
        held().filter(cases::due_at.le(now)).count().get_result(&mut **tx)?,
        held().select(cases::opened_at).order(cases::opened_at.asc()).first(&mut **tx).optional()?,
    ))
}

/// How many cases and appeals of the council are due before an instant, and when the first of them is.
///
/// # Errors
/// What the database answers.
pub fn due_before(tx: &mut Tx<'_>, council: Id, until: Instant) -> Result<Option<(i64, Instant)>> {
    let open = || {
        cases::table
            .filter(cases::council_id.eq(council))
            .filter(cases::state.eq(CaseState::Open))
            .filter(cases::due_at.le(until))
    };
    let first = open().select(cases::due_at).order(cases::due_at.asc()).first(&mut **tx).optional()?;
    let count: i64 = open().count().get_result(&mut **tx)?;
    Ok(first.map(|first| (count, first)))
}

/// One case.
///
/// # Errors
/// 404 where there is none.
pub fn find_case(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<CaseRow> {
    with_idea!().filter(cases::council_id.eq(council)).filter(cases::id.eq(case)).first(&mut **tx).or_not_found("case")
}

/// What a decision is made of.
#[derive(Clone, Debug)]
pub struct NewDecision<'a> {
    /// On which case.
    pub case: Id,
    /// About what.
    pub of: Subject,
    /// In which revision.
    pub revision: i32,
    /// What.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground: Option<&'a str>,
    /// The statement of reasons.
    pub statement: Option<&'a str>,
    /// By whom.
    pub by: Id,
    /// Who may not have decided it.
    pub barred: Id,
}

/// Decides a case, once: two moderators cannot decide the same.
///
/// # Errors
/// 409 where somebody has.
pub fn insert_decision(tx: &mut Tx<'_>, council: Id, new: &NewDecision<'_>) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let inserted = each!(&mut **tx, c => diesel::insert_into(decisions::table)
        .values((
            decisions::council_id.eq(council),
            decisions::id.eq(id),
            decisions::case_id.eq(new.case),
            decisions::idea_id.eq(new.of.idea),
            decisions::comment_id.eq(new.of.comment),
            decisions::idea_revision.eq(new.revision),
            decisions::kind.eq(new.kind),
            decisions::ground_code.eq(new.ground),
            decisions::statement.eq(new.statement),
            decisions::decided_by.eq(new.by),
            decisions::decided_at.eq(now),
            decisions::barred_id.eq(new.barred),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    let closed = diesel::update(cases::table.find((council, new.case)).filter(cases::state.eq(CaseState::Open)))
        .set((cases::state.eq(CaseState::Decided), cases::version.eq(cases::version + 1)))
        .execute(&mut **tx)?;
    if inserted == 0 || closed == 0 {
        return Err(Code::AlreadyDecided.problem().into());
    }
    Ok(id)
}

/// A decision as the author is told of it.
#[derive(Clone, Debug, Queryable)]
pub struct DecisionRow {
    /// On which case.
    pub case_id: Id,
    idea_id: Id,
    comment_id: Option<Id>,
    /// What.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground_code: Option<String>,
    /// The statement of reasons.
    pub statement: Option<String>,
    /// When.
    pub decided_at: Instant,
}

impl DecisionRow {
    /// What it is about.
    pub fn subject(&self) -> Subject {
        Subject { idea: self.idea_id, comment: self.comment_id }
    }
}

/// One decision.
///
/// # Errors
/// 404 where there is none.
pub fn find_decision(tx: &mut Tx<'_>, council: Id, decision: Id) -> Result<DecisionRow> {
    decisions::table
        .find((council, decision))
        .select((
            decisions::case_id,
            decisions::idea_id,
            decisions::comment_id,
            decisions::kind,
            decisions::ground_code,
            decisions::statement,
            decisions::decided_at,
        ))
        .first(&mut **tx)
        .or_not_found("decision")
}

/// When the cases are due that wait and that nobody else has in hand, the first first.
///
/// # Errors
/// What the database answers.
pub fn cases_due(tx: &mut Tx<'_>, council: Id, moderator: Id, limit: i64) -> Result<Vec<Instant>> {
    let now = tx.now();
    Ok(cases::table
        .filter(cases::council_id.eq(council))
        .filter(cases::state.eq(CaseState::Open))
        .filter(cases::reason.ne(CaseReason::Appeal))
        .filter(cases::claimed_until.is_null().or(cases::claimed_until.le(now)).or(cases::claimed_by.eq(moderator)))
        .order(cases::due_at.asc())
        .limit(limit)
        .select(cases::due_at)
        .load(&mut **tx)?)
}

/// When the appeals are due that wait and that somebody may decide, the first first.
///
/// # Errors
/// What the database answers.
pub fn appeals_due(tx: &mut Tx<'_>, council: Id, moderator: Id, limit: i64) -> Result<Vec<Instant>> {
    Ok(cases::table
        .inner_join(appeals::table.on(appeals::council_id.eq(cases::council_id).and(appeals::case_id.eq(cases::id))))
        .filter(cases::council_id.eq(council))
        .filter(cases::state.eq(CaseState::Open))
        .filter(cases::reason.eq(CaseReason::Appeal))
        .filter(cases::barred_id.ne(moderator))
        .filter(appeals::account_id.ne(moderator))
        .order(cases::due_at.asc())
        .limit(limit)
        .select(cases::due_at)
        .load(&mut **tx)?)
}

/// How many cases somebody has in hand.
///
/// # Errors
/// What the database answers.
pub fn claimed_by(tx: &mut Tx<'_>, council: Id, moderator: Id, limit: i64) -> Result<usize> {
    let now = tx.now();
    let claimed = cases::table
        .filter(cases::council_id.eq(council))
        .filter(cases::claimed_by.eq(moderator))
        .filter(cases::claimed_until.gt(now))
        .filter(cases::state.eq(CaseState::Open));
    Ok(claimed.select(cases::id).limit(limit).load::<Id>(&mut **tx)?.len())
}
