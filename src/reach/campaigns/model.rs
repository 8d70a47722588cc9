//! Rows of campaigns and their counts.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::CampaignAction;

/// A campaign.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::campaigns)]
pub struct CampaignRow {
    /// Its id.
    pub id: Id,
    /// What the short link ends with.
    pub code: String,
    /// What staff call it.
    pub name: String,
    /// Leaflet, bus shelter, post …
    pub channel: String,
    /// Where the short link leads.
    pub target_url: String,
    /// When it was made.
    pub created_at: Instant,
}

/// What a campaign is made of, tidied and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignDraft {
    /// What staff call it.
    pub name: String,
    /// Leaflet, bus shelter, post …
    pub channel: String,
    /// Where the short link leads.
    pub target_url: String,
}

/// A count of a day and an action.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Count {
    /// The local day.
    pub day: String,
    /// What was done.
    pub action: CampaignAction,
    /// How often.
    pub n: i64,
}
