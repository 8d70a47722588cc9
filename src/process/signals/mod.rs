//! Signals: votes that look as if they did not come from people. A program finds them and decides nothing; a moderator may set them
//! aside, the voters are told and contest it, and what is not to count at all takes two people and can be reversed.
//!
//! The only trace of where a vote came from is a keyed hash of its network, whose key is another each day. It is shown to nobody, and
//! goes two weeks after the challenge has closed.

pub mod entries;
mod holdings;
pub mod jobs;
pub mod moving;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod traces;
pub mod views;
