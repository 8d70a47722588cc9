//! What people take part in: challenges, ideas, comments and support for them.

pub mod ballots;
pub mod challenges;
pub mod comments;
pub mod guests;
pub mod ideas;
pub mod voting;
