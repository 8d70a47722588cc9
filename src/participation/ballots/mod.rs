//! Ballots: what is put to the vote in a challenge and by what rule, casting in secret, and the result with its reasons. The counting is
//! [`folkmoot_tally`].

pub mod commitments;
pub mod entries;
pub mod holdings;
pub mod jobs;
pub mod model;
pub mod publication;
pub mod queries;
pub mod results;
pub mod routes;
pub mod rules;
pub mod views;
