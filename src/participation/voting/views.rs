//! What support takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::db::Id;

/// Support an idea.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupportIdea {
    /// The code of the campaign that brought you, if any.
    #[schema(max_length = 40, nullable = false)]
    pub campaign: Option<String>,
}

/// An idea's support after the change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SupportView {
    /// Which idea.
    pub idea: Id,
    /// Whether you support it now.
    pub supported: bool,
    /// How many do.
    pub supports: i64,
}
