//! Decisions on many cases at once: asked for together, shown beforehand, and carried out when a minute has passed in which they can
//! be taken back. Nothing is decided, told or written to the ledger before.

mod jobs;
mod queries;
mod routes;
mod rules;
mod views;

pub use jobs::{CarryOutBatch, TellAuthorOfMany};
pub(super) use routes::routes;
