//! Rows of quiet periods.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};

/// Days on which the council is quiet.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::quiet_periods)]
pub struct QuietRow {
    /// Its id.
    pub id: Id,
    /// The first quiet day.
    pub from_day: String,
    /// The first day that is not quiet any more.
    pub until_day: String,
    /// What it is about, or where.
    pub area: String,
    /// Why.
    pub ground: String,
    /// Since when it is public.
    pub declared_at: Instant,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
}
