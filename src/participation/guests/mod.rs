//! Guests: who takes part in one challenge by a mailed link, without an account of their own. The address is one voter,
//! whether by link or by account (case C8), and what they did stays theirs when they make it an account.

mod holdings;
pub mod jobs;
pub mod queries;
pub mod routes;
pub mod views;
