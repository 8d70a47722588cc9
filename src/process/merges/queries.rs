//! The SQL of proposals and choices; that of moving support stands in `carrying.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diesel::prelude::*;

use crate::each;
use crate::platform::db::schema::{
    ideas, merge_choices as choices, merge_sources as sources, merge_supports as carried, merges, supports, voters,
};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{LeftBecause, MergeChoice, MergeSilence, MergeSourceState, MergeState};

/// A proposal, and what came of it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = merges)]
pub struct MergeRow {
    /// Its id.
    pub id: Id,
    /// The challenge of all the ideas.
    pub challenge_id: Id,
    /// What they are joined to.
    pub target_id: Id,
    /// How it stands.
    pub state: MergeState,
    /// Why it was proposed.
    pub reason: String,
    /// What it means to say nothing.
    pub silence: MergeSilence,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// Until when one can choose.
    pub due_at: Instant,
    /// When it was carried out, withdrawn or found to be impossible.
    pub ended_at: Option<Instant>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<String>,
    /// When it was undone.
    pub reversed_at: Option<Instant>,
    /// Why it was undone.
    pub reversal_reason: Option<String>,
}

/// One of the ideas that are to be joined.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sources)]
pub struct SourceRow {
    /// The idea.
    pub idea_id: Id,
    /// How it stands.
    pub state: MergeSourceState,
    /// Why it was not.
    pub left_because: Option<LeftBecause>,
    /// Whether its author wishes that it stands by itself.
    pub kept_by_author: bool,
    /// How many supported it.
    pub supports: Option<i64>,
    /// How many of them count for the other one since.
    pub carried: Option<i64>,
    /// How many of these had not before.
    pub added: Option<i64>,
}

impl SourceRow {
    /// What was counted when it was merged.
    pub fn counted(&self) -> Option<(i64, i64, i64)> {
        self.supports.zip(self.carried).zip(self.added).map(|((supports, carried), added)| (supports, carried, added))
    }
}

/// What somebody was asked, and chose.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = choices)]
pub struct ChoiceRow {
    /// What they chose.
    pub choice: Option<MergeChoice>,
    /// When.
    pub chosen_at: Option<Instant>,
}

/// How many were asked, and chose what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Were asked.
    pub asked: i64,
    /// That it is counted for the other idea.
    pub carry: i64,
    /// That it stays.
    pub leave: i64,
}

/// What a proposal is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewMerge<'a> {
    /// The challenge of all the ideas.
    pub challenge: Id,
    /// What they are joined to.
    pub target: Id,
    /// The ideas.
    pub sources: &'a [Id],
    /// Why.
    pub reason: &'a str,
    /// What it means to say nothing.
    pub silence: MergeSilence,
    /// By whom.
    pub by: Id,
    /// Until when one can choose.
    pub due_at: Instant,
}

/// Writes a proposal.
///
/// # Errors
/// 409 where one of the ideas is to be merged, or is, since it was looked at.
pub fn insert_merge(tx: &mut Tx<'_>, council: Id, new: &NewMerge<'_>) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    diesel::insert_into(merges::table)
        .values((
            merges::council_id.eq(council),
            merges::id.eq(id),
            merges::challenge_id.eq(new.challenge),
            merges::target_id.eq(new.target),
            merges::state.eq(MergeState::Proposed),
            merges::reason.eq(new.reason),
            merges::silence.eq(new.silence),
            merges::proposed_by.eq(new.by),
            merges::proposed_at.eq(now),
            merges::due_at.eq(new.due_at),
        ))
        .execute(&mut **tx)?;
    for (position, idea) in (0_i32..).zip(new.sources) {
        let made = each!(&mut **tx, c => diesel::insert_into(sources::table)
            .values((
                sources::council_id.eq(council),
                sources::merge_id.eq(id),
                sources::idea_id.eq(idea),
                sources::position.eq(position),
                sources::state.eq(MergeSourceState::Proposed),
                sources::kept_by_author.eq(false),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
        if made == 0 {
            return Err(Code::AlreadyExists.because("One of the ideas is to be merged already.").into());
        }
    }
    Ok(id)
}

/// One proposal.
///
/// # Errors
/// 404 where there is none.
pub fn find_merge(tx: &mut Tx<'_>, council: Id, merge: Id) -> Result<MergeRow> {
    merges::table.find((council, merge)).select(MergeRow::as_select()).first(&mut **tx).or_not_found("merge")
}

/// Its ideas in the order of the proposal, each with its number.
///
/// # Errors
/// What the database answers.
pub fn sources_of(tx: &mut Tx<'_>, council: Id, merge: Id) -> Result<Vec<(SourceRow, i64)>> {
    Ok(sources_among(tx, council, &[merge])?.remove(&merge).unwrap_or_default())
}

/// The same of many merges at once.
///
/// # Errors
/// What the database answers.
pub fn sources_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, Vec<(SourceRow, i64)>>> {
    let rows: Vec<(Id, SourceRow, i64)> = sources::table
        .inner_join(ideas::table.on(ideas::council_id.eq(sources::council_id).and(ideas::id.eq(sources::idea_id))))
        .filter(sources::council_id.eq(council))
        .filter(sources::merge_id.eq_any(among.to_vec()))
        .order(sources::position)
        .select((sources::merge_id, SourceRow::as_select(), ideas::number))
        .load(&mut **tx)?;
    let mut all: BTreeMap<Id, Vec<(SourceRow, i64)>> = BTreeMap::new();
    for (merge, source, number) in rows {
        all.entry(merge).or_default().push((source, number));
    }
    Ok(all)
}

/// The numbers of ideas, without the prefix.
///
/// # Errors
/// What the database answers.
pub fn numbers_of(tx: &mut Tx<'_>, council: Id, among: Vec<Id>) -> Result<BTreeMap<Id, i64>> {
    let of = ideas::table.filter(ideas::council_id.eq(council)).filter(ideas::id.eq_any(among));
    let rows: Vec<(Id, i64)> = of.select((ideas::id, ideas::number)).load(&mut **tx)?;
    Ok(rows.into_iter().collect())
}

/// The hundred merges that an idea is part of, on either side, which were proposed last.
///
/// # Errors
/// What the database answers.
pub fn merges_of(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Vec<MergeRow>> {
    let as_source: Vec<Id> = sources::table
        .filter(sources::council_id.eq(council))
        .filter(sources::idea_id.eq(idea))
        .select(sources::merge_id)
        .load(&mut **tx)?;
    Ok(merges::table
        .filter(merges::council_id.eq(council))
        .filter(merges::target_id.eq(idea).or(merges::id.eq_any(as_source)))
        .order(merges::id.desc())
        .limit(100)
        .select(MergeRow::as_select())
        .load(&mut **tx)?)
}

/// Into which idea another was merged, and with how much support.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Merged {
    /// The merge.
    pub merge: Id,
    /// The other idea.
    pub target: Id,
    /// Its number.
    pub number: i64,
    /// How many supported the first one.
    pub supports: i64,
}

/// Where an idea has gone that is merged; also one that was hidden since.
///
/// # Errors
/// What the database answers.
pub fn merged_into(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Option<Merged>> {
    Ok(merged_among(tx, council, &[idea])?.remove(&idea))
}

/// The same of many at once.
///
/// # Errors
/// What the database answers.
pub fn merged_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, Merged>> {
    if among.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(Id, Merged)> = sources::table
        .inner_join(merges::table.on(merges::council_id.eq(sources::council_id).and(merges::id.eq(sources::merge_id))))
        .inner_join(ideas::table.on(ideas::council_id.eq(merges::council_id).and(ideas::id.eq(merges::target_id))))
        .filter(sources::council_id.eq(council))
        .filter(sources::idea_id.eq_any(among.to_vec()))
        .filter(sources::state.eq(MergeSourceState::Merged))
        .select((sources::idea_id, (merges::id, merges::target_id, ideas::number, sources::supports.assume_not_null())))
        .load(&mut **tx)?;
    Ok(rows.into_iter().collect())
}

/// All ideas that were merged into one, also by way of others, each with its author.
///
/// # Errors
/// What the database answers.
pub fn merged_in(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Vec<(Id, Option<Id>)>> {
    let (mut all, mut into) = (Vec::new(), vec![idea]);
    while !into.is_empty() {
        let next: Vec<(Id, Option<Id>)> = sources::table
            .inner_join(
                merges::table.on(merges::council_id.eq(sources::council_id).and(merges::id.eq(sources::merge_id))),
            )
            .inner_join(ideas::table.on(ideas::council_id.eq(sources::council_id).and(ideas::id.eq(sources::idea_id))))
            .filter(sources::council_id.eq(council))
            .filter(merges::target_id.eq_any(into))
            .filter(sources::state.eq(MergeSourceState::Merged))
            .select((sources::idea_id, ideas::author_id))
            .load(&mut **tx)?;
        into = next.iter().map(|(idea, _)| *idea).collect();
        all.extend(next);
    }
    Ok(all)
}

/// Those of these ideas that others are joined to.
///
/// # Errors
/// What the database answers.
pub fn holding_others_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeSet<Id>> {
    let rows: Vec<Id> = sources::table
        .inner_join(merges::table.on(merges::council_id.eq(sources::council_id).and(merges::id.eq(sources::merge_id))))
        .filter(sources::council_id.eq(council))
        .filter(merges::target_id.eq_any(among.to_vec()))
        .filter(sources::state.eq(MergeSourceState::Merged))
        .select(merges::target_id)
        .load(&mut **tx)?;
    Ok(rows.into_iter().collect())
}

/// The proposals that run and that these ideas are part of, on either side.
///
/// # Errors
/// What the database answers.
pub fn running_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, Vec<Id>>> {
    let rows: Vec<(Id, Id, Id)> = sources::table
        .inner_join(merges::table.on(merges::council_id.eq(sources::council_id).and(merges::id.eq(sources::merge_id))))
        .filter(sources::council_id.eq(council))
        .filter(merges::state.eq(MergeState::Proposed))
        .filter(merges::target_id.eq_any(among.to_vec()).or(sources::idea_id.eq_any(among.to_vec())))
        .order(merges::id)
        .select((merges::id, merges::target_id, sources::idea_id))
        .load(&mut **tx)?;
    let mut all: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (merge, idea) in rows.into_iter().flat_map(|(merge, target, source)| [(merge, target), (merge, source)]) {
        let of_idea = all.entry(idea).or_default();
        if !of_idea.contains(&merge) {
            of_idea.push(merge);
        }
    }
    Ok(all)
}

/// An idea owes its answer by the instant by which another did that was joined to it, and its clock began when that one's did: who was
/// promised an answer by then is answered by then. It stays so when the merge is undone, for it was told to all.
///
/// # Errors
/// What the database answers.
pub fn take_over_due(tx: &mut Tx<'_>, council: Id, target: Id, from: Id) -> Result<()> {
    let due: (Instant, Instant, Instant) = ideas::table
        .find((council, from))
        .select((ideas::answer_due_at, ideas::answer_promised_by, ideas::clock_from))
        .first(&mut **tx)?;
    diesel::update(ideas::table.find((council, target)))
        .set((ideas::answer_due_at.eq(due.0), ideas::answer_promised_by.eq(due.1), ideas::clock_from.eq(due.2)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Whether somebody has written one of these ideas.
///
/// # Errors
/// What the database answers.
pub fn wrote_one(tx: &mut Tx<'_>, council: Id, account: Id, among: &[Id]) -> Result<bool> {
    let theirs = ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::id.eq_any(among.to_vec()))
        .filter(ideas::author_id.eq(account));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(&mut **tx)?)
}

/// Those of these ideas that are to be merged into another, or are.
///
/// # Errors
/// What the database answers.
pub fn taken_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<Vec<Id>> {
    Ok(sources::table
        .filter(sources::council_id.eq(council))
        .filter(sources::idea_id.eq_any(among.to_vec()))
        .filter(sources::state.eq_any([MergeSourceState::Proposed, MergeSourceState::Merged]))
        .select(sources::idea_id)
        .load(&mut **tx)?)
}

/// Puts a proposal to somebody; says how it can be told again, where they had not been asked before.
///
/// # Errors
/// What the database answers.
pub fn ask(tx: &mut Tx<'_>, council: Id, merge: Id, account: Id, voter: Option<Id>) -> Result<Option<Id>> {
    let (now, id) = (tx.now(), Id::random());
    let asked = each!(&mut **tx, c => diesel::insert_into(choices::table)
        .values((
            choices::council_id.eq(council),
            choices::id.eq(id),
            choices::merge_id.eq(merge),
            choices::account_id.eq(account),
            choices::voter_id.eq(voter),
            choices::asked_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok((asked == 1).then_some(id))
}

/// About which merge somebody was asked, who they are, and what they have chosen.
pub type Asked = (Id, Option<Id>, Option<MergeChoice>);

/// What was asked, by its id.
///
/// # Errors
/// What the database answers.
pub fn asked_by(tx: &mut Tx<'_>, council: Id, asked: Id) -> Result<Option<Asked>> {
    let row = choices::table.find((council, asked));
    Ok(row.select((choices::merge_id, choices::account_id, choices::choice)).first(&mut **tx).optional()?)
}

/// What somebody was asked, and chose.
///
/// # Errors
/// What the database answers.
pub fn find_choice(tx: &mut Tx<'_>, council: Id, merge: Id, account: Id) -> Result<Option<ChoiceRow>> {
    Ok(choices::table
        .filter(choices::council_id.eq(council))
        .filter(choices::merge_id.eq(merge))
        .filter(choices::account_id.eq(account))
        .select(ChoiceRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// Whether somebody has written or supports one of the ideas that are to be merged.
///
/// # Errors
/// What the database answers.
pub fn is_concerned(tx: &mut Tx<'_>, council: Id, merge: Id, account: Id) -> Result<bool> {
    let of_this = sources::table.filter(sources::council_id.eq(council)).filter(sources::merge_id.eq(merge));
    let wrote = of_this
        .inner_join(ideas::table.on(ideas::council_id.eq(sources::council_id).and(ideas::id.eq(sources::idea_id))))
        .filter(ideas::author_id.eq(account));
    let backs = of_this
        .inner_join(
            supports::table
                .on(supports::council_id.eq(sources::council_id).and(supports::idea_id.eq(sources::idea_id))),
        )
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .filter(voters::account_id.eq(account));
    Ok(diesel::select(diesel::dsl::exists(wrote)).get_result::<bool>(&mut **tx)?
        || diesel::select(diesel::dsl::exists(backs)).get_result::<bool>(&mut **tx)?)
}

/// Writes what somebody chooses in place of what they chose before; says whether it is another choice. Of ideas that they have
/// written it says whether these stand by themselves.
///
/// # Errors
/// What the database answers.
pub fn set_choice(
    tx: &mut Tx<'_>,
    council: Id,
    (merge, account): (Id, Id),
    voter: Option<Id>,
    choice: MergeChoice,
) -> Result<bool> {
    let now = tx.now();
    ask(tx, council, merge, account, voter)?;
    let theirs = choices::table
        .filter(choices::council_id.eq(council))
        .filter(choices::merge_id.eq(merge))
        .filter(choices::account_id.eq(account))
        .filter(choices::choice.is_null().or(choices::choice.ne(choice)));
    let changed = diesel::update(theirs)
        .set((choices::choice.eq(choice), choices::chosen_at.eq(now), choices::voter_id.eq(voter)))
        .execute(&mut **tx)?;
    let written = ideas::table.filter(ideas::council_id.eq(council)).filter(ideas::author_id.eq(account));
    let written: Vec<Id> = written
        .inner_join(sources::table.on(sources::council_id.eq(ideas::council_id).and(sources::idea_id.eq(ideas::id))))
        .filter(sources::merge_id.eq(merge))
        .select(ideas::id)
        .load(&mut **tx)?;
    let theirs = sources::table
        .filter(sources::council_id.eq(council))
        .filter(sources::merge_id.eq(merge))
        .filter(sources::idea_id.eq_any(written));
    diesel::update(theirs).set(sources::kept_by_author.eq(choice == MergeChoice::Leave)).execute(&mut **tx)?;
    Ok(changed == 1)
}

/// How many were asked about each of these merges, and chose what.
///
/// # Errors
/// What the database answers.
pub fn choices_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, Counts>> {
    let rows: Vec<(Id, Option<MergeChoice>, i64)> = choices::table
        .filter(choices::council_id.eq(council))
        .filter(choices::merge_id.eq_any(among.to_vec()))
        .group_by((choices::merge_id, choices::choice))
        .select((choices::merge_id, choices::choice, diesel::dsl::count_star()))
        .load(&mut **tx)?;
    let mut all: BTreeMap<Id, Counts> = BTreeMap::new();
    for (merge, choice, count) in rows {
        let counts = all.entry(merge).or_default();
        counts.asked = counts.asked.saturating_add(count);
        match choice {
            Some(MergeChoice::Carry) => counts.carry = counts.carry.saturating_add(count),
            Some(MergeChoice::Leave) => counts.leave = counts.leave.saturating_add(count),
            None => {}
        }
    }
    Ok(all)
}

/// When a merge into an idea is carried out now: after each that was before, whatever the clocks say.
///
/// # Errors
/// What the database answers.
pub fn after_others(tx: &mut Tx<'_>, council: Id, target: Id) -> Result<Instant> {
    let of = merges::table.filter(merges::council_id.eq(council)).filter(merges::target_id.eq(target));
    let done = of.filter(merges::state.eq_any([MergeState::CarriedOut, MergeState::Reversed]));
    let last: Option<Option<Instant>> =
        done.order(merges::ended_at.desc()).select(merges::ended_at).first(&mut **tx).optional()?;
    let now = tx.now();
    Ok(last.flatten().map_or(now, |last| now.max(last.plus(Duration::from_micros(1)))))
}

/// The merge in force that was carried out last into an idea, where that was after an instant.
///
/// # Errors
/// What the database answers.
pub fn later_into(tx: &mut Tx<'_>, council: Id, target: Id, after: Option<Instant>) -> Result<Option<Id>> {
    Ok(merges::table
        .filter(merges::council_id.eq(council))
        .filter(merges::target_id.eq(target))
        .filter(merges::state.eq(MergeState::CarriedOut))
        .filter(merges::ended_at.gt(after))
        .order(merges::ended_at.desc())
        .select(merges::id)
        .first(&mut **tx)
        .optional()?)
}

/// Ends the waiting of a proposal.
///
/// # Errors
/// 412 where it does not wait any more.
pub fn end_waiting(
    tx: &mut Tx<'_>,
    council: Id,
    merge: Id,
    (state, at): (MergeState, Instant),
    withdrawn: Option<(Id, &str)>,
) -> Result<()> {
    let waiting = merges::table.find((council, merge)).filter(merges::state.eq(MergeState::Proposed));
    let ended = diesel::update(waiting)
        .set((
            merges::state.eq(state),
            merges::ended_at.eq(at),
            merges::withdrawn_by.eq(withdrawn.map(|(by, _)| by)),
            merges::withdrawal_reason.eq(withdrawn.map(|(_, reason)| reason)),
        ))
        .execute(&mut **tx)?;
    if ended == 1 { Ok(()) } else { Err(Code::Changed.problem().into()) }
}

/// Says of an idea that it was not merged, and why.
///
/// # Errors
/// What the database answers.
pub fn set_left(tx: &mut Tx<'_>, council: Id, merge: Id, idea: Id, why: LeftBecause) -> Result<()> {
    diesel::update(sources::table.find((council, merge, idea)))
        .set((sources::state.eq(MergeSourceState::Left), sources::left_because.eq(why)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Says of an idea that it was merged, and what was counted.
///
/// # Errors
/// What the database answers.
pub fn set_merged(
    tx: &mut Tx<'_>,
    council: Id,
    merge: Id,
    idea: Id,
    (supports, carried, added): (i64, i64, i64),
) -> Result<()> {
    diesel::update(sources::table.find((council, merge, idea)))
        .set((
            sources::state.eq(MergeSourceState::Merged),
            sources::supports.eq(supports),
            sources::carried.eq(carried),
            sources::added.eq(added),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Says of a merge that it is undone; gives the ideas that were joined by it.
///
/// # Errors
/// 412 where somebody else did so a moment before.
pub fn set_reversed(tx: &mut Tx<'_>, council: Id, merge: Id, by: Id, reason: &str) -> Result<Vec<Id>> {
    let now = tx.now();
    let done = merges::table.find((council, merge)).filter(merges::state.eq(MergeState::CarriedOut));
    let undone = diesel::update(done)
        .set((
            merges::state.eq(MergeState::Reversed),
            merges::reversed_at.eq(now),
            merges::reversed_by.eq(by),
            merges::reversal_reason.eq(reason),
        ))
        .execute(&mut **tx)?;
    if undone == 0 {
        return Err(Code::Changed.problem().into());
    }
    let joined = sources::table
        .filter(sources::council_id.eq(council))
        .filter(sources::merge_id.eq(merge))
        .filter(sources::state.eq(MergeSourceState::Merged));
    let ideas = joined.order(sources::position).select(sources::idea_id).load(&mut **tx)?;
    diesel::update(joined).set(sources::state.eq(MergeSourceState::Reversed)).execute(&mut **tx)?;
    Ok(ideas)
}

/// Forgets that support of an idea came by a merge, for it was taken back.
///
/// # Errors
/// What the database answers.
pub fn forget_carried(tx: &mut Tx<'_>, council: Id, idea: Id, voter: Id) -> Result<()> {
    let theirs = carried::table
        .filter(carried::council_id.eq(council))
        .filter(carried::voter_id.eq(voter))
        .filter(carried::into_id.eq(idea));
    diesel::delete(theirs).execute(&mut **tx)?;
    Ok(())
}
