//! What readiness gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Item;
use crate::platform::db::Instant;
use crate::vocabulary::{ItemState, ReadinessItem};

/// One thing that has to be there before a challenge opens.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReadinessItemView {
    /// Which.
    pub code: ReadinessItem,
    /// How it stands.
    pub state: ItemState,
    /// What was done; where it is missing, what to do; where it was waived, why.
    #[schema(example = "Whoever decides has read that promise and accepted it.")]
    pub detail: String,
}

/// What a council owes the public before it asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReadinessView {
    /// Whether it could open now, or has.
    pub ready: bool,
    /// When it opened; null while it is a draft. From then on this is what was so at that instant.
    #[schema(required = true)]
    pub opened_at: Option<Instant>,
    /// Each item: done, missing or waived.
    pub items: Vec<ReadinessItemView>,
}

impl ReadinessView {
    /// The list as it is, or as it was when the challenge opened.
    pub fn of(items: Vec<Item>, opened_at: Option<Instant>) -> Self {
        let view = |Item { code, state, detail }| ReadinessItemView { code, state, detail };
        Self {
            ready: items.iter().all(|item| item.state != ItemState::Missing),
            opened_at,
            items: items.into_iter().map(view).collect(),
        }
    }
}
