//! Rows of offices.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};

/// A named unit of a council.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::offices)]
pub struct Office {
    /// Its id.
    pub id: Id,
    /// As it is shown.
    pub name: String,
    /// Raised by each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}
