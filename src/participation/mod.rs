//! What people take part in: challenges, ideas and support for them.

pub mod challenges;
pub mod guests;
pub mod ideas;
pub mod voting;
