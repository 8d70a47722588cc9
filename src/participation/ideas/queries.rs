//! All the SQL of ideas.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::entries::{IdeaAnonymised, IdeaHeld, IdeaPublished, IdeaRevised, IdeaTakenDown};
use super::model::{IdeaRow, Restriction, Shown};
use super::rules::{self, Move, Reference};
use crate::accountability::follow_ups::queries::forget_question;
use crate::accountability::notes::queries::forget_notes;
use crate::accountability::promises::clock::Due;
use crate::each;
use crate::people::accounts::Viewer;
use crate::people::councils::model::Council;
use crate::people::councils::queries::next_idea_number;
use crate::platform::db::schema::{accounts, decisions, grounds, idea_counters, idea_revisions, ideas, transitions};
use crate::platform::db::types::SqlUuid;
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::fold;
use crate::process::appeals::force::in_force;
use crate::process::appeals::queries::taken;
use crate::process::merges::queries::merged_into;
use crate::process::moderation::item::Subject;
use crate::process::screening::queries::forget_text;
use crate::vocabulary::{DecisionKind, IdeaOrigin, IdeaState, IdeaStatus};

/// The one fragment that says which ideas somebody sees in lists, counts, feeds and searches.
macro_rules! visible_to {
    ($query:expr, visitor) => {
        $query.filter(ideas::state.eq(IdeaState::Published))
    };
    ($query:expr, $viewer:expr) => {
        match $viewer {
            Viewer::Staff => $query,
            Viewer::Visitor => visible_to!($query, visitor),
            Viewer::Account(own) => $query.filter(
                ideas::state
                    .eq(IdeaState::Published)
                    .nullable()
                    .or(ideas::author_id.eq(own).and(ideas::state.ne(IdeaState::Erased))),
            ),
        }
    };
}

macro_rules! shown {
    () => {
        ideas::table
            .inner_join(
                idea_counters::table
                    .on(idea_counters::council_id.eq(ideas::council_id).and(idea_counters::idea_id.eq(ideas::id))),
            )
            .left_join(
                accounts::table
                    .on(accounts::council_id.eq(ideas::council_id).and(accounts::id.nullable().eq(ideas::author_id))),
            )
    };
}

macro_rules! shown_columns {
    () => {
        (
            IdeaRow::as_select(),
            idea_counters::supports,
            (idea_counters::comments_for, idea_counters::comments_against, idea_counters::comments_neutral),
            accounts::display_name.nullable(),
            accounts::profile_id.nullable(),
        )
    };
}

/// What a new idea is made of.
#[derive(Clone, Debug)]
pub struct NewIdea<'a> {
    /// Of which challenge.
    pub challenge: Id,
    /// Whose.
    pub author: Option<Id>,
    /// Where it comes from.
    pub origin: IdeaOrigin,
    /// Its name in the imported file.
    pub source_ref: Option<&'a str>,
    /// As what it is admitted.
    pub state: IdeaState,
    /// Its title.
    pub title: &'a str,
    /// In Markdown.
    pub body: &'a str,
    /// Its category.
    pub category: Option<&'a str>,
    /// When it was submitted: now, or what an imported file says.
    pub submitted_at: Instant,
    /// The council owes an answer by then.
    pub due: Due,
    /// When the council's clock began: not before the promise was made.
    pub clock_from: Instant,
}

/// Writes an idea, its first revision, its counter and the news of it.
///
/// # Errors
/// What the database answers.
pub fn insert_idea(tx: &mut Tx<'_>, council: &Council, new: &NewIdea<'_>) -> Result<Id> {
    let now = tx.now();
    let id = Id::at(now);
    let number = next_idea_number(tx, council.id)?;
    diesel::insert_into(ideas::table)
        .values((
            ideas::council_id.eq(council.id),
            ideas::id.eq(id),
            ideas::challenge_id.eq(new.challenge),
            ideas::number.eq(number),
            ideas::author_id.eq(new.author),
            ideas::origin.eq(new.origin),
            ideas::source_ref.eq(new.source_ref),
            ideas::state.eq(new.state),
            ideas::status.eq(IdeaStatus::AwaitingAnswer),
            ideas::title.eq(new.title),
            ideas::body.eq(new.body),
            ideas::category.eq(new.category),
            ideas::search_text.eq(fold(&format!("{}\n{}", new.title, new.body))),
            ideas::shuffle.eq(i64::from(rand::random::<u32>() >> 1)),
            ideas::revision.eq(1),
            ideas::version.eq(1_i64),
            ideas::submitted_at.eq(new.submitted_at),
            ideas::updated_at.eq(now),
            ideas::answer_due_at.eq(new.due.at),
            ideas::clock_from.eq(new.clock_from),
            ideas::answer_promised_by.eq(new.due.promised_by),
        ))
        .execute(&mut **tx)?;
    diesel::insert_into(idea_counters::table)
        .values((
            idea_counters::council_id.eq(council.id),
            idea_counters::idea_id.eq(id),
            idea_counters::challenge_id.eq(new.challenge),
            idea_counters::supports.eq(0_i64),
            idea_counters::announced.eq(0_i64),
        ))
        .execute(&mut **tx)?;
    insert_revision(tx, council.id, id, 1, new.title, new.body, new.category)?;
    insert_transition(tx, council.id, (id, None), None, new.state, None)?;
    let public = rules::public_number(&council.idea_prefix, number);
    match new.state {
        IdeaState::Published => {
            record(tx, council.id, &IdeaPublished { idea: id, challenge: new.challenge, number: public })?
        }
        _ => record(tx, council.id, &IdeaHeld { idea: id })?,
    }
    Ok(id)
}

fn insert_revision(
    tx: &mut Tx<'_>,
    council: Id,
    idea: Id,
    revision: i32,
    title: &str,
    body: &str,
    category: Option<&str>,
) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(idea_revisions::table)
        .values((
            idea_revisions::council_id.eq(council),
            idea_revisions::idea_id.eq(idea),
            idea_revisions::revision.eq(revision),
            idea_revisions::title.eq(title),
            idea_revisions::body.eq(body),
            idea_revisions::category.eq(category),
            idea_revisions::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes that an idea, or a comment under it, has come to stand elsewhere.
///
/// # Errors
/// What the database answers.
pub fn insert_transition(
    tx: &mut Tx<'_>,
    council: Id,
    (idea, comment): (Id, Option<Id>),
    from: Option<IdeaState>,
    to: IdeaState,
    decision: Option<Id>,
) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(transitions::table)
        .values((
            transitions::council_id.eq(council),
            transitions::id.eq(Id::at(now)),
            transitions::idea_id.eq(idea),
            transitions::comment_id.eq(comment),
            transitions::from_state.eq(from.map(IdeaState::as_str)),
            transitions::to_state.eq(to.as_str()),
            transitions::decision_id.eq(decision),
            transitions::at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Moves an idea, writes the transition and the news of it; the only way a state changes.
///
/// # Errors
/// 409 where the step is none from this state.
pub fn move_idea(
    tx: &mut Tx<'_>,
    council: &Council,
    idea: &IdeaRow,
    by: Move,
    decision: Option<Id>,
) -> Result<IdeaState> {
    // What would be public is merged for as long as a merge is in force.
    let to = match rules::next(idea.state, by)? {
        IdeaState::Published if merged_into(tx, council.id, idea.id)?.is_some() => IdeaState::Merged,
        to => to,
    };
    let now = tx.now();
    let moved = diesel::update(ideas::table.find((council.id, idea.id)).filter(ideas::state.eq(idea.state)))
        .set((ideas::state.eq(to), ideas::version.eq(ideas::version + 1), ideas::updated_at.eq(now)))
        .execute(&mut **tx)?;
    if moved == 0 {
        return Err(Code::Changed.problem().into());
    }
    insert_transition(tx, council.id, (idea.id, None), Some(idea.state), to, decision)?;
    match (idea.state, to) {
        // Merging and parting are news of their own.
        (from, to) if from == to || (rules::is_public(from) && rules::is_public(to)) => {}
        (_, IdeaState::Published | IdeaState::Merged) => {
            let number = rules::public_number(&council.idea_prefix, idea.number);
            record(tx, council.id, &IdeaPublished { idea: idea.id, challenge: idea.challenge_id, number })?;
        }
        (IdeaState::Published | IdeaState::Merged, to) => {
            record(tx, council.id, &IdeaTakenDown { idea: idea.id, state: to })?
        }
        _ => {}
    }
    Ok(to)
}

/// Gives an idea a further revision.
///
/// # Errors
/// What the database answers.
pub fn revise_idea(
    tx: &mut Tx<'_>,
    council: Id,
    idea: &IdeaRow,
    title: &str,
    body: &str,
    category: Option<&str>,
) -> Result<()> {
    let (now, revision) = (tx.now(), idea.revision.saturating_add(1));
    let changed = diesel::update(ideas::table.find((council, idea.id)).filter(ideas::version.eq(idea.version)))
        .set((
            ideas::title.eq(title),
            ideas::body.eq(body),
            ideas::category.eq(category),
            ideas::search_text.eq(fold(&format!("{title}\n{body}"))),
            ideas::revision.eq(revision),
            ideas::version.eq(ideas::version + 1),
            ideas::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Code::Changed.problem().into());
    }
    insert_revision(tx, council, idea.id, revision, title, body, category)?;
    if idea.state == IdeaState::Published {
        record(tx, council, &IdeaRevised { idea: idea.id, revision })?;
    }
    Ok(())
}

/// An idea that this unit holds to its end, as it is now that it does.
///
/// # Errors
/// 404 where there is none to see.
pub fn hold_idea(tx: &mut Tx<'_>, council: &Council, reference: &str, viewer: &Viewer, hold: Hold) -> Result<IdeaRow> {
    let idea = find_idea(tx, council, reference, viewer)?;
    tx.hold(Root::Idea, council.id, idea.id, hold)?;
    find_idea(tx, council, &idea.id.to_string(), viewer)
}

/// Gives a public idea the status of its latest answer.
///
/// # Errors
/// What the database answers.
pub fn set_answer(tx: &mut Tx<'_>, council: Id, idea: Id, status: IdeaStatus, answer: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(ideas::table.find((council, idea)).filter(ideas::state.eq(IdeaState::Published)))
        .set((
            ideas::status.eq(status),
            ideas::answer_id.eq(Some(answer)),
            ideas::version.eq(ideas::version + 1),
            ideas::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes by which decision nobody may write under an idea any more, if by any.
///
/// # Errors
/// What the database answers.
pub fn set_lock(tx: &mut Tx<'_>, council: Id, idea: Id, decision: Option<Id>) -> Result<()> {
    diesel::update(ideas::table.find((council, idea)))
        .set((ideas::locked_by.eq(decision), ideas::version.eq(ideas::version + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Puts a public idea that was answered among those that wait again, since its author has asked back.
///
/// # Errors
/// What the database answers.
pub fn wait_again(tx: &mut Tx<'_>, council: Id, idea: Id, due_at: Instant) -> Result<()> {
    let now = tx.now();
    diesel::update(ideas::table.find((council, idea)).filter(ideas::state.eq(IdeaState::Published)))
        .set((
            ideas::status.eq(IdeaStatus::AwaitingAnswer),
            ideas::answer_id.eq(None::<Id>),
            ideas::answer_due_at.eq(due_at),
            ideas::followed_up_at.eq(now),
            ideas::version.eq(ideas::version + 1),
            ideas::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// An idea by id or public number, as it is shown, whatever its state; whoever asks decides what to tell.
///
/// # Errors
/// 404 where there is none.
pub fn find_shown(tx: &mut Tx<'_>, council: &Council, reference: &str) -> Result<Shown> {
    let found = each!(&mut **tx, c => {
        let query = shown!().filter(ideas::council_id.eq(council.id)).select(shown_columns!());
        match Reference::read(&council.idea_prefix, reference) {
            Some(Reference::Id(id)) => query.filter(ideas::id.eq(id)).first::<Shown>(c).optional()?,
            Some(Reference::Number(number)) => query.filter(ideas::number.eq(number)).first(c).optional()?,
            None => None,
        }
    });
    found.ok_or_else(|| Error::not_found("idea"))
}

/// Those of these ideas that this viewer sees.
///
/// # Errors
/// What the database answers.
pub fn ideas_among(tx: &mut Tx<'_>, council: Id, viewer: &Viewer, among: &[Reference]) -> Result<Vec<IdeaRow>> {
    let ids: Vec<Id> =
        among.iter().filter_map(|one| if let Reference::Id(id) = one { Some(*id) } else { None }).collect();
    let numbers: Vec<i64> =
        among.iter().filter_map(|one| if let Reference::Number(number) = one { Some(*number) } else { None }).collect();
    let query = ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::id.eq_any(ids).or(ideas::number.eq_any(numbers)))
        .select(IdeaRow::as_select())
        .into_boxed();
    Ok(visible_to!(query, *viewer).load(&mut **tx)?)
}

/// An idea that this viewer sees.
///
/// # Errors
/// 404 where there is none to see.
pub fn find_idea(tx: &mut Tx<'_>, council: &Council, reference: &str, viewer: &Viewer) -> Result<IdeaRow> {
    let idea = find_shown(tx, council, reference)?.idea;
    if sees(&idea, viewer) { Ok(idea) } else { Err(Error::not_found("idea")) }
}

/// `visible_to` for one idea that is at hand; and what was merged, which keeps its address and is in no list.
pub fn sees(idea: &IdeaRow, viewer: &Viewer) -> bool {
    match viewer {
        Viewer::Staff => true,
        Viewer::Visitor => rules::is_public(idea.state),
        Viewer::Account(own) => {
            rules::is_public(idea.state) || (idea.author_id == Some(*own) && idea.state != IdeaState::Erased)
        }
    }
}

/// The decision by which an idea or a comment is out of sight now.
///
/// # Errors
/// What the database answers.
pub fn find_restriction(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<Option<Restriction>> {
    let Some((decision, _)) = in_force(&taken(tx, council, of)?) else { return Ok(None) };
    Ok(decisions::table
        .inner_join(
            grounds::table.on(grounds::council_id
                .eq(decisions::council_id)
                .and(grounds::code.nullable().eq(decisions::ground_code))),
        )
        .filter(decisions::council_id.eq(council))
        .filter(decisions::id.eq(decision))
        .select((
            decisions::ground_code,
            decisions::decided_at,
            decisions::id,
            decisions::statement,
            grounds::safeguarding,
        ))
        .first(&mut **tx)
        .optional()?)
}

/// The order of a list, and where its last page ended.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// Last submitted first.
    Newest(Option<(Instant, Id)>),
    /// Most supported first.
    MostSupported(Option<(i64, Id)>),
    /// In an order that follows from the seed: fair to all, and the same on each page.
    Random(i64, Option<(i64, Id)>),
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// A category.
    pub category: Option<String>,
    /// What the council has said.
    pub status: Option<IdeaStatus>,
    /// A state; for staff and authors.
    pub state: Option<IdeaState>,
    /// Words that title or body hold, whatever their case and accents.
    pub text: Option<String>,
    /// Overdue at this instant.
    pub overdue_at: Option<Instant>,
}

/// The prime that the seeded order is computed in: 2^31 - 1, so that a product fits 64 bits on both databases.
const SHUFFLE_PRIME: i64 = 2_147_483_647;

/// Where an idea stands in the order of a seed.
pub fn place(shuffle: i64, seed: i64) -> i64 {
    shuffle.saturating_mul(multiplier(seed)).rem_euclid(SHUFFLE_PRIME)
}

fn multiplier(seed: i64) -> i64 {
    // Any number from 1 to p - 1 gives a permutation; this one spreads neighbouring seeds.
    seed.rem_euclid(1 << 30).wrapping_mul(1_103_515_245).wrapping_add(12_345).rem_euclid(SHUFFLE_PRIME - 1) + 1
}

/// A page of a challenge's ideas, in one statement.
///
/// # Errors
/// What the database answers.
pub fn list_ideas(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    viewer: &Viewer,
    filter: &Filter,
    order: Order,
    limit: i64,
) -> Result<Vec<Shown>> {
    each!(&mut **tx, c => {
        let query = shown!()
            .filter(ideas::council_id.eq(council))
            .filter(ideas::challenge_id.eq(challenge))
            .select(shown_columns!())
            .limit(limit);
        // What is asked for most is no boxed query, whose SQL is written anew each time.
        if *viewer == Viewer::Visitor && *filter == Filter::default() && matches!(order, Order::Newest(None)) {
            let query = visible_to!(query, visitor).order((ideas::submitted_at.desc(), ideas::id.desc()));
            return Ok(query.load::<Shown>(c)?);
        }
        let query = query.into_boxed();
        let mut query = visible_to!(query, *viewer);
        if let Some(category) = &filter.category {
            query = query.filter(ideas::category.eq(category));
        }
        if let Some(status) = filter.status {
            query = query.filter(ideas::status.eq(status));
        }
        if let Some(state) = filter.state {
            query = query.filter(ideas::state.eq(state));
        }
        if let Some(at) = filter.overdue_at {
            query = query.filter(ideas::status.eq(IdeaStatus::AwaitingAnswer)).filter(ideas::answer_due_at.le(at));
        }
        for word in filter.text.as_deref().unwrap_or_default().split_whitespace().take(8) {
            let pattern = format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
            query = query.filter(ideas::search_text.like(pattern).escape('\\'));
        }
        let query = match order {
            Order::Newest(after) => {
                if let Some((at, id)) = after {
                    query =
                        query.filter(ideas::submitted_at.le(at)).filter(ideas::submitted_at.lt(at).or(ideas::id.lt(id)));
                }
                query.order((ideas::submitted_at.desc(), ideas::id.desc()))
            }
            Order::MostSupported(after) => {
                if let Some((supports, id)) = after {
                    query = query
                        .filter(idea_counters::supports.le(supports))
                        .filter(idea_counters::supports.lt(supports).or(idea_counters::idea_id.lt(id)));
                }
                query
                    .filter(idea_counters::challenge_id.eq(challenge))
                    .order((idea_counters::supports.desc(), idea_counters::idea_id.desc()))
            }
            Order::Random(seed, after) => {
                let factor = multiplier(seed);
                let place = || {
                    diesel::dsl::sql::<BigInt>("(ideas.shuffle * ")
                        .bind::<BigInt, _>(factor)
                        .sql(") % ")
                        .bind::<BigInt, _>(SHUFFLE_PRIME)
                };
                if let Some((last, id)) = after {
                    query = query.filter(
                        diesel::dsl::sql::<Bool>("((ideas.shuffle * ")
                            .bind::<BigInt, _>(factor)
                            .sql(") % ")
                            .bind::<BigInt, _>(SHUFFLE_PRIME)
                            .sql(", ideas.id) > (")
                            .bind::<BigInt, _>(last)
                            .sql(", ")
                            .bind::<SqlUuid, _>(id)
                            .sql(")"),
                    );
                }
                query.order((place(), ideas::id.asc()))
            }
        };
        Ok(query.load::<Shown>(c)?)
    })
}

/// The ideas of a challenge after one that are or were perhaps public, in the order of their ids.
///
/// # Errors
/// What the database answers.
pub fn ideas_in_order(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Shown>> {
    use IdeaState::{Hidden, Merged, Published, Removed, Returned};
    Ok(shown!()
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::state.eq_any(vec![Published, Merged, Hidden, Removed, Returned]))
        .filter(ideas::id.gt(after.unwrap_or(Id::NONE)))
        .order(ideas::id)
        .limit(limit)
        .select(shown_columns!())
        .load(&mut **tx)?)
}

/// The ideas of an author, in the order in which they are held.
///
/// # Errors
/// What the database answers.
pub fn ideas_by(tx: &mut Tx<'_>, council: Id, author: Id) -> Result<Vec<IdeaRow>> {
    Ok(ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::author_id.eq(author))
        .order(ideas::id)
        .select(IdeaRow::as_select())
        .load(&mut **tx)?)
}

/// Names nobody as the author of an idea any more, and says so to mirrors.
///
/// # Errors
/// What the database answers.
pub fn anonymise_idea(tx: &mut Tx<'_>, council: Id, idea: &IdeaRow) -> Result<()> {
    let now = tx.now();
    diesel::update(ideas::table.find((council, idea.id)))
        .set((ideas::author_id.eq(None::<Id>), ideas::version.eq(ideas::version + 1), ideas::updated_at.eq(now)))
        .execute(&mut **tx)?;
    forget_notes(tx, council, idea.id)?;
    forget_question(tx, council, idea.id)?;
    record(tx, council, &IdeaAnonymised { idea: idea.id })
}

/// Takes the text of an idea away, with all its revisions; that there was one stays.
///
/// # Errors
/// 409 where it is gone already.
pub fn erase_idea(tx: &mut Tx<'_>, council: &Council, idea: &IdeaRow) -> Result<()> {
    move_idea(tx, council, idea, Move::Erase, None)?;
    diesel::update(ideas::table.find((council.id, idea.id)))
        .set((ideas::title.eq(""), ideas::body.eq(""), ideas::search_text.eq("")))
        .execute(&mut **tx)?;
    let revisions = idea_revisions::table
        .filter(idea_revisions::council_id.eq(council.id))
        .filter(idea_revisions::idea_id.eq(idea.id));
    diesel::delete(revisions).execute(&mut **tx)?;
    forget_text(tx, council.id, Subject::idea(idea.id))?;
    forget_question(tx, council.id, idea.id)?;
    forget_notes(tx, council.id, idea.id)
}

/// How many ideas of an author a moderator has looked at and made or left public, which still are.
///
/// # Errors
/// What the database answers.
pub fn count_accepted(tx: &mut Tx<'_>, council: Id, author: Id) -> Result<i64> {
    let accepted = decisions::table
        .filter(decisions::council_id.eq(ideas::council_id))
        .filter(decisions::idea_id.eq(ideas::id))
        .filter(decisions::comment_id.is_null())
        .filter(decisions::kind.eq(DecisionKind::Publish));
    Ok(ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::author_id.eq(author))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(diesel::dsl::exists(accepted))
        .count()
        .get_result(&mut **tx)?)
}

/// Title and text of an idea in one of its revisions, while they are kept.
///
/// # Errors
/// What the database answers.
pub fn find_revision(tx: &mut Tx<'_>, council: Id, idea: Id, revision: i32) -> Result<Option<(String, String)>> {
    Ok(idea_revisions::table
        .find((council, idea, revision))
        .select((idea_revisions::title, idea_revisions::body))
        .first(&mut **tx)
        .optional()?)
}

/// Counts the ideas of a challenge that were imported under these names.
///
/// # Errors
/// What the database answers.
pub fn imported_refs(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<String>> {
    Ok(ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::source_ref.is_not_null())
        .select(ideas::source_ref.assume_not_null())
        .load(&mut **tx)?)
}

/// Whether an idea was ever public.
///
/// # Errors
/// What the database answers.
pub fn was_public(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(
        transitions::table
            .filter(transitions::council_id.eq(council))
            .filter(transitions::idea_id.eq(idea))
            .filter(transitions::comment_id.is_null())
            .filter(transitions::to_state.eq(IdeaState::Published.as_str())),
    ))
    .get_result(&mut **tx)?)
}
