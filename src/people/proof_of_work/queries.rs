//! All the SQL of proofs of work.

use diesel::prelude::*;

use super::rules::Proof;
use crate::each;
use crate::platform::db::schema::spent_proofs;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;

/// Spends a proof; says whether it was good still. The key of the table keeps two nodes from taking it.
///
/// # Errors
/// What the database answers.
pub fn spend(tx: &mut Tx<'_>, council: Id, proof: &Proof) -> Result<bool> {
    if proof.expires_at <= tx.now() {
        return Ok(false);
    }
    let spent = each!(&mut **tx, c => diesel::insert_into(spent_proofs::table)
        .values((
            spent_proofs::council_id.eq(council),
            spent_proofs::nonce.eq(&proof.nonce),
            spent_proofs::expires_at.eq(proof.expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(spent == 1)
}
