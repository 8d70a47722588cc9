//! What residents say of ideas, below each other where they answer. A comment has the life of an idea: it is looked at by the
//! policy of its challenge, restricted only by a decision with its reasons, and back in its place where an appeal is right.

pub mod entries;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
