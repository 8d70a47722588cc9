//! Merges: a moderator proposes to join ideas to another one, those whose support it is about choose where it counts, and when
//! their time is over it is done; and undone as exactly, where that turns out to be better.
//!
//! Support is moved and never copied, so that each resident counts once and every count stays the number of its rows.

mod carrying;
pub mod entries;
mod holdings;
pub mod jobs;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
