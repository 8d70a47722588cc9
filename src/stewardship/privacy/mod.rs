//! What is kept of somebody: a copy of it for them, its erasure, and the clocks by which it goes.
//!
//! Nothing here names a table. What each holds, its room has said once (`platform::db::personal`); from that follow the
//! copy, the erasure and the record of processing.

mod holdings;
pub mod jobs;
pub mod journal;
pub mod queries;
pub mod record;
pub mod routes;
pub mod rules;
pub mod views;
