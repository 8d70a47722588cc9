//! Whoever operates the platform, and belongs to no council. All their SQL.

use diesel::prelude::*;

use crate::each;
use crate::platform::db::schema::platform_admins;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;

/// The platform admin of an address: id, hash of the password, generation of the tokens.
///
/// # Errors
/// What the database answers.
pub fn find_platform_admin(tx: &mut Tx<'_>, email: &str) -> Result<Option<(Id, String, i32)>> {
    Ok(platform_admins::table
        .filter(platform_admins::email.eq(email))
        .select((platform_admins::id, platform_admins::password_hash, platform_admins::generation))
        .first(&mut **tx)
        .optional()?)
}

/// The generation of a platform admin's tokens, where there is such an admin.
///
/// # Errors
/// What the database answers.
pub fn platform_generation(tx: &mut Tx<'_>, id: Id) -> Result<Option<i32>> {
    Ok(platform_admins::table.find(id).select(platform_admins::generation).first(&mut **tx).optional()?)
}

/// Makes a platform admin, or gives an existing one a new password.
///
/// # Errors
/// What the database answers.
pub fn upsert_platform_admin(tx: &mut Tx<'_>, email: &str, password_hash: &str) -> Result<()> {
    let now = tx.now();
    each!(&mut **tx, c => diesel::insert_into(platform_admins::table)
        .values((
            platform_admins::id.eq(Id::at(now)),
            platform_admins::email.eq(email),
            platform_admins::password_hash.eq(password_hash),
            platform_admins::generation.eq(1),
            platform_admins::created_at.eq(now),
        ))
        .on_conflict(platform_admins::email)
        .do_update()
        .set((
            platform_admins::password_hash.eq(password_hash),
            platform_admins::generation.eq(platform_admins::generation + 1),
        ))
        .execute(c))?;
    Ok(())
}

/// Removes a platform admin; says whether there was one. Their session ends with it.
///
/// # Errors
/// What the database answers.
pub fn remove_platform_admin(tx: &mut Tx<'_>, email: &str) -> Result<bool> {
    Ok(diesel::delete(platform_admins::table.filter(platform_admins::email.eq(email))).execute(&mut **tx)? == 1)
}
