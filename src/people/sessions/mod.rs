//! Sessions of an account: signing in and out, refresh tokens and the access tokens that come with them.

mod even;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod token;
pub mod views;

pub use routes::{Begun, begin};
