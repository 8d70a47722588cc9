//! The one order of events. A transaction that changes something public writes an entry without a number; the
//! sequencer numbers committed entries without gaps. Whoever follows the numbers misses nothing, however late a
//! transaction commits.

use diesel::prelude::*;
use serde::Serialize;

use crate::each;
use crate::platform::db::schema::{entries, idea_counters, installation};
use crate::platform::db::{Conn, Id, Instant, Json, Tx, dialect};
use crate::platform::error::Result;
use crate::vocabulary::{EntryKind, Visibility};

crate::holds! {
    installation: "This installation.", [], Kept::WithOwner => {
        Nothing: id, secret_fingerprint, last_number, signing_generation, signing_since, demo, clock_offset, sequencer,
            sequencer_until;
    }
}

crate::holds! {
    entries: "What happened in public, in one order; nobody is named in it.", [], Kept::WithOwner => {
        Nothing: place, council_id, id, number, kind, visibility, subject_id, data, recorded_at;
    }
}

/// Something that happened, in the past tense; each room declares its own.
pub trait Entry: Serialize {
    /// What kind of news.
    const KIND: EntryKind;
    /// Who may read it.
    const VISIBILITY: Visibility;
    /// The thing it happened to.
    fn subject(&self) -> Id;
}

/// Writes the entry in the caller's transaction.
///
/// # Errors
/// What the database answers.
pub fn record<E: Entry>(tx: &mut Tx<'_>, council: Id, entry: &E) -> Result<()> {
    let now = tx.now();
    insert(
        tx,
        council,
        E::KIND,
        E::VISIBILITY,
        entry.subject(),
        serde_json::to_value(entry).map_err(anyhow::Error::from)?,
        now,
    )
}

fn insert(
    tx: &mut Tx<'_>,
    council: Id,
    kind: EntryKind,
    visibility: Visibility,
    subject: Id,
    data: serde_json::Value,
    now: Instant,
) -> Result<()> {
    diesel::insert_into(entries::table)
        .values((
            entries::council_id.eq(council),
            entries::id.eq(Id::at(now)),
            entries::kind.eq(kind),
            entries::visibility.eq(visibility),
            entries::subject_id.eq(subject),
            entries::data.eq(Json(data)),
            entries::recorded_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Entries numbered in one go at most.
pub const BATCH: i64 = 500;
/// How long a node holds the sequencer after its last turn.
const LEASE: std::time::Duration = std::time::Duration::from_secs(5);

/// Numbers what has been committed, if this node holds or can take the sequencer; says how many, at most [`BATCH`].
/// With `announce` it writes the counts that have changed first.
///
/// The row lock on the installation makes numbering one at a time, whatever the leases say; the lease only spares
/// the other nodes the attempt.
///
/// # Errors
/// What the database answers.
pub fn number(tx: &mut Tx<'_>, node: &str, announce: bool) -> Result<usize> {
    let now = tx.now();
    let last = dialect::lock_numbering(tx)?;
    let (holder, until): (Option<String>, Option<Instant>) =
        installation::table.select((installation::sequencer, installation::sequencer_until)).first(&mut **tx)?;
    if holder.as_deref().is_some_and(|holder| holder != node) && until.is_some_and(|until| until > now) {
        return Ok(0);
    }
    if announce {
        announce_counts(tx)?;
    }
    let waiting: Vec<(Id, Id)> = entries::table
        .filter(entries::number.is_null())
        .order(entries::place.asc())
        .limit(BATCH)
        .select((entries::council_id, entries::id))
        .load(&mut **tx)?;
    let mut number = last;
    for (council, id) in &waiting {
        number = number.saturating_add(1);
        diesel::update(entries::table.find((council, id))).set(entries::number.eq(number)).execute(&mut **tx)?;
    }
    diesel::update(installation::table)
        .set((
            installation::last_number.eq(number),
            installation::sequencer.eq(node),
            installation::sequencer_until.eq(now.plus(LEASE)),
        ))
        .execute(&mut **tx)?;
    Ok(waiting.len())
}

// A support writes no entry of its own: one entry an idea tells the new count, however many supports there were.
fn announce_counts(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now();
    let changed: Vec<(Id, Id, i64)> =
        diesel::update(idea_counters::table.filter(idea_counters::supports.ne(idea_counters::announced)))
            .set(idea_counters::announced.eq(idea_counters::supports))
            .returning((idea_counters::council_id, idea_counters::idea_id, idea_counters::supports))
            .get_results(&mut **tx)?;
    for (council, idea, supports) in changed {
        let data = serde_json::json!({ "idea": idea, "supports": supports });
        insert(tx, council, EntryKind::IdeaSupportsCounted, Visibility::Public, idea, data, now)?;
    }
    Ok(())
}

/// The last number that was given.
///
/// # Errors
/// What the database answers.
pub fn last_number(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(installation::table.select(installation::last_number).first(&mut **tx)?)
}

/// An entry as it is read.
#[derive(Clone, Debug, Queryable)]
pub struct Numbered {
    /// Its place in the order.
    pub number: Option<i64>,
    /// What happened.
    pub kind: String,
    /// To what.
    pub subject_id: Id,
    /// The facts.
    pub data: Json,
    /// When.
    pub recorded_at: Instant,
}

/// The public entries of a council after a number.
///
/// # Errors
/// What the database answers.
pub fn list_after(tx: &mut Tx<'_>, council: Id, after: i64, limit: i64) -> Result<Vec<Numbered>> {
    Ok(entries::table
        .filter(entries::council_id.eq(council))
        .filter(entries::number.gt(after))
        .filter(entries::visibility.eq(Visibility::Public))
        .order(entries::number.asc())
        .limit(limit)
        .select((entries::number, entries::kind, entries::subject_id, entries::data, entries::recorded_at))
        .load(&mut **tx)?)
}

/// The one row of the installation: the fingerprint of its secret, whether it was set up as a demo, and by how many
/// microseconds the clock of the demo was moved; `None` where no server has started on it yet.
///
/// # Errors
/// What the database answers.
pub fn find_installation(conn: &mut Conn) -> diesel::QueryResult<Option<(String, bool, i64)>> {
    installation::table
        .select((installation::secret_fingerprint, installation::demo, installation::clock_offset))
        .first(conn)
        .optional()
}

/// How many entries from before `edge` wait for their number, and since when.
///
/// # Errors
/// What the database answers.
pub fn count_unnumbered(tx: &mut Tx<'_>, edge: Instant) -> Result<(i64, Option<Instant>)> {
    Ok(entries::table
        .filter(entries::number.is_null())
        .filter(entries::recorded_at.lt(edge))
        .select((diesel::dsl::count_star(), diesel::dsl::min(entries::recorded_at)))
        .first(&mut **tx)?)
}

/// When the last thing that has a number happened, by the clock of who wrote it.
///
/// # Errors
/// What the database answers.
pub fn last_recorded(tx: &mut Tx<'_>) -> Result<Option<Instant>> {
    Ok(entries::table
        .filter(entries::number.is_not_null())
        .order(entries::number.desc())
        .select(entries::recorded_at)
        .first(&mut **tx)
        .optional()?)
}

/// Makes the one row of the installation, or compares its secret with ours: two nodes with different secrets
/// would refuse each other's tokens (case B14). Says whether they agree, whether it was set up as a demo, and by how many
/// microseconds the clock of the demo was moved.
///
/// # Errors
/// One sentence for the operator.
pub fn join_installation(tx: &mut Tx<'_>, fingerprint: &str, demo: bool) -> Result<(bool, bool, i64)> {
    let now = tx.now();
    each!(&mut **tx, c => diesel::insert_into(installation::table)
        .values((installation::id.eq(1), installation::secret_fingerprint.eq(fingerprint), installation::last_number.eq(0_i64), installation::signing_generation.eq(1), installation::signing_since.eq(now), installation::demo.eq(demo), installation::clock_offset.eq(0_i64)))
        .on_conflict_do_nothing()
        .execute(c))?;
    let (kept, is_demo, offset) = find_installation(tx)?.ok_or(diesel::result::Error::NotFound)?;
    Ok((kept == fingerprint, is_demo, offset))
}

/// Notes that the clock of the demo was moved further.
///
/// # Errors
/// What the database answers.
pub fn keep_clock(tx: &mut Tx<'_>, micros: i64) -> Result<()> {
    diesel::update(installation::table)
        .set(installation::clock_offset.eq(installation::clock_offset + micros))
        .execute(&mut **tx)?;
    Ok(())
}

/// Which generation of keys signs access tokens, and since when.
///
/// # Errors
/// What the database answers.
pub fn signing_generation(tx: &mut Tx<'_>) -> Result<(i32, Instant)> {
    let columns = (installation::signing_generation, installation::signing_since);
    Ok(installation::table.select(columns).first(&mut **tx)?)
}

/// Turns to the next generation of keys; each node follows within half a minute.
///
/// # Errors
/// What the database answers.
pub fn turn_signing_keys(tx: &mut Tx<'_>) -> Result<i32> {
    let now = tx.now();
    let next = installation::signing_generation + 1;
    diesel::update(installation::table)
        .set((installation::signing_generation.eq(next), installation::signing_since.eq(now)))
        .execute(&mut **tx)?;
    Ok(signing_generation(tx)?.0)
}
