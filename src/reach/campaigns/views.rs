//! What campaigns take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{CampaignRow, Count};
use super::rules::{shown, total};
use crate::platform::db::{Id, Instant};
use crate::vocabulary::CampaignAction;

/// Make a campaign.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeCampaign {
    /// What staff call it.
    #[schema(min_length = 1, max_length = 120, pattern = r"^[^\r\n]*$", example = "Bus shelters, March")]
    pub name: String,
    /// Leaflet, bus shelter, post …
    #[schema(min_length = 1, max_length = 60, example = "bus shelter")]
    pub channel: String,
    /// Where the short link leads: http or https.
    #[schema(min_length = 1, max_length = 2000, example = "https://ideas.aldermoor.example/start")]
    pub target_url: String,
}

/// A piece of promotion with a code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignView {
    /// Its id.
    pub id: Id,
    /// To be sent as `campaign` when somebody registers, submits or supports.
    #[schema(example = "k7mw2hqa")]
    pub code: String,
    /// To be printed: counts a visit and leads to the target.
    #[schema(example = "https://folkmoot.example/c/aldermoor/k7mw2hqa")]
    pub short_link: String,
    /// What staff call it.
    pub name: String,
    /// Leaflet, bus shelter, post …
    pub channel: String,
    /// Where the short link leads.
    pub target_url: String,
    /// When it was made.
    pub created_at: Instant,
}

impl CampaignView {
    /// A campaign with its short link.
    pub fn new(row: CampaignRow, short_link: String) -> Self {
        Self {
            id: row.id,
            code: row.code,
            short_link,
            name: row.name,
            channel: row.channel,
            target_url: row.target_url,
            created_at: row.created_at,
        }
    }
}

/// A campaign and what it brought. Counts below ten are withheld, and so is a total that would tell one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignReport {
    /// The campaign.
    pub campaign: CampaignView,
    /// By day and action; what is not listed did not happen.
    pub days: Vec<DayCount>,
    /// By action, over all days.
    pub totals: Vec<TotalCount>,
}

/// How often something was done on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DayCount {
    /// The day, where the council is.
    #[schema(format = Date, example = "2027-03-14")]
    pub day: String,
    /// What was done.
    pub action: CampaignAction,
    /// How often; null where withheld.
    #[schema(required = true, example = 42)]
    pub n: Option<i64>,
}

/// How often something was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TotalCount {
    /// What was done.
    pub action: CampaignAction,
    /// How often; null where withheld.
    #[schema(required = true, example = 420)]
    pub n: Option<i64>,
}

impl CampaignReport {
    /// The report, with what is too small withheld.
    pub fn new(campaign: CampaignView, counts: Vec<Count>) -> Self {
        let total_of = |action: &CampaignAction| TotalCount { action: *action, n: total(&counts, *action) };
        let totals = CampaignAction::ALL.iter().map(total_of).collect();
        let day = |count: Count| DayCount { day: count.day, action: count.action, n: shown(count.n) };
        Self { campaign, totals, days: counts.into_iter().map(day).collect() }
    }
}
