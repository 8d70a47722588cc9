//! The SQL that is the same for every table: what it holds of an account, and that going.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::rules::{Fate, fate};
use crate::participation::challenges::rehearsals::queries::parts_of;
use crate::participation::comments::queries::{anonymise_comment, comments_by, erase_comment};
use crate::participation::ideas::queries::{anonymise_idea, erase_idea, ideas_by};
use crate::people::accounts::queries::{count_other_admins, empty_account, find_account, set_role};
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::people::staff::rules::keeps_an_admin;
use crate::platform::audit::{By, Event, record};
use crate::platform::db::personal::{Column, Data, Form, Holding, Of};
use crate::platform::db::schema::{HOLDINGS, erasures, idempotency_keys as keys, participations};
use crate::platform::db::types::SqlUuid;
use crate::platform::db::{Conn, Hold, Id, Instant, Root, Tx, dialect};
use crate::platform::error::{Error, Result};
use crate::process::appeals::queries::drop_appeals_of;
use crate::process::moderation;
use crate::process::moderation::item::Subject;
use crate::process::screening::queries::forget_text;
use crate::vocabulary::{AccountState, AuditAction, FateOfIdeas, Role};

/// The condition under which a row is the account's; `$1` is the council and `$2` the account.
fn is_theirs(of: &Of) -> Option<String> {
    match of {
        Of::Goes(column) | Of::Cut(column) | Of::Stays(column) => Some(format!("{column} = $2")),
        Of::Through { column, table, owner } => {
            Some(format!("{column} IN (SELECT id FROM {table} WHERE council_id = $1 AND {owner} = $2)"))
        }
        Of::Item => {
            let of = |table: &str| format!("(SELECT id FROM {table} WHERE council_id = $1 AND author_id = $2)");
            let (idea, comment) = (of("ideas"), of("comments"));
            // Asked so, each half goes by its own index.
            Some(format!("idea_id IN {idea} AND COALESCE(comment_id, idea_id) = idea_id OR comment_id IN {comment}"))
        }
        Of::Office(_) => None,
    }
}

/// The columns of a table that its owner is given: all but what shows that it is them, what others did, and who acted in office.
fn given(holding: &Holding) -> impl Iterator<Item = &Column> {
    let in_office = |name: &str| holding.of.iter().any(|of| matches!(of, Of::Office(column) if *column == name));
    holding
        .columns
        .iter()
        .filter(|one| !matches!(one.data, Data::Credential | Data::Secret | Data::Others))
        .filter(move |one| one.name != "council_id" && !in_office(one.name))
}

/// What a column is as JSON: the same text on both databases.
fn as_json(column: &Column, sqlite: bool) -> String {
    let name = format!("\"{}\"", column.name);
    match (column.form, sqlite) {
        (Form::Plain, _) | (Form::Flag | Form::Json | Form::Id, false) => name,
        (Form::Flag, true) => format!("json(CASE {name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"),
        (Form::Json, true) => format!("json({name})"),
        (Form::Id, true) => {
            let part = |from: u8, length: u8| format!("substr(hex({name}), {from}, {length})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
            // There is a text even of the bytes of nothing.
            format!("CASE WHEN {name} IS NOT NULL THEN lower({}) END", parts.join(" || '-' || "))
        }
        (Form::Instant, true) => format!(
            "strftime('%Y-%m-%dT%H:%M:%S', {name} / 1000000, 'unixepoch') || printf('.%06dZ', {name} % 1000000)"
        ),
        (Form::Instant, false) => format!("to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
    }
}

/// One row as JSON text.
#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

/// A row of a table, by its columns.
pub type Row = std::collections::BTreeMap<String, serde_json::Value>;

/// What a table holds of an account.
///
/// # Errors
/// What the database answers.
pub fn read_holding(tx: &mut Tx<'_>, council: Id, account: Id, holding: &Holding) -> Result<Vec<Row>> {
    let theirs: Vec<String> = holding.of.iter().filter_map(is_theirs).collect();
    if theirs.is_empty() {
        return Ok(Vec::new());
    }
    let sqlite = matches!(**tx, Conn::Sqlite(_));
    let pairs: Vec<_> = given(holding).map(|one| format!("'{}', {}", one.name, as_json(one, sqlite))).collect();
    let (object, text) = if sqlite { ("json_object", "") } else { ("json_build_object", "::text") };
    let statement = format!(
        "SELECT {object}({}){text} AS told FROM {} WHERE council_id = $1 AND ({})",
        pairs.join(", "),
        holding.table,
        theirs.join(" OR "),
    );
    let rows: Vec<Told> = run(tx, &statement, council, account)?;
    let read = |row: Told| serde_json::from_str(&row.told).map_err(|error| Error::Internal(error.into()));
    rows.into_iter().map(read).collect()
}

fn run(tx: &mut Tx<'_>, statement: &str, council: Id, account: Id) -> Result<Vec<Told>> {
    Ok(crate::each!(&mut **tx, c => diesel::sql_query(statement)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(account)
        .load(c))?)
}

fn execute(tx: &mut Tx<'_>, statement: &str, council: Id, account: Id) -> Result<usize> {
    Ok(crate::each!(&mut **tx, c => diesel::sql_query(statement)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(account)
        .execute(c))?)
}

/// Erases an account: what is its owner's goes, votes stay and are nobody's, ideas stay without a name or lose their text,
/// and deeds in office stay with the council. Says whether there was somebody to erase.
///
/// # Errors
/// 409 for the last admin of a council.
pub fn erase(tx: &mut Tx<'_>, council: &Council, account: Id, wish: FateOfIdeas, by: By) -> Result<bool> {
    // What an admin does to another at the same moment is seen by whoever comes second; a resident waits for nobody.
    let role = find_account(tx, council.id, account)?.map(|row| row.role);
    if role.is_some_and(|role| role != Role::Resident) {
        tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
    }
    dialect::lock_account(tx, council.id, account)?;
    let row = find_account(tx, council.id, account)?.filter(|row| row.state != AccountState::Erased);
    let Some(row) = row else { return Ok(false) };
    let others = count_other_admins(tx, council.id, account)?;
    keeps_an_admin((row.role, row.state), (Role::Resident, AccountState::Erased), others)?;
    let mut held: Vec<Id> = ideas_by(tx, council.id, account)?.iter().map(|idea| idea.id).collect();
    held.extend(comments_by(tx, council.id, account)?.iter().map(|comment| comment.idea_id));
    // In one order, so that two who hold the same ideas do not wait for each other.
    held.sort_unstable();
    held.dedup();
    for idea in held {
        tx.hold(Root::Idea, council.id, idea, Hold::Alone)?;
    }
    for idea in ideas_by(tx, council.id, account)? {
        match fate(idea.state, wish) {
            Fate::Anonymised => anonymise_idea(tx, council.id, &idea)?,
            Fate::Erased => {
                erase_idea(tx, council, &idea)?;
                moderation::drop_case(tx, council.id, Subject::idea(idea.id))?;
            }
            Fate::Gone => {}
        }
    }
    for comment in comments_by(tx, council.id, account)? {
        match fate(comment.state, wish) {
            Fate::Anonymised => anonymise_comment(tx, council.id, comment.id)?,
            Fate::Erased => {
                erase_comment(tx, council.id, &comment)?;
                let subject = Subject { idea: comment.idea_id, comment: Some(comment.id) };
                forget_text(tx, council.id, subject)?;
                moderation::drop_case(tx, council.id, subject)?;
            }
            Fate::Gone => {}
        }
    }
    drop_appeals_of(tx, council.id, account)?;
    // What they wrote in rehearsals goes, whatever they wish for the rest: it was never public.
    for (rehearsal, part) in parts_of(tx, council.id, account)? {
        let copy = council_by_id(tx, rehearsal)?;
        // An admin there is not the last one of anything.
        set_role(tx, rehearsal, part, Role::Resident)?;
        erase(tx, &copy, part, FateOfIdeas::Withdraw, by)?;
    }
    // What refers to another table comes after it there, and so goes before it here.
    for holding in HOLDINGS.iter().rev().filter(|holding| holding.table != "accounts") {
        for of in holding.of {
            let statement = match of {
                Of::Goes(column) => format!("DELETE FROM {} WHERE council_id = $1 AND {column} = $2", holding.table),
                Of::Cut(column) => {
                    format!("UPDATE {} SET {column} = NULL WHERE council_id = $1 AND {column} = $2", holding.table)
                }
                Of::Through { .. } | Of::Item | Of::Office(_) | Of::Stays(_) => continue,
            };
            execute(tx, &statement, council.id, account)?;
        }
    }
    diesel::delete(keys::table.filter(keys::council_id.eq(council.id)).filter(keys::caller.eq(account.to_string())))
        .execute(&mut **tx)?;
    if acted_in_office(tx, council.id, account)? {
        empty_account(tx, council.id, account)?;
    } else {
        execute(tx, "DELETE FROM accounts WHERE council_id = $1 AND id = $2", council.id, account)?;
    }
    let now = tx.now();
    crate::each!(&mut **tx, c => diesel::insert_into(erasures::table)
        .values((
            erasures::council_id.eq(council.id),
            erasures::account_id.eq(account),
            erasures::ideas.eq(wish),
            erasures::erased_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    record(tx, council.id, Event::new(AuditAction::AccountErased, by).to(account))?;
    Ok(true)
}

/// Whether something that the account did in office points at it.
fn acted_in_office(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<bool> {
    for holding in HOLDINGS {
        for of in holding.of {
            let Of::Office(column) = of else { continue };
            let statement =
                format!("SELECT 'yes' AS told FROM {} WHERE council_id = $1 AND {column} = $2 LIMIT 1", holding.table);
            if !run(tx, &statement, council, account)?.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Who was erased.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, serde::Serialize, serde::Deserialize)]
pub struct Erasure {
    /// In which council.
    pub council: Id,
    /// Which account.
    pub account: Id,
    /// What became of its ideas.
    pub ideas: FateOfIdeas,
    /// When.
    pub at: Instant,
}

/// Erasures that are not in the journal yet.
///
/// # Errors
/// What the database answers.
pub fn list_unwritten(tx: &mut Tx<'_>) -> Result<Vec<Erasure>> {
    Ok(erasures::table
        .limit(1_000)
        .select((erasures::council_id, erasures::account_id, erasures::ideas, erasures::erased_at))
        .load(&mut **tx)?)
}

/// Forgets an erasure that is in the journal.
///
/// # Errors
/// What the database answers.
pub fn forget_erasure(tx: &mut Tx<'_>, erasure: &Erasure) -> Result<()> {
    diesel::delete(erasures::table.find((erasure.council, erasure.account))).execute(&mut **tx)?;
    Ok(())
}

/// Participations of guests in challenges that closed before `edge`.
///
/// # Errors
/// What the database answers.
pub fn list_past_participations(tx: &mut Tx<'_>, edge: Instant) -> Result<Vec<(Id, Id, Id)>> {
    use crate::platform::db::schema::challenges;
    let past = challenges::table.inner_join(participations::table.on(
        participations::council_id.eq(challenges::council_id).and(participations::challenge_id.eq(challenges::id)),
    ));
    Ok(past
        .filter(challenges::closes_at.lt(edge))
        .limit(200)
        .select((participations::council_id, participations::account_id, participations::challenge_id))
        .load(&mut **tx)?)
}
