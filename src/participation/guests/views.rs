//! What guests send.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::vocabulary::AgeBand;

/// Ask to take part.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskToTakePart {
    /// Where the link is sent.
    #[schema(max_length = 254, example = "ana@example.org")]
    pub email: String,
    /// How old you are; needed where the council's rules for people under eighteen are not those for everybody.
    #[schema(nullable = false)]
    pub age_band: Option<AgeBand>,
}

/// Make it an account of one's own.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upgrade {
    /// Fifteen characters or more.
    #[schema(min_length = 15, max_length = 128, example = "four words that do not belong")]
    pub password: String,
    /// How you wish to be called; need not be your name.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$", example = "Ana")]
    pub display_name: String,
}
